"""An organ does not answer before the lock: the claimed months count, until they are confirmed or end."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from api.cli.output import Exit
from domain import facts
from tests.api.commands import PROVINCE
from tests.api.school_round import AUTHORITY, certified, town
from tests.stories.test_disputes import INSURANCE, corrects
from tests.stories.test_school_round import says

__all__ = ["says"]
ROUND = "cx.trial-2025"
PROGRAMME = """
doc: cx.trial
programme: trial
label: {zh: 试行补贴, en: Trial subsidy}
authority: "330282"
effective: {from: 2025-01-01}
source: 试行
counted_on: {day: applied_on, clause: 申请之日}
window: {from: 2025-05-01, to: 2025-05-31, clause: 受理期}
score: {kind: live, clause: 积分}
order_by: [{by: score, clause: 积分}]
quota: {places: from_round, ties_at_line: admit_all, clause: 名额}
provisional: {lasts: 3mo, clause: 数据校核逾期未答复的暂按主张计}
"""


KINDS = ("permit-issued", "insurance-month-paid", "residence-registered", "education-awarded", "skill-awarded")
FORCED = ("round", "lock", ROUND, "--on", "2025-06-01", "--reason", "停机")


def applied(says: Any, tmp_path: Path, kinds: Sequence[str] = KINDS) -> str:
    """Apply for one place: ten months and two that are claimed, against a rival's eleven; these kinds are fed."""
    page = tmp_path / "2025-01-01.trial.yaml"
    page.write_text(PROGRAMME, encoding="utf-8")
    says("rulebook", "propose", str(PROVINCE), "--by", "officer:p")
    says("rulebook", "approve", "zj.common", "--by", "officer:q")
    says("programme", "publish", str(page), "--by", "officer:p")
    says("programme", "approve", "cx.trial", "--by", "officer:q")
    with town() as told:
        who, rival = told.born("claimant", 7, "19880101"), told.born("rival", 8, "19880101")
        for number, (one, months) in enumerate(((who, range(1, 11)), (rival, range(1, 12)))):
            told.says(
                one,
                facts.PermitIssued(on=date(2024, 12, 10), place=AUTHORITY, permit=f"P-{number}"),
                *(facts.InsuranceMonthPaid(month=f"2024-{month:02}", place=AUTHORITY) for month in months),
                facts.AssessmentJoined(year=2025, place=AUTHORITY, joined_on=date(2025, 3, 10)),
                certified(500_000),
            )
        for kind in kinds:
            told.delivers(kind)
    disputed = ("--item", INSURANCE, "--place", AUTHORITY, "--year", "2025", "--months", "2023-11,2023-12")
    says("dispute", "open", str(who), "D-1", *disputed, "--says", "no-data", "--on", "2025-04-01", "--by", "desk:1")
    says("dispute", "accept", str(who), "D-1", "--on", "2025-04-02")
    says("dispute", "ask", str(who), "D-1", "C-1", "--organ", "ledger-keeper", "--on", "2025-04-03")
    says("round", "open", ROUND, "cx.trial", "--opens", "2025-05-01", "--closes", "2025-05-31")
    says("round", "places", ROUND, "all", "1", "--on", "2025-05-01")
    for application, one in (("A-1", who), ("A-2", rival)):
        says("round", "apply", ROUND, str(one), "--number", application, "--on", "2025-05-31")
    return str(who)


@pytest.fixture
def claimant(says: Any, tmp_path: Path) -> str:
    """Lock the round."""
    who = applied(says, tmp_path)
    says("round", "lock", ROUND, "--on", "2025-06-01")
    return who


def marked(ranking: dict[str, Any]) -> list[tuple[str, int, str, str | None]]:
    return [
        (one["application"], one["rank"], one["outcome"], one["provisional_until"]) for one in ranking["ranked"]
    ]


def how(looked: dict[str, Any]) -> list[tuple[str, str, bool]]:
    return [(one["month"], one["standing"], one["ended"]) for one in looked["months"]]


