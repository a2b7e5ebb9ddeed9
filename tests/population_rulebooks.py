"""The three tables under which benchmarks score a population: thirteen items, a deduction, a hold, validity."""

from decimal import Decimal
from typing import Any

from domain.rulebook import RulebookSet
from tests.domain.given import tables


def _item(name: str, kind: str, award: dict[str, Any], **more: Any) -> dict[str, Any]:
    limits: dict[str, Any] = {key: more.pop(key) for key in ("cap", "cap_per_year", "category") if key in more}
    return {"id": name, "measure": {"kind": kind, **more}, "award": award, **limits}


def _levels(name: str, of: str, take: str, points: dict[str, int], **more: Any) -> dict[str, Any]:
    return _item(name, "levels", {"as": "by_level", "take": take, "points": points}, of=of, **more)


INSURANCE, EMPLOYMENT = "insurance-month-paid", "employment-started"
EDUCATION = {"doctor": 10, "master": 10, "bachelor": 10, "college": 8, "high_school": 5, "below": 5}
SKILL = {"l1": 10, "l2": 10, "l3": 8, "l4": 5, "l5": 3}
HONOUR = {"national": 30, "province": 20, "city": 10, "district": 5}
OFFENCE = {"minor": -5, "detention": -20, "crime": -50}
LADDER = {"as": "ladder", "from": 55, "to": 60, "points": 5, "younger": 1}
VALIDITY = {
    "none": "accruing",
    "normal": "effective",
    "due": "effective",
    "suspended": {"state": "paused", "resumes": "on_request"},
    "ended": {"state": "lost"},
}


def benchmark_rulebooks(insurance: str = "0.5", cap: int = 30) -> RulebookSet:
    """Give the tables; what a month of insurance is worth, and its cap, can be varied."""
    freeze = {
        "id": "freeze",
        "of": "restricted-fact/offence",
        "levels": ["crime"],
        "lasts": "24mo",
        "effect": "zero",
    }
    lapses = {"after": "36mo", "from": "decided_on"}
    return tables(
        {"doc": "bench.province", "tier": "province", "cap": 100, "items": _province(insurance, cap)},
        {
            "doc": "bench.city",
            "tier": "city",
            "cap": 150,
            "items": _city(),
            "validity": VALIDITY,
            "categories": [{"id": "base", "cap": 60}, {"id": "bonus", "cap": 80}],
            "deductions": [_levels("offence", "restricted-fact/offence", "sum", OFFENCE, lapses=lapses)],
            "holds": [freeze],
        },
        {
            "doc": "bench.district",
            "tier": "district",
            "cap": 50,
            "items": _district(),
            "schemes": [{"id": "scarce_post"}],
        },
    )


def _province(insurance: str, cap: int) -> list[dict[str, Any]]:
    return [
        _item("age", "age", LADDER, cap=20),
        _levels("education", "education-awarded", "max", EDUCATION),
        _levels("skill", "skill-awarded", "max", SKILL),
        _item(
            "insurance",
            "months",
            {"as": "per", "points": Decimal(insurance)},
            of=INSURANCE,
            insurance=["pension", "medical"],
            cap=cap,
        ),
        _item("residence", "spells", {"as": "per", "points": "0.25"}, of="residence-registered", cap=30),
    ]


def _city() -> list[dict[str, Any]]:
    base, bonus = {"category": "base"}, {"category": "bonus"}
    bands = {"as": "bands", "rows": [{"from": 12, "points": 10}, {"from": 36, "points": 15}]}
    hours = {"of": "volunteer-hours-served", "unit": "hours", "window": "36mo", "paid": "half"}
    blood = {"as": "first_then", "first": 200, "points": 2, "step": 100, "more": 1}
    return [
        _item(
            "run",
            "months",
            {"as": "prorate", "points": 3, "per": 12},
            of=INSURANCE,
            run="last",
            standing=["normal"],
            cap=20,
            **base,
        ),
        _item("employment", "spells", bands, of=EMPLOYMENT, run="last", **base),
        _item(
            "volunteer", "sum", {"as": "per", "step": 10, "points": 1}, cap_per_year=10, cap=25, **hours, **bonus
        ),
        _item("blood", "sum", blood, of="blood-donated", cap=20, **bonus),
        _levels("honour", "honour-received", "sum", HONOUR, same_act="largest_only", cap=30, **bonus),
    ]


def _district() -> list[dict[str, Any]]:
    return [
        _levels("home", "housing-started", "max", {"own": 20, "rent": 5}),
        _item("local_months", "months", {"as": "per", "points": 1}, of=INSURANCE, window="24mo", cap=20),
        _item("scarce", "state", {"as": "per", "points": 10}, of="attested/scarce_post"),
    ]
