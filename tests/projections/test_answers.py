"""Answers at any coordinate: as of a day, as at a position or an instant, at any place."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import psycopg
import pytest

from domain import facts
from domain.errors import (
    PositionUnknown,
    ProjectionBehind,
    RulebookNotSound,
    SubjectErased,
    SubjectQuarantined,
    SubjectUnknown,
)
from domain.facts import Stream
from domain.rulebook.resolution import RulebookSet
from ledger.streams import named
from projections.answers import Answers
from projections.coordinates import position_at
from projections.projection import ProjectionBroken
from tests.projections.given import TODAY, GivenLedger, subject
from tests.projections.tables import province

YINZHOU, HAISHU = "330212", "330203"
RESIDENT = subject(1)


def insurance(month: str, place: str = YINZHOU) -> facts.InsuranceMonthPaid:
    return facts.InsuranceMonthPaid(month=month, place=place)


class Asked:
    """Folds what there is by now, then asks."""

    def __init__(self, ledger: GivenLedger, runner: psycopg.Connection, asking: psycopg.Connection) -> None:
        self.ledger, self.runner = ledger, runner
        self.answers = Answers(asking, ledger.schemas)

    def points(self, as_at: int | datetime | None = None, as_of: date = TODAY, place: str = YINZHOU) -> int:
        self.ledger.run_all(self.runner)
        return self.answers.score(RESIDENT, place, as_of, as_at).score.total


@pytest.fixture
def asked(ledger: GivenLedger, runner_connection: psycopg.Connection) -> Iterator[Asked]:
    ledger.publish(province())
    with ledger.connect() as asking:
        yield Asked(ledger, runner_connection, asking)


def recorded_at(ledger: GivenLedger, position: int) -> datetime:
    with ledger.connect() as connection:
        found = connection.execute(
            "SELECT recorded_at FROM entries WHERE notification_id = %s", [position]
        ).fetchone()
    assert found is not None
    instant = found[0]
    assert isinstance(instant, datetime)
    return instant


def test_a_fact_that_came_late_is_not_in_the_answer_of_before(ledger: GivenLedger, asked: Asked) -> None:
    ledger.append(RESIDENT, insurance("2025-01"))
    before = ledger.head()
    ledger.append(RESIDENT, insurance("2024-01"))

    assert (asked.points(as_at=before), asked.points()) == (50, 100)


def test_the_score_of_before_a_void_is_still_given(ledger: GivenLedger, asked: Asked) -> None:
    paid = ledger.append(RESIDENT, insurance("2025-01"))
    before = ledger.head()
    ledger.append(RESIDENT, facts.FactVoided(reason="source-error"), refers_to=paid)

    assert (asked.points(as_at=before), asked.points()) == (50, 0)


def test_at_a_glance_and_step_by_step_the_answer_is_the_same(ledger: GivenLedger, asked: Asked) -> None:
    other = subject(2)
    tie = facts.FamilyTieRecorded(tie="spouse", subject=RESIDENT, other=other, since=date(2025, 1, 1), spell="T")
    paid = ledger.append(RESIDENT, insurance("2025-01"), insurance("2025-02"))
    steps: list[Callable[[], object]] = [
        lambda: ledger.append(RESIDENT, facts.ParticularsCorrected(born_on=date(1990, 6, 1))),
        lambda: ledger.append(RESIDENT, facts.FactVoided(reason="source-error"), refers_to=paid),
        lambda: ledger.publish(province("1")),
        lambda: ledger.append(named(Stream.FAMILY, f"{RESIDENT} {other}"), tie),
        lambda: ledger.append(other, facts.FactVoided(reason="wrong-person"), refers_to=paid),
    ]
    totals = []
    for step in steps:
        step()
        asked.points()  # the rules are remembered from here on
        asked.points()
        seen = asked.answers.score(RESIDENT, YINZHOU, TODAY)

        assert seen == asked.answers.score(RESIDENT, YINZHOU, TODAY, as_at=seen.as_at)
        totals.append(seen.score.total)

    assert totals == [2100, 2050, 2100, 2100, 2100]


def test_a_corrected_birth_date_counts_from_its_position_on(ledger: GivenLedger, asked: Asked) -> None:
    ledger.append(RESIDENT, facts.ParticularsCorrected(born_on=date(1984, 1, 1)))
    before = ledger.head()
    ledger.append(RESIDENT, facts.ParticularsCorrected(born_on=date(1983, 1, 1)))

    assert (asked.points(as_at=before), asked.points()) == (1800, 1700)


def test_a_rulebook_counts_from_its_publication_on(ledger: GivenLedger, asked: Asked) -> None:
    ledger.append(RESIDENT, insurance("2025-01"))
    before = ledger.head()
    ledger.publish(province("1"))

    assert (asked.points(as_at=before), asked.points()) == (50, 100)


def test_as_of_is_the_civil_day(ledger: GivenLedger, asked: Asked) -> None:
    ledger.append(RESIDENT, insurance("2025-01"), insurance("2025-06"))

    assert [asked.points(as_of=date(2025, month, 1)) for month in (1, 5, 7)] == [50, 50, 100]


def test_an_instant_stands_for_the_last_position_recorded_by_then(ledger: GivenLedger, asked: Asked) -> None:
    ledger.append(RESIDENT, insurance("2025-01"))
    instant = recorded_at(ledger, ledger.head())
    ledger.append(RESIDENT, insurance("2025-02"))

    assert (asked.points(as_at=instant), asked.points(as_at=instant + timedelta(minutes=1))) == (50, 100)


def test_what_will_be_known_at_an_instant_to_come_is_not_answered(ledger: GivenLedger, asked: Asked) -> None:
    ledger.append(RESIDENT, insurance("2025-01"))
    instant = recorded_at(ledger, ledger.head())

    with pytest.raises(PositionUnknown):
        asked.points(as_at=instant + timedelta(days=1))


def test_every_instant_finds_its_position_whatever_holes_there_are(ledger: GivenLedger) -> None:
    positions = []
    for number in range(8):
        ledger.append_all((RESIDENT, insurance(f"2025-{month:02d}")) for month in range(1, 2 + number % 3))
        positions.append(ledger.head())
        ledger.skip_positions(number)
    instants = [recorded_at(ledger, position) for position in positions]

    with ledger.connect() as connection, connection.cursor() as cursor:
        found = [position_at(cursor, ledger.schemas, instant) for instant in instants]
        before = position_at(cursor, ledger.schemas, instants[0] - timedelta(microseconds=1))
    assert (found, before) == (positions, 0)


def test_a_void_from_another_stream_counts_in_the_answer(ledger: GivenLedger, asked: Asked) -> None:
    paid = ledger.append(RESIDENT, insurance("2025-01"))
    ledger.append(subject(2), facts.FactVoided(reason="wrong-person"), refers_to=paid)

    assert asked.points() == 0


def test_any_place_may_be_asked_and_another_than_home_is_a_trial(ledger: GivenLedger, asked: Asked) -> None:
    ledger.append(
        RESIDENT,
        facts.PermitIssued(on=date(2025, 7, 1), place=YINZHOU, permit="P1"),
        facts.ResidenceRegistered(registered_on=date(2025, 6, 1), place=HAISHU, spell="R1"),
        insurance("2025-01", HAISHU),
    )
    asked.points()

    assert [asked.answers.score(RESIDENT, place, TODAY).trial for place in (YINZHOU, "330282")] == [False, True]
    homes = asked.answers.home_scores(RESIDENT, TODAY)
    assert [(answer.score.place, answer.trial) for answer in homes] == [(YINZHOU, False), (HAISHU, True)]


def test_a_town_is_scored_by_its_district(ledger: GivenLedger, asked: Asked) -> None:
    ledger.append(RESIDENT, insurance("2025-01"))

    assert asked.points(place="330212002") == 50


def test_a_score_may_be_asked_under_a_rulebook_that_is_not_in_force(ledger: GivenLedger, asked: Asked) -> None:
    ledger.append(RESIDENT, insurance("2025-01"))
    asked.points()
    under = RulebookSet.of([province("3")])

    assert asked.answers.score(RESIDENT, YINZHOU, TODAY, under=under).score.total == 300


def test_the_rulebooks_in_force_are_named(ledger: GivenLedger, asked: Asked) -> None:
    ledger.run_all(asked.runner)

    assert [one.hash for one in asked.answers.rulebooks(YINZHOU, TODAY).documents] == [province().hash]
    assert asked.answers.rulebooks(YINZHOU, TODAY, as_at=0).documents == ()


def test_a_rulebook_that_this_release_cannot_read_is_refused_by_name(ledger: GivenLedger, asked: Asked) -> None:
    document = province()
    newer = replace(document, tree={**document.tree, "unheard_of": True}, hash="f" * 64)
    ledger.publish(newer)
    ledger.append(RESIDENT, insurance("2025-01"))

    with pytest.raises(ProjectionBroken):
        asked.points()
    with pytest.raises(RulebookNotSound):
        asked.answers.score(RESIDENT, YINZHOU, TODAY)


def test_nothing_known_is_refused(ledger: GivenLedger, asked: Asked) -> None:
    before = ledger.head()
    ledger.append(RESIDENT, insurance("2025-01"))
    ledger.run_all(asked.runner)

    with pytest.raises(SubjectUnknown):
        asked.answers.score(subject(9), YINZHOU, TODAY)
    with pytest.raises(SubjectUnknown):
        asked.answers.score(RESIDENT, YINZHOU, TODAY, as_at=before)


def test_an_erased_subject_is_told_apart_from_an_unknown_one(ledger: GivenLedger, asked: Asked) -> None:
    ledger.append(RESIDENT, insurance("2025-01"))
    ledger.destroy_key(RESIDENT)

    with pytest.raises(SubjectErased):
        asked.points()


def test_a_position_that_is_not_there_is_refused(asked: Asked) -> None:
    asked.ledger.run_all(asked.runner)

    for position in (-1, asked.ledger.head() + 1):
        with pytest.raises(PositionUnknown):
            asked.answers.score(RESIDENT, YINZHOU, TODAY, as_at=position)


def test_a_position_that_is_not_folded_yet_is_refused(ledger: GivenLedger, asked: Asked) -> None:
    ledger.run_all(asked.runner)
    ledger.append(RESIDENT, insurance("2025-01"))

    with pytest.raises(ProjectionBehind):
        asked.answers.score(RESIDENT, YINZHOU, TODAY, as_at=ledger.head())


def test_who_stands_still_is_answered_up_to_the_entry_that_cannot_be_folded(
    ledger: GivenLedger, asked: Asked
) -> None:
    ledger.append(RESIDENT, insurance("2025-01"))
    before = ledger.head()
    ledger.append_stored([ledger.unknown(RESIDENT)])
    ledger.append(subject(2), insurance("2025-01"))

    assert asked.points(as_at=before) == 50
    with pytest.raises(SubjectQuarantined):
        asked.points()
