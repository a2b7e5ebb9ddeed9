"""What a measure sees: the facts of a kind that are in force, begun and in scope on one day at one place."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from domain.civil import month_index
from domain.knowledge import FactRow, Ignored, InForce, Knowledge, Why, natural_key
from domain.permit import in_use
from domain.places import Tier, territory


class Selection(NamedTuple):
    """Facts that may count, and facts of the same kind that do not, with the reason."""

    facts: list[InForce]
    ignored: list[Ignored]


@dataclass(slots=True)
class Counted:
    """What a measure found.

    `quantity` is in `unit`; None means that it cannot be known (no birth date). `levels` holds the facts whose
    levels an award reads, `by_year` the quantity of each calendar year, `periods` merged spells as [start, end).
    `found` says whether any fact in force and in scope was there at all.
    """

    quantity: int | None
    unit: str
    used: list[FactRow] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)
    found: bool = False
    levels: list[InForce] | None = None
    once_per_act: bool = False
    by_year: dict[int, int] | None = None
    periods: list[tuple[date, date]] | None = None


_PERMIT = "permit"
WHOLE = 90_090_000
"""One whole of which shares are parts: a multiple of 10000 and of every number up to 16."""
SHARE_UNIT = "share"


class View:
    """One resident's knowledge, read as of a civil day at a place (a district, a town or a zone)."""

    def __init__(self, knowledge: Knowledge, place: str, as_of: date) -> None:
        self.knowledge = knowledge
        self.place = place
        self.as_of = as_of
        self.month = month_index(as_of)
        self._selections: dict[tuple[str, Tier], Selection] = {}
        self._others: dict[date, View] = {}

    def on(self, day: date) -> "View":
        """Give the same knowledge, read as of another day."""
        if day == self.as_of:
            return self
        if day not in self._others:
            self._others[day] = View(self.knowledge, self.place, day)
        return self._others[day]

    def select(self, of: str, scope: Tier) -> Selection:
        """Give the facts of `kind` or `kind/variant` in this place's territory; facts without a place count."""
        selection = self._selections.get((of, scope))
        if selection is None:
            selection = self._selections[of, scope] = self._select(of, scope)
        return selection

    def _select(self, of: str, scope: Tier) -> Selection:
        kind, _, variant = of.partition("/")
        here, as_of = territory(self.place, scope), self.as_of
        facts: list[InForce] = []
        ignored = [
            other
            for other in self.knowledge.ignored
            if other.row.kind == kind and (not variant or other.row.variant == variant)
        ]
        known = in_use(self.knowledge.permits, as_of) if kind == _PERMIT else self.knowledge.of(kind)
        for fact in known:
            row = fact.row
            if variant and row.variant != variant:
                continue
            if row.starts_on is None or row.starts_on > as_of:
                ignored.append(Ignored(row, Why.NOT_YET))
            elif fact.void_from is not None and as_of >= fact.void_from:
                ignored.append(Ignored(row, Why.VOID, fact.voided_by))
            elif row.place is not None and not row.place.startswith(here):
                ignored.append(Ignored(row, Why.OUT_OF_SCOPE))
            else:
                facts.append(fact)
        return Selection(facts, ignored)


def distinct(facts: Sequence[InForce], ignored: list[Ignored]) -> list[InForce]:
    """Keep the first known report of each fact; the others go to `ignored` as duplicates of it."""
    if len(facts) < 2:
        return list(facts)
    first: dict[tuple[object, ...], InForce] = {}
    for fact in facts:
        key = natural_key(fact.row)
        if key in first:
            ignored.append(Ignored(fact.row, Why.DUPLICATE, first[key].row))
        else:
            first[key] = fact
    return list(first.values())
