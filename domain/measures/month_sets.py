"""Sets of months: the months of a kind of fact, each with the fact that brought it."""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from functools import cached_property
from typing import Annotated, Literal

from domain.civil import month_index
from domain.countable import INSURANCE, SPELLS, Match, countable
from domain.facts.base import Standing
from domain.facts.work import Insurance
from domain.knowledge import FactRow, Ignored, Why
from domain.made import made
from domain.measures.base import Run, meant
from domain.notation import Strict, TierName
from domain.places import Tier
from domain.view import View

REFUNDED = "insurance-month-refunded"
Part = Literal["any_day", "whole_month"]
MonthRows = dict[int, FactRow]
"""Months by how many months ago they lie, counted from the as-of month, and the first fact known for each."""
_OTHER_VARIANT, _OUT_OF_WINDOW, _DUPLICATE = Why.OTHER_VARIANT, Why.OUT_OF_WINDOW, Why.DUPLICATE


class MonthSet(Strict):
    """月份集合: months of insurance, or the months that spells touch (`any_day`) or fill (`whole_month`).

    `standing` and `insurance` say which insured months are meant, `only` and `exclude` which facts of any kind.
    """

    of: Annotated[str, countable(INSURANCE, *SPELLS)]
    scope: TierName | None = None
    standing: list[Standing] | None = None
    insurance: list[Insurance] | None = None
    part: Part = "any_day"
    only: Match | None = None
    exclude: Match | None = None

    def months(self, view: View, scope: Tier, window: int | None, ignored: list[Ignored]) -> tuple[MonthRows, bool]:
        """Give the months, and whether any fact was there at all; what does not count goes to `ignored`."""
        of, own_scope, only, exclude, insurance, standing = self._set_by
        selection = view.select(of, own_scope or scope)
        rows, left = meant(selection, only, exclude)
        ignored += left
        if of == INSURANCE:
            months = _insured(view, rows, insurance, standing, window, ignored)
        else:
            ends = ((row, selection.end(row)) for row in rows)
            months = self._lived(view, ends, window, ignored)
        return months, bool(selection.rows)

    @cached_property
    def _set_by(
        self,
    ) -> tuple[
        str,
        TierName | None,
        Match | None,
        Match | None,
        Sequence[str] | None,
        Sequence[str] | None,
    ]:
        return self.of, self.scope, self.only, self.exclude, self.insurance, self.standing

    def _lived(
        self,
        view: View,
        spells: Iterable[tuple[FactRow, date | None]],
        window: int | None,
        ignored: list[Ignored],
    ) -> MonthRows:
        first: MonthRows = {}
        for row, end in spells:
            start = row.starts_on or view.as_of
            if end is not None and end <= start:
                ignored.append(Ignored(row, Why.EMPTY))
                continue
            until = view.as_of if end is None or end > view.as_of else end
            months = [view.month - index for index in self._touched(start, until)]
            within = [ago for ago in months if window is None or 1 <= ago <= window]
            if months and not within:
                ignored.append(Ignored(row, Why.OUT_OF_WINDOW))
            elif within and all(ago in first for ago in within):
                ignored.append(Ignored(row, Why.DUPLICATE, first[within[0]]))
            for ago in within:
                first.setdefault(ago, row)
        return first

    def _touched(self, start: date, until: date) -> range:
        """Number the months of [start, until)."""
        if until <= start:
            return range(0)
        if self.part == "whole_month":
            return range(month_index(start) + (start.day > 1), month_index(until))
        return range(month_index(start), month_index(until - timedelta(days=1)) + 1)


def _insured(
    view: View,
    rows: Iterable[FactRow],
    insurance: Sequence[str] | None,
    standing: Sequence[str] | None,
    window: int | None,
    ignored: list[Ignored],
) -> MonthRows:
    refunds = refunded(view)
    first: MonthRows = {}
    months_ago = view.months_ago
    for row in rows:
        if refunds and (refund := refunds.get((row.variant, row.starts_on, row.place))) is not None:
            ignored.append(Ignored(row, Why.REFUNDED, refund))
        elif insurance is not None and row.variant not in insurance:
            ignored.append(made(Ignored, (row, _OTHER_VARIANT, None)))
        elif standing is not None and row.mark not in standing:
            ignored.append(Ignored(row, Why.BACK_PAID if row.mark == "back-paid" else Why.TRANSFERRED))
        else:
            ago = months_ago[row.starts_on]
            if window is not None and not 1 <= ago <= window:
                ignored.append(made(Ignored, (row, _OUT_OF_WINDOW, None)))
            elif (known := first.setdefault(ago, row)) is not row:
                ignored.append(made(Ignored, (row, _DUPLICATE, known)))
    return first


def refunded(view: View) -> dict[tuple[object, ...], FactRow]:
    """Give the refunds in effect by the insurance, month and place that they take back; scope does not matter."""
    known = view.knowledge.of(REFUNDED)
    if not known:
        return {}
    return {
        (fact.row.variant, fact.row.starts_on, fact.row.place): fact.row
        for fact in known
        if fact.row.effective_on is not None
        and fact.row.effective_on <= view.as_of
        and (fact.void_from is None or view.as_of < fact.void_from)
    }


def last_run(months_ago: AbstractSet[int]) -> AbstractSet[int]:
    """Give the unbroken run that ends with the month before the as-of month (1 ago)."""
    length = 0
    while length + 1 in months_ago:
        length += 1
    return set(range(1, length + 1))


def longest_run(months_ago: AbstractSet[int]) -> AbstractSet[int]:
    """Give the longest unbroken run; of equal ones the newest."""
    best = range(0)
    for newest in (ago for ago in sorted(months_ago) if ago - 1 not in months_ago):
        length = 1
        while newest + length in months_ago:
            length += 1
        if length > len(best):
            best = range(newest, newest + length)
    return set(best)


RUNS: dict[Run, Callable[[AbstractSet[int]], AbstractSet[int]]] = {
    "all": lambda months_ago: months_ago,
    "last": last_run,
    "longest": longest_run,
}
