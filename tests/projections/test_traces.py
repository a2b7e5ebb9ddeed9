"""A trace tells of every entry what it did to the score, and all of them add up to it."""

import random
from datetime import date, timedelta, timezone
from decimal import Decimal

import psycopg
import pytest

from domain import facts
from domain.errors import SubjectUnknown
from domain.facts import Fact, FactVoided, Ref
from projections.answers import Answers
from projections.changes import When
from projections.traces import Trace, Traces
from tests.projections.given import TODAY, GivenLedger, subject
from tests.projections.tables import city, family, province

YINZHOU = "330212"
ZONE = timezone(timedelta(hours=8))
ONE = subject(1)


def month(text: str) -> facts.InsuranceMonthPaid:
    return facts.InsuranceMonthPaid(month=text, place=YINZHOU)


def traced(ledger: GivenLedger, runner: psycopg.Connection, as_at: int | None = None) -> Trace:
    ledger.run_all(runner)
    with ledger.connect() as asking:
        return Traces(asking, ledger.schemas, ZONE).trace(ONE, When(TODAY, as_at), YINZHOU)


def effects(trace: Trace) -> list[tuple[str, str]]:
    return [(step.difference, step.total) for step in trace.steps]


def test_each_entry_says_what_it_did(ledger: GivenLedger, runner_connection: psycopg.Connection) -> None:
    ledger.publish(province())
    first = ledger.append(ONE, month("2025-01"))
    ledger.append(ONE, month("2025-02"))
    ledger.append(ONE, FactVoided(reason="source-error"), refers_to=first)

    assert effects(traced(ledger, runner_connection)) == [("0.50", "0.50"), ("0.50", "1.00"), ("-0.50", "0.50")]


def test_a_rule_that_came_between_stands_with_the_next_entry_by_its_own_cause(
    ledger: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    ledger.append(ONE, month("2025-01"))
    ledger.publish(province())
    ledger.append(ONE, month("2025-02"))
    trace = traced(ledger, runner_connection)

    change = trace.steps[1].change
    assert effects(trace) == [("0.00", "0.00"), ("1.00", "1.00")]
    assert change is not None
    assert {name: change.points(units) for name, units in change.sums.items()} == {"rules": "1.00"}


def test_what_came_after_the_last_entry_has_a_line_of_its_own(
    ledger: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    ledger.append(ONE, month("2025-01"))
    ledger.publish(province())
    trace = traced(ledger, runner_connection)

    assert [step.entry is None for step in trace.steps] == [False, True]
    assert effects(trace) == [("0.00", "0.00"), ("0.50", "0.50")]


def test_how_late_an_entry_was_is_counted_from_the_end_of_its_month(
    ledger: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    ledger.publish(province())
    ledger.append(ONE, month("2025-01"))
    step = traced(ledger, runner_connection).steps[0]

    assert step.entry is not None
    recorded = step.entry.recorded_at.astimezone(ZONE).date()
    assert (step.true_from, step.true_until) == (date(2025, 1, 1), date(2025, 2, 1))
    assert step.days_late == (recorded - date(2025, 2, 1)).days


def test_nobody_has_no_trace(ledger: GivenLedger, runner_connection: psycopg.Connection) -> None:
    with pytest.raises(SubjectUnknown):
        traced(ledger, runner_connection)


@pytest.mark.parametrize("seed", range(8))
def test_the_effects_add_up_to_the_score_at_every_position(
    ledger: GivenLedger, runner_connection: psycopg.Connection, seed: int
) -> None:
    chance = random.Random(seed)
    books = [city(), family()]
    ledger.publish(province())
    sent: list[Ref] = []
    for _ in range(25):
        act = chance.randrange(8)
        if act == 0 and books:
            ledger.publish(books.pop())
        elif act == 1 and sent:
            ledger.append(ONE, FactVoided(reason="source-error"), refers_to=sent.pop(chance.randrange(len(sent))))
        elif act == 2:
            ledger.append(subject(2), month("2025-03"))
        elif act == 3:
            ledger.deliver("insurance-month-paid", YINZHOU, "2025-01", "2025-06")
        else:
            sent.append(ledger.append(ONE, _fact(chance)))
    ledger.append(ONE, month("2024-07"))
    head = ledger.head()

    for as_at in (head, head - 7):
        trace = traced(ledger, runner_connection, as_at)
        with ledger.connect() as asking:
            score = Answers(asking, ledger.schemas).score(ONE, YINZHOU, TODAY, as_at).score
        assert Decimal(trace.total) == Decimal(score.points(score.total))
        assert sum(Decimal(step.difference) for step in trace.steps) == Decimal(trace.total)


def _fact(chance: random.Random) -> Fact:
    if chance.random() < 0.7:
        return month(f"2025-{chance.randint(1, 12):02}")
    return facts.BloodDonated(place=YINZHOU, donated_on=date(2025, chance.randint(1, 12), 3), millilitres=200)
