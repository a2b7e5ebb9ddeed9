"""Over HTTP: the feed of reminders by its cursor and grants, and where points count by place."""

import pytest

from tests.api.house import HRSS, PURPOSE, House, month, person

WHO = person(960)


@pytest.mark.parametrize("after", ["", "x", "bm8", "WzEsMiwzXQ", "WyJhIiwiYiIsImMiLCJkIiwiZSJd"])
def test_a_cursor_that_is_none_is_refused(home: House, after: str) -> None:
    told = home.get(f"/v1/reminders?after={after}", f"organ:{HRSS}", PURPOSE)

    assert (told.status_code, told.json()["code"]) == (400, "bad-coordinate")


def test_a_cursor_longer_than_any_is_refused_before_it_is_read(home: House) -> None:
    told = home.get(f"/v1/reminders?after={'A' * 401}", f"organ:{HRSS}", PURPOSE)

    assert (told.status_code, told.json()["code"]) == (422, "parameters-invalid")


def test_an_organ_without_grants_is_fed_nothing(home: House) -> None:
    told = home.get("/v1/reminders", "organ:nobody-here", PURPOSE).json()

    assert told == {"reminders": [], "next": None}


def test_points_are_told_place_by_place_as_of_a_day(home: House) -> None:
    subject = home.post(month("prospects", WHO)).json()["stream"]
    home.catch_up()
    one = home.get(
        f"/v1/residents/{subject}/recognition?place=330203&as_of=2026-01-01", f"resident:{subject}"
    ).json()

    assert [(each["place"], each["basis"], each["recognised"]) for each in one["places"]] == [
        ("330203", "trial", "0.00")
    ]
