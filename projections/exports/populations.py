"""Populations that stand in a ledger or in an export: the same residents, the same digest."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from domain.coverage import Coverage
from projections.exports.columns import ColumnPart
from projections.exports.layout import TABLES, ExportDamaged, Manifest, file_of, read_manifest
from projections.exports.ledger import LedgerParts


class LedgerPopulation:
    """The residents of a ledger, read in the snapshot of its parts."""

    def __init__(self, parts: LedgerParts, coverage: Coverage, as_at: int, as_of: date) -> None:
        self.as_at: int | None = as_at
        self._position = as_at
        self._parts = parts
        self._coverage = coverage
        self._as_of = as_of
        self._hashes: list[str] = []

    @property
    def share(self) -> float:
        """Say how many of the parts have been read."""
        return len(self._hashes) / self._parts.count

    @property
    def left_out(self) -> int:
        """Count who lives nowhere or stands still."""
        return self._parts.left_out

    @property
    def digest(self) -> str:
        """Give the hash that an export of the same residents has."""
        told = [{"sha256": one} for one in self._hashes]
        return Manifest(self._position, self._as_of.isoformat(), self.left_out, told).digest

    def parts(self) -> Iterator[ColumnPart]:
        """Read the parts."""
        self._hashes, self._parts.left_out = [], 0
        for tables in self._parts:
            self._hashes.append(tables.digest())
            yield ColumnPart(tables, self._coverage, self._as_of)


class ExportPopulation:
    """The residents of an export. Their places are those of the manifest's day. Raises ExportDamaged."""

    def __init__(self, folder: Path, as_of: date | None = None) -> None:
        self._folder = folder
        self.manifest = read_manifest(folder)
        self.as_of = as_of or self.manifest.day
        self.as_at: int | None = self.manifest.as_at
        self.left_out = self.manifest.left_out
        self._read = 0

    @property
    def share(self) -> float:
        """Say how many of the parts have been read."""
        return self._read / max(len(self.manifest.parts), 1)

    @property
    def digest(self) -> str:
        """Give the hash in the manifest; each file is checked against its own as it is read."""
        return self.manifest.digest

    def parts(self) -> Iterator[ColumnPart]:
        """Read the parts. Raises ExportDamaged."""
        for number in range(len(self.manifest.parts)):
            self._read = number + 1
            yield self.part(number)

    def part(self, number: int) -> ColumnPart:
        """Read one part. Raises ExportDamaged."""
        files = PartFiles(self._folder, number, self.manifest.parts[number].get("files", {}))
        return ColumnPart(files, Coverage(), self.as_of)


class PartFiles:
    """The files of one part, their bytes checked and held; what is in them is decoded when it is asked for."""

    def __init__(self, folder: Path, number: int, hashes: Mapping[str, str]) -> None:
        """Read the bytes. Raises ExportDamaged."""
        self._name = f"part-{number:05d}"
        try:
            self._bytes = {table: file_of(folder, table, number).read_bytes() for table in TABLES}
        except OSError:
            raise ExportDamaged(self._name) from None
        if any(hashlib.sha256(found).hexdigest() != hashes.get(table) for table, found in self._bytes.items()):
            raise ExportDamaged(self._name)

    def read(self, table: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Decode a table: all columns, or those named. Raises ExportDamaged."""
        try:
            # One thread: whoever scores has a part for each of its own.
            file = pq.ParquetFile(pa.BufferReader(self._bytes[table]))
            return file.read(columns=None if columns is None else list(columns), use_threads=False)
        except pa.ArrowException:
            raise ExportDamaged(self._name) from None
