"""Taking away what opens an entry: by two people, said by an entry, and nothing else is touched."""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.errors import (
    ApprovalTaken,
    EntryUnknown,
    KeyDestroyed,
    NothingProposed,
    NotRestricted,
    SamePerson,
    SubjectUnknown,
)
from domain.facts import (
    BloodDonated,
    EntryExpunged,
    FactCorrected,
    IdentityMinted,
    InsuranceMonthPaid,
    Ref,
    RestrictedFact,
    SubjectKeyDestroyed,
)
from ledger.database import Database, DatabaseRefused
from ledger.suites import SUITES, SuiteName
from ledger.vault.erasure import content_of_destroying, content_of_expunging
from ledger.vault.held import Decision, RowToHold
from ledger.vault.identities import Outcome, Why
from tests.ledger.vaults import ALLOWING, ASKING, ON, ORGAN, Given, given_ledger, person

OFFENCE = RestrictedFact(category="offence", level="detention", place="330212", acted_on=date(2025, 3, 1))
LISTING = RestrictedFact(category="credit", level="listed", place="330212", acted_on=date(2025, 4, 1))
MONTH = InsuranceMonthPaid(month="2025-03", place="330212", base_fen=481_200)
PLAIN = InsuranceMonthPaid(month="2025-04", place="330212")
BLOOD = BloodDonated(place="330212", donated_on=date(2025, 3, 1), millilitres=400)


@pytest.fixture(params=SUITES)
def given(request: pytest.FixtureRequest, ledger_db: Database, tmp_path: Path) -> Iterator[Given]:
    suite: SuiteName = request.param
    with given_ledger(ledger_db, tmp_path / "kek", suite) as one:
        yield one


@pytest.fixture
def subject(given: Given) -> UUID:
    return given.subject(person(1))


def test_an_expunged_entry_opens_no_more_and_its_neighbours_do(given: Given, subject: UUID) -> None:
    offence, listing = given.record(subject, OFFENCE, "1").ref, given.record(subject, LISTING, "2").ref
    given.record(subject, BLOOD, "3")
    given.expunged(offence)

    assert given.facts(subject)[1:] == [None, LISTING, BLOOD]
    assert listing.version == 3


def test_a_restricted_correction_is_expunged_like_a_restricted_fact(given: Given, subject: UUID) -> None:
    offence = given.record(subject, OFFENCE, "1").ref
    correction = FactCorrected(reason="agency-error", replacement=LISTING)
    corrected = given.record(subject, correction, "2", refers_to=offence).ref
    given.expunged(corrected)

    assert given.facts(subject)[1:] == [OFFENCE, None]


def test_an_entry_says_what_was_expunged_and_on_what_approval(given: Given, subject: UUID) -> None:
    offence = given.record(subject, OFFENCE, "1").ref
    receipt = given.expunged(offence)
    [said] = given.desk.ledger.history(receipt.stream)
    content = content_of_expunging(given.ring.suite, offence)

    assert said.fact == EntryExpunged(approval=content.hex(), basis="法定封存")
    assert said.hand.refers_to == offence


def test_expunging_needs_two_people(given: Given, subject: UUID) -> None:
    offence = given.record(subject, OFFENCE, "1").ref
    content = content_of_expunging(given.ring.suite, offence)
    with pytest.raises(NothingProposed):
        given.erasure.expunge_entry(offence, "法定封存", ASKING, ON)
    given.desk.approvals.propose("expunge-entry", content, ASKING, "依法封存")
    with pytest.raises(NothingProposed):
        given.erasure.expunge_entry(offence, "法定封存", ASKING, ON)
    with pytest.raises(SamePerson):
        given.desk.approvals.approve("expunge-entry", content, ASKING)

    assert given.facts(subject)[1:] == [OFFENCE]


def test_an_approval_for_one_entry_expunges_no_other(given: Given, subject: UUID) -> None:
    offence, listing = given.record(subject, OFFENCE, "1").ref, given.record(subject, LISTING, "2").ref
    given.approved_expunging(offence)

    with pytest.raises(NothingProposed):
        given.erasure.expunge_entry(listing, "法定封存", ASKING, ON)


def test_only_restricted_entries_are_expunged_alone(given: Given, subject: UUID) -> None:
    month = given.record(subject, MONTH, "1").ref
    with pytest.raises(NotRestricted):
        given.expunged(month)
    with pytest.raises(EntryUnknown):
        given.expunged(Ref(stream=subject, version=99))

    assert given.facts(subject)[1:] == [MONTH]


