"""What a person's stream says of some kinds, read by use cases: nothing else of it is read."""

from collections.abc import Collection
from typing import LiteralString
from uuid import UUID

from psycopg.rows import tuple_row

from domain.facts import FactVoided
from ledger import rows
from ledger.application import Ledger
from ledger.entry import Entry

_VOIDED = FactVoided.topic()


def said_of(ledger: Ledger, subject: UUID, kinds: Collection[str]) -> list[Entry]:
    """Give a subject's entries of some kinds (without their versions) in order, those that were voided left out."""
    text = (
        f"{rows.SELECT} WHERE originator_id = %s AND (split_part(topic, '.', 1) = ANY(%s) OR topic = %s)"
        " ORDER BY originator_version"
    )
    with ledger.connection() as connection:
        cursor = connection.cursor(binary=True, row_factory=tuple_row)
        read = cursor.execute(text.encode(), [subject, list(kinds), _VOIDED]).fetchall()
    stored = [rows.stored_entry(row) for row in read]
    gone = {row.hand.refers_to.version for row in stored if row.topic == _VOIDED and row.hand.refers_to}
    return [
        ledger.entry_mapper.to_domain_event(row)
        for row in stored
        if row.topic != _VOIDED and row.originator_version not in gone
    ]


def head_of(ledger: Ledger, subject: UUID) -> int:
    """Give the last version of a subject's stream; 0 where it has none."""
    return _last(
        ledger, subject, "SELECT coalesce(max(originator_version), 0) FROM entries WHERE originator_id = %s"
    )


def head_position_of(ledger: Ledger, subject: UUID) -> int:
    """Give the position of the last entry of a subject's stream; 0 where it has none."""
    return _last(ledger, subject, "SELECT coalesce(max(notification_id), 0) FROM entries WHERE originator_id = %s")


def _last(ledger: Ledger, subject: UUID, text: LiteralString) -> int:
    with ledger.connection() as connection:
        row = connection.cursor(row_factory=tuple_row).execute(text, [subject]).fetchone()
    return int(row[0]) if row else 0
