"""Which deliveries make nothing found a zero."""

from typing import Any, Literal
from uuid import UUID

import pytest

from domain.coverage import Coverage, Feed, feeds_of
from domain.facts import FactVoided, FeedDelivered, Known, Ref

ORGAN = UUID(int=9)
JANUARY = 2025 * 12


def delivered(position: int, coverage: Literal["complete", "partial"] = "complete", **fields: Any) -> Known:
    fact = FeedDelivered(
        organ="hr",
        fact_kind="insurance-month-paid",
        place=fields.get("place", "330212"),
        first_month="2025-01",
        last_month=fields.get("last", "2025-03"),
        coverage=coverage,
        rows=0,
    )
    return Known(fact, position, Ref(stream=ORGAN, version=position))


def covers(*feeds: Feed, place: str = "330212", first: int = 0, last: int = 2, as_at: int | None = None) -> bool:
    return Coverage(feeds, as_at).covers("insurance-month-paid", place, JANUARY + first, JANUARY + last)


def test_a_complete_delivery_covers_its_months() -> None:
    assert [covers(*feeds_of([delivered(1)]), last=last) for last in (0, 2, 3)] == [True, True, False]


def test_a_partial_delivery_covers_nothing() -> None:
    assert not covers(*feeds_of([delivered(1, "partial")]))


def test_a_voided_delivery_covers_nothing() -> None:
    void = Known(FactVoided(reason="source-error"), 2, Ref(stream=ORGAN, version=2), Ref(stream=ORGAN, version=1))

    assert not covers(*feeds_of([delivered(1), void]))


def test_a_delivery_covers_from_its_position_on() -> None:
    assert [covers(*feeds_of([delivered(5)]), as_at=as_at) for as_at in (4, 5)] == [False, True]


def test_another_kind_is_not_covered() -> None:
    assert not Coverage(feeds_of([delivered(1)])).covers("blood-donated", "330212", JANUARY, JANUARY)


@pytest.mark.parametrize(
    ("feed", "place", "expected"),
    [
        ("330000", "330212", True),
        ("330200", "330282002", True),
        ("330200", "3302QW", True),
        ("330282", "330282002", True),
        ("330282002", "330282", False),
        ("330203", "330212", False),
    ],
)
def test_a_delivery_covers_its_place_and_what_lies_in_it(feed: str, place: str, expected: bool) -> None:  # noqa: FBT001
    assert covers(*feeds_of([delivered(1, place=feed)]), place=place) is expected


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(0, 0), (1, 2)], True),
        ([(1, 2), (0, 0)], True),
        ([(0, 0), (2, 2)], False),
        ([(0, 1), (1, 5)], True),
        ([], False),
    ],
)
def test_several_deliveries_cover_together_without_a_hole(spans: list[tuple[int, int]], expected: bool) -> None:  # noqa: FBT001
    feeds = [Feed("insurance-month-paid", "330212", JANUARY + a, JANUARY + b, 1) for a, b in spans]

    assert covers(*feeds) is expected
