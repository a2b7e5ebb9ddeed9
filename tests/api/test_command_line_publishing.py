"""Programmes in the ledger by their verbs: two people publish, rounds read what was published and no file."""

from pathlib import Path
from typing import Any

import pytest

from api.cli.output import Exit
from tests.api.commands import Said
from tests.api.school_round import PROGRAMMES, TODAY, entries

LOAN = Path(PROGRAMMES) / "330282" / "2020-01-01.loan.yaml"
WINDOW = ("--opens", "2026-03-01", "--closes", "2026-03-31")


@pytest.fixture
def says(points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Call a verb; give its object, having looked at its exit code."""
    del points
    monkeypatch.setattr("api.clock.today", lambda: TODAY)

    def say(*arguments: str, code: Exit = Exit.DONE) -> dict[str, Any]:
        said = Said(capsys, *arguments, "--json")
        assert said.code == code, said.out + said.err
        return said.object

    say("init")
    return say


def written(folder: Path, change: tuple[str, str] = ("", ""), name: str = "draft.yaml") -> str:
    """Write the shipped loan programme with one change."""
    text = LOAN.read_text(encoding="utf-8")
    assert change[0] in text
    path = folder / name
    path.write_text(text.replace(*change, 1), encoding="utf-8")
    return str(path)


def published(says: Any, path: str | Path = LOAN) -> str:
    """Publish the programme of a file by two people; give its hash."""
    [proposed] = says("programme", "publish", str(path), "--by", "officer:a")["proposed"]
    says("programme", "approve", proposed["doc"], "--hash", proposed["hash"], "--by", "officer:b")
    return str(proposed["hash"])


def test_a_programme_is_published_by_two_people_and_not_by_one(says: Any) -> None:
    [proposed] = says("programme", "publish", str(LOAN), "--by", "officer:a")["proposed"]
    alone = says("programme", "approve", "cx.loan", "--by", "officer:a", code=Exit.REFUSED)
    waiting = says("round", "open", "cx.loan-1", "cx.loan", *WINDOW, code=Exit.USAGE)
    says("programme", "approve", "cx.loan", "--by", "officer:b")
    again = says("programme", "publish", str(LOAN), "--by", "officer:a", code=Exit.REFUSED)
    [version] = says("programme", "list", "--all")["versions"]

    assert [each["error"]["code"] for each in (alone, waiting, again)] == [
        "same-person",
        "programme-unknown",
        "already-published",
    ]
    assert (version["hash"], version["state"]) == (proposed["hash"], "published")
    assert (version["proposed_by"], version["approved_by"]) == ("officer:a", "officer:b")


def test_a_round_reads_its_programme_from_the_ledger_and_from_nowhere_else(
    says: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = published(says)
    monkeypatch.chdir(tmp_path)  # here is no folder of programmes
    opened = says("round", "open", "cx.loan-1", "cx.loan", *WINDOW)

    assert opened["content"] == content
    assert says("round", "rank", "cx.loan-1")["programme"] == content


def test_versions_are_compared_and_the_newest_counts_from_its_day_on(says: Any, tmp_path: Path) -> None:
    first = published(says)
    later = written(tmp_path, ("effective: {from: 2020-01-01}", "effective: {from: 2026-06-01}"))
    second = published(says, later)
    draft = written(tmp_path, ("at_least: 60", "at_least: 61"), "other.yaml")  # its examples are not right yet
    assert [each["path"] for each in says("programme", "diff", first[:12], draft)["changes"]] == [
        "require[points].at_least"
    ]
    [change] = says("programme", "diff", first[:12], later)["changes"]

    def in_force(day: str) -> list[str]:
        return [each["hash"] for each in says("programme", "list", "--as-of", day)["programmes"]]

    assert (change["path"], change["old"], change["new"]) == ("effective.from", "2020-01-01", "2026-06-01")
    assert (in_force("2026-05-31"), in_force("2026-06-01"), in_force("2019-12-31")) == ([first], [second], [])
    assert says("programme", "show", "cx.loan")["programmes"][0]["hash"] == second
    assert says("programme", "show", first[:8])["programmes"][0]["hash"] == first


def test_what_is_retired_opens_no_round_and_goes_on_in_those_that_are_open(says: Any) -> None:
    content = published(says)
    says("round", "open", "cx.loan-1", "cx.loan", *WINDOW)
    for officer in ("officer:a", "officer:b"):
        says("programme", "retire", "cx.loan", content, "--on", "2026-01-01", "--by", officer)
    refused = says("round", "open", "cx.loan-2", "cx.loan", *WINDOW, code=Exit.USAGE)

    assert refused["error"]["code"] == "programme-unknown"
    assert says("round", "rank", "cx.loan-1")["programme"] == content


IMPOSSIBLE = """
tiers:
- id: both
  clause: 不可能
  label: {zh: 不可能, en: Impossible}
  when:
  - {id: a, kind: permit, is: [normal], clause: 有效, label: {zh: 有效, en: Valid}}
  - {id: b, kind: permit, is: [ended], clause: 终止, label: {zh: 终止, en: Ended}}
order_by:
- {by: tier}
"""
UNACCEPTED = """
untranslatable:
- {clause: 其他, text: 特殊情况由联席会议研究, accepted: false, handled_by: not-modelled}
"""
BAD = {
    "tier-impossible": IMPOSSIBLE,
    "not-accepted": UNACCEPTED,
    "unknown-field": "\nprice: 1\n",
}


@pytest.mark.parametrize("code", BAD)
def test_a_programme_that_cannot_be_is_refused_by_name_with_its_line_and_nothing_is_stored(
    says: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], code: str
) -> None:
    draft, before = tmp_path / "draft.yaml", entries()
    text = LOAN.read_text(encoding="utf-8")
    draft.write_text(text + BAD[code], encoding="utf-8")
    told = says("programme", "publish", str(draft), "--by", "officer:a", code=Exit.WRONG)
    shown = Said(capsys, "--lang", "zh", "programme", "publish", str(draft), "--by", "officer:a")

    assert code in [problem["code"] for problem in told["problems"]]
    assert all(problem["line"] > 0 and problem["hint"]["zh"] for problem in told["problems"])
    assert ("draft.yaml:" in shown.err, "→" in shown.err) == (True, True)
    assert entries() == before


def test_a_name_that_nothing_has_is_refused(says: Any) -> None:
    published(says)

    assert says("programme", "show", "cx.nothing", code=Exit.USAGE)["error"]["code"] == "programme-unknown"
    assert says("programme", "diff", "cx.loan", "0" * 64, code=Exit.USAGE)["error"]["code"] == "programme-unknown"
