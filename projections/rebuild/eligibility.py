"""eligibility for ranges of residents at once: asked by the evaluator in several processes, copied in unindexed.

What the runner does beside asking is what is left out: deleting rows that are not there, keeping three tables'
indexes, a transaction and a sweep's book for each few residents. Who was another once is left to the runner.
"""

from typing import Any

from psycopg import Connection, Cursor, sql

from projections.eligibility import Eligibility
from projections.rebuild.generation import Anchor
from projections.rebuild.ranges import Range, leave
from projections.schemas import Schemas
from projections.sweeps import Sweep, keep_sweep
from projections.ties import kept_between

NAME = Eligibility.name


class EligibilityFill:
    """Fills ranges of subjects, each in the caller's transaction."""

    def __init__(self, schemas: Schemas, anchor: Anchor, seed: int, numbering: Connection[Any]) -> None:
        """`seed` and `numbering` are for those who read columns."""
        del seed, numbering
        self._schemas = schemas
        self._anchor = anchor
        self._eligibility = Eligibility(schemas, lambda: anchor.as_of)

    def fill(self, cursor: Cursor[Any], part: int) -> int:
        """Fill a range; give how many rows of measures its residents have."""
        span = Range(part, self._anchor.parts)
        high = sql.SQL("") if span.high is None else sql.SQL(" AND subject < {}").format(span.high)
        counted = cursor.execute(
            self._schemas.sql(
                "SELECT subject, count(*) FROM (SELECT subject, position FROM {projections}.measures UNION ALL"
                " SELECT subject, position FROM {projections}.measures_restricted) AS m"
                " WHERE position <= {as_at} AND subject >= {low}{high} GROUP BY subject",
                as_at=sql.Literal(self._anchor.position),
                low=sql.Literal(span.low),
                high=high,
            )
        ).fetchall()
        self._eligibility.write(cursor, [subject for subject, _ in counted], self._anchor.position)
        return sum(count for _, count in counted)

    def finish(self, cursor: Cursor[Any]) -> None:
        """Say where everything is filled: who was another once is left to the runner, and nobody needs a sweep."""
        leave(cursor, self._schemas, NAME, kept_between(cursor, self._schemas, None, None))
        found = cursor.execute(self._schemas.sql("SELECT count(*) FROM {projections}.eligibility_due")).fetchone()
        mark = self._eligibility.mark(cursor, self._anchor.position)
        asked = int(found[0]) if found else 0
        keep_sweep(cursor, self._schemas, NAME, Sweep(self._anchor.as_of, mark, None, asked, done=True))
