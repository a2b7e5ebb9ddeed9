"""Where and when facts are read from."""

from datetime import date, timedelta

from domain.standpoint import standpoint
from tests.domain.given import HAISHU, YINZHOU

OCTOBER = date(2026, 10, 1)


def test_a_place_lies_in_as_many_territories_as_reach_down_to_it() -> None:
    near = standpoint(YINZHOU, OCTOBER).near

    assert [near[place] for place in ("310115", "330106", HAISHU, YINZHOU, f"{YINZHOU}002")] == [0, 1, 2, 3, 3]


def test_a_fact_without_a_place_lies_everywhere() -> None:
    assert standpoint(YINZHOU, OCTOBER).near[None] == 3


def test_months_are_counted_back_from_the_month_of_the_day() -> None:
    ago = standpoint(YINZHOU, date(2026, 10, 31)).months_ago

    assert [ago[day] for day in (date(2026, 11, 1), OCTOBER, date(2026, 9, 30), date(2025, 10, 1))] == [
        -1,
        0,
        1,
        12,
    ]


def test_what_is_remembered_is_bounded_and_stays_right() -> None:
    here = standpoint(HAISHU, OCTOBER)
    for number in range(20_000):
        here.months_ago[OCTOBER - timedelta(days=number)]
        here.near[f"{number:06d}"]

    assert max(len(here.months_ago), len(here.near)) < 5_000
    assert (here.months_ago[date(2025, 10, 1)], here.near[HAISHU], here.near[None]) == (12, 3, 3)
