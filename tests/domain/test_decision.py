"""A decision is a value: the same bytes again from the same inputs; late facts make candidates, and no changes."""

import json
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.decision import Decision, Inputs, decide, late_rows, moves, redetermine, replay
from domain.facts import Fact
from domain.programme import Entrant, ProgrammeDocument, rank, read_programme
from domain.rulebook import RulebookSet
from ledger.programmes import read_programmes
from tests.domain.given import (
    HOUSE,
    YINZHOU,
    Given,
    born,
    education,
    employment,
    in_force_at,
    insured,
    permit,
    residence,
)
from tests.properties.histories import histories

BOOKS = in_force_at(YINZHOU, "2022-06-01")
[LOAN] = read_programmes(HOUSE / "programmes" / "330282" / "2020-01-01.loan.yaml")
[RENTAL] = read_programmes(HOUSE / "programmes" / "330212" / "2021-09-08.rental.yaml")
LIFE = [
    born("1990-01-01"),
    permit("permit-issued", "2022-01-01"),
    residence("2012-01-01"),
    *insured("2018-01", 50),
]


def inputs(given_facts: Given, as_at: int = 10**9, **fields: Any) -> Inputs:
    people = [("applicant", given_facts.rows, None)]
    return Inputs("3f1d", people, YINZHOU, date(2022, 6, 1), as_at, zone="street", application="A-1", **fields)


def decided(*known: Fact, document: ProgrammeDocument = RENTAL, as_at: int = 10**9) -> Decision:
    return decide(document, BOOKS, inputs(Given(*known), as_at))


def test_a_decision_binds_what_was_known_the_rules_and_the_outcome() -> None:
    record = decided(*LIFE).record

    assert (record["as_of"], record["rulebooks"], record["programme"]["hash"]) == (
        "2022-06-01",
        BOOKS.hash,
        RENTAL.hash,
    )
    assert (record["outcome"]["met"], record["outcome"]["points"]["total"]) == (True, "75.00")
    assert record["outcome"]["grant"]["fen_per_month"] == 40_400
    assert len(record["inputs"]["people"][0]["entries"]) == len(LIFE)
    assert record["explanation"]["zh"][0].startswith("符合")


def test_its_bytes_are_canonical_and_hold_no_float() -> None:
    decision = decided(*LIFE)

    assert json.loads(decision.bytes, parse_float=lambda _: pytest.fail("a float")) == decision.record
    assert (
        decision.bytes
        == json.dumps(
            json.loads(decision.bytes), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        ).encode()
    )


def test_the_same_inputs_give_the_same_bytes_in_any_order() -> None:
    given_facts = Given(*LIFE)
    backwards = replace(inputs(given_facts), people=[("applicant", given_facts.rows[::-1], None)])

    assert decide(RENTAL, BOOKS, backwards).bytes == decided(*LIFE).bytes


@given(histories(), st.integers(0, 30))
def test_any_history_replays_to_the_same_bytes(history: Sequence[Any], as_at: int) -> None:
    given_facts = Given()
    given_facts.entries = list(history)
    asked = inputs(given_facts, as_at)
    decision = decide(RENTAL, BOOKS, asked)
    stored = Decision(json.loads(decision.bytes))

    assert stored.bytes == decision.bytes
    assert replay(stored, RENTAL, BOOKS, asked).verdict == "same"


def test_what_became_known_later_changes_no_decision() -> None:
    given_facts = Given(*LIFE)
    before = decide(RENTAL, BOOKS, inputs(given_facts, len(LIFE)))
    given_facts.then(education("bachelor"))

    assert replay(before, RENTAL, BOOKS, inputs(given_facts, len(LIFE))).verdict == "same"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"zone": "town"}, "inputs.zone"),
        ({"applied_on": date(2022, 6, 2)}, "as_of"),
        ({"check_day": date(2022, 7, 1)}, "inputs.check_day"),
        ({"lapsed": ("insurance",)}, "inputs.lapsed"),
    ],
)
def test_other_inputs_differ_and_it_is_said_where(change: dict[str, Any], path: str) -> None:
    found = replay(decided(*LIFE), RENTAL, BOOKS, replace(inputs(Given(*LIFE)), **change))

    assert found.verdict == "differs"
    assert path in found.paths


def test_a_forged_outcome_is_found() -> None:
    record = deepcopy(dict(decided(*LIFE).record))
    record["outcome"]["points"]["total"] = "76.00"
    found = replay(Decision(record), RENTAL, BOOKS, inputs(Given(*LIFE)))

    assert (found.verdict, found.paths) == ("differs", ("outcome.points.total",))


def test_with_an_expunged_input_the_record_stands_and_says_that_it_is_incomplete() -> None:
    without = Given(*LIFE)
    del without.entries[-1]
    found = replay(decided(*LIFE), RENTAL, BOOKS, inputs(without))

    assert (found.verdict, len(found.paths)) == ("incomplete", 1)


def test_under_other_rules_nothing_is_compared() -> None:
    tree = {**RENTAL.tree, "note": "另一版"}
    asked = inputs(Given(*LIFE))

    assert replay(decided(*LIFE), read_programme(tree), BOOKS, asked).paths == ("programme.hash",)
    assert replay(decided(*LIFE), RENTAL, RulebookSet(()), asked).paths == ("rulebooks",)


def test_a_fact_that_arrives_later_raises_a_candidate_with_its_cause() -> None:
    # 20 for age, 30 for residence, ten months 5: 55 and below 60; a diploma told later brings ten more.
    given_facts = Given(*LIFE[:3], *insured("2021-06", 10))
    known = len(given_facts.entries)
    before = decide(RENTAL, BOOKS, inputs(given_facts, known))
    given_facts.then(education("bachelor", "2015-07-01"))
    candidate = redetermine(before, RENTAL, BOOKS, inputs(given_facts, known), known + 1)

    assert candidate is not None
    assert (before.met, candidate.turns) == (False, True)
    assert [row.kind for row in candidate.causes] == ["education-awarded"]
    assert [each.what for each in candidate.differences] == ["met", "points", "grant", "points"]


def test_a_fact_that_makes_no_difference_raises_none() -> None:
    given_facts = Given(*LIFE)
    known = len(given_facts.entries)
    before = decide(LOAN, BOOKS, inputs(given_facts, known))
    given_facts.then(employment("2025-01-01", place="310115"))

    assert redetermine(before, LOAN, BOOKS, inputs(given_facts, known), known + 1) is None


def test_late_is_what_was_told_after_and_speaks_of_before() -> None:
    given_facts = Given(*LIFE[:2]).then(education("college", "2015-01-01")).then(employment("2023-01-01")).voided(1)

    assert [row.kind for row in late_rows(given_facts.rows, 2, date(2022, 6, 1))] == [
        *("education-awarded", "fact-voided"),
    ]


def test_a_published_ranking_stays_and_says_who_would_have_moved() -> None:
    first = [Entrant("a", (-80,)), Entrant("b", (-70,)), Entrant("c", (-60,))]
    published = rank(first, {"all": 2}, "admit_all")
    recomputed = rank([*first[:2], Entrant("c", (-75,))], {"all": 2}, "admit_all")

    assert [(move.application, move.before, move.after, move.turns) for move in moves(published, recomputed)] == [
        ("b", (2, "in"), (3, "out"), True),
        ("c", (3, "out"), (2, "in"), True),
    ]
