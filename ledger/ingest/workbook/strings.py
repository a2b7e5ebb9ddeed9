"""Shared strings: every distinct text of a workbook, kept as bytes behind one another and read by number."""

import re
from array import array

from ledger.ingest.refusals import WorkbookTooLarge
from ledger.ingest.workbook.package import Package, local, parser_of

STRINGS_BYTES_MAX = 256 << 20
TEXT_MAX = 65_536
"""Of one text only so many characters are kept: the row is too long then."""
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    """Give the characters that XML cannot hold, and that are written `_x000D_` (ISO/IEC 29500-1, 22.9.2.19)."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


class TextOf:
    """Gathers the text of one `si` or `is`: its `t` elements, without those that say how it is read (`rPh`)."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = 0
        self._spoken = 0
        self._inside = False

    def started(self, name: str) -> None:
        """Meet the start of an element."""
        if name == "rPh":
            self._spoken += 1
        self._inside = name == "t" and not self._spoken

    def ended(self, name: str) -> None:
        """Meet the end of one."""
        if name == "rPh":
            self._spoken -= 1
        self._inside = False

    def text(self, text: str) -> None:
        """Meet characters."""
        if self._inside and self._size < TEXT_MAX:
            self._parts.append(text)
            self._size += len(text)

    def take(self) -> str:
        """Give the text and begin anew."""
        found = unescaped("".join(self._parts))
        self._parts, self._size = [], 0
        return found


class SharedStrings:
    """The texts of a workbook. Raises WorkbookTooLarge, WorkbookDamaged."""

    def __init__(self, package: Package, part: str | None) -> None:
        self._bytes = bytearray()
        self._ends = array("Q", [0])
        if part is not None and part in package:
            self._name = package.name
            gathered = TextOf()

            def started(name: str, _attributes: dict[str, str]) -> None:
                gathered.started(local(name))

            def ended(name: str) -> None:
                gathered.ended(local(name))
                if local(name) == "si":
                    self._add(gathered.take())

            for _ in package.parse(part, parser_of(started, ended, gathered.text)):
                pass

    def _add(self, text: str) -> None:
        self._bytes += text.encode("utf-8", "surrogatepass")
        if len(self._bytes) > STRINGS_BYTES_MAX:
            raise WorkbookTooLarge(self._name)
        self._ends.append(len(self._bytes))

    def __getitem__(self, number: int) -> str:
        """Give one text. Raises IndexError."""
        if number < 0:
            raise IndexError(number)
        return self._bytes[self._ends[number] : self._ends[number + 1]].decode("utf-8", "surrogatepass")
