"""The recorder: appends entries in one order, once for each key, and reads them back.

One append is two round trips: `open_turn` (the lock, the instant, the heads, the keys that were used), then the
inserts with their commit. In between, versions, prevs and leaves are made here (ledger/turn.py).
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    PersistenceError,
    ProgrammingError,
    StoredEvent,
    Subscription,
)
from eventsourcing.postgres import PostgresApplicationRecorder
from psycopg import Connection
from psycopg.rows import TupleRow

from ledger import rows
from ledger.commit import patiently, take_turn, tuples
from ledger.datastore import LedgerDatastore
from ledger.entry import Receipt, StoredEntry
from ledger.rows import EntryNotification
from ledger.sequencer import Call, Sequencer
from ledger.subscription import PollingSubscription
from ledger.turn import Answer, Turn

TABLE = "entries"
READ_SECONDS_MAX = 4.0
"""For how long a reader waits for a database that does not answer. A writer waits longer (ledger/commit.py)."""
_Told = list[tuple[Call, list[Answer] | PersistenceError]]


class EntryRecorder(PostgresApplicationRecorder):
    """INSERT-only, ordered, idempotent; callers that wait at the same time share one transaction."""

    datastore: LedgerDatastore

    def __init__(self, datastore: LedgerDatastore, *, events_table_name: str = TABLE) -> None:
        if datastore.enable_db_functions:
            raise ProgrammingError("POSTGRES_ENABLE_DB_FUNCTIONS skips the turn: refused")
        super().__init__(datastore, events_table_name=events_table_name)
        self._sequencer = Sequencer(self._commit)

    def create_table(self) -> None:
        """Refuse: tables are made by migrations (CREATE_TABLE=no)."""
        raise ProgrammingError("tables are made by migrations: set CREATE_TABLE=no")

    def append(self, entries: Sequence[StoredEntry]) -> list[Receipt]:
        """Store entries, all or none, and give a receipt for each in their order.

        Version 0 means next; any other version is checked. A key that was used before for the same request gives
        its first receipt, with `new` False. Raises KeyConflict and VersionConflict (for this call alone),
        OutcomeUnknown, TooBusy, and the library's DataError for text that PostgreSQL cannot hold.
        """
        return self._append(entries, exact=False)

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Append under the versions as given, 0 included: the library's door. Gives positions, None for nothing."""
        if kwargs.get("tracking") is not None:
            raise ProgrammingError("this recorder keeps no tracking: projections keep their own checkpoints")
        return [receipt.position for receipt in self._append(stored_events, exact=True)] or None

    def _append(self, events: Sequence[StoredEvent], *, exact: bool) -> list[Receipt]:
        if not events:
            return []
        return self._sequencer.submit(Call([rows.ready(event) for event in events], exact=exact))

    def close(self) -> None:
        """Serve who waits and end the thread; the datastore is its owner's to close."""
        self._sequencer.close()

    def _commit(self, calls: Sequence[Call]) -> None:
        """Store a group, then tell: before the commit, a conflict with a sibling of the group may yet vanish."""
        # Whoever queued behind a database that is away has waited already.
        for call, answers in patiently(lambda: self._try_commit(calls), max(call.since for call in calls)):
            if isinstance(answers, PersistenceError):
                call.fail(answers)
            else:
                call.answer([answer.receipt() for answer in answers])

    def _try_commit(self, calls: Sequence[Call]) -> _Told:
        told: _Told = []

        def settle(answer: list[Sequence[Any]]) -> Turn:
            turn = Turn.read(answer)
            for call in calls:
                try:
                    told.append((call, turn.settle(call.request, exact=call.exact)))
                except PersistenceError as conflict:
                    told.append((call, conflict))
            return turn

        every = [one for call in calls for one in call.request]
        with self.datastore.borrowed() as connection:
            take_turn(connection, every, settle)
        return told

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEntry]:
        """Read a stream's entries, or a part of it."""
        conditions: list[tuple[str, Any]] = [("originator_id = %s", originator_id)]
        if gt is not None:
            conditions.append(("originator_version > %s", gt))
        if lte is not None:
            conditions.append(("originator_version <= %s", lte))
        order = "originator_version" + (" DESC" if desc else "")
        return [rows.stored_entry(row) for row in self._select(conditions, order, limit)]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[EntryNotification]:
        """Read entries in the order of their positions, `start` and `stop` positions included."""
        conditions: list[tuple[str, Any]] = []
        if start is not None:
            conditions.append((f"notification_id {'>=' if inclusive_of_start else '>'} %s", start))
        if stop is not None:
            conditions.append(("notification_id <= %s", stop))
        if topics:
            conditions.append(("topic = ANY(%s)", list(topics)))
        return [rows.notification(row) for row in self._select(conditions, "notification_id", limit)]

    def max_notification_id(self) -> int | None:
        """Give the last position, None in an empty ledger."""
        question = "SELECT max(notification_id) FROM entries"
        [[last]] = self._ask(lambda connection: tuples(connection).execute(question).fetchall())
        return None if last is None else int(last)

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        """Follow the ledger by polling: no NOTIFY on the append path, and nothing to lose."""
        return PollingSubscription(self, gt, topics)

    def _select(
        self, conditions: Sequence[tuple[str, Any]], order: str, limit: int | None
    ) -> list[tuple[Any, ...]]:
        where = " WHERE " + " AND ".join(text for text, _ in conditions) if conditions else ""
        statement = f"{rows.SELECT}{where} ORDER BY {order}" + ("" if limit is None else " LIMIT %s")
        values = [value for _, value in conditions] + ([] if limit is None else [limit])
        found: list[TupleRow] = self._ask(
            lambda connection: tuples(connection).execute(statement, values, prepare=True).fetchall()
        )
        return found

    def _ask(self, question: Callable[[Connection[Any]], list[TupleRow]]) -> list[TupleRow]:
        return self.datastore.ask(question, again_seconds=READ_SECONDS_MAX)
