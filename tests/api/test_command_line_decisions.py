"""Decisions by their verbs: listed, shown, replayed; what is erased is incomplete, another document other rules."""

from datetime import date
from pathlib import Path

import pytest

from api.cli.output import Exit
from domain import facts
from domain.facts import Ref
from tests.api.commands import Said
from tests.api.school_round import AUTHORITY, DIGEST, TODAY, publish_programmes, town

ROUND = "cx.loan-2026"


@pytest.fixture
def offence(points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ref:
    """Decide about somebody of whom an offence is known; name its entry."""
    del points
    monkeypatch.setattr("api.clock.today", lambda: TODAY)

    def says(*arguments: str) -> None:
        said = Said(capsys, *arguments)
        assert said.code == Exit.DONE, said.out + said.err

    says("init")
    with town() as told:
        publish_programmes(told.desk)
    says("round", "open", ROUND, "cx.loan", "--opens", "2026-03-01", "--closes", "2026-03-31")
    with town() as told:
        who = told.born("who", 3, "19900101")
        permit = facts.PermitIssued(on=date(2025, 7, 1), place=AUTHORITY, permit="P-3")
        acted = facts.RestrictedFact(category="offence", level="minor", place=AUTHORITY, acted_on=date(2025, 8, 1))
        receipts = told.says(who, permit, acted)
        told.delivers("permit-issued", last="2026-03")
    says("round", "apply", ROUND, str(who), "--number", "L-1", "--on", "2026-03-10")
    says("round", "lock", ROUND, "--on", "2026-04-01")
    says("round", "rank", ROUND, "--publish", "--on", "2026-04-02")
    return receipts[-1].ref


def replayed(capsys: pytest.CaptureFixture[str]) -> tuple[Exit, str]:
    said = Said(capsys, "decision", "replay", "--all", "--json")
    [verdict] = said.object["counts"]
    assert [each["verdict"] for each in said.object["decisions"]] == ([] if verdict == "equal" else [verdict])
    return Exit(said.code), str(verdict)


@pytest.mark.usefixtures("offence")
def test_a_decision_is_listed_and_shown_to_whoever_says_why(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    [listed] = Said(capsys, "decision", "list", "--round", ROUND, "--json").object["decisions"]
    assert "record" not in listed
    shown = Said(capsys, "--lang", "zh", "decision", "show", listed["decision"][:10])
    unknown = Said(capsys, "decision", "show", "nothing", "--json").object["error"]["code"]
    monkeypatch.delenv("POINTS_PURPOSE")

    assert ("不符合" in shown.out, unknown) == (True, "decision-unknown")
    assert Said(capsys, "decision", "show", listed["decision"]).code == Exit.USAGE


def test_with_an_input_expunged_it_is_incomplete_and_with_nothing_gone_equal(
    offence: Ref, capsys: pytest.CaptureFixture[str]
) -> None:
    before = replayed(capsys)
    for officer in ("officer:a", "officer:b"):
        erased = Said(
            capsys, "erase", "entry", str(offence.stream), str(offence.version), "--basis", "封存", "--by", officer
        )
    assert erased.code == Exit.DONE, erased.out + erased.err

    assert (before, replayed(capsys)) == ((Exit.DONE, "equal"), (Exit.INCOMPLETE, "incomplete"))


def test_under_a_programme_that_was_not_published_then_nothing_is_compared(
    offence: Ref, capsys: pytest.CaptureFixture[str]
) -> None:
    with town() as told:
        made = [entry.fact for entry in told.desk.ledger.history(offence.stream)]
        [decided] = [fact for fact in made if isinstance(fact, facts.DecisionMade)]
        told.says(offence.stream, decided.model_copy(update={"content": DIGEST}))
    said = Said(capsys, "decision", "replay", "--all", "--json")

    assert (said.code, [each["verdict"] for each in said.object["decisions"]]) == (
        Exit.WRONG,
        ["other_rules"],
    )


@pytest.mark.usefixtures("offence")
def test_a_replay_goes_on_from_its_journal_and_refuses_that_of_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = tmp_path / "replay.journal"
    order = ("decision", "replay", "--all", "--journal", str(journal), "--json")
    first = Said(capsys, *order)
    with journal.open("a", encoding="utf-8") as file:
        file.write('{"round": null, "un')  # as if the machine had stopped there
    again = Said(capsys, *order)
    whole, cut = journal.read_text(encoding="utf-8").splitlines()
    journal.write_text(cut, encoding="utf-8")
    anew = Said(capsys, *order)
    told = journal.read_text(encoding="utf-8").splitlines()
    of_round = Said(capsys, "decision", "replay", "--round", ROUND, "--journal", str(journal), "--json")
    journal.write_text("a shopping list\n", encoding="utf-8")
    other = Said(capsys, *order)

    assert [said.object["counts"] for said in (first, again, anew)] == [{"equal": 1}] * 3
    assert told == [cut, whole]
    assert [said.object["error"]["code"] for said in (of_round, other)] == ["journal-of-another"] * 2


@pytest.mark.usefixtures("offence")
def test_other_processes_open_the_ledger_for_themselves(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.cli.replaying.ALONE_MAX", 0)
    said = Said(capsys, "decision", "replay", "--all", "--processes", "2", "--json")

    assert (said.code, said.object["counts"]) == (Exit.DONE, {"equal": 1})
    assert "1 / 1" in said.err
