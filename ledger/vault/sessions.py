"""Connections to the vault, under one role, for any number of threads. Errors leave without the driver's words."""

import time
from collections.abc import Callable
from typing import LiteralString, TypeVar

import psycopg
from psycopg import sql
from psycopg_pool import ConnectionPool, PoolTimeout

from domain.errors import DatabaseUnavailable
from ledger.database import Database, Role, checked_ledger_name, refused

T = TypeVar("T")
SUFFIX = "_vault"
_ATTEMPTS = 6
_PAUSE_SECONDS = 0.1
_WAIT_SECONDS_MAX = 10.0
_NOT_DONE = {"40001", "40P01"}


class Sessions:
    """A small pool. `run` may run its work more than once, so the work must be safe to run again.

    Every statement of the vault is: it inserts what is not there, or decides what is not decided.
    """

    def __init__(self, database: Database, role: Role = Role.VAULT, connections_max: int = 4) -> None:
        self.role = role
        self._names = {
            "ledger": sql.Identifier(checked_ledger_name(database.ledger)),
            "vault": sql.Identifier(checked_ledger_name(database.ledger) + SUFFIX),
        }
        self._pool = ConnectionPool(
            database.conninfo(role),
            min_size=0,
            max_size=connections_max,
            timeout=_WAIT_SECONDS_MAX,
            reconnect_timeout=_WAIT_SECONDS_MAX,
            kwargs={"autocommit": True},
            open=True,
            name=f"vault-{role}",
        )

    def close(self) -> None:
        """Give the connections back."""
        self._pool.close()

    def sql(self, text: LiteralString) -> sql.Composed:
        """Put the schemas where `{ledger}` and `{vault}` stand."""
        return sql.SQL(text).format(**self._names)

    def run(self, work: Callable[[psycopg.Connection], T]) -> T:
        """Do `work` on a connection in autocommit. Raises DatabaseUnavailable, DatabaseRefused.

        A connection that died while it lay in the pool is not an answer: the work is done again on another one.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            failure: Exception
            try:
                with self._pool.connection() as connection:
                    return work(connection)
            except PoolTimeout:
                failure = DatabaseUnavailable()
                break
            except psycopg.Error as error:
                failure = refused(error)
                if error.sqlstate not in _NOT_DONE and not isinstance(error, psycopg.OperationalError):
                    break
            time.sleep(_PAUSE_SECONDS * attempt)
        raise failure  # out here, so that the driver's error does not travel along as its context
