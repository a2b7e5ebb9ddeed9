"""Entries leave the ledger: verified one by one, sealed content only for who may look, and they can come back."""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from api import composition
from api.cli.output import Exit
from api.settings import Settings
from domain.cells import safe_cell
from ledger.embedded import Embedded
from projections.exports.text import COLUMNS
from tests.api.commands import Said, open_ledger, subject_of
from tests.database import TEMPLATE, fresh_database
from tests.ledger.deliveries import resident

NUMBER = resident(7)
WHO = {"document_number": NUMBER, "name": "居民甲"}
OFFENCE = {
    "kind": "restricted-fact",
    "category": "offence",
    "level": "minor",
    "place": "330212",
    "acted_on": "2024-05-01",
}
LIFE: list[dict[str, Any]] = [
    {
        "kind": "residence-registered",
        "registered_on": "2020-03-15",
        "place": "330212",
        "spell": "R-1",
        "address": "某路",
    },
    {"kind": "permit-issued", "on": "2020-06-01", "place": "330212", "permit": "P-1"},
    {"kind": "education-awarded", "level": "college", "awarded_on": "2010-07-01"},
    {"kind": "education-awarded", "level": "doctor", "awarded_on": "2016-07-01", "source_id": "E-2"},
    {"kind": "fact-voided", "reason": "fraud", "basis": "核查", "refers_to": "E-2"},
    *(
        {"kind": "insurance-month-paid", "month": f"202{year}-{month:02d}", "place": "330212", "base_fen": 448_000}
        for year in (3, 4)
        for month in range(1, 13)
    ),
    {
        "kind": "fact-corrected",
        "reason": "source-error",
        "source_id": "C-1",
        "refers_to": {"kind": "insurance-month-paid", "month": "2024-12", "place": "330212"},
        "replacement": {"kind": "insurance-month-paid", "month": "2025-02", "place": "330203"},
    },
    {"kind": "particulars-corrected", "source_id": "PC", "born_on": "1990-01-01"},
    OFFENCE | {"legal_basis": "=HYPERLINK(1)", "act": "一事"},
    {
        "kind": "volunteer-hours-served",
        "served_on": "2025-01-01",
        "place": "330212",
        "minutes": 90,
        "activity": "=1+1",
    },
]


def rows(folder: Path, name: str, life: list[dict[str, Any]]) -> str:
    text = "".join(json.dumps(row | WHO, ensure_ascii=False) + "\n" for row in life)
    (folder / name).write_text(text, encoding="utf-8")
    return name


@pytest.fixture
def life(points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """Somebody's life in a ledger; gives the subject."""
    open_ledger(capsys)
    Said(capsys, "grant", "nb-hrss", "*", "")
    said = Said(capsys, "import", rows(points, "life.ndjson", LIFE), "--organ", "nb-hrss", "--json")
    assert said.object["receipt"]["accepted"] == len(LIFE), said.object["codes"]
    return subject_of(capsys, monkeypatch, NUMBER)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_whole_ledger_leaves_in_order_with_what_is_sealed_as_commitments(
    points: Path, capsys: pytest.CaptureFixture[str], life: str
) -> None:
    said = Said(capsys, "export", "--format", "ndjson", "--to", "all.ndjson", "--json")
    written = lines(points / "all.ndjson")
    head = Said(capsys, "doctor", "--json").object["head"]
    text = (points / "all.ndjson").read_text(encoding="utf-8")

    assert (said.code, said.object["verified"]) == (Exit.DONE, len(written))
    assert [one["position"] for one in written] == list(range(1, head + 1))
    assert tuple(written[0]) == COLUMNS
    assert [secret for secret in (NUMBER, "居民甲", "448000", "某路", "fraud", "offence") if secret in text] == []
    assert {one["sealed"] for one in written if one["stream"] == life} == {"none", "committed"}


def test_the_three_forms_say_the_same(points: Path, capsys: pytest.CaptureFixture[str], life: str) -> None:
    for form in ("ndjson", "csv", "parquet"):
        assert Said(capsys, "export", "--format", form, "--to", f"e.{form}", "--subject", life).code == Exit.DONE
    written = lines(points / "e.ndjson")
    with (points / "e.csv").open(encoding="utf-8", newline="") as file:
        cells = list(csv.DictReader(file))
    columns = pq.read_table(points / "e.parquet").to_pylist()

    assert [json.loads(one["fact"]) for one in cells] == [one["fact"] for one in written]
    assert [one | {"fact": json.loads(one["fact"])} for one in columns] == written
    assert [one["leaf"] for one in cells] == [one["leaf"] for one in written]


def test_no_cell_begins_as_a_formula(points: Path, capsys: pytest.CaptureFixture[str], life: str) -> None:
    Said(capsys, "export", "--format", "csv", "--to", "e.csv", "--subject", life, "--sealed")
    with (points / "e.csv").open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]

    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    assert [safe_cell(f"{front}1") for front in "=+-@\t\r"] == [f"'{front}1" for front in "=+-@\t\r"]


