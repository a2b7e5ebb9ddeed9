"""The next day on which a score changes by itself, one cause at a time."""

from datetime import date
from typing import Any

import pytest

from domain.coverage import Coverage
from domain.facts import Fact, ResidenceMoved
from domain.family import Family
from domain.next_change import Timetable, next_change_on
from domain.rulebook import Published, RulebookSet
from tests.domain.given import (
    YINZHOU,
    ZHEJIANG,
    Given,
    born,
    donated,
    education,
    employment,
    housing,
    insurance,
    insured,
    offence,
    permit,
    residence,
    residence_ended,
    table,
    tables,
)

VALIDITY = {
    "none": "accruing",
    "normal": "effective",
    "due": "effective",
    "suspended": {"state": "paused"},
    "ended": {"state": "lost"},
}
PER: dict[str, Any] = {"as": "per", "points": 1}


def counting(measure: dict[str, Any], **item: Any) -> RulebookSet:
    return table({"measure": measure, "award": PER, **item})


def moves_on(rules: RulebookSet | Timetable, as_of: str, *facts: Fact, history: Given | None = None) -> str | None:
    known = (history or Given(*facts)).known()
    found = next_change_on(known, rules, YINZHOU, date.fromisoformat(as_of))
    return None if found is None else found.isoformat()


def test_a_birthday() -> None:
    assert moves_on(ZHEJIANG, "2025-06-01", born("1980-03-15")) == "2026-03-15"


def test_born_on_29_february_one_turns_on_1_march() -> None:
    assert moves_on(ZHEJIANG, "2025-01-01", born("1980-02-29")) == "2025-03-01"


def test_below_the_ladders_foot_a_birthday_changes_nothing_until_the_end_of_the_ladder() -> None:
    assert moves_on(ZHEJIANG, "2025-06-01", born("1969-03-15")) == "2030-03-15"


def test_above_the_ladder_nothing_changes_any_more() -> None:
    assert moves_on(ZHEJIANG, "2025-06-01", born("1940-03-15")) is None


def test_a_further_month_of_residence_at_the_end_of_short_months() -> None:
    assert moves_on(ZHEJIANG, "2025-02-01", residence("2024-12-31")) == "2025-02-28"


def test_a_month_lived_in_begins_on_its_second_day_when_asked_on_its_first_too() -> None:
    lived = counting({"kind": "months", "of": "residence-registered"})

    assert moves_on(lived, "2026-01-01", residence("2025-06-10")) == "2026-01-02"


def test_a_spell_that_ended_brings_no_further_month() -> None:
    ended = (residence("2024-01-10"), residence_ended("2024-03-20"))

    assert moves_on(ZHEJIANG, "2025-02-01", *ended) is None


def test_a_spell_whose_end_is_known_beforehand_brings_months_until_then() -> None:
    until_may = employment("2025-01-10", until="2025-04-10")
    per_month = counting({"kind": "spells", "of": "employment-started"})

    assert [moves_on(per_month, day, until_may) for day in ("2025-03-15", "2025-04-10")] == ["2025-04-10", None]


def test_spells_that_touch_go_on_from_the_start_of_the_first() -> None:
    chain = Given(residence("2019-09-14")).then(moved("2024-08-31"))
    in_years = counting({"kind": "spells", "of": "residence-registered", "count": "full_years"})

    assert moves_on(in_years, "2024-10-31", history=chain) == "2025-09-14"


def test_every_day_of_a_count_of_days() -> None:
    per_day = counting({"kind": "spells", "of": "residence-registered", "count": "days"})

    assert moves_on(per_day, "2025-02-01", residence("2024-12-31")) == "2025-02-02"


def test_a_cap_that_is_reached_ends_the_changes() -> None:
    per_month = counting({"kind": "spells", "of": "residence-registered"}, cap=3)

    assert [moves_on(per_month, day, residence("2025-01-10")) for day in ("2025-03-15", "2025-04-10")] == [
        "2025-04-10",
        None,
    ]


def test_a_month_known_beforehand_counts_from_its_first_day() -> None:
    assert moves_on(ZHEJIANG, "2025-06-15", insurance("2025-09")) == "2025-09-01"


def test_a_run_breaks_when_the_month_after_it_is_over() -> None:
    unbroken = counting({"kind": "months", "of": "insurance-month-paid", "run": "last"})

    assert moves_on(unbroken, "2025-04-20", *insured("2025-01", 3)) == "2025-05-01"


def test_the_oldest_month_leaves_a_window() -> None:
    recent = counting({"kind": "months", "of": "insurance-month-paid", "window": "12mo"})

    assert moves_on(recent, "2025-04-20", *insured("2024-07", 3)) == "2025-08-01"


