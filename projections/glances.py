"""A glance at one resident: all that a score of now reads, in one round trip to the server.

Who was ever tied or merged, who stands still and of whom nothing is known is not seen at a glance: what these need
is read step by step (answers.py).
"""

from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection, sql

from domain.factrow import FactRow
from projections.measure_rows import READ, row_of
from projections.rules import Mark, mark_query
from projections.schemas import Schemas

_FIRST = 4
"""Where a row of measures begins, after what is said with each of them alike."""


class Glance(NamedTuple):
    """How far the projections are, which rules are known there, and the rows of a resident who has no ties."""

    position: int
    mark: Mark
    rows: list[FactRow]


class Glances:
    """Looks at one resident after another on one connection: one statement, and so one snapshot, each."""

    def __init__(self, connection: Connection[Any], schemas: Schemas, sources: tuple[str, ...]) -> None:
        self._connection = connection
        self._sources = list(sources)
        self._statement = schemas.sql(
            "SELECT here.position, rules.position, rules.changes,"
            " EXISTS (SELECT FROM {projections}.ties WHERE subject = %(subject)s OR other = %(subject)s)"
            " OR EXISTS (SELECT FROM {projections}.quarantine WHERE stream = %(subject)s), told.*"
            " FROM (SELECT coalesce(min(coalesce(position, 0)), 0) AS position"
            " FROM unnest(%(sources)s::text[]) AS wanted (projection)"
            " LEFT JOIN {projections}.checkpoints USING (projection)) AS here,"
            " LATERAL ({mark}) AS rules (position, changes),"
            " LATERAL (SELECT {columns} FROM {plain} WHERE subject = %(subject)s AND position <= here.position"
            " UNION ALL SELECT {columns} FROM {restricted} WHERE subject = %(subject)s"
            " AND position <= here.position) AS told",
            mark=mark_query(schemas, sql.Identifier("here", "position")),
            columns=READ,
            plain=schemas.table("measures"),
            restricted=schemas.table("measures_restricted"),
        )

    def at(self, subject: UUID) -> Glance | None:
        """Look at a resident; None where a glance does not see everything."""
        with self._connection.cursor(binary=True) as cursor:
            found = cursor.execute(
                self._statement, {"subject": subject, "sources": self._sources}, prepare=True
            ).fetchall()
        if not found:
            return None
        position, *mark, is_more = found[0][:_FIRST]
        return None if is_more else Glance(position, Mark(*mark), [row_of(read[_FIRST:]) for read in found])
