"""What auditors look through: samples that can be drawn again, and lists of what is out of the ordinary."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import psycopg

from domain import facts
from domain.facts import FactVoided
from ledger.database import Role
from projections.audits import Audits
from tests.projections.given import ORGAN, GivenLedger, subject

YINZHOU = "330212"
ZONE = timedelta(hours=8)
BATCH = UUID("00000000-0000-4000-8000-00000000000b")


@contextmanager
def audits(ledger: GivenLedger) -> Iterator[Audits]:
    with ledger.database.connect(Role.AUDITOR) as connection, connection.cursor() as cursor:
        yield Audits(cursor, ledger.schemas, ZONE)


def months(ledger: GivenLedger, count: int, first: int = 0) -> None:
    paid = facts.InsuranceMonthPaid(month="2025-01", place=YINZHOU)
    ledger.append_all([(subject(number), paid) for number in range(first, first + count)])


def test_a_seed_draws_the_same_again_and_a_small_sample_begins_a_large_one(ledger: GivenLedger) -> None:
    months(ledger, 60)
    with audits(ledger) as looked:
        span = looked.span(None, None)
        ten, twenty = looked.sample("spot", 10, span), looked.sample("spot", 20, span)
        other = looked.sample("other", 10, span)

    assert twenty[:10] == ten
    assert len({one.position for one in twenty}) == 20
    assert {one.position for one in other} != {one.position for one in ten}


def test_what_came_after_the_span_changes_no_sample(ledger: GivenLedger) -> None:
    months(ledger, 30)
    with audits(ledger) as looked:
        span = looked.span(None, None)
        before = looked.sample("spot", 8, span)
    months(ledger, 30, first=100)
    with audits(ledger) as looked:
        assert looked.sample("spot", 8, looked.span(0, span.until)) == before


def test_every_entry_is_as_likely_as_any_other(ledger: GivenLedger) -> None:
    months(ledger, 20)
    drawn: dict[int, int] = {}
    with audits(ledger) as looked:
        span = looked.span(None, None)
        for seed in range(400):
            for one in looked.sample(str(seed), 5, span):
                drawn[one.position] = drawn.get(one.position, 0) + 1

    assert len(drawn) == 20
    assert all(60 < times < 145 for times in drawn.values())  # 100 are expected, with a deviation of 9


def test_late_facts_are_counted_by_organ_kind_and_batch(
    ledger: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    months(ledger, 3)
    ledger.append(subject(9), facts.InsuranceMonthPaid(month="2020-01", place=YINZHOU))
    ledger.run_all(runner_connection)
    with audits(ledger) as looked:
        span = looked.span(None, None)
        [all_late] = looked.late(span)
        [very_late] = looked.late(span, days=all_late.days_max - 1)
        none = looked.late(span, days=all_late.days_max)

    assert (all_late.organ, all_late.kind, all_late.facts) == (ORGAN, "insurance-month-paid.v1", 4)
    assert (very_late.facts, none) == (1, [])


def test_what_an_officer_records_by_hand_is_counted_and_what_systems_send_is_not(ledger: GivenLedger) -> None:
    months(ledger, 2)
    paid = facts.InsuranceMonthPaid(month="2025-02", place=YINZHOU)
    by_hand = [ledger.stored(subject(number), paid) for number in (1, 2, 3)]
    officers = ["officer:a", "officer:a", "officer:b"]
    ledger.append_stored(
        [
            replace(entry, hand=replace(entry.hand, source_class="manual", recorded_by=officer))
            for entry, officer in zip(by_hand, officers, strict=True)
        ]
    )
    with audits(ledger) as looked:
        found = looked.by_hand(looked.span(None, None))

    assert [(one.recorded_by, one.facts, one.subjects, round(one.share, 3)) for one in found] == [
        ("officer:a", 2, 2, 0.667),
        ("officer:b", 1, 1, 0.333),
    ]


def test_corrections_are_counted_by_the_batch_that_they_correct(ledger: GivenLedger) -> None:
    paid = facts.InsuranceMonthPaid(month="2025-02", place=YINZHOU)
    sent = [ledger.stored(subject(number), paid) for number in (1, 2, 3)]
    receipts = ledger.append_stored([replace(entry, hand=replace(entry.hand, batch_id=BATCH)) for entry in sent])
    for number, receipt in ((1, receipts[0]), (2, receipts[1])):
        ledger.append(subject(number), FactVoided(reason="source-error"), refers_to=receipt.ref)
    with audits(ledger) as looked:
        [found] = looked.corrected(looked.span(None, None))

    assert (found.batch_id, found.corrections, found.officers) == (BATCH, 2, 1)


def test_nothing_out_of_the_ordinary_gives_empty_lists(ledger: GivenLedger) -> None:
    with audits(ledger) as looked:
        span = looked.span(None, None)
        assert (looked.late(span), looked.by_hand(span), looked.corrected(span)) == ([], [], [])
        assert looked.sample("spot", 5, span) == []
