"""What a verification reads: entries by stream, time by position, and what entries say of keys taken away."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row

from domain.facts import Ref, Stream, SubjectKeyDestroyed
from ledger import rows
from ledger.commit import tuples
from ledger.entry import StoredEntry
from ledger.streams import named
from ledger.suites import Suite
from ledger.vault.erasure import content_of_expunging
from ledger.verification.findings import Fault, Finding, Report

Connection = psycopg.Connection[Any]
Row = tuple[Any, ...]
_PLACES = "SELECT notification_id,originator_id,originator_version FROM entries"
_PLACE_COLUMNS = 3
_AT = {name: at for at, name in enumerate(("notification_id", *(name for name, _ in rows.COLUMNS)))}
_VERSION = _AT["originator_version"]
_PAIRS = [(_AT[f"{name}_stream"], _AT[f"{name}_version"]) for name in ("causation", "refers_to")]
"""The table refuses half a reference; a table whose constraint was dropped does not."""


@contextmanager
def snapshot(connection: Connection) -> Iterator[None]:
    """Read everything in one snapshot, unless the caller has opened a transaction of their own."""
    if connection.info.transaction_status is not TransactionStatus.IDLE:
        yield
        return
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def read_entries(
    connection: Connection, after: tuple[UUID, int], before: UUID | None, size: int, report: Report
) -> tuple[list[StoredEntry], tuple[UUID, int] | None]:
    """Read the entries of a page (pages.py), and say where it ends; report the rows that no program can read."""
    narrowed, only = ("", []) if before is None else (" AND originator_id < %s", [before])
    question = (
        f"{rows.SELECT} WHERE (originator_id, originator_version) > (%s, %s){narrowed}"
        " ORDER BY originator_id, originator_version LIMIT %s"
    )
    values = [*after, *only, size]
    try:
        with connection.transaction():
            found = tuples(connection).execute(question, values).fetchall()
    except psycopg.DataError:  # such as an infinite instant, which spoils the whole answer
        found = list(_one_by_one(connection, question, values))
    page = [_entry(row, report) for row in found]
    entries = [entry for entry in page if isinstance(entry, StoredEntry)]
    if not page:
        return entries, None
    last = page[-1]
    return entries, (last.originator_id, last.originator_version) if isinstance(last, StoredEntry) else last


def _one_by_one(connection: Connection, question: str, values: Sequence[Any]) -> Iterator[Row]:
    """Read the same rows singly; give only the place of one that cannot be read."""
    places = question.replace(rows.SELECT, _PLACES)
    for place in tuples(connection).execute(places, values).fetchall():
        one = f"{rows.SELECT} WHERE originator_id = %s AND originator_version = %s"
        try:
            with connection.transaction():
                yield from tuples(connection).execute(one, place[1:]).fetchall()
        except psycopg.DataError:
            yield place


def _entry(row: Row, report: Report) -> StoredEntry | tuple[UUID, int]:
    """Give the entry, or the place of a row that is none, and report it."""
    try:
        if len(row) > _PLACE_COLUMNS and all((row[one] is None) == (row[other] is None) for one, other in _PAIRS):
            return rows.stored_entry(row)
    except ValueError:
        pass
    version = row[_VERSION] if len(row) > _PLACE_COLUMNS else row[2]
    report.entries += 1
    report.add(Finding(row[0], row[1], version, Fault.UNREADABLE))
    return row[1], version


def last_position(connection: Connection, stream: UUID | None) -> int:
    """Give the position of the last entry, of the ledger or of a stream; 0 where there is none."""
    question, given = "SELECT coalesce(max(notification_id), 0) FROM entries", list[UUID]()
    if stream is not None:
        # Not the index of positions, which the server would walk back through until it meets the stream.
        question = (
            "SELECT coalesce(max(notification_id), 0) FROM"
            " (SELECT notification_id FROM entries WHERE originator_id = %s OFFSET 0) AS own"
        )
        given = [stream]
    [[found]] = tuples(connection).execute(question.encode(), given).fetchall()
    return int(found)


def check_time(connection: Connection, stream: UUID | None, batch: int, report: Report) -> None:
    """Compare neighbours by position, in the database: only where time runs backwards does a row come here."""
    narrowed = sql.SQL("" if stream is None else "WHERE originator_id = %s")
    question = sql.SQL(
        "SELECT notification_id, originator_id, originator_version FROM ("
        " SELECT notification_id, originator_id, originator_version, recorded_at,"
        " lag(recorded_at) OVER (ORDER BY notification_id) AS before FROM entries {}) AS ordered"
        " WHERE recorded_at < before ORDER BY notification_id"
    ).format(narrowed)
    with connection.cursor(name="verify_time", row_factory=tuple_row) as cursor:
        cursor.itersize = batch
        for position, of, version in cursor.execute(question, [] if stream is None else [stream]):
            report.add(Finding(position, of, version, Fault.TIME, "recorded_at"))


def said(connection: Connection, suite: Suite, entries: Sequence[StoredEntry]) -> set[Ref]:
    """Give those entries of which another says that they were expunged, or their subject's key destroyed."""
    if not entries:
        return set()
    refs = [Ref(stream=entry.originator_id, version=entry.originator_version) for entry in entries]
    expunged = {named(Stream.VAULT, f"expunge-entry/{content_of_expunging(suite, ref).hex()}"): ref for ref in refs}
    question = (
        "SELECT DISTINCT originator_id FROM entries WHERE originator_id = ANY(%s)"
        " UNION SELECT DISTINCT originator_id FROM entries WHERE originator_id = ANY(%s) AND topic = %s"
    )
    streams = sorted({ref.stream for ref in refs})
    found = tuples(connection).execute(question, [sorted(expunged), streams, SubjectKeyDestroyed.topic()])
    speaking = {stream for (stream,) in found}
    return {ref for stream, ref in expunged.items() if stream in speaking or ref.stream in speaking}
