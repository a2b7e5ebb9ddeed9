"""Which points count where: the province's in the whole province, the city's in the city, the district's at home.

Source: 38号 (省级共性 全省通用、跨区互认), 甬政办发〔2022〕10号 (市级共性 全市通用, 个性 仅限于申请人所在区).
A table is recognised in a place where it is in force both there and at home; what it gives is computed from the
place, so that a month counts wherever in the table's territory it was paid. A figure for any place but the permit's
is a trial 试算.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from domain.coverage import Coverage
from domain.family import ALONE, Family
from domain.knowledge import Knowledge
from domain.permit import PermitState, permit_on
from domain.places import NAMES, Tier, name_of
from domain.rulebook.resolution import RulebookSet
from domain.score import Held, Line, RefName, Score, ref_name
from domain.scoring import score

Under = Callable[[str, date], RulebookSet]
"""The rulebooks in force at a place on a day."""
Basis = Literal["official", "trial"]


@dataclass(frozen=True, slots=True)
class Recognised:
    """One row: its points at home and in the place, and whether its table counts there.

    `line` is the row as computed in the place where it is in force there, otherwise as at home: its `used` are the
    facts behind it.
    """

    line: Line
    home: int
    here: int
    counts: bool

    @property
    def left_behind(self) -> int:
        """Give the points of this row that do not count in the place."""
        return self.home - self.here if self.counts else self.home

    def as_json(self, points: Callable[[int], str], name: RefName) -> dict[str, Any]:
        """Give the row."""
        return {
            "doc": self.line.doc,
            "item": self.line.item,
            "tier": self.line.tier.value,
            "clause": self.line.clause,
            "label": {"zh": self.line.label.zh, "en": self.line.label.en},
            "counts": self.counts,
            "home": points(self.home),
            "here": points(self.here),
            "left_behind": points(self.left_behind),
            "used": [name(row) for row in self.line.used],
        }


@dataclass(frozen=True, slots=True)
class Standing:
    """What a resident's points are worth in one place.

    `recognised` is what counts there today: the tables in force both there and at home, less their deductions,
    never below zero, and zero while one of them holds the points. `trial` is the score if the permit were of this
    place; at home both are the official score.
    Points are integers of 10^-scale of `trial`.
    """

    place: str
    home: str | None
    basis: Basis
    recognised: int
    tiers: dict[Tier, int]
    rows: tuple[Recognised, ...]
    trial: Score

    @property
    def left_behind(self) -> list[Recognised]:
        """Give the rows whose points, or part of them, stay behind."""
        return [row for row in self.rows if row.left_behind]

    def as_json(self, name: RefName = ref_name) -> dict[str, Any]:
        """Give everything as JSON values."""
        points = self.trial.points
        return {
            "place": self.place,
            "name": name_of(self.place),
            "home": self.home,
            "basis": self.basis,
            "basis_label": {"zh": "试算", "en": "trial"}
            if self.basis == "trial"
            else {"zh": "正式", "en": "official"},
            "recognised": points(self.recognised),
            "tiers": {tier.value: points(units) for tier, units in self.tiers.items()},
            "trial_total": points(self.trial.total),
            "validity": self.trial.validity,
            "as_of": self.trial.as_of.isoformat(),
            "rulebooks": self.trial.rulebooks,
            "rows": [row.as_json(points, name) for row in self.rows],
        }


def home_of(knowledge: Knowledge, on: date) -> str | None:
    """Give the district or zone of the permit that is held on a day (also while suspended), or None."""
    permit = permit_on(knowledge.permits, on)
    if permit.place is None or permit.state(on) in (PermitState.NONE, PermitState.ENDED):
        return None
    return permit.place[:6]


def recognise(
    knowledge: Knowledge,
    places: Iterable[str],
    as_of: date,
    under: Under,
    coverage: Coverage | None = None,
    family: Family = ALONE,
) -> list[Standing]:
    """Say for each place which points count there and which stay behind. Pure; refuses nothing.

    Without a permit nothing is recognised anywhere yet, and every figure is a trial.
    """
    home = home_of(knowledge, as_of)
    at_home = None if home is None else score(knowledge, under(home, as_of), home, as_of, coverage, family)
    found = []
    for place in places:
        here = score(knowledge, under(place, as_of), place, as_of, coverage, family)
        found.append(_standing(place, home, at_home, here))
    return found


def _standing(place: str, home: str | None, at_home: Score | None, here: Score) -> Standing:
    official = home is not None and place[:6] == home
    shared = set(at_home.documents) & set(here.documents) if at_home is not None else set()
    docs = {doc for doc, _ in shared}
    tiers = {
        tier: sum(table.points for table in here.tables if table.tier is tier and table.doc in docs)
        for tier in Tier
    }
    deductions = sum(line.points for line in here.rows if line.block == "deduction" and line.doc in docs)
    frozen = any(isinstance(line, Held) and line.effect == "zero" and line.doc in docs for line in here.lines)
    recognised = here.total if official else 0 if frozen else max(0, sum(tiers.values()) + deductions)
    rows = tuple(_rows(at_home, here, docs))
    return Standing(place, home, "official" if official else "trial", recognised, tiers, rows, here)


def _rows(at_home: Score | None, here: Score, docs: set[str]) -> Iterable[Recognised]:
    """Pair the rows of two scores; points of the home score are brought to the scale of the other."""
    lines_here = {(line.block, line.doc, line.item): line for line in here.rows}
    seen = set()
    for line in at_home.rows if at_home is not None else ():
        key = (line.block, line.doc, line.item)
        there = lines_here.get(key)
        seen.add(key)
        units = _rescaled(line.points, at_home.scale if at_home else here.scale, here.scale)
        yield Recognised(there or line, units, there.points if there else 0, line.doc in docs)
    for key, line in lines_here.items():
        if key not in seen:
            yield Recognised(line, 0, line.points, counts=False)


def _rescaled(units: int, scale: int, to: int) -> int:
    """Bring points to a finer scale. A coarser one loses what it cannot show, as its own table would."""
    return units * int(10 ** (to - scale)) if to >= scale else units // int(10 ** (scale - to))


def places_in_scope(home: str) -> list[str]:
    """Give the districts and zones of the home's city that are named, the home first."""
    city = [code for code in NAMES if code.startswith(home[:4]) and not code.endswith("00")]
    return list(dict.fromkeys([home[:6], *sorted(city)]))
