"""A town has 80 places for 120 children: filed, locked, ranked with a tie at the line, decided, looked at again."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api.cli.output import Exit
from domain import facts
from ledger.embedded import Embedded
from ledger.rounds import Applications, Rounds
from tests.api.commands import Said
from tests.api.school_round import HAND, ROUND, TODAY, TOWN, certified, publish_programmes, town
from tests.database import fresh_database

APPLICANTS, PLACES = 120, 80


@pytest.fixture
def says(
    server: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Any]:
    """Call verbs on a ledger of its own; give what they said, or the exit code that was expected."""
    with fresh_database(server) as url:
        settings = {"URL": url, "DATA": str(tmp_path)}
        monkeypatch.setenv("POINTS_DATABASE_URL", settings["URL"])
        monkeypatch.setenv("POINTS_DATA", settings["DATA"])
        monkeypatch.setenv("POINTS_LANG", "en")
        monkeypatch.setenv("POINTS_BY", "officer:keeper")
        monkeypatch.setenv("POINTS_PURPOSE", "a story")

        def say(*arguments: str, code: Exit = Exit.DONE) -> dict[str, Any]:
            said = Said(capsys, *arguments, "--json")
            assert said.code == code, said.out + said.err
            return said.object

        monkeypatch.setattr("api.clock.today", lambda: TODAY)
        say("init")
        with town() as told:
            publish_programmes(told.desk)
        yield say


def points_of(number: int) -> int:
    """Give the points of a family, in 1/10000: the 79th to the 82nd have the same."""
    return 1_200_000 - (79 if 79 <= number <= 82 else number) * 1_000


def test_a_school_round_of_a_town_with_a_tie_at_the_line_and_a_fact_that_arrives_later(says: Any) -> None:
    says("round", "open", ROUND, "cx.school", "--opens", "2025-05-01", "--closes", "2025-05-20")
    says("round", "places", ROUND, TOWN, str(PLACES), "--on", "2025-05-01")
    with town() as told:
        children = [told.family(number, points_of(number)) for number in range(1, APPLICANTS + 1)]
        told.delivers("permit-issued")
        office = Applications(told.desk.ledger, Rounds(told.desk.ledger, told.desk.approvals))
        for number, child in enumerate(children, 1):
            office.file(ROUND, UUID(child), f"A-{number:03}", date(2025, 5, 10), HAND, town=TOWN)
    says("round", "lock", ROUND, "--on", "2025-05-21")

    ranking = says("round", "rank", ROUND, "--publish", "--on", "2025-05-22")
    admitted = [line for line in ranking["ranked"] if line["outcome"] == "in"]
    assert (len(admitted), ranking["over_quota"]) == (PLACES + 2, {TOWN: 2})
    assert {line["application"] for line in admitted if line["rank"] == 79} == {f"A-{n:03}" for n in range(79, 83)}
    assert says("decision", "replay", "--all")["counts"] == {"equal": APPLICANTS}
    assert says("decision", "candidates")["candidates"] == []

    with town() as told:  # a permit that had been ended before the round becomes known; so does a better score
        parent = _parent(told, 1)
        told.says(parent, facts.PermitEnded(on=date(2025, 4, 1), place=TOWN, permit="P-1", reason="other"))
        told.says(_parent(told, 120), certified(2_000_000, date(2025, 4, 25)))
    late = says("decision", "candidates", "--round", ROUND)
    turned = [(move["application"], move["before"][1], move["after"][1]) for move in late["moves"] if move["turns"]]
    assert turned == [("A-001", "in", "not_eligible"), ("A-120", "out", "in")]
    found = {each["application"]: each for each in late["candidates"]}
    assert sorted(found) == ["A-001", "A-120"]
    assert (found["A-001"]["turns"], found["A-120"]["turns"]) == (True, False)
    assert [cause["kind"] for cause in found["A-120"]["causes"]] == ["score-certified"]
    assert says("decision", "replay", "--all")["counts"] == {"equal": APPLICANTS}
    assert says("round", "rank", ROUND)["content"] == ranking["content"]

    settled = (found["A-001"]["decision"], "upheld", "--reason", "公示后不再变更")
    assert says("decision", "settle", *settled)["outcome"] == "upheld"
    left = says("decision", "candidates")["candidates"]

    assert [each["application"] for each in left] == ["A-120"]
    assert says("decision", "show", found["A-001"]["decision"])["settled"][0]["outcome"] == "upheld"


def _parent(told: Any, number: int) -> UUID:
    [resolution] = told.desk.identities.find_all([told.parent(number)])
    assert resolution.subject is not None
    return UUID(str(resolution.subject))
