"""An erasure is refused while something bars it, whenever it was approved; holds and restrictions are by two."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import IntegrityError

from domain.errors import SubjectUnknown
from domain.facts import DisputeOpened, DisputeWithdrawn, FactVoided, InsuranceMonthPaid, RestrictedFact
from domain.retention import (
    DisputeRuns,
    LegalHoldBars,
    RestrictionStands,
    RetentionRuns,
    Schedule,
    SubjectIsRestricted,
)
from ledger.database import Database
from ledger.retention import HOUSE, schedule_in
from ledger.vault.erasure import Erasure
from ledger.vault.retaining import Retaining
from tests.ledger.vaults import ALLOWING, ASKING, ON, Given, given_ledger, person

MONTH = InsuranceMonthPaid(month="2025-03", place="330212", base_fen=481_200)
OFFENCE = RestrictedFact(category="offence", level="detention", place="330212", acted_on=date(2025, 3, 1))
OPENED = DisputeOpened(
    place="330212", dispute="D-1", item="zj.common/insurance", says="no-data", opened_on=ON, year=2025
)
LONG_AFTER = date(2199, 1, 1)


@pytest.fixture
def given(ledger_db: Database, tmp_path: Path) -> Iterator[Given]:
    with given_ledger(ledger_db, tmp_path / "kek") as one:
        yield one


@pytest.fixture
def subject(given: Given) -> UUID:
    return given.subject(person(1))


def under(given: Given, schedule: Schedule) -> Erasure:
    """Give the erasure under another schedule."""
    retaining = Retaining(given.desk.ledger, given.desk.approvals, schedule)
    return Erasure(retaining, given.desk.sessions, given.ring, given.log)


def test_a_key_is_kept_until_its_last_period_has_run_out(given: Given, subject: UUID) -> None:
    given.record(subject, MONTH, "1")
    house = under(given, schedule_in(HOUSE))
    given.approved_destroying(subject)
    with pytest.raises(RetentionRuns, match=r"until 20.*facts ×1"):
        house.destroy_key(subject, "本人申请", ASKING, ON)
    before = given.ring.owner_key(subject)
    house.destroy_key(subject, "本人申请", ASKING, LONG_AFTER)

    assert before is not None
    assert given.ring.owner_key(subject) is None


def test_nobody_is_asked_for_what_is_refused(given: Given, subject: UUID) -> None:
    given.record(subject, MONTH, "1")
    entry = given.record(subject, OFFENCE, "2").ref
    house = under(given, schedule_in(HOUSE))
    with pytest.raises(RetentionRuns):
        house.destroy_by_two(subject, "本人申请", ASKING, ON)
    with pytest.raises(RetentionRuns, match="facts ×1"):
        house.expunge_by_two(entry, "依法封存", ASKING, ON)

    assert given.desk.ledger.connection().__enter__().execute("SELECT count(*) FROM approvals").fetchone() == {
        "count": 0
    }


def test_what_was_sealed_by_law_is_expunged_at_once(given: Given, subject: UUID) -> None:
    entry = given.record(subject, OFFENCE, "1").ref
    given.record(subject, FactVoided(reason="sealed-by-law"), "2", refers_to=entry)
    house = under(given, schedule_in(HOUSE))
    asked = house.expunge_by_two(entry, "依法封存", ASKING, ON)
    done = house.expunge_by_two(entry, "依法封存", ALLOWING, ON)

    assert (asked, done is not None) == (None, True)
    assert given.facts(subject)[1] is None


def test_a_dispute_opened_after_the_approval_bars_it(given: Given, subject: UUID) -> None:
    given.approved_destroying(subject)
    given.record(subject, OPENED, "1")
    with pytest.raises(DisputeRuns, match="D-1"):
        given.erasure.destroy_key(subject, "本人申请", ASKING, ON)
    given.record(subject, DisputeWithdrawn(place="330212", dispute="D-1", withdrawn_on=ON), "2")
    given.erasure.destroy_key(subject, "本人申请", ASKING, ON)

    assert given.ring.owner_key(subject) is None


def test_what_comes_between_looking_and_saying_is_looked_at_again(
    given: Given, subject: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    given.approved_destroying(subject)
    looked = given.desk.retaining.check

    def and_then_a_dispute(one: UUID, on: date) -> int:
        seen = looked(one, on)
        given.record(subject, OPENED, "1")
        return seen

    with monkeypatch.context() as between:
        between.setattr(given.desk.retaining, "check", and_then_a_dispute)
        with pytest.raises(IntegrityError):
            given.erasure.destroy_key(subject, "本人申请", ASKING, ON)
    with pytest.raises(DisputeRuns):
        given.erasure.destroy_key(subject, "本人申请", ASKING, ON)

    assert given.ring.owner_key(subject) is not None


def test_a_legal_hold_is_placed_and_lifted_by_two_people_and_bars(given: Given, subject: UUID) -> None:
    retaining = given.desk.retaining
    asked = retaining.place_hold(subject, "H-1", "调取证据通知", ON, ASKING, "某案")
    placed = retaining.place_hold(subject, "H-1", "调取证据通知", ON, ALLOWING, "某案")
    given.approved_destroying(subject)
    with pytest.raises(LegalHoldBars, match="H-1"):
        given.erasure.destroy_key(subject, "本人申请", ASKING, ON)
    lifts = [retaining.lift_hold(subject, "H-1", "解除通知", ON, hand) for hand in (ASKING, ASKING, ALLOWING)]
    given.erasure.destroy_key(subject, "本人申请", ASKING, ON)

    assert (asked, placed is not None) == (None, True)
    assert [lift is not None for lift in lifts] == [False, False, True]
    assert given.ring.owner_key(subject) is None


def test_who_is_unknown_is_neither_held_nor_restricted(given: Given) -> None:
    with pytest.raises(SubjectUnknown):
        given.desk.retaining.place_hold(uuid4(), "H-1", "依据", ON, ASKING)
    with pytest.raises(SubjectUnknown):
        given.desk.retaining.restrict(uuid4(), "依据", ON, ASKING)


def test_staff_read_nothing_of_whom_processing_is_restricted_for(given: Given, subject: UUID) -> None:
    retaining, desk = given.desk.retaining, given.desk
    for hand in (ASKING, ALLOWING):
        retaining.restrict(subject, "个人信息保护法第四十七条", ON, hand)
    with pytest.raises(RestrictionStands):
        retaining.restrict(subject, "个人信息保护法第四十七条", ON, ASKING)
    with pytest.raises(SubjectIsRestricted):
        desk.history(subject, "officer:0001", "查阅")
    with pytest.raises(SubjectIsRestricted):
        desk.note("officer:0001", "inquiry", uuid4(), subject)
    desk.note("auditor:0001", "audit", subject, though_restricted=True)
    though = desk.history(subject, "auditor:0001", "审计", though_restricted=True)
    for hand in (ASKING, ALLOWING):
        retaining.lift_restriction(subject, "处理理由", ON, hand)

    assert len(though) == 2
    assert len(desk.history(subject, "officer:0001", "查阅")) == 3
    with desk.reads() as reads:
        assert reads.noted("officer:0001", "inquiry", [subject]) == set()
        assert [one.nth for one in reads.of(subject, ON).reads] == [6, 5, 4, 3, 2, 1]
