"""The verb diff, and the next change in explain, as a user runs them on a real ledger."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.cli import run
from api.cli.output import Exit
from ledger.embedded import Embedded
from tests.database import TEMPLATE, fresh_database

PROVINCE = Path(__file__).parents[2] / "rulebooks" / "330000" / "2023-07-26.yaml"
NUMBER = "999999199001010016"
HEADER = "document_number,name,month,place\n"
SENT = ["--organ", "nb-hrss", "--kind", "insurance-month-paid"]


@pytest.fixture
def folder(server: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A ledger on a database of its own, in which the province's table is in force."""
    with fresh_database(server, TEMPLATE) as url:
        monkeypatch.setenv("POINTS_DATABASE_URL", url)
        monkeypatch.setenv("POINTS_DATA", str(tmp_path / "data"))
        monkeypatch.setenv("POINTS_LANG", "zh")
        monkeypatch.setenv("POINTS_BY", "officer:a")
        monkeypatch.setenv("POINTS_PURPOSE", "a test")
        monkeypatch.chdir(tmp_path)
        for call in (
            ["init"],
            ["grant", "nb-hrss", "insurance-month-paid", "3302"],
            ["rulebook", "propose", str(PROVINCE), "--by", "officer:a"],
            ["rulebook", "approve", "zj.common", "--by", "officer:b"],
        ):
            assert run(call) == Exit.DONE
        yield tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    capsys.readouterr()
    return run(list(arguments)), capsys.readouterr().out


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    value = json.loads(said(capsys, *arguments, "--json")[1])
    assert isinstance(value, dict)
    return value


def paid(folder: Path, capsys: pytest.CaptureFixture[str], *months: str) -> int:
    """Import months, and give the ledger's head after them."""
    rows = "".join(f"{NUMBER},居民甲,{month},330212\n" for month in months)
    (folder / "months.csv").write_text(HEADER + rows, encoding="utf-8")
    assert said(capsys, "import", "months.csv", *SENT)[0] == Exit.DONE
    return int(told(capsys, "doctor")["head"])


def subject_of(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(NUMBER + "\n"))
    return said(capsys, "find")[1].strip()


def test_late_months_and_the_calendar_add_up_to_the_difference(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = paid(folder, capsys, "2025-01", "2025-02")
    paid(folder, capsys, "2024-03", "2024-04", "2024-05")
    paid(folder, capsys, "2025-07")
    call = ["diff", subject_of(capsys, monkeypatch), "--place", "330212", "--from-as-of", "2025-06-01"]
    change = told(capsys, *call, "--to-as-of", "2025-08-01", "--from-as-at", str(first))

    assert (change["from"]["total"], change["to"]["total"], change["difference"]) == ("21.00", "23.00", "2.00")
    assert change["sums"] == {"late-facts": "1.50", "new-facts": "0.50"}
    assert [len(step["facts"]) for step in change["steps"]] == [3, 1]


def test_a_change_is_told_in_sentences_with_the_day_of_recording(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = paid(folder, capsys, "2025-01")
    paid(folder, capsys, "2024-03", "2024-04")
    call = ["diff", subject_of(capsys, monkeypatch), "--place", "330212", "--to-as-of", "2025-06-01"]
    change = told(capsys, *call, "--from-as-at", str(first))
    [step] = change["steps"]
    sentences = said(capsys, *call, "--from-as-at", str(first))[1]

    assert f"{step['recorded_on']} 补报 缴纳社保 2 条" in sentences
    assert "缴纳社保 +2 个月 +1.00" in sentences
    assert sentences.splitlines() == change["explanation"]["zh"]


def test_nothing_changes_between_a_coordinate_and_itself(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    paid(folder, capsys, "2025-01")
    call = ["diff", subject_of(capsys, monkeypatch), "--place", "330212", "--to-as-of", "2025-06-01"]

    assert told(capsys, *call)["parts"] == []


def test_nowhere_at_home_a_place_is_wanted(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    paid(folder, capsys, "2025-01")

    assert told(capsys, "diff", subject_of(capsys, monkeypatch))["error"]["code"] == "nowhere-at-home"


@pytest.mark.parametrize("option", ["--from-as-of", "--to-as-of", "--from-as-at", "--to-as-at", "--place"])
@pytest.mark.usefixtures("folder")
def test_a_coordinate_that_cannot_be_read_is_wrong_usage(capsys: pytest.CaptureFixture[str], option: str) -> None:
    subject = "00000000-0000-0000-0000-000000000000"

    assert said(capsys, "diff", subject, option, "yesterday")[0] == Exit.USAGE


def test_an_explanation_names_the_day_of_the_next_change(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    paid(folder, capsys, "2025-01", "2025-09")
    subject = subject_of(capsys, monkeypatch)
    call = ["explain", subject, "--place", "330212", "--as-of", "2025-06-01"]
    [score] = told(capsys, *call)["scores"]

    assert score["next_change_on"] == "2025-09-01"
    assert "下次自行变化: 2025-09-01。" in said(capsys, *call)[1]


def test_points_may_be_asked_for_a_programme(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    paid(folder, capsys, "2025-01")
    subject = subject_of(capsys, monkeypatch)
    call = ["score", subject, "--place", "330212", "--use", "school"]
    [asked] = told(capsys, *call)["scores"]

    assert (asked["use"], "(用于 school)" in said(capsys, *call)[1]) == ("school", True)
    assert told(capsys, "diff", subject, "--place", "330212", "--use", "school")["parts"] == []
    assert said(capsys, "score", subject, "--use", "School")[0] is Exit.USAGE
