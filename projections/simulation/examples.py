"""A few residents whom a draft moves, explained under both rulebooks: for those whose office it is to look.

They are drawn by a hash, so that the same run draws the same, and nobody chooses them. Who has a restricted fact is
never drawn. No pseudonym is told; `keys` is for the read log alone.
"""

import hashlib
import heapq
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from domain.countable import RESTRICTED
from domain.explanation import explain
from domain.knowledge import in_force
from domain.rulebook import RulebookSet
from domain.score import Score
from domain.scoring import score
from projections.simulation.population import Resident
from projections.simulation.scoring import Here, Ints
from projections.simulation.worlds import World

MOST = 20


class Drawn(NamedTuple):
    """A resident who was drawn, with the rules of their place."""

    lot: str
    resident: Resident
    world: World


class Examples:
    """Draws `count` residents of whom some gain and some lose, where there are both."""

    def __init__(self, count: int, seed: str, as_of: date) -> None:
        self._count = count
        self._seed = seed
        self._as_of = as_of
        self._gain: list[Drawn] = []
        self._lose: list[Drawn] = []

    def look(self, here: Here, world: World, change: Ints) -> None:
        """Draw among the residents of a place."""
        self._gain = self._draw(self._gain, here, world, np.flatnonzero(change > 0))
        self._lose = self._draw(self._lose, here, world, np.flatnonzero(change < 0))

    def _draw(self, drawn: list[Drawn], here: Here, world: World, numbers: Ints) -> list[Drawn]:
        names = here.part.batch.names
        lots = ((self._lot(str(names[here.first + number])), int(number)) for number in numbers)
        found = list(drawn)
        for lot, number in heapq.nsmallest(self._count + MOST, lots):
            resident = here.part.resident(here.first + number)
            if not any(row.kind == RESTRICTED for row in resident.rows):
                found.append(Drawn(lot, resident, world))
        return heapq.nsmallest(self._count, found, key=lambda one: one.lot)

    def _lot(self, key: str) -> str:
        return hashlib.sha256(f"{self._seed}/{key}".encode()).hexdigest()

    @property
    def drawn(self) -> list[Drawn]:
        """Give who was drawn: half of those who lose, half of those who gain, as far as there are so many."""
        half = self._count // 2
        losing = self._lose[: max(half, self._count - len(self._gain))]
        return [*losing, *self._gain[: self._count - len(losing)]]

    @property
    def keys(self) -> list[str]:
        """Name who was drawn, for the read log."""
        return [one.resident.key for one in self.drawn]

    def told(self) -> list[dict[str, Any]]:
        """Explain each in both tongues under both rulebooks, as JSON values."""
        return [self._told(number, one) for number, one in enumerate(self.drawn, 1)]

    def _told(self, number: int, drawn: Drawn) -> dict[str, Any]:
        before, after = (self._score(drawn, one) for one in (drawn.world.current, drawn.world.draft))
        return {
            "example": number,
            "place": drawn.resident.place,
            "current": _explained(before),
            "draft": _explained(after),
        }

    def _score(self, drawn: Drawn, rulebooks: RulebookSet) -> Score:
        one = drawn.resident
        return score(in_force(one.rows), rulebooks, one.place, self._as_of, one.coverage, one.family)


def _explained(scored: Score) -> dict[str, Any]:
    lines: dict[str, Sequence[str]] = {"zh": explain(scored, "zh"), "en": explain(scored, "en")}
    return {"total": scored.points(scored.total), "explanation": lines}
