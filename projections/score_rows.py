"""Rows of the table `scores`: from the reference evaluator's score of one resident, and from a plan's of many."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from psycopg.types.json import Jsonb

from domain.home import places_of
from domain.knowledge import in_force
from domain.next_change import horizon, may_change_on
from domain.places import Tier
from domain.plan import Row
from domain.rulebook import RulebookSet
from domain.score import LineState, Score
from domain.scoring import score
from domain.turning import home_days
from projections.engines.calendar import Days, day_of_number
from projections.engines.results import Lines, Scores
from projections.engines.standing import FOREVER
from projections.households import Household
from projections.recognition import looked_at
from projections.rules import Rules

TYPES = {
    "subject": "uuid",
    "place": "text",
    "position": "int8",
    "as_of": "date",
    "rulebooks": "text",
    "scale": "int2",
    "total": "int8",
    "usable": "int8",
    "province": "int8",
    "city": "int8",
    "district": "int8",
    "before_deductions": "int8",
    "deductions": "int8",
    "permit_state": "text",
    "validity": "text",
    "is_valid": "bool",
    "ineligible": "bool",
    "trial": "bool",
    "items": "jsonb",
    "next_change_on": "date",
}
_TIERS = (Tier.PROVINCE, Tier.CITY, Tier.DISTRICT)
_STATES = [state.value for state in LineState]
_NULL = "\\N"
_FLAGS = ("f", "t")


class Outlook(NamedTuple):
    """The scores of one resident, each with whether it is a trial, and the day from which on they may be others."""

    scores: list[tuple[Score, bool]]
    turns_on: date | None


def scored_at_home(household: Household, rules: Rules, as_of: date) -> Outlook:
    """Score a resident at each place of theirs, and look ahead."""
    knowledge, family = in_force(household.rows), household.family
    home, places = places_of(knowledge, as_of)
    scores = [
        (score(knowledge, rulebooks, place, as_of, rules.coverage, family), place != home)
        for place, rulebooks in _ruled(places, rules, as_of)
    ]
    moves = [household.turns_on, next(home_days(knowledge, as_of, horizon(as_of)), None)]
    for place, rulebooks in _ruled({*places, *looked_at(knowledge, scores, rules)}, rules, as_of):
        moves.append(may_change_on(knowledge, rulebooks, place, as_of, rules.coverage, family))
    return Outlook(scores, min((day for day in moves if day is not None), default=None))


def _ruled(places: Iterable[str], rules: Rules, as_of: date) -> Iterator[tuple[str, RulebookSet]]:
    for place in places:
        rulebooks = rules.under(place, as_of)
        if rulebooks.documents:
            yield place, rulebooks


def by_reference(subject: UUID, household: Household, outlook: Outlook) -> Iterable[tuple[Any, ...]]:
    """Give the values of TYPES for the scores of one resident."""
    for result, trial in outlook.scores:
        newest = max(row.position for row in household.rows)
        yield (*_row(subject, result, newest=newest, trial=trial), outlook.turns_on)


def _row(subject: UUID, result: Score, *, newest: int, trial: bool) -> tuple[Any, ...]:
    return (
        subject,
        result.place,
        newest,
        result.as_of,
        result.rulebooks,
        result.scale,
        result.total,
        result.usable,
        *(result.tier(tier) for tier in _TIERS),
        result.before_deductions,
        result.deductions,
        result.permit_state.value,
        result.validity,
        result.is_valid,
        result.ineligible,
        trial,
        Jsonb(_items(result)),
    )


def _items(result: Score) -> list[dict[str, Any]]:
    """Give what each row of the tables came to; whoever asks why gets the explanation, computed anew."""
    return [
        {
            "block": line.block,
            "doc": line.doc,
            "item": line.item,
            "state": line.state.value,
            "quantity": line.quantity,
            "earned": line.earned,
            "points": line.points,
        }
        for line in result.rows
    ]


def by_plan(
    scored: Scores, residents: Sequence[tuple[UUID, str, int, bool]], rulebooks: RulebookSet, as_of: date
) -> str:
    """Write scores as COPY's text, a line for each (subject, place, newest position, trial), in TYPES' order."""
    whole = [scored.total, scored.usable, *(scored.tier(tier) for tier in _TIERS)]
    whole += [scored.before_deductions, scored.deductions]
    points = zip(*(column.tolist() for column in whole), strict=True)
    items = zip(*(_told(row, line) for row, line in zip(scored.plan.rows, scored.lines, strict=True)), strict=True)
    flags = zip(scored.is_valid.tolist(), scored.ineligible.tolist(), strict=True)
    same = f"{as_of}\t{rulebooks.hash}\t{rulebooks.scale}"
    turns = _days(np.full(len(residents), FOREVER, np.int32) if scored.turns is None else scored.turns)
    lines = []
    listed = items if scored.plan.rows else (() for _ in residents)
    for number, ((subject, place, newest, trial), numbers, (valid, barred), told, turn) in enumerate(
        zip(residents, points, flags, listed, turns, strict=True)
    ):
        validity = scored.validity_of(number)
        lines.append(
            f"{subject}\t{place}\t{newest}\t{same}\t" + "\t".join(map(str, numbers)) + f"\t"
            f"{scored.permit_state_of(number).value}\t{_NULL if validity is None else validity}\t"
            f"{_FLAGS[valid]}\t{_FLAGS[barred]}\t{_FLAGS[trial]}\t[{','.join(told)}]\t{turn}\n"
        )
    return "".join(lines)


def _told(row: Row, line: Lines) -> Iterator[str]:
    """Write what a row came to for each resident. Most residents come to what some other came to."""
    known = np.ones(len(line.points), np.int64) if line.known is None else line.known.astype(np.int64)
    columns = (line.state, known, np.where(known != 0, line.quantity, 0), line.earned, line.points)
    told: dict[tuple[Any, ...], str] = {}
    head = {"block": row.block, "doc": row.doc, "item": row.id}
    for values in zip(*(column.tolist() for column in columns), strict=True):
        text = told.get(values)
        if text is None:
            state, is_known, quantity, earned, points = values
            came_to = {
                "state": _STATES[state],
                "quantity": quantity if is_known else None,
                "earned": earned,
                "points": points,
            }
            text = told[values] = json.dumps(head | came_to, separators=(",", ":")).replace("\\", "\\\\")
        yield text


def _days(turns: Days) -> Iterator[str]:
    """Write days as COPY reads them. Few days differ."""
    known = {int(FOREVER): _NULL}
    for turn in turns.tolist():
        text = known.get(turn)
        if text is None:
            text = known[turn] = day_of_number(turn).isoformat()
        yield text
