"""Residents contest certified scores: accepted or declined, checked by the organ, ruled by two others, served."""

import io
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api.cli.output import Exit
from domain import facts
from domain.facts import Fact
from ledger.entry import Hand
from tests.api.commands import PROVINCE, Said
from tests.api.school_round import AUTHORITY, certified, town
from tests.stories.test_school_round import says

__all__ = ["says"]
HAISHU = "330203"
INSURANCE, EDUCATION = "zj.common/insurance", "zj.common/edu"
RULING = ("--reason", "经社保系统核对", "--department", "nb-hrss", "--on", "2025-04-18")


@pytest.fixture
def resident(says: Any) -> str:
    """Give somebody with a permit, ten months of insurance and a certified score of 2025."""
    says("rulebook", "propose", str(PROVINCE), "--by", "officer:p")
    says("rulebook", "approve", "zj.common", "--by", "officer:q")
    with town() as told:
        who = told.born("resident", 7, "19880101")
        told.says(
            who,
            facts.PermitIssued(on=date(2023, 1, 10), place=AUTHORITY, permit="P-7"),
            *(facts.InsuranceMonthPaid(month=f"2024-{month:02}", place=AUTHORITY) for month in range(1, 11)),
            facts.EducationAwarded(level="college", awarded_on=date(2010, 7, 1)),
            facts.AssessmentJoined(year=2025, place=AUTHORITY, joined_on=date(2025, 3, 10)),
            certified(500_000),
        )
    return str(who)


def opened(says: Any, who: str, number: str = "D-1", item: str = INSURANCE, *more: str) -> dict[str, Any]:
    """Open a dispute about what was certified for 2025."""
    told = ("--item", item, "--place", AUTHORITY, "--year", "2025", "--on", "2025-04-01", *more)
    opened: dict[str, Any] = says("dispute", "open", who, number, "--says", "no-data", "--by", "desk:1", *told)
    return opened


def corrects(
    who: str, *told: Fact, refers_to: facts.Ref | None = None, hand: Hand | None = None, said: int = 1_000
) -> str:
    """Let an organ record, and name the versions of its entries; `said` facts were told before."""
    with town(said) as home:
        receipts = home.says(UUID(who), *told, refers_to=refers_to, hand=hand)
    return ",".join(str(receipt.version) for receipt in receipts)


def ruled(says: Any, who: str, number: str, cites: str, *more: str) -> None:
    """Let two people rule that it is corrected, and serve the ruling."""
    ruling = ("dispute", "rule", who, number, "corrected", "--cites", cites, *(more or RULING))
    says(*ruling, "--by", "officer:c", code=Exit.INCOMPLETE)
    says(*ruling, "--by", "officer:d")
    says("dispute", "serve", who, number, "--on", "2025-04-20")


def test_months_missing_in_another_district_are_found_by_the_organ_and_the_ruling_cites_them(
    says: Any, resident: str
) -> None:
    opened(says, resident, "D-1", INSURANCE, "--months", "2023-11,2023-12", "--employer", "某单位")
    marked = says("score", resident, "--place", AUTHORITY)["scores"][0]
    supposed = says("dispute", "preview", resident, "D-1")
    says("dispute", "accept", resident, "D-1", "--on", "2025-04-02", "--by", "officer:c")
    says("dispute", "ask", resident, "D-1", "C-1", "--organ", "ledger-keeper", "--on", "2025-04-03")
    early = ("dispute", "rule", resident, "D-1", "maintained", *RULING)
    says(*early, "--by", "officer:c", code=Exit.REFUSED)
    paid = [facts.InsuranceMonthPaid(month=month, place=HAISHU) for month in ("2023-11", "2023-12")]
    versions = corrects(resident, *paid)
    answer = ("dispute", "answer", resident, "D-1", "C-1", "--cites", versions, "--on", "2025-04-17")
    says(*answer, "--organ", "nb-police", code=Exit.USAGE)
    says(*answer, "--organ", "ledger-keeper")
    ruling = ("dispute", "rule", resident, "D-1", "corrected", "--cites", versions, *RULING)
    says(*ruling, "--by", "officer:school", code=Exit.REFUSED)  # who recorded the facts
    says(*ruling, "--by", "desk:1", code=Exit.REFUSED)  # who filed the dispute
    first = says(*ruling, "--by", "officer:c", code=Exit.INCOMPLETE)
    second = says(*ruling, "--by", "officer:d")
    says("dispute", "serve", resident, "D-1", "--on", "2025-04-20")
    told = says("dispute", "show", resident, "D-1")
    after = says("score", resident, "--place", AUTHORITY)["scores"][0]

    reasons, chinese = told["reasons"], " ".join(told["reasons"]["zh"])
    assert (reasons["rule"]["item"], reasons["rule"]["clause"]) == (INSURANCE, "省级共性指标·缴纳社保")
    assert (reasons["rule"]["effective_from"], len(reasons["rule"]["version"])) == ("2023-07-26", 64)
    assert [(one["kind"], one["organ"]) for one in reasons["inputs"]] == [
        ("insurance-month-paid", "ledger-keeper")
    ] * 2
    assert reasons["department"] == "nb-hrss"
    assert "缴纳社保 2023-11 海曙区" in chinese
    assert "Cites entry" in " ".join(reasons["en"])
    assert (marked["disputed"], after["disputed"]) == ([INSURANCE], [])
    assert (supposed["now"], supposed["if"]) == (marked["total"], after["total"])
    assert (first["recorded"], second["new"], told["state"]) == (False, True, "ruled")
    assert (told["served"]["reconsideration_by"], told["served"]["lawsuit_by"]) == ("2025-06-19", "2025-10-20")


