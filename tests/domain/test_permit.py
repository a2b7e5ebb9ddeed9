"""The permit on a day: endorsed in time or late, suspended by a fact or by the calendar, ended, replaced."""

from datetime import date
from itertools import permutations
from uuid import UUID

import pytest

from domain.knowledge import PERMIT_KINDS, FactRow, InForce, Role
from domain.permit import MOVES_OF_A_DAY, Permit, PermitState, permit_on

Move = tuple[str, str] | tuple[str, str, str]
ISSUED = ("permit-issued", "2021-01-01")


def move(kind: str, on: str, permit: str = "P1", position: int = 1) -> InForce:
    row = FactRow(
        role=Role.PERMIT,
        kind=kind,
        position=position,
        ref_stream=UUID(int=1),
        ref_version=position,
        starts_on=date.fromisoformat(on),
        place="330212",
        spell=permit,
    )
    return InForce(row, None)


def permit(*moves: Move, on: str) -> Permit:
    return permit_on([move(*m) for m in moves], date.fromisoformat(on))


def state(*moves: Move, on: str) -> str:
    return permit(*moves, on=on).state(date.fromisoformat(on)).value


def test_without_a_permit_there_is_no_state() -> None:
    assert state(on="2021-06-01") == "none"


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2020-12-31", "none"),
        ("2021-01-01", "normal"),
        ("2021-11-30", "normal"),
        ("2021-12-01", "due"),
        ("2021-12-31", "due"),
        ("2022-01-01", "suspended"),
        ("2022-05-31", "suspended"),
    ],
)
def test_a_permit_is_due_for_a_month_and_then_suspended_by_the_calendar(day: str, expected: str) -> None:
    assert state(ISSUED, on=day) == expected


def test_endorsed_within_the_month_it_holds_for_a_further_year() -> None:
    endorsed = ("permit-endorsed", "2021-12-20")

    assert [state(ISSUED, endorsed, on=day) for day in ("2022-01-01", "2022-12-01", "2023-01-01")] == [
        "normal",
        "due",
        "suspended",
    ]


def test_endorsed_too_early_it_holds_for_its_own_year_only() -> None:
    assert state(ISSUED, ("permit-endorsed", "2021-11-30"), on="2022-01-01") == "suspended"


def test_a_late_endorsement_restores_use_until_the_next_full_year_from_issue() -> None:
    # The published example: issued 2021-01-01, endorsed 2022-06-01, gap 2022-01-01 to 2022-05-31.
    late = ("permit-endorsed", "2022-06-01")

    assert [state(ISSUED, late, on=day) for day in ("2022-05-31", "2022-06-01", "2022-12-31", "2023-01-01")] == [
        "suspended",
        "normal",
        "due",
        "suspended",
    ]


def test_a_suspension_lasts_until_it_is_restored() -> None:
    moves = (ISSUED, ("permit-suspended", "2021-03-01"), ("permit-restored", "2021-04-01"))

    assert [state(*moves, on=day) for day in ("2021-02-28", "2021-03-01", "2021-04-01")] == [
        "normal",
        "suspended",
        "normal",
    ]


def test_after_a_suspension_points_wait_for_a_request() -> None:
    moves = (ISSUED, ("permit-suspended", "2021-03-01"), ("permit-restored", "2021-04-01"))

    assert permit(*moves, on="2021-05-01").awaits_request


def test_a_request_before_the_restoration_is_no_request() -> None:
    moves = (
        ISSUED,
        ("permit-suspended", "2021-03-01"),
        ("points-reinstatement-requested", "2021-03-15"),
        ("permit-restored", "2021-04-01"),
    )

    assert permit(*moves, on="2021-05-01").awaits_request


def test_a_request_on_the_day_of_the_restoration_is_one() -> None:
    moves = (
        ISSUED,
        ("points-reinstatement-requested", "2021-04-01"),
        ("permit-suspended", "2021-03-01"),
        ("permit-restored", "2021-04-01"),
    )

    assert not permit(*moves, on="2021-04-01").awaits_request


