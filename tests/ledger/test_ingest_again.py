"""Rows that were taken back come back, as often as they are asked for, and never twice."""

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.ingest.delivery import Delivery
from ledger.opening import Desk
from tests.ledger.deliveries import delivered, resident
from tests.ledger.test_ingest_job import HEADER, counts, entries, imported, line, stored
from tests.ledger.test_ingest_job import desk as desk  # noqa: PLC0414 - a fixture

VOIDS = "kind,document_number,name,reason,refers_to\n"


@pytest.fixture
def months(tmp_path: Path) -> Delivery:
    return delivered(tmp_path, HEADER + line(1) + line(2))


def void(tmp_path: Path, name: str, sequence: int = 1) -> Delivery:
    target = '"{""kind"": ""insurance-month-paid"", ""month"": ""2025-03"", ""place"": ""330212""}"'
    rows = f"fact-voided,{resident(sequence)},居民{sequence},source-error,{target}\n"
    return delivered(tmp_path, VOIDS + rows, name=f"{name}.csv")


def test_a_voided_row_comes_back_and_the_others_stay_as_they_are(
    desk: Desk, tmp_path: Path, months: Delivery
) -> None:
    imported(desk, months)
    imported(desk, void(tmp_path, "void"))
    back = imported(desk, months, again=1)

    assert counts(back) == {"accepted": 1, "duplicate": 1}
    assert stored(desk) == 3


def test_what_came_back_comes_back_once(desk: Desk, tmp_path: Path, months: Delivery) -> None:
    imported(desk, months)
    imported(desk, void(tmp_path, "void"))
    back, before = imported(desk, months, again=1), entries(desk)
    same = imported(desk, months, again=1)
    further = imported(desk, months, again=2)

    assert (same.repeated, same.receipt) == (True, back.receipt)
    assert counts(further) == {"duplicate": 2}
    assert len(entries(desk)) == len(before) + 1


def test_a_return_can_be_voided_and_come_back_a_second_time(desk: Desk, tmp_path: Path, months: Delivery) -> None:
    voids = void(tmp_path, "void")
    imported(desk, months)
    imported(desk, voids)
    imported(desk, months, again=1)
    second_void = imported(desk, voids, again=1)
    first = imported(desk, delivered(tmp_path, HEADER + line(1), name="one.csv"), again=1)
    second = imported(desk, months, again=2)

    assert counts(second_void) == {"accepted": 1}
    assert dict(first.codes) == {"original-void": 1}
    assert counts(second) == {"accepted": 1, "duplicate": 1}


@pytest.mark.parametrize("dry", [True, False])
def test_a_dry_run_says_what_would_come_back(desk: Desk, tmp_path: Path, months: Delivery, *, dry: bool) -> None:
    imported(desk, months)
    imported(desk, void(tmp_path, "void", 2))
    report = imported(desk, months, again=1, dry=dry)

    assert counts(report) == {"accepted": 1, "duplicate": 1}


def test_a_corrected_row_does_not_come_back_while_its_correction_counts(
    desk: Desk, tmp_path: Path, months: Delivery
) -> None:
    imported(desk, months)
    month = {"kind": "insurance-month-paid", "month": "2025-03", "place": "330212"}
    row: dict[str, Any] = {
        "kind": "fact-corrected",
        "document_number": resident(1),
        "name": "居民1",
        "reason": "source-error",
    }
    row |= {"refers_to": month, "source_id": "C-1", "replacement": month | {"month": "2025-04"}}
    imported(desk, delivered(tmp_path, json.dumps(row), name="correction.ndjson"))
    kept = imported(desk, months, again=1)
    name_it = f"fact-voided,{resident(1)},居民1,source-error,C-1\n"
    imported(desk, delivered(tmp_path, VOIDS + name_it, name="void.csv"))
    back = imported(desk, months, again=2)

    assert dict(kept.codes) == {"original-void": 1, "already-recorded": 1}
    assert counts(back) == {"accepted": 1, "duplicate": 1}
