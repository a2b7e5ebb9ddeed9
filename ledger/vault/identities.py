"""Who a row is about: documents and names to subjects, by keyed index, a batch at a time."""

from binascii import hexlify
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from domain.person import Person
from ledger import wire
from ledger.commit import tuples
from ledger.vault.encryption import KEY_BYTES, RandomBytes
from ledger.vault.indexes import Indexes, PersonIndex
from ledger.vault.sessions import Sessions
from ledger.vault.settings import VaultKeys, subject_bound_to


class Outcome(StrEnum):
    """What the vault says of a person."""

    KNOWN = "known"
    MINTED = "minted"
    """New, or new to the ledger: its entry must be appended (minting.py), then `recorded` called."""
    HELD = "held"
    ERASED = "erased"
    UNKNOWN = "unknown"
    """From `find` alone: `resolve` would have minted."""


class Why(StrEnum):
    """Why a row is held."""

    OTHER_NAME = "other-name"
    """The number is known under another name."""
    SEVERAL_PERSONS = "several-persons"
    """The row gives no name, and after a decision several persons share the number."""
    UNKNOWN_NUMBER = "unknown-number"
    """The row gives no name, and nobody is known by the number."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """The vault's answer. `subject` stands with known and minted, `why` with held."""

    outcome: Outcome
    subject: UUID | None = None
    why: Why | None = None


class Holder(NamedTuple):
    """Who is known by a number and a name: the stream's 16 bytes, the key (None: destroyed).

    `unrecorded` says that the identity entry may be missing, as `minted` does.
    """

    stream: bytes
    key: bytes | None
    unrecorded: bool


@dataclass(slots=True)
class _Standing:
    """What is known of one number: its names, and the names it had before an erasure."""

    names: dict[bytes, UUID] = field(default_factory=dict)
    gone: set[bytes] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a batch's numbers; `unrecorded` are minted subjects whose entry may be missing."""

    standings: dict[bytes, _Standing]
    unrecorded: set[UUID]

    def resolution(self, index: PersonIndex) -> Resolution:
        standing = self.standings.get(index.document) or _Standing()
        if index.name is None:
            return self._without_name(standing)
        subject = standing.names.get(index.name)
        if subject is not None:
            return self._found(subject)
        if index.name in standing.gone:
            return Resolution(Outcome.ERASED)
        if standing.names:
            return Resolution(Outcome.HELD, why=Why.OTHER_NAME)
        # Nobody has the number now, and somebody who had it was erased: under which name a row comes again is not
        # for a machine to weigh against that.
        return Resolution(Outcome.ERASED) if standing.gone else Resolution(Outcome.UNKNOWN)

    def _without_name(self, standing: _Standing) -> Resolution:
        subjects = set(standing.names.values())
        if len(subjects) == 1:
            # Not minted, though the entry may be missing: a row without a name has nothing to record it with.
            return Resolution(Outcome.KNOWN, subjects.pop())
        if subjects:
            return Resolution(Outcome.HELD, why=Why.SEVERAL_PERSONS)
        if standing.gone:
            return Resolution(Outcome.ERASED)
        return Resolution(Outcome.HELD, why=Why.UNKNOWN_NUMBER)

    def _found(self, subject: UUID) -> Resolution:
        return Resolution(Outcome.MINTED if subject in self.unrecorded else Outcome.KNOWN, subject)


def _before_named(indexes: Sequence[PersonIndex], minted: Collection[bytes]) -> set[int]:
    """Give the places of rows without a name that lie before the one whose name was minted with their number."""
    early: set[int] = set()
    waiting = set(minted)
    for at, index in enumerate(indexes) if minted else ():
        if index.document in waiting:
            if index.name is None:
                early.add(at)
            else:
                waiting.discard(index.document)
    return early


