"""Caps, deductions, floor, holds and validity, in the one order of evaluation."""

from typing import Any

import pytest

from domain.knowledge import Why
from tests.domain.given import (
    CIXI,
    HAISHU,
    NINGBO_CITY,
    WENZHOU_RUIAN,
    YINZHOU,
    Given,
    Scored,
    attested,
    offence,
    permit,
    points,
    served,
    table,
    tables,
    worth,
)

ON = "2025-01-01"
SCHEMES = [{"id": name} for name in ("one", "two", "three")]


def wealth(one: int = 0, two: int = 0, three: int = 0) -> Given:
    return Given(*(worth(name, n) for name, n in (("one", one), ("two", two), ("three", three)) if n))


# caps


def test_what_a_table_loses_to_its_cap_is_a_line_of_its_own() -> None:
    book = table(attested("one", cap=60), attested("two", cap=60), schemes=SCHEMES, cap=100)

    scored = wealth(one=60, two=52).scored(book, on=ON)

    assert (scored.loss("tier").earned, scored.loss("tier").counted, scored.losses()) == (
        11200,
        10000,
        [("tier", "test.0", points("12"))],
    )
    assert scored.total == points("100")


def test_province_90_city_170_capped_150_district_10_less_deductions_20_is_230() -> None:
    book = tables(
        {"tier": "province", "cap": 100, "schemes": SCHEMES, "items": [attested("one")]},
        {
            "tier": "city",
            "cap": 150,
            "schemes": SCHEMES,
            "items": [attested("two")],
            "deductions": [
                {
                    "id": "offence",
                    "measure": {"kind": "levels", "of": "restricted-fact/offence"},
                    "award": {"as": "by_level", "take": "sum", "points": {"minor": -20}},
                },
            ],
        },
        {"tier": "district", "cap": 50, "schemes": SCHEMES, "items": [attested("three")]},
    )
    resident = wealth(one=90, two=170, three=10).then(offence("minor", "2024-01-01"))

    scored = resident.scored(book, on=ON)

    assert [scored.tier(name) for name in ("province", "city", "district")] == [90, 150, 10]
    assert (scored.deductions, scored.total) == (points("-20"), points("230"))


def test_an_item_cap_and_a_category_cap_are_two_losses() -> None:
    book = table(
        attested("one", cap=30, category="bonus"),
        attested("two", category="bonus"),
        schemes=SCHEMES,
        categories=[{"id": "bonus", "cap": 50}],
    )

    scored = wealth(one=40, two=40).scored(book, on=ON)

    assert scored.losses() == [("item", "one", points("10")), ("category", "bonus", points("20"))]
    assert scored.total == points("50")


def test_the_losses_and_the_total_add_up_to_what_was_earned() -> None:
    book = table(
        attested("one", cap=30, category="bonus"),
        attested("two", category="bonus"),
        attested("three"),
        schemes=SCHEMES,
        categories=[{"id": "bonus", "cap": 50}],
        cap=60,
    )

    scored = wealth(one=40, two=40, three=40).scored(book, on=ON)

    assert scored.total + sum(lost for _, _, lost in scored.losses()) == points("120")


VOLUNTEER = {
    "id": "volunteer",
    "measure": {"kind": "sum", "of": "volunteer-hours-served", "unit": "hours"},
    "award": {"as": "per", "step": 10, "points": 1},
    "cap_per_year": 5,
}


def test_a_year_cap_bounds_each_year_by_itself() -> None:
    resident = Given(served("2023-05-01", 90), served("2024-05-01", 20), served("2024-06-01", 15))

    scored = resident.scored(table({**VOLUNTEER, "cap": 20}), on=ON)

    assert (scored.raw("volunteer"), scored.item("volunteer"), scored.loss("year").years) == (
        "12",
        points("8"),
        (2023,),
    )


def test_the_year_cap_comes_before_the_item_cap() -> None:
    resident = Given(served("2022-05-01", 90), served("2023-05-01", 90), served("2024-05-01", 90))

    scored = resident.scored(table({**VOLUNTEER, "cap": 12}), on=ON)

    assert scored.losses() == [("year", "volunteer", points("12")), ("item", "volunteer", points("3"))]


# rounding


@pytest.mark.parametrize(("quantity", "expected"), [(1, "0.33"), (2, "0.67"), (3, "1.00")])
def test_each_row_is_rounded_half_up_once(quantity: int, expected: str) -> None:
    book = table(attested("one", award={"as": "prorate", "points": 1, "per": 3}), schemes=SCHEMES)

    assert wealth(one=quantity).scored(book, on=ON).item("one") == points(expected)


