"""What a generation knows of views that it does not make: how far they are, and who stands still in them."""

from collections.abc import Collection
from typing import Any

from psycopg import Cursor

from projections.schemas import Schemas


def follow_upstream(
    cursor: Cursor[Any], live: Schemas, other: Schemas, views: Collection[str], downstream: Collection[str]
) -> None:
    """Copy checkpoints and quarantine of the live views that are not made anew.

    Who stands still now and did not before, or the other way round, is looked at again by `downstream`, the views
    that are made of others.
    """
    asked = {"views": list(views)}
    changed = cursor.execute(
        b"WITH here AS ("
        + live.sql("SELECT stream FROM {projections}.quarantine WHERE projection <> ALL(%(views)s)")
        + b"), there AS ("
        + other.sql("SELECT stream FROM {projections}.quarantine WHERE projection <> ALL(%(views)s)")
        + b") (SELECT stream FROM here EXCEPT SELECT stream FROM there)"
        b" UNION (SELECT stream FROM there EXCEPT SELECT stream FROM here)",
        asked,
    ).fetchall()
    for book in ("checkpoints", "quarantine"):
        cursor.execute(
            b"DELETE FROM " + other.table(book).as_bytes(None) + b" WHERE projection <> ALL(%(views)s)", asked
        )
        cursor.execute(
            b"INSERT INTO "
            + other.table(book).as_bytes(None)
            + b" SELECT * FROM "
            + live.table(book).as_bytes(None)
            + b" WHERE projection <> ALL(%(views)s)",
            asked,
        )
    if changed:
        cursor.execute(
            other.sql(
                "INSERT INTO {projections}.revisits (projection, stream) SELECT projection, stream"
                " FROM unnest(%s::text[]) AS projection, unnest(%s::uuid[]) AS stream ON CONFLICT DO NOTHING"
            ),
            [list(downstream), [stream for (stream,) in changed]],
        )
