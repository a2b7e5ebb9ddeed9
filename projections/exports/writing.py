"""Writing an export: each part is written beside its name and then given it, the manifest last of all."""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from projections.exports.layout import MANIFEST, TABLES, Manifest, PartTables, file_of
from projections.exports.ledger import LedgerParts

OWNER_ONLY = 0o700


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
        write_part(folder, number, tables)
        rows = tables.measures.num_rows + tables.restricted.num_rows
        told.append({"residents": tables.residents.num_rows, "rows": rows, "sha256": tables.digest()})
        progress(number + 1, parts.count)
    manifest = Manifest(as_at, as_of.isoformat(), parts.left_out, told)
    _write_text(folder / MANIFEST, manifest.text())
    return manifest


def write_part(folder: Path, number: int, tables: PartTables) -> None:
    """Write the tables of one part."""
    named = dict(zip(TABLES, (tables.residents, tables.measures, tables.restricted, tables.ties), strict=True))
    for name, table in named.items():
        _write_table(file_of(folder, name, number), table)


def _write_table(file: Path, table: pa.Table) -> None:
    beside = file.with_suffix(".part")
    pq.write_table(table, beside, compression="zstd")
    beside.replace(file)


def _write_text(file: Path, text: str) -> None:
    beside = file.with_suffix(".part")
    with beside.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(file)
