"""One transaction of a turn in two round trips, and patience with a database that does not answer."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import psycopg
from eventsourcing.persistence import OperationalError, PersistenceError
from psycopg import Connection, Cursor
from psycopg.rows import TupleRow, tuple_row

from ledger import rows, wire
from ledger.datastore import mirrored
from ledger.rows import Ready
from ledger.turn import Turn
from ledger.wire import Encoded

T = TypeVar("T")

RETRY_SECONDS_MAX = 30.0
_RETRY_FIRST_SECONDS = 0.05
_RETRY_LAST_SECONDS = 1.0
_SPEAK_FOR = "SELECT set_config('points.organ', %s, true)"
_CLOCK_SET_BACK = "PL004"
"""Between open_turn and the insert the clock was set back: the next turn has an instant that fits."""


class OutcomeUnknown(OperationalError):
    """The database could not be reached in time; it is not known whether the entries were stored.

    Sending them again with the same keys is safe: what was stored gives its receipt.
    """


def tuples(connection: Connection[Any]) -> Cursor[TupleRow]:
    """Give a cursor for binary tuples."""
    return connection.cursor(binary=True, row_factory=tuple_row)


def keys_of(request: Iterable[Ready]) -> Encoded:
    """Give the keys as one array."""
    return wire.array("bytea", [wire.bytea(one.entry.key) for one in request])


def streams_of(request: Iterable[Ready]) -> Encoded:
    """Give the streams, each once, as one array."""
    return wire.array("uuid", [wire.uuid(stream) for stream in {one.entry.originator_id for one in request}])


def take_turn(
    connection: Connection[Any], opening: str, asked: Sequence[Any], settle: Callable[[list[TupleRow]], Turn]
) -> None:
    """Begin, open the turn, let `settle` place the entries, insert them and commit. Raises psycopg errors."""
    with connection.pipeline() as pipeline:
        connection.execute("BEGIN")
        turn = settle(tuples(connection).execute(opening, asked, prepare=True).fetchall())
        inserts = []
        for organ, placed in turn.statements():
            # One statement for each organ: the policy on rows judges each under its own setting.
            connection.execute(_SPEAK_FOR, [organ], prepare=True)
            inserted = tuples(connection).execute(rows.INSERT, turn.arrays(placed), prepare=True)
            inserts.append((placed, inserted))
        connection.execute("COMMIT")
        # If we stop here, nobody was told; the same keys sent again find what was stored.
        pipeline.sync()
        for placed, inserted in inserts:
            turn.receive(placed, [position for (position,) in inserted.fetchall()])


def patiently(work: Callable[[], T], since: float) -> T:
    """Try again while the database does not answer; safe for what looks its keys up first.

    Raises OutcomeUnknown at RETRY_SECONDS_MAX after `since` (time.monotonic), but tries once at least; and the
    library's errors for what trying again cannot mend.
    """
    until, wait = since + RETRY_SECONDS_MAX, _RETRY_FIRST_SECONDS
    while True:
        try:
            return work()
        except psycopg.Error as error:
            again = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
            failure: PersistenceError = mirrored(error)
            if again or error.sqlstate == _CLOCK_SET_BACK:
                failure = OutcomeUnknown(str(failure))
            if not isinstance(failure, OutcomeUnknown) or time.monotonic() + wait > until:
                break
        time.sleep(wait)
        wait = min(2 * wait, _RETRY_LAST_SECONDS)
    raise failure
