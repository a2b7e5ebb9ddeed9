"""What a delivery leaves readable in the entries, and feeds that count no more."""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.facts import FactVoided, OrganGranted, RestrictedFact
from ledger.database import Database
from ledger.entry import Hand
from ledger.ingest.job import ImportOrder, ImportReport, run_import
from ledger.ingest.ledger_desk import LedgerImportDesk
from ledger.ingest.receiving import open_delivery
from ledger.opening import KEEPER_ORGAN, Desk, at_work, found
from tests.ledger.deliveries import ORGAN, RECEIVED, resident

OFFENCE = {
    "kind": "restricted-fact",
    "document_number": resident(),
    "name": "居民甲〇一",
    "source_id": "O-1",
    "category": "offence",
    "level": "minor",
    "place": "330212",
    "acted_on": "2024-11-07",
    "legal_basis": "某法第四十三条",
}
REPAIRED = {
    "kind": "fact-voided",
    "document_number": resident(),
    "name": "居民甲〇一",
    "source_id": "V-1",
    "refers_to": "O-1",
    "reason": "credit-repaired",
    "effect": "from_date",
    "from_date": "2025-08-13",
    "legal_basis": "某法第四十四条",
}
FEED = {
    "kind": "feed-delivered",
    "source_id": "F-1",
    "organ": ORGAN,
    "fact_kind": "blood-donated",
    "place": "330212",
    "first_month": "2025-01",
    "last_month": "2025-12",
    "coverage": "complete",
    "rows": 0,
}


@pytest.fixture
def desk(ledger_db: Database, tmp_path: Path) -> Iterator[Desk]:
    found(ledger_db, tmp_path / "keys" / "key", "intl", "keeper:1", os.urandom)
    with at_work(ledger_db, tmp_path / "keys" / "key", os.urandom) as opened:
        everything = OrganGranted(
            organ=ORGAN, fact_kind="*", place_prefix="", valid_from=RECEIVED.replace(year=2020), basis="试点方案"
        )
        opened.competences.grant(everything, Hand("keeper:1", KEEPER_ORGAN))
        yield opened


def imported(desk: Desk, folder: Path, *rows: dict[str, Any]) -> ImportReport:
    path = folder / "rows.ndjson"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return run_import(LedgerImportDesk(desk), open_delivery(path), ImportOrder(ORGAN, "clerk:1", RECEIVED))


def readable(desk: Desk) -> str:
    """Give every column of every entry as text, bytes decoded too."""
    with desk.ledger.connection() as connection:
        rows = connection.execute(
            "SELECT to_jsonb(e)::text || convert_from(state, 'UTF8') AS told FROM entries e"
        ).fetchall()
    return "\n".join(row["told"] for row in rows)


def test_a_void_of_a_restricted_fact_tells_neither_why_nor_from_when_nor_on_what_basis(
    desk: Desk, tmp_path: Path
) -> None:
    report = imported(desk, tmp_path, OFFENCE, REPAIRED)
    told = readable(desk)

    assert report.receipt.accepted == 2
    assert not [word for word in ("credit-repaired", "2025-08-13", "2024-11-07", "第四十", "minor") if word in told]


def test_what_was_sealed_of_a_void_opens_for_who_may(desk: Desk, tmp_path: Path) -> None:
    imported(desk, tmp_path, OFFENCE, REPAIRED)
    stream = next(
        row["originator_id"]
        for row in _rows(desk, "SELECT originator_id FROM entries WHERE topic = 'restricted-fact.v1'")
    )
    facts = [entry.fact for entry in desk.ledger.history(stream)]

    [offence] = [fact for fact in facts if isinstance(fact, RestrictedFact)]
    [void] = [fact for fact in facts if isinstance(fact, FactVoided)]
    assert (offence.basis, void.basis, void.reason) == ("某法第四十三条", "某法第四十四条", "credit-repaired")


def test_a_small_file_cannot_be_guessed_from_what_its_batch_leaves(desk: Desk, tmp_path: Path) -> None:
    report = imported(desk, tmp_path, OFFENCE)
    digest = hashlib.sha256((tmp_path / "rows.ndjson").read_bytes()).hexdigest()

    assert report.receipt.digest == digest
    assert digest not in readable(desk)


def test_a_feed_that_was_not_complete_is_voided_by_its_organ_and_names_no_person(
    desk: Desk, tmp_path: Path
) -> None:
    void = {"kind": "fact-voided", "source_id": "V-2", "refers_to": "F-1", "reason": "source-error"}
    first, second = imported(desk, tmp_path, FEED), imported(desk, tmp_path, void)
    [row] = _rows(desk, "SELECT refers_to_version FROM entries WHERE topic = 'fact-voided.v1'")

    assert (first.receipt.accepted, second.receipt.accepted) == (1, 1)
    assert row["refers_to_version"] == 1 + len(desk.competences.of(ORGAN))


def test_a_void_without_a_person_reaches_nobodys_history(desk: Desk, tmp_path: Path) -> None:
    void = {"kind": "fact-voided", "source_id": "V-3", "refers_to": "O-1", "reason": "source-error"}
    imported(desk, tmp_path, OFFENCE)
    report = imported(desk, tmp_path, void)

    assert [finding.code.value for _, _, finding in report.shown] == ["unknown-target"]


def _rows(desk: Desk, question: str) -> list[dict[str, Any]]:
    with desk.ledger.connection() as connection:
        return connection.execute(question.encode()).fetchall()
