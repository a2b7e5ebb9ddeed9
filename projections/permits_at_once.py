"""Who holds two permits at once: looked for among everybody, when somebody asks."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from psycopg import Cursor

from domain.knowledge import in_force
from domain.permits_at_once import SecondPermit, second_permits
from projections.measures import rows_at
from projections.schemas import Schemas

_TOGETHER = 500


def holders_of_two(cursor: Cursor[Any], schemas: Schemas, on: date) -> dict[UUID, Sequence[SecondPermit]]:
    """Give the residents who hold a second permit on a day. Reads every permit that was issued."""
    rows = cursor.execute(
        schemas.sql(
            "SELECT subject FROM {projections}.measures WHERE kind = 'permit-issued' AND role = 'permit'"
            " AND voided_position IS NULL GROUP BY subject HAVING count(DISTINCT spell) > 1 ORDER BY subject"
        )
    ).fetchall()
    asked = [subject for (subject,) in rows]
    found: dict[UUID, Sequence[SecondPermit]] = {}
    for start in range(0, len(asked), _TOGETHER):
        for subject, known in rows_at(cursor, schemas, asked[start : start + _TOGETHER]).items():
            second = second_permits(in_force(known).permits, on)
            if second:
                found[subject] = second
    return found
