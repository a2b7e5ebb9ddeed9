"""What a measure sees: the facts of a kind that are in force, begun and in scope on one day at one place."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from domain.knowledge import FactRow, Ignored, InForce, Knowledge, Why, natural_key
from domain.made import made
from domain.permit import in_use
from domain.places import Tier
from domain.standpoint import TIERS_AROUND, standpoint


class Selection(NamedTuple):
    """Facts that may count, and facts of the same kind that do not, with the reason.

    `ends` gives the effective end by the identity of a row; None: every fact ends as its row says.
    """

    rows: Sequence[FactRow]
    ignored: list[Ignored]
    ends: dict[int, date | None] | None = None

    def end(self, row: FactRow) -> date | None:
        """Give the effective end of a fact; None where no end is known."""
        return row.ends_on if self.ends is None else self.ends[id(row)]


class Counted(NamedTuple):
    """What a measure found.

    `quantity` is in `unit`; None means that it cannot be known (no birth date). `levels` holds the facts whose
    levels an award reads, `by_year` the quantity of each calendar year, `periods` merged spells as [start, end).
    `found` says whether any fact in force and in scope was there at all.
    """

    quantity: int | None
    unit: str
    used: Sequence[FactRow] = ()
    ignored: Sequence[Ignored] = ()
    found: bool = False
    levels: Sequence[FactRow] | None = None
    once_per_act: bool = False
    by_year: dict[int, int] | None = None
    periods: Sequence[tuple[date, date]] | None = None


_PERMIT = "permit"
_NONE: list[FactRow] = []
_NOT_YET, _OUT_OF_SCOPE = Why.NOT_YET, Why.OUT_OF_SCOPE
WHOLE = 90_090_000
"""One whole of which shares are parts: a multiple of 10000 and of every number up to 16."""
SHARE_UNIT = "share"


class View:
    """One resident's knowledge, read as of a civil day at a place (a district, a town or a zone)."""

    __slots__ = (
        *("as_of", "ignored", "knowledge", "month", "months_ago", "place"),
        "_near",
        "_of",
        "_others",
        "_selections",
    )

    def __init__(self, knowledge: Knowledge, place: str, as_of: date) -> None:
        here = standpoint(place, as_of)
        self.knowledge = knowledge
        self.place = place
        self.as_of = as_of
        self.month = here.month
        self.months_ago = here.months_ago
        self.ignored: dict[str, list[Ignored]] = {}
        for other in knowledge.ignored:
            self.ignored.setdefault(other.row.kind, []).append(other)
        self._near = here.near
        self._selections: dict[tuple[str, Tier], Selection] = {}
        self._others: dict[date, View] | None = None

    def on(self, day: date) -> "View":
        """Give the same knowledge, read as of another day."""
        if day == self.as_of:
            return self
        if self._others is None:
            self._others = {}
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
        as_of, near, tiers = self.as_of, self._near, TIERS_AROUND[scope]
        ignored = self.ignored[kind][:] if kind in self.ignored else []
        if variant and ignored:
            ignored = [other for other in ignored if other.row.variant == variant]
        if kind in self.knowledge.changed:
            return self._changed(self.knowledge.changed[kind], variant, ignored, tiers)
        if kind == _PERMIT:
            told = [fact.row for fact in in_use(self.knowledge.permits, as_of)]
        else:
            told = self.knowledge.rows.get(kind, _NONE)
        rows = []
        for row in told:
            if variant and row.variant != variant:
                continue
            if row.starts_on is None or row.starts_on > as_of:
                ignored.append(made(Ignored, (row, _NOT_YET, None)))
            elif near[row.place] < tiers:
                ignored.append(made(Ignored, (row, _OUT_OF_SCOPE, None)))
            else:
                rows.append(row)
        return made(Selection, (rows, ignored, None))

    def _changed(self, changed: list[InForce], variant: str, ignored: list[Ignored], tiers: int) -> Selection:
        """Select among facts of which some do not end, or do not hold, as their rows say."""
        as_of, near = self.as_of, self._near
        facts, ends = [], {}
        for fact in changed:
            row = fact.row
            if variant and row.variant != variant:
                continue
            if row.starts_on is None or row.starts_on > as_of:
                ignored.append(Ignored(row, Why.NOT_YET))
            elif fact.void_from is not None and as_of >= fact.void_from:
                ignored.append(Ignored(row, Why.VOID, fact.voided_by))
            elif near[row.place] < tiers:
                ignored.append(Ignored(row, Why.OUT_OF_SCOPE))
            else:
                facts.append(row)
                ends[id(row)] = fact.end(as_of)
        return Selection(facts, ignored, ends)


def distinct(rows: Sequence[FactRow], ignored: list[Ignored]) -> Sequence[FactRow]:
    """Keep the first known report of each fact; the others go to `ignored` as duplicates of it."""
    if len(rows) < 2:
        return rows
    first: dict[tuple[object, ...], FactRow] = {}
    for row in rows:
        known = first.setdefault(natural_key(row), row)
        if known is not row:
            ignored.append(Ignored(row, Why.DUPLICATE, known))
    return list(first.values())
