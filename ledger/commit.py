"""One transaction of a turn in two round trips, and patience with a database that does not answer."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import psycopg
from eventsourcing.persistence import OperationalError, PersistenceError
from psycopg import Connection, Cursor
from psycopg.pq.abc import PGresult
from psycopg.rows import TupleRow, tuple_row

from ledger import rows, wire
from ledger.datastore import attempts, mirrored
from ledger.exchange import BEGIN, COMMIT, Statement, exchange, type_of
from ledger.rows import Ready
from ledger.turn import Turn
from ledger.wire import read_int8, read_timestamptz, read_uuid

T = TypeVar("T")

RETRY_SECONDS_MAX = 30.0
_OPEN = Statement.of("points_open", "SELECT * FROM open_turn($1, $2)", [wire.ARRAYS["uuid"], wire.ARRAYS["bytea"]])
_SPEAK_FOR = Statement.of("points_organ", "SELECT set_config('points.organ', $1, true)", [wire.TYPES["text"]])
_INSERT = Statement.of("points_insert", rows.INSERT)
_TOLD = (bytes, bytes, read_int8, read_uuid, read_int8, read_timestamptz, bytes)
_PASSING = {"PL004", "26000"}
"""Refusals that are over with the next attempt. Between open_turn and the insert the clock was set back: the next
turn has an instant that fits. Or statements that we had prepared are gone, as the driver does away with all of them
after a rollback: the next connection prepares its own."""


class OutcomeUnknown(OperationalError):
    """The database could not be reached in time; it is not known whether the entries were stored.

    Sending them again with the same keys is safe: what was stored gives its receipt.
    """


def tuples(connection: Connection[Any]) -> Cursor[TupleRow]:
    """Give a cursor for binary tuples."""
    return connection.cursor(binary=True, row_factory=tuple_row)


def take_turn(
    connection: Connection[Any], request: Sequence[Ready], settle: Callable[[list[Sequence[Any]]], Turn]
) -> None:
    """Begin, open the turn, let `settle` place the entries, insert them and commit. Raises psycopg errors."""
    row_type = type_of(connection, "entry_row")
    with exchange(connection) as talk:
        talk.say(BEGIN)
        talk.say(_OPEN, _streams_of(request), _keys_of(request))
        turn = settle(_read(talk.hear()[1], _TOLD))
        statements = turn.statements()
        for organ, placed in statements:
            # One statement for each organ: the policy on rows judges each under its own setting.
            talk.say(_SPEAK_FOR, organ.encode())
            talk.say(_INSERT, wire.rows_array(row_type, turn.rows(placed)))
        talk.say(COMMIT)
        # If we stop here, nobody was told; the same keys sent again find what was stored.
        inserted = talk.hear(last=True)[1::2]
        for (_, placed), answer in zip(statements, inserted, strict=False):
            turn.receive(placed, [position for (position,) in _read(answer, [read_int8])])


def _keys_of(request: Iterable[Ready]) -> bytes:
    return wire.array("bytea", [wire.bytea(one.entry.key) for one in request]).content


def _streams_of(request: Iterable[Ready]) -> bytes:
    return wire.array(
        "uuid", [wire.uuid(stream) for stream in {one.entry.originator_id for one in request}]
    ).content


def _read(answer: PGresult, readers: Sequence[Callable[[bytes], Any]]) -> list[Sequence[Any]]:
    """Read rows in binary form."""
    value = answer.get_value
    return [
        tuple(None if (found := value(row, column)) is None else read(found) for column, read in enumerate(readers))
        for row in range(answer.ntuples)
    ]


def patiently(work: Callable[[], T], since: float) -> T:
    """Try again while the database does not answer; safe for what looks its keys up first.

    Raises OutcomeUnknown at RETRY_SECONDS_MAX after `since` (time.monotonic), but tries once at least; and the
    library's errors for what trying again cannot mend.
    """
    for _ in attempts(since + RETRY_SECONDS_MAX):
        try:
            return work()
        except psycopg.Error as error:
            again = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
            failure: PersistenceError = mirrored(error)
            if again or error.sqlstate in _PASSING:
                failure = OutcomeUnknown(str(failure))
        if not isinstance(failure, OutcomeUnknown):
            break
    raise failure
