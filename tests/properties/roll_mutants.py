"""Planted errors in looking ahead: each forgets one kind of day on which a score may move, or meets it too late."""

import random
from datetime import date
from typing import Any

from domain.coverage import Coverage, Feed
from domain.facts import Fact
from projections.engines import population, turning
from tests.domain.given import YINZHOU, Given, born, insurance, offence, residence, table
from tests.properties.mutants import Mutant
from tests.properties.population_cases import Case, case

AHEAD = turning._Ahead

MUTANTS = [
    Mutant("what a row says of days ahead is forgotten", AHEAD.rows, "(days != NEVER)", "(days > FOREVER)"),
    Mutant("a day is met the day after", AHEAD.rows, "self._add(resident, near_days)", "pass"),
    Mutant("a fact of today has no second day", AHEAD.rows, "days >= self._as_of", "days > self._as_of"),
    Mutant("an endorsement is never due", AHEAD.permit, "add_months(covered, -1), covered,", "covered,"),
    Mutant("the calendar suspends no permit", AHEAD.permit, "covered, covered +", "covered +"),
    Mutant("a permit's period has no day after", AHEAD.permit, "covered, covered + np.int32(1)", "covered"),
    Mutant("nobody has birthdays", AHEAD._birthdays, "self._add(", "(lambda *_: None)("),
    Mutant("a birthday comes a year late", AHEAD._birthdays, "age + 1", "age + 2"),
    Mutant(
        "whoever is born on 29 February has no birthday", AHEAD._birthdays, "np.int32(self._as_of + 1)", "birthday"
    ),
    Mutant("a year begun is over at once", AHEAD._birthdays, "if counting.part_year", "if False"),
    Mutant("months pass over no window", AHEAD._months, "counting.window + 2", "counting.window - 2"),
    Mutant("a month of a spell begins on its first day", AHEAD._months, "self._tomorrow(resident)", "pass"),
    Mutant("no month begins", AHEAD._months, "self._all(resident, self._next_first)", "pass"),
    Mutant(
        "a spell grows no further", AHEAD._spells, "self._add(resident, add_months(starts, months + 1))", "pass"
    ),
    Mutant("a spell grows a month late", AHEAD._spells, "months + 1", "months + 2"),
    Mutant("a spell ends with itself", AHEAD._spells, "last[resident] > self._as_of", "ends > self._as_of"),
    Mutant("halves of months do not begin", AHEAD._spells, 'counting.unit == "half_months"', "False"),
    Mutant("days are counted by months", AHEAD._spells, 'daily = counting.unit == "days" or', "daily = False and"),
    Mutant("a window stands still", AHEAD._spells, "if counting.window", "if False"),
    Mutant("nothing lapses", AHEAD._dated, "counting.lapse_step >= 0", "False"),
    Mutant("what lapses does so from the act", AHEAD._dated, "counting.lapse_step)", "0)"),
    Mutant("nothing leaves a window", AHEAD._dated, "if counting.window", "if False"),
    Mutant("a window is left at the last of its days", AHEAD._dated, "leaves - np.int32", "leaves + np.int32"),
    Mutant("holds last for ever", AHEAD.hold, "hold.lasts is not None", "False"),
    Mutant("a hold begins with the act", AHEAD.hold, "hold.step", "0"),
    Mutant("a row's own day stands still", AHEAD.measure, "self._all(resident, self._next_first)", "pass"),
    Mutant("a row's fixed day has come", AHEAD.measure, "<= self._date", "<= date.max"),
    Mutant("feeds never run out", population.Population._turns, "if day is not None", "if False"),
]
"""A mutant that nothing kills is a day that the property cannot see."""

_PER = {"as": "per", "points": 1}
_LADDER = {"as": "ladder", "from": 55, "to": 60, "points": 5, "younger": 1}


def _alone(
    measure: dict[str, Any], as_of: str, *facts: Fact, feeds: tuple[Feed, ...] = (), **document: Any
) -> Case:
    """Walk one resident under a table of one row."""
    rules = table({"measure": measure, "award": _LADDER if measure["kind"] == "age" else _PER}, **document)
    return Case(rules, [(YINZHOU, Given(*facts).rows)], date.fromisoformat(as_of), None, Coverage(feeds), None)


_LIVED = {"kind": "months", "of": "residence-registered"}
_HELD = {"of": "restricted-fact/offence", "lasts": "1mo", "from": "decided_on", "effect": "zero"}
_OFFENCE = offence("minor", "2026-01-02", decided_on="2026-01-20")
_TOLD = {
    "a fact of today has no second day": lambda: _alone(_LIVED, "2026-02-05", residence("2026-02-10")),
    "a month of a spell begins on its first day": lambda: _alone(_LIVED, "2026-01-25", residence("2025-03-10")),
    "whoever is born on 29 February has no birthday": lambda: _alone(
        {"kind": "age"}, "2026-02-20", born("1980-02-29")
    ),
    "months pass over no window": lambda: _alone(
        {"kind": "months", "of": "insurance-month-paid", "window": "3mo"}, "2026-03-10", insurance("2025-12")
    ),
    "holds last for ever": lambda: _alone(_LIVED, "2026-02-05", residence("2025-03-10"), _OFFENCE, holds=[_HELD]),
    "a hold begins with the act": lambda: _alone(
        _LIVED, "2026-02-05", residence("2025-03-10"), _OFFENCE, holds=[_HELD]
    ),
    "feeds never run out": lambda: _alone(
        {"kind": "months", "of": "insurance-month-paid"},
        "2026-02-10",
        feeds=(Feed("insurance-month-paid", "330000", 2020 * 12, 2026 * 12, 1),),
    ),
}
_DRAWN = {
    0: ["what a row says of days ahead is forgotten", "a day is met the day after"],
    1: ["no month begins"],
    2: ["nothing lapses"],
    3: ["what lapses does so from the act"],
    4: ["a spell grows no further", "a spell grows a month late"],
    5: ["nobody has birthdays", "a birthday comes a year late", "a year begun is over at once"],
    7: ["days are counted by months"],
    10: ["a row's own day stands still"],
    12: ["the calendar suspends no permit", "a row's fixed day has come"],
    26: ["a spell ends with itself", "halves of months do not begin"],
    50: ["an endorsement is never due"],
    74: ["nothing leaves a window", "a window is left at the last of its days"],
    77: ["a window stands still"],
    131: ["a permit's period has no day after"],
}


def killer(mutant: Mutant) -> Case:
    """Give a case in which a planted error shows: one told for it, or the first that was drawn which did."""
    if mutant.name in _TOLD:
        return _TOLD[mutant.name]()
    return case(random.Random(next(seed for seed, names in _DRAWN.items() if mutant.name in names)))
