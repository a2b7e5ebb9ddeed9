"""What is left of an erased person: rows by their id, and values or indexes found in any table of the ledger.

Some rows stay by design: the entries with their open parts, the lists of entries by round and year, ties, and marks
that somebody was erased. None of them says what was sealed.
"""

from collections.abc import Callable, Sequence
from typing import Any, LiteralString, NamedTuple, get_args
from uuid import UUID

from psycopg import Connection, sql

from domain.facts.identity import DocumentType
from domain.person import Person
from ledger.database import Database
from ledger.vault.indexes import Indexes
from projections.kept import beside, tables_of_subjects
from projections.schemas import Schemas

_VAULT: dict[LiteralString, LiteralString] = {
    "subjects": "SELECT count(*) FROM {vault}.subjects WHERE subject = %s AND wrapped IS NOT NULL",
    "documents": "SELECT count(*) FROM {vault}.documents WHERE subject = %s",
    "names": "SELECT count(*) FROM {vault}.names WHERE subject = %s",
    "unrecorded": "SELECT count(*) FROM {vault}.unrecorded WHERE subject = %s",
    "held": "SELECT count(*) FROM {vault}.held WHERE subject = %s AND sealed IS NOT NULL",
    "salts": "SELECT count(*) FROM {vault}.salts WHERE wrapped IS NOT NULL"
    " AND entry_key IN (SELECT key FROM {ledger}.entries WHERE originator_id = %s)",
}
ROWS_AT_ONCE = 1_000
BY_DESIGN = frozenset({"tombstones"})
"""Tables in which the index of an erased person stands, so that rows that come again are refused."""


class Left(NamedTuple):
    """Where something was found: the table, what was found there, and in how many rows (at least)."""

    table: str
    what: str
    rows: int


class Needle(NamedTuple):
    """What is searched for: a word about it that says nothing, and its bytes."""

    what: str
    sought: bytes


def left_of(database: Database, subject: UUID) -> list[Left]:
    """Give the rows that an erasure should have taken, in the vault, the live projections and kept generations."""
    schemas, found = Schemas.of(database), []
    with database.connect() as admin:
        vault = sql.Identifier(f"{database.ledger}_vault")
        for table, text in _VAULT.items():
            found.append(Left(f"vault.{table}", "subject", _count(admin, schemas.sql(text, vault=vault), subject)))
        with admin.cursor() as cursor:
            kept = beside(cursor, schemas)
            there = [
                (each, table)
                for each in (schemas, kept)
                if each is not None
                for table in sorted(tables_of_subjects(cursor, each))
            ]
        for each, table in there:
            question = each.sql("SELECT count(*) FROM {table} WHERE subject = %s", table=each.table(table))
            found.append(Left(f"{each.projections}.{table}", "subject", _count(admin, question, subject)))
    return [one for one in found if one.rows]


def needles_of(text: str, number: int, indexes: Indexes) -> list[Needle]:
    """Give what a value stands for: itself, and its index as a document's number of every type."""
    kinds: tuple[DocumentType, ...] = get_args(DocumentType)
    own = [indexes.of(Person(kind, text)).document for kind in kinds]
    return [Needle(f"value {number}", text.encode()), *(Needle(f"index of value {number}", one) for one in own)]


def searched(database: Database, needles: Sequence[Needle], tell: Callable[[str], None]) -> list[Left]:
    """Read every table of the ledger's schemas whole and give where a needle is, in text or in bytes."""
    found = []
    with database.connect() as admin:
        for schema, table in _tables(admin, database):
            tell(f"{schema}.{table}")
            sought = [one for one in needles if table not in BY_DESIGN or not one.what.startswith("index")]
            rows = _rows_with(admin, schema, table, sought)
            found += [Left(f"{schema}.{table}", what, count) for what, count in rows.items()]
    return found


def _rows_with(admin: Connection[Any], schema: str, table: str, needles: Sequence[Needle]) -> dict[str, int]:
    """Count rows by what is in them. COPY writes a row a line, text as it is and bytes in hexadecimal."""
    forms = [(one.what, form) for one in needles for form in (one.sought, one.sought.hex().encode())]
    counts: dict[str, int] = {}

    def look(rows: list[bytes]) -> None:
        whole = b"".join(rows)
        for what, form in forms:
            if form in whole:  # many rows at once: where nothing is, and mostly nothing is, that is one search
                counts[what] = counts.get(what, 0) + sum(form in row for row in rows)

    rows: list[bytes] = []
    with admin.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(schema, table))) as copy:
        for block in copy:
            rows.append(bytes(block))
            if len(rows) == ROWS_AT_ONCE:
                look(rows)
                rows = []
    look(rows)
    return counts


def _tables(admin: Connection[Any], database: Database) -> list[tuple[str, str]]:
    return admin.execute(
        "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = %(ledger)s"
        " OR starts_with(schemaname, %(name)s || '_vault') OR starts_with(schemaname, %(name)s || '_projections')"
        " ORDER BY 1, 2",
        {"ledger": database.schema, "name": database.ledger},
    ).fetchall()


def _count(admin: Connection[Any], question: bytes, subject: UUID) -> int:
    row = admin.execute(question, [subject]).fetchone()
    return int(row[0]) if row else 0
