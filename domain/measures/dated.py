"""Sums, counts, levels and states of facts that have a day (and perhaps an end)."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from domain.countable import DATED, LEVELS, RESTRICTED, SHARED, SPELLS, UNITS, Lapses, countable, day_of
from domain.knowledge import Ignored, InForce, Why
from domain.measures.base import OfFacts, Reading
from domain.notation import Positive
from domain.view import SHARE_UNIT, WHOLE, Counted, View, distinct

_BASIS_POINTS = 10_000


class _Dated(OfFacts):
    lapses: Lapses | None = None

    def fitting(self, view: View, of: str, reading: Reading) -> tuple[list[InForce], Counted]:
        """Give the facts that hold on the as-of day, each once, and a Counted with the others' reasons."""
        selected, ignored, found = self.selected(view, of, reading)
        window = self.window
        since = window.since(view.as_of) if window else date.min
        facts = []
        for fact in selected:
            row, end = fact.row, fact.end(view.as_of)
            if end is not None and end <= view.as_of:
                ignored.append(Ignored(row, Why.OVER))
            elif window and day_of(row, window.from_) <= since:
                ignored.append(Ignored(row, Why.OUT_OF_WINDOW))
            elif self.lapses and self.lapses.lapsed(row, view.as_of):
                ignored.append(Ignored(row, Why.LAPSED))
            else:
                facts.append(fact)
        facts = distinct(facts, ignored)
        return facts, Counted(0, "", [fact.row for fact in facts], ignored, found=found)


def _by_year(facts: Iterable[InForce], quantities: Iterable[int]) -> dict[int, int]:
    years: dict[int, int] = {}
    for fact, quantity in zip(facts, quantities, strict=True):
        year = (fact.row.starts_on or date.min).year
        years[year] = years.get(year, 0) + quantity
    return years


