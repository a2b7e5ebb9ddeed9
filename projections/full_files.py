"""A full file compared with what its source had said before: which facts it lacks.

The natural keys of the file's rows go into a temporary table beside `measures`; the database takes the difference,
so memory does not grow with the file. Facts are the same by who they are about and their natural key, whichever way
the row named the person and whether the fact stands as it was sent or as it was corrected.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection, Cursor, sql

from domain.errors import FullFileOutOfScope, FullFileUnsound, KindNotCompared
from domain.factrow import KEY_COLUMNS, FactRow, Role, rows_of
from domain.facts import Fact, FactCorrected, Known, Ref
from ledger.canonical import canonical
from ledger.ingest.delivery import Delivery, Row, judged
from ledger.ingest.examine import Candidate, Examiner
from ledger.ingest.full import Scope
from ledger.ingest.ledger_desk import LedgerImportDesk
from ledger.ingest.tally import open_quantity
from ledger.ingest.verdicts import Finding
from ledger.vault.identities import Outcome
from projections.measure_rows import TYPE_OF
from projections.schemas import Schemas

_BUFFER = 2_000
_PAGE = 2_000
_NOWHERE = Ref(stream=UUID(int=1), version=1)


class Comparison(NamedTuple):
    """What came of it, as at a position. in_force = present + absent; `plan` is the hash of what is to be done."""

    plan: str
    as_at: int
    rows: int
    control_sum: int
    in_force: int
    present: int

    @property
    def absent(self) -> int:
        """Count what the file lacks."""
        return self.in_force - self.present

    @property
    def token(self) -> str:
        """Give the words by which a person confirms it."""
        return f"{self.as_at}-{self.plan[:16]}"


class FullFiles:
    """Compares on one connection of the runner's role, in one transaction that the caller holds open."""

    def __init__(self, cursor: Cursor[Any], schemas: Schemas, scope: Scope, organ: str) -> None:
        self._cursor = cursor
        self._schemas = schemas
        self._scope = scope
        self._organ = organ
        self._columns = key_columns(scope.fact)
        self._identifiers = sql.SQL(", ").join(map(sql.Identifier, self._columns))

    def compare(
        self,
        delivery: Delivery,
        examiner: Examiner,
        desk: LedgerImportDesk,
        as_at: int,
        noted: Callable[[int], None] | None = None,
    ) -> Comparison:
        """Read the file and take the difference. `noted` is told how many rows were read.

        Raises FullFileUnsound where a row cannot be read or its person is to be confirmed, FullFileOutOfScope.
        """
        rows, control_sum = self._stage(delivery, examiner, desk, noted)
        self._difference(as_at)
        [(in_force, present)] = self._ask(
            "SELECT count(*), count(*) FILTER (WHERE present) FROM full_file_standing"
        )
        told = {
            "organ": self._organ,
            "scope": self._scope.label,
            "file": delivery.digest,
            "terms": delivery.terms_digest,
            "as_at": as_at,
            "rows": rows,
            "control_sum": control_sum,
            "in_force": in_force,
        }
        plan = hashlib.sha256(canonical(told))
        for page in self.absent():
            for ref in page:
                plan.update(ref.stream.bytes + ref.version.to_bytes(8, "big"))
        return Comparison(plan.hexdigest(), as_at, rows, control_sum, in_force, present)

    def absent(self) -> Iterator[list[Ref]]:
        """Give the entries that the file lacks, in the order of positions, some at a time."""
        after = 0
        statement = (
            "SELECT position, stream, version FROM full_file_standing WHERE NOT present AND position > %s"
            " ORDER BY position LIMIT %s"
        )
        while page := self._ask(statement, after, _PAGE):
            yield [Ref(stream=stream, version=version) for _, stream, version in page]
            after = page[-1][0]

    def _stage(
        self,
        delivery: Delivery,
        examiner: Examiner,
        desk: LedgerImportDesk,
        noted: Callable[[int], None] | None,
    ) -> tuple[int, int]:
        """Copy the natural keys of the file's rows into a temporary table; give the rows and their control sum."""
        table = self._schemas.table(_TABLES[self._scope.fact.about.sensitive])
        self._cursor.execute("DROP TABLE IF EXISTS pg_temp.full_file")
        self._cursor.execute(
            sql.SQL("CREATE TEMPORARY TABLE full_file ON COMMIT DROP AS SELECT subject, {} FROM {} LIMIT 0").format(
                self._identifiers, table
            )
        )
        rows = control_sum = 0
        copy_in = sql.SQL("COPY full_file (subject, {}) FROM STDIN (FORMAT BINARY)").format(self._identifiers)
        with self._cursor.copy(copy_in) as copy:
            copy.set_types(["uuid", *(TYPE_OF[name] for name in self._columns)])
            for buffer in _buffers(delivery, examiner):
                for candidate, subject in zip(buffer, _subjects(desk, buffer, delivery), strict=True):
                    rows += 1
                    control_sum += open_quantity(candidate.fact)
                    key = self._key(candidate.fact, delivery, rows)
                    if subject is not None:
                        copy.write_row((subject, *key))
                if noted is not None:
                    noted(rows)
        self._cursor.execute("ANALYZE full_file")
        return rows, control_sum

    def _key(self, fact: Fact, delivery: Delivery, number: int) -> list[Any]:
        """Give the natural key in columns. Raises FullFileOutOfScope."""
        row = _row(fact)
        if row is None or type(fact) is not self._scope.fact or not self._covers(row):
            raise FullFileOutOfScope(f"{delivery.path.name}: {number}")
        return [getattr(row, name) for name in self._columns]

    def _covers(self, row: FactRow) -> bool:
        first, after = self._scope.days
        here = row.place is None or row.place.startswith(self._scope.prefix)
        return here and row.starts_on is not None and first <= row.starts_on < after

    def _difference(self, as_at: int) -> None:
        first, after = self._scope.days
        natural = sql.SQL("ROW({})::text")
        mine, theirs = (
            natural.format(sql.SQL(", ").join(sql.Identifier(of, name) for name in self._columns))
            for of in ("m", "file")
        )
        self._cursor.execute("DROP TABLE IF EXISTS pg_temp.full_file_standing")
        self._cursor.execute(
            self._schemas.sql(
                "CREATE TEMPORARY TABLE full_file_standing ON COMMIT DROP AS"
                " SELECT m.position, m.subject AS stream, m.ref_version AS version,"
                " f.subject IS NOT NULL AS present"
                " FROM {table} AS m JOIN {ledger}.entries AS e ON e.notification_id = m.position"
                " LEFT JOIN (SELECT DISTINCT file.subject, {theirs} AS natural FROM full_file AS file) AS f"
                " ON f.subject = m.subject AND f.natural = {mine}"
                " WHERE m.role = 'fact' AND m.kind = {kind} AND m.ref_stream IS NULL AND m.position <= {as_at}"
                " AND (m.voided_position IS NULL OR m.voided_position > {as_at})"
                " AND m.starts_on >= {first} AND m.starts_on < {after}"
                " AND (m.place IS NULL OR m.place LIKE {place}) AND e.organ = {organ}",
                table=self._schemas.table(_TABLES[self._scope.fact.about.sensitive]),
                mine=mine,
                theirs=theirs,
                kind=sql.Literal(self._scope.fact.kind_name()),
                as_at=sql.Literal(as_at),
                first=sql.Literal(first),
                after=sql.Literal(after),
                place=sql.Literal(self._scope.prefix + "%"),
                organ=sql.Literal(self._organ),
            )
        )

    def _ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._cursor.execute(statement.encode(), values).fetchall()


