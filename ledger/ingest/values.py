"""Text of a cell, or a JSON value, to a value of a fact's field. A refusal names the class of the value only.

What is forgiven, on purpose: spaces and zero-width characters around a value, full-width digits and letters,
`2025/3/1`, `20250301`, `2025年3月1日`, a midnight after a date, `30.0` for 30. What is not: anything that could
mean two things (`01/02/2025`, `1,200`), and anything a spreadsheet has damaged.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Any
from unicodedata import normalize

from domain.identifiers import holds_personal_digits
from ledger.ingest.classes import DAY, DECIMAL, EDGES, SCIENTIFIC, class_of
from ledger.ingest.verdicts import Code, refused

Convert = Callable[[Any], Any]

_WHOLE = re.compile(r"([+-]?[0-9]{1,20})(?:\.0+)?")
_DAY_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_MONTH = re.compile(r"([0-9]{4})(?:[-/.]?([0-9]{2})|[-/.]([0-9])|年([0-9]{1,2})月)")
_SERIAL = re.compile(r"[2-7][0-9]{4}(\.[0-9]+)?")
_EXCEL_TEXT = re.compile(r'^(?:="(.*)"|\'(.*))$', re.DOTALL)
_ERROR = re.compile(r"#(?:NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A|GETTING_DATA|SPILL!|CALC!|BLOCKED!|FORMULA!)")
"""What a spreadsheet shows where there is no value (ISO/IEC 29500-1, 18.17.3), and what we write for no result."""
_BREAK = re.compile(r"[ \u3000]*[\t\r\n]+[ \u3000]*")
_YEARS = range(1900, 2200)
_FLAGS = {"是": True, "true": True, "1": True, "否": False, "false": False, "0": False}
_LONGEST = 500


def typed(value: Any) -> str:
    """Give the text of a value that is no free text: half-width, stripped.

    Raises RowRefused: bad-value, spreadsheet-error.
    """
    if isinstance(value, bool | list | dict):
        raise refused(Code.BAD_VALUE, class_of(value))
    text = value if isinstance(value, str) else str(value)
    _refuse_error(text)
    return text.strip() if text.isascii() else normalize("NFKC", text).strip()


def _refuse_error(text: str) -> None:
    """Refuse a spreadsheet's error: it stands where the value should."""
    if text[:1] == "#" and _ERROR.fullmatch(text):
        raise refused(Code.SPREADSHEET_ERROR, class_of(text))


def to_text(value: Any) -> str:
    """Take free text: a line break inside becomes one space, the rest stays as it is."""
    if isinstance(value, bool | list | dict):
        raise refused(Code.BAD_VALUE, class_of(value), "text")
    text = (value if isinstance(value, str) else str(value)).strip(EDGES)
    if len(text) > _LONGEST:
        raise refused(Code.TEXT_LENGTH, class_of(value), f"at most {_LONGEST}")
    _refuse_error(text)
    return _BREAK.sub(" ", text)


def to_open_text(value: Any) -> str:
    """Take free text that is stored in the clear. Raises RowRefused (personal-digits), in any width of digits."""
    text = to_text(value)
    if holds_personal_digits(text if text.isascii() else normalize("NFKC", text)):
        raise refused(Code.PERSONAL_DIGITS, class_of(value))
    return text


def to_code(value: Any) -> str:
    """Take a code or number of the source's own: half-width; its pattern is the fact's to check."""
    return typed(value)


def to_day(value: Any) -> date:
    """Read a civil date. Raises RowRefused: bad-date, impossible-date, excel-serial-date."""
    return _day(typed(value))


@lru_cache(maxsize=65_536)
def _day(text: str) -> date:
    match = _DAY_COMPACT.fullmatch(text) or DAY.fullmatch(text)
    if match is None:
        code = Code.EXCEL_SERIAL_DATE if _SERIAL.fullmatch(text) else Code.BAD_DATE
        raise refused(code, class_of(text), "YYYY-MM-DD")
    groups = match.groups()
    year, month, day = groups if len(groups) == 3 else (groups[0], groups[2] or groups[4], groups[3] or groups[5])
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        raise refused(Code.IMPOSSIBLE_DATE, class_of(text), "YYYY-MM-DD") from None
    if found.year not in _YEARS:
        raise refused(Code.IMPOSSIBLE_DATE, class_of(text), "1900-01-01 … 2199-12-31")
    return found


