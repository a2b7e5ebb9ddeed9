"""Files that entries are written to: NDJSON, CSV that a spreadsheet cannot run, Parquet; a record at a time.

A file appears under its name only when it is whole: until then it is NAME.part.
"""

import csv
import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from domain.cells import safe_cell
from projections.exports.entries import Record

Format = Literal["ndjson", "csv", "parquet"]
_GROUP = 10_000
_WHOLE_NUMBERS = ("position", "version", "causation_version", "refers_to_version", "format")
COLUMNS = (
    "position", "stream", "version", "kind", "recorded_at", "recorded_by", "organ", "channel", "source_class",
    "source_time", "legal_basis", "batch_id", "causation_stream", "causation_version", "refers_to_stream",
    "refers_to_version", "fact", "sealed", "format", "suite", "key", "request_hash", "content_hash", "binding",
    "prev", "leaf",
)  # fmt: skip
"""In the order in which they are written; docs/exports.md says what they are."""
_SCHEMA = pa.schema([(name, pa.int64() if name in _WHOLE_NUMBERS else pa.string()) for name in COLUMNS])


class Writer(ABC):
    """Takes records. What it has not yet written is bounded."""

    @abstractmethod
    def write(self, record: Record) -> None:
        """Write one."""

    def close(self) -> None:  # noqa: B027 - most forms keep nothing back
        """Write what is left."""


class _Ndjson(Writer):
    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, record: Record) -> None:
        self._file.write(json.dumps(record, ensure_ascii=False) + "\n")


class _Csv(Writer):
    def __init__(self, file: TextIO) -> None:
        self._rows = csv.writer(file, lineterminator="\n")
        self._rows.writerow(COLUMNS)

    def write(self, record: Record) -> None:
        self._rows.writerow([_cell(record[name]) for name in COLUMNS])


class _Parquet(Writer):
    def __init__(self, path: Path) -> None:
        self._file = pq.ParquetWriter(path, _SCHEMA, compression="zstd")
        self._records: list[Record] = []

    def write(self, record: Record) -> None:
        self._records.append({**record, "fact": _text(record["fact"])})
        if len(self._records) == _GROUP:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._file.close()

    def _flush(self) -> None:
        if self._records:
            self._file.write_table(pa.Table.from_pylist(self._records, _SCHEMA))
            self._records = []


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return safe_cell(value if isinstance(value, str) else _text(value))


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


@contextmanager
def writing(path: Path, form: Format) -> Iterator[Writer]:
    """Give a writer of a new file, which takes its name when all is written, and is gone when that fails."""
    part = path.with_name(f"{path.name}.part")
    try:
        if form == "parquet":
            writer: Writer = _Parquet(part)
            yield writer
            writer.close()
        else:
            with part.open("x", encoding="utf-8", newline="") as file:
                writer = _Ndjson(file) if form == "ndjson" else _Csv(file)
                yield writer
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)


def digest_of(path: Path) -> str:
    """Give the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
