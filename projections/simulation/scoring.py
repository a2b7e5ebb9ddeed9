"""Scores of a part of a population under several sets of rulebooks: folded once, awarded under each.

A `Folder` folds, what it gives applies. The reference evaluator is one; the set-based plan another, and faster.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from domain.family import Family
from domain.knowledge import Knowledge, in_force
from domain.rulebook import RulebookSet
from domain.scoring import score
from projections.simulation.population import Resident

Ints = NDArray[np.int64]


class RowKey(NamedTuple):
    """Names a row of a table."""

    doc: str
    id: str


class Scored(NamedTuple):
    """Columns over residents, in units of 10^-scale. `usable` is zero where the points cannot be used today.

    `rows` holds the points of items and deductions after their own caps.
    """

    scale: int
    total: Ints
    usable: Ints
    rows: Mapping[RowKey, Ints]


class Folded(Protocol):
    """Residents of one place whose measures have been folded."""

    def apply(self, rulebooks: RulebookSet) -> Scored:
        """Score them under one of the sets that they were folded for."""
        ...


class Folder(Protocol):
    """An engine."""

    def fold(self, residents: Sequence[Resident], place: str, sets: Sequence[RulebookSet], as_of: date) -> Folded:
        """Fold what these sets measure."""
        ...


class ReferenceFolder:
    """The reference evaluator: one resident after the other."""

    def fold(self, residents: Sequence[Resident], place: str, sets: Sequence[RulebookSet], as_of: date) -> "_Known":
        """Fold what is in force; the reference evaluator measures anew for each set."""
        del sets
        return _Known([(in_force(one.rows), one.family) for one in residents], place, as_of)


class _Known:
    def __init__(self, known: Sequence[tuple[Knowledge, Family]], place: str, as_of: date) -> None:
        self._known = known
        self._place = place
        self._as_of = as_of

    def apply(self, rulebooks: RulebookSet) -> Scored:
        scores = [
            score(knowledge, rulebooks, self._place, self._as_of, family=family)
            for knowledge, family in self._known
        ]
        points = [{RowKey(line.doc, line.item): line.points for line in one.rows} for one in scores]
        keys = points[0] if points else {}
        return Scored(
            rulebooks.scale,
            np.array([one.total for one in scores], np.int64),
            np.array([one.usable for one in scores], np.int64),
            {key: np.array([row[key] for row in points], np.int64) for key in keys},
        )
