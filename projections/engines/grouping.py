"""Rows grouped: by resident, by resident and year, by act. All columns are in the order of residents."""

import numpy as np

from projections.engines.calendar import Days, Ints


class Grouped:
    """Rows that lie in the order of residents, with the places where each resident's begin found once for all."""

    __slots__ = ("_bounds", "_some")

    def __init__(self, resident: Days, residents: int) -> None:
        counts = np.bincount(resident, minlength=residents)
        self._bounds = np.zeros(residents + 1, np.int64)
        np.cumsum(counts, out=self._bounds[1:])
        self._some = np.flatnonzero(counts)

    def sums(self, values: Ints) -> Ints:
        """Add integers by resident. They may be Python's own, where 64 bits might not do."""
        until = np.zeros(len(values) + 1, values.dtype)
        np.cumsum(values, out=until[1:])
        before = until.take(self._bounds)
        total: Ints = before[1:] - before[:-1]
        return total

    def greatest(self, values: Ints) -> Ints:
        """Give each resident's greatest value, not below zero."""
        best = np.zeros(len(self._bounds) - 1, values.dtype)
        if len(self._some):
            best[self._some] = np.maximum.reduceat(values, self._bounds.take(self._some))
        return np.maximum(best, 0, out=best)


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
