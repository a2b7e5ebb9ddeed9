"""Why a score changed: each cause in a statement, with the parts that add up."""

from datetime import date
from decimal import Decimal
from typing import Any

from domain.change import Cause, Change, Coordinates, Effect, tell, why
from domain.coverage import Coverage
from domain.rulebook import RulebookSet
from tests.domain.given import (
    CIXI,
    HAISHU,
    YINZHOU,
    ZHEJIANG,
    Given,
    attested,
    born,
    education,
    insurance,
    insured,
    offence,
    permit,
    points,
    residence,
    residence_ended,
    table,
    tables,
    worth,
)

MONTHS = {"id": "insurance", "measure": {"kind": "months", "of": "insurance-month-paid"}}
PER_MONTH = {**MONTHS, "award": {"as": "per", "points": "0.5"}}
INSURED = table(PER_MONTH)
CAPPED = table({**PER_MONTH, "cap": 2})
NO_PERMIT = {"none": "accruing", "normal": "effective", "due": "effective", "ended": {"state": "lost"}}


def at(day: str, as_at: int | None = None, under: RulebookSet = INSURED, place: str = YINZHOU) -> Coordinates:
    return Coordinates(date.fromisoformat(day), as_at, under, place)


def sums(change: Change) -> dict[str, Decimal]:
    found = {name: Decimal(units).scaleb(-change.scale) for name, units in change.sums.items()}
    assert sum(found.values()) == Decimal(change.difference).scaleb(-change.scale)
    return found


def causes(change: Change) -> list[Cause]:
    return [step.cause for step in change.steps]


def test_a_fact_of_a_day_before_the_first_score_is_late() -> None:
    history = Given(insurance("2025-01")).then(insurance("2024-06"))
    change = why(history.rows, at("2025-06-01", 1), at("2025-06-01", 2))

    assert sums(change) == {"late-facts": points("0.50")}


def test_a_fact_of_a_day_between_the_two_scores_is_new() -> None:
    history = Given(insurance("2025-01")).then(insurance("2025-07"))
    change = why(history.rows, at("2025-06-01", 1), at("2025-08-01", 2))

    assert sums(change) == {"new-facts": points("0.50")}


def test_a_month_known_beforehand_counts_because_time_passed() -> None:
    history = Given(insurance("2025-01")).then(insurance("2025-07"))
    change = why(history.rows, at("2025-06-01"), at("2025-08-01"))

    assert sums(change) == {"calendar": points("0.50")}


def test_a_void_takes_what_its_target_gave() -> None:
    history = Given(*insured("2025-01", 3)).voided(2)
    change = why(history.rows, at("2025-06-01", 3), at("2025-06-01", 4))

    assert sums(change) == {"corrections": points("-0.50")}


def test_a_void_of_what_came_between_is_told_after_it() -> None:
    history = Given(insurance("2025-01")).then(insurance("2025-07")).voided(2)
    change = why(history.rows, at("2025-06-01", 1), at("2025-08-01"))

    assert causes(change) == [Cause.NEW_FACTS, Cause.CORRECTIONS]
    assert sums(change) == {"new-facts": points("0.50"), "corrections": points("-0.50")}


def test_a_correction_is_the_difference_of_both() -> None:
    history = Given(education("college")).corrected(1, education("bachelor"))
    change = why(history.rows, at("2025-06-01", 1, ZHEJIANG), at("2025-06-01", 2, ZHEJIANG))

    assert sums(change) == {"corrections": points("2.00")}


def test_a_birth_date_corrected_is_a_cause_of_its_own() -> None:
    history = Given(born("1980-05-01")).then(born("1982-05-01"))
    change = why(history.rows, at("2025-06-01", 1, ZHEJIANG), at("2025-06-01", 2, ZHEJIANG))

    assert sums(change) == {"identity": points("2.00")}


def test_a_cap_takes_back_a_part_of_its_own() -> None:
    history = Given(*insured("2025-01", 3)).then(insurance("2024-11")).then(insurance("2024-12"))
    change = why(history.rows, at("2025-06-01", 3, CAPPED), at("2025-06-01", 5, CAPPED))

    assert sums(change) == {"late-facts": points("1.00"), "caps": points("-0.50")}


def test_months_of_one_kind_and_day_are_one_step() -> None:
    history = Given(*insured("2025-01", 3))
    change = why(history.rows, at("2025-06-01", 0), at("2025-06-01", 3))

    assert [len(step.facts) for step in change.steps] == [3]


