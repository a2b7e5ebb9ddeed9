"""The files of a simulation: each sheet as CSV and as Parquet, and what the run was made of."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from projections.simulation.run import Simulation
from projections.simulation.sheets import Row, Sheet, points

WITHHELD = "withheld"
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BOM = "\ufeff"


def write(simulation: Simulation, sheets: Sequence[Sheet], folder: Path) -> list[Path]:
    """Write every sheet twice, and run.json. The bytes depend on the run only."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for sheet in sheets:
        text = folder / f"{sheet.name}.csv"
        text.write_text(csv_of(sheet), encoding="utf-8", newline="")
        columns = folder / f"{sheet.name}.parquet"
        pq.write_table(table_of(sheet, simulation.run_id), columns, compression="zstd")
        written += [text, columns]
    about = folder / "run.json"
    about.write_text(json.dumps(about_of(simulation), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return [*written, about]


def about_of(simulation: Simulation) -> dict[str, Any]:
    """Say what the run was, as JSON values."""
    return {"run": simulation.run_id, "inputs": simulation.inputs, "left_out": simulation.left_out}


def csv_of(sheet: Sheet) -> str:
    """Print a sheet as CSV: UTF-8 with a mark for spreadsheets, points with a dot, nothing that is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["group_zh", "group_en", *(column.name for column in sheet.columns[1:])])
    for row in sheet.rows:
        writer.writerow([*map(harmless, row.label), *_cells(sheet, row)])
    return _BOM + text.getvalue()


def _cells(sheet: Sheet, row: Row) -> list[str]:
    cells = []
    for column, value in zip(sheet.columns[1:], row.values, strict=True):
        if value is None:
            cells.append(WITHHELD)
        else:
            cells.append(points(value) if column.holds == "points" else str(value))
    return cells


def harmless(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would take for a formula."""
    return f"'{text}" if text.lstrip().startswith(_FORMULA) or text.startswith(("\t", "\r")) else text


def table_of(sheet: Sheet, run_id: str) -> pa.Table:
    """Give a sheet as an Arrow table: withheld counts are null, points are integers of 10^-4."""
    names = ["group_zh", "group_en", *(column.name for column in sheet.columns[1:])]
    labels = [pa.array([row.label[tongue] for row in sheet.rows], pa.string()) for tongue in (0, 1)]
    values = [
        pa.array([row.values[place] for row in sheet.rows], pa.int64()) for place in range(len(sheet.columns) - 1)
    ]
    return pa.table([*labels, *values], names=names).replace_schema_metadata({"run": run_id, "points": "10^-4"})
