"""What each measure counts, at its boundary days."""

from datetime import date
from typing import Any

import pytest

from domain.facts import Attested, EmploymentEnded, Fact
from domain.knowledge import Why
from tests.domain.given import (
    HAISHU,
    Given,
    Scored,
    attested,
    donated,
    employment,
    granted,
    honour,
    housing,
    insurance,
    insured,
    offence,
    points,
    residence,
    residence_ended,
    served,
    table,
    worth,
)

POINT = {"as": "per", "points": 1}


def counted(measure: dict[str, Any], *facts: Fact, on: str, award: dict[str, Any] | None = None) -> Scored:
    book = table({"id": "row", "measure": measure, "award": award or POINT}, schemes=[{"id": "one"}])
    return Given(*facts).scored(book, on=on)


def quantity(measure: dict[str, Any], *facts: Fact, on: str) -> int | None:
    return counted(measure, *facts, on=on).quantity("row")


# months

MONTHS = {"kind": "months", "of": "insurance-month-paid"}


def test_the_current_month_counts_once_it_is_paid() -> None:
    assert quantity(MONTHS, insurance("2025-03"), on="2025-03-01") == 1


@pytest.mark.parametrize(
    ("paid", "expected"),
    [
        (["2025-03", "2025-02", "2025-01"], 3),
        (["2025-04", "2025-03", "2025-02"], 2),
        (["2025-03", "2025-01"], 1),
        (["2025-02", "2025-01"], 0),
        ([], 0),
    ],
)
def test_the_last_run_ends_with_the_month_before(paid: list[str], expected: int) -> None:
    facts = [insurance(month) for month in paid]

    assert quantity({**MONTHS, "run": "last"}, *facts, on="2025-04-15") == expected


def test_months_outside_the_run_are_ignored_with_their_reason() -> None:
    scored = counted({**MONTHS, "run": "last"}, insurance("2025-03"), insurance("2025-01"), on="2025-04-15")

    assert scored.ignored("row") == [Why.BROKEN_RUN]


def test_the_longest_run_may_lie_in_the_past() -> None:
    facts = [*insured("2020-01", 7), *insured("2021-01", 3), *insured("2025-01", 2)]

    assert quantity({**MONTHS, "run": "longest"}, *facts, on="2025-04-15") == 7


@pytest.mark.parametrize(("month", "expected"), [("2024-03", 0), ("2024-04", 1), ("2025-03", 1), ("2025-04", 0)])
def test_a_window_looks_at_the_months_before(month: str, expected: int) -> None:
    assert quantity({**MONTHS, "window": "12mo"}, insurance(month), on="2025-04-15") == expected


def test_back_paid_and_transferred_months_are_left_out_where_the_table_says_so() -> None:
    facts = [
        insurance("2025-01"),
        insurance("2025-02", standing="back-paid"),
        insurance("2025-03", standing="transferred"),
    ]

    scored = counted({**MONTHS, "standing": ["normal"]}, *facts, on="2025-06-01")

    assert (scored.quantity("row"), scored.ignored("row")) == (1, [Why.BACK_PAID, Why.TRANSFERRED])


def test_a_back_paid_report_does_not_hide_a_normal_one() -> None:
    facts = [insurance("2025-01", HAISHU, standing="back-paid"), insurance("2025-01")]

    assert quantity({**MONTHS, "standing": ["normal"]}, *facts, on="2025-06-01") == 1


def test_months_of_other_insurances_count_only_where_the_table_names_them() -> None:
    facts = [insurance("2025-01", insurance="medical"), insurance("2025-02", insurance="pension")]

    assert [
        quantity({**MONTHS, "insurance": kinds}, *facts, on="2025-06-01")
        for kinds in (["pension"], ["pension", "medical"], ["injury"])
    ] == [1, 2, 0]


# spells

SPELLS = {"kind": "spells", "of": "residence-registered"}


@pytest.mark.parametrize(
    ("on", "months"),
    [("2025-02-27", 0), ("2025-02-28", 1), ("2025-03-30", 1), ("2025-03-31", 2)],
)
def test_from_31_january_to_28_february_is_a_full_month(on: str, months: int) -> None:
    assert quantity(SPELLS, residence("2025-01-31"), on=on) == months


@pytest.mark.parametrize(("second", "months"), [("2020-06-01", 12), ("2020-06-02", 11), ("2020-03-01", 12)])
def test_touching_and_overlapping_spells_are_one(second: str, months: int) -> None:
    facts = [residence("2020-01-15", "R1"), residence_ended("2020-06-01", "R1"), residence(second, "R2")]

    assert quantity(SPELLS, *facts, on="2021-01-15") == months


def test_full_months_are_counted_in_each_period_and_days_are_pooled() -> None:
    facts = [
        residence("2020-01-01", "R1"),
        residence_ended("2020-01-21", "R1"),
        residence("2020-03-01", "R2"),
        residence_ended("2020-03-21", "R2"),
    ]

    assert [quantity({**SPELLS, "count": unit}, *facts, on="2021-01-01") for unit in ("full_months", "days")] == [
        0,
        40,
    ]


def test_full_years_leave_the_rest_out() -> None:
    assert quantity({**SPELLS, "count": "full_years"}, residence("2020-05-01"), on="2025-04-30") == 4


def test_a_spell_that_ended_before_it_began_is_empty() -> None:
    facts = [residence("2020-05-01"), residence_ended("2020-05-01")]

    scored = counted(SPELLS, *facts, on="2025-04-30")

    assert (scored.quantity("row"), scored.ignored("row")) == (0, [Why.EMPTY])


