"""What a dispute claims counts in the round that recognised it: as if it were paid, and while that stands."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import dispute as disputes
from domain.civil import month_index, month_text
from domain.decision import Inputs, decide, redetermine, replay
from domain.dispute import Dispute
from domain.dispute.provisional import recognised, standing
from domain.facts import Fact, InsuranceMonthPaid, ProvisionalMonthRecognised, ScoreCertified
from domain.programme import read_programme
from domain.workdays import WorkCalendar
from ledger.rulebooks.yaml_tree import trees
from tests.domain.given import YINZHOU, Given, born, in_force_at, insured, permit

ITEM, ROUND = "zj.common/insurance", "yz.use-2025"
APPLIED, LOCKED = date(2025, 5, 10), date(2025, 6, 1)
PLAIN = WorkCalendar(date(2024, 1, 1), date(2026, 12, 31))
BOOKS = in_force_at(YINZHOU, APPLIED.isoformat())
TEXT = """
doc: test.use
programme: use
label: {zh: 用, en: Use}
authority: "330212"
effective: {from: 2020-01-01}
source: 试验
counted_on: {day: applied_on, clause: 申请之日}
score: {clause: 积分}
require:
- {id: insured, kind: measured, clause: 参保, label: {zh: 参保, en: Insured},
   measure: {kind: months, of: insurance-month-paid, standing: [normal]}, at_least: 12}
