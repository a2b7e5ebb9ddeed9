"""Numbers of cells as text: which are days or months follows from the cell's format, the rest stay numbers.

Excel counts days from 1900-01-01 as 1 and believes in a 29 February 1900; or, where the workbook says so, from
1904-01-01 as 0 (ISO/IEC 29500-1, 18.17.4.1). It keeps 15 digits of a number.
"""

import re
from datetime import datetime, timedelta
from decimal import Context, Decimal, InvalidOperation
from enum import Enum
from functools import lru_cache

from ledger.ingest.workbook.package import Package, local, parser_of

DIGITS = 15
_KEPT = Context(prec=DIGITS)
_LARGEST = Decimal(10) ** DIGITS
_LAST_SERIAL = 2_958_466
"""The day after 9999-12-31."""
_BELIEVED = 60
"""The 29 February 1900 that never was."""


class Shape(Enum):
    """What a number format makes of a number."""

    NUMBER = "number"
    DAY = "day"
    MONTH = "month"


_BUILT_IN = {
    **dict.fromkeys((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)), Shape.DAY),
    **dict.fromkeys((17, 27, 36, 50, 52, 57), Shape.MONTH),
}
"""Formats that stand in no file, as a Chinese Excel reads them (18.8.30, zh-cn)."""
_SAID = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')


@lru_cache(maxsize=4096)
def shape_of(code: str) -> Shape:
    """Say what a format code makes of a number. Only its first section counts; texts in it do not.

    >>> shape_of('yyyy"年"m"月"'), shape_of("yyyy/m/d"), shape_of("0.00")
    (<Shape.MONTH: 'month'>, <Shape.DAY: 'day'>, <Shape.NUMBER: 'number'>)
    """
    letters = set(_SAID.sub("", code.partition(";")[0]).lower())
    if not letters & set("ymdhs"):
        return Shape.NUMBER
    return Shape.MONTH if "y" in letters and "m" in letters and not letters & set("dhs") else Shape.DAY


class Formats:
    """The cell formats of a workbook, by number (`s` of a cell)."""

    def __init__(self, package: Package, part: str | None, *, from_1904: bool) -> None:
        self._from_1904 = from_1904
        self._shapes: list[Shape] = []
        if part is not None and part in package:
            self._read(package, part)

    def _read(self, package: Package, part: str) -> None:
        codes: dict[int, str] = {}
        inside = [""]

        def started(written: str, attributes: dict[str, str]) -> None:
            name = local(written)
            if name == "numFmt":
                codes[int(attributes.get("numFmtId", "-1"))] = attributes.get("formatCode", "")
            elif name in {"cellXfs", "cellStyleXfs"}:
                inside[0] = name
            elif name == "xf" and inside[0] == "cellXfs":
                number = int(attributes.get("numFmtId", "0"))
                shape = shape_of(codes[number]) if number in codes else _BUILT_IN.get(number, Shape.NUMBER)
                self._shapes.append(shape)

        for _ in package.parse(part, parser_of(started)):
            pass

    def text(self, written: str, style: str) -> str:
        """Give a number cell's text: a day, a month, or the number with the digits that Excel keeps.

        A number of more digits comes in scientific notation: it is damaged, or will be by the next who saves it.
        """
        number = int(style) if style.isdecimal() else 0
        shape = self._shapes[number] if number < len(self._shapes) else Shape.NUMBER
        if shape is Shape.NUMBER and len(written) < DIGITS and written.isdecimal() and written[0] != "0":
            return written
        return self._of(written, shape)

    def _of(self, written: str, shape: Shape) -> str:
        try:
            number = Decimal(written)
        except InvalidOperation:
            return written
        if not number.is_finite():
            return written
        if shape is not Shape.NUMBER and 0 <= number < _LAST_SERIAL:
            return self._day(number, shape)
        if abs(number) >= _LARGEST:
            return f"{_KEPT.plus(number):.14E}"
        return _plain(number)

    def _day(self, serial: Decimal, shape: Shape) -> str:
        whole = int(serial)
        seconds = int(((serial - whole) * 86_400).to_integral_value())
        if self._from_1904:
            whole += 1_462
        if whole == _BELIEVED:
            return "1900-02-29"
        start = datetime(1899, 12, 31 if whole < _BELIEVED else 30)  # noqa: DTZ001 - a civil day, of no zone
        moment = start + timedelta(days=whole, seconds=seconds)
        if shape is Shape.MONTH and not seconds and moment.day == 1:
            return f"{moment:%Y-%m}"
        return f"{moment:%Y-%m-%d}" if not seconds else f"{moment:%Y-%m-%dT%H:%M:%S}"


def _plain(number: Decimal) -> str:
    """Write a number without an exponent; whole numbers without a point."""
    kept = _KEPT.plus(number)
    return f"{kept.to_integral_value():f}" if kept == kept.to_integral_value() else f"{kept.normalize():f}"
