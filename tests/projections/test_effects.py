"""What would change if entries came or went: the same as what does change when they do."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from uuid import UUID

import psycopg
import pytest

from domain import facts
from domain.facts import Ref
from ledger.entry import Entry, Hand
from projections.answers import Answers
from projections.effects import SUBJECTS_MAX, Effect, Effects, Touched
from projections.forecast import Forecast
from projections.rules import RulesReader
from tests.projections.given import TODAY, GivenLedger, subject
from tests.projections.tables import province

YINZHOU = "330212"
PEOPLE = [subject(number) for number in range(30)]


def paid(month: str) -> facts.InsuranceMonthPaid:
    return facts.InsuranceMonthPaid(month=month, place=YINZHOU)


def forecast(of: Sequence[tuple[UUID, facts.Fact]], most: int = SUBJECTS_MAX) -> Touched:
    found = Forecast(Touched(most))
    for number, (stream, fact) in enumerate(of):
        entry = Entry(stream, Hand("clerk:1", "organ"), None, fact)
        found.entry(entry, Ref(stream=stream, version=10**6 + number))
    return found.touched


@contextmanager
def effects(ledger: GivenLedger, place: str | None = YINZHOU, on: date = TODAY) -> Iterator[Effects]:
    with ledger.connect() as connection, connection.cursor(binary=True) as cursor:
        yield Effects(cursor, ledger.schemas, RulesReader(ledger.schemas).at(cursor), on, place)


def told(ledger: GivenLedger, touched: Touched, place: str | None = YINZHOU) -> Effect:
    with effects(ledger, place) as found:
        return found.of(touched)


@pytest.fixture
def months(ledger: GivenLedger, runner_connection: psycopg.Connection) -> list[Ref]:
    """A month of everybody's, and the table of the province."""
    ledger.publish(province())
    refs = [ledger.append(one, paid("2025-01")) for one in PEOPLE]
    ledger.run_all(runner_connection)
    return refs


@pytest.mark.usefixtures("months")
def test_a_further_month_lifts_whoever_gets_it(ledger: GivenLedger) -> None:
    further = [(one, paid("2025-02")) for one in PEOPLE[:20]]
    repeated = [(one, paid("2025-01")) for one in PEOPLE[20:]]
    effect = told(ledger, forecast([*further, *repeated]))

    assert (effect.people, effect.sample) == (30, False)
    assert {name: effect.counts[name] for name in ("changed", "up", "down", "unchanged")} == {
        "changed": 20,
        "up": 20,
        "down": 0,
        "unchanged": 10,
    }
    assert [step for step in effect.steps if step[2]] == [(0, 1, 20)]
    assert effect.quantiles == {"p50": 5_000}


def test_voiding_takes_back_what_the_void_then_takes_back(
    ledger: GivenLedger, runner_connection: psycopg.Connection, months: list[Ref]
) -> None:
    foretold = Forecast(Touched())
    foretold.voids(months[:12])
    effect = told(ledger, foretold.touched)
    for ref in months[:12]:
        ledger.append(ref.stream, facts.FactVoided(reason="duplicate"), refers_to=ref)
    ledger.run_all(runner_connection)
    with ledger.connect() as connection:
        totals = [Answers(connection, ledger.schemas).score(one, YINZHOU, TODAY).score.total for one in PEOPLE]

    assert (effect.counts["down"], effect.steps[4]) == (12, (-1, 0, 12))
    assert totals == [0] * 12 + [50] * 18


@pytest.mark.usefixtures("months")
def test_counts_of_fewer_than_ten_people_are_withheld(ledger: GivenLedger) -> None:
    few = told(ledger, forecast([(one, paid("2025-02")) for one in PEOPLE[:3]]))
    some = told(ledger, forecast([(one, paid("2025-02" if n < 3 else "2025-01")) for n, one in enumerate(PEOPLE)]))

    assert set(few.counts.values()) == {None}
    assert {step[2] for step in few.steps} == {None}
    assert (some.counts["changed"], some.counts["unchanged"]) == (None, None)


@pytest.mark.usefixtures("months")
def test_people_not_known_yet_begin_from_nothing(ledger: GivenLedger) -> None:
    effect = told(ledger, forecast([(subject(number), paid("2025-02")) for number in range(100, 115)]))

    assert (effect.counts["new"], effect.counts["up"]) == (15, 15)


@pytest.mark.usefixtures("months")
def test_above_the_bound_a_sample_is_looked_at_and_the_number_estimated(ledger: GivenLedger) -> None:
    many = [(subject(number), paid("2025-02")) for number in range(4_000)]
    effect = told(ledger, forecast(many, most=1_000))

    assert (effect.sample, effect.looked_at, effect.counts["up"]) == (True, 1_000, 1_000)
    assert effect.people == pytest.approx(4_000, rel=0.1)


def test_a_sample_keeps_all_rows_of_whoever_is_in_it() -> None:
    whole, sample = forecast([], 50), forecast([], 10)
    for month in ("2025-01", "2025-02", "2025-03"):
        for one in PEOPLE:
            for touched in (whole, sample):
                [(_, [row])] = next(forecast([(one, paid(month))]).chunks())
                touched.add(one, [replace(row)])
    rows = {one: len(found) for chunk in sample.chunks() for one, found in chunk}

    assert rows == dict.fromkeys(sorted(PEOPLE)[:10], 3)


@pytest.mark.usefixtures("months")
def test_without_a_place_everybody_is_scored_at_home_or_where_their_facts_are(ledger: GivenLedger) -> None:
    effect = told(ledger, forecast([(one, paid("2025-02")) for one in PEOPLE]), place=None)

    assert (effect.counts["up"], effect.counts["nowhere"]) == (30, 0)
