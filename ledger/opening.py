"""Opening a ledger: once for ever (建账), and again for every process that works with it."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from domain.errors import LedgerNotOpened
from domain.facts import LedgerOpened, Stream
from domain.programme import ProgrammeDocument
from domain.retention import Schedule
from domain.rulebook import Document
from ledger.application import Ledger
from ledger.approvals import Approvals
from ledger.competences import Competences
from ledger.database import Database, Role
from ledger.datastore import LedgerDatastore
from ledger.entry import Entry, Hand, Receipt, Request
from ledger.history import Reads
from ledger.migrate import migrate
from ledger.publication import PROGRAMMES, RULEBOOKS, Publication
from ledger.retention import HOUSE, schedule_in
from ledger.streams import named
from ledger.suites import SUITES, Suite, SuiteName
from ledger.vault.encryption import EncryptionOf, RandomBytes, create_key_file, in_file, in_files
from ledger.vault.erasure import Erasure
from ledger.vault.erasure_log import ErasureLog
from ledger.vault.held import HeldRows
from ledger.vault.identities import Identities
from ledger.vault.indexes import Indexes
from ledger.vault.retaining import Retaining
from ledger.vault.ring import VaultKeyRing
from ledger.vault.sessions import Sessions
from ledger.vault.settings import VaultKeys, create, is_made, load

KEEPER_ORGAN = "ledger-keeper"
ERASURE_LOG = "erasures.log"


@dataclass(frozen=True)
class Desk:
    """One ledger at work: what the doors and the importer use. Made by `at_work`, closed with it."""

    database: Database
    ledger: Ledger
    keys: VaultKeyRing
    vault_keys: VaultKeys
    sessions: Sessions
    indexes: Indexes
    identities: Identities
    held: HeldRows
    approvals: Approvals
    retaining: Retaining
    erasure: Erasure
    erased_again: int
    publication: Publication[Document]
    programmes: Publication[ProgrammeDocument]
    competences: Competences

    @contextmanager
    def reads(self, connections_max: int = 1) -> Iterator[Reads]:
        """Give the one way in which staff read of people."""
        with closing(LedgerDatastore(self.database, Role.DESK, connections_max=connections_max)) as store:
            yield Reads(store, self.keys, self.ledger.entry_mapper.random_bytes)

    def history(self, subject: UUID, reader: str, purpose: str, *, though_restricted: bool = False) -> list[Entry]:
        """Read a person's history as staff: it is written to the read log first. Raises SubjectIsRestricted."""
        with self.reads() as reads:
            stored = reads.history(subject, reader, purpose, though_restricted=though_restricted)
        if stored:
            self.keys.prepare([subject])
        return [self.ledger.entry_mapper.to_domain_event(entry) for entry in stored]

    def note(self, reader: str, purpose: str, *subjects: UUID, though_restricted: bool = False) -> None:
        """Write down that staff read of people what is not their entries. Raises SubjectIsRestricted."""
        with self.reads() as reads:
            reads.note(reader, purpose, *subjects, though_restricted=though_restricted)


def found(
    database: Database, key_file: Path, suite: SuiteName, recorded_by: str, random_bytes: RandomBytes
) -> Receipt:
    """Open a ledger for ever: tables, key file, vault keys, the genesis entry. Doing it again changes nothing.

    Raises LedgerOpenedOtherwise, MigrationRefused, and what the key file brings.
    """
    migrate(database)
    sessions = Sessions(database)
    try:
        if not key_file.exists() and not is_made(sessions):
            key_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            create_key_file(key_file, random_bytes)
        # If we stop between these steps, the next `points init` goes on: each of them finds what is there.
        create(sessions, database.ledger, suite, in_file(key_file, random_bytes), random_bytes)
    finally:
        sessions.close()
    with at_work(database, key_file, random_bytes) as desk:
        hand = Hand(recorded_by, KEEPER_ORGAN, channel="init", source_class="manual")
        request = Request("points", "genesis")
        fact = LedgerOpened(name=database.ledger, suite=suite)
        [receipt] = desk.ledger.record(Entry(named(Stream.LEDGER, database.ledger), hand, request, fact))
        return receipt


@contextmanager
def at_work(
    database: Database,
    key_file: Path,
    random_bytes: RandomBytes,
    old_key_file: Path | None = None,
    schedule: Schedule | None = None,
    erasure_log: Path | None = None,
) -> Iterator[Desk]:
    """Open a founded ledger for this process; with both key files while one takes the other's place.

    `schedule` says how long what is recorded is kept; None: the one that the release comes with. `erasure_log`
    None: beside the key file. What it says and the vault has not done is done first, so that nobody works with what
    was erased, also after a restore from a backup that has it still.

    Raises LedgerNotOpened, DatabaseRefused, the key files' refusals.
    """
    _must_exist(database)
    with ExitStack() as stack:
        sessions = Sessions(database)
        stack.callback(sessions.close)
        vault_keys = load(sessions, encryption_in(key_file, random_bytes, old_key_file))
        indexes = Indexes(vault_keys.suite, vault_keys.index_key or b"")
        keys = VaultKeyRing(sessions, vault_keys)
        ledger = Ledger(database, keys, random_bytes)
        stack.callback(ledger.close)
        approvals = Approvals(ledger)
        retaining = Retaining(ledger, approvals, schedule or schedule_in(HOUSE))
        erasure = Erasure(retaining, sessions, keys, ErasureLog(erasure_log or key_file.with_name(ERASURE_LOG)))
        erased_again = erasure.replay()
        identities = Identities(sessions, vault_keys, indexes, random_bytes)
        yield Desk(
            database=database,
            ledger=ledger,
            keys=keys,
            vault_keys=vault_keys,
            sessions=sessions,
            indexes=indexes,
            identities=identities,
            held=HeldRows(sessions, vault_keys, indexes, identities, random_bytes),
            approvals=approvals,
            retaining=retaining,
            erasure=erasure,
            erased_again=erased_again,
            publication=Publication(RULEBOOKS, ledger, approvals),
            programmes=Publication(PROGRAMMES, ledger, approvals),
            competences=Competences(ledger),
        )


def runner_keys(
    database: Database, key_file: Path, random_bytes: RandomBytes, old_key_file: Path | None = None
) -> tuple[Sessions, VaultKeyRing]:
    """Open the vault as the runner, who may unwrap subjects' keys and look for nobody. The caller closes."""
    _must_exist(database)
    sessions = Sessions(database, Role.RUNNER)
    return sessions, VaultKeyRing(sessions, load(sessions, encryption_in(key_file, random_bytes, old_key_file)))


def suite_of(database: Database) -> Suite:
    """Give the ledger's suite, as its first entry names it. Raises LedgerNotOpened."""
    _must_exist(database)
    with database.connect(Role.AUDITOR) as connection:
        row = connection.execute("SELECT suite FROM entries ORDER BY notification_id LIMIT 1").fetchone()
    if row is None:
        raise LedgerNotOpened
    return SUITES[row[0]]


def _must_exist(database: Database) -> None:
    """Ask first, as the URL's user: a pool would wait long for a role that nobody has made."""
    with database.connect() as connection:
        [found_there] = connection.execute(
            "SELECT to_regnamespace(%s) IS NOT NULL", [database.schema]
        ).fetchone() or [0]
    if not found_there:
        raise LedgerNotOpened


def encryption_in(key_file: Path, random_bytes: RandomBytes, old_key_file: Path | None = None) -> EncryptionOf:
    """Give the adapter for the key file, or for both while one takes the other's place."""
    if old_key_file is None:
        return in_file(key_file, random_bytes)
    return in_files(key_file, old_key_file, random_bytes)
