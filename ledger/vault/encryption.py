"""Wrapping keys: the one secret that stands outside the database, behind an adapter.

A wrapped key says which key-encryption key wrapped it, so that this one can be changed while the ledger runs:
docs/vault.md tells how. A city with a hardware module or a key service writes another `KeyEncryption`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, Self

from domain.errors import KeyFileForeign
from ledger.key_files import KEY_BYTES, RandomBytes, create_key_file, read_key_file
from ledger.suites import CannotOpen, Suite

__all__ = [
    "KEY_BYTES",
    "EncryptionOf",
    "FileKeyEncryption",
    "KeyEncryption",
    "NewOrOld",
    "RandomBytes",
    "create_key_file",
    "in_file",
    "in_files",
    "key_id_of",
]

KEY_ID_BYTES = 8
_FORMAT, _FIRST_FORMAT = b"\x02", b"\x01"
_NONCE_BYTES, _SALT_BYTES = 12, 16
_HEADER_BYTES = len(_FORMAT) + KEY_ID_BYTES
_SEALED_AT, _SEALED_FIRST_AT = _HEADER_BYTES + _NONCE_BYTES, _HEADER_BYTES + _SALT_BYTES


class KeyEncryption(Protocol):
    """Wraps the vault's keys. `bound_to` says what a key is for; unwrapping must say the same."""

    @property
    def key_id(self) -> bytes:
        """Give 8 bytes that name the key-encryption key and tell nothing of it."""

    def wrap(self, key: bytes, bound_to: bytes) -> bytes:
        """Encrypt a key. The same key wrapped twice gives different bytes."""

    def unwrap(self, wrapped: bytes, bound_to: bytes) -> bytes:
        """Give the key. Raises KeyFileForeign."""


EncryptionOf = Callable[[Suite], KeyEncryption]
"""Makes the adapter once the ledger's suite is known."""


def key_id_of(wrapped: bytes) -> bytes:
    """Read which key-encryption key wrapped these bytes."""
    return wrapped[len(_FORMAT) : _HEADER_BYTES]


class FileKeyEncryption:
    """A key-encryption key of 32 bytes in a file that only its owner may read.

    Wrapped: format byte 02 ‖ key id (8) ‖ nonce (12, random) ‖ SEAL(derive(file's key, "points-ledger/wrap/2", ""),
    nonce, key), bound to what the key is for: one key for all, which an import unwraps a million of. Random nonces
    are safe for 2^32 wrapped keys of one file (NIST SP 800-38D, 8.3).

    The first format is still read: 01 ‖ key id ‖ salt (16) ‖ SEAL(derive(file's key, "points-ledger/wrap/1", salt),
    key).
    """

    def __init__(self, suite: Suite, key: bytes, random_bytes: RandomBytes) -> None:
        self._suite = suite
        self._key = key
        self._wrapper = suite.wrapper(suite.derive(key, b"points-ledger/wrap/2", b""))
        self._random_bytes = random_bytes
        self._key_id = suite.derive(key, b"points-ledger/key-id/1", b"")[:KEY_ID_BYTES]
        self._begins = _FORMAT + self._key_id

    def __repr__(self) -> str:
        return f"FileKeyEncryption({self._key_id.hex()})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Go to another process of ours through a pipe, as the preparers of an import do."""
        return type(self), (self._suite, self._key, self._random_bytes)

    @classmethod
    def open(cls, path: Path, suite: Suite, random_bytes: RandomBytes) -> Self:
        """Read the file. Raises KeyFileMissing, KeyFileUnsafe, KeyFileDamaged."""
        return cls(suite, read_key_file(path), random_bytes)

    @property
    def key_id(self) -> bytes:
        """Name the key."""
        return self._key_id

    def wrap(self, key: bytes, bound_to: bytes) -> bytes:
        """Wrap under a fresh nonce."""
        nonce = self._random_bytes(_NONCE_BYTES)
        return self._begins + nonce + self._wrapper.seal(nonce, key, bound_to)

    def unwrap(self, wrapped: bytes, bound_to: bytes) -> bytes:
        """Unwrap what this key wrapped. Raises KeyFileForeign."""
        try:
            if wrapped[:_HEADER_BYTES] == self._begins:
                return self._wrapper.open(wrapped[_HEADER_BYTES:_SEALED_AT], wrapped[_SEALED_AT:], bound_to)
            if wrapped[:_HEADER_BYTES] != _FIRST_FORMAT + self._key_id:
                raise KeyFileForeign
            salt, sealed = wrapped[_HEADER_BYTES:_SEALED_FIRST_AT], wrapped[_SEALED_FIRST_AT:]
            return self._suite.open(self._suite.derive(self._key, b"points-ledger/wrap/1", salt), sealed, bound_to)
        except CannotOpen:
            raise KeyFileForeign from None


class NewOrOld:
    """Two key-encryption keys while one takes the other's place: the new one wraps, either unwraps."""

    def __init__(self, new: KeyEncryption, old: KeyEncryption) -> None:
        self._new = new
        self._old = old

    @property
    def key_id(self) -> bytes:
        """Name the new key."""
        return self._new.key_id

    def wrap(self, key: bytes, bound_to: bytes) -> bytes:
        """Wrap with the new key."""
        return self._new.wrap(key, bound_to)

    def unwrap(self, wrapped: bytes, bound_to: bytes) -> bytes:
        """Unwrap with the key that the wrapped form names."""
        keys = self._old if key_id_of(wrapped) == self._old.key_id else self._new
        return keys.unwrap(wrapped, bound_to)


def in_file(path: Path, random_bytes: RandomBytes) -> EncryptionOf:
    """Give the adapter for a key file, to be opened once the suite is known."""
    return lambda suite: FileKeyEncryption.open(path, suite, random_bytes)


def in_files(new: Path, old: Path, random_bytes: RandomBytes) -> EncryptionOf:
    """Give the adapter for the time in which a new key file takes an old one's place."""
    return lambda suite: NewOrOld(in_file(new, random_bytes)(suite), in_file(old, random_bytes)(suite))