def test_it_counts_in_the_locked_round_alone_is_marked_and_ends_as_a_candidate(says: Any, claimant: str) -> None:
    ranking = says("round", "rank", ROUND, "--publish", "--on", "2025-06-02")
    waiting = says("round", "provisional", ROUND, "--on", "2025-06-10")
    score = says("score", claimant, "--place", AUTHORITY, "--as-of", "2025-05-31")["scores"][0]
    [shown] = [one for one in says("decision", "list")["decisions"] if one["application"] == "A-1"]
    before = says("decision", "candidates", "--round", ROUND)["candidates"]
    says("dispute", "answer", claimant, "D-1", "C-1", "--organ", "ledger-keeper", "--on", "2025-06-20")
    over = says("round", "provisional", ROUND, "--on", "2025-06-20", "--settle")
    again = says("round", "provisional", ROUND, "--on", "2025-06-20", "--settle")
    [candidate] = says("decision", "candidates", "--round", ROUND)["candidates"]
    replayed = says("decision", "replay", shown["decision"])
    told = says("decision", "show", shown["decision"])

    assert marked(ranking) == [("A-1", 1, "in", "2025-09-01"), ("A-2", 2, "out", None)]
    assert how(waiting) == [("2023-11", "waiting", False), ("2023-12", "waiting", False)]
    assert (score["total"], before) == ("25.00", [])
    assert how(over) == [("2023-11", "not-confirmed", True), ("2023-12", "not-confirmed", True)]
    assert (again["months"], candidate["decision"]) == ([], shown["decision"])
    assert [cause["kind"] for cause in candidate["causes"]] == ["fact-voided", "fact-voided"]
    assert replayed["counts"] == {"equal": 1}
    assert "暂予认定: 2023-11、2023-12" in str(told)
    assert marked(says("round", "rank", ROUND)) == marked(ranking)


def test_what_the_organ_records_itself_confirms_and_leaves_no_candidate(says: Any, claimant: str) -> None:
    says("round", "rank", ROUND, "--publish", "--on", "2025-06-02")
    paid = [facts.InsuranceMonthPaid(month=month, place=AUTHORITY) for month in ("2023-11", "2023-12")]
    cites = ("--cites", corrects(claimant, *paid))
    says("dispute", "answer", claimant, "D-1", "C-1", "--organ", "ledger-keeper", *cites, "--on", "2025-06-20")
    looked = says("round", "provisional", ROUND, "--on", "2026-01-01", "--settle")

    assert how(looked) == [("2023-11", "confirmed", False), ("2023-12", "confirmed", False)]
    assert says("decision", "candidates", "--round", ROUND)["candidates"] == []


def test_without_an_answer_it_ends_on_its_day(says: Any, claimant: str) -> None:
    says("round", "rank", ROUND, "--publish", "--on", "2025-06-02")
    early = says("round", "provisional", ROUND, "--on", "2025-08-31", "--settle")
    late = says("round", "provisional", ROUND, "--on", "2025-09-01", "--settle")
    says("round", "provisional", "cx.nothing", code=Exit.USAGE)

    assert (early["ended"], late["ended"]) == (0, 2)
    assert [one["standing"] for one in late["months"]] == ["expired", "expired"]
    assert len(says("decision", "candidates", "--round", ROUND)["candidates"]) == 1
    assert len(says("dispute", "show", claimant, "D-1")["checks"]) == 1


def test_what_the_organ_answers_between_the_two_who_lock_counts_as_answered(says: Any, tmp_path: Path) -> None:
    who = applied(says, tmp_path, KINDS[:-1])
    says(*FORCED, "--by", "officer:a", code=Exit.INCOMPLETE)
    says("dispute", "answer", who, "D-1", "C-1", "--organ", "ledger-keeper", "--on", "2025-06-01")
    says(*FORCED, "--by", "officer:b")

    assert marked(says("round", "rank", ROUND)) == [("A-2", 1, "in", None), ("A-1", 2, "out", None)]


def test_its_decision_recomputes_from_a_bundle_alone(says: Any, claimant: str, tmp_path: Path) -> None:
    vkey = says("log", "key", "points.example/log")["vkey"]
    policy, bundle = tmp_path / "policy", tmp_path / "decision.zip"
    policy.write_text(f"log {vkey}\nquorum none\n", encoding="utf-8")
    says("round", "rank", ROUND, "--publish", "--on", "2025-06-02")
    says("log", "run", "--once")
    [shown] = [one for one in says("decision", "list")["decisions"] if one["application"] == "A-1"]
    says("decision", "bundle", shown["decision"], "-o", str(bundle), "--policy", str(policy))

    assert says("verify", str(bundle), "--policy", str(policy))["verdict"] == "valid"
    assert says("dispute", "show", claimant, "D-1")["state"] == "accepted"
