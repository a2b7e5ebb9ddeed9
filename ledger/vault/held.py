"""身份待确认: rows that wait for a person to say whose they are.

A held row is outside every score. Its content is sealed; the queue shows organ, reason and time. Deciding gives the
subject, and the content once more, so that the row can be imported for that subject.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, LiteralString
from uuid import UUID

import psycopg

from domain.errors import HeldRowDecided, HeldRowUndecidable, HeldRowUnknown
from domain.person import Person
from ledger.canonical import canonical, parse
from ledger.entry import Request
from ledger.mapper import idempotency_key
from ledger.vault.encryption import RandomBytes
from ledger.vault.envelope import Envelope
from ledger.vault.identities import Identities, Why
from ledger.vault.indexes import Indexes
from ledger.vault.sessions import Sessions
from ledger.vault.settings import VaultKeys


class Decision(StrEnum):
    """How a held row is settled."""

    SAME_PERSON = "same-person"
    """The one who is known: the other spelling becomes a name of that person."""
    OTHER_PERSON = "other-person"
    """Somebody else with the same number: a subject of their own is minted for number and name."""
    REJECTED = "rejected"
    """Nobody's: the source must send it again under the right number."""
    ERASED = "erased"
    """Not a decision: the person was erased and the row with them."""
    SUPERSEDED = "superseded"
    """Not a decision: the row came again, corrected, and stands in the ledger."""


UNDECIDABLE = frozenset({Decision.ERASED, Decision.SUPERSEDED})
"""What nobody decides."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a row came from: its file and its line there, from 1."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class RowToHold:
    """A row as it came: `content` is what an import needs to take it in later.

    `request` makes the key that it would have in the ledger; `batch_id` is the import that met it.
    """

    person: Person
    organ: str
    why: Why
    content: bytes
    request: Request | None = None
    batch_id: UUID | None = None
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One row of the queue: nothing in it is personal."""

    held_id: UUID
    organ: str
    why: Why
    held_at: datetime
    decision: Decision | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    subject: UUID | None = None
    batch_id: UUID | None = None
    entry_key: bytes | None = field(default=None, repr=False)


_ORIGIN = b"origin"
"""What distinguishes the seal of a row's origin from that of its content."""


