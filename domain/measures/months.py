"""Months: a set, so that a month reported twice is one month."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Annotated, Literal

from domain.civil import month_index
from domain.countable import countable
from domain.facts.base import Standing
from domain.facts.work import Insurance
from domain.knowledge import FactRow, Ignored, Why
from domain.measures.base import OfFacts, Reading, Run
from domain.view import Counted, View


class Months(OfFacts):
    """月份: a set of months. A month reported by two places is one month.

    `run: last` counts back from the month before the as-of month to the first gap, `longest` the longest run.
    `window` n looks at the n months before the as-of month; `standing` and `insurance` say what counts.
    """

    kind: Literal["months"]
    of: Annotated[str, countable("insurance-month-paid")]
    run: Run = "all"
    standing: list[Standing] | None = None
    insurance: list[Insurance] | None = None

    def count(self, view: View, reading: Reading) -> Counted:
        """Count distinct months."""
        selection = view.select(self.of, self.scope or reading.scope)
        ignored = list(selection.ignored)
        first: dict[int, FactRow] = {}
        for fact in selection.facts:
            row = fact.row
            ago = view.month - month_index(row.starts_on or view.as_of)
            why = self._unfit(row, ago)
            if why is not None:
                ignored.append(Ignored(row, why))
            elif ago in first:
                ignored.append(Ignored(row, Why.DUPLICATE, first[ago]))
            else:
                first[ago] = row
        kept = _RUNS[self.run](first.keys())
        ignored += [Ignored(row, Why.BROKEN_RUN) for ago, row in first.items() if ago not in kept]
        used = [row for ago, row in first.items() if ago in kept]
        return Counted(len(kept), "months", used, ignored, found=bool(selection.facts))

    def _unfit(self, row: FactRow, ago: int) -> Why | None:
        if self.insurance is not None and row.variant not in self.insurance:
            return Why.OTHER_VARIANT
        if self.standing is not None and row.mark not in self.standing:
            return Why.BACK_PAID if row.mark == "back-paid" else Why.TRANSFERRED
        if self.window is not None and not 1 <= ago <= self.window:
            return Why.OUT_OF_WINDOW
        return None


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


_RUNS: dict[Run, Callable[[AbstractSet[int]], AbstractSet[int]]] = {
    "all": lambda months_ago: months_ago,
    "last": last_run,
    "longest": longest_run,
}
