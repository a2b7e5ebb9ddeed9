"""Statements sent to the server together and answered together: libpq's pipeline, and no more than it needs.

An append of one fact has two round trips, and half a millisecond of the driver's Python around them, in which no
other thread of the process moves. Here a round trip is a handful of calls into libpq and one wait on the socket.
Values go and come in PostgreSQL's binary form (ledger/wire.py). Source: PostgreSQL's manual on libpq pipelines.
"""

import select
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self
from weakref import WeakKeyDictionary

import psycopg
from psycopg import Connection
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format
from psycopg.pq.abc import PGresult
from psycopg.rows import tuple_row

_WAIT_MS = 1_000
_BINARY = Format.BINARY
_REFUSED = {ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE}


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement with the types of its parameters. The server knows it by its name while a connection lives."""

    name: bytes
    text: bytes
    types: tuple[int, ...] = ()

    @classmethod
    def of(cls, name: str, text: str, types: Sequence[int] = ()) -> Self:
        """Make one of texts."""
        return cls(name.encode(), text.encode(), tuple(types))


BEGIN = Statement.of("points_begin", "BEGIN")
COMMIT = Statement.of("points_commit", "COMMIT")

_prepared: "WeakKeyDictionary[Connection[Any], set[bytes]]" = WeakKeyDictionary()
_types: "WeakKeyDictionary[Connection[Any], dict[str, int]]" = WeakKeyDictionary()


def type_of(connection: Connection[Any], name: str) -> int:
    """Give the oid of a type of the ledger's schema; each connection asks once."""
    known = _types.setdefault(connection, {})
    if name not in known:
        with connection.cursor(row_factory=tuple_row) as cursor:
            cursor.execute("SELECT %s::regtype::oid::bigint", [name])
            [[known[name]]] = cursor.fetchall()
    return known[name]


class Exchange:
    """A conversation in a pipeline on one connection, which nobody else uses meanwhile."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._pg = connection.pgconn
        self._known = _prepared.setdefault(connection, set())
        self._awaited: list[bool] = []
        self._socket = select.poll()
        self._socket.register(self._pg.socket, select.POLLIN)

    def say(self, statement: Statement, *values: bytes | None) -> None:
        """Send a statement; `hear` gives its answer."""
        if statement.name not in self._known:
            self._pg.send_prepare(statement.name, statement.text, statement.types or None)
            self._known.add(statement.name)
            self._awaited.append(False)
        formats = [_BINARY] * len(values)
        self._pg.send_query_prepared(statement.name, values, formats, result_format=_BINARY)
        self._awaited.append(True)

    def hear(self, *, last: bool = False) -> list[PGresult]:
        """Wait for the answers to all that was said since, in its order; `last`: nothing more will be said.

        Raises the driver's error for the first refusal, and OperationalError where the connection is lost.
        """
        if last:
            self._pg.pipeline_sync()
        else:
            self._pg.send_flush_request()
        self._send()
        answers = []
        for wanted in self._awaited:
            answer = self._next()
            if answer is None or answer.status in _REFUSED:
                raise self._refusal(answer)
            self._next()  # nothing: the end of this statement's answer
            if wanted:
                answers.append(answer)
        self._awaited = []
        if last:
            self._next()  # the answer to the synchronisation
        return answers

    def _send(self) -> None:
        if self._pg.flush():
            self._socket.modify(self._pg.socket, select.POLLIN | select.POLLOUT)
            while self._pg.flush():
                self._socket.poll(_WAIT_MS)
                self._pg.consume_input()  # the server may not read on before we have read
            self._socket.modify(self._pg.socket, select.POLLIN)

    def _next(self) -> PGresult | None:
        while self._pg.is_busy():
            # Bounded by the role's statement_timeout, and by the keep-alives where the server is gone.
            self._socket.poll(_WAIT_MS)
            self._pg.consume_input()
        return self._pg.get_result()

    def _refusal(self, answer: PGresult | None) -> psycopg.Error:
        if answer is None or self._pg.status == ConnStatus.BAD:
            return psycopg.OperationalError("the connection is lost")
        return error_from_result(answer)


@contextmanager
def exchange(connection: Connection[Any]) -> Iterator[Exchange]:
    """Talk in a pipeline. After an error the connection is closed: what it had begun ends, and its lock is free."""
    talk = Exchange(connection)
    connection.pgconn.enter_pipeline_mode()
    try:
        yield talk
        connection.pgconn.exit_pipeline_mode()
    except BaseException:
        connection.close()
        raise
