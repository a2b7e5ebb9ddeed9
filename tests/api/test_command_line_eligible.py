"""What a resident may have, by the verb: met, or what is missing and when; and the look is written down."""

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
    assert looks == [{"purpose": "other"}]


def test_nobody_looks_unnamed(
    child: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POINTS_PURPOSE")

    assert Said(capsys, "eligible", child).code == Exit.USAGE


def test_of_everybody_a_programmes_counts_are_told_and_small_ones_withheld(
    child: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = Said(capsys, "eligible", "--programme", "cx.school", "--json")
    told = said.object["counts"]

    assert (said.code, told[0]["place"], {one["others"] for one in told}) == (Exit.DONE, "all", {None})
    assert child not in said.out


@pytest.mark.usefixtures("child")
def test_who_is_listed_can_read_who_looked_and_a_list_needs_a_reason(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = Said(capsys, "eligible", "--programme", "cx.loan", "--met", "--within", "366", "--json")
    named = [one["subject"] for one in listed.object["residents"]]
    with town() as told, told.desk.ledger.connection() as connection:
        looks = connection.execute("SELECT subject::text FROM read_log").fetchall()
    monkeypatch.delenv("POINTS_PURPOSE")

    assert {(one,) for one in named} <= set(looks)
    assert Said(capsys, "eligible", "--programme", "cx.loan", "--met").code == Exit.USAGE


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        ("--programme", "no.such"),
        ("--programme", "cx.loan", "--within", "-1"),
        ("--programme", "cx.loan", "--met", "--after", "nobody"),
        ("00000000-0000-4000-8000-000000000000", "--met"),
    ],
)
@pytest.mark.usefixtures("child")
def test_what_is_asked_wrongly_of_everybody_is_refused_with_the_remedy(
    wrong: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    said = Said(capsys, "eligible", *wrong)

    assert said.code in (Exit.USAGE, Exit.REFUSED, Exit.WRONG)
    assert "Traceback" not in said.err


def test_reminders_are_told_with_their_cause_and_recognition_with_what_stays_behind(
    child: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with town() as told:
        [parent] = [found.subject for found in told.desk.identities.find_all([told.parent(1)])]
    reminded = Said(capsys, "reminders", "--since", "2024-01-01", "--json").object["reminders"]
    places = Said(capsys, "recognition", str(parent), "--json").object["places"]

    assert all(one["cause"]["zh"] and one["text"]["en"] and one["raised_on"] for one in reminded)
    assert len({(one["subject"], one["kind"], one["programme"], one["on"]) for one in reminded}) == len(reminded)
    assert {one["basis"] for one in places} <= {"official", "trial"}
    assert Said(capsys, "--lang", "en", "reminders", "--subject", child).code == Exit.DONE
