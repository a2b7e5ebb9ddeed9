"""Receipts 回执: one entry with the proof that it is in the log.

A receipt is a C2SP tlog-proof whose `extra` is the entry as evidence shows it: its header, or its content too. No
signature covers `extra`, and none need: the leaf is computed from it, and the proof is of that leaf. Whatever reads
tlog-proofs can check a receipt as it is.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from domain.facts import Fact
from ledger.evidence.entries import ShownEntry
from ledger.evidence.refusal import EvidenceRefused
from ledger.transparency.checkpoint import Checkpoint
from ledger.transparency.merkle import ProofRefused
from ledger.transparency.notes import NoteRefused
from ledger.transparency.policy import Policy
from ledger.transparency.proofs import PROOF_BYTES_MAX, LogProof, read_proof

_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_FIRST = b"c2sp.org/tlog-proof@v1\n"
_STREAMS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class CheckedReceipt:
    """A receipt that holds: the entry, its leaf's index, the head it is under; `fact` where it is shown."""

    entry: ShownEntry
    index: int
    checkpoint: Checkpoint
    fact: Fact | None


def receipt(entry: ShownEntry, proof: LogProof) -> str:
    """Write the receipt of an entry."""
    return replace(proof, extra=entry.line().rstrip(b"\n")).text()


def in_document(content: bytes) -> str:
    """Find the receipt that is attached to a PDF. Raises EvidenceRefused where there is none, or more than one."""
    found = {text for text in _attached(content) if text.startswith(_FIRST)}
    if len(found) != 1:
        raise EvidenceRefused("", "the document carries no receipt" if not found else "it carries several receipts")
    try:
        return found.pop().decode()
    except UnicodeDecodeError:
        raise EvidenceRefused("", "the document carries no receipt") from None


def _attached(content: bytes) -> Iterator[bytes]:
    for number, found in enumerate(_STREAM.finditer(content)):
        if number == _STREAMS_MAX:
            return
        try:
            yield zlib.decompressobj().decompress(found[1], PROOF_BYTES_MAX)
        except zlib.error:
            yield found[1][:PROOF_BYTES_MAX]


def check_receipt(text: str, policy: Policy) -> CheckedReceipt:
    """Check a receipt. Raises EvidenceRefused with what does not hold."""
    try:
        proof = read_proof(text)
    except NoteRefused as error:
        raise EvidenceRefused("receipt", str(error)) from None
    if proof.extra is None:
        raise EvidenceRefused("extra", "a receipt shows its entry")
    try:
        entry = ShownEntry.read(proof.extra)
        leaf, fact = entry.leaf(), entry.fact()
    except EvidenceRefused as refusal:
        raise refusal.within("extra") from None
    try:
        checkpoint = proof.check(entry.suite.hash, leaf, policy)
    except (NoteRefused, ProofRefused) as error:
        raise EvidenceRefused("checkpoint" if isinstance(error, NoteRefused) else "path", str(error)) from None
    return CheckedReceipt(entry, proof.index, checkpoint, fact)
