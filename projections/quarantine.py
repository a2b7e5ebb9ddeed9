"""Streams that stand still 隔离: one bad entry stops its own stream and those it refers to, and nobody else.

Recorded are the stream, the position and the class of the error, never content. A stream stands still from that
position on: what came before it stays folded, what comes after is not read until somebody asks for its release,
which folds the stream again from its entries. Erasures are folded all the same (`Projection.always`).
"""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection, Cursor

from projections.reading import MOST, ReadEntry, Row
from projections.schemas import Schemas

RELEASES_PER_STEP_MAX = 100


class Held(NamedTuple):
    """One stream that stands still. `depends_on`: because that stream, which refers to it, does."""

    projection: str
    stream: UUID
    position: int
    reason: str
    depends_on: UUID | None


class Quarantine:
    """The streams of one projection that stand still."""

    def __init__(self, schemas: Schemas, projection: str) -> None:
        self.schemas = schemas
        self.projection = projection

    def held(self, cursor: Cursor[Any]) -> dict[UUID, int]:
        """Give the streams and the positions from which they stand still."""
        rows = cursor.execute(
            self.schemas.sql("SELECT stream, position FROM {projections}.quarantine WHERE projection = %s"),
            [self.projection],
        )
        return dict(rows.fetchall())

    def hold(self, cursor: Cursor[Any], newly: Iterable[Held]) -> None:
        """Record streams that stand still from now on."""
        rows = [tuple(one) for one in newly]
        if rows:
            cursor.executemany(
                self.schemas.sql(
                    "INSERT INTO {projections}.quarantine (projection, stream, position, reason, depends_on)"
                    " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (projection, stream) DO NOTHING"
                ),
                rows,
            )

    def asked(self, cursor: Cursor[Any]) -> list[UUID]:
        """Give the streams whose release was asked for, first held first."""
        rows = cursor.execute(
            self.schemas.sql(
                "SELECT stream FROM {projections}.quarantine WHERE projection = %s AND release_asked"
                " ORDER BY position, stream LIMIT %s"
            ),
            [self.projection, RELEASES_PER_STEP_MAX],
        )
        return [stream for (stream,) in rows]

    def let_go(self, cursor: Cursor[Any], streams: Collection[UUID]) -> None:
        """Forget that these streams stand still."""
        cursor.execute(
            self.schemas.sql("DELETE FROM {projections}.quarantine WHERE projection = %s AND stream = ANY(%s)"),
            [self.projection, list(streams)],
        )


class Sieve:
    """Sorts one batch, in the order of positions, into what is folded and what stands still."""

    def __init__(self, projection: str, held: dict[UUID, int]) -> None:
        self._projection = projection
        self._held = held
        self.newly: list[Held] = []
        self.blamed = 0

    def passes(self, stream: UUID, position: int) -> bool:
        """Say whether the stream does not stand still yet at a position."""
        held = self._held.get(stream)
        return held is None or position < held

    def hold(self, entry: Row | ReadEntry, reason: str) -> None:
        """Hold the stream of an entry, and whatever stream the entry refers to."""
        self._add(Held(self._projection, entry.stream, entry.position, reason, None))
        self.pass_over(entry)

    def pass_over(self, entry: Row | ReadEntry) -> None:
        """Leave out an entry of a held stream: the stream it refers to would miss it, so that one is held too."""
        if entry.refers_stream is not None and entry.refers_stream != entry.stream:
            self._add(Held(self._projection, entry.refers_stream, entry.position, "Dependent", entry.stream))

    def _add(self, held: Held) -> None:
        if held.stream not in self._held:
            self._held[held.stream] = held.position
            self.newly.append(held)


def listed(connection: Connection[Any], schemas: Schemas) -> list[Held]:
    """List every stream that stands still, for `points doctor`."""
    rows = connection.execute(
        schemas.sql(
            "SELECT projection, stream, position, reason, depends_on FROM {projections}.quarantine"
            " ORDER BY projection, position, stream"
        )
    )
    return [Held(*row) for row in rows]


def held_at(cursor: Cursor[Any], schemas: Schemas, streams: Collection[UUID], until: int = MOST) -> dict[UUID, int]:
    """Give those of `streams` that stand still in any projection as at `until`, with the position they stand at."""
    rows = cursor.execute(
        schemas.sql(
            "SELECT stream, min(position) FROM {projections}.quarantine"
            " WHERE stream = ANY(%s) AND position <= %s GROUP BY stream"
        ),
        [list(streams), until],
    )
    return dict(rows.fetchall())


def ask_release(connection: Connection[Any], schemas: Schemas, stream: UUID) -> int:
    """Ask that a stream be folded again, with those that depend on it. Gives how many were asked for.

    Asked after an upgrade that knows the kind; if the entry is still poison, the stream is held again.
    """
    asked = connection.execute(
        schemas.sql(
            "UPDATE {projections}.quarantine SET release_asked = true WHERE stream = %(stream)s"
            " OR depends_on = %(stream)s"
        ),
        {"stream": stream},
    )
    return asked.rowcount
