"""Scores brought from one civil day to the next by the verb, and what doctor says of a roll that is behind."""

from datetime import date
from pathlib import Path

import pytest

from api.cli.output import Exit
from tests.api.commands import MONTHS, Said, open_ledger

FIRST, SECOND, NEXT_MONTH = date(2026, 1, 30), date(2026, 1, 31), date(2026, 2, 1)


@pytest.fixture
def clock(points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """A ledger with two months of one resident, and the day that it is."""
    days = [FIRST]
    monkeypatch.setattr("api.clock.today", lambda: days[-1])
    open_ledger(capsys)
    (points / "months.csv").write_text(MONTHS)
    assert Said(capsys, "import", "months.csv", "--organ", "nb-hrss", "--kind", "insurance-month-paid").code in (
        Exit.DONE,
        Exit.INCOMPLETE,
    )
    return days


def test_a_roll_brings_scores_to_today_and_doing_it_again_does_nothing(
    clock: list[date], capsys: pytest.CaptureFixture[str]
) -> None:
    first = Said(capsys, "roll", "--json")
    clock.append(NEXT_MONTH)
    behind = Said(capsys, "doctor", "--json")
    second, again = Said(capsys, "roll", "--json"), Said(capsys, "roll")

    assert (first.code, first.object["to"]) == (Exit.DONE, str(FIRST))
    assert (behind.code, behind.object["roll"]["behind"], behind.object["roll"]["day"]) == (
        Exit.INCOMPLETE,
        True,
        str(FIRST),
    )
    assert (second.code, second.object["from"], second.object["to"]) == (Exit.DONE, str(FIRST), str(NEXT_MONTH))
    assert "nothing to do" in again.out


def test_a_roll_can_stop_at_an_earlier_day_and_goes_no_further_than_today(
    clock: list[date], capsys: pytest.CaptureFixture[str]
) -> None:
    Said(capsys, "roll")
    clock.append(NEXT_MONTH)
    earlier = Said(capsys, "roll", "--to", str(SECOND), "--json")
    ahead = Said(capsys, "--lang", "zh", "roll", "--to", "2026-03-01")
    back = Said(capsys, "roll", "--to", str(FIRST), "--json")

    assert (earlier.code, earlier.object["to"]) == (Exit.DONE, str(SECOND))
    assert (ahead.code, "2026-02-01" in ahead.err) == (Exit.USAGE, True)
    assert (back.code, back.object["to"]) == (Exit.DONE, str(SECOND))


def test_doctor_says_in_words_that_scores_are_behind(clock: list[date], capsys: pytest.CaptureFixture[str]) -> None:
    Said(capsys, "roll")
    clock.append(NEXT_MONTH)

    assert "Scores stand on 2026-01-30, today is 2026-02-01" in Said(capsys, "doctor").out
