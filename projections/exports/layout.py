"""How an export lies in its folder, and what its columns are.

    manifest.json                            what it is of, and the hash of each part
    residents/part-00000.parquet             number, subject, place where scored
    measures/part-00000.parquet              one row for each thing a rule can read
    measures_restricted/part-00000.parquet   the same columns, of what was sealed: flagged as restricted
    ties/part-00000.parquet                  who is whose spouse, child or ward, and when

A part holds whole families, its residents in the order of places, its rows in the order of residents.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

FORMAT = 1
RESTRICTED = {b"restricted": b"true"}
TABLES = ("residents", "measures", "measures_restricted", "ties")
MANIFEST = "manifest.json"
_TEXT = ("kind", "place", "variant", "level", "mark", "spell", "act", "opens", "closes")
_DAYS = ("starts_on", "ends_on", "decided_on", "effective_on", "completed_on", "stops_on", "born_on")
ROW_TYPES: dict[str, pa.DataType] = (
    {"position": pa.int64(), "ref_stream": pa.string(), "ref_version": pa.int64(), "part": pa.int16()}
    | {"role": pa.string(), "refers_stream": pa.string(), "refers_version": pa.int64(), "quantity": pa.int64()}
    | dict.fromkeys(_DAYS, pa.date32())
    | dict.fromkeys(_TEXT, pa.string())
)
"""The fields of a row as rules read it. `ref_stream` and `refers_stream` null: the resident's own stream."""
MEASURES = pa.schema([("resident", pa.int32()), *ROW_TYPES.items()])
MEASURES_RESTRICTED = pa.schema([field.with_metadata(RESTRICTED) for field in MEASURES], RESTRICTED)
RESIDENTS = pa.schema([("resident", pa.int32()), ("subject", pa.string()), ("place", pa.string())])
TIES = pa.schema(
    [
        *(("tie", pa.string()), ("subject", pa.string()), ("other", pa.string())),
        *(("since", pa.date32()), ("until", pa.date32())),
    ]
)


@dataclass(frozen=True)
class PartTables:
    """One part in memory: the tables of the layout."""

    residents: pa.Table
    measures: pa.Table
    restricted: pa.Table
    ties: pa.Table

    def digest(self) -> str:
        """Hash the values, whatever encoding they came in."""
        whole = hashlib.sha256()
        for table in (self.residents, self.measures, self.restricted, self.ties):
            for name in table.column_names:
                _add(whole, table[name])
        return whole.hexdigest()


def _add(whole: Any, column: pa.ChunkedArray) -> None:
    """Hash one column: codes and words of text, numbers as they are; what is missing has a value of its own."""
    whole.update(b"%d\0" % len(column))
    if pa.types.is_string(column.type):
        encoded = column.combine_chunks().dictionary_encode()
        words = encoded.dictionary.to_pylist()
        whole.update("\0".join(words).encode() + b"\0")
        column = encoded.indices
    else:
        column = column.combine_chunks()
        whole.update(pc.is_null(column).cast(pa.int8()).to_numpy(zero_copy_only=False).tobytes())
    if pa.types.is_date32(column.type):
        column = column.cast(pa.int32())
    whole.update(pc.fill_null(column, -1).cast(pa.int64()).to_numpy(zero_copy_only=False).tobytes())


@dataclass(frozen=True)
class Manifest:
    """What an export is of: the position, the day for which places were found, and each part's size and hash."""

    as_at: int
    as_of: str
    left_out: int
    parts: list[dict[str, Any]]
    format: int = FORMAT

    @property
    def digest(self) -> str:
        """Give the hash of the whole population."""
        text = "\n".join([str(self.as_at), *(part["sha256"] for part in self.parts)])
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def day(self) -> date:
        """Give the day for which places were found."""
        return date.fromisoformat(self.as_of)

    def text(self) -> str:
        """Print the manifest."""
        flagged = {"measures_restricted": [field.name for field in MEASURES_RESTRICTED]}
        about = {**asdict(self), "sha256": self.digest, "restricted": flagged}
        return json.dumps(about, ensure_ascii=False, indent=1) + "\n"


class ExportDamaged(Exception):
    """The folder is no export of this format, or a part is not what the manifest says. Names the file, no value."""


def read_manifest(folder: Path) -> Manifest:
    """Read a manifest. Raises ExportDamaged."""
    try:
        told = json.loads((folder / MANIFEST).read_bytes())
        manifest = Manifest(told["as_at"], told["as_of"], told["left_out"], told["parts"], told["format"])
        damaged = manifest.format != FORMAT or manifest.digest != told["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        raise ExportDamaged(MANIFEST) from None
    if damaged:
        raise ExportDamaged(MANIFEST)
    return manifest


def file_of(folder: Path, table: str, part: int) -> Path:
    """Name the file of a part."""
    return folder / table / f"part-{part:05d}.parquet"
