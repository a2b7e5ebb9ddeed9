"""Disputes about decisions: a ruling changes a subsidy; a ranking stays, and it is told who would have moved."""

from typing import Any

from api.cli.output import Exit
from domain.facts import InsuranceMonthPaid
from tests.api.commands import PROVINCE
from tests.api.rental_round import RENTAL, WINDOW, deliver_all, employment, tenant
from tests.api.school_round import AUTHORITY, town
from tests.stories.test_disputes import corrects, ruled
from tests.stories.test_school_round import says

__all__ = ["says"]
RULING = ("--reason", "经核对补录", "--department", "ledger-keeper", "--on", "2025-04-18")


def published(says: Any, places: int, *months: int, without_contract: tuple[int, ...] = ()) -> dict[str, str]:
    """Rank tenants with so many insured months for some places, and publish; give each one's subject."""
    says("rulebook", "propose", str(PROVINCE), "--by", "officer:p")
    says("rulebook", "approve", "zj.common", "--by", "officer:q")
    says("round", "open", RENTAL, "cx.rental", "--opens", WINDOW["opens_on"], "--closes", WINDOW["closes_on"])
    says("round", "places", RENTAL, "all", str(places), "--on", "2023-08-01")
    with town() as told:
        subjects = {
            f"R-{number}": tenant(told, number, paid, contract=number not in without_contract)
            for number, paid in enumerate(months, 1)
        }
        deliver_all(told)
    for number, who in subjects.items():
        says("round", "apply", RENTAL, who, "--number", number, "--zone", "centre", "--on", "2023-08-20")
    says("round", "lock", RENTAL, "--on", "2023-09-01")
    says("round", "rank", RENTAL, "--publish", "--on", "2023-09-02")
    return subjects


def decision_of(says: Any, number: str) -> str:
    ranked = says("round", "rank", RENTAL)["ranked"]
    [decision] = [line["decision"] for line in ranked if line["application"] == number]
    return str(decision)


def contested(says: Any, who: str, item: str, decision: str, *more: str) -> None:
    told = ("--item", item, "--place", AUTHORITY, "--decision", decision, "--on", "2025-04-01", *more)
    says("dispute", "open", who, "D-1", "--says", "no-data", "--by", "desk:1", *told)
    says("dispute", "accept", who, "D-1", "--on", "2025-04-02")


def test_a_ruling_changes_a_subsidy_by_a_settlement_and_the_benefit_begins(says: Any) -> None:
    subjects = published(says, 2, 8, 7, without_contract=(2,))
    who, decision = subjects["R-2"], decision_of(says, "R-2")
    start = ("benefit", "start", RENTAL, "R-2", "--on", "2025-04-21")
    revise = ("decision", "settle", decision, "revised", "--reason", "异议更正", "--on", "2025-04-21")
    says(*start, code=Exit.REFUSED)
    contested(says, who, "cx.rental/contract", decision, "--claim", "合同一直在人社备案")
    says("dispute", "preview", who, "D-1", code=Exit.REFUSED)  # a contract is not months
    cites = corrects(who, employment(2), said=500)
    says(*revise, code=Exit.REFUSED)  # late facts alone are listed in this round
    ruled(says, who, "D-1", cites, *RULING)
    [candidate] = says("decision", "candidates", "--round", RENTAL)["candidates"]
    turned = {one["what"]: (one["before"], one["after"]) for one in candidate["differences"]}
    says(*start, code=Exit.REFUSED)
    settled = says(*revise)
    says(*start)
    says("benefit", "recheck", RENTAL, "R-2", "--on", "2025-04-25")
    says("benefit", "pay", RENTAL, "R-2", "--payment", "1", "--on", "2025-04-25")
    reasons = says("dispute", "show", who, "D-1")["reasons"]

    assert (candidate["application"], turned["met"], candidate["causes"][0]["kind"]) == (
        "R-2",
        (False, True),
        "employment-started",
    )
    assert (settled["outcome"], says("decision", "candidates")["candidates"]) == ("revised", [])
    assert (
        says("benefit", "show", RENTAL, "R-2")["payments"]["1"]["fen"] == 4 * 31_700
    )  # September to December of the first year
    assert reasons["rule"]["clause"] == "与慈溪用人单位签订1年以上劳动合同"
    assert says("decision", "replay", "--all")["counts"] == {"equal": 2}


def test_a_ruling_after_the_ranking_leaves_it_as_it_is_and_shows_who_would_have_moved(says: Any) -> None:
    subjects = published(says, 2, 10, 9, 8, 3)
    ranking, decision = says("round", "rank", RENTAL), decision_of(says, "R-3")
    months = [f"2023-{month:02}" for month in (1, 2, 3)]
    contested(says, subjects["R-3"], "zj.common/insurance", decision, "--months", ",".join(months))
    before = len(says("history", subjects["R-3"])["entries"])
    supposed = says("dispute", "preview", subjects["R-3"], "D-1")
    assert len(says("history", subjects["R-3"])["entries"]) == before
    paid = [InsuranceMonthPaid(month=month, place="330203") for month in months]
    ruled(says, subjects["R-3"], "D-1", corrects(subjects["R-3"], *paid, said=500), *RULING)
    after = says("decision", "candidates", "--round", RENTAL)
    moved = [(one["application"], one["before"], one["after"]) for one in after["moves"]]

    assert supposed["decision"]["turns"] is False
    assert supposed["ranking"]["own"] == {"before": [3, "out"], "after": [1, "in"]}
    assert [one["application"] for one in supposed["ranking"]["movers"]] == ["R***"] * 3
    assert moved == [
        ("R-1", [1, "in"], [2, "in"]),
        ("R-2", [2, "in"], [3, "out"]),
        ("R-3", [3, "out"], [1, "in"]),
    ]
    assert [(one["before"], one["after"]) for one in supposed["ranking"]["movers"]] == [
        (before, after) for _, before, after in moved
    ]
    assert says("round", "rank", RENTAL)["content"] == ranking["content"]
