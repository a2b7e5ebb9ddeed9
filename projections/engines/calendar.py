"""The civil arithmetic of domain/civil.py for whole columns. Days are int32 counted from 1970-01-01.

The formulas are the domain's own, read from tables of every day and month: no engine's date functions.
"""

from datetime import date
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.int32]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
NO_DAY = np.int32(-(2**31))
"""In the place of a day that is not known."""

_EPOCH = date(1970, 1, 1).toordinal()
_BEFORE = _EPOCH - 1
"""Days from 0001-01-01 to the epoch."""
_YEARS = 9999


class _Tables(NamedTuple):
    month: Days
    day: NDArray[np.int8]
    first: Days
    length: NDArray[np.int8]


@cache
def _tables() -> _Tables:
    """Number the month of every day, and give every month's first day and length. Months as in domain/civil.py."""
    lengths = np.zeros((_YEARS + 1) * 12, np.int8)
    years = np.arange(_YEARS + 1)
    leap = (years % 4 == 0) & ((years % 100 != 0) | (years % 400 == 0))
    for number, length in enumerate((31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)):
        lengths[number::12] = length + leap if number == 1 else length
    since = np.concatenate([np.zeros(13, np.int64), np.cumsum(lengths[12:], dtype=np.int64)[:-1]])
    month = np.repeat(np.arange(12, len(lengths), dtype=np.int32), lengths[12:])
    day = (np.arange(len(month)) - since[month] + 1).astype(np.int8)
    return _Tables(month, day, (since - _BEFORE).astype(np.int32), lengths)


def day_number(day: date) -> int:
    """Number a day."""
    return day.toordinal() - _EPOCH


def day_of_number(number: int) -> date:
    """Give the day of a number."""
    return date.fromordinal(number + _EPOCH)


def months_of(days: Days) -> Days:
    """Number the months of days: years × 12 + month - 1."""
    return _tables().month.take(days + _BEFORE)


def first_days(months: Days) -> Days:
    """Give the first days of numbered months."""
    return _tables().first.take(months)


def add_months(days: Days, months: int | Days) -> Days:
    """Move days by whole months; a day that the target month lacks becomes its last."""
    tables = _tables()
    place = days + _BEFORE
    target = tables.month.take(place) + months
    moved: Days = tables.first.take(target) + np.minimum(tables.day.take(place), tables.length.take(target)) - 1
    return moved.astype(np.int32, copy=False)


def full_months(starts: Days, ends: Days) -> Ints:
    """Count the full months of half-open [start, end): the greatest n with add_months(start, n) <= end."""
    months = months_of(ends) - months_of(starts)
    months = np.where(add_months(starts, np.maximum(months, 0)) <= ends, months, months - 1)
    return np.where(ends <= starts, 0, months).astype(np.int64)


def ages(born: Days, as_of: int) -> Ints:
    """Count full years of age. Born on 29 February, one turns on 1 March of a common year."""
    tables = _tables()
    place, now = born + _BEFORE, as_of + _BEFORE
    month, day = tables.month.take(place), tables.day.take(place)
    this_month, this_day = int(tables.month[now]), int(tables.day[now])
    before = (this_month % 12 < month % 12) | ((this_month % 12 == month % 12) & (this_day < day))
    return (this_month // 12 - month // 12 - before).astype(np.int64)
