"""A delivery: one file of facts as a department sends it, opened, understood, and read row by row.

CSV (comma, tab or semicolon; UTF-8 with or without BOM, GB18030) and NDJSON (UTF-8, one object per line).
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import replace
from io import BufferedReader
from pathlib import Path
from typing import Any, NamedTuple

from ledger.canonical import canonical
from ledger.ingest.examine import Candidate, Examiner
from ledger.ingest.faults import faults_of
from ledger.ingest.header import OURS, Header, read_header
from ledger.ingest.hygiene import SUSPECT, clean, is_blank, safe_name
from ledger.ingest.json_text import parse_object
from ledger.ingest.lines import QUOTE, Malformed, Record, Unclosed, bare, lines_of, records_of, split_quoted
from ledger.ingest.mapping import DeliveryMapping
from ledger.ingest.plans import every_field
from ledger.ingest.refusals import (
    DeliveryChanged,
    EmptyDelivery,
    HeaderUnreadable,
    NotOneFactPerLine,
)
from ledger.ingest.survey import BOM, Encoding, Survey, opened
from ledger.ingest.verdicts import Code, Finding, Phrase, RowRefused, placed, refused

DELIMITERS = {"comma": b",", "tab": b"\t", "semicolon": b";"}
_JSON_NAMES = (".ndjson", ".jsonl", ".json")


class Place(NamedTuple):
    """A place between two records: bytes of the file, and lines, that lie before it."""

    offset: int
    lines: int


def after(record: Record) -> Place:
    """Give the place at which a record ends."""
    return Place(record.end, record.line + record.raw.count(b"\n"))


class Row(NamedTuple):
    """One row: its number and first line from 1, its bytes without the line end, and its cells by field.

    `suspect` says that hidden characters may be in it; a `finding` says that it could not even be read.
    """

    number: int
    line: int
    raw: bytes
    cells: Mapping[str, Any]
    suspect: bool = False
    finding: Finding | None = None


class Delivery(ABC):
    """A file whose form is understood. `digest` is its SHA-256; `terms_digest` that of how it is to be read."""

    def __init__(self, path: Path, seen: Survey, mapping: DeliveryMapping, kind: str | None) -> None:
        self.path = path
        self.digest = seen.digest
        self.size = seen.size
        self.bom = seen.bom
        self.packed = seen.packed
        self.newline = seen.newline
        self.mapping = mapping
        self.kind = kind or mapping.kind
        self.encoding: Encoding = mapping.encoding or seen.encoding
        how = {**mapping.model_dump(mode="json", exclude_defaults=True), "kind": self.kind}
        self.terms_digest = hashlib.sha256(canonical(how)).hexdigest()

    @abstractmethod
    def rows(self) -> Iterator[Row]:
        """Read the rows, from the first, as often as asked. Raises DeliveryChanged at the end."""

    @abstractmethod
    def column_of(self, field: str) -> str:
        """Name the column or key that gives a field, if there is one."""

    def opened(self) -> BufferedReader:
        """Open the file where its text begins."""
        file = opened(self.path, packed=self.packed)
        if self.bom:
            file.seek(len(BOM))
        return file

    def refuse_changed(self) -> None:
        """Refuse a file that is no longer what was surveyed: its rows must be those its digest names."""
        with self.path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != self.digest:
                raise DeliveryChanged(self.path.name)


class CsvDelivery(Delivery):
    """A CSV file. The header is the first line that is not blank.

    `piece_bytes` is about how much of it is prepared at once, where it is read by columns.
    """

    piece_bytes = 512 * 1024

    def __init__(self, path: Path, seen: Survey, mapping: DeliveryMapping, kind: str | None) -> None:
        super().__init__(path, seen, mapping, kind)
        raw, number = self._first_line()
        self.delimiter = DELIMITERS[mapping.delimiter] if mapping.delimiter else _delimiter(raw)
        self.header_raw = raw
        place = f"{path.name}:{number}"
        self.header: Header = read_header(self._header_cells(raw, place), mapping, self.kind, place)
        kept = [(field, index) for index, field in enumerate(self.header.fields) if field is not None]
        self._kept = None if len(kept) == len(self.header.fields) else kept
        self.start = self._after_header()
        if next(self._rows(), None) is None:
            raise EmptyDelivery(path.name)

    def column_of(self, field: str) -> str:
        """Name the column of a field."""
        return self.header.column_of(field)

    def rows(self) -> Iterator[Row]:
        """Read the rows after the header; rows without any content are passed over."""
        yield from self._rows()
        self.refuse_changed()

    def _rows(self) -> Iterator[Row]:
        number = 0
        with self.opened() as file:
            file.seek(self.start.offset)
            for record in records_of(file, self.delimiter, self.start.lines):
                row = self.row(number + 1, record)
                if row is not None:
                    number += 1
                    yield row

    def _after_header(self) -> Place:
        with self.opened() as file:
            for record in records_of(file, self.delimiter):
                if record.raw.strip():
                    return after(record)
        raise EmptyDelivery(self.path.name)

    def row(self, number: int, record: Record) -> Row | None:
        """Read one record; None where it has no content."""
        line, raw, quoted, fault, _ = record
        if fault is not None:
            return Row(number, line, raw, {}, finding=Finding(fault))
        try:
            text = raw.decode(self.encoding)
        except UnicodeDecodeError:
            return Row(number, line, raw, {}, finding=self._undecodable(raw, quoted))
        if quoted is None:
            cells = text.split(self.delimiter.decode())
        else:
            cells = [cell.decode(self.encoding) for cell in quoted]
        if not any(cells):
            return None
        if len(cells) != len(self.header.fields):
            if all(is_blank(cell) for cell in cells):
                return None
            return Row(number, line, raw, {}, finding=self._miscounted(len(cells)))
        if self._kept is None:
            kept: dict[Any, str] = dict(zip(self.header.fields, cells, strict=True))
        else:
            kept = {field: cells[index] for field, index in self._kept}
        return Row(number, line, raw, kept, SUSPECT.search(text) is not None)

    def _undecodable(self, raw: bytes, quoted: list[bytes] | None) -> Finding:
        """Name the column of the first cell that cannot be decoded."""
        cells = raw.split(self.delimiter) if quoted is None else quoted
        finding = Finding(Code.UNDECODABLE_BYTES, expected=self.encoding.upper())
        if len(cells) != len(self.header.columns):
            return finding
        for name, field, cell in zip(self.header.columns, self.header.fields, cells, strict=True):
            try:
                cell.decode(self.encoding)
            except UnicodeDecodeError:
                value = Phrase(f"{len(cell)} 字节", f"{len(cell)} bytes")
                return Finding(finding.code, field or "", safe_name(name), value, finding.expected)
        return finding

    def _miscounted(self, count: int) -> Finding:
        ours = len(OURS) if self.header.returned else 0
        count, expected = count - ours, len(self.header.fields) - ours
        return Finding(Code.COLUMN_COUNT, value=Phrase(f"{count} 列", f"{count} cells"), expected=str(expected))

    def _first_line(self) -> tuple[bytes, int]:
        with self.opened() as file:
            for number, line, cut, _ in lines_of(file):
                if cut:
                    raise HeaderUnreadable(f"{self.path.name}:{number}")
                if line.strip():
                    return bare(line), number
        raise EmptyDelivery(self.path.name)

    def _header_cells(self, raw: bytes, place: str) -> list[str]:
        try:
            cells = split_quoted(raw, self.delimiter) if QUOTE in raw else raw.split(self.delimiter)
            return [cell.decode(self.encoding) for cell in cells]
        except (UnicodeDecodeError, Unclosed, Malformed):
            raise HeaderUnreadable(place) from None


def _delimiter(header: bytes) -> bytes:
    """Take the delimiter that the header holds most of."""
    return max(DELIMITERS.values(), key=header.count)


class NdjsonDelivery(Delivery):
    """One JSON object per line (RFC 8259, so UTF-8)."""

    def __init__(self, path: Path, seen: Survey, mapping: DeliveryMapping, kind: str | None) -> None:
        super().__init__(path, seen, mapping, kind)
        self.encoding = "utf-8"
        self._fields = {key: mapping.columns.get(key, key) for key in (*every_field(), *mapping.columns)}
        self._keys = {field: key for key, field in mapping.columns.items()}
        self._ignored = frozenset({*mapping.ignore, *OURS})
        self._refuse_document()

    def column_of(self, field: str) -> str:
        """Name the key of a field."""
        return safe_name(self._keys.get(field, field))

    def rows(self) -> Iterator[Row]:
        """Read the objects; blank lines are passed over, and so are our own notes on lines refused before."""
        number = 0
        with self.opened() as file:
            for line, raw, cut, _ in lines_of(file):
                row = self._row(number + 1, line, bare(raw), cut=cut)
                if row is not None:
                    number += 1
                    yield row
        self.refuse_changed()

    def _row(self, number: int, line: int, raw: bytes, *, cut: bool) -> Row | None:
        if cut:
            return Row(number, line, raw, {}, finding=Finding(Code.ROW_TOO_LONG))
        if not raw.strip():
            return None
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            return Row(number, line, raw, {}, finding=Finding(Code.UNDECODABLE_BYTES, expected="UTF-8"))
        try:
            found = parse_object(text)
            if found.keys() == set(OURS):
                return None
            cells = self._cells(found)
        except RowRefused as refusal:
            return Row(number, line, raw, {}, finding=_hidden(text) or refusal.finding)
        return Row(number, line, raw, cells, SUSPECT.search(text) is not None or "\\u" in text)

    def _cells(self, found: dict[str, Any]) -> dict[str, Any]:
        """Give values by field. Raises RowRefused where two keys give the same one."""
        kept = {key: value for key, value in found.items() if key not in self._ignored}
        cells = {self._fields.get(key, key): value for key, value in kept.items()}
        if len(cells) != len(kept):
            raise refused(Code.DUPLICATE_JSON_KEY)
        return cells

    def _refuse_document(self) -> None:
        with self.opened() as file:
            for number, line, *_ in lines_of(file):
                start = line.strip()
                if start:
                    if start[:1] == b"[" or start == b"{":
                        raise NotOneFactPerLine(f"{self.path.name}:{number}")
                    return
        raise EmptyDelivery(self.path.name)


def _hidden(text: str) -> Finding | None:
    """Say whether a line that is no JSON holds characters that nobody can see: the likelier cause."""
    try:
        clean(text)
    except RowRefused as refusal:
        return refusal.finding
    return None


def judged(delivery: Delivery, examiner: Examiner) -> Iterator[tuple[Row, Candidate | Finding]]:
    """Judge every row of a delivery: a candidate where it holds, or what was found, and in which column."""
    for row in delivery.rows():
        yield row, judge(delivery, examiner, row)


def judge(delivery: Delivery, examiner: Examiner, row: Row) -> Candidate | Finding:
    """Judge one row."""
    if row.finding is not None:
        return row.finding
    try:
        return examiner.examine(row.cells, suspect=row.suspect)
    except RowRefused as refusal:
        found = faults_of(examiner, row.cells, refusal.finding)
    first, *more = [
        placed(one, "", delivery.column_of(one.field) if one.field else "") for one in (found, *found.more)
    ]
    return replace(first, more=tuple(more))
