"""Rows that wait for a person: sealed, held once, decided once, and out again by one of three doors."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from domain.errors import HeldRowDecided, HeldRowUndecidable, HeldRowUnknown, Refusal
from domain.person import Person
from ledger.database import Database
from ledger.suites import CannotOpen
from ledger.vault.held import UNDECIDABLE, Decision, HeldRow, RowToHold
from ledger.vault.identities import Outcome, Why
from tests.ledger.vaults import ORGAN, Given, given_ledger, person

ROW = '{"kind":"blood-donated","name":"某乙","document_number":"H00000001"}'.encode()
OFFICER = "officer:0001"


@pytest.fixture
def given(ledger_db: Database, tmp_path: Path) -> Iterator[Given]:
    with given_ledger(ledger_db, tmp_path / "kek") as one:
        yield one


def held(given: Given, who: Person, content: bytes = ROW) -> HeldRow:
    [resolution] = given.resolve(who)
    assert resolution.why is not None
    [row] = given.held.hold([RowToHold(who, ORGAN, resolution.why, content)])
    return row


def test_a_held_row_waits_and_shows_nothing_of_the_person(given: Given) -> None:
    given.subject(person(1, "某甲"))
    row = held(given, person(1, "某乙"))

    assert given.held.waiting() == [row]
    assert (row.organ, row.why, row.decision) == (ORGAN, Why.OTHER_NAME, None)
    assert "某乙" not in repr(row)


def test_the_content_comes_out_as_it_went_in(given: Given) -> None:
    given.subject(person(1))
    contents = [b"", b"x" * 251, b"x" * 252, b"x" * 253, ROW]

    assert [given.held.content(held(given, person(1, "某乙"), one).held_id) for one in contents] == contents


def test_the_content_of_one_row_does_not_open_as_anothers(given: Given) -> None:
    given.subject(person(1))
    one, other = held(given, person(1, "某乙"), b"one"), held(given, person(1, "某乙"), b"other")
    exchange = given.desk.sessions.sql(
        "UPDATE {vault}.held SET sealed = (SELECT sealed FROM {vault}.held WHERE held_id = %s) WHERE held_id = %s"
    )
    given.desk.sessions.run(lambda connection: connection.execute(exchange, [one.held_id, other.held_id]))

    with pytest.raises(CannotOpen):
        given.held.content(other.held_id)


def test_a_row_that_comes_again_is_held_once(given: Given) -> None:
    given.subject(person(1))
    first, again = held(given, person(1, "某乙")), held(given, person(1, "某乙"))

    assert first == again
    assert len(given.held.waiting()) == 1


def test_a_row_that_was_decided_is_not_asked_again(given: Given) -> None:
    given.subject(person(1))
    row = held(given, person(1, "某乙"))
    given.held.confirm(row.held_id, Decision.REJECTED, OFFICER)
    [again] = given.held.hold([RowToHold(person(1, "某乙"), ORGAN, Why.OTHER_NAME, ROW)])

    assert (again.held_id, again.decision) == (row.held_id, Decision.REJECTED)
    assert given.held.waiting() == []


def test_the_same_person_gets_the_other_spelling_as_a_name(given: Given) -> None:
    subject = given.subject(person(1, "某甲"))
    row = held(given, person(1, "某乙"))
    decided = given.held.confirm(row.held_id, Decision.SAME_PERSON, OFFICER)
    [resolution] = given.resolve(person(1, "某乙"))

    assert (decided.subject, decided.decided_by) == (subject, OFFICER)
    assert (resolution.outcome, resolution.subject) == (Outcome.KNOWN, subject)
    assert given.held.content(row.held_id) == ROW


def test_another_person_with_the_number_gets_a_subject_of_their_own(given: Given) -> None:
    first = given.subject(person(1, "某甲"))
    row = held(given, person(1, "某乙"))
    decided = given.held.confirm(row.held_id, Decision.OTHER_PERSON, OFFICER)

    assert decided.subject == given.subject(person(1, "某乙")) != first
    assert given.subject(person(1, "某甲")) == first


def test_a_number_of_two_persons_needs_a_name(given: Given) -> None:
    first = given.subject(person(1, "某甲"))
    given.held.confirm(held(given, person(1, "某乙")).held_id, Decision.OTHER_PERSON, OFFICER)
    row = held(given, person(1, None), b"no name")
    with pytest.raises(HeldRowUndecidable):
        given.held.confirm(row.held_id, Decision.SAME_PERSON, OFFICER)
    decided = given.held.confirm(row.held_id, Decision.SAME_PERSON, OFFICER, first)

    assert row.why is Why.SEVERAL_PERSONS
    assert decided.subject == first


def test_a_row_without_a_name_waits_until_somebody_has_the_number(given: Given) -> None:
    row = held(given, person(1, None), b"no name")
    for decision in (Decision.SAME_PERSON, Decision.OTHER_PERSON):
        with pytest.raises(HeldRowUndecidable):
            given.held.confirm(row.held_id, decision, OFFICER)
    subject = given.subject(person(1, "某甲"))

    assert given.held.confirm(row.held_id, Decision.SAME_PERSON, OFFICER).subject == subject


def test_a_rejected_row_keeps_no_content(given: Given) -> None:
    given.subject(person(1))
    row = held(given, person(1, "某乙"))
    decided = given.held.confirm(row.held_id, Decision.REJECTED, OFFICER)

    assert given.held.content(row.held_id) is None
    assert decided.subject is None
    assert given.resolve(person(1, "某乙"))[0].outcome is Outcome.HELD


def test_a_decided_row_lets_its_content_go_once_it_was_imported(given: Given) -> None:
    given.subject(person(1))
    row = held(given, person(1, "某乙"))
    given.held.let_go(row.held_id)
    waiting = given.held.content(row.held_id)
    given.held.confirm(row.held_id, Decision.SAME_PERSON, OFFICER)
    given.held.let_go(row.held_id)

    assert waiting == ROW
    assert given.held.content(row.held_id) is None


def test_the_same_decision_again_is_the_same_answer(given: Given) -> None:
    given.subject(person(1))
    row = held(given, person(1, "某乙"))
    first = given.held.confirm(row.held_id, Decision.OTHER_PERSON, OFFICER)

    assert given.held.confirm(row.held_id, Decision.OTHER_PERSON, "officer:0002") == first


def test_another_decision_afterwards_is_refused(given: Given) -> None:
    given.subject(person(1))
    row = held(given, person(1, "某乙"))
    given.held.confirm(row.held_id, Decision.SAME_PERSON, OFFICER)

    with pytest.raises(HeldRowDecided):
        given.held.confirm(row.held_id, Decision.OTHER_PERSON, OFFICER)


def test_two_rows_of_one_name_are_decided_alike(given: Given) -> None:
    given.subject(person(1))
    one, other = (held(given, person(1, "某乙"), content) for content in (b"one", b"other"))
    given.held.confirm(one.held_id, Decision.SAME_PERSON, OFFICER)

    with pytest.raises(HeldRowDecided):
        given.held.confirm(other.held_id, Decision.OTHER_PERSON, OFFICER)


def test_eight_officers_at_once_mint_one_other_person(given: Given) -> None:
    given.subject(person(1))
    row = held(given, person(1, "某乙"))
    with ThreadPoolExecutor(8) as officers:
        told = officers.map(
            lambda n: given.held.confirm(row.held_id, Decision.OTHER_PERSON, f"officer:{n:04d}"), range(8)
        )
        subjects = {decided.subject for decided in told}

    assert len(subjects) == 1
    assert given.vault_rows("SELECT count(*) FROM {vault}.subjects") == [(2,)]


@pytest.mark.parametrize("decision", [*Decision])
def test_a_row_that_nobody_holds_is_unknown(given: Given, decision: Decision) -> None:
    expected: type[Refusal] = HeldRowUndecidable if decision in UNDECIDABLE else HeldRowUnknown

    with pytest.raises(expected):
        given.held.confirm(uuid4(), decision, OFFICER)


def test_the_queue_is_read_page_by_page_oldest_first(given: Given) -> None:
    given.subject(person(1))
    rows = [held(given, person(1, "某乙"), f"row {n}".encode()) for n in range(7)]
    pages, last = [], None
    while page := given.held.waiting(after=last, limit=3):
        pages.append(len(page))
        last = page[-1]

    assert pages == [3, 3, 1]
    assert given.held.waiting() == rows


def test_holding_nothing_is_nothing(given: Given) -> None:
    assert given.held.hold([]) == []
