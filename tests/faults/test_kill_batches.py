"""An undoing and a full file, killed at every one of their appends: the end is the one without a kill."""

import json
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from api import composition
from api.settings import Settings
from ledger.database import Role
from tests.api.commands import Said, open_ledger
from tests.api.conftest import points as points  # noqa: PLC0414 - a fixture
from tests.ledger.deliveries import resident

KINDS = ["--organ", "nb-hrss", "--kind", "insurance-month-paid"]
FULL = ["import", "full.csv", *KINDS, "--full", "330200/2025-01..2025-02", "--yes", "--voids-max", "1", "--json"]
RUNS_MAX = 20


def months(path: Path, people: range, period: str) -> None:
    rows = [f"{resident(n)},居民{n},{period},330212\n" for n in people]
    path.write_text("document_number,name,month,place\n" + "".join(rows), encoding="utf-8")


def in_force() -> Counter[str]:
    """Count the months that stand, by month; and the voids."""
    statement = """
        SELECT CASE topic WHEN 'fact-voided.v1' THEN topic
          ELSE substring(convert_from(state, 'UTF8'), 'month":"(.{7})') END, count(*)
        FROM entries e WHERE topic IN ('insurance-month-paid.v1', 'fact-voided.v1') AND NOT EXISTS (
          SELECT FROM entries v
          WHERE v.refers_to_stream = e.originator_id AND v.refers_to_version = e.originator_version)
        GROUP BY 1"""
    with (
        composition.database(Settings.read()) as database,
        database.connect(Role.AUDITOR) as connection,
    ):
        return Counter(dict(connection.execute(statement.encode()).fetchall()))


def killed_until_done(when: str, call: list[str]) -> tuple[int, dict[str, Any]]:
    """Run a verb again and again, the n-th run killed at its n-th append; give how often, and what it said."""
    for runs in range(RUNS_MAX):
        command = [sys.executable, "-m", "tests.faults.killed_verb", str(runs + 1), when, *call]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode != -signal.SIGKILL:
            assert done.returncode == 0, done.stdout + done.stderr
            return runs, json.loads(done.stdout)
    raise AssertionError("no progress")


@pytest.fixture
def batch(points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    open_ledger(capsys)
    months(points / "first.csv", range(1, 11), "2025-01")
    return str(Said(capsys, "import", "first.csv", *KINDS, "--json").object["receipt"]["batch_id"])


def test_an_undoing_killed_before_every_append_voids_everything_once(
    capsys: pytest.CaptureFixture[str], batch: str
) -> None:
    Said(capsys, "batch", "undo", batch, "--reason", "source-error", "--by", "officer:a")
    runs, told = killed_until_done("before", ["batch", "approve", batch, "--by", "officer:b", "--json"])

    assert runs > 3
    assert (told["entries"], told["voided"], told["erased"]) == (10, 10, 0)
    assert in_force() == {"fact-voided.v1": 10}
    assert Said(capsys, "verify", "--entries").code == 0


def test_a_full_file_killed_after_every_commit_ends_as_it_would_have(
    points: Path, capsys: pytest.CaptureFixture[str], batch: str
) -> None:
    months(points / "full.csv", range(4, 16), "2025-01")
    runs, told = killed_until_done("after", FULL)
    listed = Said(capsys, "batch", "list", "--json").object["batches"]

    assert (runs > 3, batch) == (True, listed[-1]["batch_id"])
    assert (told["full"]["in_force"], told["full"]["absent"], told["receipt"]["rows"]) == (10, 3, 12)
    assert (told["receipt"]["accepted"], told["receipt"]["duplicate"]) == (5, 7)
    assert in_force() == {"2025-01": 12, "fact-voided.v1": 3}
