"""The rows of a sheet, as texts: one row in memory at a time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ledger.ingest.refusals import WorkbookDamaged
from ledger.ingest.workbook.formats import Formats
from ledger.ingest.workbook.package import Package, local, parser_of
from ledger.ingest.workbook.strings import TEXT_MAX, SharedStrings, TextOf, unescaped

ROWS_MAX = 1_048_576
COLUMNS_MAX = 16_384
NO_RESULT = "#FORMULA!"
"""What we write for a formula that was never calculated: the file holds no result."""
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_MERGED_KEPT = 1_000


def letters_of(column: int) -> str:
    """Name a column as Excel does: 1 is A, 27 is AA."""
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


_LETTERS = ("", *map(letters_of, range(1, 100)))


@dataclass(frozen=True, slots=True)
class Area:
    """Merged cells: rows and columns from 1, both ends included."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass
class SheetReader:
    """Reads one sheet. `merged` is known once its rows were read: the format tells of it behind them."""

    package: Package
    part: str
    strings: SharedStrings
    formats: Formats
    merged: list[Area] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Give every row that has content: its number from 1, and its cells up to the last that has.

        Raises WorkbookDamaged, WorkbookTooLarge.
        """
        taken = _Taken(self)
        last = 0
        for _ in self.package.parse(self.part, parser_of(taken.started, taken.ended, taken.text)):
            for number, cells in taken.rows:
                if number <= last:
                    raise WorkbookDamaged(f"{self.package.name}: {self.part}")
                last = number
                yield number, cells
            taken.rows.clear()
        self.merged = taken.merged


class _Taken:
    """What the parser's handlers have found since it was last emptied."""

    def __init__(self, reader: SheetReader) -> None:
        self.rows: list[tuple[int, list[str]]] = []
        self.merged: list[Area] = []
        self._reader = reader
        self._row = self._column = 0
        self._style = "0"
        self._cells: list[str] = []
        self._kind = "n"
        self._value = ""
        self._formula = self._inside = False
        self._rich = TextOf()

    def started(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = local(name)
        if name == "c":
            self._begin(attributes)
        elif name == "v":
            self._inside = True
        elif name == "row":
            self._row = self._bounded(attributes.get("r", str(self._row + 1)), ROWS_MAX)
            self._column, self._cells = 0, []
        elif name == "f":
            self._formula = True
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif self._kind == "inlineStr":
            self._rich.started(name)

    def text(self, text: str) -> None:
        if self._inside:
            self._value = text if not self._value else (self._value + text)[:TEXT_MAX]
        elif self._kind == "inlineStr":
            self._rich.text(text)

    def ended(self, name: str) -> None:
        if ":" in name:
            name = local(name)
        if name == "c":
            self._end()
        elif name == "v":
            self._inside = False
        elif name == "row":
            if self._cells:
                self.rows.append((self._row, self._cells))
        elif self._kind == "inlineStr":
            self._rich.ended(name)

    def _begin(self, attributes: dict[str, str]) -> None:
        self._column += 1
        place = attributes.get("r")
        if place is not None and place != self._expected():
            self._column = self._at(place)[0]
        self._kind = attributes.get("t", "n")
        self._style = attributes.get("s", "0")
        self._value, self._formula = "", False

    def _expected(self) -> str:
        """Name the place of the next cell, where no cell is left out: hardly ever need it be read."""
        return f"{_LETTERS[self._column]}{self._row}" if self._column < len(_LETTERS) else ""

    def _end(self) -> None:
        text = self._text()
        self._kind = "n"
        if text and not text.isspace():
            cells, before = self._cells, self._column - 1
            if before >= COLUMNS_MAX or before < len(cells):
                raise self._damaged()
            if before > len(cells):
                cells += [""] * (before - len(cells))
            cells.append(text)

    def _text(self) -> str:
        value = self._value
        if self._kind == "inlineStr":
            return self._rich.take()
        if not value:
            return NO_RESULT if self._formula and self._kind != "str" else ""
        match self._kind:
            case "s":
                try:
                    return self._reader.strings[int(value)]
                except (IndexError, ValueError):
                    raise self._damaged() from None
            case "n":
                return self._reader.formats.text(value.strip(), self._style)
            case "b":
                return "true" if value.strip() == "1" else "false"
            case _:  # a formula's text, an error's word, a day in ISO 8601
                return unescaped(value)

    def _merge(self, ref: str) -> None:
        first, _, last = ref.partition(":")
        (left, top), (right, bottom) = self._at(first), self._at(last or first)
        if len(self.merged) < _MERGED_KEPT:
            self.merged.append(Area(top, bottom, left, right))

    def _at(self, place: str) -> tuple[int, int]:
        match = _PLACE.fullmatch(place)
        if match is None:
            raise self._damaged()
        column = 0
        for letter in match[1]:
            column = column * 26 + ord(letter) - ord("A") + 1
        return column, int(match[2])

    def _bounded(self, written: str, most: int) -> int:
        if not written.isdecimal() or not 0 < int(written[:9]) <= most:
            raise self._damaged()
        return int(written)

    def _damaged(self) -> WorkbookDamaged:
        return WorkbookDamaged(f"{self._reader.package.name}: {self._reader.part}")
