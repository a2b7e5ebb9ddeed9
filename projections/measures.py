"""measures: one typed row for each thing a rule can read in an entry. This file is the tables' only writer.

A row is a `FactRow` in columns, under the position of its entry and its part there. Rows of sensitive kinds stand
in `measures_restricted`, which only the runner's role reads. A void stands under the subject whose entry it voids.
Erasure deletes rows: of one entry when it is expunged, of a subject when its key is destroyed. Voids survive the
first: expunging a correction does not bring back what it corrected.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from psycopg import Cursor

from domain.factrow import FactRow
from domain.facts import EntryExpunged, SubjectKeyDestroyed
from projections.kept import erase_in_kept, expunge
from projections.measure_rows import COLUMNS, READ, SUBJECT, TABLES, TYPES, Columns, RowMaker, row_of
from projections.projection import Projection
from projections.reading import MOST, ReadEntry
from projections.schemas import Schemas


class Measures(Projection):
    """The projection. It reads every kind; what no rule reads gives no row."""

    name = "measures"
    always = frozenset({EntryExpunged.topic(), SubjectKeyDestroyed.topic()})

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._maker = RowMaker()
        self._copies = {
            table: schemas.sql(
                "COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)", table=schemas.table(table), columns=COLUMNS
            )
            for table in TABLES
        }

    def fold(self, batch: Sequence[ReadEntry], cursor: Cursor[Any]) -> None:
        """Copy the rows in, then erase what the batch erases, then mark what it voids."""
        rows: dict[str, list[Columns]] = {table: [] for table in TABLES}
        expunged: list[tuple[UUID, int]] = []
        destroyed: list[tuple[UUID, int]] = []
        voided: set[UUID] = set()
        for entry in batch:
            for table, columns, voids in self._maker.rows(entry):
                rows[table].append(columns)
                if voids is not None:
                    voided.add(voids)
            fact = entry.fact
            if isinstance(fact, EntryExpunged) and entry.refers_stream and entry.refers_version:
                expunged.append((entry.refers_stream, entry.refers_version))
            elif isinstance(fact, SubjectKeyDestroyed):
                destroyed.append((entry.stream, entry.position))
        for table in TABLES:
            self._copy(cursor, table, rows[table])
        self._destroy(cursor, destroyed, batch[0].position)
        for table in TABLES:
            expunge(cursor, self._schemas, table, expunged)
        if destroyed or expunged:
            erase_in_kept(cursor, self._schemas, [subject for subject, _ in destroyed], expunged)
        self._mark_voided(cursor, voided | self._voided_from_elsewhere(cursor, batch))

    def forget(self, streams: Collection[UUID], cursor: Cursor[Any]) -> None:
        """Delete the rows that entries of these streams made. What other streams say of them stays."""
        for table in TABLES:
            cursor.execute(
                self._schemas.sql(
                    "DELETE FROM {table} WHERE (subject = ANY(%(streams)s) AND ref_stream IS NULL)"
                    " OR (ref_stream IS NOT NULL AND ref_stream = ANY(%(streams)s))",
                    table=self._schemas.table(table),
                ),
                {"streams": list(streams)},
            )
        cursor.execute(
            self._schemas.sql("DELETE FROM {projections}.measures_erased WHERE subject = ANY(%s)"), [list(streams)]
        )

    def _copy(self, cursor: Cursor[Any], table: str, rows: Sequence[Columns]) -> None:
        if not rows:
            return
        with cursor.copy(self._copies[table]) as copy:
            copy.set_types(TYPES)
            write = copy.write_row
            for row in rows:
                write(row)

    def _destroy(self, cursor: Cursor[Any], destroyed: Sequence[tuple[UUID, int]], first: int) -> None:
        """Delete all of the subjects whose key is gone, and what came for one that was erased before."""
        if destroyed:
            cursor.executemany(
                self._schemas.sql(
                    "INSERT INTO {projections}.measures_erased (subject, position) VALUES (%s, %s)"
                    " ON CONFLICT DO NOTHING"
                ),
                destroyed,
            )
        for table in TABLES:
            cursor.execute(
                self._schemas.sql(
                    "DELETE FROM {table} AS m USING {projections}.measures_erased AS e"
                    " WHERE m.subject = e.subject AND (m.position >= %s OR e.subject = ANY(%s))",
                    table=self._schemas.table(table),
                ),
                [first, [subject for subject, _ in destroyed]],
            )

    def _voided_from_elsewhere(self, cursor: Cursor[Any], batch: Sequence[ReadEntry]) -> set[UUID]:
        """Name subjects of the batch that other streams void: folded anew, their rows must be marked again."""
        found = cursor.execute(
            self._schemas.sql(
                "SELECT DISTINCT subject FROM {projections}.measures WHERE role = 'void' AND ref_stream IS NOT NULL"
            )
        )
        elsewhere = {subject for (subject,) in found}
        return {entry.stream for entry in batch if entry.stream in elsewhere} if elsewhere else elsewhere

    def _mark_voided(self, cursor: Cursor[Any], subjects: Collection[UUID]) -> None:
        for table in TABLES if subjects else ():
            cursor.execute(
                self._schemas.sql(
                    "UPDATE {table} AS m SET voided_position = v.position FROM"
                    " (SELECT refers_stream, refers_version, min(position) AS position FROM {projections}.measures"
                    " WHERE role = 'void' AND stops_on IS NULL AND subject = ANY(%s) GROUP BY 1, 2) AS v"
                    " WHERE m.subject = v.refers_stream AND m.ref_version = v.refers_version AND m.role <> 'void'"
                    " AND m.position < v.position AND m.voided_position IS DISTINCT FROM v.position",
                    table=self._schemas.table(table),
                ),
                [list(subjects)],
            )


def rows_at(
    cursor: Cursor[Any], schemas: Schemas, subjects: Collection[UUID], as_at: int = MOST
) -> dict[UUID, list[FactRow]]:
    """Read the rows of some subjects known at a position. A subject without rows has an empty list.

    Reads `measures_restricted` too, so it is for the runner's role.
    """
    known: dict[UUID, list[FactRow]] = {subject: [] for subject in subjects}
    text = schemas.sql(
        "SELECT {columns} FROM {plain} WHERE subject = ANY(%(subjects)s) AND position <= %(as_at)s UNION ALL"
        " SELECT {columns} FROM {restricted} WHERE subject = ANY(%(subjects)s) AND position <= %(as_at)s",
        columns=READ,
        plain=schemas.table("measures"),
        restricted=schemas.table("measures_restricted"),
    )
    for read in cursor.execute(text, {"subjects": list(subjects), "as_at": as_at}).fetchall():
        known[read[SUBJECT]].append(row_of(read))
    return known
