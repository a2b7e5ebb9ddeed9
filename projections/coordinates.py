"""Knowledge time: an instant stands for the positions recorded up to it, since recorded_at never goes backwards."""

from datetime import datetime, timedelta
from typing import Any

from psycopg import Cursor

from domain.errors import PositionUnknown
from projections.schemas import Schemas

CLOCKS_DIFFER_BY_MAX = timedelta(minutes=5)
"""How far ahead of the database's clock a caller's own may be."""


def head(cursor: Cursor[Any], schemas: Schemas) -> int:
    """Give the ledger's last position, 0 when it is empty."""
    found = cursor.execute(schemas.sql("SELECT coalesce(max(notification_id), 0) FROM {ledger}.entries")).fetchone()
    return int(found[0]) if found else 0


def position_at(cursor: Cursor[Any], schemas: Schemas, instant: datetime) -> int:
    """Give the last position recorded not after an aware instant; 0 when nothing was known yet.

    Halves the span of positions: the index of positions is the only one it needs, holes do not disturb it.
    """
    low, high = 0, head(cursor, schemas)
    first_from = schemas.sql(
        "SELECT notification_id, recorded_at FROM {ledger}.entries WHERE notification_id >= %s"
        " ORDER BY notification_id LIMIT 1"
    )
    while low < high:
        middle = (low + high + 1) // 2
        found = cursor.execute(first_from, [middle]).fetchone()
        if found is None or found[1] > instant:
            high = middle - 1
        else:
            low = int(found[0])
    return low


def known_position(cursor: Cursor[Any], schemas: Schemas, as_at: int | datetime) -> int:
    """Give the position that an as_at stands for. Raises PositionUnknown where the ledger is not there yet."""
    if isinstance(as_at, datetime):
        # What will be known at an instant to come is not known: an answer would be another one tomorrow.
        now = cursor.execute(
            schemas.sql(
                "SELECT greatest(clock_timestamp(), (SELECT recorded_at FROM {ledger}.entries"
                " ORDER BY notification_id DESC LIMIT 1))"
            )
        ).fetchone()
        if now is not None and as_at > now[0] + CLOCKS_DIFFER_BY_MAX:
            raise PositionUnknown
        return position_at(cursor, schemas, as_at)
    if not 0 <= as_at <= head(cursor, schemas):
        raise PositionUnknown
    return as_at
