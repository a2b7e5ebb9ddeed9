"""A volunteer team hands in one sheet for all who came: each has their own hours, and once."""

from pathlib import Path
from typing import Any

import pytest

from domain.identifiers import resident_check_character
from tests.stories.test_school_round import says

__all__ = ["says"]
TEAM = "cx-volunteers"
HEADER = "document_number,name,served_on,place,minutes,activity"
SERVED = (1, 2, 3)


def number(sequence: int) -> str:
    """Make a document number that belongs to nobody."""
    body = f"10000019880101{sequence:03d}"
    return body + resident_check_character(body)


def test_a_teams_sheet_gives_each_volunteer_their_hours_once(
    says: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    says("grant", TEAM, "volunteer-hours-served", "330282")
    rows = [f"{number(n)},居民甲,2025-05-04,330282111,{60 * n},河道清洁" for n in SERVED]
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("\n".join([HEADER, *rows, rows[0]]) + "\n", encoding="utf-8")
    order = ("--organ", TEAM, "--kind", "volunteer-hours-served")

    first = says("import", str(sheet), *order)["receipt"]
    sheet.write_text("\n".join([HEADER, *reversed(rows)]) + "\n", encoding="utf-8")
    second = says("import", str(sheet), *order)["receipt"]

    assert (first["rows"], first["accepted"], first["duplicate"]) == (4, 3, 1)
    assert (second["rows"], second["accepted"], second["duplicate"]) == (3, 0, 3)
