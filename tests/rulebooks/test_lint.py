"""What is probably not meant is told with its line; what is meant is not."""

from typing import Any

import pytest

from domain.lint import lint
from domain.rulebook.warnings import WARNINGS
from ledger.rulebooks import read_text

HEAD = """\
doc: test.table
label: {zh: 测试表, en: Test table}
authority: "330212"
tier: district
effective: {from: 2024-01-01}
scale: 2
"""
LADDER = "{as: ladder, from: 55, to: 60, points: 5, younger: 1}"
ROW = "{id: %s, clause: c, label: {zh: 项, en: Item}, measure: %s, award: %s%s}"
MONTHS, HOURS = "{kind: months, of: insurance-month-paid%s}", "{kind: sum, of: volunteer-hours-served%s}"
EDU = "{kind: levels, of: education-awarded}"
PER = "{as: per, points: 1}"


GRANTED = "{kind: grants}", "{as: granted}"


def row(name: str, measure: str, award: str = PER, rest: str = "") -> str:
    return ROW % (name, measure, award, rest)


AGE = row("age", "{kind: age}", LADDER, "%s")


def warned(*items: str, cap: Any = "null", more: str = "") -> list[tuple[str, int]]:
    text = HEAD + f"cap: {cap}\n{more}items:\n" + "".join(f"- {item}\n" for item in items)
    [document] = read_text(text.encode(), "t.yaml")
    return [(warning.code, warning.line) for warning in lint(document) if warning.code != "not-tried"]


def test_a_sound_table_is_warned_of_nothing() -> None:
    assert warned(AGE % ", cap: 20", row("months", MONTHS % "", rest=", cap: 30"), cap=40) == []


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (AGE % ", cap: 100", "cap-unreachable"),
        (row("edu", EDU, "{as: by_level, take: max, points: {doctor: 10}}"), "levels-left-out"),
        (row("m", MONTHS % ", window: 12mo", "{as: per, points: 1, min: 24}"), "gives-nothing"),
        (row("m", MONTHS % "", "{as: per, points: 0}"), "gives-nothing"),
        (row("m", MONTHS % "", rest=", cap: 0"), "gives-nothing"),
        (row("m", MONTHS % ", window: 12mo", rest=", cap: 24"), "cap-unreachable"),
        (
            row("m", MONTHS % "", "{as: bands, rows: [{from: 1, points: 1}, {from: 2, points: 1}]}"),
            "band-changes-nothing",
        ),
        (row("m", MONTHS % "", "{as: bands, rows: [{from: 1, points: 2}, {from: 2, points: 1}]}"), "band-falls"),
        (
            row("m", MONTHS % ", window: 12mo", "{as: bands, rows: [{from: 1, points: 1}, {from: 13, points: 2}]}"),
            "band-unreachable",
        ),
        (row("h", HOURS % "", rest=", cap_per_year: 5, cap: 5"), "year-cap-unreachable"),
    ],
)
def test_a_row_that_is_probably_wrong_is_told_with_its_line(item: str, code: str) -> None:
    assert warned(row("first", *GRANTED), item)[:1] == [(code, 10)]


def test_bands_of_age_may_fall() -> None:
    assert (
        warned(row("age", "{kind: age}", "{as: bands, rows: [{from: 18, points: 5}, {from: 36, points: 3}]}")) == []
    )


def test_two_rows_that_count_the_same_facts_are_told() -> None:
    assert warned(row("a", MONTHS % ""), row("b", MONTHS % ", run: last")) == [("same-facts", 10)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (MONTHS % ", insurance: [pension]", MONTHS % ", insurance: [medical]"),
        (HOURS % ", only: {mark: [paid]}", HOURS % ", only: {mark: [unpaid]}"),
        (HOURS % "", HOURS % ", subjects: spouse"),
    ],
)
def test_rows_that_words_keep_apart_are_not_told(one: str, other: str) -> None:
    assert warned(row("a", one), row("b", other)) == []


def test_levels_that_another_row_names_are_not_left_out() -> None:
    low = row("low", EDU, "{as: by_level, take: max, points: {below: 1, high_school: 2, college: 3}}")
    high = row("high", EDU, "{as: by_level, take: max, points: {bachelor: 4, master: 5, doctor: 6}}")

    assert warned(low, high) == []


def test_of_a_choice_two_items_may_count_the_same_facts() -> None:
    more = "categories: [{id: one, label: {zh: 类, en: C}, choose: one}]\n"

    assert (
        warned(
            row("a", MONTHS % "", rest=", category: one"), row("b", MONTHS % "", rest=", category: one"), more=more
        )
        == []
    )


def test_a_table_cap_that_its_rows_cannot_reach_is_told() -> None:
    assert warned(AGE % ", cap: 20", cap=30) == [("cap-unreachable", 7)]


def test_a_category_without_items_and_one_with_too_large_a_cap_are_told() -> None:
    more = "categories:\n- {id: a, label: {zh: 类, en: C}}\n- {id: b, label: {zh: 类, en: C}, cap: 99}\n"

    assert warned(AGE % ", cap: 20, category: b", more=more) == [("category-empty", 9), ("cap-unreachable", 10)]


def test_a_row_that_no_example_tries_is_told() -> None:
    [document] = read_text((HEAD + f"cap: null\nitems:\n- {AGE % ''}\n").encode(), "t.yaml")

    assert [warning.code for warning in lint(document)] == ["not-tried"]


def test_every_warning_has_four_parts_and_is_no_problem() -> None:
    assert all(len(parts) == 4 and all(parts) for parts in WARNINGS.values())
