"""Spells pooled and each by itself, half months, sums by year and at half, shares, a day of a row's own."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.facts import DonationMade, Fact, PatentGranted, PatrolAttended, PostHeld, TaxPaid, TrainingAttended
from domain.knowledge import Why
from tests.domain.given import (
    YINZHOU,
    Given,
    Scored,
    born,
    donated,
    honour,
    housing,
    insured,
    offence,
    permit,
    residence,
    residence_ended,
    served,
    table,
)

POINT = {"as": "per", "points": 1}


def counted(measure: dict[str, Any], *facts: Fact, on: str = "2025-01-15", award: Any = None) -> Scored:
    return Given(*facts).scored(table({"id": "row", "measure": measure, "award": award or POINT}), on=on)


def lived(*periods: tuple[str, str]) -> list[Fact]:
    facts = []
    for number, (start, end) in enumerate(periods):
        facts += [residence(start, f"R{number}"), residence_ended(end, f"R{number}")]
    return facts


SPELLS = {"kind": "spells", "of": "residence-registered"}


def test_what_is_left_over_below_a_month_is_pooled() -> None:
    facts = lived(("2024-01-01", "2024-01-21"), ("2024-03-01", "2024-04-11"))  # 20 days; 1 month and 10 days

    assert [counted({**SPELLS, "join": join}, *facts).quantity("row") for join in ("each", "pooled")] == [1, 2]


def test_pooled_years_are_twelve_months_each() -> None:
    facts = lived(("2020-01-01", "2020-08-01"), ("2021-01-01", "2021-06-01"))  # 7 and 5 months

    assert [
        counted({**SPELLS, "count": "full_years", "join": join}, *facts).quantity("row")
        for join in ("each", "pooled")
    ] == [0, 1]


@pytest.mark.parametrize(
    ("until", "halves"), [("2024-02-01", 2), ("2024-02-02", 3), ("2024-02-15", 3), ("2024-02-16", 4)]
)
def test_fifteen_days_are_a_month_and_fewer_are_half_a_month(until: str, halves: int) -> None:
    assert counted({**SPELLS, "count": "half_months"}, *lived(("2024-01-01", until))).quantity("row") == halves


def test_two_posts_held_at_once_count_each_by_itself() -> None:
    posts = [
        PostHeld(started_on=date(2024, 1, 1), until=date(2024, 7, 1), place=YINZHOU, spell=spell, post="delegate")
        for spell in ("S1", "S2")
    ]
    measure = {"kind": "spells", "of": "post-held"}

    assert [counted({**measure, "join": join}, *posts).quantity("row") for join in ("each", "per_spell")] == [6, 12]


def test_a_post_reported_twice_is_one_post() -> None:
    post = PostHeld(started_on=date(2024, 1, 1), until=date(2024, 7, 1), place=YINZHOU, spell="S1", post="delegate")

    scored = counted({"kind": "spells", "of": "post-held", "join": "per_spell"}, post, post)

    assert (scored.quantity("row"), scored.ignored("row")) == (6, [Why.DUPLICATE])


def test_the_years_of_a_permit_leave_out_its_suspension() -> None:
    facts = [
        permit("permit-issued", "2022-01-01"),
        permit("permit-endorsed", "2022-12-20"),
        permit("permit-endorsed", "2024-03-01"),
        permit("permit-ended", "2024-06-01"),
    ]

    scored = counted({"kind": "spells", "of": "permit"}, *facts)

    assert (scored.quantity("row"), scored.line("row").periods) == (
        24 + 3,
        ((date(2022, 1, 1), date(2024, 1, 1)), (date(2024, 3, 1), date(2024, 6, 1))),
    )


@pytest.mark.parametrize(("on", "holds"), [("2022-12-31", 1), ("2023-01-01", 0)])
def test_a_permit_is_in_use_until_the_calendar_suspends_it(on: str, holds: int) -> None:
    measure = {"kind": "state", "of": "permit"}

    assert counted(measure, permit("permit-issued", "2022-01-01"), on=on).quantity("row") == holds


def test_a_newer_permit_takes_the_olders_place_without_a_gap() -> None:
    facts = [permit("permit-issued", "2024-01-01"), permit("permit-issued", "2024-07-01", number="P2")]

    scored = counted({"kind": "spells", "of": "permit"}, *facts)

    assert (scored.quantity("row"), scored.used("row")) == (12, [1, 2])


# sums


@pytest.mark.parametrize(("paid", "hours"), [("full", 5), ("half", 4), ("none", 3)])
def test_paid_service_counts_in_full_at_half_or_not(paid: str, hours: int) -> None:
    measure = {"kind": "sum", "of": "volunteer-hours-served", "unit": "hours", "paid": paid}
    facts = [served("2024-05-01", hours=3), served("2024-05-02", minutes=120, paid=True)]

    assert counted(measure, *facts).quantity("row") == hours


def test_half_an_hour_at_half_adds_up_before_hours_are_counted() -> None:
    measure = {"kind": "sum", "of": "volunteer-hours-served", "unit": "hours", "paid": "half"}
    facts = [served(f"2024-05-0{day}", minutes=30, paid=True) for day in range(1, 5)]

    assert counted(measure, *facts).quantity("row") == 1


def test_a_year_brings_no_more_than_its_most() -> None:
    measure = {"kind": "sum", "of": "volunteer-hours-served", "unit": "hours", "most_per_year": 10}
    facts = [served("2023-05-01", hours=8), served("2023-06-01", hours=8), served("2024-05-01", hours=4)]

    assert counted(measure, *facts).quantity("row") == 14


def test_tax_is_summed_in_yuan() -> None:
    facts = [
        TaxPaid(paid_on=date(2024, 5, day), place=YINZHOU, receipt=f"T{day}", fen=fen)
        for day, fen in ((1, 150_050), (2, 50_000))
    ]

    assert counted({"kind": "sum", "of": "tax-paid", "unit": "yuan"}, *facts).quantity("row") == 2000


def test_gifts_of_money_are_summed_and_marrow_is_counted() -> None:
    gifts = [
        DonationMade(given_on=date(2024, 5, 1), place=YINZHOU, receipt="G1", gift="money", fen=100_000),
        DonationMade(given_on=date(2024, 5, 1), place=YINZHOU, receipt="G2", gift="marrow"),
    ]

    assert (
        counted({"kind": "sum", "of": "donation-made/money", "unit": "yuan"}, *gifts).quantity("row"),
        counted({"kind": "count", "of": "donation-made/marrow"}, *gifts).quantity("row"),
    ) == (1000, 1)


def test_training_and_patrols_are_summed_in_hours() -> None:
    training = [
        TrainingAttended(attended_on=date(2024, 5, day), place=YINZHOU, course=course, minutes=180)
        for day, course in ((1, "safety"), (2, "law"), (3, "skill"))
    ]
    patrol = PatrolAttended(attended_on=date(2024, 5, 1), place=YINZHOU, minutes=120)
    leave_out = {"kind": "sum", "of": "training-attended", "unit": "hours", "exclude": {"variant": ["skill"]}}

    assert (
        counted(leave_out, *training).quantity("row"),
        counted({"kind": "sum", "of": "patrol-attended", "unit": "hours"}, patrol).quantity("row"),
    ) == (6, 2)


# shares

HALF_HOME = {"kind": "share", "of": "housing-started", "only": {"level": ["own"]}}
TWENTY = {"as": "parts", "points": 20}


def owned(share: int, spell: str = "H1") -> Fact:
    return housing("own", "2020-01-01", spell=spell).model_copy(update={"share": share})


@pytest.mark.parametrize(
    ("shares", "points"), [([10_000], "20"), ([5_000], "10"), ([3_333], "6.67"), ([6_000, 6_000], "20")]
)
def test_a_share_of_a_home_earns_its_share_of_the_points(shares: list[int], points: str) -> None:
    homes = [owned(share, f"H{number}") for number, share in enumerate(shares)]

    assert counted(HALF_HOME, *homes, award=TWENTY).item("row") == Decimal(points)


def patent(holders: int, order: int = 1, name: str = "ZL1", level: Any = "invention") -> Fact:
    return PatentGranted(granted_on=date(2024, 1, 1), level=level, patent=name, holders=holders, order=order)


@pytest.mark.parametrize(
    ("holders", "order", "rule", "raw"),
    [
        (1, 1, "equal", "20"),
        (4, 2, "equal", "5"),
        (3, 1, "equal", "20/3"),
        (3, 1, "first_double", "10"),
        (3, 2, "first_double", "5"),
        (1, 1, "first_double", "20"),
        (12, 12, "first_double", "20/13"),
    ],
)
def test_a_patent_is_shared_by_its_holders(holders: int, order: int, rule: str, raw: str) -> None:
    measure = {"kind": "share", "of": "patent-granted", "holders": rule}

    assert counted(measure, patent(holders, order), award=TWENTY).raw("row") == raw


def test_shares_of_several_patents_add_up_exactly() -> None:
    measure = {"kind": "share", "of": "patent-granted", "only": {"level": ["invention"]}}
    patents = [patent(3, name="A"), patent(3, name="B"), patent(3, name="C"), patent(1, name="D", level="design")]

    scored = counted(measure, *patents, award=TWENTY)

    assert (scored.raw("row"), scored.ignored("row")) == ("20", [Why.EXCLUDED])


# a row's own day, and from which step of an act


@pytest.mark.parametrize(("on", "months"), [("2025-03-31", 2), ("2025-04-01", 3), ("2025-04-30", 3)])
def test_a_row_may_count_to_the_end_of_last_month(on: str, months: int) -> None:
    measure = {"kind": "months", "of": "insurance-month-paid", "as_of": "end_of_last_month"}

    assert counted(measure, *insured("2025-01", 6), on=on).quantity("row") == months


def test_a_row_may_count_to_the_first_of_last_month() -> None:
    measure = {"kind": "sum", "of": "blood-donated", "as_of": "first_of_last_month"}
    facts = [donated("2025-02-01", 200), donated("2025-02-02", 400)]

    assert counted(measure, *facts, on="2025-03-20").quantity("row") == 200


@pytest.mark.parametrize(("on", "age"), [("2025-03-30", 29), ("2025-03-31", 30), ("2026-12-31", 30)])
def test_a_fixed_day_that_has_not_come_is_today(on: str, age: int) -> None:
    measure = {"kind": "age", "as_of": "2025-03-31"}
    ladder = {"as": "ladder", "from": 55, "to": 60, "points": 5, "younger": 1}

    assert counted(measure, born("1995-03-31"), on=on, award=ladder).quantity("row") == age


def test_a_window_of_36_months_to_the_end_of_last_month_is_36_calendar_months() -> None:
    measure = {"kind": "count", "of": "honour-received", "window": "36mo", "as_of": "end_of_last_month"}
    facts = [honour("city", day, act=day) for day in ("2022-03-31", "2022-04-01", "2025-03-31", "2025-04-01")]

    assert counted(measure, *facts, on="2025-04-10").quantity("row") == 2


@pytest.mark.parametrize(
    ("step", "seen"), [("acted_on", 0), ("decided_on", 0), ("effective_on", 1), ("completed_on", 1)]
)
def test_a_window_may_be_counted_from_any_step_of_an_act(step: str, seen: int) -> None:
    act = offence(
        "minor",
        "2020-01-01",
        decided_on="2021-01-01",
        effective_on="2023-02-01",
        completed_on="2024-01-01",
    )
    measure = {"kind": "count", "of": "restricted-fact/offence", "window": {"last": "24mo", "from": step}}

    assert counted(measure, act, on="2025-01-01").quantity("row") == seen


@pytest.mark.parametrize(("part", "age"), [("dropped", 40), ("counts", 41)])
def test_a_year_begun_may_count_as_a_year(part: str, age: int) -> None:
    ladder = {"as": "ladder", "from": 18, "to": 40, "points": 30, "older": 2, "min": 18}
    measure = {"kind": "age", "part_year": part}

    scored = counted(measure, born("1985-01-14"), on="2025-01-15", award=ladder)

    assert (scored.quantity("row"), scored.item("row")) == (age, Decimal(30 - 2 * (age - 40)))


def test_on_the_birthday_itself_no_year_has_begun() -> None:
    ladder = {"as": "ladder", "from": 18, "to": 40, "points": 30, "older": 2, "min": 18}

    assert (
        counted({"kind": "age", "part_year": "counts"}, born("1985-01-15"), on="2025-01-15", award=ladder).quantity(
            "row"
        )
        == 40
    )
