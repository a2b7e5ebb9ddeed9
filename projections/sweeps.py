"""Sweeps: everybody scored again, in the order of subjects. The table is written by the projection that sweeps."""

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Cursor

from projections.rules import Mark
from projections.schemas import Schemas


class Sweep(NamedTuple):
    """How far a sweep has come, and what it is for."""

    as_of: date
    rules: Mark
    after: UUID | None
    scored: int
    done: bool


def last_sweep(cursor: Cursor[Any], schemas: Schemas, projection: str) -> Sweep | None:
    """Give the sweep that is under way or was the last, with how many residents it has scored."""
    found = cursor.execute(
        schemas.sql(
            "SELECT as_of, rules_position, rules_changes, after, scored, done FROM {projections}.sweeps"
            " WHERE projection = %s"
        ),
        [projection],
    ).fetchone()
    if found is None:
        return None
    as_of, rules_position, rules_changes, *progress = found
    return Sweep(as_of, Mark(rules_position, rules_changes), *progress)
