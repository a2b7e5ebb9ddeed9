"""Spells: dated periods, merged half-open, pooled, or each by itself."""

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from domain.civil import add_months, days, full_months
from domain.countable import SPELLS, countable
from domain.knowledge import FactRow, Ignored, Why
from domain.made import made
from domain.measures.base import OfFacts, Reading, Run
from domain.view import Counted, View, distinct

Period = tuple[date, date]
_Span = tuple[date, date, FactRow]
MONTH_DAYS, YEAR_MONTHS, HALF_MONTH_DAYS = 30, 12, 15
_UNITS = {"full_months": "months", "half_months": "half_months", "full_years": "full_years", "days": "days"}


class Spells(OfFacts):
    """时段: dated periods up to the as-of day.

    `join: each` merges half-open (overlapping and touching spells are one) and counts each merged period;
    `pooled` also adds up what is left over below a month (30 days are a month, 12 months a year); `per_spell`
    merges nothing: two posts held at once count twice. `count: half_months` counts a rest of 15 days or more as a
    month and a shorter one as half (two half months are a month). `run: last` is the period that reaches the as-of
    day, `longest` the longest. `permit` names the periods in which the residence permit was in use.
    """

    kind: Literal["spells"]
    of: Annotated[str, countable(*SPELLS)]
    count_: Annotated[Literal["full_months", "half_months", "full_years", "days"], Field(alias="count")] = (
        "full_months"
    )
    join: Literal["each", "pooled", "per_spell"] = "each"
    run: Run = "all"

    def count(self, view: View, reading: Reading) -> Counted:
        """Count the periods up to the as-of day."""
        of, per_spell, run, unit, window = self._counted_by
        rows, ignored, selection = self.selected(view, of, reading)
        if per_spell:
            rows = distinct(rows, ignored)
        as_of = view.as_of
        since = None if window is None else add_months(as_of, -window)
        spans = _spans(as_of, since, [(row, selection.end(row)) for row in rows], ignored)
        bounds = [(start, until) for start, until, _ in spans]
        periods = sorted(bounds) if per_spell else merged(bounds)
        used = [row for _, _, row in spans]
        if run != "all":
            periods = self._kept(periods, as_of)
            used = []
            for start, until, row in spans:
                if any(first <= start and until <= last for first, last in periods):
                    used.append(row)
                else:
                    ignored.append(Ignored(row, Why.BROKEN_RUN))
        quantity, found = self._quantity(periods), bool(selection.rows)
        return made(Counted, (quantity, unit, used, ignored, found, None, False, None, periods))

    @cached_property
    def _counted_by(self) -> tuple[str, bool, Run, str, int | None]:
        window = None if self.window is None else self.window.last
        return self.of, self.join == "per_spell", self.run, _UNITS[self.count_], window

    def _kept(self, periods: list[Period], as_of: date) -> list[Period]:
        if self.run == "last":
            reaching = [period for period in periods if period[1] == as_of]
            return reaching if self.join == "per_spell" else reaching[-1:]
        if self.run == "longest" and periods:
            return [max(periods, key=lambda period: (self._length(period), days(*period), period))]
        return periods

    def _quantity(self, periods: list[Period]) -> int:
        if not periods:
            return 0
        join, count = self.join, self.count_
        if join != "pooled" or count == "days":
            if count == "full_months":
                return sum([full_months(start, until) for start, until in periods])
            return sum([self._length(period) for period in periods])
        months, rest = 0, 0
        for start, until in periods:
            whole = full_months(start, until)
            months, rest = months + whole, rest + days(add_months(start, whole), until)
        months, rest = months + rest // MONTH_DAYS, rest % MONTH_DAYS
        return self._of_months(months, rest)

    def _length(self, period: Period) -> int:
        if self.count_ == "days":
            return days(*period)
        months = full_months(*period)
        rest = days(add_months(period[0], months), period[1]) if self.count_ == "half_months" else 0
        return self._of_months(months, rest)

    def _of_months(self, months: int, rest: int) -> int:
        match self.count_:
            case "half_months":
                return 2 * months + (0 if rest == 0 else 2 if rest >= HALF_MONTH_DAYS else 1)
            case "full_years":
                return months // YEAR_MONTHS
            case _:
                return months


def _spans(
    as_of: date, since: date | None, spells: Iterable[tuple[FactRow, date | None]], ignored: list[Ignored]
) -> list[_Span]:
    spans = []
    for row, end in spells:
        starts_on = row.starts_on or as_of
        if end is not None and end <= starts_on:
            ignored.append(Ignored(row, Why.EMPTY))
        elif end is not None and since is not None and end <= since:
            ignored.append(Ignored(row, Why.OUT_OF_WINDOW))
        else:
            until = as_of if end is None or end > as_of else end
            start = starts_on if since is None or starts_on > since else since
            spans.append((start, until, row))
    return spans


def merged(periods: Iterable[Period]) -> list[Period]:
    """Join half-open periods that overlap or touch, in order."""
    joined: list[Period] = []
    for start, until in sorted(periods):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], until))
        else:
            joined.append((start, until))
    return joined
