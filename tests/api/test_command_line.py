"""The verbs as a new user runs them, on a PostgreSQL given by URL: what they print, and their exit codes."""

import io
from pathlib import Path
from uuid import UUID

import pytest

from api import clock, composition
from api.cli import run
from api.cli.output import Exit
from api.settings import Settings
from tests.api.commands import MONTHS, NUMBER, PROVINCE, ROOT, Said, open_ledger, subject_of


@pytest.mark.usefixtures("points")
def test_a_ledger_that_nobody_opened_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "score", "00000000-0000-0000-0000-000000000000")

    assert (said.code, "points init" in said.err) == (Exit.UNAVAILABLE, True)


@pytest.mark.usefixtures("points")
def test_opening_twice_gives_the_same_genesis(capsys: pytest.CaptureFixture[str]) -> None:
    first, again = Said(capsys, "init", "--json").object, Said(capsys, "init", "--json").object

    assert first["genesis"]["leaf"] == again["genesis"]["leaf"]
    assert (first["genesis"]["new"], again["genesis"]["new"]) == (True, False)


@pytest.mark.usefixtures("points")
def test_the_suite_is_fixed_for_ever(capsys: pytest.CaptureFixture[str]) -> None:
    Said(capsys, "init", "--suite", "gm")

    assert Said(capsys, "init", "--suite", "intl").code == Exit.REFUSED


@pytest.mark.usefixtures("points")
def test_one_person_alone_publishes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Said(capsys, "init")
    Said(capsys, "rulebook", "propose", str(PROVINCE), "--by", "officer:a")
    alone = Said(capsys, "rulebook", "approve", "zj.common", "--by", "officer:a")

    assert (alone.code, "same-person" in alone.err) == (Exit.REFUSED, True)
    assert [v["state"] for v in Said(capsys, "rulebook", "list", "--json").object["versions"]] == ["proposed"]


