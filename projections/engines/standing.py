"""What is in force, for columns: the cut at a position, voids, and effective ends. The meaning is in_force()'s.

A void from the start, or from a day that has come, takes its target away; a birth goes with any void. A closer that
is not void ends its spell. Both are asked for one as-of day, so that one rule does for all.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from projections.engines.batch import NO_WORD, Batch, Rows
from projections.engines.calendar import NO_DAY, Bools, Days, Ints

FOREVER = np.int32(2**31 - 1)
"""In the place of the end of a spell of which no end is known."""


_TABLE_MOST = 1 << 26
"""The most (resident, entry) pairs that are marked in a table; beyond that they are searched for."""
_CLOSER = ("resident", "closes", "spell", "stops_on")
_MOVE = ("resident", "position", "version", "kind", "place", "spell", "mark", "starts_on")


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known at a position and not void on a day. Facts are masked, the small tables are cut."""

    facts: Bools
    closers: Rows
    permits: Rows
    births: Rows


def standing(batch: Batch, as_of: int, as_at: int | None) -> Standing:
    """Apply the cut and the voids."""
    voids = batch.voids.take(known(batch.voids, as_at))
    effective = voids.take(has_effect(voids["stops_on"], as_of))
    alive = {}
    for name, applied in (("facts", effective), ("closers", effective), ("permits", effective), ("births", voids)):
        table = batch.tables[name]
        alive[name] = known(table, as_at) & ~named(table, applied, batch.residents)
    return Standing(
        alive["facts"],
        batch.closers.take(alive["closers"], _CLOSER),
        batch.permits.take(alive["permits"] & (batch.permits["starts_on"] <= as_of), _MOVE),
        batch.births.take(alive["births"]),
    )


def known(table: Rows, as_at: int | None) -> Bools:
    """Mask the rows known at a position."""
    if as_at is None:
        return np.ones(len(table), np.bool_)
    cut: Bools = table["position"] <= as_at
    return cut


def has_effect(stops_on: Days, as_of: int) -> Bools:
    """Mask the voids that take their target away on a day: from the start, or from a day that has come."""
    effect: Bools = (stops_on == NO_DAY) | (stops_on <= as_of)
    return effect


def named(table: Rows, voids: Rows, residents: int) -> Bools:
    """Mask the rows of the entries that the voids name."""
    if not len(voids) or not len(table):
        return np.zeros(len(table), np.bool_)
    versions = int(table["version"].max()) + 1
    voids = voids.take((voids["refers_version"] > 0) & (voids["refers_version"] < versions))
    rows = table["resident"].astype(np.int64) * versions + table["version"]
    targets = voids["resident"].astype(np.int64) * versions + voids["refers_version"]
    if residents * versions > _TABLE_MOST:
        return np.isin(rows, targets)
    marked = np.zeros(residents * versions, np.bool_)
    marked[targets] = True
    return marked[rows]


class Closing:
    """The earliest closer of each spell, and the effective ends that follow."""

    def __init__(self, closers: Rows, words: int, spells: int) -> None:
        self._words, self._spells = words + 1, spells + 1
        usable = (closers["closes"] != NO_WORD) & (closers["spell"] != NO_WORD) & (closers["stops_on"] != NO_DAY)
        closers = closers.take(usable)
        keys = self._keys(closers["resident"], closers["closes"], closers["spell"])
        stops = closers["stops_on"]
        if np.any(keys[1:] < keys[:-1]):
            order = np.argsort(keys)
            keys, stops = keys[order], stops[order]
        begins = np.flatnonzero(np.diff(keys, prepend=-1))
        self._names = keys[begins]
        self._earliest = np.minimum.reduceat(stops, begins) if len(begins) else stops

    def ends(self, resident: Days, ends_on: Days, opens: NDArray[np.int16], spell: Callable[[], Days]) -> Days:
        """Give the effective ends of facts: their own, or the earliest closer of their spell."""
        ends = np.where(ends_on == NO_DAY, FOREVER, ends_on)
        if not len(self._names) or not np.any(opens != NO_WORD):
            return ends
        spells = spell()
        wanted = self._keys(resident, opens, spells)
        place = np.minimum(np.searchsorted(self._names, wanted), len(self._names) - 1)
        closed = (self._names[place] == wanted) & (opens != NO_WORD) & (spells != NO_WORD)
        return np.where(closed, np.minimum(ends, self._earliest[place]), ends)

    def _keys(self, resident: Days, word: NDArray[np.int16], spell: Days) -> Ints:
        return (resident.astype(np.int64) * self._words + word) * self._spells + spell
