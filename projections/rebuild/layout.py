"""How a generation is laid out beside the live one, and how the two are exchanged.

A view that is made anew has tables of its own; of every other there is an SQL view on the live table, so that what
is filled reads its sources by the same names. Constraints and indexes are the live ones' under the same names; of a
view that is filled as a whole they are made when it is full.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import Cursor, sql

from ledger.database import Database, Role
from projections.rebuild.refusals import LaidOutOtherwise
from projections.rebuild.views import BOOKS, UNCOPIED, tables_of
from projections.schemas import Schemas

_PRIVILEGES = {name: sql.SQL(name) for name in ("SELECT", "INSERT", "UPDATE", "DELETE", "USAGE")}


@dataclass(frozen=True)
class Layout:
    """The live schema and the one beside it."""

    database: Database
    live: Schemas
    other: Schemas

    def lay_out(self, cursor: Cursor[Any], views: Sequence[str], late: Iterable[str] = ()) -> None:
        """Make the other schema; `late` names tables that get their indexes when they are full."""
        owner, name = sql.Identifier(self.database.role(Role.OWNER)), sql.Identifier(self.other.projections)
        cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(name))
        cursor.execute(sql.SQL("CREATE SCHEMA {} AUTHORIZATION {}").format(name, owner))
        cursor.execute(sql.SQL("SET LOCAL ROLE {}").format(owner))
        own = {*BOOKS, *(table for view in views for table in tables_of(view))}
        late = set(late)
        for table in tables(cursor, self.live):
            if table in UNCOPIED:
                continue
            live, other = self.live.table(table), self.other.table(table)
            if table in own:
                cursor.execute(
                    sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL EXCLUDING INDEXES)").format(other, live)
                )
                if table not in late:
                    self.index(cursor, table)
            else:
                cursor.execute(sql.SQL("CREATE VIEW {} AS SELECT * FROM {}").format(other, live))
            self._grant(cursor, table, writable=table in own)
        self._grant(cursor, None, writable=True)

    def index(self, cursor: Cursor[Any], table: str) -> None:
        """Make the constraints and indexes that the live table has and this one has not, under the same names."""
        there = {name for name, _ in _indexes(cursor, self.other, table)}
        for name, statement in _indexes(cursor, self.live, table):
            if name not in there:
                live, other = (f"{one.projections}.{table} " for one in (self.live, self.other))
                cursor.execute(statement.replace(live, other, 1).encode())

    def index_all(self, cursor: Cursor[Any], names: Iterable[str]) -> None:
        """Make the indexes of some tables, as their owner."""
        cursor.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(self.database.role(Role.OWNER))))
        for table in names:
            self.index(cursor, table)

    def _grant(self, cursor: Cursor[Any], table: str | None, *, writable: bool) -> None:
        """Give the other table (None: the schema) to whom the live one is given."""
        for privilege, grantee in _grants(cursor, self.live, table):
            if writable or privilege == "SELECT":
                what = (
                    sql.SQL("SCHEMA {}").format(sql.Identifier(self.other.projections))
                    if table is None
                    else self.other.table(table)
                )
                cursor.execute(
                    sql.SQL("GRANT {} ON {} TO {}").format(_PRIVILEGES[privilege], what, sql.Identifier(grantee))
                )

    def check(self, cursor: Cursor[Any], views: Sequence[str]) -> None:
        """Raise LaidOutOtherwise where a table of the views has other columns, or is not there."""
        for view in views:
            for table in tables_of(view):
                if _columns(cursor, self.live, table) != _columns(cursor, self.other, table):
                    raise LaidOutOtherwise(table)

    def lock(self, cursor: Cursor[Any], views: Sequence[str], within_ms: int) -> None:
        """Wait for whoever reads the tables, and let nobody begin. Raises psycopg's LockNotAvailable."""
        cursor.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(within_ms))
        names = ["checkpoints", *(table for view in views for table in tables_of(view))]
        for schemas in (self.live, self.other):
            cursor.execute(
                sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(
                    sql.SQL(", ").join(schemas.table(name) for name in names)
                )
            )

    def exchange(self, cursor: Cursor[Any], views: Sequence[str]) -> None:
        """Exchange the tables of the views, and their rows in the books. Done twice it is undone."""
        owner = sql.Identifier(self.database.role(Role.OWNER))
        aside = sql.Identifier(f"{self.other.projections}_aside")
        cursor.execute(sql.SQL("CREATE SCHEMA {} AUTHORIZATION {}").format(aside, owner))
        cursor.execute(sql.SQL("SET LOCAL ROLE {}").format(owner))
        move = sql.SQL("ALTER TABLE {}.{} SET SCHEMA {}")
        live, other = (sql.Identifier(one.projections) for one in (self.live, self.other))
        for table in (table for view in views for table in tables_of(view)):
            for here, there in ((live, aside), (other, live), (aside, other)):
                cursor.execute(move.format(here, sql.Identifier(table), there))
        for book in BOOKS:
            self._exchange_rows(cursor, book, list(views))
        cursor.execute(sql.SQL("DROP SCHEMA {}").format(aside))
        cursor.execute("RESET ROLE")

    def _exchange_rows(self, cursor: Cursor[Any], book: str, views: list[str]) -> None:
        taken = [
            cursor.execute(
                sql.SQL("DELETE FROM {} WHERE projection = ANY(%s) RETURNING *").format(one.table(book)), [views]
            ).fetchall()
            for one in (self.other, self.live)
        ]
        for schemas, rows in zip((self.live, self.other), taken, strict=True):
            if rows:
                values = sql.SQL(", ").join([sql.Placeholder()] * len(rows[0]))
                cursor.executemany(sql.SQL("INSERT INTO {} VALUES ({})").format(schemas.table(book), values), rows)


