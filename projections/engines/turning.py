"""Until when the scores of a batch stay: the days of domain/turning.py, for whole columns.

For every resident the first day after the as-of day on which anything may differ: a superset of the days on which
something does, so that nobody is passed over whose score has moved. Between two such days the facts in force are
the same, which is why only those are asked; what comes into force or leaves does so on a day that a row says.
"""

from collections.abc import Iterable
from datetime import date

import numpy as np

from domain.civil import month_index
from domain.countable import INSURANCE, PERMIT
from domain.coverage import Coverage
from domain.measures.base import LAST_MONTH_END, LAST_MONTH_FIRST
from domain.plan import Counting, HoldPlan, MonthsOf, Plan
from domain.turning import CLAMPED_DAYS_MAX, HALF_MONTHS_BEGIN
from projections.engines.batch import DAYS, NEVER, Batch
from projections.engines.calendar import (
    NO_DAY,
    Bools,
    Days,
    add_months,
    ages,
    day_number,
    first_days,
    full_months,
    months_of,
)
from projections.engines.permits import Permits
from projections.engines.selection import Picked, Selection, day_of
from projections.engines.standing import FOREVER

_YEAR_MONTHS = 12
_MONTHLY = (LAST_MONTH_END, LAST_MONTH_FIRST)


def turns(
    plan: Plan, batch: Batch, selection: Selection, permits: Permits, as_of: date, births: tuple[Days, Days]
) -> Days:
    """Give each resident's next turning day; FOREVER where there is none.

    `selection` is what is in force on the as-of day, `births` the resident and the day of each birth in force.
    Coverage is not looked at (`run_out`), nor are rows that have no plan.
    """
    ahead = _Ahead(batch, selection, as_of)
    ahead.rows()
    ahead.permit(permits)
    for counting in plan.measures:
        ahead.measure(counting, births)
    for hold in plan.holds:
        ahead.hold(hold)
    return ahead.on