order_by: [{by: score}]
quota: {places: 10, ties_at_line: admit_all, clause: 名额}
provisional: {lasts: 3mo, clause: 校核逾期未答复的暂按主张计}
"""
[(TREE, MARKS)] = trees(TEXT.encode(), "test")
USE = read_programme(TREE, MARKS)
CERTIFIED = read_programme({**TREE, "score": {"kind": "certified", "year": 2025, "clause": "c"}}, MARKS)
months = st.sets(st.integers(month_index(date(2023, 1, 1)), month_index(date(2024, 12, 1))), max_size=12)


def asked(claims: list[str], until: date | None = None, answered: date | None = None) -> Dispute:
    """Give an accepted dispute whose organ was asked on 10 April 2025."""
    day = date(2025, 4, 1)
    fact: Fact = disputes.file({}, "D-1", YINZHOU, ITEM, day, says="no-data", year=2025, months=claims)
    dispute = disputes.evolve(Dispute(), fact)
    dispute = disputes.evolve(dispute, disputes.accept(dispute, day, PLAIN))
    dispute = disputes.evolve(dispute, disputes.ask_source(dispute, "C-1", "nb-hrss", date(2025, 4, 10), until))
    if answered is not None:
        dispute = disputes.evolve(dispute, disputes.answer_source(dispute, "C-1", "nb-hrss", answered))
    return dispute


def at_lock(dispute: Dispute, *known: Fact, on: date = LOCKED) -> list[ProvisionalMonthRecognised]:
    return recognised({"D-1": dispute}, ROUND, on, 3, measures().get, Given(*known).known())


def measures() -> Mapping[str, Any]:
    return {f"{book.doc}/{item.id}": item.measure for book in BOOKS.rulebooks for item in book.items}


def paid(indexes: set[int]) -> list[Fact]:
    return [InsuranceMonthPaid(month=month_text(index), place=YINZHOU) for index in sorted(indexes)]


def inputs(known: Given, round_name: str | None = ROUND, as_at: int = 10**9) -> Inputs:
    people = [("applicant", known.rows, None)]
    return Inputs("3f1d", people, YINZHOU, APPLIED, as_at, application="A-1", round=round_name)


CERTIFICATE = ScoreCertified(
    year=2025,
    place=YINZHOU,
    counted_on=date(2025, 3, 31),
    as_at=1,
    rulebooks="0" * 64,
    points_e4=300_000,
    certified_on=date(2025, 4, 20),
)
LIFE = [born("1990-01-01"), permit("permit-issued", "2025-01-01")]


@given(recorded=months, claims=months)
def test_what_is_recognised_counts_like_what_is_paid_in_its_round_and_in_no_other(
    recorded: set[int], claims: set[int]
) -> None:
    facts = [*LIFE, *paid(recorded)]
    found = at_lock(asked([month_text(index) for index in sorted(claims)]), *facts)
    known = Given(*facts, *found)
    here = decide(USE, BOOKS, inputs(known))
    elsewhere = decide(USE, BOOKS, inputs(known, "another-round"))
    as_if = decide(USE, BOOKS, inputs(Given(*LIFE, *paid(recorded | claims))))
    without = decide(USE, BOOKS, inputs(Given(*facts)))

    assert {fact.month for fact in found} == {month_text(index) for index in claims - recorded}
    assert here.record["outcome"] == as_if.record["outcome"]
    assert elsewhere.record["outcome"] == without.record["outcome"]
    assert (here.provisional is not None, elsewhere.provisional) == (bool(found), None)
    assert replay(here, USE, BOOKS, inputs(known)).verdict == "same"


@given(recorded=months, claims=months)
def test_what_ended_makes_a_candidate_just_where_it_mattered(recorded: set[int], claims: set[int]) -> None:
    facts = [*LIFE, *paid(recorded)]
    found = at_lock(asked([month_text(index) for index in sorted(claims)]), *facts)
    known = Given(*facts, *found)
    locked_at = len(known.entries)
    decision = decide(USE, BOOKS, inputs(known, as_at=locked_at))
    for version in range(len(facts) + 1, locked_at + 1):
        known.voided(version)
    without = decide(USE, BOOKS, inputs(Given(*facts)))
    again = redetermine(decision, USE, BOOKS, inputs(known), len(known.entries))

    assert replay(decision, USE, BOOKS, inputs(known, as_at=locked_at)).verdict == "same"
    assert (again is not None) == (decision.record["outcome"] != without.record["outcome"])
    if again is not None:
        assert again.after.record["outcome"] == without.record["outcome"]
        assert again.after.provisional is None
        assert {row.role for row in again.causes} == {"void"}


def test_what_the_organ_records_itself_changes_nothing_any_more() -> None:
    facts = [*LIFE, *insured("2024-01", 10)]
    found = at_lock(asked(["2023-11", "2023-12"]), *facts)
    known = Given(*facts, *found)
    decision = decide(USE, BOOKS, inputs(known))
    for month in insured("2023-11", 2):
        known.then(month)

    assert decision.met
    assert redetermine(decision, USE, BOOKS, inputs(known), len(known.entries)) is None


@pytest.mark.parametrize(
    ("until", "expiry"),
    [(None, date(2025, 9, 1)), (date(2025, 7, 1), date(2025, 7, 1)), (date(2026, 1, 1), date(2025, 9, 1))],
)
def test_it_lasts_as_the_programme_says_or_until_an_earlier_day_that_was_named(
    until: date | None, expiry: date
) -> None:
    [fact] = at_lock(asked(["2023-12"], until))

    assert (fact.recognised_on, fact.until, fact.round) == (LOCKED, expiry, ROUND)


@pytest.mark.parametrize(
    "dispute",
    [
        asked(["2023-12"], until=LOCKED),
        asked(["2023-12"], answered=date(2025, 5, 31)),
        asked([]),
        replace(asked(["2023-12"]), state="withdrawn"),
        replace(asked(["2023-12"]), state="opened"),
        replace(asked(["2023-12"]), state="ruled"),
        replace(asked(["2023-12"]), checks=()),
    ],
    ids=["over by the lock", "answered", "nothing claimed", "withdrawn", "not accepted", "ruled", "nobody asked"],
)
def test_nothing_is_recognised_where_nobody_owes_an_answer(dispute: Dispute) -> None:
    assert at_lock(dispute) == []


def test_a_lock_that_is_tried_again_recognises_nothing_twice() -> None:
    dispute = asked(["2023-11", "2023-12"])
    first = at_lock(dispute)

    assert at_lock(dispute, *first, on=LOCKED + timedelta(days=1)) == []


@pytest.mark.parametrize(
    ("answered", "known", "on", "how"),
    [
        (None, [], "2025-08-31", "waiting"),
        (None, [], "2025-09-01", "expired"),
        ("2025-06-20", [], "2025-06-19", "waiting"),
        ("2025-06-20", [], "2025-06-20", "not-confirmed"),
        ("2025-06-20", insured("2023-12", 1), "2025-06-20", "confirmed"),
        (None, insured("2023-12", 1), "2025-12-01", "confirmed"),
    ],
)
def test_a_recognition_waits_is_confirmed_or_is_over(
    answered: str | None, known: list[Fact], on: str, how: str
) -> None:
    [fact] = at_lock(asked(["2023-12"]))
    dispute = asked(["2023-12"], answered=None if answered is None else date.fromisoformat(answered))

    assert standing(fact, dispute, Given(*known).known(), date.fromisoformat(on)) == how


def test_a_certified_score_is_moved_by_what_the_months_move_a_live_one() -> None:
    facts = [*LIFE, *insured("2024-01", 10), CERTIFICATE]
    found = at_lock(asked(["2023-11", "2023-12"]), *facts)
    without = decide(CERTIFIED, BOOKS, inputs(Given(*facts)))
    here = decide(CERTIFIED, BOOKS, inputs(Given(*facts, *found)))

    assert without.record["outcome"]["points"]["total"] == "30.00"
    assert here.record["outcome"]["points"]["total"] == "31.0000"


def test_it_is_told_in_both_tongues_with_its_expiry() -> None:
    facts = [*LIFE, *insured("2024-01", 10)]
    found = at_lock(asked(["2023-11", "2023-12"]), *facts)
    told = decide(USE, BOOKS, inputs(Given(*facts, *found))).record

    assert told["provisional"]["until"] == "2025-09-01"
    assert told["provisional"]["months"][0] == {
        "of": "applicant",
        "item": ITEM,
        "dispute": "D-1",
        "month": "2023-11",
        "until": "2025-09-01",
    }
    assert "暂予认定: 2023-11、2023-12 共 2 个月" in told["explanation"]["zh"][-1]
    assert "it ends on 2025-09-01 unless it is confirmed" in told["explanation"]["en"][-1]
