"""One hash for what a table holds, the same on every machine: rows by primary key, columns by name, in COPY's text.

Dates, instants, floats and bytes are written in fixed ways, text keys are ordered by code point, so that neither a
time zone nor a locale changes it.
"""

import hashlib
from collections.abc import Iterable
from typing import Any, NamedTuple

from psycopg import Connection, Cursor, sql

from projections.eligibility import TABLES as ELIGIBILITY
from projections.recognition import TABLES as RECOGNITION
from projections.schemas import Schemas

TABLES = {
    "measures": ("measures", "measures_restricted", "measures_erased"),
    "feeds": ("feeds",),
    "rulebooks": ("rulebooks", "programmes", "windows"),
    "ties": ("ties",),
    "uses": ("uses",),
    "assessments": ("assessments",),
    "eligibility": ELIGIBILITY,
    "scores": ("scores", *RECOGNITION),
}
"""The tables of each projection: all that it made of the entries."""

WHEN_WORKED_OUT = {"scores": frozenset({"as_of", "next_change_on"})}
"""Columns that say when a row was worked out and until when it stays, not what holds. They are not hashed."""

_FIXED_FORMS = (
    "SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL TimeZone = 'UTC'; SET LOCAL bytea_output = 'hex';"
    " SET LOCAL extra_float_digits = 1; SET LOCAL IntervalStyle = 'iso_8601'; SET LOCAL client_encoding = 'UTF8'"
)


class Digest(NamedTuple):
    """SHA-256 in hexadecimal, and how many rows went into it."""

    sha256: str
    rows: int


def digest(connection: Connection[Any], schemas: Schemas, projection: str) -> Digest:
    """Hash what a projection holds, in one snapshot."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        return digest_within(cursor, schemas, projection)


def digest_within(cursor: Cursor[Any], schemas: Schemas, projection: str) -> Digest:
    """Hash what a projection holds, in the transaction of the caller."""
    cursor.execute(_FIXED_FORMS)
    whole = hashlib.sha256()
    rows = 0
    for table in TABLES[projection]:
        columns, keys = _columns(cursor, schemas, table)
        whole.update(f"{table}({','.join(columns)})\n".encode())
        statement = sql.SQL("COPY (SELECT {columns} FROM {table} ORDER BY {keys}) TO STDOUT").format(
            columns=_listed(columns), table=schemas.table(table), keys=sql.SQL(", ").join(keys)
        )
        with cursor.copy(statement) as copy:
            for block in copy:
                whole.update(block)
                rows += bytes(block).count(b"\n")
    return Digest(whole.hexdigest(), rows)


def _columns(cursor: Cursor[Any], schemas: Schemas, table: str) -> tuple[list[str], list[sql.Composable]]:
    """Give a table's columns by name, and how to order by its primary key."""
    found = cursor.execute(
        "SELECT a.attname, a.atttypid = 'text'::regtype, array_position(i.indkey::int2[], a.attnum)"
        " FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid"
        " JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " JOIN pg_index AS i ON i.indrelid = c.oid AND i.indisprimary"
        " WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped",
        [schemas.projections, table],
    ).fetchall()
    keys = sorted((place, name, is_text) for name, is_text, place in found if place is not None)
    ordered: list[sql.Composable] = [
        sql.Identifier(name) + sql.SQL(' COLLATE "C"') if is_text else sql.Identifier(name)
        for _, name, is_text in keys
    ]
    told = {name for name, _, _ in found} - WHEN_WORKED_OUT.get(table, frozenset())
    return sorted(told), ordered


def _listed(names: Iterable[str]) -> sql.Composable:
    return sql.SQL(", ").join(map(sql.Identifier, names))