def test_facts_in_a_score_out_explained(
    points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ledger(capsys)
    (points / "months.csv").write_text(MONTHS, encoding="utf-8")
    imported = Said(
        capsys, "import", "months.csv", "--organ", "nb-hrss", "--kind", "insurance-month-paid", "--json"
    )
    subject = subject_of(capsys, monkeypatch)
    explained = Said(capsys, "explain", subject, "--place", "330212", "--as-of", "2026-01-01", "--json").object
    [score] = explained["scores"]
    [insurance] = [line for line in score["lines"] if line.get("item") == "insurance"]

    assert (imported.code, imported.object["receipt"]["accepted"]) == (Exit.DONE, 3)
    assert (insurance["points"], len(insurance["used"])) == ("1.00", 2)
    assert [ignored["why"] for ignored in insurance["ignored"]] == ["duplicate"]
    assert any("缴纳社保" in line for line in score["explanation"]["zh"])


def test_the_same_file_again_gives_the_first_receipt_and_adds_nothing(
    points: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    open_ledger(capsys)
    (points / "months.csv").write_text(MONTHS, encoding="utf-8")
    call = ["import", "months.csv", "--organ", "nb-hrss", "--kind", "insurance-month-paid", "--json"]
    first, head = Said(capsys, *call).object, Said(capsys, "doctor", "--json").object["head"]
    again = Said(capsys, *call).object

    assert (again["receipt"], again["repeated"]) == (first["receipt"], True)
    assert Said(capsys, "doctor", "--json").object["head"] == head


def test_a_dry_run_writes_nothing(points: Path, capsys: pytest.CaptureFixture[str]) -> None:
    open_ledger(capsys)
    (points / "months.csv").write_text(MONTHS, encoding="utf-8")
    head = Said(capsys, "doctor", "--json").object["head"]
    dry = Said(
        capsys,
        "import",
        "months.csv",
        "--organ",
        "nb-hrss",
        "--kind",
        "insurance-month-paid",
        "--dry-run",
        "--json",
    )

    assert (dry.object["receipt"]["accepted"], dry.object["dry_run"]) == (3, True)
    assert Said(capsys, "doctor", "--json").object["head"] == head


def test_rejected_rows_come_back_as_a_file_that_can_be_sent_again(
    points: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    open_ledger(capsys)
    (points / "months.csv").write_text(MONTHS + f"{NUMBER},居民甲,2025-13,330212\n", encoding="utf-8")
    call = ["--organ", "nb-hrss", "--kind", "insurance-month-paid"]
    first = Said(capsys, "import", "months.csv", *call, "--json")
    rejects = Path(first.object["rejects"])
    rejects.write_text(rejects.read_text(encoding="utf-8").replace("2025-13", "2025-03"), encoding="utf-8")

    assert first.code == Exit.INCOMPLETE
    assert Said(capsys, "import", str(rejects), *call).code == Exit.DONE


def test_a_late_fact_is_known_only_from_its_position_on(
    points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ledger(capsys)
    call = ["--organ", "nb-hrss", "--kind", "insurance-month-paid"]
    (points / "first.csv").write_text(MONTHS, encoding="utf-8")
    (points / "late.csv").write_text(
        f"document_number,name,month,place\n{NUMBER},居民甲,2024-05,330212\n", encoding="utf-8"
    )
    Said(capsys, "import", "first.csv", *call)
    before = Said(capsys, "doctor", "--json").object["head"]
    Said(capsys, "import", "late.csv", *call)
    subject = subject_of(capsys, monkeypatch)
    asked = ["score", subject, "--place", "330212", "--as-of", "2025-06-01", "--json"]
    [then] = Said(capsys, *asked, "--as-at", str(before)).object["scores"]
    [now] = Said(capsys, *asked).object["scores"]

    assert (then["total"], now["total"]) == ("21.00", "21.50")


def test_history_shows_every_entry_and_is_written_down(
    points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ledger(capsys)
    (points / "months.csv").write_text(MONTHS, encoding="utf-8")
    Said(capsys, "import", "months.csv", "--organ", "nb-hrss", "--kind", "insurance-month-paid")
    subject = subject_of(capsys, monkeypatch)
    entries = Said(capsys, "history", subject, "--purpose", "inquiry", "--json").object["entries"]

    assert [entry["kind"] for entry in entries] == ["identity-minted.v1", *["insurance-month-paid.v1"] * 3]
    assert looks(subject) == [("officer:keeper", "inquiry", 4)]


def looks(subject: str) -> list[tuple[str, str, int]]:
    with composition.desk(Settings.read()) as desk:
        with desk.reads() as reads:
            log = reads.of(UUID(subject), clock.today()).reads
        return [(one.reader, one.purpose, one.entries) for one in log]


def test_history_tells_what_a_correction_put_in_the_place(
    points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ledger(capsys)
    rows = [f"{NUMBER},居民甲,2025-01,330212,甲厂,insurance-month-paid,,,A-1"]
    rows.append(f"{NUMBER},居民甲,2025-01,330203,甲厂,fact-corrected,insurance-month-paid,A-1,C-1")
    header = "document_number,name,month,place,payer,kind,replacement,refers_to,source_id,reason\n"
    lines = f"{rows[0]},\n{rows[1]},source-error\n"
    (points / "months.csv").write_text(header + lines, encoding="utf-8")
    Said(capsys, "import", "months.csv", "--organ", "nb-hrss")
    told = Said(capsys, "history", subject_of(capsys, monkeypatch)).out

    assert "replacement.month=2025-01 replacement.place=330203" in told
    assert ("replacement.payer" in told, "甲厂" in told) == (True, False)


def test_where_no_table_applies_there_is_no_score(
    points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ledger(capsys)
    (points / "months.csv").write_text(MONTHS, encoding="utf-8")
    Said(capsys, "import", "months.csv", "--organ", "nb-hrss", "--kind", "insurance-month-paid")
    subject = subject_of(capsys, monkeypatch)
    said = Said(capsys, "score", subject, "--place", "330212", "--as-of", "2015-01-01")

    assert (said.code, "no-rulebook-in-force" in said.err) == (Exit.USAGE, True)


def test_a_version_is_retired_by_two_people(
    points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ledger(capsys)
    (points / "months.csv").write_text(MONTHS, encoding="utf-8")
    Said(capsys, "import", "months.csv", "--organ", "nb-hrss", "--kind", "insurance-month-paid")
    [version] = Said(capsys, "rulebook", "list", "--json").object["versions"]
    call = ["rulebook", "retire", "zj.common", version["hash"], "--on", "2025-01-01", "--json"]
    alone, again, both = (Said(capsys, *call, "--by", f"officer:{who}").object["position"] for who in "aab")
    asked = Said(capsys, "score", subject_of(capsys, monkeypatch), "--place", "330212", "--as-of", "2025-06-01")

    assert (alone, again) == (None, None)
    assert both > version["position"]
    assert "no-rulebook-in-force" in asked.err


def test_a_look_at_a_score_is_in_the_read_log(
    points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ledger(capsys)
    (points / "months.csv").write_text(MONTHS, encoding="utf-8")
    Said(capsys, "import", "months.csv", "--organ", "nb-hrss", "--kind", "insurance-month-paid")
    subject = subject_of(capsys, monkeypatch)
    Said(capsys, "explain", subject, "--place", "330212", "--purpose", "inquiry", "--by", "officer:x")

    assert ("officer:x", "inquiry", 4) in looks(subject)


def test_a_number_known_under_another_name_waits_until_somebody_decides(
    points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ledger(capsys)
    call = ["--organ", "nb-hrss", "--kind", "insurance-month-paid", "--json"]
    (points / "months.csv").write_text(MONTHS, encoding="utf-8")
    (points / "other.csv").write_text(
        f"document_number,name,month,place\n{NUMBER},居民乙,2025-06,330212\n", encoding="utf-8"
    )
    Said(capsys, "import", "months.csv", *call)
    held = Said(capsys, "import", "other.csv", *call).object["receipt"]["held"]
    [row] = Said(capsys, "held", "list", "--json").object["held"]
    decided = Said(capsys, "held", "decide", row["id"], "same-person", "--by", "officer:c", "--json").object
    subject = subject_of(capsys, monkeypatch)
    entries = Said(capsys, "history", subject, "--json").object["entries"]

    assert (held, decided["verdict"], decided["subject"]) == (1, "accepted", subject)
    assert [e["fact"]["month"] for e in entries[1:]] == ["2025-01", "2025-02", "2025-02", "2025-06"]
    assert Said(capsys, "held", "list", "--json").object["held"] == []


@pytest.mark.usefixtures("points")
def test_a_stream_that_is_not_there_is_not_called_sound(capsys: pytest.CaptureFixture[str]) -> None:
    open_ledger(capsys)
    said = Said(capsys, "verify", "--stream", "00000000-0000-0000-0000-000000000000")

    assert (said.code, "entry-unknown" in said.err) == (Exit.USAGE, True)


@pytest.mark.usefixtures("points")
def test_every_entry_is_verified(capsys: pytest.CaptureFixture[str]) -> None:
    open_ledger(capsys)
    said = Said(capsys, "verify", "--entries", "--json")

    assert (said.code, said.object["found"]) == (Exit.DONE, 0)
    assert said.object["entries"] == Said(capsys, "doctor", "--json").object["head"]


def test_nothing_that_is_there_is_overwritten_by_rejected_rows(
    points: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    open_ledger(capsys)
    bad = f"document_number,name,month,place\n{NUMBER},居民甲,2025-13,330212\n"
    (points / "bad.csv").write_text(bad, encoding="utf-8")
    call = ["import", "bad.csv", "--organ", "nb-hrss", "--kind", "insurance-month-paid", "--json"]
    onto_itself = Said(capsys, *call, "--rejects", "bad.csv")
    dry = Said(capsys, *call, "--dry-run").object["rejects"]
    first = Said(capsys, *call).object["rejects"]
    Path(first).write_text("edited", encoding="utf-8")
    second = Said(capsys, *call, "--again", "1").object["rejects"]

    assert (onto_itself.code, dry) == (Exit.USAGE, None)
    assert (points / "bad.csv").read_text(encoding="utf-8") == bad
    assert (Path(first).read_text(encoding="utf-8"), Path(second).name) == ("edited", "bad.rejected-2.csv")


@pytest.mark.parametrize("by", [NUMBER, "Officer X", "officer:13800138000", "x" * 70])
@pytest.mark.usefixtures("points")
def test_who_acts_is_a_pseudonym_and_no_number(capsys: pytest.CaptureFixture[str], by: str) -> None:
    said = Said(capsys, "init", "--by", by)

    assert (said.code, by in said.err) == (Exit.USAGE, False)


@pytest.mark.parametrize(
    "arguments",
    [
        ["grant", "YZ HRSS", "insurance-month-paid", "330212"],
        ["grant", "yz-hrss", "insurance-month-paid", "33zz"],
        ["nonsense"],
        ["score"],
        ["score", "not-a-subject"],
        ["score", "00000000-0000-0000-0000-000000000000", "--as-of", "1 May"],
        ["score", "00000000-0000-0000-0000-000000000000", "--as-at", "2026-01-01T00:00:00"],
        ["score", "00000000-0000-0000-0000-000000000000", "--place", "Ningbo"],
        ["import", "no-such-file.csv", "--organ", "nb-hrss"],
        ["rulebook", "check", "no-such-file.yaml"],
        ["verify", "--suite", "other"],
        ["verify", "--stream", "not-a-stream"],
        ["--lang", "fr", "doctor"],
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("points")
def test_wrong_usage_ends_with_three_and_no_trace(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    said = Said(capsys, *arguments)

    assert (said.code, "Traceback" in said.err) == (Exit.USAGE, False)


def test_a_broken_rulebook_names_file_and_line_and_ends_with_one(
    points: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (points / "broken.yaml").write_text("doc: zj.common\ntier: nowhere\n", encoding="utf-8")
    said = Said(capsys, "rulebook", "check", "broken.yaml")

    assert (said.code, "broken.yaml:2:" in said.out) == (Exit.WRONG, True)


def test_a_programme_taken_for_a_rulebook_is_one_problem_and_the_other_way_round(
    capsys: pytest.CaptureFixture[str],
) -> None:
    programme = next((ROOT / "programmes" / "330282").glob("*.loan.yaml"))
    taken = Said(capsys, "rulebook", "check", str(programme))
    other = Said(capsys, "programme", "check", str(PROVINCE))

    assert (taken.code, "points programme check" in taken.out, "1 problems" in taken.out) == (
        Exit.WRONG,
        True,
        True,
    )
    assert (other.code, "points rulebook check" in other.out + other.err) == (Exit.WRONG, True)


def test_wrong_usage_names_the_help_of_the_verb_inside_its_group(capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "rulebook", "check", "nowhere")

    assert (said.code, "points rulebook check --help" in said.err) == (Exit.USAGE, True)


@pytest.mark.usefixtures("points")
def test_a_proposal_names_the_call_that_approves_it_and_its_tables_are_in_the_readers_tongue(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Said(capsys, "init")
    proposed = Said(capsys, "rulebook", "propose", str(PROVINCE), "--by", "officer:a")
    listed = {tongue: Said(capsys, "--lang", tongue, "rulebook", "list").out for tongue in ("zh", "en")}

    assert "points rulebook approve zj.common --by" in proposed.out
    assert ("待批准" in listed["zh"], "proposed by" in listed["en"]) == (True, True)


@pytest.mark.parametrize("number", ["", "999999199001010017", "r1"])
@pytest.mark.usefixtures("points")
def test_what_is_no_document_number_is_not_called_unknown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(number + "\n"))
    said = Said(capsys, "find")

    assert (said.code, "check character" in said.err, number in said.err or not number) == (
        Exit.USAGE,
        True,
        not number,
    )


def test_facts_are_evaluated_without_any_database(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POINTS_DATABASE_URL", raising=False)
    facts = tmp_path / "residents.ndjson"
    facts.write_text('{"subject": "a", "born_on": "1984-01-02", "facts": []}\n', encoding="utf-8")
    said = Said(
        capsys, "evaluate", "--rulebooks", str(PROVINCE), "--facts", str(facts), "--as-of", "2025-06-01", "--json"
    )

    assert (said.code, said.object["total"]) == (Exit.DONE, "19.00")


@pytest.mark.parametrize("arguments", [["score", "0"], ["doctor"], ["verify", "--entries"], ["grants"]])
def test_a_folder_that_holds_no_ledger_is_refused_and_stays_empty(
    points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.delenv("POINTS_DATABASE_URL")
    arguments = [word.replace("0", "00000000-0000-0000-0000-000000000000") for word in arguments]
    said = Said(capsys, "--data", "elsewhere", *arguments)

    assert (said.code, "points init" in said.err, (points / "elsewhere").exists()) == (
        Exit.UNAVAILABLE,
        True,
        False,
    )


@pytest.mark.parametrize("url", ["garbage", "postgres:/user:hunter2@host/x", "host=a =b hunter2"])
@pytest.mark.usefixtures("points")
def test_a_setting_that_cannot_be_read_is_named_and_not_repeated(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("POINTS_DATABASE_URL", url)
    said = Said(capsys, "doctor")

    assert (said.code, "POINTS_DATABASE_URL" in said.err, "hunter2" in said.err) == (Exit.USAGE, True, False)


@pytest.mark.parametrize(
    ("arguments", "chinese"),
    [
        (["grnt"], "grant"),
        (["score"], "缺少参数"),
        (["score", "--nope"], "没有选项"),
        (["init", "--suite", "x"], "不在"),
        (["serve", "--port", "x"], "应为整数"),
        (["statement", "issue", "x", "--place", "330203", "--days", "x", "-o", "x.pdf"], "应为整数"),
        (["verify", "nowhere"], "不存在"),
        (["verify", ".", "--policy", "nowhere"], "不存在"),
        (["verify", "."], "--policy: "),
        (["serve", "--port", "70000"], "至多 65535"),
        (["rulebook", "check", "nowhere"], "不存在"),
        (["find", NUMBER], "多出参数"),
        (["grant", "YZ HRSS", "insurance-month-paid", "3302"], "organ"),
    ],
)
@pytest.mark.usefixtures("points")
def test_wrong_usage_is_told_in_both_tongues_and_repeats_no_number(
    capsys: pytest.CaptureFixture[str], arguments: list[str], chinese: str
) -> None:
    error = Said(capsys, *arguments, "--json").object["error"]
    told = Said(capsys, "--lang", "zh", *arguments).err

    assert (error["code"], chinese in error["zh"], error["en"] != error["zh"]) == ("usage", True, True)
    assert (error["zh"] in told, NUMBER in told + str(error)) == (True, False)


@pytest.mark.parametrize("missing", ["POINTS_BY", "POINTS_PURPOSE"])
@pytest.mark.parametrize("verb", ["score", "explain", "history", "diff"])
@pytest.mark.usefixtures("points")
def test_nobody_looks_at_a_person_without_a_name_and_a_reason(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, verb: str, missing: str
) -> None:
    monkeypatch.delenv(missing)
    said = Said(capsys, verb, "00000000-0000-0000-0000-000000000000")

    assert (said.code, "purpose-missing" in said.err) == (Exit.USAGE, True)


def test_history_says_which_entry_a_void_is_of_and_hides_what_the_law_has_sealed(
    points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ledger(capsys)
    rows = [f"{NUMBER},居民甲,2025-0{n},330212,insurance-month-paid,,甲厂{n},A-{n}" for n in (1, 2)]
    rows += [
        f"{NUMBER},居民甲,,,fact-voided,{why},,V-{n}" for n, why in ((1, "source-error"), (2, "sealed-by-law"))
    ]
    refers = ["", "", "A-1", "A-2"]
    header = "document_number,name,month,place,kind,reason,payer,source_id,refers_to\n"
    lines = "".join(f"{row},{of}\n" for row, of in zip(rows, refers, strict=True))
    (points / "months.csv").write_text(header + lines, encoding="utf-8")
    imported = Said(capsys, "import", "months.csv", "--organ", "nb-hrss", "--json").object["receipt"]
    subject = subject_of(capsys, monkeypatch)
    told, entries = Said(capsys, "history", subject), Said(capsys, "history", subject, "--json").object["entries"]

    assert imported["accepted"] == 4
    assert ("void by #4" in told.out, "of #2" in told.out) == (True, True)
    shown = [text in told.out for text in ("month=2025-01", "month=2025-02", "sealed by law", "甲厂")]
    assert shown == [True, False, True, False]
    assert [entry["voided_by"] for entry in entries] == [None, 4, 5, None, None]
    assert entries[2]["fact"] == {"kind": "insurance-month-paid.v1"}


def test_lines_of_standard_input_are_evaluated_and_none_that_can_be_read_is_wrong(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = b'{"subject": "a", "born_on": "1984-01-02", "facts": []}\n', b'{"x": 1}\n'
    codes = []
    for lines in (good, good + bad, bad):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines)))
        codes.append(run(["evaluate", "--rulebooks", str(PROVINCE), "--facts", "-", "--as-of", "2025-06-01"]))

    assert codes == [Exit.DONE, Exit.INCOMPLETE, Exit.WRONG]
    assert capfd.readouterr().out.count('"total": "19.00"') == 2


def test_a_ledger_with_older_tables_says_that_it_is_to_be_migrated(
    points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ledger(capsys)
    (points / "months.csv").write_text(MONTHS, encoding="utf-8")
    Said(capsys, "import", "months.csv", "--organ", "nb-hrss", "--kind", "insurance-month-paid")
    subject = subject_of(capsys, monkeypatch)
    with composition.database(Settings.read()) as database, database.connect() as connection:
        connection.execute("DROP TABLE points_projections.measures CASCADE")
    said = Said(capsys, "explain", subject, "--place", "330212")

    assert (said.code, "points db migrate" in said.err) == (Exit.UNAVAILABLE, True)
