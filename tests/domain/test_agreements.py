"""What was agreed, and what is overdue on a day."""

from datetime import date
from typing import Any

import pytest

from domain.agreements import agreements_of, overdue
from domain.coverage import Coverage, Feed
from domain.facts import FeedAgreed, FeedAgreementEnded

MONTHLY: dict[str, Any] = {
    "organ": "nb-hrss",
    "fact_kind": "insurance-month-paid",
    "place": "330200",
    "first_month": "2025-01",
}
JANUARY = 2025 * 12


def agreed(every: Any = "month", due_days: int = 20) -> FeedAgreed:
    return FeedAgreed(every=every, due_days=due_days, basis="数据共享协议", **MONTHLY)


def late(fact: FeedAgreed, on: date, *feeds: tuple[int, int], ended: str | None = None) -> list[tuple[int, int]]:
    facts = [fact] if ended is None else [fact, FeedAgreementEnded(last_month=ended, **MONTHLY)]
    [agreement] = agreements_of(facts)
    delivered = Coverage(Feed("insurance-month-paid", "330200", first, last, 1) for first, last in feeds)
    return [one.period[:2] for one in overdue(agreement, delivered, on)]


@pytest.mark.parametrize(("on", "count"), [(date(2025, 2, 20), 0), (date(2025, 2, 21), 1), (date(2025, 3, 21), 2)])
def test_a_month_is_overdue_from_the_day_after_it_was_due(on: date, count: int) -> None:
    assert len(late(agreed(), on)) == count


def test_a_month_that_was_delivered_is_not_overdue() -> None:
    found = late(agreed(), date(2025, 4, 30), (JANUARY, JANUARY), (JANUARY + 2, JANUARY + 2))

    assert found == [(JANUARY + 1, JANUARY + 1)]


def test_a_quarter_needs_all_its_months() -> None:
    whole = late(agreed("quarter"), date(2025, 5, 1), (JANUARY, JANUARY + 1), (JANUARY + 2, JANUARY + 2))
    part = late(agreed("quarter"), date(2025, 5, 1), (JANUARY, JANUARY + 1))

    assert (whole, part) == ([], [(JANUARY, JANUARY + 2)])


def test_nothing_is_due_after_the_agreement_has_ended() -> None:
    assert late(agreed(), date(2025, 12, 1), ended="2025-02") == [(JANUARY, JANUARY), (JANUARY + 1, JANUARY + 1)]


def test_on_the_last_day_itself_nothing_is_overdue_yet() -> None:
    assert late(agreed(due_days=0), date(2025, 1, 31)) == []
    assert late(agreed(due_days=0), date(2025, 2, 1)) == [(JANUARY, JANUARY)]
