"""The counts of a simulation, each with a name, and the equations between them: what suppression reasons about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from projections.simulation.comparison import SCALE, Comparison, Everybody, Moved
from projections.simulation.scoring import Ints
from projections.simulation.suppression import Equation, withheld

Mask = NDArray[np.bool_]
WAYS = ("gain", "same", "lose")
CROSSED = ("reaches", "loses", "keeps", "stays_below")
PLACED = ("gets_in", "drops_out", "stays_in", "stays_out")
RANKS = ("up", "same", "down", "unranked")
POINT = 10**SCALE
EDGES = tuple(points * POINT for points in (1, 5, 10, 20, 50))
"""Sizes of a change, in points: up to 1, up to 5, and so on."""
DECILES = 10


class Band(NamedTuple):
    """A group of people by their score before: from `least` points on, in units of 10^-4."""

    number: int
    least: int


class Line(NamedTuple):
    """入围分数线: the lowest usable score that gets a place; None where places are left over."""

    before: int | None
    after: int | None


@dataclass
class Counts:
    """Counts of people by name, sums of points that belong to a count by its name, and what must be withheld."""

    people: dict[str, int] = field(default_factory=dict)
    points: dict[str, int] = field(default_factory=dict)
    equations: list[Equation] = field(default_factory=list)
    bands: list[Band] = field(default_factory=list)
    line: Line | None = None
    hidden: frozenset[str] = frozenset()

    def sums(self, total: str, parts: Iterable[str]) -> None:
        """Say that a count is the sum of others."""
        self.equations.append(Equation(total, tuple(parts)))

    def seen(self, name: str) -> int | None:
        """Give a count that may be told."""
        return None if name in self.hidden else self.people[name]

    def seen_points(self, name: str) -> int | None:
        """Give the points of people whose count may be told."""
        return None if name in self.hidden else self.points[name]


def count(comparison: Comparison, everybody: Everybody, thresholds: Mapping[str, int], quota: int | None) -> Counts:
    """Count everything that a report tells, and decide what it withholds."""
    counts = Counts(people={"all:people": len(everybody)})
    _ways(counts, "all", everybody.change, np.ones(len(everybody), np.bool_))
    counts.sums("all:people", [f"all:{way}" for way in WAYS])
    districts = {f"district:{n}": everybody.district == n for n in range(len(comparison.districts))}
    _groups(counts, everybody.change, districts)
    counts.bands = _bands(everybody.before)
    deciles = _deciles(everybody.before, counts.bands)
    _groups(counts, everybody.change, {f"decile:{n}": deciles == n for n in range(len(counts.bands))})
    _sizes(counts, everybody.change)
    for key, moved in comparison.items.items():
        _moved(counts, f"item:{key.doc}/{key.id}", moved, len(everybody))
    for number, tried in enumerate(comparison.tried):
        _moved(counts, f"variant:{number}", tried.moved, len(everybody))
        for programme, over in tried.over.items():
            _split(counts, f"variant:{number}:{programme}", {"over": over, "under": len(everybody) - over})
        _alike(counts, f"variant:{number}", tried.moved, thresholds)
    for programme, least in thresholds.items():
        crossed = _both(everybody.usable_before >= least, everybody.usable_after >= least, CROSSED)
        _crossed(counts, f"threshold:{programme}", crossed, districts)
    if quota is not None:
        _quota(counts, everybody, quota, districts)
    counts.hidden = frozenset(withheld(counts.people, counts.equations))
    return counts


def _ways(counts: Counts, group: str, change: Ints, where: Mask) -> None:
    up, down = where & (change > 0), where & (change < 0)
    counts.people[f"{group}:gain"] = int(up.sum())
    counts.people[f"{group}:lose"] = int(down.sum())
    counts.people[f"{group}:same"] = int((where & (change == 0)).sum())
    counts.points[f"{group}:gain"] = int(change[up].sum())
    counts.points[f"{group}:lose"] = int(change[down].sum())


def _groups(counts: Counts, change: Ints, groups: Mapping[str, Mask]) -> None:
    """Count the ways in groups that together are everybody."""
    for group, where in groups.items():
        counts.people[f"{group}:people"] = int(where.sum())
        _ways(counts, group, change, where)
        counts.sums(f"{group}:people", [f"{group}:{way}" for way in WAYS])
    for way in (*WAYS, "people"):
        counts.sums(f"all:{way}", [f"{group}:{way}" for group in groups])


def _moved(counts: Counts, name: str, moved: Moved, people: int) -> None:
    counts.people |= {
        f"{name}:gain": moved.gain,
        f"{name}:lose": moved.lose,
        f"{name}:same": people - moved.gain - moved.lose,
    }
    counts.points |= {f"{name}:gain": moved.gained, f"{name}:lose": -moved.lost}
    counts.sums("all:people", [f"{name}:{way}" for way in WAYS])


def _alike(counts: Counts, name: str, moved: Moved, programmes: Iterable[str]) -> None:
    """Tie a variant that does just what the draft does, or nothing, to the counts that it repeats."""
    ways = {way: counts.people[f"all:{way}"] for way in WAYS}
    as_draft = ways == {way: counts.people[f"{name}:{way}"] for way in WAYS}
    if as_draft:
        for way in WAYS:
            counts.sums(f"{name}:{way}", [f"all:{way}"])
    for programme in programmes:
        if as_draft:
            counts.sums(
                f"{name}:{programme}:over", [f"threshold:{programme}:{case}" for case in ("reaches", "keeps")]
            )
        elif not moved.gain and not moved.lose:
            counts.sums(
                f"{name}:{programme}:over", [f"threshold:{programme}:{case}" for case in ("loses", "keeps")]
            )


def _split(counts: Counts, name: str, parts: Mapping[str, int]) -> None:
    counts.people |= {f"{name}:{part}": people for part, people in parts.items()}
    counts.sums("all:people", [f"{name}:{part}" for part in parts])


def _both(before: Mask, after: Mask, names: Sequence[str]) -> dict[str, Mask]:
    """Name the four cases of two yes-or-no questions: newly, no longer, still, still not."""
    return dict(zip(names, (~before & after, before & ~after, before & after, ~before & ~after), strict=True))


def _crossed(counts: Counts, name: str, cases: Mapping[str, Mask], districts: Mapping[str, Mask]) -> None:
    """Count cases over everybody and in each district."""
    _split(counts, name, {case: int(where.sum()) for case, where in cases.items()})
    for district, here in districts.items():
        parts = {case: f"{name}:{district}:{case}" for case in cases}
        counts.people |= {parts[case]: int((where & here).sum()) for case, where in cases.items()}
        counts.sums(f"{district}:people", parts.values())
    for case in cases:
        counts.sums(f"{name}:{case}", [f"{name}:{district}:{case}" for district in districts])


def _bands(before: Ints) -> list[Band]:
    """Cut people into ten groups by their score before; equal scores are never cut, so there may be fewer."""
    ordered = np.sort(before)
    starts = [len(ordered) * n // DECILES for n in range(DECILES)] if len(ordered) else []
    least = sorted({int(ordered[start]) for start in starts})
    return [Band(number, points) for number, points in enumerate(least)]


def _deciles(before: Ints, bands: Sequence[Band]) -> NDArray[np.int64]:
    edges = np.array([band.least for band in bands[1:]], np.int64)
    found: NDArray[np.int64] = np.searchsorted(edges, before, side="right")
    return found


def sizes() -> list[tuple[str, int | None, int | None]]:
    """Name the sizes of a change with their bounds (above, up to) in units of 10^-4: losses, none, gains."""
    steps = [*pairwise((0, *EDGES)), (EDGES[-1], None)]
    up = [(f"size:+{n}", low, high) for n, (low, high) in enumerate(steps)]
    down = [(f"size:-{n}", low, high) for n, (low, high) in enumerate(steps)]
    return [*reversed(down), ("size:0", None, None), *up]


def _sizes(counts: Counts, change: Ints) -> None:
    for name, low, high in sizes():
        if low is None:
            counts.people[name] = int((change == 0).sum())
            continue
        size = change if "+" in name else -change
        within = size > low
        counts.people[name] = int((within if high is None else within & (size <= high)).sum())
    for sign, way in (("+", "gain"), ("-", "lose"), ("0", "same")):
        counts.sums(f"all:{way}", [name for name, _, _ in sizes() if name.startswith(f"size:{sign}")])


def _quota(counts: Counts, everybody: Everybody, quota: int, districts: Mapping[str, Mask]) -> None:
    """Rank by usable points, equal scores at the line all admitted (admit_all). Zero points get no place."""
    before, line_before = _admitted(everybody.usable_before, quota)
    after, line_after = _admitted(everybody.usable_after, quota)
    counts.line = Line(line_before, line_after)
    _crossed(counts, "quota", _both(before, after, PLACED), districts)
    ranked = (everybody.usable_before > 0) & (everybody.usable_after > 0)
    moved = _ranks(everybody.usable_before) - _ranks(everybody.usable_after)
    cases = (ranked & (moved > 0), ranked & (moved == 0), ranked & (moved < 0), ~ranked)
    _split(counts, "rank", {name: int(where.sum()) for name, where in zip(RANKS, cases, strict=True)})


def _admitted(usable: Ints, quota: int) -> tuple[Mask, int | None]:
    asking = np.sort(usable[usable > 0])
    if len(asking) <= quota:
        return usable > 0, None
    line = int(asking[len(asking) - quota])
    return usable >= line, line


def _ranks(usable: Ints) -> NDArray[np.int64]:
    """Give everybody's rank from 1; equal scores share the best one."""
    ordered = np.sort(usable)
    found: NDArray[np.int64] = len(ordered) - np.searchsorted(ordered, usable, side="right") + 1
    return found
