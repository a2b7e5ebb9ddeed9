"""Reading a person's history as staff: the one way, and it is written down.

The desk's role may read no entry but through `read_history` (migrations/0006), which writes the log in the same
transaction. Residents see the log: who read, when, and why.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from domain.facts import RestrictionLifted, SubjectRestricted
from domain.retention import SubjectIsRestricted
from ledger import rows
from ledger.commit import tuples
from ledger.datastore import LedgerDatastore
from ledger.entry import StoredEntry


@dataclass(frozen=True, slots=True)
class Reading:
    """One line of the log: who read how far, when, and why."""

    read_at: datetime
    subject: UUID
    reader: str
    purpose: str
    entries: int
    last_version: int | None


def read_history(
    desk: LedgerDatastore, subject: UUID, reader: str, purpose: str, *, though_restricted: bool = False
) -> Sequence[StoredEntry]:
    """Read a stream whole and write down who did, and why. `desk` is a datastore of the desk's role.

    `reader` is a pseudonymous id, `purpose` 1 to 200 characters. `though_restricted`: for auditors, and for who
    looks after the restriction itself. Raises SubjectIsRestricted, and the library's IntegrityError where reader or
    purpose is missing; then nothing is given out. A reading that was refused stands in the log all the same.
    """
    statement = f"SELECT notification_id,{rows.NAMES} FROM read_history(%s, %s, %s)"  # noqa: S608 - column names alone

    def ask(connection: Connection[DictRow]) -> list[StoredEntry]:
        # In autocommit the log is committed when the answer is here: nothing is handed on before it.
        answer = tuples(connection).execute(statement, [subject, reader, purpose]).fetchall()
        return [rows.stored_entry(row) for row in answer]

    found = desk.ask(ask)
    if not though_restricted and _is_restricted([entry.topic for entry in found]):
        raise SubjectIsRestricted
    return found


def _is_restricted(topics: Sequence[str]) -> bool:
    """Say whether a restriction stands: each is lifted before the next is placed."""
    return topics.count(SubjectRestricted.topic()) > topics.count(RestrictionLifted.topic())


def readings(datastore: LedgerDatastore, subject: UUID) -> list[Reading]:
    """List who read a person's history, the latest first."""
    statement = (
        "SELECT read_at, subject, reader, purpose, entries, last_version FROM read_log"
        " WHERE subject = %s ORDER BY number DESC"
    )
    return datastore.ask(
        lambda connection: [Reading(*row) for row in tuples(connection).execute(statement, [subject]).fetchall()]
    )