def test_expunging_again_gives_the_first_receipt(given: Given, subject: UUID) -> None:
    offence = given.record(subject, OFFENCE, "1").ref
    first = given.expunged(offence)
    again = given.erasure.expunge_entry(offence, "另一种说法", ALLOWING, ON)

    assert (again.ref, again.leaf, again.new) == (first.ref, first.leaf, False)


def test_a_row_of_an_expunged_entry_that_comes_again_is_a_repeated_request(given: Given, subject: UUID) -> None:
    first = given.record(subject, OFFENCE, "1")
    given.expunged(first.ref)
    again = given.record(subject, OFFENCE, "1")

    assert (again.ref, again.new) == (first.ref, False)
    assert given.facts(subject)[1:] == [None]


def test_a_destroyed_key_opens_nothing_of_the_subject_and_all_of_others(given: Given, subject: UUID) -> None:
    other = given.subject(person(2))
    for one in (subject, other):
        for source_id, fact in enumerate((MONTH, BLOOD, OFFENCE, PLAIN)):
            given.record(one, fact, f"{one}/{source_id}")
    given.destroyed(subject)
    identity, *facts, said = given.facts(subject)

    assert (identity, facts) == (None, [None, None, None, PLAIN])
    assert isinstance(said, SubjectKeyDestroyed)
    assert isinstance(given.facts(other)[0], IdentityMinted)
    assert given.facts(other)[1:] == [MONTH, BLOOD, OFFENCE, PLAIN]


def test_nothing_more_is_recorded_for_a_destroyed_subject(given: Given, subject: UUID) -> None:
    given.destroyed(subject)

    with pytest.raises(KeyDestroyed):
        given.record(subject, MONTH, "1")


def test_a_row_about_an_erased_person_is_refused_under_every_name(given: Given, subject: UUID) -> None:
    given.destroyed(subject)
    told = [given.resolve(person(1, name))[0] for name in ("某甲", "某 甲", "某乙", None)]

    assert {(one.outcome, one.subject) for one in told} == {(Outcome.ERASED, None)}
    assert given.resolve(person(2))[0].outcome is Outcome.MINTED


def test_destroying_needs_two_people(given: Given, subject: UUID) -> None:
    with pytest.raises(NothingProposed):
        given.erasure.destroy_key(subject, "本人申请", ASKING, ON)
    given.desk.approvals.propose(
        "destroy-key", content_of_destroying(given.ring.suite, subject), ASKING, "本人申请删除"
    )
    with pytest.raises(NothingProposed):
        given.erasure.destroy_key(subject, "本人申请", ASKING, ON)

    assert given.ring.owner_key(subject) is not None


def test_destroying_again_gives_the_first_receipt(given: Given, subject: UUID) -> None:
    first = given.destroyed(subject)
    again = given.erasure.destroy_key(subject, "另一种说法", ALLOWING, ON)

    assert (again.ref, again.new) == (first.ref, False)


def test_a_subject_that_nobody_knows_is_not_destroyed(given: Given) -> None:
    with pytest.raises(SubjectUnknown):
        given.destroyed(uuid4())


def test_the_salts_of_a_destroyed_subjects_entries_go_along(given: Given, subject: UUID) -> None:
    other = given.subject(person(2))
    given.record(subject, OFFENCE, "1")
    given.record(other, OFFENCE, "2")
    given.destroyed(subject)

    assert given.vault_rows("SELECT count(wrapped), count(*) FROM {vault}.salts") == [(1, 2)]


def test_an_erased_persons_number_stays_with_the_other_who_has_it(given: Given) -> None:
    first = given.subject(person(1, "某甲"))
    [row] = given.held.hold([RowToHold(person(1, "某乙"), ORGAN, Why.OTHER_NAME, b"row")])
    second = given.held.confirm(row.held_id, Decision.OTHER_PERSON, "officer:0001").subject
    given.subject(person(1, "某乙"))
    given.destroyed(first)

    assert given.resolve(person(1, "某甲"))[0].outcome is Outcome.ERASED
    assert given.resolve(person(1, "某乙"))[0].subject == second
    assert given.resolve(person(1, None))[0].subject == second


def test_held_rows_of_an_erased_person_are_emptied(given: Given, subject: UUID) -> None:
    given.subject(person(2))
    mine, theirs = given.held.hold(
        [RowToHold(person(n, "某乙"), ORGAN, Why.OTHER_NAME, b"row %d" % n) for n in (1, 2)]
    )
    given.destroyed(subject)

    assert (given.held.content(mine.held_id), given.held.row(mine.held_id).decision) == (None, Decision.ERASED)
    assert given.held.content(theirs.held_id) == b"row 2"


