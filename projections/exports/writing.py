"""Writing an export: each part is written beside its name and then given it, the manifest last of all."""

import hashlib
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from projections.exports.columns import READ_BY_ENGINES
from projections.exports.layout import MANIFEST, TABLES, Manifest, PartTables, file_of
from projections.exports.ledger import LedgerParts

OWNER_ONLY = 0o700
_ROW_GROUP_MOST = 1 << 30


class FolderNotEmpty(Exception):
    """An export is written to a folder that is new or empty, so that no part of another stays in it."""


def write_export(
    parts: LedgerParts, folder: Path, as_at: int, as_of: date, progress: Callable[[int, int], None]
) -> Manifest:
    """Write every part. `progress` is told how many parts of how many are done. Raises FolderNotEmpty.

    If we stop before the end there is no manifest, and nobody takes the folder for an export.
    """
    folder.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FolderNotEmpty(str(folder))
    folder.chmod(OWNER_ONLY)
    for table in TABLES:
        (folder / table).mkdir(mode=OWNER_ONLY)
    told = []
    for number, tables in enumerate(parts):
        told.append(write_part(folder, number, tables))
        progress(number + 1, parts.count)
    manifest = Manifest(as_at, as_of.isoformat(), parts.left_out, told)
    _write_text(folder / MANIFEST, manifest.text())
    return manifest


def write_part(folder: Path, number: int, tables: PartTables) -> dict[str, Any]:
    """Write the tables of one part. Give what the manifest says of it."""
    files = {name: _write_table(file_of(folder, name, number), table) for name, table in tables.named.items()}
    rows = tables.measures.num_rows + tables.restricted.num_rows
    return {"residents": tables.residents.num_rows, "rows": rows, "sha256": tables.digest(), "files": files}


def _write_table(file: Path, table: pa.Table) -> str:
    """Write a file of one row group. Give the hash of its bytes."""
    beside = file.with_suffix(".part")
    # What engines read is compressed so that it is read fast, the rest so that it is small.
    fast = {name: "lz4" if name in READ_BY_ENGINES else "zstd" for name in table.column_names}
    pq.write_table(table, beside, compression=fast, row_group_size=_ROW_GROUP_MOST)
    with beside.open("rb") as written:
        found = hashlib.file_digest(written, "sha256").hexdigest()
    beside.replace(file)
    return found


def _write_text(file: Path, text: str) -> None:
    beside = file.with_suffix(".part")
    with beside.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(file)
