"""Workbooks imported into a real ledger: what a CSV file brought is there, and the way back is a workbook."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.ingest import by_columns
from ledger.ingest.job import ImportOrder, ImportReport, run_import
from ledger.ingest.ledger_desk import LedgerImportDesk
from ledger.ingest.receiving import open_delivery
from ledger.opening import Desk
from tests.ledger.deliveries import ORGAN, RECEIVED, delivered, resident
from tests.ledger.test_ingest_job import counts, imported, stored
from tests.ledger.test_ingest_job import desk as desk  # noqa: PLC0414 - a fixture
from tests.ledger.workbooks import workbook

HEADER = ("kind", "document_number", "name", "month", "place", "base_fen")


def month(person: int, period: str = "2025-03", **other: Any) -> tuple[Any, ...]:
    cells = ("insurance-month-paid", resident(person), f"居民{person}", period, 330212, 446_250)
    return tuple((dict(zip(HEADER, cells, strict=True)) | other).values())


def run(desk: Desk, path: Path, **order: Any) -> ImportReport:
    asked = replace(ImportOrder(ORGAN, "clerk:1", RECEIVED), **order)
    return run_import(LedgerImportDesk(desk), open_delivery(path), asked, path.with_suffix(".rejected.xlsx"))


def test_a_workbook_brings_what_the_csv_file_of_the_same_rows_brought(desk: Desk, tmp_path: Path) -> None:
    rows = [HEADER, *(month(person) for person in range(1, 40))]
    text = "\n".join(",".join(map(str, row)) for row in rows)
    imported(desk, delivered(tmp_path, text))

    assert counts(run(desk, workbook(tmp_path / "a.xlsx", rows))) == {"duplicate": 39}


@pytest.mark.parametrize("columns", [True, False])
def test_rows_of_a_workbook_are_prepared_by_others_as_those_of_a_csv_file_are(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, columns: bool
) -> None:
    monkeypatch.setattr(by_columns, "SMALL_BYTES", 0)
    rows = [month(person) for person in range(1, 200)] + [month(1, "2025-13"), month(2, name="乙")]
    report = run(desk, workbook(tmp_path / "a.xlsx", [HEADER, *rows]), by_columns=columns)

    assert counts(report) == {"accepted": 199, "held": 1, "invalid": 1}
    assert [line for _, line, _ in report.shown] == [201, 202]


def test_corrected_rows_of_a_workbook_go_in(desk: Desk, tmp_path: Path) -> None:
    report = run(desk, workbook(tmp_path / "a.xlsx", [HEADER, month(1), month(2, "2025-13")]))
    assert report.rejects is not None
    back = open_delivery(report.rejects)
    [row] = back.rows()
    corrected = [HEADER, tuple({**row.cells, "month": "2025-12"}[name] for name in HEADER)]

    assert counts(run(desk, workbook(tmp_path / "b.xlsx", corrected))) == {"accepted": 1}
    assert stored(desk) == 2
