"""Days walked one by one: what is said of everybody on each, and until when it was to stay."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import NamedTuple

from domain.knowledge import in_force
from domain.next_change import may_change_on
from projections.engines.batch import batch_of
from projections.engines.calendar import day_number
from projections.engines.coordinates import Coordinates
from projections.engines.population import Population
from projections.engines.standing import FOREVER
from tests.properties.population_cases import Case
from tests.properties.test_plan_equals_reference import told

DAY = timedelta(days=1)
NEVER = int(FOREVER)


class Step(NamedTuple):
    """One resident on one day: everything that is said, and until when it stays."""

    day: int
    said: list[object]
    turns_on: int

    def is_due(self, day: int) -> bool:
        """Say whether it stays no longer on a day."""
        return self.turns_on <= day


class Walk:
    """The people of a case, in columns."""

    def __init__(self, one: Case) -> None:
        self._one = one
        self._population = Population(one.rulebooks, one.coverage, use=one.use, ahead=True)
        self._batch = batch_of((number, place, rows) for number, (place, rows) in enumerate(one.people))
        self._known = [(place, in_force(rows, one.as_at)) for place, rows in one.people]

    def on(self, n: int) -> list[Step]:
        """Score everybody on the n-th day, looking ahead."""
        day = self._one.as_of + n * DAY
        [scores] = self._population.score([self._batch], Coordinates(day, self._one.as_at))
        assert scores.turns is not None
        turns = scores.turns.tolist()
        return [Step(day_number(day), told(scores, number), turns[number]) for number in range(len(turns))]

    def days(self, count: int) -> list[list[Step]]:
        """Score everybody on each of so many days; give each resident's steps."""
        return [list(steps) for steps in zip(*(self.on(n) for n in range(count)), strict=True)]

    def foreseen_by_reference(self, n: int) -> list[int]:
        """Look ahead for everybody on the n-th day as the reference does."""
        one, day = self._one, self._one.as_of + n * DAY
        found = [may_change_on(known, one.rulebooks, place, day, one.coverage) for place, known in self._known]
        return [NEVER if turn is None else day_number(turn) for turn in found]


def moved_unseen(steps: Sequence[Step]) -> list[int]:
    """Give the days on which something else is said than the day before, of which some earlier day knew nothing."""
    latest, found = -1, []
    for before, step in pairwise(steps):
        latest = max(latest, before.turns_on)
        if step.said != before.said and latest > step.day:
            found.append(step.day)
    return found
