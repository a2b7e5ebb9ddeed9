"""The verbs of a rebuild: started, looked at, switched, taken back, dropped; each refusal with its exit code."""

from pathlib import Path

import pytest

from api.cli.output import Exit
from tests.api.commands import Said


@pytest.mark.usefixtures("points")
def test_a_generation_is_made_compared_switched_taken_back_and_dropped(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Said(capsys, "init")
    assert Said(capsys, "rebuild", "switch").code == Exit.REFUSED
    started = Said(capsys, "rebuild", "start", "--processes", "1", "--json")
    assert {one["same"] for one in started.object["projections"]} == {True}
    assert Said(capsys, "rebuild", "diff", "--json").object["districts"] == {}
    for verb, state in (("switch", "switched"), ("rollback", "rolled-back"), ("drop", "dropped")):
        assert Said(capsys, "rebuild", verb, "--json").object["state"] == state

    assert "Nothing is being rebuilt" in Said(capsys, "rebuild", "status").out


@pytest.mark.parametrize(
    ("verb", "code", "why"),
    [
        (("start", "--view", "nothing"), Exit.USAGE, "view-unknown"),
        (("rollback",), Exit.REFUSED, "nothing-rebuilt"),
        (("diff", "--ids", "5"), Exit.USAGE, "purpose-missing"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(
    points: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    verb: tuple[str, ...],
    code: Exit,
    why: str,
) -> None:
    del points
    monkeypatch.delenv("POINTS_PURPOSE")
    Said(capsys, "init")
    said = Said(capsys, "rebuild", *verb, "--json")

    assert (said.code, said.object["error"]["code"]) == (code, why)
