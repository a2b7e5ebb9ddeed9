"""Months: a set, so that a month reported twice is one month; and sets joined, crossed and taken off each other."""

from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from domain.countable import INSURANCE
from domain.knowledge import FactRow, Ignored, Why, ignored_all
from domain.made import made
from domain.measures.base import OfFacts, Reading, Run
from domain.measures.month_sets import RUNS, MonthRows, MonthSet, last_run, longest_run
from domain.notation import TierName
from domain.view import Counted, View

__all__ = ["Months", "last_run", "longest_run"]

Sets = Annotated[list[MonthSet], Field(min_length=1)]


class Months(OfFacts, MonthSet):
    """月份: a set of months. A month reported by two places is one month.

    In this order: `any_of` adds the months of other sets, `all_of` keeps those that every other set has too,
    `minus` takes off those of other sets (renting = insured - own). Then `run: last` counts back from the month
    before the as-of month to the first gap, `longest` the longest run. `window` n looks at the n months before the
    as-of month.
    """

    kind: Literal["months"]
    run: Run = "all"
    any_of: Sets | None = None
    all_of: Sets | None = None
    minus: Sets | None = None

    def count(self, view: View, reading: Reading) -> Counted:
        """Count distinct months."""
        own_scope, window, any_of, all_of, minus, run, of_many = self._joined_by
        scope = own_scope or reading.scope
        ignored: list[Ignored] = []
        first, found = self.months(view, scope, window, ignored)
        for other in any_of:
            more, more_found = other.months(view, scope, window, ignored)
            ignored += [Ignored(row, Why.DUPLICATE, first[ago]) for ago, row in more.items() if ago in first]
            first, found = {**more, **first}, found or more_found
        for other in all_of:
            first = _parted(first, other.months(view, scope, None, [])[0], ignored, inside=True)
        for other in minus:
            first = _parted(first, other.months(view, scope, None, [])[0], ignored, inside=False)
        if run != "all":
            kept = RUNS[run](first.keys())
            if len(kept) < len(first):
                ignored += ignored_all([row for ago, row in first.items() if ago not in kept], Why.BROKEN_RUN)
                first = {ago: row for ago, row in first.items() if ago in kept}
        months, used = len(first), [*first.values()]
        if of_many:
            used, ignored = _once(used, ignored)
        return made(Counted, (months, "months", used, ignored, found, None, False, None, None))

    @cached_property
    def _joined_by(
        self,
    ) -> tuple[TierName | None, int | None, Sequence[MonthSet], Sequence[MonthSet], Sequence[MonthSet], Run, bool]:
        """Give the options of joining at once, and whether one fact may bring many months."""
        window, of_many = self.window.last if self.window else None, self.of != INSURANCE or bool(self.any_of)
        return self.scope, window, self.any_of or (), self.all_of or (), self.minus or (), self.run, of_many


def _parted(first: MonthRows, other: MonthRows, ignored: list[Ignored], *, inside: bool) -> MonthRows:
    """Keep the months that the other set has too, or those that it has not."""
    why = Why.NOT_IN_ALL if inside else Why.TAKEN_OFF
    ignored += [Ignored(row, why, other.get(ago)) for ago, row in first.items() if (ago in other) is not inside]
    return {ago: row for ago, row in first.items() if (ago in other) is inside}


def _once(used: list[FactRow], ignored: list[Ignored]) -> tuple[list[FactRow], list[Ignored]]:
    """Name each fact once: a spell brings many months, and is used when one counts. The last reason is told."""
    first = {id(row): row for row in used}
    others = {id(other.row): other for other in ignored if id(other.row) not in first}
    return list(first.values()), list(others.values())
