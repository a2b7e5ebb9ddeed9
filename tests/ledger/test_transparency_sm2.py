"""SM2 behind the interface of Ed25519: heads and cosignatures, keys as text, and openssl's own word on them."""

import subprocess
from pathlib import Path

import pytest

from domain.errors import OpensslMissing
from ledger.transparency.checkpoint import CosignatureVerifier
from ledger.transparency.keys import COSIGNERS, SIGNERS, read_vkey, suite_of_key
from ledger.transparency.notes import Note, NoteRefused, checked, encoded, read_note
from ledger.transparency.policy import read_policy
from ledger.transparency.sm2 import SIGNER_ID, SPKI, sm2_holds, sm2_point, sm2_sign

SECRET, OTHER = bytes(range(1, 33)), bytes(range(2, 34))
TEXT = f"ledger.example/points\n3\n{encoded(b'r' * 32)}\n"
LOG = SIGNERS["gm"]("ledger.example/points", SECRET)
WITNESS = COSIGNERS["gm"]("witness.example/w1", OTHER)
POLICY = f"log {LOG.verifier.vkey()}\nwitness w1 {WITNESS.verifier.vkey()}\nquorum w1\n"


def test_a_head_is_signed_and_witnessed_under_a_policy() -> None:
    note = read_note(Note(TEXT, (LOG.sign(TEXT), WITNESS.sign(TEXT, 1_700_000_000))).whole())
    policy = read_policy(POLICY)

    assert policy.check(note).size == 3
    assert CosignatureVerifier.seconds(note.signatures[1]) == 1_700_000_000
    with pytest.raises(NoteRefused, match="does not hold"):
        policy.check(Note(TEXT.replace("\n3\n", "\n4\n"), note.signatures))
    with pytest.raises(NoteRefused, match="too few"):
        policy.check(Note(TEXT, note.signatures[:1]))


@pytest.mark.parametrize("signer", [LOG, WITNESS])
def test_a_key_is_read_back_from_its_text(signer: object) -> None:
    verifier = signer.verifier  # type: ignore[attr-defined] # either of two signers
    again = read_vkey(verifier.vkey())

    assert (type(again), again.vkey(), suite_of_key(again)) == (type(verifier), verifier.vkey(), "gm")


def test_a_signature_holds_for_its_message_and_key_alone() -> None:
    signature = sm2_sign(SECRET, b"message")

    assert sm2_holds(sm2_point(SECRET), signature, b"message")
    assert not sm2_holds(sm2_point(SECRET), signature, b"massage")
    assert not sm2_holds(sm2_point(OTHER), signature, b"message")
    assert not sm2_holds(sm2_point(SECRET), b"", b"message")
    assert checked(Note(TEXT, (LOG.sign(TEXT),)), [LOG.verifier]) == [LOG.verifier]


def test_openssl_takes_it_by_its_own_command(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(SPKI + sm2_point(SECRET))
    (tmp_path / "message").write_bytes(TEXT.encode())
    (tmp_path / "signature").write_bytes(LOG.sign(TEXT).value)
    command = "pkeyutl -verify -pubin -keyform DER -inkey key -rawin -digest sm3 -in message -sigfile signature"
    ran = subprocess.run(
        ["/usr/bin/openssl", *command.split(), "-pkeyopt", f"distid:{SIGNER_ID}"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )

    assert b"Success" in ran.stdout


@pytest.mark.parametrize("secret", [bytes(32), b"\xff" * 32])
def test_what_is_no_key_is_refused(secret: bytes) -> None:
    with pytest.raises(NoteRefused, match="no key of SM2"):
        SIGNERS["gm"]("ledger.example/points", secret)


def test_without_openssl_it_is_said_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(OpensslMissing):
        sm2_sign(SECRET, b"message")