def test_a_wrong_certificate_level_is_corrected_from_its_own_entry(says: Any, resident: str) -> None:
    opened(says, resident, "D-2", EDUCATION, "--claim", "证书为本科")
    says("dispute", "accept", resident, "D-2", "--on", "2025-04-02")
    history = says("history", resident)["entries"]
    [wrong] = [entry for entry in history if entry["kind"] == "education-awarded.v1"]
    right = facts.EducationAwarded(level="bachelor", awarded_on=date(2010, 7, 1))
    target = facts.Ref(stream=UUID(resident), version=wrong["version"])
    fixed = corrects(resident, facts.FactCorrected(reason="source-error", replacement=right), refers_to=target)
    ruled(says, resident, "D-2", fixed)

    assert says("dispute", "list", resident)["disputes"][0]["ruling"]["cites"] == [int(fixed)]


def test_a_vague_dispute_is_declined_with_its_reason_and_another_may_be_filed(says: Any, resident: str) -> None:
    opened(says, resident)
    says("dispute", "decline", resident, "D-1", "--reason", "未写明月份与单位", "--on", "2025-04-02")
    again = opened(says, resident, "D-2", INSURANCE, "--months", "2023-12")
    told = says("dispute", "list", resident)["disputes"]

    assert [(one["number"], one["state"]) for one in told] == [("D-1", "declined"), ("D-2", "opened")]
    assert (told[0]["declined"], again["new"]) == ("未写明月份与单位", True)


def test_a_holiday_week_with_days_that_are_made_up_is_counted_as_published(says: Any, resident: str) -> None:
    opened(says, resident, "D-1", INSURANCE, "--months", "2023-12")
    says("dispute", "accept", resident, "D-1", "--on", "2025-09-26")

    assert says("dispute", "show", resident, "D-1")["due_on"] == "2025-10-16"


