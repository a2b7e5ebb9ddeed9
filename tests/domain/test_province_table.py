"""The province's table by hand (浙政办发〔2023〕38号): what each row gives, and what a whole life adds up to."""

from datetime import date

import pytest

from domain.facts import ParticularsCorrected
from domain.knowledge import Why
from tests.domain.given import (
    BEILUN_TRANSCRIPTION,
    HAISHU,
    QIANWAN,
    SHANGHAI_PUDONG,
    WENZHOU_RUIAN,
    YINZHOU,
    ZHEJIANG,
    Given,
    born,
    education,
    insurance,
    insured,
    permit,
    points,
    residence,
    residence_ended,
    skill,
)


@pytest.mark.parametrize(("age", "expected"), [(30, 20), (40, 20), (41, 19), (54, 6), (55, 5), (60, 5), (61, 0)])
def test_age(age: int, expected: int) -> None:
    resident = Given(born(f"{2026 - age}-03-01"))

    assert resident.scored(ZHEJIANG, on="2026-03-01").item("age") == expected


@pytest.mark.parametrize(("on", "expected"), [("2025-02-28", "20"), ("2025-03-01", "19")])
def test_born_on_29_february_one_turns_on_1_march(on: str, expected: str) -> None:
    assert Given(born("1984-02-29")).scored(ZHEJIANG, on=on).item("age") == points(expected)


@pytest.mark.parametrize(("months", "expected"), [(0, "0"), (1, "0.50"), (59, "29.50"), (60, "30"), (61, "30")])
def test_insurance_months(months: int, expected: str) -> None:
    resident = Given(*insured("2015-01", months))

    assert resident.scored(ZHEJIANG, on="2026-01-01").item("insurance") == points(expected)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2030-01-09", "29.75"),
        ("2030-01-10", "30"),
        ("2031-01-10", "30"),
        ("2020-02-09", "0"),
        ("2020-02-10", "0.25"),
    ],
)
def test_each_full_month_of_residence_counts(on: str, expected: str) -> None:
    assert Given(residence("2020-01-10")).scored(ZHEJIANG, on=on).item("residence") == points(expected)


def test_a_month_paid_in_two_districts_counts_once() -> None:
    paid = [insurance("2025-03", YINZHOU), insurance("2025-03", HAISHU)]

    assert Given(*paid).scored(ZHEJIANG, on="2025-04-01").item("insurance") == points("0.50")


def test_the_second_report_of_a_month_is_ignored_as_a_duplicate() -> None:
    paid = [insurance("2025-03", YINZHOU), insurance("2025-03", HAISHU)]

    assert Given(*paid).scored(ZHEJIANG, on="2025-04-01").ignored("insurance") == [Why.DUPLICATE]


def test_insured_in_one_district_and_living_in_another_adds_up() -> None:
    resident = Given(*insured("2020-01", 12, YINZHOU), residence("2020-01-01", place=HAISHU))

    scored = resident.scored(ZHEJIANG, on="2021-01-01", at=HAISHU)

    assert (scored.item("insurance"), scored.item("residence"), scored.total) == (
        points("6"),
        points("3"),
        points("9"),
    )


def test_months_in_two_districts_add_up() -> None:
    resident = Given(*insured("2020-01", 6, YINZHOU), *insured("2020-07", 6, HAISHU))

    assert resident.scored(ZHEJIANG, on="2021-01-01").item("insurance") == points("6")


def test_anywhere_in_the_province_counts_and_outside_it_does_not() -> None:
    resident = Given(
        insurance("2020-01", WENZHOU_RUIAN), insurance("2020-02", QIANWAN), insurance("2020-03", SHANGHAI_PUDONG)
    )

    scored = resident.scored(ZHEJIANG, on="2021-01-01")

    assert (scored.quantity("insurance"), scored.ignored("insurance")) == (2, [Why.OUT_OF_SCOPE])


def test_the_highest_of_two_diplomas_counts() -> None:
    scored = Given(education("college"), education("bachelor")).scored(ZHEJIANG, on="2026-01-01")

    assert (scored.item("edu"), scored.ignored("edu")) == (points("10"), [Why.SMALLER])


@pytest.mark.parametrize(
    ("level", "expected"), [("high_school", "5"), ("below", "5"), ("college", "8"), ("master", "10")]
)
def test_education(level: str, expected: str) -> None:
    assert Given(education(level)).scored(ZHEJIANG, on="2026-01-01").item("edu") == points(expected)


@pytest.mark.parametrize(
    ("level", "expected"),
    [("l1", 10), ("title_mid", 10), ("l3", 8), ("title_junior", 8), ("special_high", 8), ("l4", 5), ("special", 3)],
)
def test_skill(level: str, expected: int) -> None:
    assert Given(skill(level)).scored(ZHEJIANG, on="2026-01-01").item("skill") == expected