def test_a_lapse_and_a_window_may_end_on_different_days() -> None:
    of = {"kind": "sum", "of": "blood-donated"}
    lapsing = counting({**of, "lapses": {"after": "12mo"}})
    windowed = counting({**of, "window": "12mo"})
    given = donated("2024-02-29", 400)

    assert moves_on(lapsing, "2024-06-01", given) == "2025-02-28"
    assert moves_on(windowed, "2024-06-01", given) == "2025-03-01"


def test_a_window_of_a_month_holds_a_day_more_after_a_short_month() -> None:
    halves = counting({"kind": "spells", "of": "residence-registered", "count": "half_months", "window": "1mo"})

    assert [moves_on(halves, day, residence("2020-01-01")) for day in ("2023-12-30", "2023-12-31")] == [
        "2023-12-31",
        "2024-01-01",
    ]


def test_a_void_from_a_day_takes_its_target_on_that_day() -> None:
    history = Given(education("bachelor")).voided(1, from_date="2025-08-20")

    assert moves_on(ZHEJIANG, "2025-06-01", history=history) == "2025-08-20"


def test_a_state_ends_with_its_fact() -> None:
    renting = counting({"kind": "state", "of": "housing-started"})

    assert moves_on(renting, "2025-06-01", housing("rent", "2025-01-01", until="2025-07-04")) == "2025-07-04"


def test_a_hold_that_ends_gives_the_points_back() -> None:
    hold = {"of": "restricted-fact/offence", "lasts": "6mo", "effect": "zero"}
    rules = tables(
        {
            "items": [{"measure": {"kind": "levels", "of": "education-awarded"}, "award": _BACHELOR}],
            "holds": [hold],
        }
    )

    assert moves_on(rules, "2025-06-01", education("bachelor"), offence("minor", "2025-02-10")) == "2025-08-10"


_BACHELOR = {"as": "by_level", "take": "max", "points": {"bachelor": 10}}


def test_a_hold_that_ends_without_points_to_give_back_is_no_change() -> None:
    hold = {"of": "restricted-fact/offence", "lasts": "6mo", "effect": "zero"}
    rules = tables(
        {
            "items": [{"measure": {"kind": "levels", "of": "education-awarded"}, "award": _BACHELOR}],
            "holds": [hold],
        }
    )

    assert moves_on(rules, "2025-06-01", offence("minor", "2025-02-10")) is None


@pytest.mark.parametrize(
    ("as_of", "expected"), [("2025-01-01", "2025-06-01"), ("2025-06-10", "2025-07-01"), ("2025-07-01", None)]
)
def test_a_permit_falls_due_and_then_is_suspended(as_of: str, expected: str | None) -> None:
    rules = counting({"kind": "months", "of": "insurance-month-paid"})

    assert moves_on(rules, as_of, permit("permit-issued", "2024-07-01")) == expected


def test_no_data_begins_again_when_the_months_delivered_run_out() -> None:
    delivered = Given().covered("insurance-month-paid", "330200", 2025 * 12, 2025 * 12 + 2)
    rules = counting({"kind": "months", "of": "insurance-month-paid"})
    known, coverage = delivered.known(), Coverage(delivered.feeds)

    assert next_change_on(known, rules, YINZHOU, date(2025, 3, 1), coverage) == date(2025, 5, 1)


def test_a_relatives_months_count_too() -> None:
    of_the_couple = {"kind": "months", "of": "insurance-month-paid", "subjects": "both"}
    family = Family(spouse=Given(insurance("2025-09")).known())
    known = Given().known()

    assert next_change_on(known, counting(of_the_couple), YINZHOU, date(2025, 3, 1), family=family) == date(
        2025, 9, 1
    )


def moved(on: str) -> Fact:
    day = date.fromisoformat(on)
    return ResidenceMoved(moved_on=day, place=YINZHOU, spell="R1", new_spell="R2")


def published(rules: RulebookSet, begins: str, ends: str | None = None) -> Published:
    [document] = rules.documents
    return Published(document, 1, date.fromisoformat(begins), None if ends is None else date.fromisoformat(ends))


def test_a_table_that_comes_into_force() -> None:
    old = counting({"kind": "months", "of": "insurance-month-paid"})
    new = table({"measure": {"kind": "months", "of": "insurance-month-paid"}, "award": {"as": "per", "points": 2}})
    timetable = Timetable([published(old, "2020-01-01"), published(new, "2026-01-01")])

    assert moves_on(timetable, "2025-06-01", insurance("2025-01")) == "2026-01-01"


def test_a_table_that_comes_into_force_with_the_same_numbers_is_no_change() -> None:
    rules = counting({"kind": "months", "of": "insurance-month-paid"})
    timetable = Timetable([published(rules, "2020-01-01"), published(rules, "2026-01-01", "2027-01-01")])

    assert moves_on(timetable, "2025-06-01", insurance("2025-01")) == "2027-01-01"


def test_a_row_of_an_unknown_option_is_looked_at_every_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.turning._DECLARED", {})

    assert moves_on(ZHEJIANG, "2025-02-01", residence("2024-12-31")) == "2025-02-28"
