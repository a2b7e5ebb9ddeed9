"""The vault of one ledger, put together for a process."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from ledger.database import Database, Role
from ledger.suites import SuiteName
from ledger.vault import settings
from ledger.vault.encryption import EncryptionOf, RandomBytes
from ledger.vault.envelope import Envelope
from ledger.vault.held import HeldRows
from ledger.vault.identities import Identities
from ledger.vault.indexes import Indexes
from ledger.vault.ring import CACHED_MAX, RECHECK_SECONDS, VaultKeyRing
from ledger.vault.sessions import Sessions
from ledger.vault.settings import VaultKeys


class KeysOfVault:
    """What a process that only opens entries has: the key ring, under the runner's role."""

    def __init__(
        self,
        database: Database,
        encryption_of: EncryptionOf,
        *,
        role: Role = Role.RUNNER,
        recheck_seconds: float = RECHECK_SECONDS,
        cached_max: int = CACHED_MAX,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises LedgerNotOpened, KeyFileForeign and what opening the key file brings."""
        self.sessions = Sessions(database, role)
        try:
            self.keys: VaultKeys = settings.load(self.sessions, encryption_of)
        except BaseException:
            self.sessions.close()
            raise
        self.ring = VaultKeyRing(
            self.sessions,
            self.keys,
            recheck_seconds=recheck_seconds,
            cached_max=cached_max,
            monotonic=monotonic,
        )

    def close(self) -> None:
        """Give the connections back."""
        self.sessions.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Vault(KeysOfVault):
    """What a process that takes facts in has: also who is who, and the queue of held rows."""

    def __init__(
        self,
        database: Database,
        encryption_of: EncryptionOf,
        random_bytes: RandomBytes,
        *,
        recheck_seconds: float = RECHECK_SECONDS,
        cached_max: int = CACHED_MAX,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises LedgerNotOpened, KeyFileForeign and what opening the key file brings."""
        super().__init__(
            database,
            encryption_of,
            role=Role.VAULT,
            recheck_seconds=recheck_seconds,
            cached_max=cached_max,
            monotonic=monotonic,
        )
        suite, index_key = self.keys.suite, self.keys.index_key
        if index_key is None:
            raise TypeError("only the vault's role reads the index key")
        indexes = Indexes(suite, index_key)
        self.identities = Identities(self.sessions, self.keys, indexes, random_bytes)
        envelope = Envelope(suite, index_key, random_bytes)
        self.held = HeldRows(self.sessions, suite, index_key, indexes, self.identities, envelope)


def create_vault(
    database: Database, suite: SuiteName, encryption_of: EncryptionOf, random_bytes: RandomBytes
) -> None:
    """Make the vault's keys in a migrated ledger; doing it again is harmless.

    Raises LedgerOpenedOtherwise, KeyFileForeign and what opening the key file brings.
    """
    sessions = Sessions(database, Role.VAULT, connections_max=1)
    try:
        settings.create(sessions, database.ledger, suite, encryption_of, random_bytes)
        settings.load(sessions, encryption_of)
    finally:
        sessions.close()
