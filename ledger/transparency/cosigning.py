"""Asking witnesses for their cosignatures: each from the size that it knows, and again if it says another."""

from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from ledger.transparency.checkpoint import read_size
from ledger.transparency.log import Head, LogReader
from ledger.transparency.notes import Note, NoteRefused, Signature, Verifier, checked, read_signature
from ledger.transparency.tiles import NoSuchTile
from ledger.transparency.witnessing import Addition

Post = Callable[[str, bytes], tuple[int, bytes]]
"""(address, body) in, (status, body) out. Raises OSError where nobody answers."""

ATTEMPTS_MAX = 2


@dataclass(frozen=True, slots=True)
class Refused:
    """A witness gave no cosignature. `alarm` says that it holds the log for forked: a person must look at once."""

    witness: str
    why: str
    alarm: bool = False


@dataclass
class WitnessClient:
    """One witness, by its key and its address. `known` is the size it cosigned last, as far as we know."""

    verifier: Verifier
    url: str
    post: Post
    known: int = field(default=0)

    def cosign(self, reader: LogReader, head: Head) -> Signature | Refused:
        """Ask for a cosignature of a signed head."""
        for _ in range(ATTEMPTS_MAX):
            body = self._body(reader, head)
            if body is None:
                return Refused(self.verifier.name, "it knows a larger log than ours", alarm=True)
            try:
                status, answer = self.post(self.url.rstrip("/") + "/add-checkpoint", body)
            except OSError as error:
                return Refused(self.verifier.name, type(error).__name__)
            if status == HTTPStatus.OK:
                return self._read(answer, head)
            if status != HTTPStatus.CONFLICT or not self._learn(answer):
                forked = status == HTTPStatus.UNPROCESSABLE_ENTITY
                return Refused(self.verifier.name, f"HTTP {status}", alarm=forked)
        return Refused(self.verifier.name, "it knows another size each time")

    def _body(self, reader: LogReader, head: Head) -> bytes | None:
        try:
            proof = reader.consistency(self.known, head.checkpoint.size)
        except (IndexError, NoSuchTile):
            return None
        note = Note(head.note.text, head.note.signatures[:1])
        return Addition(self.known, tuple(proof), note).text().encode()

    def _learn(self, answer: bytes) -> bool:
        try:
            self.known = read_size(answer.decode("ascii", "replace").removesuffix("\n"))
        except NoteRefused:
            return False
        return True

    def _read(self, answer: bytes, head: Head) -> Signature | Refused:
        try:
            lines = answer.decode().splitlines()
            ours = [one for one in map(read_signature, lines) if self.verifier.made(one)]
            checked(Note(head.note.text, tuple(ours)), [self.verifier])
        except (NoteRefused, UnicodeDecodeError):
            ours = []
        if not ours:
            return Refused(self.verifier.name, "its answer is no cosignature of its own", alarm=True)
        self.known = head.checkpoint.size
        return ours[0]
