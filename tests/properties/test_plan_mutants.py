"""The property that plan and reference agree sees every step: each planted error is found, by name."""

import random
from functools import cache

import pytest

from tests.properties.mutants import MUTANTS, Mutant, planted
from tests.properties.population_cases import Case, case
from tests.properties.test_plan_equals_reference import planned, reference, told, told_by_reference

CASES = 700


@cache
def tried(number: int) -> tuple[Case, list[list[object]]]:
    """Make a case and say what the reference gives for it."""
    one = case(random.Random(number))
    return one, [told_by_reference(score) for score in reference(one)]


def kills(number: int) -> bool:
    one, expected = tried(number)
    try:
        scores = planned(one)
        return any(told(scores, resident) != each for resident, each in enumerate(expected))
    except (ArithmeticError, AssertionError, LookupError, TypeError, ValueError):
        return True


def killed_by(mutant: Mutant) -> int | None:
    with planted(mutant):
        return next((number for number in range(CASES) if kills(number)), None)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name.replace(" ", "-"))
def test_a_planted_error_is_found(mutant: Mutant) -> None:
    assert killed_by(mutant) is not None


def test_without_a_planted_error_nothing_is_found() -> None:
    assert not [number for number in range(60) if kills(number)]


def test_the_names_of_planted_errors_differ() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
