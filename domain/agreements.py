"""Agreements on feeds 数据交付约定: what an organ delivers how often, and what is overdue on a day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from domain.civil import first_day, month_of
from domain.coverage import Coverage
from domain.facts import Fact, FeedAgreed, FeedAgreementEnded

MONTHS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
"""How many months a period has."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """An organ delivers a kind for a place every period from a month on. Months are numbered as in domain/civil.py.

    `last_month` is the last that it speaks of; None: it goes on.
    """

    organ: str
    kind: str
    place: str
    first_month: int
    months: int
    due_days: int
    last_month: int | None = None

    def periods(self, today: date) -> Iterator["Period"]:
        """Give the periods that are due before a day, in order."""
        first = self.first_month
        while self.last_month is None or first <= self.last_month:
            period = Period(first, first + self.months - 1, self._due(first + self.months - 1))
            if period.due_on >= today:
                return
            yield period
            first += self.months

    def _due(self, last_month: int) -> date:
        """Give the day so many days after the last day of the period."""
        return first_day(last_month + 1) + timedelta(days=self.due_days - 1)


class Period(NamedTuple):
    """Months [first, last] and the last day on which they may be delivered."""

    first_month: int
    last_month: int
    due_on: date


class Overdue(NamedTuple):
    """A period that no complete feed covers though it was due."""

    agreement: Agreement
    period: Period


def agreements_of(facts: Iterable[Fact]) -> list[Agreement]:
    """Fold what was agreed and ended, in the order of positions; other facts are passed over."""
    found: dict[tuple[str, str, str, int], Agreement] = {}
    for fact in facts:
        match fact:
            case FeedAgreed():
                key = (fact.organ, fact.fact_kind, fact.place, month_of(fact.first_month))
                found.setdefault(key, Agreement(*key, MONTHS[fact.every], fact.due_days))
            case FeedAgreementEnded():
                key = (fact.organ, fact.fact_kind, fact.place, month_of(fact.first_month))
                if key in found:
                    found[key] = replace(found[key], last_month=month_of(fact.last_month))
            case _:
                continue
    return list(found.values())


def overdue(agreement: Agreement, delivered: Coverage, today: date) -> Iterator[Overdue]:
    """Say which periods are overdue, given the complete feeds of this organ."""
    for period in agreement.periods(today):
        if not delivered.covers(agreement.kind, agreement.place, period.first_month, period.last_month):
            yield Overdue(agreement, period)