class Sum(_Dated):
    """数量: quantities added up. Part of a unit (30 minutes in hours) counts nothing, after adding up.

    `paid` says how paid service counts: in full, at half, or not at all. `most_per_year` bounds what each calendar
    year brings, in the unit, before the years are added up.
    """

    kind: Literal["sum"]
    of: Annotated[str, countable(*UNITS)]
    unit: Literal["minutes", "hours", "ml", "units", "fen", "yuan"] | None = None
    paid: Literal["full", "half", "none"] = "full"
    most_per_year: Positive | None = None

    @model_validator(mode="after")
    def _unit_fits(self) -> Self:
        known = UNITS[self.of.partition("/")[0]]
        if self.unit is not None and self.unit not in known:
            context = {"given": self.unit, "known": ", ".join(known)}
            raise PydanticCustomError("unit-does-not-fit", "{given} does not fit; known: {known}", context)
        return self

    def count(self, view: View, reading: Reading) -> Counted:
        """Add quantities, in all and by calendar year."""
        facts, counted = self.fitting(view, self.of, reading)
        if self.paid == "none":
            counted.ignored += [Ignored(fact.row, Why.PAID) for fact in facts if fact.row.mark == "paid"]
            facts = [fact for fact in facts if fact.row.mark != "paid"]
            counted.used = [fact.row for fact in facts]
        units = UNITS[self.of.partition("/")[0]]
        counted.unit = self.unit or next(iter(units))
        size = 2 * units[counted.unit]
        years = _by_year(facts, (self._halves(fact) for fact in facts))
        if self.most_per_year is not None:
            years = {year: min(halves, self.most_per_year * size) for year, halves in years.items()}
        counted.quantity = sum(years.values()) // size
        counted.by_year = {year: halves // size for year, halves in years.items()}
        return counted

    def _halves(self, fact: InForce) -> int:
        at_half = self.paid == "half" and fact.row.mark == "paid"
        return (fact.row.quantity or 0) * (1 if at_half else 2)


class Count(_Dated):
    """次数: facts, or distinct acts. Facts that name no act are acts of their own."""

    kind: Literal["count"]
    of: Annotated[str, countable(*DATED)]
    distinct: Literal["facts", "acts"] = "facts"

    def count(self, view: View, reading: Reading) -> Counted:
        """Count facts or acts, in all and by calendar year."""
        facts, counted = self.fitting(view, self.of, reading)
        if self.distinct == "acts":
            facts = _one_per_act(facts, counted.ignored)
            counted.used = [fact.row for fact in facts]
        counted.quantity, counted.unit = len(facts), self.distinct
        counted.by_year = _by_year(facts, [1] * len(facts))
        return counted


def _one_per_act(facts: list[InForce], ignored: list[Ignored]) -> list[InForce]:
    first: dict[object, InForce] = {}
    for fact in facts:
        act = fact.row.act or (fact.row.ref_stream, fact.row.ref_version, fact.row.part)
        if act in first:
            ignored.append(Ignored(fact.row, Why.DUPLICATE, first[act].row))
        else:
            first[act] = fact
    return list(first.values())


class Levels(_Dated):
    """等级: facts with levels; the award says what a level is worth and whether the highest or the sum counts.

    `same_act: largest_only`: of the facts of one act only the one worth most counts.
    """

    kind: Literal["levels"]
    of: Annotated[str, countable(*DATED, *(kind for kind in LEVELS if kind not in DATED))]
    same_act: Literal["each", "largest_only"] = "each"

    def count(self, view: View, reading: Reading) -> Counted:
        """Give the facts whose levels hold on the as-of day."""
        facts, counted = self.fitting(view, self.of, reading)
        counted.quantity, counted.unit, counted.levels = len(facts), "facts", facts
        counted.once_per_act = self.same_act == "largest_only"
        return counted


class State(_Dated):
    """状态: 1 where something holds on the as-of day, else 0. A restricted fact holds until it is completed."""

    kind: Literal["state"]
    of: Annotated[str, countable(*DATED, *(kind for kind in SPELLS if kind not in DATED))]

    def count(self, view: View, reading: Reading) -> Counted:
        """Say whether any fact holds."""
        facts, counted = self.fitting(view, self.of, reading)
        if self.of.startswith(RESTRICTED):
            over = [f for f in facts if f.row.completed_on is not None and f.row.completed_on <= view.as_of]
            counted.ignored += [Ignored(fact.row, Why.OVER) for fact in over]
            facts = [fact for fact in facts if fact not in over]
            counted.used = [fact.row for fact in facts]
        counted.quantity, counted.unit = int(bool(facts)), "state"
        return counted


class Share(_Dated):
    """份额: parts of a whole, added up, exact: percent of ownership of homes, 1/n of patents with n holders.

    `holders: first_double` parts a patent into n + 1 shares, of which the first holder has two. Of homes the whole
    is the most. The quantity is in 1/90090000, so that percents and holders up to sixteen are whole numbers.
    """

    kind: Literal["share"]
    of: Annotated[str, countable(*SHARED)]
    holders: Literal["equal", "first_double"] = "equal"

    def count(self, view: View, reading: Reading) -> Counted:
        """Add up shares, in all and by calendar year."""
        facts, counted = self.fitting(view, self.of, reading)
        shares = [self._share(fact) for fact in facts]
        counted.quantity, counted.unit = sum(shares), SHARE_UNIT
        if self.of == SHARED[0]:
            counted.quantity = min(counted.quantity, WHOLE)
        counted.by_year = _by_year(facts, shares)
        return counted

    def _share(self, fact: InForce) -> int:
        quantity = fact.row.quantity or 0
        if self.of == SHARED[0]:
            return WHOLE * quantity // _BASIS_POINTS
        holders = max(1, quantity)
        if self.holders == "equal":
            return WHOLE // holders
        return WHOLE * (2 if fact.row.mark == "first" else 1) // (holders + 1)


class Grants(_Dated):
    """人工赋分: points that people granted under this row's clause, in 1/10000."""

    kind: Literal["grants"]

    def count(self, view: View, reading: Reading) -> Counted:
        """Add the points granted for this row. The ledger is their only source, so nothing found is zero."""
        facts, counted = self.fitting(view, f"manual-grant/{reading.name}", reading)
        counted.quantity, counted.unit, counted.found = (
            sum(fact.row.quantity or 0 for fact in facts),
            "points/10000",
            True,
        )
        return counted
