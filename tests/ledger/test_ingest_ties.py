"""Ties of a family in files: two persons in a row, one tie for each number of the organ, ends and voids by it."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.competence import Grant
from domain.facts import FactVoided, FamilyTieEnded, FamilyTieRecorded, OrganGranted
from domain.family import Tie, ties
from domain.person import Person
from ledger.database import Database
from ledger.entry import Hand
from ledger.ingest.confirming import confirm
from ledger.ingest.dry_desk import DryDesk
from ledger.ingest.job import ImportOrder, run_import
from ledger.ingest.ledger_desk import LedgerImportDesk
from ledger.ingest.ties import stream_of_tie
from ledger.opening import KEEPER_ORGAN, Desk, at_work, found
from ledger.vault.held import Decision
from tests.ledger.deliveries import EVERYTHING, ORGAN, RECEIVED, code, delivered, resident

HEADER = (
    "kind,tie,document_number,name,other_document_number,other_name,other,since,ended_on,spell,refers_to,reason\n"
)
MARRIED: dict[str, Any] = {
    "kind": "family-tie-recorded",
    "tie": "spouse",
    "document_number": resident(1),
    "name": "居民甲",
    "other_document_number": resident(2),
    "other_name": "居民乙",
    "since": "2020-05-01",
    "spell": "M-1",
}


@pytest.fixture
def desk(ledger_db: Database, tmp_path: Path) -> Iterator[Desk]:
    found(ledger_db, tmp_path / "keys" / "key", "intl", "keeper:1", os.urandom)
    with at_work(ledger_db, tmp_path / "keys" / "key", os.urandom) as opened:
        for organ in (ORGAN, "nb-civil"):
            fact = OrganGranted(
                organ=organ, fact_kind="*", place_prefix="", valid_from=EVERYTHING[0].valid_from, basis="试点方案"
            )
            opened.competences.grant(fact, Hand("keeper:1", KEEPER_ORGAN))
        yield opened


def row(**cells: str) -> str:
    return ",".join(cells.get(name, "") for name in HEADER.strip().split(",")) + "\n"


def married(first: int = 1, second: int = 2, spell: str = "M-1", **other: str) -> str:
    return row(
        **{
            **MARRIED,
            "spell": spell,
            "document_number": resident(first),
            "name": f"居民{first}",
            "other_document_number": resident(second),
            "other_name": f"居民{second}",
            **other,
        }
    )


def imported(desk: Desk, folder: Path, *rows: str, organ: str = ORGAN, dry: bool = False) -> list[str]:
    """Import rows; give `accepted`, or the code of each that was not."""
    real = LedgerImportDesk(desk)
    delivery = delivered(folder, HEADER + "".join(rows), f"{len(list(folder.iterdir()))}.csv")
    order = ImportOrder(organ, "clerk:1", RECEIVED, dry_run=dry)
    report = run_import(DryDesk(real) if dry else real, delivery, order)
    others = {number: finding.code.value for number, _, finding in report.shown}
    return [others.get(number, "accepted") for number in range(1, len(rows) + 1)]


def known_ties(desk: Desk, organ: str = ORGAN, spell: str = "M-1") -> list[Tie]:
    entries = desk.ledger.history(stream_of_tie(organ, spell))
    return ties(known for entry in entries if (known := entry.known()) is not None)


def subject(desk: Desk, number: int) -> UUID:
    found = desk.identities.find(Person("resident-card", resident(number), f"居民{number}")).subject
    assert found is not None
    return found


def test_a_tie_names_two_persons_and_both_are_known_from_then_on(desk: Desk, tmp_path: Path) -> None:
    answers = imported(desk, tmp_path, married())

    [tie] = known_ties(desk)

    assert answers == ["accepted"]
    assert (tie.subject, tie.other) == (subject(desk, 1), subject(desk, 2))


def test_the_same_tie_again_is_a_duplicate_and_under_its_number_another_pair_conflicts(
    desk: Desk, tmp_path: Path
) -> None:
    imported(desk, tmp_path, married())

    assert imported(desk, tmp_path, married(), married(1, 3)) == ["already-recorded", "other-content"]


def test_the_other_may_be_named_by_id(desk: Desk, tmp_path: Path) -> None:
    imported(desk, tmp_path, married())
    by_id = {"other_document_number": "", "other_name": ""}

    known = married(1, 9, "G-1", tie="guardian", other=str(subject(desk, 2)), **by_id)
    unknown = married(1, 9, "G-2", other=str(UUID(int=7, version=4)), **by_id)

    assert imported(desk, tmp_path, known, unknown) == ["accepted", "unknown-subject"]
    assert [tie.other for tie in known_ties(desk, spell="G-1")] == [subject(desk, 2)]


def test_an_end_needs_only_the_number(desk: Desk, tmp_path: Path) -> None:
    ended = row(kind="family-tie-ended", spell="M-1", ended_on="2023-01-01")
    early = row(kind="family-tie-ended", spell="M-1", ended_on="2019-01-01")

    answers = imported(desk, tmp_path, married(), ended, early)

    assert answers == ["accepted", "accepted", "end-before-start"]
    assert [str(tie.until) for tie in known_ties(desk)] == ["2023-01-01"]


def test_two_organs_may_have_the_same_number_for_two_ties(desk: Desk, tmp_path: Path) -> None:
    ended = row(kind="family-tie-ended", spell="M-1", ended_on="2023-01-01")
    imported(desk, tmp_path, married())

    imported(desk, tmp_path, married(3, 4), ended, organ="nb-civil")

    assert [tie.until for tie in known_ties(desk)] == [None]


def test_a_void_names_a_tie_by_its_number_and_nobody(desk: Desk, tmp_path: Path) -> None:
    target = '"{""kind"": ""family-tie-recorded"", ""spell"": ""%s""}"'
    void = row(kind="fact-voided", reason="source-error", refers_to=target % "M-1")
    nothing = row(kind="fact-voided", reason="source-error", refers_to=target % "M-2")

    answers = imported(desk, tmp_path, married(), void, nothing)

    assert answers == ["accepted", "accepted", "unknown-target"]
    assert known_ties(desk) == []
    assert [type(entry.fact) for entry in desk.ledger.history(stream_of_tie(ORGAN, "M-1"))] == [
        FamilyTieRecorded,
        FactVoided,
    ]


def test_a_tie_waits_while_one_of_the_two_is_not_certain(desk: Desk, tmp_path: Path) -> None:
    imported(desk, tmp_path, married())

    answers = imported(desk, tmp_path, married(3, 2, "M-2", other_name="居民庚"))
    [held] = desk.held.waiting()
    _, verdict = confirm(desk, held.held_id, Decision.OTHER_PERSON, "officer:1")

    assert answers == ["name-differs"]
    assert verdict is not None
    assert [tie.subject for tie in known_ties(desk, spell="M-2")] == [subject(desk, 3)]


def test_two_documents_of_one_person_are_no_couple(desk: Desk, tmp_path: Path) -> None:
    same = {**MARRIED, "other_document_number": resident(1)}
    imported(desk, tmp_path, married())
    itself = married(1, 9, other=str(subject(desk, 1)), other_document_number="", other_name="", spell="M-9")

    assert code(same, EVERYTHING) == "one-subject"
    assert imported(desk, tmp_path, itself) == ["one-subject"]


def test_a_dry_run_says_the_same_and_writes_nothing(desk: Desk, tmp_path: Path) -> None:
    ended = row(kind="family-tie-ended", spell="M-1", ended_on="2019-01-01")

    answers = imported(desk, tmp_path, married(), married(), ended, dry=True)

    assert answers == ["accepted", "repeated-in-file", "end-before-start"]
    assert known_ties(desk) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"other_document_number": ""}, "missing-field"),
        ({"other_document_number": resident(2)[:-1]}, "document-form"),
        ({"other_document_type": "library-card"}, "unknown-word"),
        ({"other": "x"}, "bad-subject"),
        ({"tie": "friend"}, "unknown-word"),
        ({"spell": ""}, "missing-field"),
        ({"spell": resident(1)}, "personal-digits"),
        ({"since": "2030-01-01"}, "future-date"),
        ({"kind": "family-tie-ended", "ended_on": "2020-01-01"}, "unknown-field"),
        ({"kind": "identities-merged"}, "kind-not-delivered"),
        ({"kind": "skill-awarded"}, "unknown-field"),
    ],
)
def test_what_is_wrong_with_a_tie_has_a_name(change: dict[str, str], expected: str) -> None:
    assert code({**MARRIED, **change}, EVERYTHING) == expected


def test_an_organ_needs_a_grant_for_ties() -> None:
    other = (replace(EVERYTHING[0], kind="skill-awarded"),)
    own: tuple[Grant, ...] = (replace(EVERYTHING[0], kind="family-tie-recorded"),)

    assert [code(MARRIED, grants) for grants in (other, own)] == ["kind-outside-grants", None]


def test_an_ended_tie_is_read_without_persons() -> None:
    assert code({"kind": "family-tie-ended", "spell": "M-1", "ended_on": "2023-01-01"}, EVERYTHING) is None
    assert FamilyTieEnded.topic() == "family-tie-ended.v1"
