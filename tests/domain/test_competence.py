"""Grants: who may say what, where, and on which days."""

from datetime import date

import pytest

from domain.competence import Grant, competent, grants_of
from domain.facts import GrantWithdrawn, OrganGranted, PermitIssued

START, END = date(2022, 4, 1), date(2024, 4, 1)
GRANTS = (
    Grant("nb-hrss", "insurance-month-paid", "3302", START),
    Grant("nb-police", "*", "330212", START, END),
)
GRANTED = OrganGranted(
    organ="nb-blood", fact_kind="blood-donated", place_prefix="3302", valid_from=START, basis="献血法"
)


@pytest.mark.parametrize(
    ("organ", "kind", "place", "on"),
    [
        ("nb-hrss", "insurance-month-paid", "330212", START),
        ("nb-hrss", "insurance-month-paid", "330282002", date(2099, 1, 1)),
        ("nb-hrss", "insurance-month-paid", "3302QW", START),
        ("nb-hrss", "insurance-month-paid", None, START),
        ("nb-police", "permit-issued", "330212", date(2024, 3, 31)),
    ],
)
def test_an_organ_is_competent_within_its_grants(organ: str, kind: str, place: str | None, on: date) -> None:
    assert competent(GRANTS, organ, kind, place, on)


@pytest.mark.parametrize(
    ("organ", "kind", "place", "on"),
    [
        ("nb-hrss", "insurance-month-paid", "330304", START),
        ("nb-hrss", "insurance-month-paid", "330212", date(2022, 3, 31)),
        ("nb-hrss", "blood-donated", "330212", START),
        ("nb-hrss", "insurance-month-refunded", "330212", START),
        ("nb-police", "permit-issued", "330203", START),
        ("nb-police", "permit-issued", "330212", END),
        ("nb-edu", "insurance-month-paid", "330212", START),
        ("nb-hrss", "insurance-month-paid", "33", START),
    ],
)
def test_an_organ_is_not_competent_beyond_them(organ: str, kind: str, place: str, on: date) -> None:
    assert not competent(GRANTS, organ, kind, place, on)


def test_nobody_is_competent_without_grants() -> None:
    assert not competent((), "nb-hrss", "insurance-month-paid", "330212", START)


def test_grants_are_read_off_the_facts_that_gave_them() -> None:
    assert grants_of([GRANTED]) == (Grant("nb-blood", "blood-donated", "3302", START),)


def _withdrawn(ends_on: date, prefix: str = "3302") -> GrantWithdrawn:
    return GrantWithdrawn(
        organ="nb-blood", fact_kind="blood-donated", place_prefix=prefix, valid_from=START, ends_on=ends_on
    )


def test_a_withdrawn_grant_holds_to_the_day_before_its_end() -> None:
    grants = grants_of([GRANTED, _withdrawn(END)])
    last, first_without = date(2024, 3, 31), END

    assert competent(grants, "nb-blood", "blood-donated", "330203", last)
    assert not competent(grants, "nb-blood", "blood-donated", "330203", first_without)


def test_a_withdrawal_never_lengthens_a_grant() -> None:
    grants = grants_of([GRANTED, _withdrawn(START), _withdrawn(END)])

    assert grants[0].valid_to == START


def test_a_withdrawal_of_another_grant_changes_nothing() -> None:
    assert grants_of([GRANTED, _withdrawn(END, prefix="330212")]) == grants_of([GRANTED])


def test_a_grant_given_again_is_the_newer_one() -> None:
    again = GRANTED.model_copy(update={"valid_to": END})

    assert grants_of([GRANTED, _withdrawn(START), again])[0].valid_to == END


def test_other_facts_are_passed_over() -> None:
    permit = PermitIssued(on=START, place="330212", permit="P-1")

    assert grants_of([permit, GRANTED]) == grants_of([GRANTED])
