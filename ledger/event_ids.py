"""Ids of events 事件编号: which entry an id stands for, where the entry's own key is the natural key of its fact.

An id is claimed before its entry is appended, so that of two facts under one id the second is refused. A claim
whose entry never came (the event was refused, or the process stopped) holds for a minute and may then be taken over
(docs/decisions/0062).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow, TupleRow

from ledger.commit import tuples
from ledger.datastore import LedgerDatastore
from ledger.entry import Receipt

_CLAIM = (
    # A claim that another process has just made is left alone; one that led to nothing is taken over.
    "INSERT INTO event_ids AS known (id, key, request_hash)"
    " SELECT * FROM unnest(%s::bytea[], %s::bytea[], %s::bytea[]) AS asked (id, key, request_hash) ORDER BY id"
    " ON CONFLICT (id) DO UPDATE"
    " SET key = excluded.key, request_hash = excluded.request_hash, claimed_at = clock_timestamp()"
    " WHERE known.claimed_at < clock_timestamp() - interval '1 minute'"
    " AND NOT EXISTS (SELECT FROM entries e WHERE e.key = known.key AND e.request_hash = known.request_hash)"
)
_STANDING = "SELECT id, key, request_hash FROM event_ids WHERE id = ANY(%s)"
_RELEASE = (
    "DELETE FROM event_ids AS known WHERE id = ANY(%s)"
    " AND NOT EXISTS (SELECT FROM entries e WHERE e.key = known.key AND e.request_hash = known.request_hash)"
)
_RECEIPTS = (
    "SELECT key, request_hash, notification_id, originator_id, originator_version, recorded_at, leaf"
    " FROM entries WHERE key = ANY(%s)"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """An id, the key of the entry that it stands for, and what tells that entry's content from another."""

    id: bytes
    key: bytes
    request_hash: bytes


class EventIds:
    """The table, as the appender. For any number of threads and processes."""

    def __init__(self, datastore: LedgerDatastore) -> None:
        self._datastore = datastore

    def claim(self, wanted: Sequence[Claim]) -> dict[bytes, Claim]:
        """Claim ids, each given once; give what stands for each of them now: this claim, or an earlier one.

        Raises the library's errors.
        """
        if not wanted:
            return {}
        columns = [[one.id for one in wanted], [one.key for one in wanted], [one.request_hash for one in wanted]]

        def ask(connection: Connection[DictRow]) -> list[TupleRow]:
            with connection.pipeline(), connection.transaction():
                # Not waited for: the commit of the entry, which comes after, brings this one to the disk too.
                connection.execute("SET LOCAL synchronous_commit = off")
                tuples(connection).execute(_CLAIM, columns, prepare=True)
                return tuples(connection).execute(_STANDING, [columns[0]], prepare=True).fetchall()

        return {row[0]: Claim(*row) for row in self._datastore.ask(ask)}

    def standing(self, ids: Collection[bytes]) -> dict[bytes, Claim]:
        """Give the claims that stand for ids."""
        return {row[0]: Claim(*row) for row in self._ask(_STANDING, ids)} if ids else {}

    def release(self, ids: Collection[bytes]) -> None:
        """Let go of claims whose events were not stored, so that they may come again put right."""
        if ids:
            self._datastore.ask(lambda connection: connection.execute(_RELEASE, [list(ids)]).rowcount)

    def receipts(self, keys: Collection[bytes]) -> dict[bytes, tuple[bytes, Receipt]]:
        """Give the request hash and the receipt of every entry that stands under one of these keys."""
        rows = self._ask(_RECEIPTS, keys) if keys else []
        return {row[0]: (row[1], Receipt(row[2], row[3], row[4], row[5], row[6], new=False)) for row in rows}

    def _ask(self, statement: Any, values: Collection[bytes]) -> list[TupleRow]:
        def ask(connection: Connection[DictRow]) -> list[TupleRow]:
            return tuples(connection).execute(statement, [list(values)]).fetchall()

        return self._datastore.ask(ask)
