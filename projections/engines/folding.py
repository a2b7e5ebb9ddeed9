"""Measures for columns: a plan's measures counted for every resident of a batch at once.

What is folded does not depend on awards, caps and totals, so that a variant of those is scored without counting.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from domain.civil import add_months as month_moved
from domain.countable import SHARED
from domain.measures import own_day
from domain.plan import ChoicePlan, Counting, HoldPlan, Plan
from domain.view import WHOLE
from projections.engines.batch import NO_WORD, Batch, Words, ordered
from projections.engines.calendar import NO_DAY, Bools, Days, Ints, add_months, ages, day_number, months_of
from projections.engines.coordinates import Coordinates
from projections.engines.grouping import Grouped, by_year, greatest, sums
from projections.engines.levels import Levels
from projections.engines.month_sets import month_sets, run_lengths
from projections.engines.periods import Periods, lengths, merged, pooled, reaching
from projections.engines.permits import Permits, permits_on
from projections.engines.selection import Picked, Selection, day_of, first_of_acts, first_reports, meant
from projections.engines.standing import Standing, standing
from projections.engines.turning import turns

_OWN_ACT = -2
_BASIS_POINTS = 10_000
NOT_ELECTED = -1


@dataclass(frozen=True, slots=True)
class Counted:
    """What a measure found for each resident.

    `known` is None where the quantity is known of everybody. `years` gives the quantity of each calendar year that
    has any, `levels` the code of each level and the number of its act, both in the order of residents.
    """

    quantity: Ints
    found: Bools
    known: Bools | None = None
    years: "Years | None" = None
    levels: Levels | None = None


class Years(NamedTuple):
    """What was counted in each calendar year."""

    resident: Days
    quantity: Ints
    by_resident: Grouped


@dataclass(frozen=True, slots=True)
class Folded:
    """Everything that awards, caps, totals and validity need: measures, holds, choices and permits.

    `places` lists the codes in `place`. `elected` gives for each choice the number of the item that each resident
    chose, `turns` until when what was counted stays, where that was asked for.
    """

    residents: int
    place: NDArray[np.int32]
    places: Sequence[int]
    words: Mapping[str, Words]
    counted: Mapping[Counting, Counted]
    held: Mapping[HoldPlan, Bools]
    elected: Mapping[ChoicePlan, Ints]
    permits: Permits
    names: Sequence[Any]
    turns: Days | None = None


def fold(plan: Plan, batch: Batch, at: Coordinates, *, ahead: bool = False) -> Folded:
    """Count every measure and find every hold and choice of a plan; with `ahead` the next turning days too."""
    batch = ordered(batch)
    days: dict[date, _Folder] = {}

    def on(day: date) -> _Folder:
        if day not in days:
            days[day] = _Folder(batch, Coordinates(day, at.as_at))
        return days[day]

    today = on(at.as_of)
    permits = permits_on(batch, today.in_force.permits, day_number(at.as_of))
    return Folded(
        batch.residents,
        batch.place,
        np.flatnonzero(np.bincount(batch.place)).tolist(),
        batch.words,
        {one: on(own_day(one.day or None, at.as_of)).count(one) for one in plan.measures},
        {hold: today.held(hold) for hold in plan.holds},
        {choice: today.elected(choice) for choice in plan.choices},
        permits,
        batch.names,
        today.turns(plan, permits) if ahead else None,
    )


class _Folder:
    """One batch read as of one day."""

    def __init__(self, batch: Batch, at: Coordinates) -> None:
        self._date, self._as_of = at.as_of, day_number(at.as_of)
        self.in_force: Standing = standing(batch, self._as_of, at.as_at)
        self._selection = Selection(batch, self.in_force, self._as_of)
        self._residents, self._words = batch.residents, batch.words

    def turns(self, plan: Plan, permits: Permits) -> Days:
        """Give the first day after the as-of day on which anything may differ."""
        births = self.in_force.births
        return turns(
            plan,
            self._selection.batch,
            self._selection,
            permits,
            self._date,
            (births["resident"], births["born_on"]),
        )

    def count(self, counting: Counting) -> Counted:
        """Count one measure."""
        # Made anew: a folder that kept its own methods would hold itself, and its columns, until a collection.
        hows: Mapping[str, Callable[[Counting], Counted]] = {
            "age": self._age,
            "months": self._months,
            "spells": self._spells,
            "sum": self._sum,
            "count": self._count,
            "levels": self._levels,
            "share": self._share,
            "state": self._state,
        }
        return hows[counting.how](counting)

    def held(self, hold: HoldPlan) -> Bools:
        """Say who is held: the hold has begun and has not run out for one of the facts that cause it."""
        picked = self._selection.of(hold.fact, hold.variant, hold.scope)
        since = day_of(picked, hold.step)
        holding = since <= self._as_of
        if hold.lasts is not None:
            holding &= add_months(since, hold.lasts) > self._as_of
        if hold.until_completed:
            holding &= self._not_completed(picked)
        if hold.levels is not None:
            holding &= self._words["level"].chosen(hold.levels)[picked["level"]]
        return self._anybody(picked.where(holding))

    def elected(self, choice: ChoicePlan) -> Ints:
        """Give the item that each resident chose last; NOT_ELECTED where none of them was chosen."""
        picked = self._selection.of(choice.fact, choice.variant, choice.scope)
        number = np.full(len(self._words["level"]) + 1, NOT_ELECTED, np.int64)
        for n, item in enumerate(choice.items):
            code = self._words["level"].find(item)
            if code < len(self._words["level"]):
                number[code] = n
        picked = picked.where(number[picked["level"]] != NOT_ELECTED)
        order = np.lexsort((picked["version"], picked["position"], picked["starts_on"], picked["resident"]))
        elected = np.full(self._residents, NOT_ELECTED, np.int64)
        elected[picked["resident"][order]] = number[picked["level"][order]]
        return elected

    def _of(self, counting: Counting) -> Picked:
        return self._selection.of(counting.fact, counting.variant, counting.scope)

    def _meant(self, counting: Counting) -> Picked:
        return meant(self._of(counting), counting.fits, counting.exclude, self._words)

    def _found(self, counting: Counting) -> Bools:
        if counting.always_found:
            return np.ones(self._residents, np.bool_)
        return self._selection.found(counting.fact, counting.variant, counting.scope)

    def _anybody(self, picked: Picked) -> Bools:
        found = np.zeros(self._residents, np.bool_)
        found[picked["resident"]] = True
        return found

    def _not_completed(self, picked: Picked) -> Bools:
        mask: Bools = (picked["completed_on"] == NO_DAY) | (picked["completed_on"] > self._as_of)
        return mask

    def _since(self, months: int) -> int:
        return day_number(month_moved(self._date, -months))

    def _age(self, counting: Counting) -> Counted:
        born = np.full(self._residents, NO_DAY, np.int32)
        births = self.in_force.births
        births = births.take(births["born_on"] != NO_DAY)  # an identity entry may tell the sex alone
        born[births["resident"]] = births["born_on"]
        known = born != NO_DAY
        born = np.where(known, born, 0).astype(np.int32)
        quantity = ages(born, self._as_of)
        if counting.part_year:
            quantity += quantity == ages(born, day_number(self._date - timedelta(days=1)))
        return Counted(np.where(known, quantity, 0), known, known)

    def _months(self, counting: Counting) -> Counted:
        sets, found = month_sets(counting, self._selection, self._as_of)
        return Counted(run_lengths(sets, counting.run), found)

    def _spells(self, counting: Counting) -> Counted:
        found = self._found(counting)
        picked = self._meant(counting)
        if counting.join == "per_spell":
            picked = first_reports(picked, counting.key)
        periods = self._periods(counting, picked)
        if counting.run == "last":
            periods = reaching(periods, self._as_of)
        if counting.join == "pooled":
            return Counted(pooled(periods, counting.unit, self._residents), found)
        resident, starts, ends = periods
        add = greatest if counting.run == "longest" else sums
        return Counted(add(resident, lengths(starts, ends, counting.unit), self._residents), found)

    def _periods(self, counting: Counting, picked: Picked) -> Periods:
        starts, ends, resident = picked["starts_on"], self._selection.ends(picked), picked["resident"]
        counts = ends > starts
        if counting.window:
            since = self._since(counting.window)
            counts &= ends > since
            starts = np.maximum(starts, np.int32(since))
        ends = np.minimum(ends, np.int32(self._as_of))
        resident, starts, ends = resident[counts], starts[counts], ends[counts]
        return (resident, starts, ends) if counting.join == "per_spell" else merged(resident, starts, ends)

    def _fitting(self, counting: Counting) -> Picked:
        """Keep what holds on the as-of day, is neither before the window nor lapsed, each fact once."""
        picked = self._meant(counting)
        counts = self._selection.ends(picked) > self._as_of
        if counting.window:
            counts &= day_of(picked, counting.window_step) > self._since(counting.window)
        if counting.lapse_step >= 0:
            counts &= add_months(day_of(picked, counting.lapse_step), counting.lapse_after) > self._as_of
        return first_reports(picked.where(counts), counting.key)

    def _sum(self, counting: Counting) -> Counted:
        fitting = self._fitting(counting)
        is_paid = fitting["mark"] == self._words["mark"].find("paid")
        if counting.paid == "none":
            fitting, is_paid = fitting.where(~is_paid), is_paid[~is_paid]
        halves: Ints = fitting["quantity"] * np.where(is_paid & (counting.paid == "half"), 1, 2)
        size = 2 * counting.size
        if not counting.most_per_year and not counting.by_year:
            return Counted(sums(fitting["resident"], halves, self._residents) // size, self._found(counting))
        resident, in_year = self._by_year(fitting, halves)
        if counting.most_per_year:
            in_year = np.minimum(in_year, counting.most_per_year * size)
        quantity = sums(resident, in_year, self._residents) // size
        return Counted(quantity, self._found(counting), years=self._years(resident, in_year // size))

    def _count(self, counting: Counting) -> Counted:
        fitting = self._fitting(counting)
        if counting.once_per_act:
            fitting = first_of_acts(fitting, acts(fitting))
        ones = np.ones(len(fitting), np.int64)
        years = self._years(*self._by_year(fitting, ones)) if counting.by_year else None
        return Counted(sums(fitting["resident"], ones, self._residents), self._found(counting), years=years)

    def _share(self, counting: Counting) -> Counted:
        fitting = self._fitting(counting)
        quantity = fitting["quantity"]
        shares: Ints
        if counting.fact == SHARED[0]:
            shares = WHOLE * quantity // _BASIS_POINTS
        elif counting.holders == "equal":
            shares = WHOLE // np.maximum(quantity, 1)
        else:
            is_first = fitting["mark"] == self._words["mark"].find("first")
            shares = WHOLE * np.where(is_first, 2, 1) // (np.maximum(quantity, 1) + 1)
        total = sums(fitting["resident"], shares, self._residents)
        if counting.fact == SHARED[0]:
            total = np.minimum(total, WHOLE)
        years = self._years(*self._by_year(fitting, shares)) if counting.by_year else None
        return Counted(total, self._found(counting), years=years)

    def _levels(self, counting: Counting) -> Counted:
        fitting = self._fitting(counting)
        resident = fitting["resident"]
        act = acts(fitting) if counting.once_per_act else np.arange(len(fitting))
        quantity = sums(resident, np.ones(len(fitting), np.int64), self._residents)
        return Counted(
            quantity,
            self._found(counting),
            levels=Levels(resident, fitting["level"], act, self._residents),
        )

    def _state(self, counting: Counting) -> Counted:
        fitting = self._fitting(counting)
        if counting.until_completed:
            fitting = fitting.where(self._not_completed(fitting))
        return Counted(self._anybody(fitting).astype(np.int64), self._found(counting))

    def _years(self, resident: Days, in_year: Ints) -> Years:
        return Years(resident, in_year, Grouped(resident, self._residents))

    @staticmethod
    def _by_year(fitting: Picked, values: Ints) -> tuple[Days, Ints]:
        return by_year(fitting["resident"], months_of(fitting["starts_on"]) // 12, values)


def acts(picked: Picked) -> Ints:
    """Number the acts; a fact that names no act is an act of its own."""
    act = picked["act"].astype(np.int64)
    return np.where(act == NO_WORD, _OWN_ACT - np.arange(len(act)), act)
