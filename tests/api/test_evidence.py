"""A decision's bundle: made once it is in the log, verified and recomputed from the file and a policy alone."""

import io
import re
import shutil
import subprocess
import zipfile
from datetime import date
from pathlib import Path

import pytest

from api.cli.output import Exit
from domain import facts
from domain.facts import Ref
from ledger.evidence.archive import packed, unpacked
from tests.api.commands import Said
from tests.api.school_round import AUTHORITY, TODAY, Town, publish_programmes, town

ROUND, ORIGIN = "cx.loan-2026", "ledger.example/points"


@pytest.fixture
def decided(points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ref:
    """Decide about somebody of whom an offence is known, in a ledger with a log; name the offence's entry."""
    monkeypatch.setattr("api.clock.today", lambda: TODAY)
    said(capsys, "init")
    with town() as told:
        publish_programmes(told.desk)
    vkey = Said(capsys, "log", "key", ORIGIN, "--json").object["vkey"]
    (points / "policy").write_text(f"log {vkey}\nquorum none\n")
    said(capsys, "round", "open", ROUND, "cx.loan", "--opens", "2026-03-01", "--closes", "2026-03-31")
    with town() as told:
        who = told.born("who", 3, "19900101")
        permit = facts.PermitIssued(on=date(2025, 7, 1), place=AUTHORITY, permit="P-3")
        acted = facts.RestrictedFact(category="offence", level="minor", place=AUTHORITY, acted_on=date(2025, 8, 1))
        paid = facts.InsuranceMonthPaid(month="2025-08", place=AUTHORITY, base_fen=481_200, payer="某单位")
        receipts = told.says(who, permit, paid, acted)
        told.delivers("permit-issued", last="2026-03")
        said(capsys, "round", "apply", ROUND, str(who), "--number", "L-1", "--on", "2026-03-10")
        said(capsys, "round", "lock", ROUND, "--on", "2026-04-01")
        _late(told)
        said(capsys, "round", "rank", ROUND, "--publish", "--on", "2026-04-02")
    said(capsys, "log", "run", "--once")
    return receipts[-1].ref


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> Said:
    told = Said(capsys, *arguments)
    assert told.code == Exit.DONE, told.out + told.err
    return told


def _late(told: Town) -> None:
    """Record what the decision must not see."""
    late = facts.InsuranceMonthPaid(month="2025-09", place=AUTHORITY)
    told.says(told.subjects["who"], late)


def bundled(capsys: pytest.CaptureFixture[str], file: str = "a.zip") -> Path:
    [listed] = Said(capsys, "decision", "list", "--json").object["decisions"]
    said(capsys, "decision", "bundle", listed["decision"], "-o", file, "--policy", "policy")
    return Path(file)


def verified(capsys: pytest.CaptureFixture[str], file: Path | str) -> Said:
    return Said(capsys, "verify", str(file), "--policy", "policy", "--json")


@pytest.mark.usefixtures("decided")
def test_a_decision_is_recomputed_from_its_bundle_without_a_database(
    points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = bundled(capsys), bundled(capsys, "b.zip")
    monkeypatch.setenv("POINTS_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    shutil.rmtree(points / "data")
    shown = verified(capsys, first)

    assert first.read_bytes() == second.read_bytes()
    assert (shown.code, shown.object["verdict"], shown.object["facts"]) == (Exit.DONE, "valid", 5)


@pytest.mark.usefixtures("decided")
def test_a_bundle_opens_no_more_than_the_decision_needs(capsys: pytest.CaptureFixture[str]) -> None:
    files = unpacked(bundled(capsys).read_bytes())
    lines = [line for name, text in files.items() if name.startswith("entries/") for line in text.splitlines()]

    month = next(line for line in lines if b"insurance-month-paid" in line)
    assert (b"seal_key" in month, b"base_fen" in month) == (False, False)
    assert [line for line in lines if b"2025-09" in line] == []


def test_with_an_input_erased_it_holds_and_is_incomplete_and_the_one_made_before_still_opens(
    decided: Ref, capsys: pytest.CaptureFixture[str]
) -> None:
    before = bundled(capsys)
    for officer in ("officer:a", "officer:b"):
        where = (str(decided.stream), str(decided.version), "--basis", "封存")
        said(capsys, "erase", "entry", *where, "--by", officer)
    said(capsys, "log", "run", "--once")
    after = verified(capsys, bundled(capsys, "after.zip"))

    assert verified(capsys, before).code == Exit.DONE
    assert (after.code, after.object["verdict"]) == (Exit.INCOMPLETE, "incomplete")
    assert after.object["lost"] == [f"inputs.people[0].entries {decided.stream}/{decided.version}"]


@pytest.mark.usefixtures("decided")
def test_whatever_is_changed_in_a_bundle_is_found_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    files = unpacked(bundled(capsys).read_bytes())
    undetected = []
    for name, content in files.items():
        if name in {"README.md", "policy.txt"}:
            continue
        for at in range(0, len(content), max(1, len(content) // 12)):
            changed = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
            Path("changed.zip").write_bytes(packed({**files, name: changed}))
            told = verified(capsys, "changed.zip")
            if told.code != Exit.WRONG or not (told.object["where"] or told.object["why"]):
                undetected.append((name, at, told.code))

    assert undetected == []


@pytest.mark.usefixtures("decided")
def test_its_readmes_commands_check_it_with_openssl_alone(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with zipfile.ZipFile(io.BytesIO(bundled(capsys).read_bytes())) as archive:
        archive.extractall(tmp_path / "by-hand")
    text = (tmp_path / "by-hand" / "README.md").read_text()
    script = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
    ran = subprocess.run(
        ["/bin/sh", "-e", "-c", script], cwd=tmp_path / "by-hand", capture_output=True, text=True, check=True
    )
    [listed] = Said(capsys, "decision", "list", "--json").object["decisions"]

    assert ran.stdout.split() == ["OK", "OK", listed["decision"]]
