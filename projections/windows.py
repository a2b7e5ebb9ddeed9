"""windows: when rounds that the ledger opened take applications 受理期; of rounds nothing else stands here.

The projection of rulebooks writes the rows, through `fold_windows`.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from psycopg import Cursor

from domain.facts import RoundCancelled, RoundExtended, RoundOpened
from projections.reading import MOST, ReadEntry
from projections.schemas import Schemas

FACTS = (RoundOpened, RoundExtended, RoundCancelled)
TOPICS = frozenset(fact.topic() for fact in FACTS)
_NAMES = ("round", "programme", "place", "opens_on", "closes_on")
Windows = Mapping[tuple[str, str], Sequence[tuple[date, date]]]
"""The windows [opens_on, closes_on], both days inside, by the use and the place of the programme."""


def fold_windows(batch: Sequence[ReadEntry], cursor: Cursor[Any], schemas: Schemas) -> None:
    """Write down what the entries say of windows."""
    rows = [
        (entry.position, entry.stream, entry.fact.kind_name(), *(getattr(entry.fact, n, None) for n in _NAMES))
        for entry in batch
        if isinstance(entry.fact, FACTS)
    ]
    if rows:
        text = (
            "INSERT INTO {projections}.windows (position, stream, kind, round, programme, place, opens_on,"
            " closes_on) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
        )
        cursor.executemany(schemas.sql(text), rows)


def windows_at(cursor: Cursor[Any], schemas: Schemas, as_at: int = MOST) -> Windows:
    """Give the windows of rounds that were opened and not cancelled, as known at a position."""
    rows = cursor.execute(
        schemas.sql(
            "SELECT o.programme, o.place, o.opens_on, greatest(o.closes_on, max(l.closes_on))"
            " FROM {projections}.windows AS o LEFT JOIN {projections}.windows AS l"
            " ON l.stream = o.stream AND l.kind <> 'round-opened' AND l.position <= %(as_at)s"
            " WHERE o.kind = 'round-opened' AND o.position <= %(as_at)s"
            " GROUP BY o.position HAVING NOT coalesce(bool_or(l.kind = 'round-cancelled'), FALSE)"
            " ORDER BY o.opens_on, o.position"
        ),
        {"as_at": as_at},
    ).fetchall()
    found: dict[tuple[str, str], list[tuple[date, date]]] = {}
    for programme, place, opens_on, closes_on in rows:
        found.setdefault((programme, place), []).append((opens_on, closes_on))
    return found


def last_window(cursor: Cursor[Any], schemas: Schemas, as_at: int = MOST) -> int:
    """Tell one state of the windows from another: the position of the last entry that speaks of one."""
    text = schemas.sql("SELECT coalesce(max(position), 0) FROM {projections}.windows WHERE position <= %s")
    row = cursor.execute(text, [as_at]).fetchone()
    return int(row[0]) if row else 0


def programmes_in(cursor: Cursor[Any], schemas: Schemas, streams: Sequence[UUID]) -> set[tuple[str, str]]:
    """Name the uses and places whose rounds these are."""
    text = schemas.sql(
        "SELECT programme, place FROM {projections}.windows WHERE stream = ANY(%s) AND kind = 'round-opened'"
    )
    return {(programme, place) for programme, place in cursor.execute(text, [streams]).fetchall()}
