"""Spells: dated periods, merged half-open before anything is counted."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from domain.civil import add_months, days, full_months
from domain.countable import SPELLS, countable
from domain.knowledge import Ignored, InForce, Why
from domain.measures.base import OfFacts, Reading, Run
from domain.view import Counted, View

Period = tuple[date, date]


class Spells(OfFacts):
    """时段: dated periods, merged half-open: overlapping and touching spells are one.

    `full_months` and `full_years` are counted in each merged period and added up; `days` are pooled. `run: last` is
    the period that reaches the as-of day, `longest` the longest.
    """

    kind: Literal["spells"]
    of: Annotated[str, countable(*SPELLS)]
    count_: Annotated[Literal["full_months", "full_years", "days"], Field(alias="count")] = "full_months"
    run: Run = "all"

    def count(self, view: View, reading: Reading) -> Counted:
        """Count the merged periods up to the as-of day."""
        selection = view.select(self.of, self.scope or reading.scope)
        ignored = list(selection.ignored)
        since = add_months(view.as_of, -self.window) if self.window else date.min
        spans: list[tuple[date, date, InForce]] = []
        for fact in selection.facts:
            starts_on, end = fact.row.starts_on or view.as_of, fact.end(view.as_of)
            if end is not None and end <= starts_on:
                ignored.append(Ignored(fact.row, Why.EMPTY))
            elif end is not None and end <= since:
                ignored.append(Ignored(fact.row, Why.OUT_OF_WINDOW))
            else:
                until = view.as_of if end is None or end > view.as_of else end
                spans.append((max(starts_on, since), until, fact))
        periods = self._kept(merged((start, until) for start, until, _ in spans), view.as_of)
        used = []
        for start, until, fact in spans:
            if any(first <= start and until <= last for first, last in periods):
                used.append(fact.row)
            else:
                ignored.append(Ignored(fact.row, Why.BROKEN_RUN))
        quantity = sum(self._length(period) for period in periods)
        unit = {"full_months": "months", "full_years": "full_years", "days": "days"}[self.count_]
        return Counted(quantity, unit, used, ignored, found=bool(selection.facts), periods=periods)

    def _kept(self, periods: list[Period], as_of: date) -> list[Period]:
        if self.run == "last":
            return [period for period in periods[-1:] if period[1] == as_of]
        if self.run == "longest" and periods:
            return [max(periods, key=lambda period: (self._length(period), days(*period), period))]
        return periods

    def _length(self, period: Period) -> int:
        if self.count_ == "days":
            return days(*period)
        months = full_months(*period)
        return months if self.count_ == "full_months" else months // 12


def merged(periods: Iterable[Period]) -> list[Period]:
    """Join half-open periods that overlap or touch, in order."""
    joined: list[Period] = []
    for start, until in sorted(periods):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], until))
        else:
            joined.append((start, until))
    return joined
