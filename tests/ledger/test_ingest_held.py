"""Rows that wait for a person know their file and line; a corrected row that comes again settles them."""

from pathlib import Path
from typing import Any

import pytest

from ledger.ingest import by_columns
from ledger.opening import Desk
from ledger.vault.held import Decision, HeldRow, Origin
from tests.ledger.deliveries import delivered, resident
from tests.ledger.test_ingest_job import HEADER, counts, imported, line
from tests.ledger.test_ingest_job import desk as desk  # noqa: PLC0414 - a fixture


def held(desk: Desk, tmp_path: Path, **order: Any) -> HeldRow:
    """Import a month under a name that is not that number's: it is held."""
    imported(desk, delivered(tmp_path, HEADER + line(1, "2025-01"), name="first.csv"))
    rows = HEADER + line(2) + line(1, "2025-03", name="居民乙")
    assert counts(imported(desk, delivered(tmp_path, rows, name="march.csv"), **order))["held"] == 1
    [row] = desk.held.waiting()
    return row


def again(desk: Desk, tmp_path: Path, text: str) -> int:
    return imported(desk, delivered(tmp_path, HEADER + text, name="again.csv")).settled_held


@pytest.mark.parametrize("columns", [True, False])
@pytest.mark.parametrize("crew", [True, False])
def test_a_held_row_says_its_batch_its_file_and_its_line(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, columns: bool, crew: bool
) -> None:
    monkeypatch.setattr(by_columns, "SMALL_BYTES", 0 if crew else 1 << 30)
    row = held(desk, tmp_path, by_columns=columns)

    assert desk.held.origins([row]) == [Origin("march.csv", 3)]
    assert row.batch_id is not None
    assert len(desk.held.persons(row.held_id)) == 1


def test_the_same_row_with_the_right_name_settles_it(desk: Desk, tmp_path: Path) -> None:
    row = held(desk, tmp_path)

    assert again(desk, tmp_path, line(1, "2025-03")) == 1
    assert desk.held.waiting() == []
    after = desk.held.row(row.held_id)
    assert (after.decision, after.decided_by) == (Decision.SUPERSEDED, "clerk:1")
    assert desk.held.content(row.held_id) is None
    assert desk.held.origins([after]) == [None]


def test_a_row_of_the_sources_own_number_is_settled_also_where_the_persons_number_was_wrong(
    desk: Desk, tmp_path: Path
) -> None:
    imported(desk, delivered(tmp_path, HEADER + line(1, "2025-01"), name="first.csv"))
    wrong = line(1, "2025-03", name="居民5", source_id="A-7")
    imported(desk, delivered(tmp_path, HEADER + wrong, name="march.csv"))

    assert again(desk, tmp_path, line(1, "2025-03", number=resident(5), name="居民5", source_id="A-7")) == 1
    assert desk.held.waiting() == []


def test_what_stood_before_or_came_in_the_same_file_settles_nothing(desk: Desk, tmp_path: Path) -> None:
    imported(desk, delivered(tmp_path, HEADER + line(1, "2025-03"), name="first.csv"))
    same_file = line(1, "2025-03", name="居民乙") + line(1, "2025-04", name="居民乙") + line(1, "2025-04")
    report = imported(desk, delivered(tmp_path, HEADER + same_file, name="march.csv"))

    assert (counts(report)["held"], report.settled_held) == (2, 0)
    assert again(desk, tmp_path, line(2)) == 0
    assert len(desk.held.waiting()) == 2


def test_another_organs_row_settles_nothing(desk: Desk, tmp_path: Path) -> None:
    held(desk, tmp_path)

    assert len(desk.held.waiting(organ="nb-civil")) == 0
    assert len(desk.held.waiting(organ="nb-hrss")) == 1
