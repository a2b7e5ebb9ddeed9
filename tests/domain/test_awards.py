"""How each award turns a count into points, at its borders."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from domain.awards import Award
from domain.notation import exact_text

AWARD: TypeAdapter[Any] = TypeAdapter(Award)


def gives(award: dict[str, Any], quantity: int) -> str:
    return exact_text(AWARD.validate_python(award).points_for(quantity))


@pytest.mark.parametrize(("quantity", "points"), [(0, "0"), (9, "0"), (10, "1"), (19, "1"), (20, "2")])
def test_per_counts_full_steps(quantity: int, points: str) -> None:
    assert gives({"as": "per", "points": 1, "step": 10}, quantity) == points


@pytest.mark.parametrize(("quantity", "points"), [(4, "0"), (5, "20"), (6, "24")])
def test_per_may_count_only_from_a_minimum_and_then_all(quantity: int, points: str) -> None:
    assert gives({"as": "per", "points": 4, "min": 5}, quantity) == points


@pytest.mark.parametrize(("quantity", "points"), [(1, "0.25"), (12, "3"), (13, "3.25")])
def test_prorate_gives_the_exact_part(quantity: int, points: str) -> None:
    assert gives({"as": "prorate", "points": 3, "per": 12}, quantity) == points


def test_a_part_that_does_not_end_stays_a_fraction() -> None:
    assert gives({"as": "prorate", "points": 1, "per": 3}, 1) == "1/3"


@pytest.mark.parametrize(("quantity", "points"), [(20, "0"), (21, "3"), (25, "3"), (26, "9"), (55, "9"), (56, "6")])
def test_bands_rise_and_fall(quantity: int, points: str) -> None:
    rows = [{"from": 21, "points": 3}, {"from": 26, "points": 9}, {"from": 56, "points": 6}]

    assert gives({"as": "bands", "rows": rows}, quantity) == points


@pytest.mark.parametrize(("quantity", "points"), [(199, "0"), (200, "2"), (299, "2"), (300, "3"), (400, "4")])
def test_a_threshold_and_then_a_slope(quantity: int, points: str) -> None:
    assert gives({"as": "first_then", "first": 200, "points": 2, "step": 100, "more": 1}, quantity) == points


@pytest.mark.parametrize(
    ("quantity", "points"), [(17, "0"), (18, "42"), (54, "6"), (55, "5"), (60, "5"), (61, "0")]
)
def test_a_ladder_climbs_by_the_year(quantity: int, points: str) -> None:
    assert gives({"as": "ladder", "from": 55, "to": 60, "points": 5, "younger": 1, "min": 18}, quantity) == points


@pytest.mark.parametrize(("quantity", "points"), [(0, "0"), (1, "-10"), (2, "-30"), (3, "-50"), (4, "-50")])
def test_once_twice_three_times_or_more(quantity: int, points: str) -> None:
    assert gives({"as": "by_occurrence", "take": "last", "points": [-10, -30, -50]}, quantity) == points


@pytest.mark.parametrize(("quantity", "points"), [(0, "0"), (1, "-20"), (2, "-60"), (3, "-120"), (5, "-240")])
def test_each_occurrence_adds_its_own(quantity: int, points: str) -> None:
    assert gives({"as": "by_occurrence", "points": [-20, -40, -60]}, quantity) == points


def test_points_by_hand_are_taken_as_they_are() -> None:
    assert gives({"as": "granted"}, 125_000) == "12.5"
