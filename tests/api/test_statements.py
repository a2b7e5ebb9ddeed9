"""What residents show to others: a receipt, a statement on paper, and one answer to one question."""

import io
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from api import clock, composition
from api.cli.output import Exit
from api.papers.statement import TEMPLATE
from api.settings import Settings
from domain.facts import PermitIssued
from ledger.evidence.entries import header_of
from ledger.evidence.links import MARK, linked, unlinked
from ledger.evidence.receipts import in_document
from ledger.suites import SUITES
from ledger.transparency.checkpoint import CosignatureSigner
from ledger.transparency.notes import Ed25519Signer, Note, encoded
from ledger.transparency.proofs import LogProof, read_proof
from tests.api.commands import MONTHS, NUMBER, Said, open_ledger, subject_of
from tests.api.school_round import town
from tests.entries import stored

TODAY = date(2025, 6, 1)
ORIGIN = "ledger.example/points"
Capture = pytest.CaptureFixture[str]
SHA256 = SUITES["intl"].hash


@pytest.fixture
def resident(points: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> str:
    """A resident with three months of insurance, in a ledger whose log has been signed."""
    monkeypatch.setattr("api.clock.today", lambda: TODAY)
    open_ledger(capsys)
    (points / "months.csv").write_text(MONTHS, encoding="utf-8")
    done(capsys, "import", "months.csv", "--organ", "nb-hrss", "--kind", "insurance-month-paid")
    subject = subject_of(capsys, monkeypatch)
    with town() as told:
        told.says(UUID(subject), PermitIssued(on=date(2024, 11, 1), place="330212", permit="P-1"))
    vkey = Said(capsys, "log", "key", ORIGIN, "--json").object["vkey"]
    (points / "policy").write_text(f"log {vkey}\nquorum none\n")
    signed(capsys)
    return subject


def signed(capsys: Capture) -> None:
    assert Said(capsys, "log", "run", "--once").code == Exit.DONE


def done(capsys: Capture, *arguments: str) -> Said:
    said = Said(capsys, *arguments)
    assert said.code == Exit.DONE, said.out + said.err
    return said


def issued(capsys: Capture, subject: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Issue a statement while the log is signed as it is in a house where it runs."""
    with monkeypatch.context() as patched:
        patched.setattr("api.cli.statements.time.sleep", lambda _: signed(capsys))
        done(capsys, "statement", "issue", subject, "-o", "paper.pdf", "--place", "330212", "--link", "https://h/r")
    return Path("paper.pdf")


def purposes_of(subject: str) -> list[str]:
    """Give why a person's history was read, as the person is shown it."""
    with composition.desk(Settings.read()) as desk, desk.reads() as reads:
        return [one.purpose for one in reads.of(UUID(subject), clock.today()).reads]


def verified(capsys: Capture, file: str, *more: str) -> Said:
    return Said(capsys, "verify", file, "--policy", "policy", *more, "--json")


@pytest.mark.usefixtures("resident")
def test_a_receipt_is_checked_offline_as_a_text_and_as_a_link(
    points: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = done(capsys, "receipt", "5", "--link", "https://points.example/r", "--qr", "code.svg", "--json").object
    Path("text").write_text(done(capsys, "receipt", "5").out)
    Path("link").write_text(told["link"] + "\n")
    monkeypatch.setenv("POINTS_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    shutil.rmtree(points / "data")
    text, link = verified(capsys, "text"), verified(capsys, "link")

    assert (text.code, link.code) == (Exit.DONE, Exit.DONE)
    assert {**text.object, "file": ""} == {**link.object, "file": ""}
    assert told["link"].startswith("https://points.example/r#")
    assert Path("code.svg").read_text().startswith("<?xml")


@pytest.mark.usefixtures("resident")
def test_another_entrys_header_under_a_proof_is_refused(capsys: Capture) -> None:
    one, other = (read_proof(done(capsys, "receipt", str(position)).out) for position in (4, 5))
    swapped = LogProof(one.index, one.path, one.note, other.extra)
    Path("swapped").write_text(swapped.text())
    stripped = LogProof(one.index, one.path, one.note, b"{}")
    Path("stripped").write_text(stripped.text())

    assert (verified(capsys, "swapped").object["where"], verified(capsys, "stripped").code) == ("path", Exit.WRONG)


def test_a_receipt_of_ten_million_entries_fits_a_qr_code() -> None:
    header = header_of(replace(stored(), position=9_999_999, recorded_at=datetime(2026, 1, 1, tzinfo=UTC))).line()
    hashes = tuple(SHA256(bytes([at])) for at in range(24))
    text = f"{ORIGIN}\n10000000\n{encoded(b'r' * 32)}\n"
    log, witness = Ed25519Signer(ORIGIN, b"l" * 32), CosignatureSigner("witness.example/w1", b"w" * 32)
    note = Note(text, (log.sign(text), witness.sign(text, 1_700_000_000)))
    text = LogProof(9_999_999, hashes, note, header).text()
    link = linked(text, "https://points.example/receipt")

    assert unlinked(link) == text
    assert len(link) <= 2_520  # a QR code of version 30, 137 modules wide


def test_a_statement_tells_total_place_date_and_validity_and_nothing_else(
    resident: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = issued(capsys, resident, monkeypatch)
    told = verified(capsys, str(paper)).object["statement"]
    monkeypatch.setattr("sys.stdin", io.StringIO(NUMBER + "\n"))
    held = verified(capsys, str(paper), "--holder")
    monkeypatch.setattr("sys.stdin", io.StringIO("999999199001010024\n"))
    stolen = verified(capsys, str(paper), "--holder")

    assert (told["points"], told["place"], told["as_of"]) == ("21.00", "330212", "2025-06-01")
    assert (held.code, stolen.code) == (Exit.DONE, Exit.WRONG)
    assert NUMBER not in in_document(paper.read_bytes())


def test_a_statement_that_has_expired_or_was_changed_is_refused(
    resident: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = issued(capsys, resident, monkeypatch)
    receipt = in_document(paper.read_bytes())
    proof = read_proof(receipt)
    assert proof.extra is not None
    forged = LogProof(proof.index, proof.path, proof.note, proof.extra.replace(b'e4\\":210000', b'e4\\":900000'))
    Path("forged").write_text(forged.text())
    monkeypatch.setattr("api.clock.today", lambda: TODAY + timedelta(days=30))

    assert verified(capsys, "forged").object["where"] == "extra state"
    assert (verified(capsys, str(paper)).code, TEMPLATE.exists()) == (Exit.WRONG, True)


def test_a_statement_is_printed_again_as_it_was(
    resident: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = issued(capsys, resident, monkeypatch)
    number = verified(capsys, str(paper)).object["statement"]["number"]
    done(capsys, "statement", "print", number, "-o", "again.pdf", "--link", "https://h/r")
    unknown = Said(capsys, "statement", "print", "S-NONE", "-o", "none.pdf", "--json")

    assert in_document(Path("again.pdf").read_bytes()) == in_document(paper.read_bytes())
    assert unknown.object["error"]["code"] == "statement-unknown"


def test_a_statement_that_the_log_has_not_signed_yet_is_issued_and_printed_later(
    resident: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.cli.statements.WAIT_SECONDS", 0)
    early = Said(capsys, "statement", "issue", resident, "-o", "paper.pdf", "--place", "330212", "--json")
    signed(capsys)
    late = Said(capsys, "statement", "print", early.object["number"], "-o", "paper.pdf")

    assert (early.code, early.object["file"], late.code) == (Exit.INCOMPLETE, None, Exit.DONE)
    assert Path("paper.pdf").exists()


def test_a_question_is_answered_once_and_the_resident_sees_it(resident: str, capsys: Capture) -> None:
    asking = ("--party", "某银行", "--place", "330212")
    code = done(capsys, "statement", "authorise", resident, *asking, "--at-least", "0.5", "--json").object["code"]
    first = Said(capsys, "statement", "answer", code.lower(), "--json")
    second = Said(capsys, "statement", "answer", code, "--json")

    assert (first.code, set(first.object)) == (Exit.DONE, {"place", "at_least", "met", "as_of"})
    assert second.object["error"]["code"] == "code-used"
    assert "check" in purposes_of(resident)


def test_no_is_an_answer_and_an_expired_or_unknown_code_is_none(
    resident: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = ("statement", "authorise", resident, "--party", "某银行", "--place", "330212", "--json")
    many = done(capsys, *asking, "--at-least", "60").object["code"]
    later = done(capsys, *asking, "--at-least", "0.5", "--days", "1").object["code"]
    no = Said(capsys, "statement", "answer", many, "--json")
    monkeypatch.setattr("api.clock.today", lambda: TODAY + timedelta(days=1))
    expired, unknown = (Said(capsys, "statement", "answer", one, "--json") for one in (later, "AAAA-BBBB"))

    assert (no.code, no.object["met"]) == (Exit.WRONG, False)
    assert [one.object["error"]["code"] for one in (expired, unknown)] == ["code-expired", "code-unknown"]


@pytest.mark.parametrize("threshold", ["many", "-1", "0.00001", "NaN", "1e99"])
def test_a_threshold_is_a_number_of_points(resident: str, capsys: Capture, threshold: str) -> None:
    asked = Said(
        capsys, "statement", "authorise", resident, "--party", "x", "--place", "330212", "--at-least", threshold
    )

    assert asked.code == Exit.USAGE


@pytest.mark.parametrize("content", [b"%PDF-1.7 nothing", MARK.encode() + b"what", b"\xff" + MARK.encode()])
def test_what_carries_no_receipt_is_refused(points: Path, capsys: Capture, content: bytes) -> None:
    (points / "policy").write_text("quorum none\n")
    Path("file").write_bytes(content)

    assert verified(capsys, "file").code in {Exit.WRONG, Exit.USAGE}