def run_out(coverage: Coverage, counting: Counting, as_of: date) -> date | None:
    """Give the first of the next month, if what was delivered may run out then for whom nothing is found."""
    covered = coverage.last_month(counting.fact)
    following = month_index(as_of) + 1
    if counting.how == "age" or covered is None or following > covered + (counting.window or 1) + 1:
        return None
    return date(following // _YEAR_MONTHS, following % _YEAR_MONTHS + 1, 1)


class _Ahead:
    """The earliest day ahead that was met for each resident so far."""

    def __init__(self, batch: Batch, selection: Selection, as_of: date) -> None:
        self.on: Days = np.full(batch.residents, FOREVER, np.int32)
        self._batch, self._selection, self._date = batch, selection, as_of
        self._as_of = day_number(as_of)
        self._this_month = month_index(as_of)
        self._month = int(months_of(np.array([self._as_of], np.int32))[0])
        self._next_first = int(first_days(np.array([self._month + 1], np.int32))[0])

    def rows(self) -> None:
        """Every day that a row says, and the day after: spells bring months on their second day."""
        for table in self._batch.tables.values():
            for name in DAYS:
                days = table.columns.get(name)
                if days is not None:
                    near = np.flatnonzero((days >= self._as_of) & (days != NEVER))
                    resident, near_days = table["resident"][near], days[near]
                    self._add(resident, near_days)
                    self._add(resident, near_days + np.int32(1))

    def permit(self, permits: Permits) -> None:
        """The days on which an endorsement is due and use is suspended; a day later a run is over."""
        who = np.flatnonzero(permits.covered_until != NO_DAY).astype(np.int32)
        covered = permits.covered_until[who]
        for days in (add_months(covered, -1), covered, covered + np.int32(1)):
            self._add(who, days)

    def measure(self, counting: Counting, births: tuple[Days, Days]) -> None:
        """The turning days of one measure."""
        if counting.day in _MONTHLY:
            for resident in self._whoever(counting, births):
                self._all(resident, self._next_first)
        elif counting.day and date.fromisoformat(counting.day) <= self._date:
            return
        elif counting.how == "age":
            self._birthdays(counting, *births)
        elif counting.how == "months":
            self._months(counting)
        elif counting.how == "spells":
            self._spells(counting)
        else:
            self._dated(counting)

    def hold(self, hold: HoldPlan) -> None:
        """The day on which a hold runs out."""
        if hold.lasts is not None:
            picked = self._selection.of(hold.fact, hold.variant, hold.scope)
            self._add(picked["resident"], add_months(day_of(picked, hold.step), hold.lasts))

    def _add(self, resident: Days, days: Days) -> None:
        ahead = days > self._as_of
        np.minimum.at(self.on, np.compress(ahead, resident), np.compress(ahead, days))

    def _all(self, resident: Days, day: int) -> None:
        self.on[resident] = np.minimum(self.on[resident], np.int32(day))

    def _tomorrow(self, resident: Days) -> None:
        self._all(resident, self._as_of + 1)

    def _whoever(self, counting: Counting, births: tuple[Days, Days]) -> Iterable[Days]:
        """Give the residents of whom anything of a measure's kinds is told, in force today or not."""
        if counting.how == "age":
            return [births[0]]
        kinds = {counting.fact, *(part.fact for part in _sets(counting))}
        told = [self._selection.told(kind) for kind in kinds if kind != PERMIT]
        return [*told, self._batch.permits["resident"]] if PERMIT in kinds else told

    def _birthdays(self, counting: Counting, resident: Days, born: Days) -> None:
        """Whoever was born on 29 February turns a day after the 28th, which is met first."""
        age = ages(born, self._as_of)
        birthday = add_months(born, ((age + 1) * _YEAR_MONTHS).astype(np.int32))
        self._add(resident, np.maximum(birthday, np.int32(self._as_of + 1)))
        if counting.part_year:
            self._tomorrow(resident[age != ages(born, self._as_of - 1)])

    def _months(self, counting: Counting) -> None:
        """Insured months pass over the window until the newest is out of it; others may go on for ever."""
        sets = _sets(counting)
        insured = all(part.fact == INSURANCE for part in sets)
        for part in sets:
            picked = self._selection.of(part.fact, part.variant, part.scope)
            resident = picked["resident"]
            if insured:
                passing = months_of(picked["starts_on"]) + (counting.window + 2) > self._month
                resident = np.compress(passing, resident)
            elif self._date.day == 1:
                self._tomorrow(resident)
            self._all(resident, self._next_first)

    def _spells(self, counting: Counting) -> None:
        """Each further month of what goes on, counted from every start: spells that touch go on as one."""
        picked = self._selection.of(counting.fact, counting.variant, counting.scope)
        resident, starts, ends = picked["resident"], picked["starts_on"], self._selection.ends(picked)
        daily = counting.unit == "days" or counting.join == "pooled"
        if counting.window:
            self._tomorrow(np.compress(self._in_window(counting, starts, ends, daily=daily), resident))
        if daily:
            self._tomorrow(np.compress(ends > self._as_of, resident))
            return
        last = np.zeros(self._batch.residents, np.int32)
        last[:] = NO_DAY
        np.maximum.at(last, resident, ends)
        goes_on = last[resident] > self._as_of
        resident, starts = np.compress(goes_on, resident), np.compress(goes_on, starts)
        months = full_months(starts, np.full(len(starts), self._as_of, np.int32)).astype(np.int32)
        self._add(resident, add_months(starts, months + 1))
        if counting.unit == "half_months":
            for days in HALF_MONTHS_BEGIN:
                self._add(resident, add_months(starts, months) + np.int32(days))

    def _in_window(self, counting: Counting, starts: Days, ends: Days, *, daily: bool) -> Bools:
        """Say which spells a window is passing over: not those that are over, nor those that fill it."""
        since = add_months(np.array([self._as_of], np.int32), -counting.window)[0]
        inside: Bools = ends > since
        if daily or counting.unit == "half_months":
            return inside
        filled = add_months(starts, counting.window) + np.int32(CLAMPED_DAYS_MAX + 1) <= self._as_of
        return inside & ~(filled & (ends > self._as_of))

    def _dated(self, counting: Counting) -> None:
        """The day on which a fact lapses, and those around the day on which it leaves the window."""
        picked = self._selection.of(counting.fact, counting.variant, counting.scope)
        if counting.window:
            leaves = add_months(_known_day(picked, counting.window_step), counting.window)
            near = leaves + np.int32(CLAMPED_DAYS_MAX) > self._as_of
            first = np.maximum(leaves - np.int32(CLAMPED_DAYS_MAX), np.int32(self._as_of + 1))
            self._add(np.compress(near, picked["resident"]), np.compress(near, first))
        if counting.lapse_step >= 0:
            lapses = add_months(_known_day(picked, counting.lapse_step), counting.lapse_after)
            self._add(picked["resident"], lapses)


def _known_day(picked: Picked, step: int) -> Days:
    return day_of(picked, step).astype(np.int32, copy=False)


def _sets(counting: Counting) -> tuple[MonthsOf, ...]:
    return (*counting.joined, *counting.all_of, *counting.minus)
