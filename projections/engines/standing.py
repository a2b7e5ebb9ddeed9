"""What is in force, for columns: the cut at a position, voids, and effective ends. The meaning is in_force()'s.

A void from the start, or from a day that has come, takes its target away; a birth goes with any void. A closer that
is not void ends its spell. Both are asked for one as-of day, so that one rule does for all.
"""

from dataclasses import dataclass

import numpy as np

from projections.engines.batch import NO_WORD, Batch, Rows, offsets
from projections.engines.calendar import NO_DAY, Bools, Days, Ints

FOREVER = np.int32(2**31 - 1)
"""In the place of the end of a spell of which no end is known."""


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
    tables = {}
    for name, applied in (("facts", effective), ("closers", effective), ("permits", effective), ("births", voids)):
        table = batch.tables[name]
        alive = known(table, as_at)
        alive[targets(table, applied, batch.residents)] = False
        tables[name] = alive
    return Standing(
        tables["facts"],
        batch.closers.take(tables["closers"]),
        batch.permits.take(tables["permits"] & (batch.permits["starts_on"] <= as_of)),
        batch.births.take(tables["births"]),
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


def targets(table: Rows, voids: Rows, residents: int) -> Ints:
    """Give the indices of the rows that the voids name. An entry may have made several rows."""
    if not len(voids) or not len(table):
        return np.zeros(0, np.int64)
    begins = offsets(table, residents)
    resident, wanted = voids["resident"], voids["refers_version"]
    low, high = begins[resident], begins[resident + 1]
    end = high
    version = table["version"]
    while np.any(low < high):
        middle = (low + high) // 2
        below = (low < high) & (version[np.minimum(middle, len(table) - 1)] < wanted)
        low = np.where(below, middle + 1, low)
        high = np.where(below | (low >= high), high, middle)
    found: list[Ints] = []
    while True:
        hit = (low < end) & (version[np.minimum(low, len(table) - 1)] == wanted)
        if not hit.any():
            return np.concatenate(found) if found else np.zeros(0, np.int64)
        found.append(low[hit])
        low, end, wanted = low[hit] + 1, end[hit], wanted[hit]


def effective_ends(resident: Days, facts: dict[str, Days], closers: Rows, sizes: tuple[int, int]) -> Days:
    """Give the effective ends of facts: their own, or the earliest closer of their spell.

    `facts` has `ends_on`, `opens` and `spell`; `sizes` are the numbers of words for spells to close and for spells.
    """
    ends = np.where(facts["ends_on"] == NO_DAY, FOREVER, facts["ends_on"])
    usable = (
        (closers["closes"] != NO_WORD) & (closers["spell"] != NO_WORD) & (closers["stops_on"] != NO_DAY)
        if len(closers)
        else np.zeros(0, np.bool_)
    )
    if not usable.any():
        return ends
    closing = closers.take(usable)
    keys = _spell_keys(closing["resident"], closing["closes"], closing["spell"], sizes)
    order = np.argsort(keys)
    firsts = np.flatnonzero(np.diff(keys[order], prepend=-1))
    earliest = np.minimum.reduceat(closing["stops_on"][order], firsts)
    names = keys[order][firsts]
    wanted = _spell_keys(resident, facts["opens"], facts["spell"], sizes)
    place = np.minimum(np.searchsorted(names, wanted), len(names) - 1)
    closed = (names[place] == wanted) & (facts["opens"] != NO_WORD) & (facts["spell"] != NO_WORD)
    return np.where(closed, np.minimum(ends, earliest[place]), ends)


def _spell_keys(resident: Days, word: Days, spell: Days, sizes: tuple[int, int]) -> Ints:
    words, spells = sizes
    return (resident.astype(np.int64) * (words + 1) + word) * (spells + 1) + spell
