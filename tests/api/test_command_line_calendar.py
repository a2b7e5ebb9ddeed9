"""The doctor says sixty days ahead that the calendar of working days ends, and that clocks refuse beyond it."""

from datetime import date
from pathlib import Path

import pytest

from api.cli.output import Exit
from tests.api.commands import ROOT, Said, open_ledger

CHINA = ("--calendar", str(ROOT / "terms" / "working-days.yaml"))


@pytest.mark.usefixtures("points")
def test_the_end_of_the_calendar_is_told_sixty_days_ahead(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ledger(capsys)
    told = {}
    for day in ("2026-10-31", "2026-11-01", "2026-12-31", "2027-01-01"):
        monkeypatch.setattr("api.clock.today", lambda day=day: date.fromisoformat(day))
        said = Said(capsys, "doctor", *CHINA, "--json")
        told[day] = (said.code, said.object["calendar"]["days_left"], said.object["calendar"]["ends_soon"])
    beyond = Said(capsys, "doctor", *CHINA)

    assert told == {
        "2026-10-31": (Exit.DONE, 61, False),
        "2026-11-01": (Exit.DONE, 60, True),
        "2026-12-31": (Exit.DONE, 0, True),
        "2027-01-01": (Exit.DONE, -1, True),
    }
    assert "ended on 2026-12-31: every clock in working days is refused" in beyond.out
    assert "add the State Council's notice" in beyond.out


@pytest.mark.usefixtures("points")
def test_a_calendar_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    open_ledger(capsys)

    assert Said(capsys, "doctor", "--calendar", str(tmp_path / "none.yaml")).code == Exit.USAGE
