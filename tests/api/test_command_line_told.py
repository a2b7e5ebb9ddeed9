"""What a new user meets first: each answer says what is so, in the reader's tongue, and nothing that is not."""

import re
from pathlib import Path

import pytest

from api.cli.output import Exit
from tests.api.commands import MONTHS, NUMBER, PROVINCE, Said, open_ledger, subject_of
from tests.ledger.workbooks import workbook

KIND = ["--organ", "nb-hrss", "--kind", "insurance-month-paid"]


@pytest.fixture
def begun(points: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    open_ledger(capsys)
    (points / "months.csv").write_text(MONTHS, encoding="utf-8")
    return points


def test_an_unknown_kind_is_told_with_the_nearest(begun: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "import", str(begun / "months.csv"), "--organ", "nb-hrss", "--kind", "insurance-month")

    assert said.code == Exit.USAGE
    assert "unknown-kind" in said.err
    assert "Is it insurance-month-paid?" in " ".join(said.err.split())


def test_an_organ_that_may_not_say_it_is_refused(begun: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["--organ", "nb-civil", "--kind", "insurance-month-paid"]

    assert Said(capsys, "import", str(begun / "months.csv"), *call).code == Exit.REFUSED


def test_a_receipt_of_one_entry_names_one_position_in_the_readers_tongue(
    begun: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (begun / "one.csv").write_text("\n".join(MONTHS.split("\n")[:2]), encoding="utf-8")
    tried = Said(capsys, "--lang", "zh", "import", "one.csv", *KIND, "--dry-run", "--no-scores").out
    done = Said(capsys, "--lang", "zh", "import", "one.csv", *KIND).out

    assert "批次 " not in tried
    assert re.search(r"批次 [0-9a-f-]{36} · 位置 \d+ · ", done)
    assert (
        Said(capsys, "import", "one.csv", *KIND, "--dry-run", "--again", "1", "--json").object["receipt"][
            "batch_id"
        ]
        is None
    )


def test_a_batch_that_is_approved_twice_says_that_it_was_done_before(
    begun: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = Said(capsys, "import", str(begun / "months.csv"), *KIND, "--json").object["receipt"]["batch_id"]
    Said(capsys, "batch", "undo", batch, "--reason", "source-error", "--by", "officer:a")
    first = Said(capsys, "batch", "approve", batch, "--by", "officer:b")
    second = Said(capsys, "batch", "approve", batch, "--by", "officer:b")

    assert "nothing was done" not in first.out
    assert "nothing was done" in second.out
    assert second.code == Exit.DONE


def test_an_empty_file_of_residents_is_told(begun: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (begun / "none.ndjson").write_text("", encoding="utf-8")
    tables = str(Path(__file__).parents[2] / "rulebooks" / "330000")
    said = Said(capsys, "evaluate", "--rulebooks", tables, "--facts", "none.ndjson")

    assert (said.code, "empty-delivery" in said.err) == (Exit.USAGE, True)


@pytest.mark.usefixtures("begun")
def test_a_rulebook_is_shown_by_name_by_hash_and_by_where_it_is_in_force(
    capsys: pytest.CaptureFixture[str],
) -> None:
    by_name = Said(capsys, "rulebook", "show", "zj.common", "--json")
    content = re.search(r"[0-9a-f]{64}", by_name.out)
    assert content is not None
    by_hash = Said(capsys, "rulebook", "show", f"zj.common/{content[0][:12]}", "--json")
    by_place = Said(capsys, "rulebook", "show", "--place", "330212", "--as-of", "2026-01-01", "--json")
    unknown = Said(capsys, "rulebook", "show", "zj.other")

    assert by_name.object == by_hash.object == by_place.object
    assert (unknown.code, "rulebook-unknown" in unknown.err) == (Exit.USAGE, True)
    assert Said(capsys, "rulebook", "show").code == Exit.USAGE


@pytest.mark.usefixtures("begun")
@pytest.mark.parametrize("call", [("nb-hrss", "tax-paid", "33-02"), ("NB HRSS", "tax-paid", "3302")])
def test_a_grant_that_is_misspelt_is_told_by_example(
    capsys: pytest.CaptureFixture[str], call: tuple[str, ...]
) -> None:
    said = Said(capsys, "grant", *call)

    assert said.code == Exit.USAGE
    assert "such as" in said.err
    assert "^" not in said.err


def test_a_history_withholds_who_it_is_and_tells_instants_as_the_door_does(
    begun: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Said(capsys, "import", str(begun / "months.csv"), *KIND)
    subject = subject_of(capsys, monkeypatch)
    told = Said(capsys, "history", subject, "--json")
    shown = Said(capsys, "history", subject)
    minted = told.object["entries"][0]

    assert minted["withheld"] == ["document_number", "name"]
    assert [text for text in (NUMBER, "居民甲") if text in told.out + shown.out] == []
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", minted["recorded_at"])


def test_a_token_is_signed_only_where_a_ledger_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POINTS_DATABASE_URL", raising=False)
    monkeypatch.setenv("POINTS_DATA", str(tmp_path / "nothing"))

    assert Said(capsys, "token", "officer:one").code == Exit.UNAVAILABLE
    assert not (tmp_path / "nothing").exists()


def test_a_workbook_goes_in_and_its_rejected_rows_come_back_as_one(
    begun: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = ("document_number", "name", "month", "place")
    rows = [header, (NUMBER, "居民甲", "2025-03", 330212), (int(NUMBER), "居民甲", "2025-04", 330212)]
    workbook(begun / "三月.xlsx", [("说明",)], rows)
    said = Said(capsys, "import", "三月.xlsx", *KIND, "--sheet", "Sheet2", "--json")

    assert said.code == Exit.INCOMPLETE
    assert [one["code"] for one in said.object["shown"]] == ["scientific-notation"]
    assert said.object["rejects"].endswith("三月.rejected.xlsx")
    assert Said(capsys, "import", "三月.xlsx", *KIND, "--sheet", "Sheet3").code == Exit.USAGE


@pytest.mark.parametrize("side", [0, 1])
def test_versions_of_which_one_is_unsound_are_not_compared_and_every_place_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, side: int
) -> None:
    draft = tmp_path / "draft.yaml"
    draft.write_text(PROVINCE.read_text(encoding="utf-8").replace("cap: 20", "cap: -5", 1), encoding="utf-8")
    pair = [str(PROVINCE), str(PROVINCE)]
    pair[side] = str(draft)
    told = Said(capsys, "rulebook", "diff", *pair)

    assert told.code == Exit.USAGE
    assert f"{draft}:22:3 items[0].cap" in told.out
    assert f"[{draft}]" in told.err
