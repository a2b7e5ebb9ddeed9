"""Facts that arrive after a round was decided, under the rule that they are re-determined: settled by entries."""

from datetime import date
from typing import Any

import pytest

from api.cli.output import Exit
from domain import facts
from tests.api.school_round import AUTHORITY, town
from tests.stories.test_school_round import says

__all__ = ["says"]
ROUND = "cx.rental-2023"
NUMBERS = ("R-1", "R-2", "R-3")


@pytest.fixture
def decided(says: Any) -> dict[str, Any]:
    """Decide about three tenants for two places: the third has no contract that is known."""
    late = ("--late-facts", "redetermined")
    says("round", "open", ROUND, "cx.rental", "--opens", "2023-05-01", "--closes", "2023-05-31", *late)
    says("round", "places", ROUND, "all", "2", "--on", "2023-05-01")
    subjects, contracts = {}, {}
    with town() as told:
        for index, number in enumerate(NUMBERS, 1):
            who = subjects[number] = told.born(number, index, "19880101")
            told.says(who, facts.PermitIssued(on=date(2023, 1, 10), place=AUTHORITY, permit=f"P-{index}"))
            if number != "R-3":
                contracts[number] = told.says(who, contract(number))[0].ref
        told.delivers("permit-issued")
        told.delivers("employment-started")
    for number, who in subjects.items():
        says("round", "apply", ROUND, str(who), "--number", number, "--zone", "centre", "--on", "2023-05-20")
    says("round", "lock", ROUND, "--on", "2023-06-01")
    ranking = says("round", "rank", ROUND, "--publish", "--on", "2023-06-02")
    for number in ("R-1", "R-2"):
        says("benefit", "start", ROUND, number, "--on", "2023-06-05")
    with town(20) as told:  # R-2's contract was of another person; R-3's was known to its office all the time
        told.says(subjects["R-2"], facts.FactVoided(reason="wrong-person"), refers_to=contracts["R-2"])
        told.says(subjects["R-3"], contract("R-3"))
    return {"ranking": ranking, "subjects": subjects}


def contract(number: str) -> facts.EmploymentStarted:
    return facts.EmploymentStarted(
        started_on=date(2023, 1, 1), place=AUTHORITY, spell=f"E-{number}", basis="labour-contract"
    )


def test_each_candidate_says_before_after_and_why_and_is_settled_while_the_published_ranking_stays(
    says: Any, decided: dict[str, Any]
) -> None:
    late = says("round", "late", ROUND)
    found = says("decision", "candidates", "--round", ROUND)
    candidates = {each["application"]: each for each in found["candidates"]}
    turned = {
        each["application"]: (each["before"][1], each["after"][1]) for each in found["moves"] if each["turns"]
    }
    lines = {
        number: {one["what"]: (one["before"], one["after"]) for one in each["differences"]}
        for number, each in candidates.items()
    }

    assert late["late_facts"] == "redetermined"
    assert sorted(each["application"] for each in late["late"]) == ["R-2", "R-3"]
    assert turned == {"R-2": ("in", "not_eligible"), "R-3": ("not_eligible", "in")}
    assert lines["R-2"]["met"] == (True, False)
    assert lines["R-3"]["met"] == (False, True)
    assert lines["R-3"]["grant"][0] is None
    assert lines["R-3"]["grant"][1]["fen_per_month"] == 31_700
    causes = {number: [each["kind"] for each in one["causes"]] for number, one in candidates.items()}
    assert causes == {"R-2": ["fact-voided"], "R-3": ["employment-started"]}

    settle = {"R-2": ("payment-adjusted", "停发并追回"), "R-3": ("revised", "补录合同")}
    for number, (outcome, reason) in settle.items():
        told = says("decision", "settle", candidates[number]["decision"], outcome, "--reason", reason)
        assert told["outcome"] == outcome
    says("benefit", "stop", ROUND, "R-2", "--from", "2023-06", "--reason", "other")
    left = says("decision", "candidates", "--round", ROUND)
    replayed = says("decision", "replay", "--all")

    assert left["candidates"] == []
    assert says("round", "rank", ROUND)["content"] == decided["ranking"]["content"]
    assert replayed["counts"] == {"equal": 3}
    says("benefit", "pay", ROUND, "R-2", "--payment", "1", "--on", "2024-01-10", code=Exit.REFUSED)
