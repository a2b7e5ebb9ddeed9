"""Months joined, crossed and taken off each other; months that spells touch or fill; refunds."""

from datetime import date
from typing import Any

import pytest

from domain.facts import Attested, Fact, InsuranceMonthRefunded, PostHeld
from domain.knowledge import Why
from tests.domain.given import (
    HAISHU,
    YINZHOU,
    Given,
    Scored,
    employment,
    housing,
    insurance,
    insured,
    permit,
    residence,
    table,
)

PAID = {"kind": "months", "of": "insurance-month-paid"}
POINT = {"as": "per", "points": 1}


def counted(measure: dict[str, Any], *facts: Fact, on: str = "2025-01-15") -> Scored:
    book = table({"id": "row", "measure": measure, "award": POINT}, schemes=[{"id": "study"}])
    return Given(*facts).scored(book, on=on)


def studying(first: str, until: str) -> Fact:
    return Attested(
        scheme="study", place=YINZHOU, valid_from=date.fromisoformat(first), valid_to=date.fromisoformat(until)
    )


def test_months_of_either_insurance_are_joined() -> None:
    facts = [*insured("2024-01", 3), *insured("2024-03", 2, insurance="housing-fund")]
    measure = {**PAID, "insurance": ["pension"], "any_of": [{"of": PAID["of"], "insurance": ["housing-fund"]}]}

    scored = counted(measure, *facts)

    assert (scored.quantity("row"), scored.ignored("row")) == (4, [Why.DUPLICATE])


def test_months_of_both_insurances_are_crossed() -> None:
    facts = [*insured("2024-01", 6), *insured("2024-04", 6, insurance="medical")]
    measure = {**PAID, "insurance": ["pension"], "all_of": [{"of": PAID["of"], "insurance": ["medical"]}]}

    scored = counted(measure, *facts)

    assert scored.quantity("row") == 3
    assert scored.ignored("row").count(Why.NOT_IN_ALL) == 3


def test_months_at_home_are_taken_off_the_insured_ones() -> None:
    own = housing("own", "2024-03-20", "2024-06-01")
    measure = {**PAID, "minus": [{"of": "housing-started", "only": {"level": ["own"]}}]}

    scored = counted(measure, *insured("2024-01", 8), own)

    assert scored.quantity("row") == 5
    assert scored.ignored("row") == [Why.TAKEN_OFF] * 3


def test_months_while_studying_are_taken_off() -> None:
    measure = {**PAID, "minus": [{"of": "attested/study", "part": "whole_month"}]}

    scored = counted(measure, *insured("2024-01", 6), studying("2024-02-15", "2024-05-01"))

    assert scored.quantity("row") == 4


def test_what_is_joined_is_crossed_and_then_taken_off() -> None:
    measure = {
        **PAID,
        "insurance": ["pension"],
        "any_of": [{"of": PAID["of"], "insurance": ["medical"]}],
        "all_of": [{"of": "residence-registered"}],
        "minus": [{"of": "employment-started"}],
    }
    facts = [
        *insured("2024-01", 2),
        *insured("2024-03", 2, insurance="medical"),
        residence("2024-02-01"),
        employment("2024-04-01", "2024-05-01"),
    ]

    assert counted(measure, *facts).quantity("row") == 2


def test_a_run_is_looked_for_after_the_sets_were_put_together() -> None:
    measure = {**PAID, "insurance": ["pension"], "run": "longest", "any_of": [{"of": "employment-started"}]}
    facts = [*insured("2024-01", 2), employment("2024-03-01", "2024-04-01"), *insured("2024-04", 2)]

    assert counted(measure, *facts).quantity("row") == 5


@pytest.mark.parametrize(
    ("part", "start", "until", "months"),
    [
        ("any_day", "2024-01-31", "2024-02-02", 2),
        ("any_day", "2024-01-31", "2024-02-01", 1),
        ("whole_month", "2024-01-01", "2024-02-01", 1),
        ("whole_month", "2024-01-02", "2024-03-01", 1),
        ("whole_month", "2024-01-01", "2024-02-29", 1),
        ("whole_month", "2024-01-02", "2024-02-28", 0),
    ],
)
def test_a_spell_touches_months_or_fills_them(part: str, start: str, until: str, months: int) -> None:
    measure = {"kind": "months", "of": "employment-started", "part": part}

    assert counted(measure, employment(start, until)).quantity("row") == months


def test_a_spell_reaches_no_further_than_the_day() -> None:
    measure = {"kind": "months", "of": "employment-started"}

    assert [
        counted(measure, employment("2024-11-10"), on=on).quantity("row") for on in ("2025-01-01", "2025-01-02")
    ] == [
        2,
        3,
    ]


def test_two_spells_of_one_month_are_one_month_and_both_are_named_once() -> None:
    measure = {"kind": "months", "of": "employment-started"}
    facts = [employment("2024-01-01", "2024-03-01", "E1"), employment("2024-02-01", "2024-04-01", "E2")]

    scored = counted(measure, *facts)

    assert (scored.quantity("row"), scored.used("row"), scored.ignored("row")) == (3, [1, 2], [])


def test_months_in_a_post_are_those_of_the_post_named() -> None:
    posts = [
        PostHeld(started_on=date(2024, 1, 1), until=date(2024, 4, 1), place=HAISHU, spell="S1", post="sanitation"),
        PostHeld(started_on=date(2024, 6, 1), until=date(2024, 7, 1), place=HAISHU, spell="S2", post="delegate"),
    ]

    assert counted({"kind": "months", "of": "post-held/sanitation"}, *posts).quantity("row") == 3


def test_months_with_a_permit_stop_while_it_is_suspended() -> None:
    facts = [permit("permit-issued", "2023-01-01"), permit("permit-endorsed", "2024-03-01")]
    measure = {"kind": "months", "of": "permit", "part": "whole_month"}

    assert counted(measure, *facts, on="2024-06-01").quantity("row") == 12 + 3


@pytest.mark.parametrize(("on", "months"), [("2024-09-30", 3), ("2024-10-01", 2)])
def test_a_refunded_month_counts_until_it_is_refunded(on: str, months: int) -> None:
    refund = InsuranceMonthRefunded(month="2024-02", place=YINZHOU, refunded_on=date(2024, 10, 1))

    assert counted(PAID, *insured("2024-01", 3), refund, on=on).quantity("row") == months


def test_a_refund_takes_back_the_report_of_its_place_alone() -> None:
    refund = InsuranceMonthRefunded(month="2024-01", place=YINZHOU, refunded_on=date(2024, 3, 1))

    scored = counted(PAID, insurance("2024-01"), insurance("2024-01", HAISHU), refund)

    assert (scored.quantity("row"), scored.used("row"), scored.ignored("row")) == (1, [2], [Why.REFUNDED])


def test_a_void_refund_takes_back_nothing() -> None:
    refund = InsuranceMonthRefunded(month="2024-01", place=YINZHOU, refunded_on=date(2024, 3, 1))
    book = table({"id": "row", "measure": PAID, "award": POINT})

    assert Given(insurance("2024-01"), refund).voided(2).scored(book, on="2025-01-01").quantity("row") == 1