@pytest.mark.parametrize("number", [1, 2])
def test_no_held_row_that_was_dealt_with_says_by_its_number_that_somebody_was_erased(
    given: Given, subject: UUID, number: int
) -> None:
    given.subject(person(2))
    [row] = given.held.hold([RowToHold(person(number, "某乙"), ORGAN, Why.OTHER_NAME, b"row")])
    given.held.confirm(row.held_id, Decision.REJECTED, "officer:0001")
    given.destroyed(subject)
    index = given.desk.indexes.of(person(number)).document

    kept = given.vault_rows("SELECT document, name IS NULL FROM {vault}.held")
    assert [(document == index, bare) for document, bare in kept] == [(number == 2, number == 1)]


class Stopped(Exception):
    """The process ended here."""


def test_a_crash_before_the_entry_is_healed_by_running_it_again(
    given: Given, subject: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: Any) -> None:
        raise Stopped

    given.approved_destroying(subject)
    with monkeypatch.context() as broken:
        broken.setattr(given.desk.ledger, "record", stop)
        with pytest.raises(Stopped):
            given.erasure.destroy_key(subject, "本人申请", ASKING, ON)
    before = given.ring.owner_key(subject)
    given.erasure.destroy_key(subject, "本人申请", ASKING, ON)

    assert before is not None
    assert given.ring.owner_key(subject) is None


@pytest.mark.parametrize("again", ["the command", "finish"])
def test_a_crash_after_the_entry_is_healed(
    given: Given, subject: UUID, monkeypatch: pytest.MonkeyPatch, again: str
) -> None:
    def stop(*_: Any) -> None:
        raise Stopped

    offence = given.record(subject, OFFENCE, "1").ref
    given.approved_expunging(offence)
    given.approved_destroying(subject)
    with monkeypatch.context() as broken:
        broken.setattr(given.erasure, "_expunge", stop)
        broken.setattr(given.erasure, "_destroy", stop)
        with pytest.raises(Stopped):
            given.erasure.expunge_entry(offence, "法定封存", ASKING, ON)
        with pytest.raises(Stopped):
            given.erasure.destroy_key(subject, "本人申请", ASKING, ON)
    before = given.facts(subject)[1:2], given.ring.owner_key(subject) is None
    if again == "finish":
        done = given.erasure.finish()
    else:
        given.erasure.expunge_entry(offence, "法定封存", ASKING, ON)
        given.erasure.destroy_key(subject, "本人申请", ASKING, ON)
        done = 2

    assert before == ([OFFENCE], False)
    assert given.ring.owner_key(subject) is None
    assert (done, given.erasure.finish()) == (2, 0)


def test_an_approval_is_spent_on_one_entry(given: Given, subject: UUID) -> None:
    given.destroyed(subject)
    content = content_of_destroying(given.ring.suite, subject)

    with pytest.raises(ApprovalTaken):
        given.desk.approvals.use("destroy-key", content, os.urandom(32))


def test_the_database_itself_lets_no_key_go_without_the_entry(given: Given, subject: UUID) -> None:
    key = given.desk.ledger.recorder.select_events(subject)[0].key  # type: ignore[attr-defined]  # a stored entry has one
    given.record(subject, OFFENCE, "1")
    given.approved_destroying(subject)
    for call, values in (
        ("SELECT points_vault.destroy(%s, %s)", [subject, key]),
        ("SELECT points_vault.destroy(%s, %s)", [subject, os.urandom(32)]),
        ("SELECT points_vault.expunge(%s, %s)", [key, key]),
    ):
        with pytest.raises(DatabaseRefused, match="no approved entry"):
            given.desk.sessions.run(lambda connection: connection.execute(call, values))  # noqa: B023 - used up in this turn of the loop

    assert given.ring.owner_key(subject) is not None


def test_erasing_changes_no_row_of_the_ledger(given: Given, subject: UUID) -> None:
    offence = given.record(subject, OFFENCE, "1").ref
    before = given.desk.ledger.recorder.select_events(subject)
    given.expunged(offence)
    given.destroyed(subject)
    after = given.desk.ledger.recorder.select_events(subject)

    assert list(after)[: len(before)] == list(before)
    assert len(after) == len(before) + 1
