"""Signed notes (C2SP signed-note): a text, a blank line, and a line for each signature.

A verifier key is `name+hex(key id)+base64(type ‖ public key)`; the key id is the front of
SHA-256(name ‖ 0A ‖ type ‖ public key). Signatures by keys that are not trusted are passed over; one by a trusted
key that fails spoils the note.
"""

import base64
import binascii
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

DASH = "\u2014"
ED25519 = 0x01
COSIGNATURE = 0x04
KEY_ID_BYTES = 4
NOTE_BYTES_MAX = 1_000_000
SIGNATURES_MAX = 100


class NoteRefused(Exception):
    """The note is not well-formed, or a signature that must hold does not."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: who, with which key, and the bytes after the key id."""

    name: str
    key_id: bytes
    value: bytes

    def line(self) -> str:
        """Give the line with its newline."""
        return f"{DASH} {self.name} {encoded(self.key_id + self.value)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text, which ends in a newline, and its signatures, which nobody has checked yet."""

    text: str
    signatures: tuple[Signature, ...] = ()

    def whole(self) -> str:
        """Give the note as it is sent and stored."""
        return self.text + "\n" + "".join(signature.line() for signature in self.signatures)

    def joined(self, more: Iterable[Signature]) -> "Note":
        """Give the note with more signatures, each once."""
        return Note(self.text, tuple(dict.fromkeys((*self.signatures, *more))))


def read_note(whole: str | bytes) -> Note:
    """Read a note without judging it. Raises NoteRefused."""
    text = _text(whole)
    at = text.rfind("\n\n")
    if at < 0 or not text.endswith("\n"):
        raise NoteRefused("a note is a text, a blank line and signatures, each with a newline")
    lines = text[at + 2 :].splitlines()
    if not 0 < len(lines) <= SIGNATURES_MAX:
        raise NoteRefused(f"a note has 1 to {SIGNATURES_MAX} signatures")
    return Note(text[: at + 1], tuple(read_signature(line) for line in lines))


def _text(whole: str | bytes) -> str:
    if len(whole) > NOTE_BYTES_MAX:
        raise NoteRefused(f"a note has at most {NOTE_BYTES_MAX} bytes")
    try:
        text = whole if isinstance(whole, str) else whole.decode()
        text.encode()
    except UnicodeError:
        raise NoteRefused("a note is UTF-8") from None
    if any(character < " " and character != "\n" for character in text):
        raise NoteRefused("a note has no control characters")
    return text


def read_signature(line: str) -> Signature:
    """Read a signature line without its newline. Raises NoteRefused."""
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != DASH or not is_key_name(parts[1]):
        raise NoteRefused("a signature line is a dash, a name and base64")
    value = decoded(parts[2])
    if len(value) <= KEY_ID_BYTES:
        raise NoteRefused("a signature has a key id and bytes")
    return Signature(parts[1], value[:KEY_ID_BYTES], value[KEY_ID_BYTES:])


def is_key_name(name: str) -> bool:
    """Say whether a text can name a key: something, without spaces and plus signs."""
    return bool(name) and "+" not in name and not any(character.isspace() for character in name)


def encoded(value: bytes) -> str:
    """Write bytes in base64 (RFC 4648, 4)."""
    return base64.b64encode(value).decode()


def decoded(text: str) -> bytes:
    """Read base64 in its one spelling. Raises NoteRefused."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteRefused("not base64") from None
    if encoded(value) != text:
        raise NoteRefused("not base64 in its one spelling")
    return value


class Verifier(ABC):
    """A trusted key: its name, its kind, and how its signatures are checked."""

    kind: int

    def __init__(self, name: str, public: bytes) -> None:
        self.name = name
        self.public = public
        self.key_id = key_id(name, self.kind, public)

    @abstractmethod
    def holds(self, text: str, value: bytes) -> bool:
        """Say whether the bytes after the key id sign this text."""

    def vkey(self) -> str:
        """Give the verifier key as text."""
        return f"{self.name}+{self.key_id.hex()}+{encoded(bytes([self.kind]) + self.public)}"

    def made(self, signature: Signature) -> bool:
        """Say whether a signature claims to be by this key."""
        return (signature.name, signature.key_id) == (self.name, self.key_id)


class Ed25519Verifier(Verifier):
    """Ed25519 over the text (signed-note, type 01; RFC 8032)."""

    kind = ED25519

    def holds(self, text: str, value: bytes) -> bool:
        """Check the signature."""
        return signs_ed25519(self.public, value, text.encode())


def signs_ed25519(public: bytes, value: bytes, message: bytes) -> bool:
    """Say whether a signature of 64 bytes holds."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(value, message)
    except (InvalidSignature, ValueError):
        return False
    return True


class Ed25519Signer:
    """A log's key. The 32 secret bytes come from a key file; they are never printed."""

    def __init__(self, name: str, secret: bytes) -> None:
        if not is_key_name(name):
            raise NoteRefused("a key's name has no spaces and no plus signs")
        self._key = Ed25519PrivateKey.from_private_bytes(secret)
        self.verifier = Ed25519Verifier(name, self._key.public_key().public_bytes_raw())

    def sign(self, text: str) -> Signature:
        """Sign a text that ends in a newline."""
        return Signature(self.verifier.name, self.verifier.key_id, self._key.sign(text.encode()))


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """Compute a key's id: 4 bytes."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:KEY_ID_BYTES]


def checked(note: Note, trusted: Sequence[Verifier]) -> list[Verifier]:
    """Give the trusted keys that signed the note. Raises NoteRefused where one of their signatures fails."""
    found = []
    for verifier in trusted:
        for signature in note.signatures:
            if not verifier.made(signature):
                continue
            if not verifier.holds(note.text, signature.value):
                raise NoteRefused(f"the signature of {verifier.name} does not hold")
            if verifier not in found:
                found.append(verifier)
    return found
