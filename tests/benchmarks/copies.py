"""A town far larger than it was appended: residents whose measures and packs are copies, made by the server.

Who is copied was measured and packed by the projections' own code. A copy has a subject and, in `measures`,
positions of its own; the records in its pack are byte for byte those of whom it copies. Indexes are built once the
rows are there.
"""

from typing import Any

from psycopg import Connection

from projections.measure_rows import TYPE_OF
from projections.schemas import Schemas
from tests.benchmarks.large_ledger import SUBJECT_OF

_INDEXES = (
    "ALTER TABLE {measures} ADD PRIMARY KEY (position, part)",
    "CREATE INDEX measures_subject ON {measures} (subject)",
)
_HASHED = "LATERAL (SELECT sha256(('subject' || i)::bytea) AS d) AS s"
_DERIVED = f"({SUBJECT_OF})"


def copy_packs(admin: Connection[Any], schemas: Schemas, distinct: int, residents: int) -> None:
    """Give residents from number `distinct` on the packs of the first ones, in turns."""
    names = "places, home, since, until, plain, whole"
    admin.execute(
        schemas.sql(
            f"INSERT INTO {{projections}}.packs (subject, {names})"
            f" SELECT {_DERIVED}, {names} FROM generate_series({distinct}, {residents - 1}) AS i"
            " JOIN (SELECT p.*, number FROM copied JOIN {projections}.packs AS p USING (subject)) AS m"
            f" ON m.number = i % {distinct}, {_HASHED}"
        )
    )


def copy_measures(admin: Connection[Any], schemas: Schemas, distinct: int, residents: int) -> None:
    """Give them the rows of measures too, in the order in which months arrive."""
    measures = schemas.table("measures")
    admin.execute("SET maintenance_work_mem = '1GB'")
    admin.execute(schemas.sql("ALTER TABLE {measures} DROP CONSTRAINT measures_pkey", measures=measures))
    admin.execute(schemas.sql("DROP INDEX {projections}.measures_subject"))
    for table in ("measures", "measures_restricted"):
        given = {"subject": _DERIVED, "position": "m.position + (i - m.number)"}
        columns, chosen = ", ".join(TYPE_OF), ", ".join(given.get(name, f"m.{name}") for name in TYPE_OF)
        for version in range(1, _versions(admin, schemas, table) + 1):
            admin.execute(
                schemas.sql(
                    f"INSERT INTO {{table}} ({columns}) SELECT {chosen}"
                    f" FROM generate_series({distinct}, {residents - 1}) AS i"
                    " JOIN (SELECT t.*, number FROM copied JOIN {table} AS t USING (subject)"
                    f" WHERE ref_version = {version} AND number < {distinct}) AS m"
                    f" ON m.number = i % {distinct}, {_HASHED}",
                    table=schemas.table(table),
                )
            )
    for statement in _INDEXES:
        admin.execute(schemas.sql(statement, measures=measures))


def number_copied(admin: Connection[Any], distinct: int) -> None:
    """Number those who are copied, in a temporary table."""
    admin.execute(
        f"CREATE TEMPORARY TABLE copied AS SELECT i AS number, {SUBJECT_OF} AS subject"
        f" FROM generate_series(0, {distinct - 1}) AS i, {_HASHED}"
    )
    admin.execute("ALTER TABLE copied ADD PRIMARY KEY (number)")


def _versions(admin: Connection[Any], schemas: Schemas, table: str) -> int:
    row = admin.execute(
        schemas.sql("SELECT coalesce(max(ref_version), 0) FROM {table}", table=schemas.table(table))
    ).fetchone()
    return int(row[0]) if row else 0
