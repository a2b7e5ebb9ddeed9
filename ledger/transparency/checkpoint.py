"""Checkpoints (C2SP tlog-checkpoint) and their cosignatures (tlog-cosignature, Ed25519)."""

from dataclasses import dataclass
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.transparency.notes import (
    COSIGNATURE,
    NoteRefused,
    Signature,
    Verifier,
    decoded,
    encoded,
    is_key_name,
    signs_ed25519,
)
from ledger.transparency.tiles import HASH_BYTES

SIZE_MAX = 2**63 - 1
TIME_BYTES = 8


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree's head: whose log, how many leaves, and the root over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Give the text that is signed."""
        return f"{self.origin}\n{self.size}\n{encoded(self.root)}\n"

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a note's text; lines after the third say nothing to us. Raises NoteRefused."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
            raise NoteRefused("a checkpoint has an origin, a size and a root, each on a line")
        origin, size, root = lines[:3]
        return cls(origin, read_size(size), _root(root))


def read_size(text: str) -> int:
    """Read a number of leaves, or an index, in its one spelling. Raises NoteRefused."""
    if (
        not (text.isascii() and text.isdecimal())
        or len(text) > 19
        or str(int(text)) != text
        or int(text) > SIZE_MAX
    ):
        raise NoteRefused("a size is a decimal number without leading zeroes")
    return int(text)


def _root(text: str) -> bytes:
    root = decoded(text)
    if len(root) != HASH_BYTES:
        raise NoteRefused("a root has 32 bytes")
    return root


class CosignatureVerifier(Verifier):
    """A witness's key (signed-note, type 04): it signs the text and the second at which it saw it."""

    kind = COSIGNATURE

    def holds(self, text: str, value: bytes) -> bool:
        """Check the signature; the time is whatever it says."""
        time, signature = value[:TIME_BYTES], value[TIME_BYTES:]
        return signs_ed25519(self.public, signature, cosigned(text, int.from_bytes(time)))

    @staticmethod
    def seconds(signature: Signature) -> int:
        """Give the POSIX time of a cosignature that holds."""
        return int.from_bytes(signature.value[:TIME_BYTES])


class CosignatureSigner:
    """A witness's key. The 32 secret bytes come from its own key file."""

    def __init__(self, name: str, secret: bytes) -> None:
        if not is_key_name(name):
            raise NoteRefused("a key's name has no spaces and no plus signs")
        self._key = Ed25519PrivateKey.from_private_bytes(secret)
        self.verifier = CosignatureVerifier(name, self._key.public_key().public_bytes_raw())

    def sign(self, text: str, seconds: int) -> Signature:
        """Sign a checkpoint's text as of a POSIX time, which must be given: nothing here reads a clock."""
        value = self._key.sign(cosigned(text, seconds))
        return Signature(self.verifier.name, self.verifier.key_id, seconds.to_bytes(TIME_BYTES) + value)


def cosigned(text: str, seconds: int) -> bytes:
    """Give what a witness signs."""
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