def tables(cursor: Cursor[Any], schemas: Schemas) -> list[str]:
    """Name the tables of a schema."""
    rows = cursor.execute(
        "SELECT relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND relkind = 'r' ORDER BY relname",
        [schemas.projections],
    )
    return [name for (name,) in rows]


def dropped(connection: psycopg.Connection[Any], schemas: Schemas) -> None:
    """Drop a schema with all that is in it."""
    connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schemas.projections)))


def _indexes(cursor: Cursor[Any], schemas: Schemas, table: str) -> list[tuple[str, str]]:
    """Give the names of a table's indexes with the statements that make them: constraints as constraints."""
    found = cursor.execute(
        "SELECT i.relname, coalesce('ALTER TABLE ' || n.nspname || '.' || c.relname || ' ADD CONSTRAINT '"
        " || quote_ident(con.conname) || ' ' || pg_get_constraintdef(con.oid), pg_get_indexdef(i.oid))"
        " FROM pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid JOIN pg_class AS c ON c.oid = x.indrelid"
        " JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " LEFT JOIN pg_constraint AS con ON con.conindid = i.oid AND con.conrelid = c.oid"
        " WHERE n.nspname = %s AND c.relname = %s ORDER BY x.indisprimary DESC, i.relname",
        [schemas.projections, table],
    )
    return found.fetchall()


def _grants(cursor: Cursor[Any], schemas: Schemas, table: str | None) -> list[tuple[str, str]]:
    """List what others than the owner may do with a table, or with the schema: (privilege, role)."""
    if table is None:
        text = (
            "SELECT g.privilege_type, g.grantee::regrole::text FROM pg_namespace AS n, aclexplode(n.nspacl) AS g"
            " WHERE n.nspname = %s AND g.grantee <> n.nspowner ORDER BY 1, 2"
        )
        return cursor.execute(text, [schemas.projections]).fetchall()
    text = (
        "SELECT g.privilege_type, g.grantee::regrole::text FROM pg_class AS c JOIN pg_namespace AS n"
        " ON n.oid = c.relnamespace, aclexplode(c.relacl) AS g"
        " WHERE n.nspname = %s AND c.relname = %s AND g.grantee <> c.relowner ORDER BY 1, 2"
    )
    return cursor.execute(text, [schemas.projections, table]).fetchall()


def _columns(cursor: Cursor[Any], schemas: Schemas, table: str) -> list[tuple[str, int]]:
    found = cursor.execute(
        "SELECT a.attname, a.atttypid FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid"
        " JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = %s"
        " AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attname",
        [schemas.projections, table],
    )
    return found.fetchall()
