"""feeds: which organ delivered which facts for which place and months. This file is the table's only writer."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from psycopg import Cursor

from domain.civil import month_of
from domain.coverage import Feed
from domain.facts import FactVoided, FeedDelivered
from projections.projection import Projection
from projections.reading import MOST, ReadEntry
from projections.schemas import Schemas


class Feeds(Projection):
    """The projection. A void names the delivery that counts no more from the void's position on."""

    name = "feeds"
    kinds = (FeedDelivered.kind_name(), FactVoided.kind_name())

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas

    def fold(self, batch: Sequence[ReadEntry], cursor: Cursor[Any]) -> None:
        """Insert the deliveries, then mark those that the batch voids."""
        delivered = [_row(entry, entry.fact) for entry in batch if isinstance(entry.fact, FeedDelivered)]
        voids = [
            (entry.position, entry.refers_stream, entry.refers_version, entry.position)
            for entry in batch
            if isinstance(entry.fact, FactVoided)
        ]
        if delivered:
            cursor.executemany(
                self._schemas.sql(
                    "INSERT INTO {projections}.feeds (position, stream, version, organ, kind, place, first_month,"
                    " last_month, complete, rows, recorded_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
                ),
                delivered,
            )
        if voids and self._any(cursor):
            cursor.executemany(
                self._schemas.sql(
                    "UPDATE {projections}.feeds SET voided_position = %s"
                    " WHERE stream = %s AND version = %s AND position < %s AND voided_position IS NULL"
                ),
                voids,
            )

    def forget(self, streams: Collection[UUID], cursor: Cursor[Any]) -> None:
        """Delete the deliveries of these streams."""
        cursor.execute(self._schemas.sql("DELETE FROM {projections}.feeds WHERE stream = ANY(%s)"), [list(streams)])

    def _any(self, cursor: Cursor[Any]) -> bool:
        found = cursor.execute(self._schemas.sql("SELECT EXISTS (SELECT FROM {projections}.feeds)")).fetchone()
        return bool(found and found[0])


def feeds_at(cursor: Cursor[Any], schemas: Schemas, as_at: int = MOST) -> list[Feed]:
    """Read the complete deliveries known, and not known to be void, at a position."""
    rows = cursor.execute(
        schemas.sql(
            "SELECT kind, place, first_month, last_month, position FROM {projections}.feeds WHERE complete"
            " AND position <= %(as_at)s AND (voided_position IS NULL OR voided_position > %(as_at)s)"
            " ORDER BY position"
        ),
        {"as_at": as_at},
    )
    return [Feed(*row) for row in rows]


def _row(entry: ReadEntry, fact: FeedDelivered) -> tuple[Any, ...]:
    return (
        entry.position,
        entry.stream,
        entry.version,
        fact.organ,
        fact.fact_kind,
        fact.place,
        month_of(fact.first_month),
        month_of(fact.last_month),
        fact.coverage == "complete",
        fact.rows,
        entry.recorded_at,
    )