def test_a_half_is_rounded_up() -> None:
    book = table(attested("one", award={"as": "prorate", "points": 1, "per": 200}), schemes=SCHEMES)

    assert wealth(one=1).scored(book, on=ON).item("one") == points("0.01")


def test_tables_of_different_scales_add_up_exactly() -> None:
    book = tables(
        {"tier": "province", "scale": 0, "schemes": SCHEMES, "items": [attested("one")]},
        {
            "tier": "city",
            "scale": 3,
            "schemes": SCHEMES,
            "items": [attested("two", award={"as": "per", "points": "0.125"})],
        },
    )

    assert wealth(one=7, two=1).scored(book, on=ON).total == points("7.125")


# deductions, floor, valid_if


def offences(**award: Any) -> dict[str, Any]:
    measure = {"kind": "levels", "of": "restricted-fact/offence", **award.pop("measure", {})}
    return {
        "id": "offence",
        "measure": measure,
        "award": {"as": "by_level", "take": "sum", "points": {"minor": -5, "detention": -20}},
        **award,
    }


def test_deductions_are_outside_every_cap() -> None:
    book = table(attested("one", cap=10), schemes=SCHEMES, cap=10, deductions=[offences()])
    resident = wealth(one=50).then(offence("minor", "2024-01-01"))

    assert resident.scored(book, on=ON).total == points("5")


def test_the_total_is_never_below_zero() -> None:
    book = table(attested("one"), schemes=SCHEMES, deductions=[offences()])
    resident = wealth(one=10).then(offence("detention", "2024-01-01"))

    assert resident.scored(book, on=ON).total == points("0")


@pytest.mark.parametrize(("one", "valid"), [(19, False), (20, False), (21, True)])
def test_where_zero_or_below_is_invalid_the_score_says_so(one: int, valid: bool) -> None:  # noqa: FBT001 - a row
    book = table(attested("one"), schemes=SCHEMES, deductions=[offences()], valid_if={"above": 0})
    resident = wealth(one=one).then(offence("detention", "2024-01-01"))

    assert resident.scored(book, on=ON).score.is_valid is valid


def test_of_one_act_only_the_largest_deduction_counts() -> None:
    book = table(attested("one"), schemes=SCHEMES, deductions=[offences(measure={"same_act": "largest_only"})])
    resident = wealth(one=50)
    resident.then(offence("minor", "2024-01-01", act="a")).then(offence("detention", "2024-01-01", act="a"))

    scored = resident.scored(book, on=ON)

    assert (scored.deductions, scored.ignored("offence")) == (points("-20"), [Why.SMALLER])


def test_acts_without_a_name_are_acts_of_their_own() -> None:
    book = table(attested("one"), schemes=SCHEMES, deductions=[offences(measure={"same_act": "largest_only"})])
    resident = wealth(one=50).then(offence("minor", "2024-01-01")).then(offence("minor", "2024-01-02"))

    assert resident.scored(book, on=ON).deductions == points("-10")


@pytest.mark.parametrize(("on", "expected"), [("2027-01-30", "-5"), ("2027-01-31", "0")])
def test_a_deduction_lapses_on_the_day_itself(on: str, expected: str) -> None:
    lapses = {"after": "36mo", "from": "decided_on"}
    book = table(attested("one"), schemes=SCHEMES, deductions=[offences(measure={"lapses": lapses})])
    resident = Given(offence("minor", "2023-12-01", decided_on="2024-01-31"))

    assert resident.scored(book, on=on).deductions == points(expected)


def test_a_day_that_is_not_known_gives_way_to_the_one_before_it() -> None:
    lapses = {"after": "12mo", "from": "completed_on"}
    book = table(attested("one"), schemes=SCHEMES, deductions=[offences(measure={"lapses": lapses})])
    resident = Given(offence("minor", "2023-01-01", decided_on="2024-06-01"))

    assert resident.scored(book, on=ON).deductions == points("-5")


def test_the_same_offence_reported_twice_is_deducted_once() -> None:
    book = table(attested("one"), schemes=SCHEMES, deductions=[offences()])
    resident = Given(offence("minor", "2024-01-01"), offence("minor", "2024-01-01"))

    scored = resident.scored(book, on=ON)

    assert (scored.deductions, scored.ignored("offence")) == (points("-5"), [Why.DUPLICATE])


def test_a_capped_deduction_takes_no_more_than_its_cap() -> None:
    book = table(attested("one"), schemes=SCHEMES, deductions=[offences(cap=8)])
    resident = Given(offence("minor", "2024-01-01"), offence("minor", "2024-01-02"))

    scored = resident.scored(book, on=ON)

    assert (scored.deductions, scored.losses()) == (points("-8"), [("item", "offence", points("2"))])


