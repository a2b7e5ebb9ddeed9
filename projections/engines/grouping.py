"""Rows grouped: by resident, by resident and year, by act. All columns are in the order of residents."""

import numpy as np

from projections.engines.calendar import Days, Ints


def sums(resident: Days, values: Ints, residents: int) -> Ints:
    """Add integers by resident. They may be Python's own, where 64 bits might not do."""
    total = np.zeros(residents, values.dtype)
    if len(resident):
        begins = np.flatnonzero(np.diff(resident, prepend=-1))
        total[resident[begins]] = np.add.reduceat(values, begins)
    return total


def greatest(resident: Days, values: Ints, residents: int) -> Ints:
    """Give each resident's greatest value, not below zero."""
    best = np.zeros(residents, values.dtype)
    if len(resident):
        begins = np.flatnonzero(np.diff(resident, prepend=-1))
        best[resident[begins]] = np.maximum.reduceat(values, begins)
    return np.maximum(best, 0)


def by_year(resident: Days, year: Days, values: Ints) -> tuple[Days, Ints]:
    """Add integers by resident and calendar year; in the order of residents, then years."""
    if not len(resident):
        return resident, values
    least = int(year.min())
    keys = resident.astype(np.int64) * (int(year.max()) - least + 1) + (year - least)
    order = np.argsort(keys, kind="stable")
    begins = np.flatnonzero(np.diff(keys[order], prepend=-1))
    return resident[order][begins], np.add.reduceat(values[order], begins)
