"""Batches at the command line: what came in, what taking it back would do, and two people who do it."""

from pathlib import Path

import pytest

from api.cli.output import Exit
from tests.api.commands import MONTHS, NUMBER, Said, open_ledger

IMPORT = ["import", "months.csv", "--organ", "nb-hrss", "--kind", "insurance-month-paid"]


@pytest.fixture
def batch(points: Path, capsys: pytest.CaptureFixture[str]) -> str:
    open_ledger(capsys)
    (points / "months.csv").write_text(MONTHS, encoding="utf-8")
    return str(Said(capsys, *IMPORT, "--json").object["receipt"]["batch_id"])


def test_a_batch_is_listed_and_its_file_recognised(
    points: Path, capsys: pytest.CaptureFixture[str], batch: str
) -> None:
    [listed] = Said(capsys, "batch", "list", "--json").object["batches"]
    (points / "other.csv").write_text("x\n", encoding="utf-8")
    files = ("months.csv", "other.csv")
    shown = [Said(capsys, "batch", "show", batch, "--file", name, "--json").object for name in files]

    assert (listed["batch_id"], listed["receipt"]["accepted"], listed["undone"]) == (batch, 3, None)
    assert [one["file_is_this"] for one in shown] == [True, False]
    assert "digest" not in listed["receipt"]


@pytest.mark.usefixtures("points")
def test_two_people_undo_a_batch_and_the_score_goes_back(capsys: pytest.CaptureFixture[str], batch: str) -> None:
    looked = Said(capsys, "batch", "undo", batch, "--reason", "source-error", "--by", "officer:a", "--dry-run")
    early = Said(capsys, "batch", "approve", batch, "--by", "officer:b")
    asked = Said(capsys, "batch", "undo", batch, "--reason", "source-error", "--by", "officer:a", "--json")
    same = Said(capsys, "batch", "approve", batch, "--by", "officer:a")
    done = Said(capsys, "batch", "approve", batch, "--by", "officer:b", "--json")
    again = Said(capsys, "batch", "undo", batch, "--reason", "source-error", "--by", "officer:a")

    assert (looked.code, early.code, asked.code, same.code) == (Exit.DONE, Exit.USAGE, Exit.DONE, Exit.REFUSED)
    assert asked.object["entries"]["standing"] == 3
    assert asked.object["scores"]["changed"] is None
    assert (done.code, done.object["voided"], again.code) == (Exit.DONE, 3, Exit.REFUSED)
    assert "3 voided by the undoing" in Said(capsys, "batch", "show", batch).out


@pytest.mark.usefixtures("points")
def test_what_was_undone_comes_back_with_again(capsys: pytest.CaptureFixture[str], batch: str) -> None:
    Said(capsys, "batch", "undo", batch, "--reason", "source-error", "--by", "officer:a")
    Said(capsys, "batch", "approve", batch, "--by", "officer:b")
    plain = Said(capsys, *IMPORT, "--json").object
    back = Said(capsys, *IMPORT, "--again", "1", "--json").object["receipt"]

    assert (plain["repeated"], back["accepted"]) == (True, 3)
    assert back["batch_id"] != batch


@pytest.mark.parametrize(
    "call",
    [
        ["show", "no-id"],
        ["show", "00000000-0000-0000-0000-000000000000"],
        ["undo", "no-id", "--reason", "boredom", "--by", "officer:a"],
        ["undo", "no-id", "--reason", "fraud", "--by", NUMBER],
        ["list", "--limit", "0"],
        ["approve", "00000000-0000-0000-0000-000000000000", "--by", "officer:a"],
    ],
)
@pytest.mark.usefixtures("batch")
def test_a_wrong_call_is_told_so(capsys: pytest.CaptureFixture[str], call: list[str]) -> None:
    said = Said(capsys, "batch", *call)

    assert said.code == Exit.USAGE
    assert "Traceback" not in said.err + said.out


def test_a_dry_run_says_what_scores_would_do_and_writes_nothing(
    points: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    open_ledger(capsys)
    (points / "months.csv").write_text(MONTHS, encoding="utf-8")
    head = Said(capsys, "doctor", "--json").object["head"]
    dry = Said(capsys, *IMPORT, "--dry-run", "--json").object
    bare = Said(capsys, *IMPORT, "--dry-run", "--no-scores", "--json").object
    told = Said(capsys, *IMPORT, "--dry-run")

    assert (dry["scores"]["people"], dry["scores"]["changed"], bare["scores"]) == (1, None, None)
    assert "under 10 change" in told.out
    assert Said(capsys, "doctor", "--json").object["head"] == head
