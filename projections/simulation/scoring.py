"""Scores of residents of one place under several sets of rulebooks: folded once, awarded under each.

A `Folder` folds, what it gives applies. The set-based plan is one; the reference evaluator is another, for proof.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from domain.coverage import Coverage
from domain.knowledge import in_force
from domain.plan import Plan, Row, compile_plan
from domain.rulebook import RulebookSet
from domain.score import LineState
from domain.scoring import score
from projections.engines.awarding import award
from projections.engines.batch import Batch
from projections.engines.coordinates import Coordinates
from projections.engines.folding import fold
from projections.engines.population import only
from projections.engines.results import Lines, Scores
from projections.simulation.population import Part, Resident

Ints = NDArray[np.int64]
_STATES = tuple(LineState)
_UNCOVERED = Coverage()
"""Points do not depend on feeds; only the words `no data` and `zero` do."""


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


class Here(NamedTuple):
    """Residents of a part scored under the same rulebooks: [first, last), the first of them at `place`."""

    part: Part
    place: str
    first: int
    last: int

    @property
    def residents(self) -> list[Resident]:
        """Give them one by one."""
        return [self.part.resident(number) for number in range(self.first, self.last)]

    @property
    def batch(self) -> Batch:
        """Give them as columns."""
        whole = self.part.batch
        return whole if (self.first, self.last) == (0, whole.residents) else whole.part(self.first, self.last)


class Applied(Protocol):
    """Residents of one place whose measures have been folded."""

    def apply(self, rulebooks: RulebookSet) -> Scored:
        """Score them under one of the sets that they were folded for."""
        ...


class Folder(Protocol):
    """An engine."""

    def fold(self, here: Here, sets: Sequence[RulebookSet], as_of: date) -> Applied:
        """Fold what these sets measure."""
        ...


class ReferenceFolder:
    """The reference evaluator: one resident after the other."""

    def fold(self, here: Here, sets: Sequence[RulebookSet], as_of: date) -> "_Known":
        """Fold what is in force; the reference evaluator measures anew for each set."""
        del sets
        return _Known(here, as_of)


class _Known:
    def __init__(self, here: Here, as_of: date) -> None:
        self._as_of = as_of
        self.known = [(in_force(one.rows), one.place, one.family) for one in here.residents]

    def apply(self, rulebooks: RulebookSet) -> Scored:
        scores = [
            score(knowledge, rulebooks, place, self._as_of, family=family)
            for knowledge, place, family in self.known
        ]
        points = [{RowKey(line.doc, line.item): line.points for line in one.rows} for one in scores]
        keys = points[0] if points else {}
        return Scored(
            rulebooks.scale,
            np.array([one.total for one in scores], np.int64),
            np.array([one.usable for one in scores], np.int64),
            {key: np.array([row[key] for row in points], np.int64) for key in keys},
        )


class PlanFolder:
    """The set-based plan. A row of a kind that has no plan is scored by the reference evaluator, for everybody."""

    def __init__(self) -> None:
        self._plans: dict[str, Plan] = {}

    def fold(self, here: Here, sets: Sequence[RulebookSet], as_of: date) -> "Columns":
        """Fold every measure, hold and choice of the sets, each once."""
        plans = {rulebooks.hash: self._plan(rulebooks) for rulebooks in sets}
        return Columns(here, plans, Coordinates(as_of))

    def _plan(self, rulebooks: RulebookSet) -> Plan:
        if rulebooks.hash not in self._plans:
            self._plans[rulebooks.hash] = compile_plan(rulebooks)
        return self._plans[rulebooks.hash]


class Columns:
    """Residents of one place, folded by the plan."""

    def __init__(self, here: Here, plans: Mapping[str, Plan], at: Coordinates) -> None:
        self._here = here
        self._plans = plans
        self._at = at
        self._folded = fold(_together(list(plans.values())), here.batch, at)
        self._one_by_one: _Known | None = None

    def apply(self, rulebooks: RulebookSet) -> Scored:
        """Score them under one of the sets that they were folded for."""
        plan, scores = self._plans[rulebooks.hash], self.scores(rulebooks)
        return Scored(
            plan.scale,
            scores.total,
            scores.usable,
            {RowKey(row.doc, row.id): line.points for row, line in zip(plan.rows, scores.lines, strict=True)},
        )

    def scores(self, rulebooks: RulebookSet) -> Scores:
        """Give everything that the plan says under one of the sets."""
        plan = self._plans[rulebooks.hash]
        return award(plan, self._folded, self._at, _UNCOVERED, self._fallback(rulebooks))

    def _fallback(self, rulebooks: RulebookSet) -> Callable[[Row], Lines]:
        def scored(row: Row) -> Lines:
            if self._one_by_one is None:
                self._one_by_one = _Known(self._here, self._at.as_of)
            alone = only(rulebooks, row)
            lines = [
                next(score(known, alone, place, self._at.as_of, family=family).rows)
                for known, place, family in self._one_by_one.known
            ]
            return Lines(
                np.array([line.quantity or 0 for line in lines], np.int64),
                np.array([line.quantity is not None for line in lines], np.bool_),
                np.array([line.earned * row.up for line in lines], np.int64),
                np.array([line.points * row.up for line in lines], np.int64),
                np.array([_STATES.index(line.state) for line in lines], np.int8),
            )

        return scored


def _together(plans: Sequence[Plan]) -> Plan:
    """Give a plan that folds what any of these needs. Only its measures, holds and choices are read."""
    return plans[0].model_copy(
        update={
            part: tuple(dict.fromkeys(one for plan in plans for one in getattr(plan, part)))
            for part in ("measures", "holds", "choices")
        }
    )
