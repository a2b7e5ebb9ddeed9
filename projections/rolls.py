"""The daily roll 日终滚动: on a new day only those are scored again whom the calendar can have moved.

A score stays until its `next_change_on`; who has no score waits in `unscored`. The tables are written by `scores`.
"""

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection, Cursor

from projections.schemas import Schemas
from projections.sweeps import last_sweep

SCORES = "scores"
_MOVED = (
    "SELECT subject FROM {projections}.scores WHERE next_change_on <= %(day)s",
    "SELECT subject FROM {projections}.unscored WHERE next_change_on <= %(day)s",
)


class Rolled(NamedTuple):
    """How far the roll is. `day` is the civil day whose scores all stand; None: nobody was ever scored.

    `sweeping`: everybody is being scored again, and `scored` of them are. `due` counts residents whom a day that
    was asked for can have moved and who are not scored yet.
    """

    day: date | None
    sweeping: bool
    scored: int
    due: int

    def stands_on(self, day: date) -> bool:
        """Say whether every score is that of a day."""
        return self.day is not None and self.day >= day and not self.sweeping


def rolled(connection: Connection[Any], schemas: Schemas, day: date) -> Rolled:
    """Say how far the roll is on the way to a day."""
    with connection.cursor() as cursor:
        sweep = last_sweep(cursor, schemas, SCORES)
        found = cursor.execute(
            schemas.sql(
                "SELECT count(*) FROM (SELECT subject FROM {projections}.scores WHERE next_change_on <= %(day)s"
                " UNION SELECT subject FROM {projections}.unscored WHERE next_change_on <= %(day)s) AS due"
            ),
            {"day": day},
        ).fetchone()
    due = found[0] if found else 0
    if sweep is None:
        return Rolled(None, sweeping=True, scored=0, due=due)
    return Rolled(sweep.as_of, sweeping=not sweep.done, scored=sweep.scored, due=due)


def due_on(cursor: Cursor[Any], schemas: Schemas, day: date, most: int) -> set[UUID]:
    """Name some of those whom a day, or one before it, can have moved and who were not scored since."""
    for moved in _MOVED:
        rows = cursor.execute(
            schemas.sql(f"{moved} ORDER BY next_change_on, subject LIMIT %(most)s"), {"day": day, "most": most}
        ).fetchall()
        if rows:
            return {subject for (subject,) in rows}
    return set()
