"""Tenants of a town and one place of the rental subsidy 公租房补贴: ranked by points of insured months."""

from datetime import date

from domain import facts
from tests.api.school_round import AUTHORITY, Town

RENTAL = "cx.rental-2023"
WINDOW = {"opens_on": "2023-08-01", "closes_on": "2023-08-31"}
"""A window in which the province's table is in force, so that months give points."""
FEEDS = (
    *("permit-issued", "employment-started", "insurance-month-paid"),
    *("education-awarded", "skill-awarded", "residence-registered"),
)


def tenant(town: Town, number: int, months: int, *, contract: bool = True) -> str:
    """Give a tenant with a permit, a contract unless nobody knows it, and so many insured months of 2022."""
    who = town.born(f"tenant-{number}", number, "19880101")
    told: list[facts.Fact] = [
        facts.PermitIssued(on=date(2023, 1, 10), place=AUTHORITY, permit=f"P-{number}"),
        *(
            facts.PermitEndorsed(on=date(year, 1, 9), place=AUTHORITY, permit=f"P-{number}")
            for year in (2024, 2025)
        ),
        *(facts.InsuranceMonthPaid(month=f"2022-{month:02}", place=AUTHORITY) for month in range(1, months + 1)),
    ]
    town.says(who, *told, *([employment(number)] if contract else []))
    return str(who)


def employment(number: int) -> facts.EmploymentStarted:
    """Give a contract of a year and more."""
    return facts.EmploymentStarted(
        started_on=date(2023, 1, 1), place=AUTHORITY, spell=f"E-{number}", basis="labour-contract"
    )


def deliver_all(town: Town, last: str = "2026-01") -> None:
    """Say that every feed is complete that a round of the subsidy reads."""
    for kind in FEEDS:
        town.delivers(kind, last=last)
