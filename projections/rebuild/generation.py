"""The books of rebuilds: the one generation that is being made or kept, and how far it is."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple

import psycopg
from psycopg import Connection, Cursor

from projections.checkpoints import Checkpoint
from projections.rebuild.refusals import RebuildUnderWay
from projections.schemas import Schemas

State = Literal["filling", "ready", "switched", "rolled-back"]
FOLLOWED = -1
"""The step of a view that is followed entry after entry."""


class Anchor(NamedTuple):
    """Where whole populations are computed: up to a position, as of a civil day, in so many ranges of subjects."""

    position: int
    leaf: bytes | None
    as_of: date
    parts: int


class Generation(NamedTuple):
    """A generation that is not dropped. `differing` None: it was not compared, or could not be."""

    number: int
    state: State
    views: list[str]
    seed: int
    anchor: Anchor | None
    differing: list[str] | None
    compared_position: int | None
    began_at: datetime
    switched_at: datetime | None

    def schemas(self, live: Schemas) -> Schemas:
        """Name the schema in which it stands: the new tables before the switch, the former ones after it."""
        return live.beside(f"g{self.number}")


class Progress(NamedTuple):
    """How far a view is: what was done of what there is to do, in how many seconds of work."""

    view: str
    done: int
    of: int
    seconds: float

    @property
    def rate(self) -> float | None:
        """Give how much a second."""
        return self.done / self.seconds if self.seconds > 0 and self.done else None

    @property
    def left_s(self) -> float | None:
        """Give the seconds that the rest will take at that rate."""
        return None if self.rate is None else max(self.of - self.done, 0) / self.rate


class Books:
    """The tables, as the runner's role writes them."""

    def __init__(self, live: Schemas) -> None:
        self._live = live

    def current(self, cursor: Cursor[Any]) -> Generation | None:
        """Give the generation that is not dropped, or None."""
        found = cursor.execute(
            self._live.sql(
                "SELECT generation, state, views, seed, position, leaf, as_of, parts, differing, compared_position,"
                " began_at, switched_at FROM {projections}.rebuilds WHERE state <> 'dropped'"
            )
        ).fetchone()
        if found is None:
            return None
        number, state, views, seed, position, leaf, as_of, parts, *rest = found
        anchor = None if position is None else Anchor(position, leaf, as_of, parts)
        return Generation(number, state, views, seed, anchor, *rest)

    def begin(self, cursor: Cursor[Any], views: Sequence[str], seed: int) -> int:
        """Note a new generation; give its number."""
        found = cursor.execute(
            self._live.sql(
                "INSERT INTO {projections}.rebuilds (generation, state, views, seed)"
                " SELECT coalesce(max(generation), 0) + 1, 'filling', %s, %s FROM {projections}.rebuilds"
                " RETURNING generation"
            ),
            [list(views), seed],
        ).fetchone()
        assert found is not None  # noqa: S101 - an aggregate always gives a row
        return int(found[0])

    def anchor(self, cursor: Cursor[Any], number: int, anchor: Anchor) -> None:
        """Note where whole populations are computed."""
        cursor.execute(
            self._live.sql(
                "UPDATE {projections}.rebuilds SET position = %s, leaf = %s, as_of = %s, parts = %s"
                " WHERE generation = %s"
            ),
            [*anchor, number],
        )

    def turn(self, cursor: Cursor[Any], number: int, state: State | Literal["dropped"]) -> None:
        """Note what became of a generation."""
        cursor.execute(
            self._live.sql(
                "UPDATE {projections}.rebuilds SET state = %(state)s, switched_at ="
                " CASE WHEN %(state)s = 'switched' THEN clock_timestamp() ELSE switched_at END"
                " WHERE generation = %(number)s"
            ),
            {"state": state, "number": number},
        )

    def compared(self, cursor: Cursor[Any], number: int, position: int, differing: Sequence[str] | None) -> None:
        """Note which views were found to differ, as at a position."""
        cursor.execute(
            self._live.sql(
                "UPDATE {projections}.rebuilds SET differing = %s, compared_position = %s WHERE generation = %s"
            ),
            [None if differing is None else list(differing), position, number],
        )

    def tell(self, cursor: Cursor[Any], number: int, step: int, progress: Progress) -> bool:
        """Note progress of a step, seconds added up; give whether it is the first time."""
        found = cursor.execute(
            self._live.sql(
                "INSERT INTO {projections}.rebuild_progress AS p (generation, view, step, done, of, seconds)"
                " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (generation, view, step) DO UPDATE SET"
                " done = excluded.done, of = excluded.of, seconds = p.seconds + excluded.seconds,"
                " told_at = clock_timestamp() RETURNING xmax = 0"
            ),
            [number, progress.view, step, progress.done, progress.of, progress.seconds],
        ).fetchone()
        return bool(found and found[0])

    def claim(self, cursor: Cursor[Any], number: int, view: str, step: int) -> bool:
        """Take a part in this transaction; wait for whoever has it; false where it is done."""
        found = cursor.execute(
            self._live.sql(
                "INSERT INTO {projections}.rebuild_progress (generation, view, step, done, of, seconds)"
                " VALUES (%s, %s, %s, 0, 0, 0) ON CONFLICT DO NOTHING"
            ),
            [number, view, step],
        )
        return found.rowcount == 1

    def steps(self, cursor: Cursor[Any], number: int, view: str) -> set[int]:
        """Give the parts of a view that are done."""
        found = cursor.execute(
            self._live.sql(
                "SELECT step FROM {projections}.rebuild_progress WHERE generation = %s AND view = %s AND step >= 0"
            ),
            [number, view],
        )
        return {step for (step,) in found}

    def progress(self, cursor: Cursor[Any], generation: Generation) -> list[Progress]:
        """Give how far each view is. Of one computed in parts the seconds are those of all processes together."""
        found = cursor.execute(
            self._live.sql(
                "SELECT view, sum(done)::int8, max(of)::int8, sum(seconds) FROM {projections}.rebuild_progress"
                " WHERE generation = %s GROUP BY view, step >= 0 ORDER BY view, step >= 0 DESC"
            ),
            [generation.number],
        ).fetchall()
        told = [Progress(*row) for row in found]
        return sorted(told, key=lambda one: generation.views.index(one.view))

    def oldest_pending(self, cursor: Cursor[Any], after: int) -> timedelta | None:
        """Give the age of the oldest entry after a position, by the database's clock; None where there is none."""
        found = cursor.execute(
            self._live.sql(
                "SELECT clock_timestamp() - recorded_at FROM {ledger}.entries WHERE notification_id > %s"
                " ORDER BY notification_id LIMIT 1"
            ),
            [after],
        ).fetchone()
        return None if found is None else found[0]