def test_a_duplicate_moves_nothing_and_is_named_as_idle() -> None:
    history = Given(insurance("2025-01")).then(insurance("2025-01", HAISHU))
    change = why(history.rows, at("2025-06-01", 1), at("2025-06-01", 2))

    assert (change.steps, [row.position for row in change.idle]) == ((), [2])


def test_a_rule_change_is_told_by_document_and_item() -> None:
    better = table({**MONTHS, "award": {"as": "per", "points": "0.75"}})
    history = Given(*insured("2025-01", 4))
    change = why(history.rows, at("2025-06-01"), at("2025-06-01", under=better))
    [step] = change.steps

    assert sums(change) == {"rules": points("1.00")}
    assert [str(difference) for difference in step.documents[0].differences] == [
        "items[insurance].award.points 0.5 → 0.75"
    ]
    assert [(piece.doc, piece.of) for piece in step.pieces] == [("test.0", "insurance")]


def test_a_document_that_takes_the_place_of_another_is_one_step() -> None:
    other = tables({"doc": "test.9", "items": [PER_MONTH]})
    history = Given(*insured("2025-01", 4))
    change = why(history.rows, at("2025-06-01"), at("2025-06-01", under=other))

    assert (change.difference, list(change.parts)) == (0, [])


def test_a_finer_scale_changes_no_points() -> None:
    finer = table(PER_MONTH, scale=4)
    history = Given(*insured("2025-01", 3))

    assert why(history.rows, at("2025-06-01"), at("2025-06-01", under=finer)).difference == 0


def test_restricted_rows_switched_off_are_a_rule_change() -> None:
    rows: dict[str, Any] = {
        "items": [attested("merit")],
        "schemes": [{"id": "merit"}],
        "deductions": [
            {
                "measure": {"kind": "levels", "of": "restricted-fact/offence"},
                "award": {"as": "by_level", "take": "sum", "points": {"minor": -5}},
            }
        ],
    }
    under = tables(rows)
    history = Given(worth("merit", 8)).then(offence("minor", "2025-01-02"))
    off = under.without_restricted()

    assert sums(why(history.rows, at("2025-06-01", under=under), at("2025-06-01", under=off))) == {
        "rules": points("5.00")
    }


def test_a_deduction_below_the_floor_is_split_from_what_the_floor_gives_back() -> None:
    under = tables(
        {
            "items": [attested("merit")],
            "schemes": [{"id": "merit"}],
            "deductions": [
                {
                    "measure": {"kind": "levels", "of": "restricted-fact/offence"},
                    "award": {"as": "by_level", "take": "sum", "points": {"minor": -5}},
                }
            ],
        }
    )
    history = Given(worth("merit", 3)).then(offence("minor", "2025-01-02"))
    change = why(history.rows, at("2025-06-01", 1, under), at("2025-06-01", 2, under))

    assert sums(change) == {"late-facts": points("-5.00"), "floor": points("2.00")}


def test_a_hold_takes_the_rest() -> None:
    hold = {"of": "restricted-fact/offence", "levels": ["crime"], "lasts": "24mo", "effect": "zero"}
    under = tables({"items": [attested("merit")], "schemes": [{"id": "merit"}], "holds": [hold]})
    history = Given(worth("merit", 3)).then(offence("crime", "2025-01-02"))
    begun = why(history.rows, at("2025-06-01", 1, under), at("2025-06-01", 2, under))
    over = why(history.rows, at("2025-06-01", under=under), at("2027-01-02", under=under))

    assert (sums(begun), sums(over)) == ({"holds": points("-3.00")}, {"holds": points("3.00")})


def test_of_a_group_of_which_one_counts_the_choice_is_an_effect_of_its_own() -> None:
    rows = [attested("merit", category="either"), attested("service", category="either")]
    under = tables(
        {
            "items": rows,
            "schemes": [{"id": "merit"}, {"id": "service"}],
            "categories": [{"id": "either", "cap": None, "choose": "one"}],
        }
    )
    history = Given(worth("merit", 3)).then(worth("service", 5))
    change = why(history.rows, at("2025-06-01", 1, under), at("2025-06-01", 2, under))

    assert sums(change) == {"late-facts": points("5.00"), "choices": points("-3.00")}


def test_another_place_is_a_cause_of_its_own() -> None:
    under = table({**PER_MONTH, "measure": {**MONTHS["measure"], "scope": "district"}})  # type: ignore[dict-item]
    history = Given(*insured("2025-01", 3))
    change = why(history.rows, at("2025-06-01", under=under), at("2025-06-01", under=under, place=CIXI))

    assert sums(change) == {"place": points("-1.50")}


