"""A score in plain words: clause, count, facts, losses, what gave nothing and why, validity, version."""

import json
from typing import Any

import pytest

from tests.domain.given import (
    HAISHU,
    NINGBO_CITY,
    ZHEJIANG,
    Given,
    Scored,
    born,
    education,
    in_force_at,
    insurance,
    insured,
    offence,
    permit,
    residence,
    table,
)

EDUCATION_ZH = (
    "文化程度 [省级共性指标·文化程度]: 计 2 项,按等级,取最高,得 8.00 分;"
    "依据 文化程度 大专(高职) 2010-07-01 (#2);未计 1 条: 同项取高 1 条 (#3)。"
)
INSURANCE_ZH = (
    "缴纳社保 [省级共性指标·缴纳社保]: 计 61 个月,每 1 个月 0.5 分,得 30.50 分;"
    "依据 2008-01 至 2013-01;未计 1 条: 重复 1 条 (#65)。"
)
INSURANCE_EN = (
    "Social insurance [省级共性指标·缴纳社保]: 61 months, 0.5 points per 1 month: 30.50 points;"
    " from 2008-01 to 2013-01; not counted 1: reported twice 1 (#65)."
)


def resident() -> Given:
    return Given(
        born("1980-03-01"),
        education("college"),
        education("high_school"),
        *insured("2008-01", 61),
        insurance("2008-01", HAISHU),
        residence("2015-06-15"),
        permit("permit-issued", "2021-02-01"),
    )


def scored() -> Scored:
    return resident().scored(ZHEJIANG, on="2021-11-01")


@pytest.mark.parametrize(
    "sentence",
    [
        "截至 2021-11-01,鄞州区 总分 76.00 分,有效(居住证正常)。",
        "年龄 [省级共性指标·年龄]: 计 41 周岁,55 至 60 周岁 5 分,每年轻 1 周岁加 1 分,得 19.00 分。",
        EDUCATION_ZH,
        INSURANCE_ZH,
        "指标封顶 缴纳社保: 得 30.50 分,计 30.00 分,超出的 0.50 分不计。",
        "职业技能 [省级共性指标·职业技能]: 暂未查询到数据。",
        "合计: 省级共性 76.00;小计 76.00,扣分 0.00,总分 76.00 分。",
        "效力: 有效(居住证正常),可用 76.00 分。",
    ],
)
def test_told_in_chinese(sentence: str) -> None:
    assert sentence in scored().told("zh").splitlines()


@pytest.mark.parametrize(
    "sentence",
    [
        "As of 2021-11-01, at 330212: 76.00 points, in effect (permit normal).",
        INSURANCE_EN,
        "Cap of the item Social insurance: 30.50 earned, 30.00 count, 0.50 are lost.",
        "Vocational skill [省级共性指标·职业技能]: no data found yet.",
    ],
)
def test_told_in_english(sentence: str) -> None:
    assert sentence in scored().told("en").splitlines()


def test_the_last_line_names_the_rulebooks_by_the_beginning_of_their_hashes() -> None:
    last = scored().told("zh").splitlines()[-1]

    assert ZHEJIANG.hash[:12] in last
    assert ZHEJIANG.documents[0].hash[:12] in last


def test_a_hold_and_a_deduction_are_told() -> None:
    told = resident().then(offence("crime", "2021-06-01")).scored(NINGBO_CITY, on="2021-11-01").told()

    assert "冻结 [扣分冻结·违法犯罪]: 2021-06-01 起至 2023-06-01,总分按 0 分计" in told
    assert "违法犯罪 [扣分冻结·违法犯罪]: 计 1 项,按等级,逐项相加,得 -50.00 分" in told


def test_the_states_of_validity_have_their_names_in_both_tongues() -> None:
    assert scored().score.as_json()["validity_label"] == {"zh": "有效", "en": "in effect"}


def test_placeholders_are_told_as_such() -> None:
    line = next(
        line for line in resident().scored(NINGBO_CITY, on="2021-11-01").told().splitlines() if "参与公益" in line
    )

    assert "分值为占位,不是实际政策" in line


def test_a_restored_permit_that_nobody_asked_for_is_told() -> None:
    moves = [permit("permit-suspended", "2021-05-01"), permit("permit-restored", "2021-06-01")]
    given = resident()
    for move in moves:
        given.then(move)

    assert "效力: 暂停(居住证正常,恢复后尚未申请)" in given.scored(NINGBO_CITY, on="2021-11-01").told()


def test_where_no_rulebook_applies_that_is_told() -> None:
    assert "没有适用的积分办法" in resident().scored(in_force_at("110101", "2024-01-01"), on="2024-01-01").told()


AWARDS: list[tuple[dict[str, Any], str, str]] = [
    (
        {"as": "prorate", "points": 3, "per": 12, "min": 24},
        "每 12 个月 3 分,按比例计,满 24 个月起计",
        "3 points per 12 months",
    ),
    ({"as": "bands", "rows": [{"from": 6, "points": 2}]}, "满 6 个月 2 分", "2 points from 6 months"),
    (
        {"as": "first_then", "first": 12, "points": 1, "step": 1, "more": 0.5},
        "其后每 1 个月 0.5 分",
        "then 0.5 per 1 month",
    ),
]


@pytest.mark.parametrize(("award", "chinese", "english"), AWARDS)
def test_each_award_says_how_it_counts(award: dict[str, Any], chinese: str, english: str) -> None:
    award = {name: str(value) if isinstance(value, float) else value for name, value in award.items()}
    book = table({"id": "row", "measure": {"kind": "months", "of": "insurance-month-paid"}, "award": award})

    told = resident().scored(book, on="2021-11-01")

    assert chinese in told.told("zh")
    assert english in told.told("en")


# as JSON


def test_as_json_is_plain_and_stable() -> None:
    first, second = (json.dumps(scored().score.as_json(), sort_keys=True) for _ in range(2))

    assert first == second


def test_points_are_text_with_the_digits_of_the_scale() -> None:
    told = scored().score.as_json()

    assert (told["total"], told["usable"], told["tiers"]["province"]) == ("76.00", "76.00", "76.00")


def test_a_line_names_its_facts_and_why_others_gave_nothing() -> None:
    line = next(line for line in scored().score.as_json()["lines"] if line.get("item") == "edu")

    assert [fact["position"] for fact in line["used"]] == [2]
    assert [(other["fact"]["position"], other["why"]) for other in line["ignored"]] == [(3, "smaller")]


def test_a_loss_is_a_line_of_its_own() -> None:
    losses = [line for line in scored().score.as_json()["lines"] if line["line"].endswith("_cap")]

    assert [(loss["line"], loss["of"], loss["lost"]) for loss in losses] == [("item_cap", "insurance", "0.50")]
