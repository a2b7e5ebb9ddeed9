"""What a witness does (C2SP tlog-witness, add-checkpoint): it cosigns a head only if its log has only grown.

A witness has its own key, its own store and its own machine. It keeps one head for each log; whoever shows it two
histories of one log gets no second signature.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from ledger.transparency.checkpoint import Checkpoint, read_size
from ledger.transparency.keys import Cosigner
from ledger.transparency.merkle import Hash, ProofRefused, check_consistency
from ledger.transparency.notes import Note, NoteRefused, Verifier, checked, encoded, read_note
from ledger.transparency.proofs import read_hashes

REQUEST_BYTES_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class Addition:
    """A request: the size the log believes we know, the proof from there, and the new head."""

    old: int
    proof: tuple[bytes, ...]
    note: Note

    def text(self) -> str:
        """Write the request's body."""
        proof = "".join(f"{encoded(one)}\n" for one in self.proof)
        return f"old {self.old}\n{proof}\n{self.note.whole()}"


class WitnessRefused(Exception):
    """The request is not cosigned. `status` is the protocol's; `size` (409) is the size that we know."""

    def __init__(self, status: HTTPStatus, why: str, size: int | None = None) -> None:
        super().__init__(why)
        self.status = status
        self.size = size


class HeadStore(Protocol):
    """Where a witness keeps the last head of each log."""

    def head(self, origin: str) -> Checkpoint | None:
        """Give the last head that was cosigned."""

    def replace(self, old: Checkpoint | None, new: Checkpoint, note: Note) -> bool:
        """Put `new` in the place of `old`, durably and only if `old` still stands; say whether it did."""


class Witness:
    """A witness for some logs. `hashed` is the hash of their suite."""

    def __init__(self, signer: Cosigner, logs: dict[str, Verifier], store: HeadStore, hashed: Hash) -> None:
        self.signer = signer
        self.logs = logs
        self._store = store
        self._hashed = hashed

    def add(self, body: str | bytes, seconds: int) -> str:
        """Cosign a request's head as of a POSIX time; give the cosignature's line. Raises WitnessRefused."""
        try:
            addition = read_addition(body)
            checkpoint = Checkpoint.read(addition.note.text)
        except NoteRefused as refusal:
            raise WitnessRefused(HTTPStatus.BAD_REQUEST, str(refusal)) from None
        self._check_signed(addition.note, checkpoint)
        known = self._store.head(checkpoint.origin)
        self._check_grown(addition, checkpoint, known)
        cosignature = self.signer.sign(addition.note.text, seconds)
        # If we stop here, nothing was said; the head is durable before the signature leaves.
        if not self._store.replace(known, checkpoint, addition.note.joined([cosignature])):
            now = self._store.head(checkpoint.origin)
            raise WitnessRefused(HTTPStatus.CONFLICT, "another head came first", now.size if now else 0)
        return cosignature.line()

    def _check_signed(self, note: Note, checkpoint: Checkpoint) -> None:
        log = self.logs.get(checkpoint.origin)
        if log is None:
            raise WitnessRefused(HTTPStatus.NOT_FOUND, "this log is not one of ours")
        try:
            if not checked(note, [log]):
                raise WitnessRefused(HTTPStatus.FORBIDDEN, "the log has not signed this")
        except NoteRefused as refusal:
            raise WitnessRefused(HTTPStatus.FORBIDDEN, str(refusal)) from None

    def _check_grown(self, addition: Addition, new: Checkpoint, known: Checkpoint | None) -> None:
        if addition.old > new.size:
            raise WitnessRefused(HTTPStatus.BAD_REQUEST, "the old size is larger than the new one")
        known = known or Checkpoint(new.origin, 0, self._hashed(b""))
        if addition.old != known.size:
            raise WitnessRefused(HTTPStatus.CONFLICT, "we know another size", known.size)
        if new.size == 0 and new.root != self._hashed(b""):
            raise WitnessRefused(HTTPStatus.UNPROCESSABLE_ENTITY, "an empty tree has one root")
        try:
            check_consistency(self._hashed, known.size, known.root, new.size, new.root, addition.proof)
        except ProofRefused as refusal:
            raise WitnessRefused(HTTPStatus.UNPROCESSABLE_ENTITY, str(refusal)) from None


def read_addition(body: str | bytes) -> Addition:
    """Read a request's body. Raises NoteRefused."""
    if len(body) > REQUEST_BYTES_MAX:
        raise NoteRefused(f"a request has at most {REQUEST_BYTES_MAX} bytes")
    try:
        text = body if isinstance(body, str) else body.decode()
    except UnicodeDecodeError:
        raise NoteRefused("a request is UTF-8") from None
    head, gap, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    if not gap or not first.startswith("old "):
        raise NoteRefused("a request begins with the old size and ends with a checkpoint")
    return Addition(read_size(first.removeprefix("old ")), read_hashes(lines), read_note(note))
