"""Proofs that need nobody (C2SP tlog-proof): a leaf's index, its path, and a checkpoint with its signatures."""

from dataclasses import dataclass

from ledger.transparency.checkpoint import Checkpoint, read_size
from ledger.transparency.merkle import Hash, check_inclusion
from ledger.transparency.notes import Note, NoteRefused, decoded, encoded, read_note
from ledger.transparency.policy import Policy
from ledger.transparency.tiles import HASH_BYTES

FIRST_LINE = "c2sp.org/tlog-proof@v1"
PATH_MAX = 63
PROOF_BYTES_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class LogProof:
    """One leaf's proof. `extra` is whatever the sender added; no signature covers it."""

    index: int
    path: tuple[bytes, ...]
    note: Note
    extra: bytes | None = None

    def text(self) -> str:
        """Write the proof."""
        extra = "" if self.extra is None else f"extra {encoded(self.extra)}\n"
        path = "".join(f"{encoded(one)}\n" for one in self.path)
        return f"{FIRST_LINE}\n{extra}index {self.index}\n{path}\n{self.note.whole()}"

    def check(self, hashed: Hash, leaf: bytes, policy: Policy) -> Checkpoint:
        """Check signatures, witnesses and path for a leaf's hash. Raises NoteRefused, ProofRefused."""
        checkpoint = policy.check(self.note)
        check_inclusion(hashed, leaf, self.index, checkpoint.size, self.path, checkpoint.root)
        return checkpoint


def read_proof(text: str) -> LogProof:
    """Read a proof without judging it. Raises NoteRefused."""
    if len(text) > PROOF_BYTES_MAX:
        raise NoteRefused(f"a proof has at most {PROOF_BYTES_MAX} characters")
    head, gap, note = text.partition("\n\n")
    lines = head.split("\n")
    if not gap or lines.pop(0) != FIRST_LINE:
        raise NoteRefused(f"a proof begins with {FIRST_LINE} and ends with a checkpoint")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = decoded(lines.pop(0).removeprefix("extra "))
    if not lines or not lines[0].startswith("index "):
        raise NoteRefused("a proof names an index")
    index = read_size(lines.pop(0).removeprefix("index "))
    return LogProof(index, read_hashes(lines), read_note(note), extra)


def read_hashes(lines: list[str]) -> tuple[bytes, ...]:
    """Read a hash from each line. Raises NoteRefused."""
    if len(lines) > PATH_MAX:
        raise NoteRefused(f"a proof has at most {PATH_MAX} hashes")
    hashes = tuple(decoded(line) for line in lines)
    if any(len(one) != HASH_BYTES for one in hashes):
        raise NoteRefused("a hash has 32 bytes")
    return hashes
