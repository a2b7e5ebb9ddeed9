"""Results do not depend on time zone, locale or hash seed: the same bytes under each."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RESIDENT = {
    "subject": "a",
    "born_on": "1984-02-29",
    "place": "330212",
    "facts": [
        {"kind": "residence-registered", "registered_on": "2019-01-31", "place": "330203", "spell": "R1"},
        {"kind": "education-awarded", "level": "college", "awarded_on": "2008-07-01"},
        *({"kind": "insurance-month-paid", "month": f"2024-{m:02d}", "place": "330212"} for m in range(1, 13)),
        {"kind": "permit-issued", "on": "2019-08-01", "place": "330212", "permit": "P1"},
    ],
}
WORLDS = [
    {"TZ": "UTC", "PYTHONHASHSEED": "0", "LC_ALL": "C"},
    {"TZ": "America/Los_Angeles", "PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8"},
    {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "4242", "LC_ALL": "POSIX"},
]


def said(arguments: list[str], world: dict[str, str]) -> bytes:
    inherited = dict(os.environ)  # noqa: TID251 - a child lives in its parent's world, but for these words
    environment = {**inherited, **world, "PYTHONUTF8": "1", "POINTS_LANG": "zh"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, check=True, timeout=60
    )
    return done.stdout


def test_a_score_and_its_explanation_are_the_same_bytes_everywhere(tmp_path: Path) -> None:
    facts = tmp_path / "facts.ndjson"
    facts.write_text(json.dumps(RESIDENT) + "\n", encoding="utf-8")
    call = ["-m", "api.cli", "evaluate", "--rulebooks", "rulebooks", "--facts", str(facts), "--as-of", "2026-03-01"]
    answers = {said(call, world) for world in WORLDS}

    assert len(answers) == 1


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: str(world["TZ"]))
def test_the_hashes_of_the_shipped_rulebooks_are_the_same_everywhere(world: dict[str, str]) -> None:
    checked = json.loads(said(["-m", "api.cli", "rulebook", "check", "rulebooks", "--json"], world))
    here = json.loads(said(["-m", "api.cli", "rulebook", "check", "rulebooks", "--json"], WORLDS[0]))

    assert checked == here
