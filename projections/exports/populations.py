"""Populations that stand in a ledger or in an export: the same residents, the same digest."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from domain.coverage import Coverage
from projections.exports.columns import ColumnPart
from projections.exports.layout import TABLES, ExportDamaged, Manifest, PartTables, file_of, read_manifest
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

    @property
    def digest(self) -> str:
        """Give the hash in the manifest; each part is checked against it as it is read."""
        return self.manifest.digest

    def parts(self) -> Iterator[ColumnPart]:
        """Read the parts. Raises ExportDamaged."""
        for number in range(len(self.manifest.parts)):
            yield self.part(number)

    def part(self, number: int) -> ColumnPart:
        """Read one part. Raises ExportDamaged."""
        tables = read_part(self._folder, number)
        if tables.digest() != self.manifest.parts[number]["sha256"]:
            raise ExportDamaged(f"part-{number:05d}")
        return ColumnPart(tables, Coverage(), self.as_of)


def read_part(folder: Path, number: int) -> PartTables:
    """Read the tables of one part. Raises ExportDamaged."""
    try:
        # One thread: whoever scores has a part for each of its own.
        found = [pq.read_table(file_of(folder, name, number), use_threads=False) for name in TABLES]
    except (OSError, pa.ArrowException):
        raise ExportDamaged(f"part-{number:05d}") from None
    return PartTables(*found)
