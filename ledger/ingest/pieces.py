"""A CSV file cut into pieces of whole records, each read alone: the unit of work by columns.

Where a piece begins follows from the one before it and from nothing else, so that any process can read any piece
once it is told the place, and a file is cut in the same way every time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader

from ledger.ingest.delivery import CsvDelivery, Place, Row, after
from ledger.ingest.lines import LONGEST_ROW, QUOTE, Record, bare, records_of


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole records between two places. `lines` are their bytes where no quotation mark is among them."""

    start: Place
    end: Place
    lines: list[bytes] | None
    records: list[Record] | None

    def __len__(self) -> int:
        return len(self.lines if self.records is None else self.records)  # type: ignore[arg-type] # one of them is there

    def record(self, index: int) -> Record:
        """Give one record. `end` is told of records with quotation marks alone."""
        if self.records is not None:
            return self.records[index]
        if self.lines is None:
            raise TypeError("a piece has lines or records")
        return Record(self.start.lines + index + 1, bare(self.lines[index]), None, None, 0)

    def texts(self, encoding: str, delimiter: str) -> list[list[str] | None]:
        """Give every record's cells; None for one that cannot be decoded or read."""
        if self.records is not None:
            return [_cells(record, encoding, delimiter) for record in self.records]
        lines = self.lines or []
        try:
            whole = b"\n".join(lines).decode(encoding)
        except UnicodeDecodeError:
            return [_cells(self.record(index), encoding, delimiter) for index in range(len(lines))]
        if "\r" in whole:
            return [line.removesuffix("\r").split(delimiter) for line in whole.split("\n")]
        return [line.split(delimiter) for line in whole.split("\n")]

    def rows(self, delivery: CsvDelivery, number: int) -> Iterator[Row]:
        """Read the records row by row; `number` rows lie before them."""
        for index in range(len(self)):
            row = delivery.row(number + 1, self.record(index))
            if row is not None:
                number += 1
                yield row


def _cells(record: Record, encoding: str, delimiter: str) -> list[str] | None:
    if record.fault is not None:
        return None
    try:
        if record.cells is not None:
            return [cell.decode(encoding) for cell in record.cells]
        return record.raw.decode(encoding).split(delimiter)
    except UnicodeDecodeError:
        return None


def cut(file: BufferedReader, start: Place, delimiter: bytes, size: int) -> Piece | None:
    """Read the piece that begins at `start`, of about `size` bytes; None at the end of the file."""
    file.seek(start.offset)
    block = file.read(size)
    if not block:
        return None
    whole = block if len(block) < size else block[: block.rfind(b"\n") + 1]
    if whole and QUOTE not in whole:
        lines = whole.split(b"\n")
        breaks = len(lines) - 1
        if not lines[-1]:
            lines.pop()
        if max(map(len, lines)) <= LONGEST_ROW:
            return Piece(start, Place(start.offset + len(whole), start.lines + breaks), lines, None)
    return _quoted(file, start, delimiter, size)


def _quoted(file: BufferedReader, start: Place, delimiter: bytes, size: int) -> Piece | None:
    """Read record by record where quotation marks may hide line breaks, or a line is too long."""
    file.seek(start.offset)
    records: list[Record] = []
    for record in records_of(file, delimiter, start.lines):
        records.append(record)
        if record.end - start.offset >= size:
            break
    return Piece(start, after(records[-1]), None, records)
