"""Sums, counts, levels and states of facts that have a day (and perhaps an end)."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from domain.civil import add_months
from domain.countable import DATED, LEVELS, RESTRICTED, SHARED, SPELLS, UNITS, Lapses, Step, countable, day_of
from domain.knowledge import FactRow, Ignored, Why
from domain.made import made
from domain.measures.base import OfFacts, Reading
from domain.notation import Positive
from domain.view import SHARE_UNIT, WHOLE, Counted, View, distinct

_BASIS_POINTS = 10_000
_OUT_OF_WINDOW = Why.OUT_OF_WINDOW


class _Dated(OfFacts):
    lapses: Lapses | None = None

    def fitting(self, view: View, of: str, reading: Reading) -> tuple[Sequence[FactRow], list[Ignored], bool]:
        """Give the facts that hold on the as-of day, each once, the others' reasons, and whether any was there."""
        selected, ignored, selection = self.selected(view, of, reading)
        if not selected:
            return (), ignored, bool(selection.rows)
        as_of, (window, window_from, lapses, lapses_from) = view.as_of, self._held_by
        since = date.min if window is None else add_months(as_of, -window)
        facts = []
        for row in selected:
            end = selection.end(row)
            if end is not None and end <= as_of:
                ignored.append(Ignored(row, Why.OVER))
            elif window is not None and day_of(row, window_from) <= since:
                ignored.append(made(Ignored, (row, _OUT_OF_WINDOW, None)))
            elif lapses is not None and add_months(day_of(row, lapses_from), lapses) <= as_of:
                ignored.append(Ignored(row, Why.LAPSED))
            else:
                facts.append(row)
        return distinct(facts, ignored), ignored, True

    @cached_property
    def _held_by(self) -> tuple[int | None, Step, int | None, Step]:
        """Give the months of the window and of the lapse, and the days from which they count."""
        window, lapses = self.window, self.lapses
        return (
            None if window is None else window.last,
            "acted_on" if window is None else window.from_,
            None if lapses is None else lapses.after,
            "acted_on" if lapses is None else lapses.from_,
        )


def _by_year(rows: Iterable[FactRow], quantities: Iterable[int]) -> dict[int, int]:
    years: dict[int, int] = {}
    for row, quantity in zip(rows, quantities, strict=True):
        year = (row.starts_on or date.min).year
        years[year] = years[year] + quantity if year in years else quantity
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
        rows, ignored, found = self.fitting(view, self.of, reading)
        paid, most_per_year, unit, size = self._added_by
        if paid == "none":
            ignored += [Ignored(row, Why.PAID) for row in rows if row.mark == "paid"]
            rows = [row for row in rows if row.mark != "paid"]
        half = "paid" if paid == "half" else None
        quantities = [(row.quantity or 0) * (1 if half is not None and row.mark == half else 2) for row in rows]
        years = _by_year(rows, quantities)
        if most_per_year is not None:
            years = {year: min(halves, most_per_year * size) for year, halves in years.items()}
        by_year = {year: halves // size for year, halves in years.items()}
        quantity = sum(years.values()) // size
        return made(Counted, (quantity, unit, rows, ignored, found, None, False, by_year, None))

    @cached_property
    def _added_by(self) -> tuple[str, int | None, str, int]:
        """Give how paid service counts, the most of a year, the unit, and how many halves of facts make one."""
        units = UNITS[self.of.partition("/")[0]]
        unit: str = self.unit or next(iter(units))
        return self.paid, self.most_per_year, unit, 2 * units[unit]


class Count(_Dated):
    """次数: facts, or distinct acts. Facts that name no act are acts of their own."""

    kind: Literal["count"]
    of: Annotated[str, countable(*DATED)]
    distinct: Literal["facts", "acts"] = "facts"

    def count(self, view: View, reading: Reading) -> Counted:
        """Count facts or acts, in all and by calendar year."""
        rows, ignored, found = self.fitting(view, self.of, reading)
        if self.distinct == "acts":
            rows = _one_per_act(rows, ignored)
        by_year = _by_year(rows, [1] * len(rows))
        return Counted(len(rows), self.distinct, rows, ignored, found, by_year=by_year)


def _one_per_act(rows: Sequence[FactRow], ignored: list[Ignored]) -> Sequence[FactRow]:
    first: dict[object, FactRow] = {}
    for row in rows:
        act = row.act or (row.ref_stream, row.ref_version, row.part)
        known = first.setdefault(act, row)
        if known is not row:
            ignored.append(Ignored(row, Why.DUPLICATE, known))
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
        rows, ignored, found = self.fitting(view, self.of, reading)
        once_per_act = self.same_act == "largest_only"
        return made(Counted, (len(rows), "facts", rows, ignored, found, rows, once_per_act, None, None))


class State(_Dated):
    """状态: 1 where something holds on the as-of day, else 0. A restricted fact holds until it is completed."""

    kind: Literal["state"]
    of: Annotated[str, countable(*DATED, *(kind for kind in SPELLS if kind not in DATED))]

    def count(self, view: View, reading: Reading) -> Counted:
        """Say whether any fact holds."""
        rows, ignored, found = self.fitting(view, self.of, reading)
        if self.of.startswith(RESTRICTED):
            over = [row for row in rows if row.completed_on is not None and row.completed_on <= view.as_of]
            ignored += [Ignored(row, Why.OVER) for row in over]
            rows = [row for row in rows if row not in over]
        return made(Counted, (int(bool(rows)), "state", rows, ignored, found, None, False, None, None))


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
        rows, ignored, found = self.fitting(view, self.of, reading)
        shares = [self._share(row) for row in rows]
        quantity = min(sum(shares), WHOLE) if self.of == SHARED[0] else sum(shares)
        return Counted(quantity, SHARE_UNIT, rows, ignored, found, by_year=_by_year(rows, shares))

    def _share(self, row: FactRow) -> int:
        quantity = row.quantity or 0
        if self.of == SHARED[0]:
            return WHOLE * quantity // _BASIS_POINTS
        holders = max(1, quantity)
        if self.holders == "equal":
            return WHOLE // holders
        return WHOLE * (2 if row.mark == "first" else 1) // (holders + 1)


class Grants(_Dated):
    """人工赋分: points that people granted under this row's clause, in 1/10000."""

    kind: Literal["grants"]

    def count(self, view: View, reading: Reading) -> Counted:
        """Add the points granted for this row. The ledger is their only source, so nothing found is zero."""
        rows, ignored, _ = self.fitting(view, f"manual-grant/{reading.name}", reading)
        return Counted(sum(row.quantity or 0 for row in rows), "points/10000", rows, ignored, found=True)