def test_a_suspended_permit_takes_usable_points_and_leaves_the_total() -> None:
    validity = {**NO_PERMIT, "suspended": {"state": "paused"}}
    under = table(PER_MONTH, validity=validity)
    history = Given(*insured("2025-01", 4)).then(permit("permit-issued", "2024-07-01"))
    change = why(history.rows, at("2025-05-01", under=under), at("2025-07-01", under=under))
    [step] = change.steps

    assert (change.difference, change.usable_difference) == (0, -200)
    assert [(turn.before, turn.after) for turn in step.turns if turn.what == "validity"] == [
        ("effective", "paused")
    ]
    assert [piece.effect for piece in step.pieces] == [Effect.VALIDITY]


def test_a_complete_feed_turns_no_data_into_zero_without_points() -> None:
    covered = Given().covered("insurance-month-paid", "330200")
    before = at("2025-06-01")
    after = Coordinates(before.as_of, None, INSURED, YINZHOU, Coverage(covered.feeds))
    [step] = why(covered.rows, before, after).steps

    assert (step.cause, step.points) == (Cause.FEEDS, 0)
    assert [(turn.before, turn.after) for turn in step.turns] == [("no_data", "zero")]


def test_ageing_and_residence_are_pieces_of_the_calendar() -> None:
    history = Given(born("1975-03-01"), residence("2024-01-10"))
    change = why(history.rows, at("2025-01-10", under=ZHEJIANG), at("2025-07-10", under=ZHEJIANG))
    [step] = change.steps

    assert {piece.of: (piece.count, piece.points) for piece in step.of(Effect.EARNED)} == {
        "age": (1, -100),
        "residence": (6, 150),
    }


def test_a_late_end_of_a_spell_takes_the_months_after_it() -> None:
    history = Given(residence("2024-01-10")).then(residence_ended("2024-05-10"))
    change = why(history.rows, at("2025-01-10", 1, ZHEJIANG), at("2025-01-10", 2, ZHEJIANG))

    assert sums(change) == {"late-facts": points("-2.00")}


def test_the_way_back_is_the_same_way_backwards() -> None:
    history = Given(*insured("2025-01", 3)).voided(2)
    a, b = at("2025-06-01", 2), at("2025-09-01", 4)

    assert why(history.rows, b, a) == why(history.rows, a, b).backwards()


def test_a_change_in_sentences() -> None:
    history = Given(*insured("2025-01", 3)).then(insurance("2024-11")).then(insurance("2024-12"))
    a, b = at("2025-06-01", 3, CAPPED), at("2025-06-01", 5, CAPPED)
    change = why(history.rows, a, b, {4: date(2026, 1, 10), 5: date(2026, 1, 10)}.get)

    assert tell(change, "zh") == [
        "2025-06-01 的 1.50 分 → 2025-06-01 的 2.00 分: +0.50。",
        "2026-01-10 补报 缴纳社保 2 条 (#4, #5): 指标 +2 个月 +1.00;封顶 -0.50,封顶后计 +0.50。",
        "合计: 补报 +1.00、封顶 -0.50 = +0.50。",
    ]
    assert tell(change, "en") == [
        "1.50 points as of 2025-06-01 → 2.00 as of 2025-06-01: +0.50.",
        "2026-01-10 late insurance month paid × 2 (#4, #5): item +2 months +1.00; caps -0.50: +0.50 count.",
        "Sum: late +1.00, caps -0.50 = +0.50.",
    ]


def test_a_reason_is_told_where_a_fact_no_longer_counts() -> None:
    recent = {"kind": "months", "of": "insurance-month-paid", "window": "12mo"}
    under = table({**PER_MONTH, "measure": recent})
    history = Given(insurance("2024-07"))
    change = why(history.rows, at("2025-07-01", under=under), at("2025-08-01", under=under))

    assert "时间推移 2025-07-01 → 2025-08-01: 指标 -1 个月 -0.50 (超出计分期间)。" in tell(change)


def test_what_is_not_known_at_the_second_score_is_told_so() -> None:
    history = Given(insurance("2025-01")).then(insurance("2025-02"))
    told = tell(why(history.rows, at("2025-06-01", 2), at("2025-06-01", 1)))

    assert told[1] == "尚不知悉的 补报 缴纳社保 1 条 (#2): 指标 -1 个月 -0.50。"


def test_nothing_changed_is_told() -> None:
    history = Given(insurance("2025-01"))

    assert tell(why(history.rows, at("2025-06-01"), at("2025-06-01")))[-1] == "积分没有变化。"
