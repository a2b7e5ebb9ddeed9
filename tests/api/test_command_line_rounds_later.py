"""A round after its ranking: the notice, free places exchanged, what became known late; fraud and its bar."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api.cli.output import Exit
from domain import facts
from tests.api.commands import Said
from tests.api.school_round import AUTHORITY, PROGRAMMES, ROUND, TODAY, TOWN, certified, publish_programmes, town

CALENDAR = ("--calendar", str(Path(PROGRAMMES).parent / "terms" / "working-days.yaml"))
OTHER_TOWN = "330282112"
Says = Callable[..., dict[str, Any]]


@pytest.fixture
def says(points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Says:
    del points
    monkeypatch.setattr("api.clock.today", lambda: TODAY)

    def say(*arguments: str, code: Exit = Exit.DONE, by: str = "officer:keeper") -> dict[str, Any]:
        said = Said(capsys, *arguments, "--by", by, "--json") if by else Said(capsys, *arguments, "--json")
        assert said.code == code, said.out + said.err
        return said.object

    say("init", by="")
    with town() as told:
        publish_programmes(told.desk)
    return say


@pytest.fixture
def ranked(says: Says) -> dict[str, UUID]:
    """Open, fill, close, lock and publish a round of two towns with a free place in the other one."""
    says("round", "open", ROUND, "cx.school", "--opens", "2025-05-01", "--closes", "2025-05-20")
    for unit in (TOWN, OTHER_TOWN):
        says("round", "places", ROUND, unit, "1", "--on", "2025-05-01")
    with town() as told:
        children = {f"A-{n}": told.family(n, 700_000 - n * 100_000) for n in (1, 2)}
        told.delivers("permit-issued")
    for number, child in children.items():
        says("round", "apply", ROUND, child, "--number", number, "--town", TOWN, "--on", "2025-05-10")
    closed = says("round", "close", ROUND, "--on", "2025-05-21")
    assert (closed["standing"], closed["void"], closed["state"]) == (2, 0, "closed")
    assert (
        says("round", "close", ROUND, "--on", "2025-05-22", code=Exit.REFUSED)["error"]["code"] == "closed-already"
    )
    says("round", "lock", ROUND, "--on", "2025-05-22")
    says("round", "rank", ROUND, "--publish", "--on", "2025-05-22")
    return {number: UUID(child) for number, child in children.items()}


def test_a_notice_shows_masked_names_for_five_working_days_and_no_longer(
    says: Says, ranked: dict[str, UUID]
) -> None:
    del ranked
    hung = says("round", "notice", ROUND, "--days", "5", "--on", "2025-05-29", *CALENDAR)
    on = {day: ("round", "board", ROUND, "--on", day) for day in ("2025-05-28", "2025-06-05", "2025-06-06")}
    shown = says(*on["2025-06-05"], by="")

    assert (hung["starts_on"], hung["last_day"]) == ("2025-05-29", "2025-06-05")  # the 2nd of June is a holiday
    assert shown["notice"] == [{"rank": 1, "name": "居**", "unit": TOWN, "points": "60.00"}]
    for day in ("2025-05-28", "2025-06-06"):
        assert says(*on[day], by="", code=Exit.USAGE)["error"]["code"] == "notice-is-over"
    both = ("round", "notice", ROUND, "--days", "5", "--until", "2025-06-05", *CALENDAR)
    assert "either this or --until" in str(says(*both, code=Exit.USAGE)["error"])


def test_a_place_is_exchanged_for_a_free_one_and_for_no_other(says: Says, ranked: dict[str, UUID]) -> None:
    del ranked
    says("round", "offer", ROUND, "--answer-by", "2025-06-10", "--on", "2025-06-01")
    move = ("round", "transfer", ROUND, "A-1", OTHER_TOWN, "--on", "2025-06-03")
    assert says(*move, code=Exit.REFUSED)["error"]["code"] == "nothing-offered"
    says("round", "answer", ROUND, "A-1", "accepted", "--on", "2025-06-02")
    says(*move)
    free = says("round", "show", ROUND, "--on", "2025-06-04", by="")["free"]

    assert free == {TOWN: 1, OTHER_TOWN: 0}
    assert not says(*move)["new"]
    assert says(*move[:-1], "2025-06-04", code=Exit.REFUSED)["error"]["code"] == "no-place-free"
    next_offer = says("round", "offer", ROUND, "--answer-by", "2025-06-20", "--on", "2025-06-05")
    assert [(each["application"], each["unit"]) for each in next_offer["offered"]] == [("A-2", TOWN)]


def test_what_became_known_after_the_lock_is_listed_and_changes_nothing_by_the_declared_rule(
    says: Says, ranked: dict[str, UUID]
) -> None:
    assert says("round", "late", ROUND, by="")["late"] == []
    with town() as told:
        [resolution] = told.desk.identities.find_all([told.parent(2)])
        assert resolution.subject is not None
        told.says(resolution.subject, certified(900_000, date(2025, 4, 28)))
        born = facts.EducationAwarded(awarded_on=date(2025, 4, 1), level="below")
        told.says(ranked["A-2"], born)
    late = says("round", "late", ROUND, by="")
    found = says("decision", "candidates", "--round", ROUND, "--purpose", "复核")
    [candidate] = found["candidates"]
    settle = ("decision", "settle", candidate["decision"])

    assert late["late_facts"] == "listed"
    assert sorted((each["application"], each["of"], each["fact"]["kind"]) for each in late["late"]) == [
        ("A-2", "applicant", "education-awarded"),
        ("A-2", "parent", "score-certified"),
    ]
    assert [each["fact"] for each in late["late"] if each["of"] == "parent"] == [{"kind": "score-certified"}]
    refused = says(*settle, "revised", "--reason", "补报", code=Exit.REFUSED)
    assert refused["error"]["code"] == "late-facts-are-listed"
    assert says(*settle, "upheld", "--reason", "公示后不再变更")["outcome"] == "upheld"


def test_after_fraud_found_by_two_nothing_is_filed_until_the_day(says: Says, ranked: dict[str, UUID]) -> None:
    child = str(ranked["A-1"])
    finding = ("fraud", "find", child, "--place", AUTHORITY, "--on", "2025-06-01", "--until", "2030-06-01")
    why = ("--basis", "居住证明系伪造", "--reason", "核查属实")
    assert says(*finding, *why, by="officer:a", code=Exit.INCOMPLETE)["recorded"] is False
    assert says(*finding, *why, by="officer:a", code=Exit.INCOMPLETE)["recorded"] is False
    assert says(*finding, *why, by="officer:b")["recorded"] is True
    says("round", "open", "cx.school-2026", "cx.school", "--opens", "2026-05-01", "--closes", "2026-05-20")
    filing = ("round", "apply", "cx.school-2026", child, "--number", "B-1", "--on", "2026-05-02")

    assert says(*filing, code=Exit.REFUSED)["error"]["code"] == "barred-after-fraud"
    nobody = ("fraud", "find", "7b8a0c9e-0000-4000-8000-000000000000", *finding[3:], *why)
    assert says(*nobody, code=Exit.USAGE)["error"]["code"] == "subject-unknown"
    wrong = ("fraud", "find", child, "--place", AUTHORITY, "--on", "2025-06-01", "--until", "2025-06-01", *why)
    assert "after the day of the finding" in str(says(*wrong, code=Exit.USAGE)["error"])
