"""Ranges of subjects, in which whole views are filled; and subjects that are left to the runner."""

from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Cursor

from projections.schemas import Schemas

_SPANS = 1 << 32


class Range(NamedTuple):
    """One of `of` ranges of subjects."""

    number: int
    of: int

    @property
    def low(self) -> UUID:
        """Give the first subject that may be in it."""
        return UUID(int=-(-self.number * _SPANS // self.of) << 96)

    @property
    def high(self) -> UUID | None:
        """Give the first subject that is beyond it; None of the last range."""
        following = self.number + 1
        return None if following == self.of else UUID(int=-(-following * _SPANS // self.of) << 96)


def leave(cursor: Cursor[Any], schemas: Schemas, view: str, subjects: Collection[UUID]) -> None:
    """Leave subjects to the runner of a view, who looks at them one by one."""
    if subjects:
        cursor.execute(
            schemas.sql(
                "INSERT INTO {projections}.revisits (projection, stream)"
                " SELECT %s, stream FROM unnest(%s::uuid[]) AS stream ON CONFLICT DO NOTHING"
            ),
            [view, list(subjects)],
        )
