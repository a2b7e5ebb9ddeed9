"""A writer that is not ours: rows of `entries` inserted by hand, right or wrong in one thing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg
import pytest
from psycopg import RawCursor
from psycopg.rows import tuple_row

from ledger import rows, wire
from ledger.entry import StoredEntry
from ledger.exchange import type_of
from ledger.turn import Placed
from ledger.wire import Encoded


def opened(connection: psycopg.Connection[Any]) -> datetime:
    """Open a turn and give its instant."""
    row = connection.execute("SELECT recorded_at FROM open_turn('{}', '{}')").fetchone()
    assert row is not None
    instant: datetime = row[0]
    return instant


def place(entry: StoredEntry, version: int, prev: bytes | None, at: datetime) -> Placed:
    one = rows.ready(entry)
    return Placed(one, version, prev, one.head.leaf(version, prev, at))


def insert(connection: psycopg.Connection[Any], at: datetime | Sequence[datetime], *placed: Placed) -> list[int]:
    """Insert in one statement, each entry at its instant; give the positions."""
    instants = [at] * len(placed) if isinstance(at, datetime) else at
    whole = [
        rows.row(one.ready.columns + rows.late(one.version, rows.recorded_at(instant), one.prev, one.leaf))
        for one, instant in zip(placed, instants, strict=True)
    ]
    wire.learn(connection)
    connection.execute("SELECT set_config('points.organ', %s, true)", [placed[0].ready.entry.hand.organ])
    written = wire.rows_array(type_of(connection, "entry_row"), whole)
    answer = RawCursor(connection, row_factory=tuple_row).execute(rows.INSERT, [Encoded(written, 0)])
    return [position for (position,) in answer.fetchall()]


@contextmanager
def refuses(sqlstate: str) -> Iterator[None]:
    """Expect PostgreSQL's refusal with this SQLSTATE."""
    with pytest.raises(psycopg.Error) as refusal:
        yield
    assert refusal.value.sqlstate == sqlstate, refusal.value
