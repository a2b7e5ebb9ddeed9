"""排名: who is in, for a quota and ordered choices, under a declared rule for ties.

Applicants are taken in the order of their keys; each gets the first of the choices that has a place left
(积分优先, 兼顾志愿). Those with equal keys are taken together: all tied are admitted where a place was left when
the group began (`admit_all`, `shared_rank`), or the draw decides (`lottery`), and then no quota is ever exceeded.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

Ties = Literal["admit_all", "lottery", "shared_rank"]
Outcome = Literal["in", "out", "awaits_draw", "not_eligible"]
ALL = "all"
"""The one unit of a quota that is not parted."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """An application in a ranking. `key` orders: the smaller goes first. `choices` are units in order of wish."""

    application: str
    key: tuple[int, ...]
    choices: tuple[str, ...] = (ALL,)
    met: bool = True


@dataclass(frozen=True, slots=True)
class Ranked:
    """An application's place: `rank` from 1, equal for equal keys; `unit` is the choice that was given."""

    application: str
    rank: int | None
    outcome: Outcome
    unit: str | None = None
    tied: bool = False


@dataclass(frozen=True, slots=True)
class Ranking:
    """A ranking. `line` is the key of the last admitted to each unit; `over` the places beyond a quota by ties."""

    ranked: tuple[Ranked, ...]
    line: dict[str, tuple[int, ...]]
    over: dict[str, int]

    @property
    def is_final(self) -> bool:
        """Say whether nothing waits for a draw."""
        return all(each.outcome != "awaits_draw" for each in self.ranked)

    def of(self, application: str) -> Ranked:
        """Give an application's place. Raises KeyError."""
        for each in self.ranked:
            if each.application == application:
                return each
        raise KeyError(application)

    def named(self, outcome: Outcome) -> list[str]:
        """Name the applications with an outcome, in the order of the ranking."""
        return [each.application for each in self.ranked if each.outcome == outcome]


def rank(
    entrants: Iterable[Entrant],
    places: Mapping[str, int],
    ties: Ties,
    draw: Mapping[str, int] | None = None,
) -> Ranking:
    """Rank and admit. `draw` gives each application its place in the lottery; before it a contested tie waits.

    The order in which entrants come is irrelevant. Places of a unit that is not named are none.
    """
    order = sorted((e for e in entrants if e.met), key=lambda e: (e.key, e.application))
    left = dict(places)
    ranked: list[Ranked] = []
    line: dict[str, tuple[int, ...]] = {}
    for key, group in groupby(order, key=lambda e: e.key):
        tied = list(group)
        place = len(ranked) + 1
        for entrant, unit, outcome in _group(tied, left, ties, draw):
            if unit is not None and outcome == "in":
                line[unit] = key
            ranked.append(Ranked(entrant.application, place, outcome, unit, len(tied) > 1))
    barred = sorted(e.application for e in entrants if not e.met)
    over = {unit: -count for unit, count in left.items() if count < 0}
    return Ranking((*ranked, *(Ranked(name, None, "not_eligible") for name in barred)), line, over)


def _group(
    tied: list[Entrant], left: dict[str, int], ties: Ties, draw: Mapping[str, int] | None
) -> Iterator[tuple[Entrant, str | None, Outcome]]:
    """Place a group of equal keys; `left` is changed."""
    if ties != "lottery":
        free = {unit for unit, count in left.items() if count > 0}
        for entrant in tied:
            unit = next((choice for choice in entrant.choices if choice in free), None)
            if unit is not None:
                left[unit] -= 1
            yield entrant, unit, "out" if unit is None else "in"
        return
    if draw is None and _contested(tied, left):
        waiting = [e for e in tied if any(left.get(choice, 0) > 0 for choice in e.choices)]
        for entrant in tied:
            yield entrant, None, "awaits_draw" if entrant in waiting else "out"
        for unit in {choice for entrant in waiting for choice in entrant.choices if choice in left}:
            left[unit] = 0  # whoever comes later gets nothing here before the draw is held
        return
    for entrant in tied if draw is None else sorted(tied, key=lambda e: (draw[e.application], e.application)):
        unit = next((choice for choice in entrant.choices if left.get(choice, 0) > 0), None)
        if unit is not None:
            left[unit] -= 1
        yield entrant, unit, "out" if unit is None else "in"


def _contested(tied: list[Entrant], left: Mapping[str, int]) -> bool:
    """Say whether the order within a group matters: not everybody can have the first choice that is free."""
    wanted: dict[str, int] = {}
    for entrant in tied:
        unit = next((choice for choice in entrant.choices if left.get(choice, 0) > 0), None)
        if unit is not None:
            wanted[unit] = wanted.get(unit, 0) + 1
    return any(count > left[unit] for unit, count in wanted.items())