class Identities:
    """Resolves and mints. Safe for any number of threads and processes at once."""

    def __init__(self, sessions: Sessions, keys: VaultKeys, indexes: Indexes, random_bytes: RandomBytes) -> None:
        self._sessions = sessions
        self._encryption = keys.encryption
        self._indexes = indexes
        self._random_bytes = random_bytes

    def find(self, person: Person) -> Resolution:
        """Say who it is, and mint nobody: an unknown named person stays unknown."""
        return self.find_all([person])[0]

    def find_all(self, persons: Sequence[Person]) -> list[Resolution]:
        """Do the same for many, in one query."""
        indexes = [self._indexes.of(person) for person in persons]
        known = self._known({index.document for index in indexes})
        return [known.resolution(index) for index in indexes]

    def resolve(self, persons: Sequence[Person]) -> list[Resolution]:
        """Say who each is, in the order given; mint the unknown. One query where all are known.

        One number is minted once, for the first name in the batch; the same number under another name further down
        is held. What is minted stays `minted` for every caller until `recorded` is called.
        """
        return self.resolve_indexes([self._indexes.of(person) for person in persons])

    def resolve_indexes(self, indexes: Sequence[PersonIndex]) -> list[Resolution]:
        """Do the same for persons whose indexes were made."""
        documents = {index.document for index in indexes}
        known = self._known(documents)
        unknown = {
            index.document: index
            for index in reversed(indexes)
            if index.name is not None and known.resolution(index).outcome is Outcome.UNKNOWN
        }
        if unknown:
            self._mint(unknown.values())
            # If we stop here, the subjects are there without an entry: the next import finds them unrecorded.
            minted = self._known(unknown)
            known.standings.update(minted.standings)
            known.unrecorded.update(minted.unrecorded)
        # A row without a name is told what was known before it: not what a row further down has brought.
        early = _before_named(indexes, unknown)
        return [
            Resolution(Outcome.HELD, why=Why.UNKNOWN_NUMBER) if at in early else known.resolution(index)
            for at, index in enumerate(indexes)
        ]

    def holders(self, indexes: Sequence[PersonIndex]) -> list[Holder | None]:
        """Say who is known by number and name, with the key of each, in two queries; None where nobody is.

        For imports: most rows are about somebody known, and need the key to be sealed under.
        """
        known = self._sessions.sql("SELECT at, subject, wrapped FROM {vault}.holders(%b::bytea[], %b::bytea[])")
        missing = self._sessions.sql(
            "SELECT uuid_send(subject) FROM {vault}.unrecorded WHERE subject = ANY(%b::uuid[])"
        )
        documents = wire.array("bytea", [wire.bytea(index.document) for index in indexes])
        names = wire.array("bytea", [wire.bytea(index.name) for index in indexes])

        def ask(connection: psycopg.Connection) -> tuple[list[tuple[Any, ...]], set[bytes]]:
            wire.learn(connection)
            rows = tuples(connection).execute(known, [documents, names], prepare=True).fetchall()
            # Asked after them: who was minted in between is not among them.
            subjects = wire.array("uuid", [b"\0\0\0\x10" + stream for _, stream, _ in rows])
            unrecorded = tuples(connection).execute(missing, [subjects], prepare=True).fetchall()
            return rows, {stream for (stream,) in unrecorded}

        found: list[Holder | None] = [None] * len(indexes)
        unwrap = self._encryption.unwrap
        rows, unrecorded = self._sessions.run(ask)
        for at, stream, wrapped in rows:
            key = None if wrapped is None else unwrap(wrapped, b"subject/" + hexlify(stream))
            found[at - 1] = Holder(stream, key, stream in unrecorded)
        return found

    def keys_of(self, subjects: Collection[UUID]) -> dict[UUID, bytes | None]:
        """Give subjects' keys, None for one that was destroyed."""
        statement = self._sessions.sql("SELECT subject, wrapped FROM {vault}.subjects WHERE subject = ANY(%s)")
        rows = self._sessions.run(lambda connection: connection.execute(statement, [list(subjects)]).fetchall())
        unwrap = self._encryption.unwrap
        return {
            subject: None if wrapped is None else unwrap(wrapped, subject_bound_to(subject))
            for subject, wrapped in rows
        }

    def recorded(self, subjects: Collection[UUID]) -> None:
        """Note that the identity-minted entries of these subjects are in the ledger."""
        if subjects:
            statement = self._sessions.sql("DELETE FROM {vault}.unrecorded WHERE subject = ANY(%s)")
            self._sessions.run(lambda connection: connection.execute(statement, [sorted(subjects)]))

    def exists(self, subject: UUID) -> bool:
        """Say whether the vault knows the subject and its key is not destroyed."""
        statement = self._sessions.sql("SELECT wrapped IS NOT NULL FROM {vault}.subjects WHERE subject = %s")
        row = self._sessions.run(lambda connection: connection.execute(statement, [subject]).fetchone())
        return row is not None and bool(row[0])

    def new_subject(self, connection: psycopg.Connection) -> UUID:
        """Add a subject with its key, unrecorded, in the caller's transaction."""
        subject, wrapped = self._made()
        connection.execute(
            self._sessions.sql("INSERT INTO {vault}.subjects (subject, wrapped) VALUES (%s, %s)"),
            [subject, wrapped],
        )
        connection.execute(self._sessions.sql("INSERT INTO {vault}.unrecorded (subject) VALUES (%s)"), [subject])
        return subject

    def _made(self) -> tuple[UUID, bytes]:
        subject = UUID(bytes=self._random_bytes(16), version=4)
        return subject, self._encryption.wrap(self._random_bytes(KEY_BYTES), subject_bound_to(subject))

    def _mint(self, indexes: Iterable[PersonIndex]) -> None:
        """Add subjects for numbers that nobody has. Where two do it at once, the first to commit has the number.

        Sorted by number, so that two batches wait for each other and never in a ring.
        """
        rows = [(index.document, index.name, *self._made()) for index in sorted(indexes, key=lambda i: i.document)]
        statement = self._sessions.sql(
            "WITH asked AS (SELECT * FROM unnest(%s::bytea[], %s::bytea[], %s::uuid[], %s::bytea[])"
            "   AS asked (document, name, subject, wrapped)),"
            " won AS (INSERT INTO {vault}.documents (document, subject)"
            "   SELECT document, subject FROM asked ORDER BY document ON CONFLICT DO NOTHING"
            "   RETURNING document, subject),"
            " born AS (INSERT INTO {vault}.subjects (subject, wrapped)"
            "   SELECT subject, wrapped FROM asked JOIN won USING (document, subject)),"
            " noted AS (INSERT INTO {vault}.unrecorded (subject) SELECT subject FROM won)"
            " INSERT INTO {vault}.names (document, name, subject)"
            " SELECT document, name, subject FROM asked JOIN won USING (document, subject)"
        )
        columns = [list(column) for column in zip(*rows, strict=True)]
        self._sessions.run(lambda connection: connection.execute(statement, columns))

    def _known(self, documents: Collection[bytes]) -> _Known:
        statement = self._sessions.sql(
            "SELECT n.document, n.name, n.subject, u.subject IS NOT NULL"
            " FROM {vault}.names n LEFT JOIN {vault}.unrecorded u USING (subject) WHERE n.document = ANY(%s)"
            " UNION ALL SELECT document, name, NULL, false FROM {vault}.tombstones WHERE document = ANY(%s)"
        )
        asked = list(documents)
        rows: list[tuple[Any, ...]] = self._sessions.run(
            lambda connection: connection.execute(statement, [asked, asked]).fetchall()
        )
        known = _Known({}, set())
        for document, name, subject, unrecorded in rows:
            standing = known.standings.setdefault(document, _Standing())
            if subject is None:
                standing.gone.add(name)
                continue
            standing.names[name] = subject
            if unrecorded:
                known.unrecorded.add(subject)
        return known