def test_what_is_sealed_is_opened_for_one_person_and_in_writing(
    points: Path, capsys: pytest.CaptureFixture[str], life: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = Said(capsys, "export", "--format", "ndjson", "--to", "x.ndjson", "--sealed")
    opened = Said(capsys, "export", "--format", "ndjson", "--to", "p.ndjson", "--subject", life, "--sealed")
    monkeypatch.delenv("POINTS_PURPOSE")
    unsaid = Said(capsys, "export", "--format", "ndjson", "--to", "y.ndjson", "--subject", life)
    minted = next(one for one in lines(points / "p.ndjson") if one["kind"] == "identity-minted.v1")

    assert (everybody.code, opened.code, unsaid.code) == (Exit.USAGE, Exit.DONE, Exit.USAGE)
    assert (minted["sealed"], minted["fact"]["document_number"]) == ("opened", NUMBER)
    assert not (points / "y.ndjson").exists()


def test_a_changed_entry_ends_the_export_at_its_position(
    points: Path, capsys: pytest.CaptureFixture[str], life: str
) -> None:
    with composition.database(Settings.read()) as database, database.connect() as admin:
        admin.execute(f"SET search_path = {database.schema}".encode())
        admin.execute("ALTER TABLE entries DISABLE TRIGGER ALL")
        [[position]] = admin.execute(
            "UPDATE entries SET state = convert_to(replace(convert_from(state, 'UTF8'), '23-05', '23-06'), 'UTF8')"
            " WHERE convert_from(state, 'UTF8') LIKE '%2023-05%' RETURNING notification_id"
        ).fetchall()
    said = Said(capsys, "export", "--format", "csv", "--to", "e.csv", "--json")

    assert (said.code, said.object["error"]["code"]) == (Exit.WRONG, "export-mismatch")
    assert said.object["error"]["place"] == str(position)
    assert list(points.glob("e.csv*")) == []
    assert life


def test_an_export_may_be_narrowed(points: Path, capsys: pytest.CaptureFixture[str], life: str) -> None:
    def positions(name: str, *chosen: str) -> list[int]:
        assert Said(capsys, "export", "--format", "ndjson", "--to", name, *chosen).code == Exit.DONE
        return [one["position"] for one in lines(points / name)]

    every = positions("every.ndjson")
    written = lines(points / "every.ndjson")
    of_organ = positions("organ.ndjson", "--organ", "nb-hrss")
    some = positions("some.ndjson", "--since", "3", "--before", "6")
    instant = datetime.fromisoformat(written[4]["recorded_at"])
    at_once = {one["position"] for one in written if one["recorded_at"] == written[4]["recorded_at"]}
    since = positions("since.ndjson", "--since", instant.isoformat())
    before = positions("before.ndjson", "--before", instant.astimezone(UTC).isoformat())

    assert of_organ == [one["position"] for one in written if one["organ"] == "nb-hrss"]
    assert some == [one for one in every if 3 <= one < 6]
    assert (before + since, at_once <= set(since)) == (every, True)
    assert life


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        ["--format", "ndjson"],
        ["--format", "xml", "--to", "e.xml"],
        ["--format", "csv", "--to", "life.ndjson"],
        ["--format", "csv", "--to", "nowhere/e.csv"],
        ["--format", "csv", "--to", "e.csv", "--parquet", "p"],
        ["--format", "csv", "--to", "e.csv", "--rows"],
        ["--format", "csv", "--to", "e.csv", "--since", "yesterday"],
        ["--format", "csv", "--to", "e.csv", "--subject", "00000000-0000-0000-0000-000000000000"],
    ],
)
@pytest.mark.usefixtures("life")
def test_a_wrong_call_is_told_and_leaves_no_file(
    points: Path, capsys: pytest.CaptureFixture[str], wrong: list[str]
) -> None:
    said = Said(capsys, "export", *wrong)

    assert said.code == Exit.USAGE
    assert list(points.glob("e.*")) == []


@contextmanager
def another_ledger(server: Embedded, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[None]:
    with fresh_database(server, TEMPLATE) as url:
        monkeypatch.setenv("POINTS_DATABASE_URL", url)
        monkeypatch.setenv("POINTS_DATA", str(folder / "other"))
        yield


def test_a_persons_rows_give_the_same_score_in_an_empty_ledger(
    points: Path, capsys: pytest.CaptureFixture[str], life: str, server: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scores(subject: str) -> dict[str, list[str]]:
        days = {place: Said(capsys, "score", subject, "--place", place, "--as-of", "2026-01-01", "--json").object
                for place in ("330212", "330203")}  # fmt: skip
        return {
            place: [told["scores"][0]["total"], str(told["scores"][0]["tables"])] for place, told in days.items()
        }

    out = Said(
        capsys,
        "export",
        "--format",
        "ndjson",
        "--to",
        "r.ndjson",
        "--subject",
        life,
        "--sealed",
        "--rows",
        "--json",
    )
    before = scores(life)
    with another_ledger(server, monkeypatch, points):
        open_ledger(capsys)
        Said(capsys, "grant", "nb-archive", "*", "")
        report = Said(capsys, "import", "r.ndjson", "--organ", "nb-archive", "--json").object
        after = scores(subject_of(capsys, monkeypatch, NUMBER))

    assert (out.object["written"], out.object["left_out"]) == (len(LIFE), 1)
    assert (report["receipt"]["accepted"], report["codes"]) == (len(LIFE), {})
    assert after == before
    assert before["330212"][0] != "0.00"
