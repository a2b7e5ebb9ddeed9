"""The law of the roll: who is scored again only when due has, every day, the score that anew would give.

A case walks day by day. Whatever moves from one day to the next must have been foreseen on every day before it: the
numbers and states of every row, sums, validity, the permit, and quantities that earn nothing.
"""

import random
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings

from domain import facts
from domain.civil import month_text
from domain.coverage import Coverage
from tests.domain.given import YINZHOU, Given
from tests.properties.mutants import Mutant, planted
from tests.properties.population_cases import Case, case
from tests.properties.roll_mutants import MUTANTS, killer
from tests.properties.test_plan_equals_reference import SEEDS
from tests.properties.test_rules_scores import BOOKS
from tests.properties.walks import Walk, moved_unseen

DAYS = 35
"""From any day on a month ends and begins, and what is a month old grows a month older."""
YEAR = 365
_SLOW = list(HealthCheck)


@settings(max_examples=20, deadline=None, suppress_health_check=_SLOW)
@given(SEEDS)
def test_whatever_moves_was_foreseen(seed: int) -> None:
    walk = Walk(case(random.Random(seed)))
    by_reference = zip(*(walk.foreseen_by_reference(n) for n in range(DAYS)), strict=True)
    for steps, turns in zip(walk.days(DAYS), by_reference, strict=True):
        foreseen = [step._replace(turns_on=turn) for step, turn in zip(steps, turns, strict=True)]

        assert moved_unseen(steps) == []
        assert moved_unseen(foreseen) == []


@settings(max_examples=20, deadline=None, suppress_health_check=_SLOW)
@given(SEEDS)
def test_rolled_day_by_day_everybody_stands_as_scored_anew(seed: int) -> None:
    walk = Walk(case(random.Random(seed)))
    held = walk.on(0)
    for n in range(1, DAYS):
        anew = walk.on(n)
        held = [new if old.is_due(new.day) else old for old, new in zip(held, anew, strict=True)]

        assert [step.said for step in held] == [step.said for step in anew]


def test_a_settled_life_is_due_when_a_month_begins_or_a_month_of_its_own_is_full() -> None:
    life = Given(
        facts.ParticularsCorrected(born_on=date(1990, 6, 1)),
        facts.ResidenceRegistered(registered_on=date(2023, 3, 10), place=YINZHOU, spell="R"),
        facts.PermitIssued(on=date(2023, 3, 20), place=YINZHOU, permit="P"),
        *(facts.InsuranceMonthPaid(month=month_text(2023 * 12 + n), place=YINZHOU) for n in range(36)),
    )
    walk = Walk(Case(BOOKS, [(YINZHOU, life.rows)], date(2026, 1, 15), None, Coverage(), None))
    [held] = walk.on(0)
    first, due = held.day, 0
    for n in range(1, YEAR):
        if held.is_due(first + n):
            due, [held] = due + 1, walk.on(n)

    assert 0 < due <= 2 * 12 + 4


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name.replace(" ", "-"))
def test_a_planted_error_is_found(mutant: Mutant) -> None:
    walk = Walk(killer(mutant))
    sound = [moved_unseen(steps) for steps in walk.days(DAYS)]
    with planted(mutant):
        wrong = [moved_unseen(steps) for steps in walk.days(DAYS)]

    assert any(wrong)
    assert not any(sound)
