"""What is known, to the office behind the HTTP door: snapshots of a pool; others run the projections."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from weakref import WeakKeyDictionary

from psycopg import Connection

from ledger.database import Role
from ledger.opening import Desk
from ledger.vault.sessions import Sessions
from projections.cases import Cases, Snapshot
from projections.coordinates import head
from projections.reading import Opener
from projections.schemas import Schemas
from projections.scores import SOURCES
from projections.waiting import wait_for

T = TypeVar("T")
WAIT_SECONDS_MAX = 5.0
_CONNECTIONS_MAX = 4
_STATEMENT_LIMIT = "SET statement_timeout = '30s'"


class PooledKnowing:
    """For any number of threads. Apart from the pool of scores: a ranking takes longer. Close it."""

    def __init__(self, desk: Desk) -> None:
        self._schemas = Schemas.of(desk.database)
        self._sessions = Sessions(desk.database, Role.RUNNER, _CONNECTIONS_MAX)
        self._opener = Opener(desk.ledger.entry_mapper, desk.keys.prepare)
        self._cases: WeakKeyDictionary[Connection, Cases] = WeakKeyDictionary()

    def close(self) -> None:
        """Give the connections back."""
        self._sessions.close()

    def follow(self) -> int:
        """Wait, not for long, until what is read here is where the ledger is now. Raises ProjectionBehind."""

        def work(connection: Connection) -> int:
            with connection.cursor() as cursor:
                position = head(cursor, self._schemas)
            wait_for(connection, self._schemas, (*SOURCES, "uses", "assessments"), position, WAIT_SECONDS_MAX)
            return position

        return self._sessions.run(work)

    def ask(self, question: Callable[[Cases, Snapshot], T], as_at: int | datetime | None = None) -> T:
        """Ask in one snapshot, as known at a position or an instant."""

        def work(connection: Connection) -> T:
            cases = self._of(connection)
            with cases.at(as_at) as snapshot:
                return question(cases, snapshot)

        return self._sessions.run(work)

    def _of(self, connection: Connection) -> Cases:
        cases = self._cases.get(connection)
        if cases is None:
            connection.execute(_STATEMENT_LIMIT)
            cases = self._cases[connection] = Cases(connection, self._schemas, self._opener)
        return cases
