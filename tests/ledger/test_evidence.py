"""Bundles with a witness and a time stamp: checked by openssl's own words, and refused where they are of others."""

import io
import re
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.embedded import Embedded
from ledger.evidence.bundle import read_bundle
from ledger.evidence.checking import check_bundle
from ledger.evidence.refusal import EvidenceRefused
from ledger.suites import SUITES
from tests.bundles import Decided, decided
from tests.database import fresh_ledger

AUTHORITY = """[req]
distinguished_name = name
[name]
[tsa]
basicConstraints = CA:FALSE
extendedKeyUsage = critical,timeStamping
[tsa_config]
serial = ./serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256,sha512
"""


@pytest.fixture(scope="module", params=SUITES)
def given(request: pytest.FixtureRequest, server: Embedded) -> Iterator[Decided]:
    """A ledger of each suite: its README checks SHA-256 and Ed25519, or SM3 and SM2."""
    with fresh_ledger(server) as database, decided(database, 12, request.param) as one:
        yield one


def by_hand(content: bytes, folder: Path) -> list[str]:
    """Run a README's commands in the unpacked bundle; give what they print."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
    script = "\n".join(re.findall(r"```sh\n(.*?)```", (folder / "README.md").read_text(), re.DOTALL))
    ran = subprocess.run(["/bin/sh", "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    return ran.stdout.split()


def openssl(folder: Path, *words: str) -> None:
    command = ["/usr/bin/openssl", *words]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)


def stamped(folder: Path, content: bytes) -> bytes:
    """Have some bytes stamped by an authority of our own."""
    (folder / "config").write_text(AUTHORITY)
    (folder / "stamped").write_bytes(content)
    key = ("-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "authority.pem")
    openssl(folder, "req", "-x509", *key, "-subj", "/CN=stamps", "-config", "config", "-extensions", "tsa")
    openssl(folder, "ts", "-query", "-data", "stamped", "-sha256", "-cert", "-out", "asked")
    how = ("-signer", "authority.pem", "-inkey", "key.pem", "-config", "config", "-section", "tsa_config")
    openssl(folder, "ts", "-reply", "-queryfile", "asked", *how, "-out", "token")
    return (folder / "token").read_bytes()


def test_the_log_and_its_witness_are_checked_by_openssl_alone(given: Decided, tmp_path: Path) -> None:
    bundle, content = given.bundle()
    printed = by_hand(content, tmp_path / "right")
    other = given.bundle()[1]

    assert printed == ["OK", "OK", "OK", check_bundle(bundle, given.trusted.policy).made.decision]
    assert content == other


def test_another_checkpoint_fails_by_hand_too(given: Decided, tmp_path: Path) -> None:
    by_hand(given.bundle()[1], tmp_path)
    text = (tmp_path / "checkpoint").read_text()
    (tmp_path / "checkpoint").write_text(text.replace("ledger.example/points\n", "ledger.example/other\n", 1))
    script = "\n".join(re.findall(r"```sh\n(.*?)```", (tmp_path / "README.md").read_text(), re.DOTALL))
    ran = subprocess.run(["/bin/sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert ran.stdout.split().count("OK") == 1


def test_a_time_stamp_is_of_this_checkpoint_or_the_bundle_is_refused(given: Decided, tmp_path: Path) -> None:
    bundle, _ = given.bundle()
    right, wrong = stamped(tmp_path, bundle.checkpoint.encode()), stamped(tmp_path, b"something else")
    report = check_bundle(read_bundle(given.bundle(right)[1]), given.trusted.policy)
    (tmp_path / "of-us").write_bytes(right)

    assert report.stamp is not None
    assert re.fullmatch(r"20\d{12}Z", report.stamp.time)
    with pytest.raises(EvidenceRefused, match=r"timestamp\.tsr"):
        check_bundle(read_bundle(given.bundle(wrong)[1]), given.trusted.policy)


@pytest.mark.parametrize("token", [b"", b"\x30\x00", b"\x30\x84\xff\xff\xff\xff", b"\x30\x80\x00\x00", b"text"])
def test_what_is_no_time_stamp_is_refused(given: Decided, token: bytes) -> None:
    with pytest.raises(EvidenceRefused, match=r"timestamp\.tsr"):
        check_bundle(read_bundle(given.bundle(token)[1]), given.trusted.policy)