@pytest.mark.parametrize(("follows", "expected"), [("district", "0"), ("city", "-5"), ("province", "-5")])
def test_a_deduction_follows_through_its_own_territory(follows: str, expected: str) -> None:
    book = table(attested("one"), schemes=SCHEMES, deductions=[offences(follows=follows)])
    resident = Given(offence("minor", "2024-01-01", place=HAISHU))

    assert resident.scored(book, on=ON, at=YINZHOU).deductions == points(expected)


# holds


def held(on: str, effect: str, lasts: str | None = "24mo") -> Scored:
    hold = {"id": "freeze", "of": "restricted-fact/offence", "levels": ["crime"], "lasts": lasts, "effect": effect}
    book = table(
        attested("one"),
        schemes=SCHEMES,
        holds=[{**hold, "from": "effective_on"}],
        validity={
            "none": "effective",
            "normal": "effective",
            "due": "effective",
            "suspended": {"state": "paused"},
            "ended": {"state": "lost"},
        },
    )
    crime = offence("crime", "2022-01-01", effective_on="2023-03-01")
    return wealth(one=50).then(crime).scored(book, on=on)


@pytest.mark.parametrize(
    ("on", "expected"), [("2023-02-28", 50), ("2023-03-01", 0), ("2025-02-28", 0), ("2025-03-01", 50)]
)
def test_a_hold_makes_the_total_zero_while_it_lasts(on: str, expected: int) -> None:
    assert held(on, "zero").total == expected


def test_a_hold_for_ever_never_ends() -> None:
    assert held("2099-01-01", "zero", lasts=None).total == 0


def test_a_suspending_hold_pauses_the_points() -> None:
    scored = held("2024-01-01", "suspend")

    assert (scored.validity, scored.total, scored.usable) == ("paused", points("50"), points("0"))


def test_a_barring_hold_leaves_the_total_and_bars_its_use() -> None:
    scored = held("2024-01-01", "ineligible")

    assert (scored.score.ineligible, scored.total, scored.usable) == (True, points("50"), points("0"))


def test_with_restricted_rows_off_neither_deduction_nor_hold_counts() -> None:
    hold = {"id": "freeze", "of": "restricted-fact/offence", "lasts": None, "effect": "zero"}
    book = table(attested("one"), schemes=SCHEMES, deductions=[offences()], holds=[hold])
    resident = wealth(one=50).then(offence("minor", "2024-01-01"))

    assert [resident.scored(rules, on=ON).total for rules in (book, book.without_restricted())] == [0, 50]


# validity


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ([], "accruing"),
        ([("permit-issued", "2024-06-01")], "effective"),
        ([("permit-issued", "2024-01-15")], "effective"),
        ([("permit-issued", "2023-12-15")], "paused"),
        ([("permit-issued", "2024-06-01"), ("permit-suspended", "2024-10-01")], "paused"),
        (
            [
                ("permit-issued", "2024-06-01"),
                ("permit-suspended", "2024-10-01"),
                ("permit-restored", "2024-11-01"),
            ],
            "paused",
        ),
        (
            [
                ("permit-issued", "2024-06-01"),
                ("permit-suspended", "2024-10-01"),
                ("permit-restored", "2024-11-01"),
                ("points-reinstatement-requested", "2024-11-02"),
            ],
            "effective",
        ),
        (
            [
                ("permit-issued", "2024-06-01"),
                ("permit-suspended", "2024-10-01"),
                ("points-reinstatement-requested", "2024-10-15"),
                ("permit-restored", "2024-11-01"),
            ],
            "paused",
        ),
        ([("permit-issued", "2024-06-01"), ("permit-ended", "2024-12-01")], "lost"),
        (
            [("permit-issued", "2024-06-01"), ("permit-ended", "2024-12-01"), ("permit-restored", "2024-12-02")],
            "lost",
        ),
    ],
)
def test_validity_in_ningbo(moves: list[tuple[str, str]], expected: str) -> None:
    resident = Given(*(permit(kind, on) for kind, on in moves))

    assert resident.scored(NINGBO_CITY, on="2025-01-01").validity == expected


def test_what_happens_to_a_permit_later_does_not_change_the_score_of_a_day_before() -> None:
    resident = Given(permit("permit-issued", "2024-06-01"), permit("permit-suspended", "2024-10-01"))
    days = ("2024-05-31", "2024-09-30", "2024-10-01")

    assert [resident.scored(NINGBO_CITY, on=day).validity for day in days] == ["accruing", "effective", "paused"]


