"""Spells for columns: periods joined half-open, and how long they are in the units of domain/measures/spells.py."""

import numpy as np

from domain.measures.spells import HALF_MONTH_DAYS, MONTH_DAYS, YEAR_MONTHS
from projections.engines.calendar import Bools, Days, Ints, add_months, full_months
from projections.engines.grouping import sums

_DAY_BITS = 22
"""Bits for a day counted from 0001-01-01 in a packed spell: three of them and a resident fit 64 bits."""
_FROM_YEAR_ONE = 719_162

Periods = tuple[Days, Days, Days]
"""Residents, starts, ends."""


def merged(resident: Days, starts: Days, ends: Days) -> Periods:
    """Join half-open periods of a resident that overlap or touch, in order."""
    if not len(resident):
        return resident, starts, ends
    low = (1 << _DAY_BITS) - 1
    person = resident.astype(np.int64) << _DAY_BITS
    person_start, until = person + starts + _FROM_YEAR_ONE, ends + _FROM_YEAR_ONE
    if np.any(person_start[1:] < person_start[:-1]):
        spells = np.sort(person_start << _DAY_BITS | until)
        person_start, until = spells >> _DAY_BITS, spells & low
    reached = np.maximum.accumulate((person_start & ~low) | until)
    begins = np.flatnonzero(np.concatenate([[True], person_start[1:] > reached[:-1]]))
    last = np.append(begins[1:], len(reached)) - 1
    return (
        (person_start[begins] >> _DAY_BITS).astype(np.int32),
        ((person_start[begins] & low) - _FROM_YEAR_ONE).astype(np.int32),
        ((reached[last] & low) - _FROM_YEAR_ONE).astype(np.int32),
    )


def lengths(starts: Days, ends: Days, unit: str) -> Ints:
    """Give each period's length in a unit."""
    if unit == "days":
        return (ends - starts).astype(np.int64)
    months, rest = months_and_rest(starts, ends)
    return _of_months(months, rest, unit)


def months_and_rest(starts: Days, ends: Days) -> tuple[Ints, Ints]:
    """Give full months, and the days beyond them."""
    months = full_months(starts, ends)
    return months, np.maximum(ends - add_months(starts, months.astype(np.int32)), 0).astype(np.int64)


def pooled(periods: Periods, unit: str, residents: int) -> Ints:
    """Add up full months and what is left over; 30 days left over are a month."""
    resident, starts, ends = periods
    if unit == "days":
        return sums(resident, lengths(starts, ends, unit), residents)
    each, rest_of_each = months_and_rest(starts, ends)
    months, rest = sums(resident, each, residents), sums(resident, rest_of_each, residents)
    return _of_months(months + rest // MONTH_DAYS, rest % MONTH_DAYS, unit)


def _of_months(months: Ints, rest: Ints, unit: str) -> Ints:
    if unit == "half_months":
        return 2 * months + np.where(rest >= HALF_MONTH_DAYS, 2, (rest > 0).astype(np.int64))
    return months // YEAR_MONTHS if unit == "full_years" else months


def reaching(periods: Periods, as_of: int) -> Periods:
    """Keep the periods that reach the as-of day."""
    mask: Bools = periods[2] == as_of
    return periods[0][mask], periods[1][mask], periods[2][mask]
