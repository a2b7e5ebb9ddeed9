"""The verbs simulate and export as the policy office runs them: what they print, write and refuse."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.cli.output import Exit
from ledger.database import Database, Role
from ledger.embedded import Embedded
from tests.api.commands import NUMBER, Said, open_ledger
from tests.database import TEMPLATE, fresh_database
from tests.domain.given import HOUSE
from tests.projections.populations import written

TABLES = HOUSE / "rulebooks"
PROVINCE = TABLES / "330000" / "2023-07-26.yaml"
LOOK = ("--role", "auditor", "--purpose", "draft of 2026", "--by", "officer:a")
MONTHS = "document_number,name,month,place\n" + "".join(
    f"{NUMBER},居民甲,2025-{month:02d},330212\n" for month in range(1, 7)
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a draft, and no ledger behind it."""
    monkeypatch.setenv("POINTS_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("POINTS_LANG", "en")
    monkeypatch.chdir(tmp_path)
    text = PROVINCE.read_text(encoding="utf-8").partition("\nexamples:")[0]
    (tmp_path / "draft.yaml").write_text(text.replace("points: 0.5}", "points: 0.4}"), encoding="utf-8")
    written(tmp_path, 120).rename(tmp_path / "people.ndjson")
    return tmp_path


@pytest.fixture
def url(server: Embedded) -> Iterator[str]:
    with fresh_database(server, TEMPLATE) as found:
        yield found


@pytest.fixture
def ledger(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder, with an empty ledger behind it."""
    monkeypatch.setenv("POINTS_DATABASE_URL", url)
    return folder


def simulate(*more: str) -> list[str]:
    known = ["--against", str(TABLES), "--population", "people.ndjson", "--as-of", "2026-01-01"]
    return ["simulate", "draft.yaml", *known, *more]


def asked(capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    said = Said(capsys, *simulate("--json", *more))
    assert said.code == Exit.DONE, said.err
    return said.object


@pytest.mark.usefixtures("folder")
def test_everybody_is_counted_once(capsys: pytest.CaptureFixture[str]) -> None:
    [row] = asked(capsys)["tables"]["summary"]

    assert (row["people"], row["gain"], row["points_gain"]) == (120, 0, 0)


@pytest.mark.usefixtures("folder")
def test_the_reference_evaluator_gives_the_same_tables(capsys: pytest.CaptureFixture[str]) -> None:
    more = ("--quota", "40", "--threshold", "school=60", "--vary", "insurance.award.points=0.3,0.5")

    assert asked(capsys, *more)["tables"] == asked(capsys, *more, "--engine", "reference")["tables"]


def test_the_report_and_every_table_are_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = asked(capsys, "--out", "out", "--threshold", "school=60")

    assert all(Path(file).is_file() for file in told["files"])
    assert {f"{name}{end}" for name in told["tables"] for end in (".csv", ".parquet")} <= {
        file.name for file in (folder / "out").iterdir()
    }
    assert json.loads((folder / "out" / "run.json").read_text())["run"] == told["run"]


@pytest.mark.usefixtures("folder")
def test_the_same_question_is_the_same_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(capsys)["run"] == asked(capsys)["run"] != asked(capsys, "--quota", "10")["run"]


@pytest.mark.parametrize("role", [None, "officer", "resident"])
def test_examples_are_for_auditors_and_the_policy_office(
    folder: Path, capsys: pytest.CaptureFixture[str], role: str | None
) -> None:
    given = () if role is None else ("--role", role)
    said = Said(capsys, *simulate("--examples", "2", "--out", "out", "--purpose", "x", "--by", "officer:a", *given))

    assert (said.code, "role-not-allowed" in said.err) == (Exit.REFUSED, True)
    assert not (folder / "out").exists()


@pytest.mark.usefixtures("folder")
def test_who_looks_at_examples_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, *simulate("--examples", "2", "--out", "out", "--role", "auditor", "--by", "officer:a"))

    assert (said.code != Exit.DONE, "purpose-missing" in said.err) == (True, True)


def test_examples_are_explained_in_both_tongues_and_name_nobody(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(capsys, "--examples", "4", "--out", "out", *LOOK)
    text = (folder / "out" / "examples.json").read_text(encoding="utf-8")
    examples = json.loads(text)["examples"]

    assert len(examples) == 4
    assert {tongue for one in examples for tongue in one["draft"]["explanation"]} == {"zh", "en"}
    assert "subject" not in text
    assert not any(f'"r{number}"' in text for number in range(120))
    assert (folder / "out" / "examples.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "wrong",
    [
        ("--threshold", "school"),
        ("--threshold", "school=much"),
        ("--threshold", "a/b=1"),
        ("--threshold", "school=1e999999999"),
        ("--threshold", "school=-1"),
        ("--vary", "nobody.cap=1"),
        ("--quota", "0"),
        ("--population", "nowhere.ndjson"),
        ("--as-of", "yesterday"),
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("folder")
def test_a_wrong_option_is_wrong_usage(capsys: pytest.CaptureFixture[str], wrong: tuple[str, ...]) -> None:
    assert Said(capsys, *simulate(*wrong)).code == Exit.USAGE


@pytest.mark.usefixtures("folder")
def test_without_a_ledger_somebody_says_what_is_in_force(capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "simulate", "draft.yaml", "--population", "people.ndjson")

    assert (said.code, "--against" in said.err) == (Exit.USAGE, True)


def test_an_unsound_draft_is_told_with_its_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "draft.yaml").write_text("doc: x\n", encoding="utf-8")
    said = Said(capsys, *simulate())

    assert (said.code, "draft.yaml" in said.err) == (Exit.WRONG, True)


def test_a_ledger_is_simulated_exported_and_simulated_again(
    ledger: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ledger(capsys)
    Said(capsys, "grant", "nb-psb", "residence-registered", "3302")
    (ledger / "months.csv").write_text(MONTHS, encoding="utf-8")
    Said(capsys, "import", "months.csv", "--organ", "nb-hrss", "--kind", "insurance-month-paid")
    (ledger / "homes.csv").write_text(
        f"document_number,name,registered_on,place,spell\n{NUMBER},居民甲,2024-01-01,330212,R1\n", encoding="utf-8"
    )
    assert Said(capsys, "import", "homes.csv", "--organ", "nb-psb", "--kind", "residence-registered").code == 0
    there = Said(capsys, "simulate", "draft.yaml", "--as-of", "2026-01-01", "--json")
    exported = Said(capsys, "export", "--parquet", "export", "--as-of", "2026-01-01", "--json")
    monkeypatch.delenv("POINTS_DATABASE_URL")
    known = ["--against", str(PROVINCE), "--population", "export"]
    here = Said(capsys, "simulate", "draft.yaml", *known, "--json")

    assert (there.code, exported.code, here.code) == (Exit.DONE, Exit.DONE, Exit.DONE), there.err + exported.err
    assert exported.object["residents"] == 1
    assert there.object["inputs"]["population"] == exported.object["sha256"] == here.object["inputs"]["population"]
    assert there.object["tables"] == here.object["tables"]


def test_a_look_at_an_example_is_written_to_the_read_log(
    ledger: Path, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    open_ledger(capsys)
    Said(capsys, "grant", "nb-psb", "residence-registered", "3302")
    (ledger / "months.csv").write_text(MONTHS, encoding="utf-8")
    (ledger / "homes.csv").write_text(
        f"document_number,name,registered_on,place,spell\n{NUMBER},居民甲,2024-01-01,330212,R1\n", encoding="utf-8"
    )
    Said(capsys, "import", "months.csv", "--organ", "nb-hrss", "--kind", "insurance-month-paid")
    Said(capsys, "import", "homes.csv", "--organ", "nb-psb", "--kind", "residence-registered")
    said = Said(capsys, "simulate", "draft.yaml", "--as-of", "2026-01-01", "--examples", "1", "--out", "out", *LOOK)

    with Database(url).connect(Role.AUDITOR) as connection:
        purposes = connection.execute("SELECT purpose FROM read_log").fetchall()

    assert said.code == Exit.DONE, said.err
    assert purposes == [("simulation",)]


@pytest.mark.usefixtures("folder")
def test_an_export_says_where_to(capsys: pytest.CaptureFixture[str]) -> None:
    assert Said(capsys, "export").code == Exit.USAGE
