"""The vault's own keys: made once when a ledger is opened, unwrapped when a process starts."""

from dataclasses import dataclass, field
from uuid import UUID

from domain.errors import LedgerNotOpened, LedgerOpenedOtherwise
from ledger.database import Role
from ledger.suites import SUITES, Suite, SuiteName
from ledger.vault.encryption import KEY_BYTES, EncryptionOf, KeyEncryption, RandomBytes
from ledger.vault.sessions import Sessions


@dataclass(frozen=True, slots=True)
class VaultKeys:
    """What a process needs to know. `index_key` is None for a role that may not look for persons."""

    suite: Suite
    encryption: KeyEncryption
    ledger_key: bytes = field(repr=False)
    index_key: bytes | None = field(repr=False)


def create(
    sessions: Sessions, ledger: str, suite: SuiteName, encryption_of: EncryptionOf, random: RandomBytes
) -> None:
    """Make the vault's keys. Doing it again changes nothing. Raises LedgerOpenedOtherwise."""
    encryption = encryption_of(SUITES[suite])
    made = [
        encryption.wrap(random(KEY_BYTES), bound_to(purpose, ledger)) for purpose in ("ledger-key", "index-key")
    ]
    statement = sessions.sql(
        "INSERT INTO {vault}.settings (ledger, suite, ledger_key, index_key) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING"
    )
    sessions.run(lambda connection: connection.execute(statement, [ledger, suite, *made]))
    # Another process may have been first: what stands in the table counts, for everybody.
    if suite_of(sessions).name != suite:
        raise LedgerOpenedOtherwise


def suite_of(sessions: Sessions) -> Suite:
    """Read the ledger's suite. Raises LedgerNotOpened."""
    statement = sessions.sql("SELECT suite FROM {vault}.settings WHERE single")
    row = sessions.run(lambda connection: connection.execute(statement).fetchone())
    if row is None:
        raise LedgerNotOpened
    return SUITES[row[0]]


def is_made(sessions: Sessions) -> bool:
    """Say whether the vault's keys exist: then a missing key file is lost, and a new one would not help."""
    statement = sessions.sql("SELECT FROM {vault}.settings WHERE single")
    return sessions.run(lambda connection: connection.execute(statement).fetchone()) is not None


def load(sessions: Sessions, encryption_of: EncryptionOf) -> VaultKeys:
    """Unwrap the vault's keys. Raises LedgerNotOpened, KeyFileForeign and what opening the key file brings."""
    suite = suite_of(sessions)
    encryption = encryption_of(suite)
    statement = sessions.sql("SELECT ledger, ledger_key FROM {vault}.settings WHERE single")
    if sessions.role is Role.VAULT:
        statement = sessions.sql("SELECT ledger, ledger_key, index_key FROM {vault}.settings WHERE single")
    row = sessions.run(lambda connection: connection.execute(statement).fetchone())
    if row is None:
        raise LedgerNotOpened
    ledger, *wrapped = row
    ledger_key = encryption.unwrap(wrapped[0], bound_to("ledger-key", ledger))
    index_key = encryption.unwrap(wrapped[1], bound_to("index-key", ledger)) if len(wrapped) > 1 else None
    return VaultKeys(suite, encryption, ledger_key, index_key)


def bound_to(purpose: str, ledger: str) -> bytes:
    """Say what a wrapped key is for, so that one row's key does not open in another's place."""
    return f"{purpose}/{ledger}".encode()


def subject_bound_to(subject: UUID) -> bytes:
    """Say whose key a wrapped key is."""
    return bound_to("subject", subject.hex)


def salt_bound_to(entry_key: bytes) -> bytes:
    """Say which entry's salt a wrapped salt is."""
    return bound_to("salt", entry_key.hex())
