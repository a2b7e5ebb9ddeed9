"""What is erased goes out of a generation that is kept beside the live one too, which reads no entry meanwhile.

Its tables lose the rows of whom an erasure concerns: all of a destroyed subject; of an expunged entry its own row
and whatever was worked out of it. Followed again, the generation reads the erasure itself, and works out anew.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from psycopg import Cursor

from projections.schemas import Schemas

MEASURED = ("measures", "measures_restricted")
STAYS = frozenset({"measures_erased", "ties"})
"""Tables that go on naming an erased subject: the mark itself, and ties, which belong to two."""


def erase_in_kept(
    cursor: Cursor[Any], live: Schemas, destroyed: Collection[UUID], expunged: Sequence[tuple[UUID, int]]
) -> None:
    """Erase in the generation beside the live one, if there is one. In a generation itself it does nothing."""
    other = _beside(cursor, live)
    if other is None:
        return
    own = tables_of_subjects(cursor, other)
    touched = [*destroyed, *(stream for stream, _ in expunged)]
    for table in own:
        subjects = list(destroyed) if table in MEASURED else touched
        cursor.execute(
            other.sql("DELETE FROM {table} WHERE subject = ANY(%b)", table=other.table(table)), [subjects]
        )
    for table in own & {*MEASURED}:
        expunge(cursor, other, table, expunged)


def expunge(cursor: Cursor[Any], schemas: Schemas, table: str, expunged: Sequence[tuple[UUID, int]]) -> None:
    """Delete the rows of entries, but for the voids that they are: what was corrected stays void."""
    if expunged:
        cursor.executemany(
            schemas.sql(
                "DELETE FROM {table} WHERE subject = %s AND ref_version = %s AND ref_stream IS NULL"
                " AND role <> 'void'",
                table=schemas.table(table),
            ),
            expunged,
        )


def tables_of_subjects(cursor: Cursor[Any], schemas: Schemas) -> set[str]:
    """Name the tables of a schema, not the views in it, that hold rows of a subject which an erasure takes."""
    rows = cursor.execute(
        "SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'subject' AND NOT a.attisdropped"
        " WHERE c.relkind = 'r' AND n.nspname = %s",
        [schemas.projections],
    ).fetchall()
    return {name for (name,) in rows} - STAYS


def beside(cursor: Cursor[Any], live: Schemas) -> Schemas | None:
    """Name the schema of the generation that is not dropped; None where there is none."""
    found = cursor.execute(
        live.sql("SELECT generation FROM {projections}.rebuilds WHERE state <> 'dropped'")
    ).fetchone()
    return None if found is None else live.beside(f"g{found[0]}")


def _beside(cursor: Cursor[Any], live: Schemas) -> Schemas | None:
    """Do as `beside`; None also where this is a generation itself: the books stand beside what is live alone."""
    books = cursor.execute(
        "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = %s AND tablename = 'rebuilds')", [live.projections]
    ).fetchone()
    return beside(cursor, live) if books and books[0] else None