def test_whoever_recorded_with_one_account_does_not_rule_with_another(
    says: Any, resident: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for account in ("officer:school", "officer:c", "officer:d"):  # officer:school recorded what is known by hand
        monkeypatch.setattr("sys.stdin", io.StringIO("0072\n" if account == "officer:d" else "0071\n"))
        says("account", "assign", account)
    opened(says, resident, "D-1", INSURANCE, "--months", "2023-12")
    says("dispute", "accept", resident, "D-1", "--on", "2025-04-02")
    ruling = ("dispute", "rule", resident, "D-1", "maintained", *RULING)
    refused = says(*ruling, "--by", "officer:c", code=Exit.REFUSED)
    says(*ruling, "--by", "officer:d", code=Exit.INCOMPLETE)

    assert refused["error"]["code"] == "ruler-recorded-the-fact"


def test_what_cannot_be_disputed_is_refused_and_nothing_is_recorded(says: Any, resident: str) -> None:
    opened(says, resident)
    before = len(says("history", resident)["entries"])
    tell = ("dispute", "open", resident, "D-9", "--says", "no-data", "--place", AUTHORITY, "--on", "2025-04-01")
    says(*tell, "--item", INSURANCE, "--year", "2025", code=Exit.REFUSED)  # one of the item is open
    says(*tell, "--item", EDUCATION, "--year", "2024", code=Exit.REFUSED)  # nothing was certified
    says(*tell, "--item", EDUCATION, "--decision", "ab" * 32, code=Exit.REFUSED)  # no decision of theirs
    says(*tell, "--item", EDUCATION, code=Exit.USAGE)
    says("dispute", "accept", resident, "D-9", code=Exit.REFUSED)
    says("dispute", "serve", resident, "D-1", code=Exit.REFUSED)
    says("dispute", "rule", resident, "D-1", "maintained", *RULING, code=Exit.REFUSED)

    assert len(says("history", resident)["entries"]) == before


def test_a_month_that_an_agency_reported_wrongly_is_corrected_by_the_insurance_organ(
    says: Any, resident: str
) -> None:
    agency = Hand("agency:17", "labour-agency", channel="file", source_class="agency")
    hrss = Hand("nb-hrss:feed", "nb-hrss", channel="data-link", source_class="automatic")
    paid = facts.InsuranceMonthPaid(month="2024-10", place=HAISHU)  # a month that was paid already at home
    reported = int(corrects(resident, paid, hand=agency, said=900))
    before = says("score", resident, "--place", AUTHORITY)["scores"][0]["total"]
    opened(says, resident, "D-1", INSURANCE, "--months", "2024-11", "--claim", "派遣公司把11月报成了10月")
    supposed = says("dispute", "preview", resident, "D-1")["if"]
    says("dispute", "accept", resident, "D-1", "--on", "2025-04-02")
    says("dispute", "ask", resident, "D-1", "C-1", "--organ", "nb-hrss", "--on", "2025-04-03")
    right = facts.InsuranceMonthPaid(month="2024-11", place=HAISHU)
    wrong = facts.Ref(stream=UUID(resident), version=reported)
    correction = facts.FactCorrected(reason="agency-error", replacement=right)
    fixed = corrects(resident, correction, refers_to=wrong, hand=hrss)
    answer = ("dispute", "answer", resident, "D-1", "C-1", "--cites", fixed, "--on", "2025-04-17")
    says(*answer, "--organ", "labour-agency", code=Exit.USAGE)  # not its entry, nor was it asked
    says(*answer, "--organ", "nb-hrss")
    ruled(says, resident, "D-1", fixed)
    told = says("dispute", "show", resident, "D-1")
    history = {entry["version"]: entry for entry in says("history", resident)["entries"]}

    assert float(supposed) - float(before) == 0.5
    assert says("score", resident, "--place", AUTHORITY)["scores"][0]["total"] == supposed
    assert told["reasons"]["inputs"][0]["says"] == {
        "zh": "更正 缴纳社保 2024-11 海曙区",
        "en": "fact corrected insurance month paid 2024-11 330203",
    }
    assert (history[reported]["source_class"], history[reported]["voided"]) == ("agency", True)
    assert history[int(fixed)]["fact"]["reason"] == "agency-error"


def test_every_act_of_a_dispute_has_a_receipt_that_anybody_checks_offline(
    says: Any, resident: str, tmp_path: Path
) -> None:
    paper, policy, receipt = tmp_path / "payslip.pdf", str(tmp_path / "policy"), tmp_path / "receipt"
    paper.write_bytes(b"a payslip")
    Path(policy).write_text(f"log {says('log', 'key', 'ledger.example/points')['vkey']}\nquorum none\n")
    opened(says, resident, "D-1", INSURANCE, "--months", "2023-11")
    says("dispute", "evidence", resident, "D-1", str(paper), "--on", "2025-04-01")
    says("dispute", "accept", resident, "D-1", "--on", "2025-04-02")
    says("dispute", "ask", resident, "D-1", "C-1", "--organ", "ledger-keeper", "--on", "2025-04-03")
    paid = corrects(resident, facts.InsuranceMonthPaid(month="2023-11", place=HAISHU))
    answer = ("dispute", "answer", resident, "D-1", "C-1", "--organ", "ledger-keeper", "--cites", paid)
    says(*answer, "--on", "2025-04-04")
    ruled(says, resident, "D-1", paid)
    says("dispute", "remedy", resident, "D-1", "court", "upheld", "--on", "2025-06-01")
    says("dispute", "escalate", resident, "D-1", "--to", "nb-office", "--on", "2025-06-02")
    says("dispute", "withdraw", resident, "D-1", "--on", "2025-06-03")
    says("log", "run", "--once")
    steps = says("dispute", "show", resident, "D-1")["steps"]
    checked = []
    for step in steps:
        receipt.write_text(says("receipt", str(step["position"]))["receipt"])
        checked.append(says("verify", str(receipt), "--policy", policy))

    assert [step["kind"] for step in steps] == [
        *("dispute-opened", "evidence-added", "dispute-accepted", "source-check-asked", "source-check-answered"),
        *("dispute-ruled", "ruling-served", "remedy-decided", "dispute-escalated", "dispute-withdrawn"),
    ]
    assert {(told["valid"], told["stream"]) for told in checked} == {(True, resident)}


def test_a_number_is_one_disputes_also_where_another_place_is_named(says: Any, resident: str) -> None:
    first = opened(says, resident)
    same = opened(says, resident)
    told = ("--item", EDUCATION, "--year", "2025", "--says", "no-data", "--on", "2025-04-01", "--by", "desk:1")
    other = ("dispute", "open", resident, "D-1", "--place", f"{AUTHORITY}001", *told)
    says(*other, code=Exit.USAGE)
    [listed] = says("dispute", "list", resident)["disputes"]

    assert (same["position"], listed["item"]) == (first["position"], INSURANCE)


def test_while_another_check_waits_an_answer_says_for_whom_the_clock_still_stands(
    says: Any, resident: str, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(says, resident)
    says("dispute", "accept", resident, "D-1", "--on", "2025-04-02")
    for check, organ in (("C-1", "nb-hrss"), ("C-2", "nb-edu")):
        says("dispute", "ask", resident, "D-1", check, "--organ", organ, "--on", "2025-04-03")
    first = Said(capsys, "dispute", "answer", resident, "D-1", "C-1", "--organ", "nb-hrss", "--on", "2025-04-03")
    shown = Said(capsys, "dispute", "show", resident, "D-1")
    last = Said(capsys, "dispute", "answer", resident, "D-1", "C-2", "--organ", "nb-edu", "--on", "2025-04-03")

    assert "the clock still waits for C-2 nb-edu" in first.out
    assert "standing still (waits for C-2 nb-edu)" in shown.out
    assert "the clock runs on" in last.out
