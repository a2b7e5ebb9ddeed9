"""Contents that the vault itself seals: rows that wait for a person."""

from ledger.suites import Suite
from ledger.vault.encryption import RandomBytes

_SALT_BYTES = 16
_SIZE_BYTES = 4
_BLOCK = 256


class Envelope:
    """Seals under a key of the vault, each time with a fresh salt, padded so that the length tells little."""

    def __init__(self, suite: Suite, index_key: bytes, random_bytes: RandomBytes) -> None:
        self._suite = suite
        self._key = suite.derive(index_key, b"points-ledger/held-row/1", b"")
        self._random_bytes = random_bytes

    def sealed(self, content: bytes, bound_to: bytes) -> bytes:
        """Give salt ‖ SEAL(length ‖ content ‖ zeros)."""
        salt = self._random_bytes(_SALT_BYTES)
        whole = len(content).to_bytes(_SIZE_BYTES, "big") + content
        return salt + self._suite.seal(
            self._key_of(salt), whole.ljust(-(-len(whole) // _BLOCK) * _BLOCK, b"\0"), bound_to
        )

    def opened(self, sealed: bytes, bound_to: bytes) -> bytes:
        """Give the content. Raises CannotOpen."""
        whole = self._suite.open(self._key_of(sealed[:_SALT_BYTES]), sealed[_SALT_BYTES:], bound_to)
        size = int.from_bytes(whole[:_SIZE_BYTES], "big")
        return whole[_SIZE_BYTES : _SIZE_BYTES + size]

    def _key_of(self, salt: bytes) -> bytes:
        return self._suite.derive(self._key, b"points-ledger/held-row/1", salt)