def leaf_at(cursor: Cursor[Any], schemas: Schemas, position: int) -> Checkpoint | None:
    """Give what a checkpoint at a position would be; None where no entry stands there."""
    found = cursor.execute(
        schemas.sql("SELECT leaf FROM {ledger}.entries WHERE notification_id = %s"), [position]
    ).fetchone()
    return None if found is None else Checkpoint(1, position, found[0])


def _key(live: Schemas) -> int:
    name = f"points-ledger/rebuild/{live.projections}"
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


@contextmanager
def alone(connection: Connection[Any], live: Schemas) -> Iterator[None]:
    """Let nobody else rebuild this ledger meanwhile; held by the connection. Raises RebuildUnderWay."""
    found = connection.execute("SELECT pg_try_advisory_lock(%s)", [_key(live)]).fetchone()
    if not (found and found[0]):
        raise RebuildUnderWay
    try:
        yield
    finally:
        with suppress(psycopg.Error):  # a lost connection holds nothing
            connection.execute("SELECT pg_advisory_unlock(%s)", [_key(live)])


def is_at_work(cursor: Cursor[Any], live: Schemas) -> bool:
    """Say whether somebody rebuilds this ledger."""
    found = cursor.execute(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND (classid::int8 << 32 | objid::int8) = %s)",
        [_key(live)],
    ).fetchone()
    return bool(found and found[0])
