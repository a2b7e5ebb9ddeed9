"""A subsidy of 36 months: granted once, checked before each payment, one check failed, part of it taken back."""

from datetime import date
from typing import Any

from api.cli.output import Exit
from domain import facts
from tests.api.school_round import AUTHORITY, town
from tests.stories.test_school_round import says

__all__ = ["says"]
ROUND = "cx.rental-2023"
ENDORSED = (date(2024, 1, 9), date(2025, 1, 9), date(2026, 1, 9))


def test_a_subsidy_is_paid_for_36_months_but_for_those_that_a_failed_check_forfeits(says: Any) -> None:
    says("round", "open", ROUND, "cx.rental", "--opens", "2023-05-01", "--closes", "2023-05-31")
    says("round", "places", ROUND, "all", "10", "--on", "2023-05-01")
    with town() as told:
        tenant = told.born("tenant", 7, "19880101")
        told.says(
            tenant,
            facts.PermitIssued(on=date(2023, 1, 10), place=AUTHORITY, permit="P-7"),
            *(facts.PermitEndorsed(on=day, place=AUTHORITY, permit="P-7") for day in ENDORSED),
            facts.EmploymentStarted(
                started_on=date(2023, 1, 1), place=AUTHORITY, spell="E-1", basis="labour-contract"
            ),
            facts.EmploymentEnded(ended_on=date(2024, 12, 1), place=AUTHORITY, spell="E-1"),
            facts.EmploymentStarted(
                started_on=date(2025, 2, 1), place=AUTHORITY, spell="E-2", basis="labour-contract"
            ),
        )
        told.delivers("permit-issued")
        told.delivers("employment-started")
    says("round", "apply", ROUND, str(tenant), "--number", "R-7", "--zone", "outside", "--on", "2023-05-31")
    says("round", "lock", ROUND, "--on", "2023-06-01")
    says("benefit", "start", ROUND, "R-7", "--on", "2023-06-05")
    assert not says("benefit", "start", ROUND, "R-7", "--on", "2023-06-05")["new"]
    says("benefit", "start", ROUND, "R-7", "--on", "2023-06-06", code=Exit.REFUSED)
    says("benefit", "pay", ROUND, "R-7", "--payment", "1", "--on", "2024-01-05", code=Exit.REFUSED)

    passed = []
    for number, day in enumerate(("2024-01-10", "2025-01-10", "2026-01-10", "2026-06-10"), 1):
        checked = says("benefit", "recheck", ROUND, "R-7", "--on", day)
        passed.append(checked["passed"])
        code = Exit.DONE if checked["passed"] else Exit.REFUSED
        says("benefit", "pay", ROUND, "R-7", "--payment", str(number), "--on", day, code=code)
    taken = ("--payment", "1", "--fen", "23100", "--reason", "error", "--on", "2026-06-20")
    says("benefit", "recover", ROUND, "R-7", *taken)
    end = says("benefit", "show", ROUND, "R-7")

    assert passed == [True, False, True, True]
    assert [each["fen"] for each in end["payments"].values()] == [7 * 23_100, 12 * 23_100, 5 * 23_100]
    assert (len(end["forfeited"]), end["over"], end["paid_fen"]) == (12, True, 23 * 23_100)
