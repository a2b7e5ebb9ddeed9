"""What a resident may have, by the verb: met, or what is missing and when; and the look is written down."""

import json
from pathlib import Path

import pytest

from api.cli.output import Exit
from tests.api.commands import Said
from tests.api.school_round import TODAY, TOWN, publish_programmes, town


@pytest.fixture
def child(points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    del points
    monkeypatch.setattr("api.clock.today", lambda: TODAY)
    assert Said(capsys, "init").code == Exit.DONE
    with town() as told:
        publish_programmes(told.desk)
        return told.family(1, 600_000)


def test_a_child_meets_the_school_programme_by_what_the_parent_has(
    child: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("eligible", child, "--programme", "cx.school", "--town", TOWN, "--as-of", "2025-05-10")
    said = Said(capsys, *asked, "--json")
    [found] = said.object["programmes"]

    assert (found["met"], found["points"]["total"], found["tier"]) == (True, "60.00", "t5")
    assert [c["used"] for c in found["conditions"] if c["id"] == "took_part"] == [["assessment-joined"]]
    assert "符合" in Said(capsys, "--lang", "zh", *asked).out


@pytest.mark.usefixtures("child")
def test_what_is_missing_is_told_with_the_earliest_day(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with town() as told:
        [parent] = [found.subject for found in told.desk.identities.find_all([told.parent(1)])]
    asked = ("eligible", str(parent), "--programme", "cx.rental", "--as-of", "2025-05-10", "--json")
    [found] = Said(capsys, *asked).object["programmes"]
    unmet = [each for each in found["conditions"] if each["id"] in found["unmet"]]

    assert (found["met"], "contract" in found["unmet"]) == (False, True)
    assert all("not_before" in each for each in unmet if each["id"] == "contract")


@pytest.mark.usefixtures("child")
def test_every_programme_of_where_they_live_is_told_and_the_look_is_in_the_read_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with town() as told:
        [parent] = [found.subject for found in told.desk.identities.find_all([told.parent(1)])]
        said = Said(capsys, "eligible", str(parent), "--as-of", "2025-05-10", "--json")
        with told.desk.ledger.connection() as connection:
            looks = connection.execute("SELECT purpose FROM read_log WHERE subject = %s", [parent]).fetchall()

    assert said.code == Exit.DONE
    assert {each["doc"] for each in said.object["programmes"]} >= {"cx.school", "cx.loan"}
    assert json.dumps(looks, default=str).count("a test") == 1


def test_nobody_looks_unnamed(
    child: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POINTS_PURPOSE")

    assert Said(capsys, "eligible", child).code == Exit.USAGE