class HeldRows:
    """The queue and its way out. Safe for any number of threads and processes at once."""

    def __init__(
        self,
        sessions: Sessions,
        keys: VaultKeys,
        indexes: Indexes,
        identities: Identities,
        random_bytes: RandomBytes,
    ) -> None:
        if keys.index_key is None:
            raise TypeError("only the vault's role has the key of the queue")
        self._sessions = sessions
        self._suite = keys.suite
        self._ledger_key = keys.ledger_key
        self._naming = keys.suite.derive(keys.index_key, b"points-ledger/held-id/1", b"")
        self._indexes = indexes
        self._identities = identities
        self._envelope = Envelope(keys.suite, keys.index_key, random_bytes)

    def hold(self, rows: Sequence[RowToHold]) -> list[HeldRow]:
        """Put rows in the queue; a row that is there already, decided or not, is given as it stands."""
        if not rows:
            return []
        ids = [self._id_of(row) for row in rows]
        columns = self._columns(dict(zip(ids, rows, strict=True)))
        statement = self._sessions.sql(
            "INSERT INTO {vault}.held (held_id, document, name, organ, why, sealed, entry_key, batch_id, origin)"
            " SELECT * FROM unnest(%s::uuid[], %s::bytea[], %s::bytea[], %s::text[], %s::text[], %s::bytea[],"
            " %s::bytea[], %s::uuid[], %s::bytea[])"
            " ON CONFLICT DO NOTHING"
        )
        self._sessions.run(lambda connection: connection.execute(statement, columns))
        found = {row.held_id: row for row in self._read("WHERE held_id = ANY(%s)", ids)}
        return [found[held_id] for held_id in ids]

    def waiting(self, after: HeldRow | None = None, limit: int = 100, organ: str | None = None) -> list[HeldRow]:
        """List the undecided, oldest first; go on after the last one of a page. `organ`: of one alone."""
        begin = ("-infinity", UUID(int=0)) if after is None else (after.held_at, after.held_id)
        return self._read(
            "WHERE decision IS NULL AND (%s::text IS NULL OR organ = %s)"
            " AND (held_at, held_id) > (%s::timestamptz, %s) ORDER BY held_at, held_id LIMIT %s",
            organ,
            organ,
            *begin,
            limit,
        )

    def origins(self, rows: Sequence[HeldRow]) -> list[Origin | None]:
        """Open where rows came from, in their order."""
        statement = self._sessions.sql("SELECT held_id, origin FROM {vault}.held WHERE held_id = ANY(%s)")
        asked = [row.held_id for row in rows]
        found: dict[UUID, bytes | None] = dict(
            self._sessions.run(lambda connection: connection.execute(statement, [asked]).fetchall())
        )
        return [self._opened(one, found.get(one)) for one in asked]

    def persons(self, held_id: UUID) -> list[UUID]:
        """Name the subjects who have the row's number: whose it may be. Raises HeldRowUnknown."""
        self.row(held_id)
        statement = self._sessions.sql(
            "SELECT DISTINCT n.subject FROM {vault}.held h JOIN {vault}.names n USING (document)"
            " WHERE h.held_id = %s ORDER BY 1"
        )
        return [row[0] for row in self._sessions.run(lambda one: one.execute(statement, [held_id]).fetchall())]

    def supersede(self, rows: Collection[UUID], by: str) -> int:
        """Settle undecided rows that came again, corrected; say how many there were."""
        statement = self._sessions.sql(
            "UPDATE {vault}.held SET decision = %s, decided_by = %s, decided_at = clock_timestamp(), sealed = NULL"
            " WHERE held_id = ANY(%s) AND decision IS NULL"
        )
        return self._sessions.run(
            lambda connection: connection.execute(statement, [Decision.SUPERSEDED, by, list(rows)]).rowcount
        )

    def row(self, held_id: UUID) -> HeldRow:
        """Give one row of the queue. Raises HeldRowUnknown."""
        found = self._read("WHERE held_id = %s", held_id)
        if not found:
            raise HeldRowUnknown
        return found[0]

    def content(self, held_id: UUID) -> bytes | None:
        """Open a row's content; None once it was let go. Raises HeldRowUnknown."""
        statement = self._sessions.sql("SELECT sealed FROM {vault}.held WHERE held_id = %s")
        row = self._sessions.run(lambda connection: connection.execute(statement, [held_id]).fetchone())
        if row is None:
            raise HeldRowUnknown
        return None if row[0] is None else self._envelope.opened(row[0], held_id.bytes)

    def confirm(self, held_id: UUID, decision: Decision, by: str, subject: UUID | None = None) -> HeldRow:
        """Decide. `subject` says which of several persons it is, where the row has no name or the number several.

        The same decision again gives the same answer. A minted subject is unrecorded until its entry is appended.
        Raises HeldRowUnknown, HeldRowDecided, HeldRowUndecidable.
        """
        if decision in UNDECIDABLE:
            raise HeldRowUndecidable

        def decide(connection: psycopg.Connection) -> None:
            with connection.transaction():
                self._decide(connection, held_id, decision, by, subject)

        self._sessions.run(decide)
        return self.row(held_id)

    def let_go(self, held_id: UUID) -> None:
        """Empty a decided row: it was imported, or its source knows that it was rejected. Raises HeldRowUnknown."""
        statement = self._sessions.sql(
            "UPDATE {vault}.held SET sealed = NULL"
            " WHERE held_id = %s AND decision IS NOT NULL AND sealed IS NOT NULL"
        )
        self._sessions.run(lambda connection: connection.execute(statement, [held_id]))
        self.row(held_id)

    def _decide(
        self, connection: psycopg.Connection, held_id: UUID, decision: Decision, by: str, subject: UUID | None
    ) -> None:
        found = connection.execute(
            self._sessions.sql(
                "SELECT document, name, decision, subject FROM {vault}.held WHERE held_id = %s FOR UPDATE"
            ),
            [held_id],
        ).fetchone()
        if found is None:
            raise HeldRowUnknown
        document, name, decided, decided_subject = found
        if decided is not None:
            if decided != decision or (subject is not None and subject != decided_subject):
                raise HeldRowDecided
            return
        if decision is Decision.SAME_PERSON:
            subject = self._one_of(connection, document, subject)
        elif decision is Decision.OTHER_PERSON:
            if name is None or subject is not None:
                raise HeldRowUndecidable
            subject = self._identities.new_subject(connection)
        else:
            subject = None
        if name is not None and subject is not None:
            self._name(connection, document, name, subject)
        connection.execute(
            self._sessions.sql(
                "UPDATE {vault}.held SET decision = %s, decided_by = %s, decided_at = clock_timestamp(),"
                " subject = %s, sealed = CASE WHEN %s THEN NULL ELSE sealed END WHERE held_id = %s"
            ),
            [decision, by, subject, decision is Decision.REJECTED, held_id],
        )

    def _one_of(self, connection: psycopg.Connection, document: bytes, subject: UUID | None) -> UUID:
        """Check who has the number. Raises HeldRowUndecidable where nobody has, or it is not said which."""
        statement = self._sessions.sql("SELECT DISTINCT subject FROM {vault}.names WHERE document = %s")
        having: list[UUID] = [row[0] for row in connection.execute(statement, [document])]
        if subject is None and len(having) == 1:
            return having[0]
        if subject is None or subject not in having:
            raise HeldRowUndecidable
        return subject

    def _name(self, connection: psycopg.Connection, document: bytes, name: bytes, subject: UUID) -> None:
        insert = self._sessions.sql(
            "INSERT INTO {vault}.names (document, name, subject) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
        )
        connection.execute(insert, [document, name, subject])
        having = self._sessions.sql("SELECT subject FROM {vault}.names WHERE document = %s AND name = %s")
        row = connection.execute(having, [document, name]).fetchone()
        # Another row of the same number and name was decided before, and otherwise.
        if row is None or row[0] != subject:
            raise HeldRowDecided

    def _columns(self, rows: dict[UUID, RowToHold]) -> list[list[Any]]:
        laid = []
        for held_id in sorted(rows):
            row = rows[held_id]
            index = self._indexes.of(row.person)
            laid.append(
                (
                    held_id,
                    index.document,
                    index.name,
                    row.organ,
                    row.why,
                    self._envelope.sealed(row.content, held_id.bytes),
                    None if row.request is None else self._key(row.organ, row.request),
                    row.batch_id,
                    self._sealed(held_id, row.origin),
                )
            )
        return [list(column) for column in zip(*laid, strict=True)]

    def _key(self, organ: str, request: Request) -> bytes:
        return idempotency_key(self._suite, self._ledger_key, organ, request)

    def _sealed(self, held_id: UUID, origin: Origin | None) -> bytes | None:
        if origin is None:
            return None
        told = canonical({"file": origin.file, "line": origin.line})
        return self._envelope.sealed(told, _ORIGIN + held_id.bytes)

    def _opened(self, held_id: UUID, sealed: bytes | None) -> Origin | None:
        return None if sealed is None else Origin(**parse(self._envelope.opened(sealed, _ORIGIN + held_id.bytes)))

    def _id_of(self, row: RowToHold) -> UUID:
        index = self._indexes.of(row.person)
        name = b"" if index.name is None else index.name
        told = index.document + name + row.organ.encode() + b"\x00" + row.content
        return UUID(bytes=self._suite.mac(self._naming, told)[:16])

    def _read(self, where: LiteralString, *values: Any) -> list[HeldRow]:
        columns = self._sessions.sql(
            "SELECT held_id, organ, why, held_at, decision, decided_by, decided_at, subject, batch_id, entry_key"
            " FROM {vault}.held "
        )
        statement = columns + self._sessions.sql(where)
        rows = self._sessions.run(lambda connection: connection.execute(statement, values).fetchall())
        return [_held(*row) for row in rows]


def _held(held_id: UUID, organ: str, why: str, held_at: datetime, decision: str | None, *rest: Any) -> HeldRow:
    return HeldRow(held_id, organ, Why(why), held_at, None if decision is None else Decision(decision), *rest)
