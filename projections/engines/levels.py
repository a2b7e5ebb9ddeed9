"""Levels and the acts they are of, by resident: what of them does not depend on how many points a level gives."""

from functools import cached_property
from typing import NamedTuple

import numpy as np

from projections.engines.calendar import Days, Ints
from projections.engines.grouping import Grouped

_SETS_MOST = 10
"""How many levels may occur so that a table of all their sets is small."""


class _Sets(NamedTuple):
    """The set of each resident's levels, as bits, and the level of each bit."""

    mask: Days
    levels: Days


class _Acts(NamedTuple):
    """The level of each act's first record; of the further records, the level and the act's number."""

    first: Days
    further: Days
    act: Ints
    by_resident: Grouped


class Levels:
    """Records of levels in the order of residents. Equal acts of a resident lie anywhere among theirs."""

    def __init__(self, resident: Days, level: Days, act: Ints, residents: int) -> None:
        self.resident = resident
        self.level = level
        self.act = act
        self._residents = residents

    def greatest(self, worth: Ints) -> Ints:
        """Give what each resident's most valuable level is worth. `worth`: by code, from zero, the last of none."""
        if self._sets is None:
            return Grouped(self.resident, self._residents).greatest(worth.take(self.level))
        sets = np.arange(1 << len(self._sets.levels))
        of_set = np.zeros(len(sets), worth.dtype)
        for bit, value in enumerate(worth.take(self._sets.levels)):
            of_set = np.maximum(of_set, (sets >> bit & 1) * value)
        return of_set.take(self._sets.mask)

    def added(self, worth: Ints) -> Ints:
        """Add up what each resident's acts are worth: of one act the most valuable level alone."""
        acts = self._acts
        of_act = worth.take(acts.first)
        np.maximum.at(of_act, acts.act, worth.take(acts.further))
        return acts.by_resident.sums(of_act)

    @cached_property
    def _sets(self) -> _Sets | None:
        """Find the set of each resident's levels; None where there are too many levels for a table of sets."""
        levels, number = np.unique(self.level, return_inverse=True)
        if len(levels) > _SETS_MOST:
            return None
        mask = np.zeros(self._residents, np.int32)
        if len(number):
            begins = np.flatnonzero(np.diff(self.resident, prepend=-1))
            mask[self.resident[begins]] = np.bitwise_or.reduceat(1 << number, begins)
        return _Sets(mask, levels)

    @cached_property
    def _acts(self) -> _Acts:
        return acts_of(self.resident, self.level, self.act, self._residents)


def acts_of(resident: Days, level: Days, act: Ints, residents: int) -> _Acts:
    """Find the records that are of one act of one resident."""
    order = np.lexsort((act, resident))
    resident, act, level = resident.take(order), act.take(order), level.take(order)
    again = np.zeros(len(order), np.bool_)
    again[1:] = (resident[1:] == resident[:-1]) & (act[1:] == act[:-1])
    number = np.cumsum(~again) - 1
    return _Acts(level[~again], level[again], number[again], Grouped(resident[~again], residents))
