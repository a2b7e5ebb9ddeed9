"""Sweeps: everybody scored again, in the order of subjects. The table is written by the projection that sweeps.

A sweep that is done stands for the day on which it began; the daily roll takes it from there to the next day.
"""

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


def keep_sweep(cursor: Cursor[Any], schemas: Schemas, projection: str, sweep: Sweep) -> None:
    """Write down how far a sweep has come."""
    cursor.execute(
        schemas.sql(
            "INSERT INTO {projections}.sweeps (projection, as_of, rules_position, rules_changes, after,"
            " scored, done) VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (projection) DO UPDATE SET"
            " as_of = excluded.as_of, rules_position = excluded.rules_position,"
            " rules_changes = excluded.rules_changes, after = excluded.after, scored = excluded.scored,"
            " done = excluded.done"
        ),
        [projection, sweep.as_of, *sweep.rules, sweep.after, sweep.scored, sweep.done],
    )


def next_measured(cursor: Cursor[Any], schemas: Schemas, after: UUID | None, chunk: int) -> list[UUID]:
    """Give the next subjects that are measured, skipping from one to the next in the index."""
    rows = cursor.execute(
        schemas.sql(
            "WITH RECURSIVE measured AS ((SELECT subject FROM {projections}.measures"
            " WHERE %(after)s::uuid IS NULL OR subject > %(after)s ORDER BY subject LIMIT 1) UNION ALL"
            " SELECT (SELECT m.subject FROM {projections}.measures AS m WHERE m.subject > measured.subject"
            " ORDER BY m.subject LIMIT 1) FROM measured WHERE measured.subject IS NOT NULL)"
            " SELECT subject FROM measured WHERE subject IS NOT NULL LIMIT %(chunk)s"
        ),
        {"after": after, "chunk": chunk},
    ).fetchall()
    return [subject for (subject,) in rows]
