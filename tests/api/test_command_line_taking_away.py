"""Verbs that take away: withdraw a grant, erase an entry or a subject by two people, change the key file."""

import io
import json
from pathlib import Path

import pytest

from api.cli.output import Exit
from tests.api.commands import MONTHS, NUMBER, Said, open_ledger, subject_of

SENT = ["--organ", "nb-hrss", "--kind", "insurance-month-paid", "--json"]
OFFENCE = {
    "kind": "restricted-fact",
    "document_number": NUMBER,
    "name": "居民甲",
    "category": "offence",
    "level": "detention",
    "place": "330212",
    "acted_on": "2025-03-01",
    "legal_basis": "治安管理处罚法",
}


@pytest.fixture
def subject(points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """A resident with three months and one restricted fact, its fifth entry; no period of retention runs."""
    open_ledger(capsys)
    Said(capsys, "grant", "nb-hrss", "restricted-fact", "3302")
    (points / "months.csv").write_text(MONTHS, encoding="utf-8")
    (points / "offence.ndjson").write_text(json.dumps(OFFENCE, ensure_ascii=False), encoding="utf-8")
    assert Said(capsys, "import", "months.csv", *SENT).code == Exit.DONE
    assert Said(capsys, "import", "offence.ndjson", "--organ", "nb-hrss").code == Exit.DONE
    return subject_of(capsys, monkeypatch)


def facts(capsys: pytest.CaptureFixture[str], subject: str) -> list[bool]:
    entries = Said(capsys, "history", subject, "--json").object["entries"]
    return [entry["fact"] is not None for entry in entries]


def test_a_withdrawn_grant_lets_nothing_more_be_said(points: Path, capsys: pytest.CaptureFixture[str]) -> None:
    open_ledger(capsys)
    (points / "months.csv").write_text(MONTHS, encoding="utf-8")
    withdraw = ["withdraw", "nb-hrss", "insurance-month-paid", "3302", "--on", "2024-01-01", "--json"]
    preview = Said(capsys, *withdraw, "--dry-run").object
    done, again = Said(capsys, *withdraw).object, Said(capsys, *withdraw).object

    assert (preview["position"], preview["grants"][0]["valid_to"]) == (None, None)
    assert (done["new"], again["new"], done["position"]) == (True, False, again["position"])
    assert done["grants"][0]["valid_to"] == "2024-01-01"
    assert Said(capsys, "import", "months.csv", *SENT).object["error"]["code"] == "organ-ungranted"


@pytest.mark.usefixtures("points")
def test_a_grant_is_shortened_again_and_never_lengthened(capsys: pytest.CaptureFixture[str]) -> None:
    open_ledger(capsys)
    withdraw = ["withdraw", "nb-hrss", "insurance-month-paid", "3302", "--json"]
    ends = [
        Said(capsys, *withdraw, "--on", day).object["grants"][0]["valid_to"]
        for day in ("2026-12-31", "2026-06-30", "2026-09-30")
    ]

    assert ends == ["2026-12-31", "2026-06-30", "2026-06-30"]


@pytest.mark.usefixtures("points")
def test_what_was_never_granted_cannot_be_withdrawn(capsys: pytest.CaptureFixture[str]) -> None:
    open_ledger(capsys)
    said = Said(capsys, "withdraw", "nb-hrss", "blood-donated", "3302")

    assert (said.code, "grant-unknown" in said.err, "points grants" in said.err) == (Exit.USAGE, True, True)


@pytest.mark.usefixtures("points")
def test_granting_again_what_was_withdrawn_is_said_to_change_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    open_ledger(capsys)
    Said(capsys, "withdraw", "nb-hrss", "insurance-month-paid", "3302")
    same = Said(capsys, "grant", "nb-hrss", "insurance-month-paid", "3302")
    anew = Said(
        capsys, "grant", "nb-hrss", "insurance-month-paid", "3302", "--since", "2026-01-01", "--json"
    ).object

    assert "--since" in same.out
    assert [grant["valid_to"] is None for grant in anew["grants"]] == [False, True]


@pytest.mark.usefixtures("points")
def test_every_grant_of_every_organ_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    open_ledger(capsys)
    Said(capsys, "grant", "nb-blood", "blood-donated", "3302")

    assert [g["organ"] for g in Said(capsys, "grants", "--json").object["grants"]] == ["nb-blood", "nb-hrss"]
    assert Said(capsys, "grants", "nobody", "--json").object["grants"] == []


@pytest.mark.usefixtures("points")
def test_a_grant_for_a_kind_that_is_not_there_names_those_near_it(capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "grant", "nb-hrss", "insurance_month_payed", "3302")

    assert (said.code, "insurance-month-paid" in said.err) == (Exit.USAGE, True)


def test_a_restricted_entry_is_expunged_by_two_people(capsys: pytest.CaptureFixture[str], subject: str) -> None:
    call = ["erase", "entry", subject, "5", "--basis", "依法封存", "--json"]
    preview = Said(capsys, *call, "--by", "officer:a", "--dry-run").object
    asked = [Said(capsys, *call, "--by", "officer:a").object["state"] for _ in range(2)]
    before = facts(capsys, subject)
    done = Said(capsys, *call, "--by", "officer:b")

    assert (preview["state"], preview["kinds"]) == ("preview", {"restricted-fact.v1": 1})
    assert (asked, before) == (["asked", "asked"], [True] * 5)
    assert (done.object["state"], done.object["projected"]) == ("done", True)
    assert facts(capsys, subject) == [True] * 4 + [False]
    assert Said(capsys, *call, "--by", "officer:a").object["position"] == done.object["position"]
    assert Said(capsys, "verify", "--entries").code == Exit.INCOMPLETE


def test_a_third_person_cannot_join_an_erasure(capsys: pytest.CaptureFixture[str], subject: str) -> None:
    call = ["erase", "entry", subject, "5", "--basis", "依法封存", "--by"]
    codes = [Said(capsys, *call, f"officer:{who}").code for who in "abc"]

    assert codes == [Exit.DONE, Exit.DONE, Exit.REFUSED]


def test_only_a_restricted_entry_is_expunged_alone(capsys: pytest.CaptureFixture[str], subject: str) -> None:
    said = Said(capsys, "erase", "entry", subject, "2", "--basis", "依法封存", "--by", "officer:a")
    there = Said(capsys, "erase", "entry", subject, "9", "--basis", "依法封存", "--by", "officer:a", "--dry-run")

    assert (said.code, "not-restricted" in said.err) == (Exit.REFUSED, True)
    assert (there.code, "entry-unknown" in there.err) == (Exit.USAGE, True)


def test_a_subject_is_erased_by_two_people_and_taken_in_no_more(
    points: Path, capsys: pytest.CaptureFixture[str], subject: str
) -> None:
    call = ["erase", "subject", subject, "--basis", "本人申请删除", "--json", "--by"]
    preview = Said(capsys, *call, "officer:a", "--dry-run").object
    states = [Said(capsys, *call, f"officer:{who}").object["state"] for who in "ab"]
    (points / "later.csv").write_text(
        f"document_number,name,month,place\n{NUMBER},居民甲,2025-06,330212\n", encoding="utf-8"
    )

    assert (preview["would_close"], preview["nothing_sealed"]) == (2, 3)
    assert states == ["asked", "done"]
    assert facts(capsys, subject) == [False, True, True, True, False, True]
    assert Said(capsys, "import", "later.csv", *SENT).code == Exit.WRONG
    assert Said(capsys, "score", subject, "--place", "330212").code == Exit.REFUSED


def test_what_bars_an_erasure_is_shown_and_refused_with_its_day(
    capsys: pytest.CaptureFixture[str], subject: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POINTS_RETENTION")
    call = ["erase", "subject", subject, "--basis", "本人申请删除", "--by", "officer:a"]
    preview = Said(capsys, *call, "--dry-run", "--json").object
    shown = Said(capsys, *call, "--dry-run")
    refused = Said(capsys, *call)

    assert [(one["why"], one["what"], len(one["versions"])) for one in preview["barred_by"]] == [
        ("retention", "facts", 4)
    ]
    assert "retention period" in shown.out
    assert (refused.code, "retention-runs" in refused.err, "until 20" in refused.err) == (Exit.REFUSED, True, True)
    assert "points erase restrict" in refused.err


def test_a_hold_is_placed_listed_and_lifted_by_two(capsys: pytest.CaptureFixture[str], subject: str) -> None:
    place = ["hold", "place", subject, "H-1", "--basis", "调取证据通知", "--json", "--by"]
    codes = [Said(capsys, *place, f"officer:{who}").code for who in "ab"]
    listed = Said(capsys, "hold", "list", subject, "--by", "officer:a", "--json").object["holds"]
    barred = Said(capsys, "erase", "subject", subject, "--basis", "本人申请", "--by", "officer:a")
    lift = ["hold", "lift", subject, "H-1", "--basis", "解除通知", "--by"]
    lifted = [Said(capsys, *lift, f"officer:{who}").code for who in "ab"]

    assert (codes, lifted) == ([Exit.INCOMPLETE, Exit.DONE], [Exit.INCOMPLETE, Exit.DONE])
    assert [one["hold"] for one in listed] == ["H-1"]
    assert (barred.code, "legal-hold-bars" in barred.err) == (Exit.REFUSED, True)
    assert Said(capsys, *lift, "officer:a").code == Exit.USAGE


def test_a_restricted_person_is_not_looked_at(capsys: pytest.CaptureFixture[str], subject: str) -> None:
    for who in "ab":
        Said(capsys, "erase", "restrict", subject, "--basis", "个人信息保护法第四十七条", "--by", f"officer:{who}")
    history = Said(capsys, "history", subject, "--json")
    for who in "ab":
        Said(capsys, "erase", "unrestrict", subject, "--basis", "处理理由", "--by", f"officer:{who}")

    assert (history.code, history.object["error"]["code"]) == (Exit.REFUSED, "subject-is-restricted")
    assert Said(capsys, "history", subject, "--json").code == Exit.DONE


def test_what_is_left_of_a_person_is_looked_for_by_rows_and_by_values(
    capsys: pytest.CaptureFixture[str], subject: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def looked() -> Said:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{NUMBER}\n居民甲\n"))
        return Said(capsys, "erase", "verify", subject, "--values", "--json")

    before = looked()
    for who in "ab":
        Said(capsys, "erase", "subject", subject, "--basis", "本人申请删除", "--by", f"officer:{who}")
    after = looked()
    monkeypatch.setattr("sys.stdin", io.StringIO("甲\n"))
    short = Said(capsys, "erase", "verify", subject, "--values")

    tables = {one["table"].rpartition(".")[2] for one in before.object["found"]}
    assert {"subjects", "documents", "names", "salts", "measures", "measures_restricted"} <= tables
    assert (before.code, after.code, short.code) == (Exit.WRONG, Exit.DONE, Exit.USAGE)
    assert (after.object["values"], after.object["found"]) == (2, [])


@pytest.mark.parametrize("basis", ["", f"see {NUMBER}", "x" * 201])
def test_the_basis_of_an_erasure_is_plain_text(
    capsys: pytest.CaptureFixture[str], subject: str, basis: str
) -> None:
    said = Said(capsys, "erase", "subject", subject, "--basis", basis, "--by", "officer:a")

    assert (said.code, NUMBER in said.err) == (Exit.USAGE, False)


def test_the_key_file_is_changed_and_the_old_one_opens_nothing(
    points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, subject: str
) -> None:
    before = Said(capsys, "key", "status", "--json").object
    preview = Said(capsys, "key", "change", "new.key", "--dry-run", "--json").object
    there = (points / "new.key").exists()
    changed = Said(capsys, "key", "change", "new.key", "--json").object
    with_the_old_one = Said(capsys, "history", subject)
    monkeypatch.setenv("POINTS_KEY_FILE", "new.key")

    assert (preview["left"], there, changed["rewrapped"]) == (
        sum(before["wrapped"].values()),
        False,
        preview["left"],
    )
    assert (with_the_old_one.code, "key-file-foreign" in with_the_old_one.err) == (Exit.UNAVAILABLE, True)
    assert Said(capsys, "key", "status").code == Exit.DONE
    assert facts(capsys, subject) == [True] * 5


def test_with_both_key_files_a_process_works_before_and_after_the_change(
    points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, subject: str
) -> None:
    old = Said(capsys, "key", "status", "--json").object["key_file"]
    made = [Said(capsys, "key", "make", "new.key").code for _ in range(2)]
    monkeypatch.setenv("POINTS_KEY_FILE", str(points / "new.key"))
    monkeypatch.setenv("POINTS_OLD_KEY_FILE", old)
    before = Said(capsys, "key", "status").code, facts(capsys, subject)
    Said(capsys, "key", "change", "new.key")
    (points / "later.csv").write_text(
        f"document_number,name,month,place\n{NUMBER},居民甲,2025-06,330212\n", encoding="utf-8"
    )

    assert (made, before) == ([Exit.DONE, Exit.REFUSED], (Exit.INCOMPLETE, [True] * 5))
    assert Said(capsys, "import", "later.csv", *SENT).code == Exit.DONE
    assert facts(capsys, subject) == [True] * 6


def test_a_key_file_of_another_ledger_changes_nothing(
    points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, subject: str
) -> None:
    (points / "foreign.key").write_bytes(b"k" * 32)
    (points / "foreign.key").chmod(0o600)
    with monkeypatch.context() as foreign:
        foreign.setenv("POINTS_KEY_FILE", str(points / "foreign.key"))
        said = Said(capsys, "key", "change", "new.key")

    assert (said.code, (points / "new.key").exists()) == (Exit.UNAVAILABLE, False)
    assert facts(capsys, subject) == [True] * 5
