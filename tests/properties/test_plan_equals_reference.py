"""The set-based plan and the reference evaluator mean the same: every number of every row, sum, state and validity."""

import json
import random
from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.coverage import Coverage
from domain.knowledge import Knowledge, in_force
from domain.places import Tier
from domain.plan import NotCompiled, Plan, compile_plan
from domain.rulebook import RulebookSet
from domain.score import LineState, Score
from domain.scoring import score
from projections.engines.batch import batch_of
from projections.engines.coordinates import Coordinates
from projections.engines.population import Digest, Population
from projections.engines.results import Lines, Scores
from tests.domain.given import YINZHOU, Given, attested, library, table, worth
from tests.properties.histories import PLACES, days, histories
from tests.properties.population_cases import Case, case
from tests.properties.test_rules_scores import BOOKS, rows_of

SEEDS = st.integers(0, 2**32)


def reference(one: Case) -> list[Score]:
    """Score everybody by the reference evaluator."""
    return [
        score(in_force(rows, one.as_at), one.rulebooks, place, one.as_of, one.coverage, use=one.use)
        for place, rows in one.people
    ]


def planned(one: Case) -> Scores:
    """Score everybody by the plan."""
    population = Population(one.rulebooks, one.coverage, use=one.use)
    people = [(number, place, rows) for number, (place, rows) in enumerate(one.people)]
    [scores] = population.score([batch_of(people)], Coordinates(one.as_of, one.as_at))
    return scores


def line_of(line: Lines, resident: int) -> tuple[int | None, int, int, LineState]:
    known = line.known is None or bool(line.known[resident])
    quantity = int(line.quantity[resident]) if known else None
    state = list(LineState)[line.state[resident]]
    return quantity, int(line.earned[resident]), int(line.points[resident]), state


def told(scores: Scores, resident: int) -> list[object]:
    """Say everything that a plan says of a resident."""
    return [
        *(line_of(line, resident) for line in scores.lines),
        *(int(points[resident]) for points in scores.categories.values()),
        *(int(points[resident]) for points in scores.tables),
        *(int(scores.tier(tier)[resident]) for tier in Tier),
        int(scores.before_deductions[resident]),
        int(scores.deductions[resident]),
        int(scores.total[resident]),
        int(scores.usable[resident]),
        bool(scores.is_valid[resident]),
        bool(scores.ineligible[resident]),
        scores.validity_of(resident),
        scores.permit_state_of(resident),
    ]


def told_by_reference(one: Score) -> list[object]:
    """Say the same of a score."""
    return [
        *((line.quantity, line.earned, line.points, line.state) for line in one.rows),
        *(part.points for part in one.categories),
        *(part.points for part in one.tables),
        *(one.tier(tier) for tier in Tier),
        one.before_deductions,
        one.deductions,
        one.total,
        one.usable,
        one.is_valid,
        one.ineligible,
        one.validity,
        one.permit_state,
    ]


def agree(one: Case) -> None:
    scores = planned(one)
    for resident, expected in enumerate(reference(one)):
        assert told(scores, resident) == told_by_reference(expected)


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(SEEDS)
def test_random_rulebooks_over_adversarial_facts(seed: int) -> None:
    agree(case(random.Random(seed)))


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.lists(histories(), min_size=1, max_size=3), days, st.sampled_from(PLACES), st.none() | st.integers(0, 25))
def test_the_shipped_tables_over_random_histories(
    lives: list[list[object]], on: date, place: str, as_at: int | None
) -> None:
    people = [(place, [row for entry in life for row in rows_of(entry)]) for life in lives]  # type: ignore[arg-type]

    agree(Case(BOOKS, people, on, as_at, Coverage(), None))
