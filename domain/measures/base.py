"""What measures over facts have in common."""

from datetime import date
from typing import Literal, NamedTuple

from domain.civil import month_index
from domain.notation import Duration, Strict, TierName
from domain.places import Tier

Run = Literal["all", "last", "longest"]


class Reading(NamedTuple):
    """For which row of a table a measure reads: the scope of the table and the row's name, `document/item`."""

    scope: Tier
    name: str


class OfFacts(Strict):
    """A measure over facts: its own scope where the row counts otherwise than its table, and a look-back."""

    scope: TierName | None = None
    window: Duration | None = None

    def months_read(self, as_of: date) -> tuple[int, int]:
        """Give the first and last month whose feeds must be complete before nothing found means zero."""
        last = month_index(as_of) - 1
        return last - (self.window or 1) + 1, last