def to_month(value: Any) -> str:
    """Read a civil month to YYYY-MM. Raises RowRefused (bad-month)."""
    return _month(typed(value))


@lru_cache(maxsize=8192)
def _month(text: str) -> str:
    match = _MONTH.fullmatch(text)
    if match is None:
        raise refused(Code.BAD_MONTH, class_of(text), "YYYY-MM")
    year, *months = match.groups()
    month = int(next(found for found in months if found))
    if not (1900 <= int(year) < 2100 and 1 <= month <= 12):
        raise refused(Code.BAD_MONTH, class_of(text), "YYYY-MM")
    return f"{year}-{month:02d}"


def to_instant(zone: timezone | None) -> Convert:
    """Read ISO 8601 instants; `zone` is what a source's clock shows where it gives no offset (None: refuse).

    A bare date is its first instant, in China's standard time.
    """

    def convert(value: Any) -> datetime:
        text = typed(value)
        try:
            instant = datetime.fromisoformat(text)
        except ValueError:
            raise refused(Code.BAD_INSTANT, class_of(text), "ISO 8601") from None
        if instant.tzinfo is None:
            offset = timezone(timedelta(hours=8)) if len(text) <= len("2025-03-01") else zone
            if offset is None:
                raise refused(Code.BAD_INSTANT, class_of(text), "2025-03-01T08:30:00+08:00")
            instant = instant.replace(tzinfo=offset)
        if instant.year not in _YEARS:
            raise refused(Code.BAD_INSTANT, class_of(text), "1900 … 2199")
        return instant

    return convert


def to_whole(value: Any) -> int:
    """Read a whole number. Raises RowRefused: bad-number, scientific-notation, quantity-out-of-range."""
    text = typed(value)
    match = _WHOLE.fullmatch(text)
    if match is None:
        raise _no_number(text)
    return int(match[1])


def to_scaled(factor: int) -> Convert:
    """Read a decimal number in a larger unit, exactly: 2.5 hours × 60. Raises RowRefused as `to_whole` does."""

    def convert(value: Any) -> int:
        text = typed(value)
        if DECIMAL.fullmatch(text) is None or len(text) > 24:
            raise _no_number(text)
        scaled = Decimal(text) * factor
        if scaled != scaled.to_integral_value():
            raise refused(Code.BAD_NUMBER, class_of(text), f"a multiple of 1/{factor}")
        return int(scaled)

    return convert


def _no_number(text: str) -> Exception:
    if SCIENTIFIC.fullmatch(text):
        return refused(Code.SCIENTIFIC_NOTATION, class_of(text))
    if len(text) > 20 and DECIMAL.fullmatch(text):
        return refused(Code.QUANTITY_OUT_OF_RANGE, class_of(text))
    return refused(Code.BAD_NUMBER, class_of(text), "a whole number")


def to_flag(value: Any) -> bool:
    """Read 是/否, true/false, 1/0. Raises RowRefused (bad-flag)."""
    if isinstance(value, bool):
        return value
    found = _FLAGS.get(typed(value).lower())
    if found is None:
        raise refused(Code.BAD_FLAG, class_of(value), "是 | 否")
    return found


def to_word(words: tuple[str, ...], code: Code) -> Convert:
    """Read one word of a closed list. Raises RowRefused with `code`."""
    known = frozenset(words)
    expected = " | ".join(words)

    def convert(value: Any) -> str:
        if isinstance(value, str) and value in known:
            return value
        text = typed(value)
        if text in known:
            return text
        if text.lower() in known:
            return text.lower()
        raise refused(code, class_of(value), expected)

    return convert


def unquoted(text: str) -> str:
    """Take off what people put around a number so that Excel leaves it alone: an apostrophe, or an equals sign."""
    match = _EXCEL_TEXT.match(text)
    return text if match is None else (match[1] or match[2] or "").strip()


def is_scientific(text: str) -> bool:
    """Say whether a spreadsheet has turned a number into scientific notation."""
    return SCIENTIFIC.fullmatch(text) is not None


def translated(convert: Convert, words: Mapping[str, str]) -> Convert:
    """Read a value after translating it by the mapping file's `values`; others pass as they are."""

    def translate(value: Any) -> Any:
        if isinstance(value, str) and value in words:
            return convert(words[value])
        return convert(words.get(typed(value), value))

    return translate
