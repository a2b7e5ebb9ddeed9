"""A workbook as a delivery: one sheet of it, written out once as lines of text, and then read as a CSV file is.

So rows of a workbook are judged, prepared and settled by what judges those of a CSV file, and mean the same. The
lines stand in a file without a name: nobody else can open it by a path, and it is gone with this process, however
that ends. Line n is row n of the sheet, so that a message names the row that Excel shows.
"""

import hashlib
import os
import re
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import closing
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import Any

from ledger.ingest.delivery import CsvDelivery
from ledger.ingest.header import folded, known_columns
from ledger.ingest.hygiene import safe_name
from ledger.ingest.mapping import DeliveryMapping
from ledger.ingest.refusals import EmptyDelivery, MergedCells, NoRoomToUnpack, NoSuchSheet, SeveralSheets
from ledger.ingest.survey import Survey
from ledger.ingest.verdicts import Phrase
from ledger.ingest.workbook.cells import Area, SheetReader, letters_of
from ledger.ingest.workbook.formats import Formats
from ledger.ingest.workbook.package import Package
from ledger.ingest.workbook.sheets import Sheet, contents_of
from ledger.ingest.workbook.strings import SharedStrings

HEADER_ROWS = 20
"""Titles may stand above the header: so many rows are searched for it."""
_BREAKS = re.compile(r"[\r\n]+")
_BUFFER = 1 << 20


class XlsxDelivery(CsvDelivery):
    """One sheet of a workbook. `sheet` is its name.

    The sheet is the one asked for; else the only one; else the only visible one whose header names known columns.
    Raises NoSuchSheet, SeveralSheets, MergedCells, and what the package and the header raise.
    """

    def __init__(self, path: Path, mapping: DeliveryMapping, kind: str | None) -> None:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        known = known_columns(mapping, kind or mapping.kind)
        with closing(Package(path)) as package:
            contents = contents_of(package)
            strings = SharedStrings(package, contents.strings)
            formats = Formats(package, contents.styles, from_1904=contents.from_1904)
            readers = {sheet: SheetReader(package, sheet.part, strings, formats) for sheet in contents.sheets}
            sheet, top = _chosen(path.name, readers, mapping.sheet, known)
            self._spool = _Unnamed()
            last = _write(self._spool, readers[sheet], top)
        self.sheet = sheet.name
        seen = Survey(digest, self._spool.size, bom=False, newline=b"\n", packed=False, utf8_lines=0, other_lines=0)
        as_text = {"encoding": None, "delimiter": "comma", "sheet": sheet.name}
        super().__init__(path, seen, mapping.model_copy(update=as_text), kind)
        self._refuse_merged(readers[sheet].merged, top, last)

    def opened(self) -> BufferedReader:
        """Open the lines."""
        return self._spool.opened()

    def _refuse_merged(self, merged: list[Area], top: int, last: int) -> None:
        """Refuse merged cells among the rows: all but one of them are empty, and nobody can say what they mean."""
        read = {number for number, field in enumerate(self.header.fields, 1) if field is not None}
        for area in merged:
            if area.bottom > top and area.top <= last and read & {*range(area.left, area.right + 1)}:
                found = f"{letters_of(area.left)}{area.top}:{letters_of(area.right)}{area.bottom}"
                raise MergedCells(f"{self.path.name}: {found}")


def _chosen(
    name: str, readers: dict[Sheet, SheetReader], asked: str | None, known: frozenset[str]
) -> tuple[Sheet, int]:
    """Choose the sheet, and find its header's row. Raises NoSuchSheet, SeveralSheets, EmptyDelivery."""
    if asked is not None:
        named = next((sheet for sheet in readers if sheet.name == asked), None)
        if named is None:
            raise NoSuchSheet(name, _named(readers))
        return named, _header_row(name, readers[named], known)[0]
    seen = [sheet for sheet in readers if not sheet.hidden] or list(readers)
    if len(seen) == 1:
        return seen[0], _header_row(name, readers[seen[0]], known)[0]
    tops = {sheet: found for sheet in seen if (found := _header_of(readers[sheet], known)) is not None}
    headed = [sheet for sheet, (_, good) in tops.items() if good]
    if len(headed) > 1 or not tops:
        raise SeveralSheets(name, _named(headed)) if tops else EmptyDelivery(name)
    sheet = headed[0] if headed else next(iter(tops))
    return sheet, tops[sheet][0]


def _named(sheets: Any) -> Phrase:
    names = [safe_name(sheet.name) or "…" for sheet in islice(sheets, 20)]
    return Phrase(f"工作表: {'、'.join(names)}。", f"Sheets: {', '.join(names)}.")


def _header_row(name: str, reader: SheetReader, known: frozenset[str]) -> tuple[int, bool]:
    found = _header_of(reader, known)
    if found is None:
        raise EmptyDelivery(name)
    return found


def _header_of(reader: SheetReader, known: frozenset[str]) -> tuple[int, bool] | None:
    """Find the header: the first row that names a known column, else the first row; say which. None: no rows."""
    first = None
    for number, cells in islice(reader.rows(), HEADER_ROWS):
        first = number if first is None else first
        if any(folded(cell) in known for cell in cells):
            return number, True
    return None if first is None else (first, False)


def _write(spool: "_Unnamed", reader: SheetReader, top: int) -> int:
    """Write the rows from the header on, each on the line of its number; give the last row's number."""
    at, width, last = 1, 0, top

    def lines() -> Iterator[bytes]:
        nonlocal at, width, last
        for number, cells in reader.rows():
            if number < top:
                continue
            width = width or len(cells)
            line = ",".join([*map(_cell, cells), *[""] * (width - len(cells))])
            yield b"\n" * (number - at) + line.encode("utf-8", "surrogatepass") + b"\n"
            at, last = number + 1, number

    spool.write(lines(), reader.package.name)
    return last


def _cell(text: str) -> str:
    if "\n" in text or "\r" in text:
        text = _BREAKS.sub(" ", text)
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if "," in text or '"' in text else text


class _Unnamed:
    """A file without a name, that this process and those it starts can open as often as they like."""

    def __init__(self) -> None:
        number, name = tempfile.mkstemp(prefix="points-sheet-")
        self.size = 0
        self._path = f"/proc/{os.getpid()}/fd/{number}"
        if Path(self._path).exists():
            Path(name).unlink()
            weakref.finalize(self, os.close, number)
        else:  # no Linux: then it has a name until we end
            self._path = name
            os.close(number)
            weakref.finalize(self, Path(name).unlink, missing_ok=True)

    def write(self, lines: Iterator[bytes], of: str) -> None:
        """Write all of it. Raises NoRoomToUnpack."""
        with Path(self._path).open("wb", _BUFFER) as file:
            try:
                for line in lines:
                    self.size += file.write(line)
                file.flush()
            except OSError:
                raise NoRoomToUnpack(of) from None

    def opened(self) -> BufferedReader:
        """Open it for reading."""
        return Path(self._path).open("rb")
