"""Suites of cryptography behind one interface, fixed for a ledger when it is opened.

`intl`: SHA-256, HMAC-SHA-256, AES-256-GCM (FIPS 180-4, RFC 2104, NIST SP 800-38D).
`gm`: SM3, HMAC-SM3, SM4-GCM (GB/T 32905, GB/T 15852.2, GB/T 32907, RFC 8998).
Signatures (Ed25519, SM2) join with the transparency log.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hmac import HMAC

SuiteName = Literal["intl", "gm"]
_TAG = 16
_SHA_BLOCK, _MAC_KEY = 64, 32
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))
"""RFC 2104: what masks a key before the inner and the outer hash."""
_NONCE = bytes(12)
"""Every sealing key is derived from a fresh salt and used once, so that the nonce may be fixed."""


class CannotOpen(Exception):
    """The sealed bytes do not open under this key: another key, or changed bytes."""


class Wrapper(ABC):
    """Authenticated encryption under one key for many short texts, each with a nonce of 12 bytes of its own."""

    @abstractmethod
    def seal(self, nonce: bytes, data: bytes, bound_to: bytes) -> bytes:
        """Encrypt. A nonce that is used twice gives both texts away."""

    @abstractmethod
    def open(self, nonce: bytes, sealed: bytes, bound_to: bytes) -> bytes:
        """Decrypt. Raises CannotOpen."""


class Suite(ABC):
    """Hash, message authentication and authenticated encryption. Keys are 32 bytes in, whatever a cipher uses."""

    name: SuiteName

    def __reduce__(self) -> tuple[Any, ...]:
        return _named, (self.name,)

    @abstractmethod
    def hash(self, data: bytes) -> bytes:
        """Give 32 bytes."""

    @abstractmethod
    def mac(self, key: bytes, data: bytes) -> bytes:
        """Give 32 bytes."""

    def keyed(self, key: bytes) -> Callable[[bytes], bytes]:
        """Give `mac` under one key, for many messages: what depends on the key alone is done once."""
        return partial(self.mac, key)

    def macs(self, keys: Sequence[bytes], messages: Sequence[bytes]) -> list[bytes]:
        """Give the `mac` of each message under its own key. The keys have 32 bytes."""
        return [self.mac(key, message) for key, message in zip(keys, messages, strict=True)]

    @abstractmethod
    def seal(self, key: bytes, data: bytes, bound_to: bytes) -> bytes:
        """Encrypt under a key that is used for nothing else; `bound_to` must be given again to open."""

    @abstractmethod
    def open(self, key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
        """Decrypt. Raises CannotOpen."""

    @abstractmethod
    def wrapper(self, key: bytes) -> Wrapper:
        """Give the suite's encryption under one key, with nonces that the caller chooses."""

    def derive(self, key: bytes, purpose: bytes, salt: bytes) -> bytes:
        """Derive 32 bytes: HKDF-Expand (RFC 5869, 2.3), one block, info = purpose ‖ 0 ‖ salt."""
        return self.mac(key, purpose + b"\x00" + salt + b"\x01")

    def derive_many(self, keys: Sequence[bytes], purpose: bytes, salts: Sequence[bytes]) -> list[bytes]:
        """Do the same for many, each from its own key and salt."""
        return self.macs(keys, [b"%b\x00%b\x01" % (purpose, salt) for salt in salts])


