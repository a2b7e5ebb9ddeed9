"""What a count earns beyond one rate, and what bounds it: choices, families, uses of points, holds."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from domain.awards import Bands, Ladder, Marginal, Per, Prorate, Retro
from domain.facts import Fact, ItemElected
from domain.family import Family
from domain.knowledge import Knowledge
from tests.domain.given import (
    Given,
    Scored,
    attested,
    born,
    education,
    insured,
    offence,
    points,
    served,
    table,
    worth,
)

# awards


def test_what_lies_in_each_band_counts_at_its_own_rate() -> None:
    rates = [{"from": 12, "points": "0.5"}, {"from": 36, "points": 1}]
    award = Marginal.model_validate({"as": "marginal", "rows": rates})

    assert [award.points_for(n) for n in (0, 12, 13, 36, 37, 48)] == [0, 0, Fraction(1, 2), 12, 13, 24]


def test_full_steps_are_counted_within_their_band() -> None:
    rates = [{"from": 0, "points": 1, "step": 10}, {"from": 25, "points": 5, "step": 10}]
    award = Marginal.model_validate({"as": "marginal", "rows": rates})

    assert [award.points_for(n) for n in (9, 10, 25, 34, 35)] == [0, 1, 2, 2, 7]


def test_the_rate_of_the_band_that_is_reached_counts_for_all() -> None:
    rates = [{"from": 12, "points": 4, "step": 12}, {"from": 60, "points": 6, "step": 12}]
    award = Retro.model_validate({"as": "retro", "rows": rates})

    assert [award.points_for(n) for n in (11, 12, 59, 60)] == [0, 4, 16, 30]


BONUS = [
    {"from": 36, "points": 5},
    {"from": 60, "points": 8},
    {"from": 84, "points": 10},
    {"from": 120, "points": 16},
]


@pytest.mark.parametrize(("months", "expected"), [(35, "7"), (36, "12.2"), (59, "16.8"), (60, "20"), (120, "40")])
def test_one_step_bonus_stands_on_top_of_what_accrues(months: int, expected: str) -> None:
    award = Per.model_validate({"as": "per", "points": "0.2", "bonus": BONUS})

    assert award.points_for(months) == Fraction(expected)


def test_a_ladder_falls_above_its_foot_and_never_below_nothing() -> None:
    award = Ladder.model_validate({"as": "ladder", "from": 18, "to": 40, "points": 30, "older": 2, "min": 18})

    assert [award.points_for(age) for age in (17, 18, 40, 41, 54, 55, 70)] == [0, 30, 30, 28, 2, 0, 0]


def test_bands_rise_and_fall() -> None:
    rows = [{"from": n, "points": p} for n, p in ((18, 0), (21, 3), (26, 9), (56, 6), (61, 0))]
    award = Bands.model_validate({"as": "bands", "rows": rows})

    assert [award.points_for(age) for age in (20, 21, 25, 26, 55, 56, 60, 61)] == [0, 3, 3, 9, 9, 6, 6, 0]


@pytest.mark.parametrize(
    ("award", "has", "wanted"),
    [
        (Per.model_validate({"as": "per", "points": 2, "step": 20}), 12, 20),
        (Per.model_validate({"as": "per", "points": 2, "step": 20, "min": 60}), 40, 60),
        (Per.model_validate({"as": "per", "points": 2, "step": 24, "bonus": BONUS}), 3, 24),
        (Prorate.model_validate({"as": "prorate", "points": 3, "per": 12, "min": 12}), 5, 12),
        (Marginal.model_validate({"as": "marginal", "rows": [{"from": 12, "points": 1}]}), 3, 13),
        (Ladder.model_validate({"as": "ladder", "from": 55, "to": 60, "points": 5}), 61, None),
    ],
)
def test_what_is_missing_to_the_first_points(award: Any, has: int, wanted: int | None) -> None:
    assert award.points_for(has) == 0
    assert award.wanted(has) == wanted


# choices

HOMES = {"categories": [{"id": "home", "choose": "one", "cap": 20}], "schemes": [{"id": "own"}, {"id": "rent"}]}
OWN, RENT = attested("own", category="home"), attested("rent", category="home")


def chosen(*facts: Fact, on: str = "2025-01-01") -> Scored:
    return Given(*facts).scored(table(OWN, RENT, **HOMES), on=on)


def elects(item: str, on: str = "2024-06-01") -> Fact:
    return ItemElected(doc="test.0", group="home", item=item, elected_on=date.fromisoformat(on))


def test_of_a_choice_the_best_counts() -> None:
    scored = chosen(worth("own", 15), worth("rent", 5))

    assert (scored.total, scored.losses()) == (points("15"), [("choice", "rent", points("5.00"))])


def test_the_applicants_choice_goes_before_the_best() -> None:
    assert chosen(worth("own", 15), worth("rent", 5), elects("rent")).total == 5


def test_of_two_choices_the_later_day_counts_whatever_came_first() -> None:
    facts = [worth("own", 15), worth("rent", 5), elects("own", "2024-07-01"), elects("rent", "2024-06-01")]

    assert chosen(*facts).total == 15


def test_a_choice_counts_from_its_day_on() -> None:
    facts = [worth("own", 15), worth("rent", 5), elects("rent", "2024-06-01")]

    assert [chosen(*facts, on=on).total for on in ("2024-05-31", "2024-06-01")] == [15, 5]


def test_a_choice_of_what_is_not_in_the_category_is_none() -> None:
    assert chosen(worth("own", 15), worth("rent", 5), elects("castle")).total == 15


def test_the_category_is_capped_after_the_choice() -> None:
    assert chosen(worth("own", 30), worth("rent", 30)).losses() == [
        ("choice", "rent", points("30.00")),
        ("category", "home", points("10.00")),
    ]


# families

HOURS = {"kind": "sum", "of": "volunteer-hours-served", "unit": "hours"}


def known(*facts: Fact) -> Knowledge:
    return Given(*facts).known()


@pytest.mark.parametrize(
    ("subjects", "expected"),
    [("self", 4), ("spouse", 10), ("best_parent", 10), ("both", 14), ("second_at_half", 12)],
)
def test_whose_facts_count(subjects: str, expected: int) -> None:
    book = table({"id": "row", "measure": {**HOURS, "subjects": subjects}, "award": {"as": "per", "points": 1}})
    family = Family(spouse=known(served("2024-05-01", hours=10)))

    assert Given(served("2024-05-01", hours=4)).scored(book, on="2025-01-01", family=family).item("row") == expected


def test_of_a_child_the_better_parent_counts() -> None:
    ladder = {"as": "ladder", "from": 55, "to": 60, "points": 5, "younger": 1}
    book = table({"id": "row", "measure": {"kind": "age", "subjects": "best_parent"}, "award": ladder})
    family = Family(parents=(known(born("1970-01-01")), known(born("1975-01-01"))))

    assert Given(born("2018-01-01")).scored(book, on="2025-01-01", family=family).item("row") == 5 + 5


def test_without_a_spouse_nothing_is_known_of_one() -> None:
    book = table({"id": "row", "measure": {**HOURS, "subjects": "spouse"}, "award": {"as": "per", "points": 1}})

    assert Given(served("2024-05-01", hours=4)).scored(book, on="2025-01-01").state("row") == "no_data"


def test_a_year_is_capped_for_each_of_both() -> None:
    row = {"id": "row", "measure": {**HOURS, "subjects": "both"}, "award": {"as": "per", "points": 1}}
    family = Family(spouse=known(served("2024-05-01", hours=10)))

    scored = Given(served("2024-05-01", hours=10)).scored(
        table({**row, "cap_per_year": 6}), on="2025-01-01", family=family
    )

    assert (scored.item("row"), scored.losses()) == (points("12"), [("year", "row", points("8.00"))])


def test_the_offence_of_applicant_or_spouse_counts_the_larger() -> None:
    row = {
        "measure": {"kind": "count", "of": "restricted-fact/offence", "subjects": "best_parent"},
        "award": {"as": "by_occurrence", "take": "last", "points": [-20, -40, -60, -100]},
    }
    book = table(attested("good"), schemes=[{"id": "good"}], deductions=[row])
    family = Family(spouse=known(*(offence("minor", f"2023-0{n}-01", act=str(n)) for n in (1, 2, 3))))

    scored = Given(worth("good", 100), offence("minor", "2023-01-01")).scored(book, on="2025-01-01", family=family)

    assert (scored.deductions, scored.total) == (points("-60"), points("40"))


def test_half_of_the_second_is_rounded_once_with_the_first() -> None:
    row = {"measure": {**HOURS, "subjects": "second_at_half"}, "award": {"as": "per", "points": "0.01"}}
    family = Family(spouse=known(served("2024-05-01", hours=1)))

    scored = Given(served("2024-05-01", hours=1)).scored(
        table({**row, "id": "row"}), on="2025-01-01", family=family
    )

    assert (scored.raw("row"), scored.item("row")) == ("0.015", points("0.02"))


# uses of points

MINOR = {
    "id": "minor",
    "measure": {"kind": "levels", "of": "restricted-fact/offence"},
    "award": {"as": "by_level", "take": "sum", "points": {"minor": -10}},
}


def of_use(applies_to: Any, use: str | None) -> Scored:
    book = table(attested("good"), schemes=[{"id": "good"}], deductions=[{**MINOR, "applies_to": applies_to}])
    return Given(worth("good", 50), offence("minor", "2024-01-01")).scored(book, on="2025-01-01", use=use)


@pytest.mark.parametrize(
    ("applies_to", "use", "total"),
    [
        ("all", None, 40),
        ("all", "school", 40),
        (["hukou"], "hukou", 40),
        (["hukou"], "school", 50),
        (["hukou"], None, 50),
    ],
)
def test_a_deduction_is_taken_for_its_uses_alone(applies_to: Any, use: str | None, total: int) -> None:
    assert of_use(applies_to, use).total == total


def test_a_deduction_for_another_use_says_what_it_would_take() -> None:
    scored = of_use(["hukou"], "school")

    assert (scored.state("minor"), scored.item("minor")) == ("other_use", points("0"))
    assert "只在 hukou 中扣减(-10.00 分),本次不扣" in scored.told()


# holds


def held(hold: dict[str, Any], *facts: Fact, on: str, use: str | None = None) -> Scored:
    book = table(attested("good"), schemes=[{"id": "good"}], holds=[{"of": "restricted-fact/credit", **hold}])
    return Given(worth("good", 50), *facts).scored(book, on=on, use=use)


def listing(**days: str) -> Fact:
    return offence("listed", "2023-01-01", category="credit", **days)


@pytest.mark.parametrize(("on", "total"), [("2024-05-31", 0), ("2024-06-01", 50)])
def test_a_freeze_lasts_while_somebody_is_listed(on: str, total: int) -> None:
    freeze = {"lasts": None, "until_completed": True, "effect": "zero"}

    assert held(freeze, listing(completed_on="2024-06-01"), on=on).total == total


def test_a_veto_lasts_for_ever() -> None:
    scored = held({"lasts": None, "effect": "ineligible"}, listing(completed_on="2023-02-01"), on="2100-01-01")

    assert (scored.score.ineligible, scored.usable, scored.total) == (True, points("0"), points("50"))


@pytest.mark.parametrize(("use", "total"), [("hukou", 0), ("school", 50), (None, 50)])
def test_a_hold_may_be_limited_to_uses(use: str | None, total: int) -> None:
    freeze = {"lasts": None, "effect": "zero", "applies_to": ["hukou"]}

    assert held(freeze, listing(), on="2025-01-01", use=use).total == total


# why not


def test_a_row_without_points_says_what_is_missing() -> None:
    book = table({"id": "row", "measure": HOURS, "award": {"as": "per", "points": 2, "step": 20}})

    scored = Given(served("2024-05-01", hours=12)).scored(book, on="2025-01-01")

    assert "满 20 小时计分,还差 8 小时" in scored.told()
    assert "counts from 20 hours on, 8 hours missing" in scored.told("en")
    line = next(line for line in scored.score.as_json()["lines"] if line["line"] == "item")
    assert (line["wanted"], line["missing"]) == (20, 8)


def test_a_row_with_points_misses_nothing() -> None:
    book = table({"id": "row", "measure": HOURS, "award": {"as": "per", "points": 2, "step": 20}})

    assert "missing" not in Given(served("2024-05-01", hours=20)).scored(book, on="2025-01-01").told("en")


def test_an_age_above_the_table_misses_nothing_that_could_come() -> None:
    ladder = {"as": "ladder", "from": 55, "to": 60, "points": 5, "younger": 1}
    book = table({"id": "row", "measure": {"kind": "age"}, "award": ladder})

    assert Given(born("1950-01-01")).scored(book, on="2025-01-01").line("row").wanted is None


def test_a_row_says_whose_facts_count_and_for_which_day() -> None:
    measure = {"kind": "months", "of": "insurance-month-paid", "subjects": "both", "as_of": "end_of_last_month"}
    book = table({"id": "row", "measure": measure, "award": {"as": "per", "points": 1}})

    told = Given(*insured("2024-01", 2)).scored(book, on="2025-01-10").told()

    assert "双方分别计分后相加;计至 2024-12-31;计 2 个月" in told


def test_levels_that_the_table_leaves_out_are_told() -> None:
    row = {
        "id": "row",
        "measure": {"kind": "levels", "of": "education-awarded", "exclude": {"level": ["below"]}},
        "award": {"as": "by_level", "take": "max", "points": {"bachelor": 10}},
    }

    told = Given(education("below"), education("college")).scored(table(row), on="2025-01-10").told()

    assert "本项不计此类 1 条 (#1)" in told
    assert "无对应分值 1 条 (#2)" in told
