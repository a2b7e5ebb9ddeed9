"""What would change if some entries came or went: scores before and after, of those they are about.

Scores are the reference evaluator's, on what the projections know and the rows that would be added. Above
SUBJECTS_MAX people a sample of so many is looked at, drawn by their ids, which are random; how many there are is
then an estimate. Memory is bounded by the sample. Relatives count as they are known
now: what is added to them moves their own score alone. Counts that speak of fewer than ten people are withheld.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from heapq import heappush, heappushpop
from itertools import islice
from typing import Any
from uuid import UUID

from psycopg import Cursor

from domain.factrow import FactRow
from domain.family import Family
from domain.home import places_of, usual_place
from domain.knowledge import Knowledge, in_force
from domain.scoring import score
from projections.households import Household, households_at
from projections.quarantine import held_at
from projections.reading import MOST
from projections.rules import Rules
from projections.schemas import Schemas
from projections.simulation.suppression import LEAST, Equation, withheld
from projections.ties import kin_of

SUBJECTS_MAX = 20_000
_TOGETHER = 500
_SCALE = 4
_STEPS = (-20, -10, -5, -1, 0, 1, 5, 10, 20)
"""Whole points at which the histogram is cut; no change is none of its steps."""


class Touched:
    """Rows that would be added, of a sample of the people they are about: those with the smallest ids."""

    def __init__(self, most: int = SUBJECTS_MAX) -> None:
        self._most = most
        self._rows: dict[UUID, list[FactRow]] = {}
        self._largest: list[int] = []
        self._beyond: int | None = None

    def add(self, subject: UUID, rows: Iterable[FactRow]) -> None:
        """Note rows about somebody; forget whoever has the largest id where there are too many."""
        if self._beyond is not None and subject.int >= self._beyond:
            return
        if subject not in self._rows:
            self._rows[subject] = []
            if len(self._rows) <= self._most:
                heappush(self._largest, -subject.int)
            else:
                self._beyond = -heappushpop(self._largest, -subject.int)
                del self._rows[UUID(int=self._beyond)]
                if subject.int == self._beyond:
                    return
        self._rows[subject] += rows

    @property
    def is_sample(self) -> bool:
        """Say whether there were more than are kept."""
        return self._beyond is not None

    @property
    def people(self) -> int:
        """Count them; of a sample, estimate how many there are from where the largest kept id lies."""
        if self._beyond is None:
            return len(self._rows)
        return round((len(self._rows) << 128) / self._beyond)

    def chunks(self) -> Iterator[list[tuple[UUID, list[FactRow]]]]:
        """Give those that are kept, some at a time."""
        kept = iter(self._rows.items())
        while chunk := list(islice(kept, _TOGETHER)):
            yield chunk


@dataclass
class Effect:
    """How scores move. Counts are of those looked at; None: fewer than ten people, or it would give them away.

    `people` are touched, and `looked_at` of them looked at: scored, `nowhere` at home, or quarantined; `new` are
    those unknown before. Points are units of 10^-4. `steps` counts changes in [from, to) whole points, None: open.
    Quantiles of the changes are given where ten people lie on either side.
    """

    people: int
    sample: bool
    looked_at: int
    counts: dict[str, int | None] = field(default_factory=dict)
    steps: list[tuple[int | None, int | None, int | None]] = field(default_factory=list)
    quantiles: dict[str, int] = field(default_factory=dict)


class Effects:
    """Scores on one connection of the runner's role, under the rules known there, as of a day.

    `place` None: each is scored where they are at home, or where their facts are.
    """

    def __init__(
        self, cursor: Cursor[Any], schemas: Schemas, rules: Rules, as_of: date, place: str | None = None
    ) -> None:
        self._cursor = cursor
        self._schemas = schemas
        self._rules = rules
        self._as_of = as_of
        self._place = place
        self._documents = [one.document for one in rules.published]

    def of(self, touched: Touched, as_at: int = MOST) -> Effect:
        """Score everybody kept, as known at a position and with what is added."""
        changes: list[int] = []
        counts = dict.fromkeys(("nowhere", "new", "quarantined"), 0)
        for chunk in touched.chunks():
            merged = kin_of(self._cursor, self._schemas, [subject for subject, _ in chunk], as_at).merged
            people = [(merged.get(subject, subject), added) for subject, added in chunk]
            subjects = list({subject for subject, _ in people})
            known = households_at(self._cursor, self._schemas, subjects, self._as_of, as_at)
            held = held_at(self._cursor, self._schemas, subjects, as_at)
            for subject, added in people:
                if subject in held or subject not in known:
                    counts["quarantined"] += 1
                    continue
                counts["new"] += not known[subject].rows
                change = self._change(known[subject], added)
                if change is None:
                    counts["nowhere"] += 1
                else:
                    changes.append(change)
        return _told(touched, changes, counts)

    def _change(self, known: Household, added: Sequence[FactRow]) -> int | None:
        before = in_force(known.rows)
        after = in_force([*known.rows, *added])
        first, second = self._home(before), self._home(after)
        if first is None and second is None:
            return None
        return self._total(after, second, known.family) - self._total(before, first, known.family)

    def _home(self, knowledge: Knowledge) -> str | None:
        if self._place is not None:
            return self._place
        permit, homes = places_of(knowledge, self._as_of)
        return permit or next(iter(homes), None) or usual_place(knowledge, self._as_of, self._documents)

    def _total(self, knowledge: Knowledge, place: str | None, family: Family) -> int:
        if place is None:
            return 0
        rulebooks = self._rules.under(place, self._as_of)
        if not rulebooks.documents:
            return 0
        scored = score(knowledge, rulebooks, place, self._as_of, self._rules.coverage, family)
        return scored.total * int(10 ** (_SCALE - scored.scale))


def _told(touched: Touched, changes: list[int], counts: dict[str, int]) -> Effect:
    """Count, and take out what speaks of too few."""
    changed = sorted(change for change in changes if change)
    ends = [step * 10**_SCALE for step in _STEPS]
    bins = [0] * (len(ends) + 1)
    for change in changed:
        bins[bisect_right(ends, change)] += 1
    counts |= {
        "scored": len(changes),
        "changed": len(changed),
        "up": sum(change > 0 for change in changed),
        "down": sum(change < 0 for change in changed),
        "unchanged": len(changes) - len(changed),
    }
    steps = {f"step {number}": count for number, count in enumerate(bins)}
    looked_at = counts["scored"] + counts["nowhere"] + counts["quarantined"]
    every = {**counts, **steps, "looked_at": looked_at}
    hidden = withheld(
        every,
        [
            Equation("looked_at", ["scored", "nowhere", "quarantined"]),
            Equation("scored", ["changed", "unchanged"]),
            Equation("changed", ["up", "down"]),
            Equation("changed", list(steps)),
        ],
    )
    if looked_at < LEAST:  # then zero, too, says of each of them how they fare
        hidden = set(every)
    told = {name: None if name in hidden else count for name, count in every.items()}
    edges = [None, *_STEPS, None]
    return Effect(
        people=touched.people,
        sample=touched.is_sample,
        looked_at=looked_at,
        counts={name: told[name] for name in counts},
        steps=[(edges[n], edges[n + 1], told[name]) for n, name in enumerate(steps)],
        quantiles=_quantiles(changed),
    )


def _quantiles(changed: Sequence[int]) -> dict[str, int]:
    """Give quantiles (nearest rank) with at least ten people on either side."""
    found = {}
    for percent in (10, 25, 50, 75, 90):
        rank = -(-percent * len(changed) // 100)
        if rank >= LEAST and len(changed) - rank >= LEAST:
            found[f"p{percent}"] = changed[rank - 1]
    return found
