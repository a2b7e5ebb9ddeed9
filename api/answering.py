"""Scores and rulebooks for the door: a small pool of connections as the runner, and what waits for projections."""

from collections.abc import Callable
from contextlib import closing
from typing import TypeVar
from weakref import WeakKeyDictionary

from psycopg import Connection

from api import clock
from api.clock import AHEAD_OF_UTC
from domain.errors import PositionUnknown
from ledger.database import Database, Role
from ledger.suites import Suite
from ledger.transparency.log import LogReader
from ledger.transparency.tree import ENTRIES, Tree
from ledger.vault.sessions import Sessions
from projections.audits import Audits
from projections.checkpoints import reached
from projections.coordinates import head
from projections.prospects import Prospects
from projections.schemas import Schemas
from projections.scores import SOURCES
from projections.traces import Traces
from projections.waiting import wait_for

T = TypeVar("T")
WAIT_SECONDS_MAX = 3.0
_ASKING_MAX, _WAITING_MAX, _ASKING_LOG_MAX = 8, 4, 4
_STATEMENT_LIMIT = "SET statement_timeout = '15s'"


class Answering:
    """Asks for any number of threads. Close it."""

    def __init__(self, database: Database) -> None:
        self.schemas = Schemas.of(database)
        self._asking = Sessions(database, Role.RUNNER, _ASKING_MAX)
        # Apart, so that those who wait for a projection do not keep the others from asking.
        self._waiting = Sessions(database, Role.RUNNER, _WAITING_MAX)
        self._answers: WeakKeyDictionary[Connection, Traces] = WeakKeyDictionary()
        self._prospects: WeakKeyDictionary[Connection, Prospects] = WeakKeyDictionary()

    def close(self) -> None:
        """Give the connections back."""
        with closing(self._asking), closing(self._waiting):
            pass

    def ask(self, question: Callable[[Traces], T]) -> T:
        """Ask on a connection of the pool. Each keeps the rulebooks it has read.

        Raises what the question raises, DatabaseUnavailable, DatabaseRefused.
        """
        return self._asking.run(lambda connection: question(self._of(connection)))

    def foresee(self, question: Callable[[Prospects], T]) -> T:
        """Ask what lies ahead on a connection of the pool. Raises as `ask` does."""

        def work(connection: Connection) -> T:
            prospects = self._prospects.get(connection)
            if prospects is None:
                connection.execute(_STATEMENT_LIMIT)
                prospects = self._prospects[connection] = Prospects(connection, self.schemas)
            return question(prospects)

        return self._asking.run(work)

    def wait(self, position: int) -> None:
        """Wait, not for long, until the projections have reached a position.

        Raises PositionUnknown where the ledger has not, ProjectionBehind.
        """

        def work(connection: Connection) -> None:
            with connection.cursor() as cursor:
                if position > head(cursor, self.schemas):
                    raise PositionUnknown
            wait_for(connection, self.schemas, SOURCES, position, WAIT_SECONDS_MAX)

        self._waiting.run(work)

    def reached(self) -> int:
        """Give the position up to which everything is answered."""
        return self._asking.run(lambda connection: reached(connection.cursor(), self.schemas, SOURCES))

    def lag(self) -> int:
        """Give how many positions the projections are behind the ledger."""

        def work(connection: Connection) -> int:
            with connection.cursor() as cursor:
                return head(cursor, self.schemas) - reached(cursor, self.schemas, SOURCES)

        return self._asking.run(work)

    def _of(self, connection: Connection) -> Traces:
        answers = self._answers.get(connection)
        if answers is None:
            connection.execute(_STATEMENT_LIMIT)
            answers = self._answers[connection] = Traces(connection, self.schemas, clock.SHANGHAI)
        return answers


class LogAnswering:
    """The transparency logs, and what auditors look through, for any number of threads. Close it."""

    def __init__(self, database: Database, suite: Suite) -> None:
        self._suite = suite
        self._schemas = Schemas.of(database)
        self._sessions = Sessions(database, Role.AUDITOR, _ASKING_LOG_MAX)

    def close(self) -> None:
        """Give the connections back."""
        self._sessions.close()

    def ask(self, question: Callable[[LogReader], T], tree: Tree = ENTRIES) -> T:
        """Ask one of the logs on a connection of the pool. Raises what the question and Sessions.run raise."""
        return self._sessions.run(lambda connection: question(LogReader(connection, self._suite, tree)))

    def audit(self, question: Callable[[Audits], T]) -> T:
        """Ask for a sample or a list, in one snapshot. Raises as `ask` does."""

        def work(connection: Connection) -> T:
            with connection.transaction(), connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                return question(Audits(cursor, self._schemas, AHEAD_OF_UTC))

        return self._sessions.run(work)