def test_the_last_spell_must_reach_the_day() -> None:
    measure = {"kind": "spells", "of": "employment-started", "run": "last"}
    facts = [employment("2020-01-01", "2023-01-01", "E1"), employment("2024-01-01", None, "E2")]

    assert [
        quantity(measure, *facts, on=on) for on in ("2022-01-01", "2023-01-01", "2023-06-01", "2024-07-01")
    ] == [
        24,
        36,
        0,
        6,
    ]


def test_the_longest_spell() -> None:
    measure = {"kind": "spells", "of": "employment-started", "run": "longest"}
    facts = [employment("2020-01-01", "2021-01-01", "E1"), employment("2024-01-01", None, "E2")]

    assert quantity(measure, *facts, on="2024-07-01") == 12


def test_a_contract_may_be_ended_before_its_term() -> None:
    ended = EmploymentEnded(ended_on=date(2020, 7, 1), place=HAISHU, spell="E1")
    measure = {"kind": "spells", "of": "employment-started"}

    assert quantity(measure, employment("2020-01-01", "2021-01-01"), ended, on="2024-01-01") == 6


def test_a_window_cuts_spells() -> None:
    assert quantity({**SPELLS, "window": "12mo"}, residence("2010-01-01"), on="2025-01-01") == 12


# sums and counts


def test_minutes_are_added_up_before_hours_are_counted() -> None:
    measure = {"kind": "sum", "of": "volunteer-hours-served", "unit": "hours"}

    assert (
        quantity(measure, served("2024-05-01", minutes=90), served("2024-05-02", minutes=30), on="2025-01-01") == 2
    )


@pytest.mark.parametrize(("on", "expected"), [("2025-04-30", 200), ("2025-05-01", 0)])
def test_a_window_of_days_is_open_at_its_far_end(on: str, expected: int) -> None:
    assert (
        quantity({"kind": "sum", "of": "blood-donated", "window": "12mo"}, donated("2024-05-01", 200), on=on)
        == expected
    )


def test_the_same_donation_reported_twice_is_one() -> None:
    scored = counted(
        {"kind": "sum", "of": "blood-donated"},
        donated("2024-05-01", 200),
        donated("2024-05-01", 200),
        on="2025-01-01",
    )

    assert (scored.quantity("row"), scored.ignored("row")) == (200, [Why.DUPLICATE])


def test_two_services_of_one_day_are_two_activities() -> None:
    measure = {"kind": "sum", "of": "volunteer-hours-served"}
    facts = [
        served("2024-05-01", minutes=60, activity="patrol"),
        served("2024-05-01", minutes=30, activity="library"),
    ]

    assert quantity(measure, *facts, on="2025-01-01") == 90


def test_acts_are_counted_once_each() -> None:
    facts = [
        honour("city", "2024-05-01", "rescue"),
        honour("district", "2024-06-01", "rescue"),
        honour("town", "2024-07-01", "other"),
    ]

    assert [
        quantity({"kind": "count", "of": "honour-received", "distinct": what}, *facts, on="2025-01-01")
        for what in ("facts", "acts")
    ] == [3, 2]


def test_what_is_over_counts_no_more() -> None:
    fact = Attested(scheme="one", place=HAISHU, valid_from=date(2024, 1, 1), valid_to=date(2024, 6, 1), quantity=3)
    row = attested("one")["measure"]

    scores = [counted(row, fact, on=on) for on in ("2024-05-31", "2024-06-01")]

    assert [(scored.quantity("row"), scored.ignored("row")) for scored in scores] == [(3, []), (0, [Why.OVER])]


# levels and states

BEST = {"as": "by_level", "take": "max", "points": {"rent": 10, "own": 20}}


def test_of_homes_only_those_of_the_day_count() -> None:
    facts = [housing("own", "2020-01-01", "2022-01-01", "H1"), housing("rent", "2021-06-01", None, "H2")]

    scores = [
        counted({"kind": "levels", "of": "housing-started"}, *facts, on=on, award=BEST)
        for on in ("2021-07-01", "2022-01-01")
    ]

    assert [scored.item("row") for scored in scores] == [20, 10]


def test_a_level_that_the_table_does_not_name_gives_nothing() -> None:
    scored = counted(
        {"kind": "levels", "of": "housing-started"}, housing("dormitory", "2020-01-01"), on="2021-01-01", award=BEST
    )

    assert (scored.item("row"), scored.ignored("row")) == (points("0"), [Why.NO_POINTS])


def test_a_state_holds_or_does_not() -> None:
    state = {"kind": "state", "of": "attested/one"}

    assert [quantity(state, worth("one", 7), on=on) for on in ("2019-12-31", "2020-01-01")] == [0, 1]


@pytest.mark.parametrize(("on", "expected"), [("2024-05-31", 1), ("2024-06-01", 0)])
def test_a_credit_listing_holds_until_it_is_completed(on: str, expected: int) -> None:
    listing = offence("listed", "2023-01-01", category="credit", completed_on="2024-06-01")

    assert quantity({"kind": "state", "of": "restricted-fact/credit"}, listing, on=on) == expected


# points by hand


def test_points_granted_for_this_row_count_and_those_for_another_do_not() -> None:
    facts = [granted("test.0", "row", 125_000, "2024-01-01"), granted("test.0", "other", 50_000, "2024-01-01")]

    scored = counted({"kind": "grants"}, *facts, on="2025-01-01", award={"as": "granted"})

    assert str(scored.item("row")) == "12.50"


def test_a_grant_ends_when_it_says() -> None:
    fact = granted("test.0", "row", 50_000, "2024-01-01", valid_to="2025-01-01")

    scores = [
        counted({"kind": "grants"}, fact, on=on, award={"as": "granted"}) for on in ("2024-12-31", "2025-01-01")
    ]

    assert [scored.item("row") for scored in scores] == [5, 0]
