"""Receipts of reads 查询回执: who looked at a person, when and by which code why, proven to be in the log.

Like an entry's receipt it is a C2SP tlog-proof whose `extra` is what the leaf is computed from. What was sealed
stays sealed: the commitment covers it as it is stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self
from uuid import UUID

from ledger.canonical import NotCanonical, canonical, parse
from ledger.entry import LEAF_PREFIX
from ledger.evidence.refusal import EvidenceRefused
from ledger.reads import FORMAT, Read, committed
from ledger.suites import SUITES, Suite
from ledger.transparency.checkpoint import Checkpoint
from ledger.transparency.merkle import ProofRefused
from ledger.transparency.notes import NoteRefused
from ledger.transparency.policy import Policy
from ledger.transparency.proofs import LogProof, read_proof

_HEADER = frozenset({"content", "entries", "last_version", "nth", "number", "read_at", "shown_on", "suite"})
_FIELDS = frozenset({"header", "subject", "reader", "purpose", "salt", "sealed"})


@dataclass(frozen=True, slots=True)
class ShownRead:
    """One read as its receipt shows it."""

    header: Mapping[str, Any]
    subject: UUID
    reader: str
    purpose: str
    salt: bytes
    sealed: bytes | None

    @classmethod
    def of(cls, read: Read, suite: Suite) -> Self:
        """Show a read that is in the log."""
        header = parse(read.header(suite).removeprefix(FORMAT))
        return cls(header, read.subject, read.reader, read.purpose, read.salt or b"", read.sealed)

    @property
    def suite(self) -> Suite:
        """Give the suite of the header."""
        return SUITES[self.header["suite"]]

    def leaf(self) -> bytes:
        """Compute the leaf. Raises EvidenceRefused where the header commits to another reader, person or reason."""
        content = committed(self.suite, self.salt, self.subject, self.reader, self.purpose, self.sealed)
        if content.hex() != self.header["content"]:
            raise EvidenceRefused("content", "the header commits to another read")
        return self.suite.hash(LEAF_PREFIX + FORMAT + canonical(dict(self.header)))

    def line(self) -> bytes:
        """Write it as canonical JSON."""
        told = {"header": dict(self.header), "subject": str(self.subject), "reader": self.reader}
        sealed = None if self.sealed is None else self.sealed.hex()
        return canonical(told | {"purpose": self.purpose, "salt": self.salt.hex(), "sealed": sealed})

    @classmethod
    def read(cls, line: bytes) -> Self:
        """Read it back. Raises EvidenceRefused."""
        try:
            told = parse(line)
            if told.keys() != _FIELDS or told["header"].keys() != _HEADER:
                raise EvidenceRefused("format", "it has a form that this release does not know")
            sealed = None if told["sealed"] is None else bytes.fromhex(told["sealed"])
            one = cls(
                told["header"],
                UUID(told["subject"]),
                str(told["reader"]),
                str(told["purpose"]),
                bytes.fromhex(told["salt"]),
                sealed,
            )
            if one.suite.name != told["header"]["suite"] or one.line() != line:
                raise EvidenceRefused("", "a read has one spelling")
        except (ValueError, TypeError, KeyError, AttributeError, NotCanonical):
            raise EvidenceRefused("", "the line is no read") from None
        return one


@dataclass(frozen=True, slots=True)
class CheckedRead:
    """A receipt that holds: the read, its leaf's index, the head it is under."""

    read: ShownRead
    index: int
    checkpoint: Checkpoint


def read_receipt(read: Read, suite: Suite, proof: LogProof) -> str:
    """Write the receipt of a read."""
    return replace(proof, extra=ShownRead.of(read, suite).line()).text()


def is_read_receipt(text: str) -> bool:
    """Say whether a receipt is of a read, not of an entry."""
    try:
        return b'"reader":' in (read_proof(text).extra or b"")
    except NoteRefused:
        return False


def check_read_receipt(text: str, policy: Policy) -> CheckedRead:
    """Check a receipt. Raises EvidenceRefused with what does not hold."""
    try:
        proof = read_proof(text)
    except NoteRefused as error:
        raise EvidenceRefused("receipt", str(error)) from None
    try:
        read = ShownRead.read(proof.extra or b"")
        leaf = read.leaf()
    except EvidenceRefused as refusal:
        raise refusal.within("extra") from None
    try:
        checkpoint = proof.check(read.suite.hash, leaf, policy)
    except (NoteRefused, ProofRefused) as error:
        raise EvidenceRefused("checkpoint" if isinstance(error, NoteRefused) else "path", str(error)) from None
    return CheckedRead(read, proof.index, checkpoint)
