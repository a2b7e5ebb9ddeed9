"""The library's datastore over our connection strings, and its errors without the server's words."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from eventsourcing.persistence import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    PersistenceError,
    ProgrammingError,
)
from eventsourcing.postgres import ConnectionPool, PostgresDatastore
from psycopg import Connection
from psycopg.rows import DictRow, dict_row

from ledger import wire
from ledger.database import Database, Role, refused

T = TypeVar("T")

CONNECTIONS_MAX = 8
WAITING_CALLERS_MAX = 200
CONNECT_SECONDS_MAX = 5.0
RECONNECT_SECONDS_MAX = 2.0
PAUSE_SECONDS_MIN = 0.05
PAUSE_SECONDS_MAX = 1.0
_MIRRORED: list[tuple[type[psycopg.Error], type[PersistenceError]]] = [
    (psycopg.InterfaceError, InterfaceError),
    (psycopg.OperationalError, OperationalError),
    (psycopg.DataError, DataError),
    (psycopg.IntegrityError, IntegrityError),
    (psycopg.InternalError, InternalError),
    (psycopg.ProgrammingError, ProgrammingError),
    (psycopg.NotSupportedError, NotSupportedError),
    (psycopg.DatabaseError, DatabaseError),
]


def mirrored(error: psycopg.Error) -> PersistenceError:
    """Give the library's error for the driver's: the same family, our words."""
    kind = next((ours for theirs, ours in _MIRRORED if isinstance(error, theirs)), PersistenceError)
    return kind(str(refused(error)))


class LedgerDatastore(PostgresDatastore):
    """A pool of connections of one role. When it is used up and enough callers wait, the next is refused."""

    def __init__(
        self, database: Database, role: Role = Role.APPENDER, *, connections_max: int = CONNECTIONS_MAX
    ) -> None:
        super().__init__("", "", "", "", "", schema=database.schema)
        self.database = database
        self.pool = ConnectionPool(
            database.conninfo(role),
            connection_class=Connection[DictRow],
            kwargs={"row_factory": dict_row, "autocommit": True},
            min_size=1,
            max_size=connections_max,
            max_waiting=WAITING_CALLERS_MAX,
            timeout=CONNECT_SECONDS_MAX,
            # The pool's own pauses grow without bound; after this it begins again with whoever asks next.
            reconnect_timeout=RECONNECT_SECONDS_MAX,
            open=False,
            configure=_prepare,
        )

    def register_type_adapters(self) -> None:
        """Register nothing: the library's composite types are for its database functions, which we refuse."""

    @contextmanager
    def get_connection(self) -> Iterator[Connection[DictRow]]:
        """Lend a connection; raise the library's errors without the server's words."""
        try:
            with self.borrowed() as connection:
                yield connection
        except psycopg.Error as error:
            raise mirrored(error) from None

    @contextmanager
    def borrowed(self, wait_seconds_max: float | None = None) -> Iterator[Connection[DictRow]]:
        """Lend a connection; raise the driver's errors, for those who look at them and pass nothing on.

        Waits for one as long as the pool does, or `wait_seconds_max` where that is less.
        """
        self.pool.open()
        longest = self.pool.timeout if wait_seconds_max is None else min(wait_seconds_max, self.pool.timeout)
        with self.pool.connection(longest) as connection:
            yield connection

    def ask(self, question: Callable[[Connection[DictRow]], T], *, again_seconds: float = 0.0) -> T:
        """Run a question. Its errors are the library's and do not drag the driver's along as their context.

        A question that changes nothing may be asked again for `again_seconds` while the database does not answer.
        """
        for left in attempts(time.monotonic() + again_seconds):
            try:
                with self.borrowed(left if again_seconds else None) as connection:
                    return question(connection)
            except psycopg.Error as error:
                failure = mirrored(error)
            if not isinstance(failure, InterfaceError | OperationalError):
                break
        raise failure


def attempts(until: float) -> Iterator[float]:
    """Pace attempts: the first at once, then after pauses that grow, the last before `until` (time.monotonic).

    Gives the seconds that are left, PAUSE_SECONDS_MAX at least.
    """
    pause = PAUSE_SECONDS_MIN
    while True:
        yield max(PAUSE_SECONDS_MAX, until - time.monotonic())
        if time.monotonic() + pause > until:
            return
        time.sleep(pause)
        pause = min(2 * pause, PAUSE_SECONDS_MAX)


def _prepare(connection: Connection[Any]) -> None:
    wire.learn(connection)