def test_the_most_local_document_says_what_the_permit_means() -> None:
    block = {"none": "accruing", "normal": "effective", "due": "effective", "ended": {"state": "lost"}}
    item = attested("one")
    book = tables(
        {
            "tier": "province",
            "schemes": SCHEMES,
            "items": [item],
            "validity": {**block, "suspended": {"state": "paused"}},
        },
        {
            "tier": "district",
            "schemes": SCHEMES,
            "items": [item],
            "validity": {**block, "suspended": {"state": "lost"}},
        },
    )
    resident = Given(permit("permit-issued", "2024-06-01"), permit("permit-suspended", "2024-10-01"))

    assert resident.scored(book, on=ON).validity == "lost"


def test_without_a_block_no_rulebook_says_what_the_permit_means() -> None:
    book = table(attested("one"), schemes=SCHEMES)

    assert wealth(one=5).scored(book, on=ON).validity is None


# scope and place


@pytest.mark.parametrize(
    ("tier", "place", "expected"),
    [
        ("province", YINZHOU, 5),
        ("province", WENZHOU_RUIAN, 5),
        ("city", YINZHOU, 5),
        ("city", CIXI, 5),
        ("city", WENZHOU_RUIAN, 0),
        ("district", YINZHOU, 5),
        ("district", HAISHU, 0),
        ("district", "330212001", 5),
        ("district", "330212001005", 5),
    ],
)
def test_a_fact_counts_where_its_place_and_the_place_of_scoring_meet(tier: str, place: str, expected: int) -> None:
    book = table(attested("one"), schemes=SCHEMES, tier=tier)

    assert Given(worth("one", 5, place)).scored(book, on=ON, at=YINZHOU).total == expected


def test_a_zone_is_a_district_of_its_own_in_its_city() -> None:
    city = table(attested("one"), schemes=SCHEMES, tier="city")
    district = table(attested("one"), schemes=SCHEMES, tier="district")
    resident = Given(worth("one", 5, "3302QW"))

    assert [resident.scored(book, on=ON, at=CIXI).total for book in (city, district)] == [5, 0]


def test_scored_at_a_town_the_district_is_home() -> None:
    book = table(attested("one"), schemes=SCHEMES, tier="district")

    assert Given(worth("one", 5, "330282002")).scored(book, on=ON, at="330282104").total == 5


# no data and zero


def test_nothing_found_is_no_data_until_a_complete_feed_covers_it() -> None:
    item = {
        "id": "months",
        "measure": {"kind": "months", "of": "insurance-month-paid"},
        "award": {"as": "per", "points": 1},
    }
    resident = Given().covered("insurance-month-paid", YINZHOU, position=5)

    states = [resident.scored(table(item), on=ON, as_at=at).state("months") for at in (4, 5)]

    assert states == ["no_data", "zero"]


def test_a_feed_of_the_whole_city_covers_its_districts() -> None:
    resident = Given().covered("attested", "330200")
    book = table(attested("one"), schemes=SCHEMES)

    assert [resident.scored(book, on=ON, at=place).state("one") for place in (YINZHOU, WENZHOU_RUIAN)] == [
        "zero",
        "no_data",
    ]


@pytest.mark.parametrize(("last", "expected"), [("2024-11", "no_data"), ("2024-12", "zero")])
def test_the_feed_must_reach_the_month_before_the_day(last: str, expected: str) -> None:
    month = int(last[:4]) * 12 + int(last[5:]) - 1
    resident = Given().covered("attested", YINZHOU, first=0, last=month)

    assert resident.scored(table(attested("one"), schemes=SCHEMES), on=ON).state("one") == expected


def test_with_a_window_no_month_of_it_may_be_missing() -> None:
    december = 2024 * 12 + 11
    item = attested("one", measure={"kind": "sum", "of": "attested/one", "window": "12mo"})
    resident = Given().covered("attested", YINZHOU, first=december - 10, last=december)

    assert resident.scored(table(item, schemes=SCHEMES), on=ON).state("one") == "no_data"


def test_a_fact_that_gives_nothing_is_zero_by_rule() -> None:
    book = table(attested("one", award={"as": "per", "points": 1, "min": 10}), schemes=SCHEMES)

    assert wealth(one=5).scored(book, on=ON).state("one") == "zero"


def test_a_voided_fact_is_no_data_again() -> None:
    book = table(attested("one"), schemes=SCHEMES)

    assert Given(worth("one", 5)).voided(1).scored(book, on=ON).state("one") == "no_data"


def test_points_by_hand_are_zero_where_nobody_granted_any() -> None:
    book = table({"id": "granted", "measure": {"kind": "grants"}, "award": {"as": "granted"}})

    assert Given().scored(book, on=ON).state("granted") == "zero"
