"""A resident with two permits at once is named by the doctor and beside the score."""

from datetime import date
from pathlib import Path

import pytest

from api.cli.output import Exit
from domain import facts
from tests.api.commands import Said, open_ledger
from tests.api.school_round import TODAY, town


def test_two_permits_at_once_are_named(
    points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    del points
    monkeypatch.setattr("api.clock.today", lambda: TODAY)
    open_ledger(capsys)
    with town() as told:
        who, other = told.born("a", 1, "19880101"), told.born("b", 2, "19880101")
        for resident, numbers in ((who, ("P-1", "P-2")), (other, ("P-3",))):
            for number, place, month in zip(numbers, ("330282", "330212"), (6, 9), strict=False):
                told.says(resident, facts.PermitIssued(on=date(2026, month, 1), place=place, permit=number))
    doctor = Said(capsys, "doctor", "--permits", "--json")
    words = Said(capsys, "doctor", "--permits")
    read = ("--by", "officer:a", "--purpose", "check")
    score = Said(capsys, "score", str(who), *read)
    [found] = doctor.object["second_permits"]

    assert (doctor.code, found["subject"], found["older"], found["number"]) == (
        Exit.INCOMPLETE,
        str(who),
        "P-1",
        "P-2",
    )
    assert f"{who} P-2" in words.out + words.err
    assert "P-2" in score.out
    assert "P-1" in score.out
