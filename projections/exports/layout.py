"""How an export lies in its folder, and what its columns are.

    manifest.json                            what it is of, and the hashes of each part
    residents/part-00000.parquet             number, subject, place where scored
    measures/part-00000.parquet              one row for each thing a rule can read
    measures_restricted/part-00000.parquet   the same columns, of what was sealed: flagged as restricted
    ties/part-00000.parquet                  who is whose spouse, child or ward, and when

A part holds whole families, its residents in the order of places. A file is one row group: its rows lie by role
(facts, closers, moves of the permit, births, voids) and then as the engines read them (engines/batch.py), with the
words of the two tables of measures in the order of their text, so that a part is read without sorting. What is text
of many values, the names of spells and acts and of entries, stands beside numbers that say the same within a
resident, so that who scores a part need not read the text.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

FORMAT = 2
"""1: rows in the order of residents, without the numbers."""
RESTRICTED = {b"restricted": b"true"}
TABLES = ("residents", "measures", "measures_restricted", "ties")
MANIFEST = "manifest.json"
_TEXT = ("kind", "place", "variant", "level", "mark", "spell", "act", "opens", "closes")
_DAYS = ("starts_on", "ends_on", "decided_on", "effective_on", "completed_on", "stops_on", "born_on")
CODED = ("role", "kind", "place", "variant", "level", "mark", "opens", "closes")
"""Text of few values, which a file keeps as a dictionary."""
ROW_TYPES: dict[str, pa.DataType] = (
    {"position": pa.int64(), "ref_stream": pa.string(), "ref_version": pa.int64(), "part": pa.int16()}
    | {"role": pa.string(), "refers_stream": pa.string(), "refers_version": pa.int64(), "quantity": pa.int64()}
    | dict.fromkeys(_DAYS, pa.date32())
    | dict.fromkeys(_TEXT, pa.string())
)
"""The fields of a row as rules read it. `ref_stream` and `refers_stream` null: the resident's own stream."""
ROWS = pa.schema([("resident", pa.int32()), *ROW_TYPES.items()])
"""Rows before they are put in order."""
NUMBERED = {"entry": "version", "refers_entry": "refers_version"} | {"spell_number": "spell", "act_number": "act"}
"""The numbers beside the fields, counted by resident, and the engines' column that each is.

`entry`: of the entry, from 1 in the order of positions. `refers_entry`: of the entry that a void names, 0 where it
names none of the resident's. `spell_number`, `act_number`: equal where the text is, from 0; null where it is.
"""
MEASURES = pa.schema(
    [
        ("resident", pa.int32()),
        *((name, pa.int32()) for name in NUMBERED),
        *((name, pa.dictionary(pa.int32(), kind) if name in CODED else kind) for name, kind in ROW_TYPES.items()),
    ]
)
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

    def read(self, table: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Give a table by its name in the folder: all columns, or those named."""
        found = self.named[table]
        return found if columns is None else found.select(columns)

    @property
    def named(self) -> dict[str, pa.Table]:
        """Give the tables by their names in the folder."""
        return dict(zip(TABLES, (self.residents, self.measures, self.restricted, self.ties), strict=True))

    def digest(self) -> str:
        """Hash the values, whatever encoding they came in."""
        whole = hashlib.sha256()
        for table in self.named.values():
            for name in table.column_names:
                _add(whole, table[name])
        return whole.hexdigest()


def _add(whole: Any, column: pa.ChunkedArray) -> None:
    """Hash one column: codes and words of text, numbers as they are; what is missing has a value of its own."""
    whole.update(b"%d\0" % len(column))
    if pa.types.is_dictionary(column.type):
        column = column.cast(pa.string())
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
    """What an export is of: the position, the day for which places were found, and each part.

    A part says how many residents and rows it has, the hash of its values (`sha256`), which does not depend on how
    they are encoded, and of the bytes of each of its files (`files`), by which they are checked when they are read.
    """

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