class _International(Suite):
    name: SuiteName = "intl"

    def hash(self, data: bytes) -> bytes:
        return hashlib.sha256(data).digest()

    def mac(self, key: bytes, data: bytes) -> bytes:
        # Not `hmac.digest`: it lets go of the interpreter's lock, and 32 threads that exchange it for each digest
        # spend five times as much as the digest. `sha256` keeps it for short texts.
        padded = (hashlib.sha256(key).digest() if len(key) > _SHA_BLOCK else key).ljust(_SHA_BLOCK, b"\0")
        inner = hashlib.sha256(padded.translate(_INNER) + data).digest()
        return hashlib.sha256(padded.translate(_OUTER) + inner).digest()

    def keyed(self, key: bytes) -> Callable[[bytes], bytes]:
        padded = key.ljust(_SHA_BLOCK, b"\0")
        inner, outer = hashlib.sha256(padded.translate(_INNER)), hashlib.sha256(padded.translate(_OUTER))

        def mac(data: bytes) -> bytes:
            first, second = inner.copy(), outer.copy()
            first.update(data)
            second.update(first.digest())
            return second.digest()

        return mac

    def macs(self, keys: Sequence[bytes], messages: Sequence[bytes]) -> list[bytes]:
        # All keys are padded and masked at once; what is left for each is the two hashes of RFC 2104.
        zeros, sha = bytes(_SHA_BLOCK - _MAC_KEY), hashlib.sha256
        padded = zeros.join([*keys, b""])
        inner, outer = padded.translate(_INNER), padded.translate(_OUTER)
        places = range(0, len(padded), _SHA_BLOCK)
        return [
            sha(outer[at : at + _SHA_BLOCK] + sha(inner[at : at + _SHA_BLOCK] + message).digest()).digest()
            for at, message in zip(places, messages, strict=True)
        ]

    def seal(self, key: bytes, data: bytes, bound_to: bytes) -> bytes:
        return AESGCM(key).encrypt(_NONCE, data, bound_to)

    def open(self, key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
        return _Aes(key).open(_NONCE, sealed, bound_to)

    def wrapper(self, key: bytes) -> Wrapper:
        return _Aes(key)


class _Aes(Wrapper):
    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, nonce: bytes, data: bytes, bound_to: bytes) -> bytes:
        return self._cipher.encrypt(nonce, data, bound_to)

    def open(self, nonce: bytes, sealed: bytes, bound_to: bytes) -> bytes:
        try:
            return self._cipher.decrypt(nonce, sealed, bound_to)
        except InvalidTag:
            raise CannotOpen from None


class _Commercial(Suite):
    name: SuiteName = "gm"

    def hash(self, data: bytes) -> bytes:
        digest = hashes.Hash(hashes.SM3())
        digest.update(data)
        return digest.finalize()

    def mac(self, key: bytes, data: bytes) -> bytes:
        code = HMAC(key, hashes.SM3())
        code.update(data)
        return code.finalize()

    def seal(self, key: bytes, data: bytes, bound_to: bytes) -> bytes:
        return _Sm4(key).seal(_NONCE, data, bound_to)

    def open(self, key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
        return _Sm4(key).open(_NONCE, sealed, bound_to)

    def wrapper(self, key: bytes) -> Wrapper:
        return _Sm4(key)


class _Sm4(Wrapper):
    def __init__(self, key: bytes) -> None:
        # SM4 keys have 16 bytes: the first half of the derived 32.
        self._key = SM4(key[:16])

    def seal(self, nonce: bytes, data: bytes, bound_to: bytes) -> bytes:
        encryptor = Cipher(self._key, GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(bound_to)
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def open(self, nonce: bytes, sealed: bytes, bound_to: bytes) -> bytes:
        if len(sealed) < _TAG:
            raise CannotOpen
        decryptor = Cipher(self._key, GCM(nonce, sealed[-_TAG:])).decryptor()
        decryptor.authenticate_additional_data(bound_to)
        try:
            return decryptor.update(sealed[:-_TAG]) + decryptor.finalize()
        except InvalidTag:
            raise CannotOpen from None


def _named(name: SuiteName) -> Suite:
    return SUITES[name]


SUITES: dict[str, Suite] = {"intl": _International(), "gm": _Commercial()}


@lru_cache(maxsize=65_536)
def text_hash(suite: Suite, text: str) -> str:
    """Hash a text column for the header; the same few organs and topics come again and again."""
    return suite.hash(text.encode()).hex()