_TABLES = {False: "measures", True: "measures_restricted"}


@contextmanager
def comparing(connection: Connection[Any], schemas: Schemas, scope: Scope, organ: str) -> Iterator[FullFiles]:
    """Hold one snapshot open and compare in it. Raises KindNotCompared."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield FullFiles(cursor, schemas, scope, organ)


def key_columns(fact: type[Fact]) -> tuple[str, ...]:
    """Give the columns of `measures` in which a kind's natural key stands. Raises KindNotCompared."""
    columns = KEY_COLUMNS.get(fact.kind_name())
    if columns is None or fact.about.closes is not None or fact is FactCorrected:
        raise KindNotCompared(fact.kind_name())
    return columns


def _row(fact: Fact) -> FactRow | None:
    rows = rows_of(Known(fact, 0, _NOWHERE))
    return rows[0] if len(rows) == 1 and rows[0].role is Role.FACT and rows[0].kind == fact.kind_name() else None


def _buffers(delivery: Delivery, examiner: Examiner) -> Iterator[list[Candidate]]:
    """Read the candidates, some at a time. Raises FullFileUnsound at the first row that is none."""
    buffer: list[Candidate] = []
    for row, judgement in judged(delivery, examiner):
        if isinstance(judgement, Finding):
            raise FullFileUnsound(_place(delivery, row, judgement.code))
        buffer.append(judgement)
        if len(buffer) == _BUFFER:
            yield buffer
            buffer = []
    if buffer:
        yield buffer


def _subjects(desk: LedgerImportDesk, buffer: Sequence[Candidate], delivery: Delivery) -> list[UUID | None]:
    """Say who each is about; None: nobody who is known. Raises FullFileUnsound where a person must say."""
    persons = list({one.person: None for one in buffer if one.person is not None})
    found = dict(zip(persons, desk.find(persons), strict=True)) if persons else {}
    if any(one.outcome is Outcome.HELD for one in found.values()):
        raise FullFileUnsound(f"{delivery.path.name}: held")
    return [one.subject_id if one.person is None else found[one.person].subject for one in buffer]


def _place(delivery: Delivery, row: Row, code: str) -> str:
    return f"{delivery.path.name}:{row.line} {code}"
