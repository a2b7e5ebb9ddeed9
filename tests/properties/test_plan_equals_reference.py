"""The plan and the reference evaluator mean the same: every number of every row, sum, state and validity."""

import json
import random
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.coverage import Coverage
from domain.facts import InsuranceMonthPaid, Known
from domain.family import Family
from domain.knowledge import in_force, rows_of
from domain.places import Tier
from domain.plan import NotCompiled, Plan, compile_plan
from domain.rulebook import RulebookSet
from domain.score import LineState, Score
from domain.scoring import score
from projections.engines.awarding import award
from projections.engines.batch import batch_of
from projections.engines.coordinates import Coordinates
from projections.engines.population import Digest, Families, Population
from projections.engines.results import Lines, Scores
from tests.domain.given import YINZHOU, Given, alone, attested, library, table, worth
from tests.properties.histories import PLACES, days, histories
from tests.properties.population_cases import Case, case
from tests.properties.test_rules_scores import BOOKS

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
    lives: list[list[Known]], on: date, place: str, as_at: int | None
) -> None:
    people = [(place, [row for entry in life for row in rows_of(entry)]) for life in lives]

    agree(Case(BOOKS, people, on, as_at, Coverage(), None))


def scored(rulebooks: RulebookSet, *lives: Given, families: Families | None = None) -> Scores:
    population = Population(rulebooks, families=families)
    people = [(number, YINZHOU, life.rows) for number, life in enumerate(lives)]
    [scores] = population.score([batch_of(people)], Coordinates(date(2026, 1, 1)))
    return scores


def test_a_plan_is_data() -> None:
    plan = compile_plan(BOOKS)

    assert Plan.model_validate_json(plan.model_dump_json()) == plan
    assert json.loads(json.dumps(plan.model_dump(mode="json"))) == plan.model_dump(mode="json")
    assert hash(plan) == hash(compile_plan(BOOKS))


@pytest.mark.parametrize("doc", sorted(document.rulebook.doc for document in library().documents))
def test_every_shipped_table_is_compiled(doc: str) -> None:
    assert not [row for row in compile_plan(alone(doc)).left_out if not row.why.endswith(".subjects")]


def test_rows_that_count_alike_are_counted_once() -> None:
    plan = compile_plan(table(attested("jobs"), {**attested("jobs"), "id": "other"}, schemes=[{"id": "jobs"}]))

    assert (len(plan.rows), len(plan.measures)) == (2, 1)


SPOUSES = table(
    attested("jobs", cap=3),
    {
        "id": "of_the_spouse",
        "measure": {"kind": "sum", "of": "attested/jobs", "subjects": "spouse"},
        "award": {"as": "per", "points": 2},
    },
    schemes=[{"id": "jobs"}],
    cap=8,
)


def test_a_row_that_has_no_plan_is_scored_by_the_reference() -> None:
    husband, wife = Given(worth("jobs", 5)), Given(worth("jobs", 2))
    families = {0: Family(spouse=wife.known()), 1: Family(spouse=husband.known())}

    scores = scored(SPOUSES, husband, wife, families=families.__getitem__)

    assert [row.why for row in scores.plan.left_out] == ["Sum.subjects"]
    assert scores.total.tolist() == [700, 800]


def test_a_row_about_relatives_needs_to_know_them() -> None:
    with pytest.raises(NotCompiled):
        scored(SPOUSES, Given(worth("jobs", 5)))


def test_no_number_is_too_large() -> None:
    rulebooks = table(
        {**attested("jobs"), "award": {"as": "per", "points": "9999999.999999"}}, schemes=[{"id": "jobs"}]
    )
    rich = Given(worth("jobs", 10**12))

    assert scored(rulebooks, rich).total[0] == rich.scored(rulebooks, on="2026-01-01").score.total


def test_parts_give_what_the_whole_gives() -> None:
    people = [(n, YINZHOU, Given(*[worth("jobs", n + 1)] * (n % 3)).rows) for n in range(50)]
    batch, rulebooks = batch_of(people), table(attested("jobs"), schemes=[{"id": "jobs"}])
    whole, parts = Digest(), Digest()

    for digest, batches in ((whole, [batch]), (parts, batch.parts(7))):
        for scores in Population(rulebooks, threads=2).score(batches, Coordinates(date(2026, 1, 1))):
            digest.add(scores)

    assert (whole.hex(), whole.residents) == (parts.hex(), parts.residents)


@pytest.mark.parametrize("as_at", [1, 2, 3, None])
def test_two_corrections_of_one_entry_count_once_in_a_plan_too(as_at: int | None) -> None:
    paid = [InsuranceMonthPaid(month=month, place=YINZHOU) for month in ("2024-01", "2024-02", "2024-03")]
    raced = Given(paid[0]).corrected(1, paid[1]).corrected(1, paid[2])
    months = {"kind": "months", "of": "insurance-month-paid"}
    population = Population(table({"id": "months", "measure": months, "award": {"as": "per", "points": 1}}))
    [scores] = population.score([batch_of([(0, YINZHOU, raced.rows)])], Coordinates(date(2026, 1, 1), as_at))

    assert scores.total.tolist() == [100]


def test_a_variant_of_awards_and_caps_needs_no_counting() -> None:
    population = Population(table(attested("jobs"), schemes=[{"id": "jobs"}]))
    variant = compile_plan(table(attested("jobs", cap=3), schemes=[{"id": "jobs"}]))
    at = Coordinates(date(2026, 1, 1))
    [folded] = population.fold([batch_of([(0, YINZHOU, Given(worth("jobs", 5)).rows)])], at)

    assert award(variant, folded, at, Coverage()).total.tolist() == [300]


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(SEEDS)
def test_the_order_in_which_facts_lie_is_irrelevant(seed: int) -> None:
    one = case(random.Random(seed))
    batch = batch_of([(number, place, rows) for number, (place, rows) in enumerate(one.people)])
    facts = batch.facts.take(np.lexsort((batch.facts["version"], batch.facts["position"], batch.facts["resident"])))
    population, at = Population(one.rulebooks, one.coverage, use=one.use), Coordinates(one.as_of, one.as_at)

    [scores] = population.score([replace(batch, facts=facts)], at)

    assert all(told(scores, number) == told_by_reference(each) for number, each in enumerate(reference(one)))
