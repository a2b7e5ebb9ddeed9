"""Checkpoints (C2SP tlog-checkpoint) and their cosignatures (tlog-cosignature, Ed25519)."""

from dataclasses import dataclass
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.transparency.notes import (
    COSIGNATURE,
    ED25519,
    Ed25519Verifier,
    NoteRefused,
    Signature,
    Verifier,
    decoded,
    encoded,
    is_key_name,
    key_id,
    signs_ed25519,
)
from ledger.transparency.tiles import HASH_BYTES

SIZE_MAX = 2**63 - 1
_TIME_BYTES = 8


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
        time, signature = value[:_TIME_BYTES], value[_TIME_BYTES:]
        return signs_ed25519(self.public, signature, _cosigned(text, int.from_bytes(time)))

    @staticmethod
    def seconds(signature: Signature) -> int:
        """Give the POSIX time of a cosignature that holds."""
        return int.from_bytes(signature.value[:_TIME_BYTES])


class CosignatureSigner:
    """A witness's key. The 32 secret bytes come from its own key file."""

    def __init__(self, name: str, secret: bytes) -> None:
        if not is_key_name(name):
            raise NoteRefused("a key's name has no spaces and no plus signs")
        self._key = Ed25519PrivateKey.from_private_bytes(secret)
        self.verifier = CosignatureVerifier(name, self._key.public_key().public_bytes_raw())

    def sign(self, text: str, seconds: int) -> Signature:
        """Sign a checkpoint's text as of a POSIX time, which must be given: nothing here reads a clock."""
        value = self._key.sign(_cosigned(text, seconds))
        return Signature(self.verifier.name, self.verifier.key_id, seconds.to_bytes(_TIME_BYTES) + value)


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


_KINDS: dict[int, type[Verifier]] = {ED25519: Ed25519Verifier, COSIGNATURE: CosignatureVerifier}


def read_vkey(text: str) -> Verifier:
    """Read a verifier key of a log or a witness. Raises NoteRefused."""
    parts = text.split("+", 2)
    if len(parts) != 3 or not is_key_name(parts[0]):
        raise NoteRefused("a verifier key is name+id+base64")
    material = decoded(parts[2])
    kind = _KINDS.get(material[0]) if material else None
    if kind is None or len(material) != 33:
        raise NoteRefused("the key is neither Ed25519 (01) nor an Ed25519 cosigner (04)")
    if key_id(parts[0], kind.kind, material[1:]).hex() != parts[1]:
        raise NoteRefused("the key id does not belong to the key")
    return kind(parts[0], material[1:])
