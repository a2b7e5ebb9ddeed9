"""Two scores of everybody, added up: who gains and loses, by item, district, decile, threshold, quota and size.

A part is compared and forgotten but for four numbers a resident, which ranking and deciles need.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from projections.simulation.examples import Examples
from projections.simulation.population import Part
from projections.simulation.scoring import Folder, Here, Ints, RowKey, Scored
from projections.simulation.worlds import World, Worlds

SCALE = 4
"""Points are compared as integers of 10^-4, the finest scale that a rulebook may have."""


@dataclass
class Moved:
    """How many people a change lifts and lowers, and by how much in all, in units of 10^-4."""

    gain: int = 0
    lose: int = 0
    gained: int = 0
    lost: int = 0

    def add(self, change: Ints) -> None:
        """Add the changes of some people."""
        up, down = change > 0, change < 0
        self.gain += int(up.sum())
        self.lose += int(down.sum())
        self.gained += int(change[up].sum())
        self.lost -= int(change[down].sum())


@dataclass
class Tried:
    """What one variant of the draft does: against what is in force, and over each threshold."""

    name: str
    moved: Moved = field(default_factory=Moved)
    over: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Everybody:
    """Columns over all residents: their district's number, total and usable points before and after."""

    district: NDArray[np.int32]
    before: Ints
    after: Ints
    usable_before: Ints
    usable_after: Ints

    @property
    def change(self) -> Ints:
        """Give by how much each total moves."""
        return self.after - self.before

    def __len__(self) -> int:
        return len(self.district)


class Comparison:
    """Adds parts up. `thresholds` by programme, in units of 10^-4."""

    def __init__(
        self,
        worlds: Worlds,
        folder: Folder,
        as_of: date,
        thresholds: Mapping[str, int],
        examples: Examples | None = None,
    ) -> None:
        self._examples = examples
        self._worlds = worlds
        self._folder = folder
        self._as_of = as_of
        self._thresholds = thresholds
        self._columns: list[Everybody] = []
        self.items: dict[RowKey, Moved] = {}
        self.districts: list[str] = []
        self.tried = [Tried(one.name, over=dict.fromkeys(thresholds, 0)) for one in worlds.variants]

    def add(self, part: Part) -> None:
        """Compare the residents of a part, place by place."""
        for here in by_place(part):
            self._add(here, self._worlds.at(here.place))

    def _add(self, here: Here, world: World) -> None:
        sets = (world.current, world.draft, *world.variants)
        folded = self._folder.fold(here, sets, self._as_of)
        before, after = _fine(folded.apply(world.current)), _fine(folded.apply(world.draft))
        district = np.full(here.last - here.first, self._number(here.place), np.int32)
        columns = Everybody(district, before.total, after.total, before.usable, after.usable)
        self._columns.append(columns)
        if self._examples is not None:
            self._examples.look(here, world, columns.change)
        nothing = np.zeros(len(district), np.int64)
        for key in dict.fromkeys([*before.rows, *after.rows]):
            moved = self.items.setdefault(key, Moved())
            moved.add(after.rows.get(key, nothing) - before.rows.get(key, nothing))
        for tried, rulebooks in zip(self.tried, world.variants, strict=True):
            scored = _fine(folded.apply(rulebooks))
            tried.moved.add(scored.total - before.total)
            for programme, least in self._thresholds.items():
                tried.over[programme] += int((scored.usable >= least).sum())

    def _number(self, place: str) -> int:
        if place not in self.districts:
            self.districts.append(place)
        return self.districts.index(place)

    def everybody(self) -> Everybody:
        """Put the columns of all parts together, with districts numbered in the order of their codes."""
        order = sorted(self.districts)
        numbers = np.array([order.index(place) for place in self.districts], np.int32)
        joined = [np.concatenate([getattr(one, name) for one in self._columns] or [_NOBODY]) for name in _COLUMNS]
        district = numbers[joined[0]] if self.districts else joined[0].astype(np.int32)
        return Everybody(district, *joined[1:])


_COLUMNS = ("district", "before", "after", "usable_before", "usable_after")
_NOBODY = np.zeros(0, np.int64)


def by_place(part: Part) -> Iterator[Here]:
    """Cut a part where the place changes."""
    batch = part.batch
    starts = [0, *(np.flatnonzero(np.diff(batch.place)) + 1).tolist(), batch.residents]
    for first, last in pairwise(starts):
        if first < last:
            yield Here(part, batch.words["place"].names[batch.place[first]], first, last)


def _fine(scored: Scored) -> Scored:
    """Bring points to the scale in which they are compared."""
    times = np.int64(10 ** (SCALE - scored.scale))
    rows = {key: points * times for key, points in scored.rows.items()}
    return Scored(SCALE, scored.total * times, scored.usable * times, rows)
