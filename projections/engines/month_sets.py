"""Sets of months as bits: bit n of a resident's row is the month n before the month of the as-of day."""

import numpy as np

from domain.countable import INSURANCE
from domain.measures.month_sets import REFUNDED
from domain.plan import Counting, MonthsOf
from projections.engines.calendar import NO_DAY, Bools, Days, Ints, first_days, months_of
from projections.engines.selection import Picked, Selection, meant, packed

_Months = tuple[Days, Days]
"""Residents, and how many months ago; in any order, the same month perhaps more than once."""


def month_sets(counting: Counting, selection: Selection, as_of: int) -> tuple[Bools, Bools]:
    """Give everybody's set of months, and for whom any fact was there at all. The last bit of a set is clear."""
    reader = _Reader(selection, as_of)
    joined = [reader.months(part, counting.window) for part in counting.joined]
    crossed = [reader.months(part, 0) for part in counting.all_of]
    taken_off = [reader.months(part, 0) for part in counting.minus]
    width = 2 + max(int(ago.max(initial=0)) for _, ago in (*joined, *crossed, *taken_off))
    sets = reader.bits(joined, width)
    for months in crossed:
        sets &= reader.bits([months], width)
    for months in taken_off:
        sets &= ~reader.bits([months], width)
    return sets, reader.found(counting.joined)


class _Reader:
    def __init__(self, selection: Selection, as_of: int) -> None:
        self._selection = selection
        self._residents = selection.batch.residents
        self._as_of = as_of
        self._this_month = int(months_of(np.array([as_of], np.int32))[0])

    def found(self, parts: tuple[MonthsOf, ...]) -> Bools:
        found = np.zeros(self._residents, np.bool_)
        for part in parts:
            found |= self._selection.found(part.fact, part.variant, part.scope)
        return found

    def months(self, part: MonthsOf, window: int) -> _Months:
        """Read one set; of the months only those within the window, where there is one."""
        picked = meant(self._of(part), part.fits, part.exclude, self._selection.batch.words)
        resident, ago = self._insured(picked) if part.fact == INSURANCE else self._lived(picked, part)
        if window:
            inside = (ago >= 1) & (ago <= window)
            return np.compress(inside, resident), np.compress(inside, ago)
        return resident, ago

    def bits(self, months: list[_Months], width: int) -> Bools:
        bits = np.zeros(self._residents * width, np.bool_)
        for resident, ago in months:
            bits[resident.astype(np.int64) * width + ago] = True
        return bits.reshape(self._residents, width)

    def _of(self, part: MonthsOf) -> Picked:
        return self._selection.of(part.fact, part.variant, part.scope)

    def _insured(self, picked: Picked) -> _Months:
        picked = picked.where(~self._refunded(picked))
        return picked["resident"], self._this_month - months_of(picked["starts_on"])

    def _refunded(self, picked: Picked) -> Bools:
        """Mask the months that were refunded; where the resident is scored does not matter."""
        refunds = self._selection.anywhere(REFUNDED)
        effective = refunds["effective_on"]
        refunds = refunds.where((effective != NO_DAY) & (effective <= self._as_of))
        if not len(refunds):
            return np.zeros(len(picked), np.bool_)
        names = ("resident", "variant", "starts_on", "place")
        keys = packed([np.concatenate([refunds[name], picked[name]]) for name in names])
        return np.isin(keys[len(refunds) :], keys[: len(refunds)])

    def _lived(self, picked: Picked, part: MonthsOf) -> _Months:
        starts = picked["starts_on"]
        until = np.minimum(self._selection.ends(picked), np.int32(self._as_of))
        there = until > starts
        resident, starts, until = picked["resident"][there], starts[there], until[there]
        first = months_of(starts)
        if part.part == "whole_month":
            first += first_days(first) < starts
            end = months_of(until)
        else:
            end = months_of(until - 1) + 1
        many = np.maximum(end - first, 0)
        nth = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
        return np.repeat(resident, many), (self._this_month - np.repeat(first, many) - nth).astype(np.int32)


def run_lengths(sets: Bools, run: str) -> Ints:
    """Count the months of each set, of the run that ends last month (bit 1), or of the longest run."""
    if run == "last":
        unbroken: Ints = sets[:, 1:].argmin(axis=1).astype(np.int64)
        return unbroken
    if run == "longest":
        return _longest(sets)
    count: Ints = np.bitwise_count(np.packbits(sets, axis=1)).sum(axis=1, dtype=np.int64)
    return count


def _longest(sets: Bools) -> Ints:
    longest = np.zeros(len(sets), np.int64)
    months = np.flatnonzero(sets)
    if len(months):
        # The last bit of a set is clear, so that a run never goes on into the next resident's set.
        begins = np.flatnonzero(np.diff(months, prepend=-2) != 1)
        np.maximum.at(longest, months[begins] // sets.shape[1], np.diff(begins, append=len(months)))
    return longest