def test_the_disputed_transcription_has_no_row_for_high_school_and_gives_every_special_certificate_3() -> None:
    scored = Given(education("high_school"), skill("special_high")).scored(BEILUN_TRANSCRIPTION, on="2026-01-01")

    assert (scored.item("edu"), scored.item("skill")) == (points("0"), points("3"))


def test_case_k() -> None:
    # 41 years, 大专, 高级育婴师 (level 3), insured since 2008 with one year's gap, twenty years of residence.
    resident = Given(
        born("1980-03-01"),
        education("college"),
        skill("l3"),
        *insured("2008-01", 60),
        *insured("2014-01", 94),
        residence("2001-11-01"),
    )

    scored = resident.scored(ZHEJIANG, on="2021-11-01")

    assert [scored.item(name) for name in ("age", "edu", "skill", "insurance", "residence")] == [
        19,
        8,
        8,
        30,
        30,
    ]
    assert scored.total == points("95")


def test_a_gap_does_not_reset_the_points_clock() -> None:
    resident = Given(
        residence("2015-01-01", "R1"), residence_ended("2016-01-01", "R1"), residence("2020-01-01", "R2")
    )

    assert resident.scored(ZHEJIANG, on="2021-01-01").quantity("residence") == 24


def test_a_month_lived_in_two_places_counts_once() -> None:
    resident = Given(residence("2020-01-01", "R1", YINZHOU), residence("2020-01-01", "R2", HAISHU))

    assert resident.scored(ZHEJIANG, on="2021-01-01").quantity("residence") == 12


def test_a_corrected_birth_date_changes_the_age_from_its_position_on_and_not_before() -> None:
    resident = Given(born("1980-01-01"), ParticularsCorrected(born_on=date(1970, 1, 1)))

    ages = [resident.scored(ZHEJIANG, on="2025-06-01", as_at=position).item("age") for position in (1, 2)]

    assert ages == [points("15"), points("5")]


def test_a_voided_month_does_not_count_and_the_score_of_before_is_still_answered() -> None:
    resident = Given(insurance("2025-01"), insurance("2025-02")).voided(1)

    scores = [resident.scored(ZHEJIANG, on="2025-06-01", as_at=at).item("insurance") for at in (2, 3)]

    assert scores == [points("1"), points("0.50")]


def test_a_fact_void_from_a_day_counts_before_that_day() -> None:
    resident = Given(education("bachelor")).voided(1, from_date="2025-05-01")

    scores = [resident.scored(ZHEJIANG, on=on).item("edu") for on in ("2025-04-30", "2025-05-01")]

    assert scores == [points("10"), points("0")]


def test_a_corrected_month_counts_in_its_new_place() -> None:
    resident = Given(insurance("2025-01", SHANGHAI_PUDONG)).corrected(1, by=insurance("2025-01", YINZHOU))

    scores = [resident.scored(ZHEJIANG, on="2025-06-01", as_at=at).item("insurance") for at in (1, 2)]

    assert scores == [points("0"), points("0.50")]


def test_late_news_changes_the_score_as_known_later_only() -> None:
    resident = Given(insurance("2025-01"), insurance("2024-01"))

    scores = [resident.scored(ZHEJIANG, on="2025-06-01", as_at=at).item("insurance") for at in (1, 2)]

    assert scores == [points("0.50"), points("1")]


def test_a_month_that_has_not_begun_does_not_count_yet() -> None:
    assert Given(insurance("2025-07")).scored(ZHEJIANG, on="2025-06-30").ignored("insurance") == [Why.NOT_YET]


def test_the_housing_fund_is_no_social_insurance() -> None:
    resident = Given(insurance("2025-01", insurance="housing-fund"))

    assert resident.scored(ZHEJIANG, on="2025-06-01").ignored("insurance") == [Why.OTHER_VARIANT]


def test_without_a_birth_date_the_age_has_no_data() -> None:
    assert Given().scored(ZHEJIANG, on="2025-06-01").state("age") == "no_data"


def test_a_person_without_a_permit_accrues() -> None:
    scored = Given(education("bachelor")).scored(ZHEJIANG, on="2025-06-01")

    assert (scored.validity, scored.total, scored.usable) == ("accruing", points("10"), points("0"))


def test_with_a_valid_permit_the_points_can_be_used() -> None:
    scored = Given(education("bachelor"), permit("permit-issued", "2025-03-01")).scored(ZHEJIANG, on="2025-06-01")

    assert (scored.validity, scored.usable) == ("effective", points("10"))
