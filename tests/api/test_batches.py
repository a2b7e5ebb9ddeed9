"""Batches over HTTP: an organ sees its own, an auditor all, and nobody a file's digest."""

from pathlib import Path

import pytest

from ledger.ingest.job import ImportOrder, run_import
from ledger.ingest.ledger_desk import LedgerImportDesk
from ledger.ingest.receiving import open_delivery
from tests.api.house import HRSS, POLICE, TODAY, House, number


@pytest.fixture
def batch(home: House, tmp_path: Path) -> str:
    file = tmp_path / "months.csv"
    rows = "".join(f"{number(n)},居民,2024-0{n},330212\n" for n in (1, 2, 3))
    file.write_text(f"document_number,name,month,place\n{rows}", encoding="utf-8")
    order = ImportOrder(HRSS, "clerk:1", TODAY)
    report = run_import(LedgerImportDesk(home.desk), open_delivery(file, kind="insurance-month-paid"), order)
    return str(report.receipt.batch_id)


def test_an_organ_and_an_auditor_see_what_a_file_brought(home: House, batch: str) -> None:
    own, audited = (home.get(f"/v1/batches/{batch}", actor) for actor in (f"organ:{HRSS}", "auditor"))
    counts = own.json()["counts"]

    assert own.json() == audited.json()
    assert (own.json()["organ"], own.json()["digest"], own.json()["undone"]) == (HRSS, "sealed", None)
    assert counts["rows"] == sum(counts[name] for name in ("accepted", "duplicate", "conflict", "held", "invalid"))


def test_another_organs_batch_is_nobodys(home: House, batch: str) -> None:
    told = home.get(f"/v1/batches/{batch}", f"organ:{POLICE}")
    nothing = home.get("/v1/batches/no-batch", f"organ:{POLICE}")
    listed = home.get("/v1/batches", f"organ:{POLICE}").json()["batches"]

    assert (told.status_code, told.json()["code"]) == (nothing.status_code, nothing.json()["code"])
    assert batch not in [one["batch_id"] for one in listed]


def test_the_list_goes_on_where_a_page_ends(home: House, batch: str) -> None:
    first = home.get("/v1/batches?limit=1", f"organ:{HRSS}").json()
    rest = home.get(f"/v1/batches?before={first['next']}", f"organ:{HRSS}").json()

    assert first["batches"][0]["batch_id"] == batch or batch in [one["batch_id"] for one in rest["batches"]]
    assert all(one["position"] < first["next"] for one in rest["batches"])