def test_each_suspension_needs_its_own_request() -> None:
    moves = (
        ISSUED,
        ("permit-suspended", "2021-03-01"),
        ("permit-restored", "2021-04-01"),
        ("points-reinstatement-requested", "2021-04-02"),
        ("permit-suspended", "2021-06-01"),
        ("permit-restored", "2021-07-01"),
    )

    assert permit(*moves, on="2021-08-01").awaits_request


def test_an_endorsement_in_time_asks_for_no_request() -> None:
    assert not permit(ISSUED, ("permit-endorsed", "2021-12-20"), on="2022-03-01").awaits_request


def test_an_ended_permit_stays_ended() -> None:
    moves = (ISSUED, ("permit-ended", "2021-03-01"), ("permit-restored", "2021-04-01"))

    assert state(*moves, on="2021-05-01") == "ended"


def test_a_new_permit_takes_the_place_of_the_old_one() -> None:
    moves = (ISSUED, ("permit-issued", "2021-06-01", "P2"), ("permit-ended", "2021-07-01", "P1"))

    now = permit(*moves, on="2021-08-01")

    assert (now.number, now.state(date(2021, 8, 1))) == ("P2", PermitState.NORMAL)


def test_an_old_permit_that_ends_on_the_day_of_the_new_one_does_not_end_it() -> None:
    assert state(
        ISSUED, ("permit-issued", "2021-06-01", "P2"), ("permit-ended", "2021-06-01"), on="2021-07-01"
    ) == ("normal")


def test_a_permit_reported_twice_is_one_permit() -> None:
    assert permit(ISSUED, ("permit-issued", "2021-01-05"), on="2021-02-01").issued_on == date(2021, 1, 1)


def test_moves_of_a_permit_that_was_never_issued_change_nothing() -> None:
    assert state(("permit-endorsed", "2021-03-01"), ("permit-suspended", "2021-04-01"), on="2021-05-01") == "none"


def test_a_permit_issued_on_29_february_is_full_on_28_february() -> None:
    moves = (("permit-issued", "2020-02-29"),)

    assert [state(*moves, on=day) for day in ("2021-01-27", "2021-01-28", "2021-02-27", "2021-02-28")] == [
        "normal",
        "due",
        "due",
        "suspended",
    ]


def test_a_permit_from_29_february_is_due_again_on_29_february_of_a_leap_year() -> None:
    endorsed = [("permit-endorsed", f"{year}-02-10") for year in (2021, 2022, 2023)]

    assert permit(("permit-issued", "2020-02-29"), *endorsed, on="2023-06-01").covered_until == date(2024, 2, 29)


def test_a_fact_void_from_a_day_moves_the_permit_before_that_day_only() -> None:
    moves = [move(*ISSUED), move("permit-suspended", "2021-03-01")._replace(void_from=date(2021, 5, 1))]

    states = [permit_on(moves, day).state(day).value for day in (date(2021, 4, 30), date(2021, 5, 1))]

    assert states == ["suspended", "normal"]


def test_the_order_of_arrival_is_irrelevant() -> None:
    moves = [
        move("permit-issued", "2021-01-01", position=1),
        move("permit-suspended", "2021-03-01", position=2),
        move("permit-restored", "2021-04-01", position=3),
        move("points-reinstatement-requested", "2021-04-01", position=4),
    ]

    assert len({permit_on(order, date(2021, 6, 1)) for order in permutations(moves)}) == 1


def test_the_calendar_names_its_next_change() -> None:
    day = date(2021, 6, 1)
    now = permit_on([move(*ISSUED)], day)

    assert [now.changes_on(date(2021, 6, 1)), now.changes_on(date(2021, 12, 5))] == [
        date(2021, 12, 1),
        date(2022, 1, 1),
    ]


def test_every_permit_kind_has_its_order_within_a_day() -> None:
    assert set(MOVES_OF_A_DAY) == PERMIT_KINDS
