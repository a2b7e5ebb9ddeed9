"""What measures have in common: for which day, of whom, which facts."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from domain.civil import first_day, month_index
from domain.countable import Match, Window
from domain.knowledge import FactRow, Ignored, Why
from domain.notation import Strict, TierName
from domain.places import Tier
from domain.view import Selection, View

Run = Literal["all", "last", "longest"]
Subjects = Literal["self", "spouse", "best_parent", "both", "second_at_half"]
LAST_MONTH_END, LAST_MONTH_FIRST = "end_of_last_month", "first_of_last_month"


def _own_day(text: str) -> str:
    if text in (LAST_MONTH_END, LAST_MONTH_FIRST):
        return text
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            date.fromisoformat(text)
            return text
    except ValueError:
        pass
    known = {"known": f"{LAST_MONTH_END}, {LAST_MONTH_FIRST}, 2026-03-31"}
    raise PydanticCustomError("not-a-counting-day", "a day of its own is one of {known}", known)


OwnDay = Annotated[str, AfterValidator(_own_day)]
"""计分截止日 of one row: the end of last month, the first day of last month, or a fixed day."""


def own_day(word: str | None, as_of: date) -> date:
    """Give the day for which a row counts. A fixed day that has not come yet is the as-of day."""
    if word is None:
        return as_of
    if word == LAST_MONTH_END:
        return first_day(month_index(as_of)) - timedelta(days=1)
    if word == LAST_MONTH_FIRST:
        return first_day(month_index(as_of) - 1)
    return min(date.fromisoformat(word), as_of)


class Reading(NamedTuple):
    """For which row of a table a measure reads: the scope of the table and the row's name, `document/item`."""

    scope: Tier
    name: str


class OfSomebody(Strict):
    """A measure of somebody on a day: `subjects` says of whom, `as_of` for which day where it is the row's own.

    The table hands each measure a view of the right person on the right day; `count` knows neither field.
    """

    as_of: OwnDay | None = None
    subjects: Subjects = "self"


class OfFacts(OfSomebody):
    """A measure over facts: a scope of its own, a look-back, and which facts are meant."""

    scope: TierName | None = None
    window: Window | None = None
    only: Match | None = None
    exclude: Match | None = None

    def months_read(self, as_of: date) -> tuple[int, int]:
        """Give the first and last month whose feeds must be complete before nothing found means zero."""
        last = month_index(as_of) - 1
        return last - (self.window.last if self.window else 1) + 1, last

    def selected(self, view: View, of: str, reading: Reading) -> tuple[Sequence[FactRow], list[Ignored], Selection]:
        """Give the facts that are meant, the others with their reasons, and what they were chosen from."""
        scope, only, exclude = self._chosen_by
        selection = view.select(of, scope or reading.scope)
        rows, ignored = meant(selection, only, exclude)
        return rows, ignored, selection

    @cached_property
    def _chosen_by(self) -> tuple[TierName | None, Match | None, Match | None]:
        """Give the options of choosing at once: a field of a model takes as long to read as all of them."""
        return self.scope, self.only, self.exclude


def meant(
    selection: Selection, only: Match | None, exclude: Match | None
) -> tuple[Sequence[FactRow], list[Ignored]]:
    """Leave out the facts that `only` does not name and those that `exclude` names."""
    if only is None and exclude is None:
        return selection.rows, selection.ignored[:]
    kept, left = [], selection.ignored[:]
    for row in selection.rows:
        if (only is not None and not only.fits(row)) or (exclude is not None and exclude.fits(row)):
            left.append(Ignored(row, Why.EXCLUDED))
        else:
            kept.append(row)
    return kept, left
