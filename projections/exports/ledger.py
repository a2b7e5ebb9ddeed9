"""The population as the ledger's projections know it at a position, read part by part for the runner's role.

A part is a range of subjects, so that no list of all of them is held: only who has ties or was merged is looked up.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv
from psycopg import Connection, Cursor, sql

from domain.coverage import Coverage
from domain.errors import ProjectionBehind, RulebookNotSound
from domain.facts import Known, Ref
from domain.family import Tie, families, merges, ties
from projections.checkpoints import reached
from projections.coordinates import known_position
from projections.exports.columns import ColumnPart
from projections.exports.layout import RESIDENTS, ROW_TYPES, ROWS, TIES, PartTables
from projections.exports.ordering import laid_out
from projections.projection import ProjectionBroken
from projections.quarantine import held_at
from projections.reading import Opener, Row
from projections.rules import Rules, RulesReader
from projections.schemas import Schemas
from projections.scores import SOURCES
from projections.simulation.population import home_of

_FAMILY_KINDS = ("family-tie-recorded", "family-tie-ended", "identities-merged")
_AT_HOME = pa.array(["permit", "void", "closer"])
_SPANS = 1 << 32
_TYPES = {"subject": pa.string(), **ROW_TYPES}


class Kin(NamedTuple):
    """Who belongs together: ties, merged subjects with the subject they are now, and each one's family."""

    ties: list[Tie]
    merged: dict[UUID, UUID]
    family: dict[UUID, UUID]


def kin_at(cursor: Cursor[Any], schemas: Schemas, opener: Opener, as_at: int) -> Kin:
    """Read every tie and merge known at a position."""
    found = cursor.execute(
        schemas.sql(
            "WITH families AS (SELECT * FROM {ledger}.entries WHERE notification_id <= %(as_at)s"
            " AND split_part(topic, '.', 1) = ANY(%(kinds)s))"
            " SELECT notification_id, originator_id, originator_version, topic, refers_to_stream,"
            " refers_to_version, recorded_at, state, sealed, key, salt, suite FROM families UNION ALL"
            " SELECT notification_id, originator_id, originator_version, topic, refers_to_stream,"
            " refers_to_version, recorded_at, state, sealed, key, salt, suite FROM {ledger}.entries"
            " WHERE notification_id <= %(as_at)s AND split_part(topic, '.', 1) = 'fact-voided'"
            " AND refers_to_stream IN (SELECT originator_id FROM families)"
        ),
        {"as_at": as_at, "kinds": list(_FAMILY_KINDS)},
    ).fetchall()
    rows = [Row(*row) for row in found]
    opener.prepare(rows)
    known = [_known(row, fact) for row in rows if (fact := opener.opened(row)) is not None]
    tied, merged = ties(known, as_at), merges(known, as_at)
    related = {one for tie in tied for one in (tie.subject, tie.other)} | {*merged, *merged.values()}
    return Kin(tied, merged, families(related, tied, merged))


def _known(row: Row, fact: Any) -> Known:
    target = None
    if row.refers_stream is not None and row.refers_version is not None:
        target = Ref(stream=row.refers_stream, version=row.refers_version)
    return Known(fact, row.position, Ref(stream=row.stream, version=row.version), target)


class LedgerParts:
    """Reads parts of some residents each, in one snapshot that the caller holds open."""

    def __init__(self, cursor: Cursor[Any], schemas: Schemas, kin: Kin, as_at: int, as_of: date, size: int) -> None:
        self._cursor = cursor
        self._schemas = schemas
        self._kin = kin
        self._as_at = as_at
        self._as_of = as_of
        self.left_out = 0
        self.count = max(1, -(-self._subjects() // size))
        self._movers = {one: head for one, head in kin.family.items() if self._span(one) != self._span(head)}

    def _subjects(self) -> int:
        found = self._cursor.execute(
            self._schemas.sql("SELECT count(DISTINCT subject) FROM {projections}.measures")
        ).fetchone()
        return int(found[0]) if found else 0

    def _span(self, subject: UUID) -> int:
        return (subject.int >> 96) * self.count // _SPANS

    def __iter__(self) -> Iterator[PartTables]:
        """Read the parts one after the other; a part that nobody lives in has empty tables."""
        for number in range(self.count):
            yield self._part(number)

    def _part(self, number: int) -> PartTables:
        plain, restricted = (self._read(table, number) for table in ("measures", "measures_restricted"))
        heads = {str(one): str(head) for one, head in self._kin.merged.items()}
        subjects = sorted(
            {heads.get(one, one) for table in (plain, restricted) for one in _unique(table, "subject")}
        )
        held = held_at(self._cursor, self._schemas, [UUID(one) for one in subjects], self._as_at)
        homes = self._homes(plain, restricted, heads, subjects)
        placed = sorted((homes[one], one) for one in subjects if one in homes and UUID(one) not in held)
        self.left_out += len(subjects) - len(placed)
        numbers = {subject: n for n, (_, subject) in enumerate(placed)}
        residents = pa.table(
            [range(len(placed)), [one for _, one in placed], [place for place, _ in placed]], schema=RESIDENTS
        )
        return laid_out(
            residents,
            _numbered(plain, numbers, heads),
            _numbered(restricted, numbers, heads),
            self._ties(numbers),
        )

    def _read(self, table: str, number: int) -> pa.Table:
        """Read the rows of a range of subjects, of whoever moves in, and not of whoever moves out."""
        low = UUID(int=-(-number * _SPANS // self.count) << 96)
        comes = [one for one, head in self._movers.items() if self._span(head) == number]
        goes = [one for one in self._movers if self._span(one) == number]
        above = (
            sql.SQL("")
            if number + 1 == self.count
            else sql.SQL(" AND subject < {}").format(UUID(int=-(-(number + 1) * _SPANS // self.count) << 96))
        )
        statement = sql.SQL(
            "COPY (SELECT {columns} FROM {table} WHERE position <= {as_at} AND"
            " ((subject >= {low}{above} AND subject <> ALL({goes}::uuid[])) OR subject = ANY({comes}::uuid[])))"
            " TO STDOUT (FORMAT csv)"
        ).format(
            columns=sql.SQL(", ").join(map(sql.Identifier, _TYPES)),
            table=self._schemas.table(table),
            as_at=self._as_at,
            low=low,
            above=above,
            goes=goes,
            comes=comes,
        )
        text = io.BytesIO()
        with self._cursor.copy(statement) as copy:
            for block in copy:
                text.write(block)
        return _parsed(text.getvalue())

    def _homes(
        self, plain: pa.Table, restricted: pa.Table, heads: dict[str, str], subjects: list[str]
    ) -> dict[str, str]:
        """Find where each is scored, from what says where people live."""
        lives = pc.or_(pc.is_in(plain["role"], value_set=_AT_HOME), pc.equal(plain["kind"], "residence-registered"))
        told = pa.concat_tables([plain.filter(lives), restricted.filter(pc.equal(restricted["role"], "void"))])
        numbers = {subject: n for n, subject in enumerate(subjects)}
        nowhere = pa.table([range(len(subjects)), subjects, [""] * len(subjects)], schema=RESIDENTS)
        told = _numbered(told, numbers, heads)
        part = ColumnPart(
            PartTables(nowhere, told, ROWS.empty_table(), TIES.empty_table()),
            Coverage(),
            self._as_of,
        )
        found = ((subject, home_of(part.rows_of(n), self._as_of)) for subject, n in numbers.items())
        return {subject: place[:6] for subject, place in found if place is not None}

    def _ties(self, numbers: dict[str, int]) -> pa.Table:
        here = [tie for tie in self._kin.ties if str(tie.subject) in numbers or str(tie.other) in numbers]
        rows = [[tie.tie, str(tie.subject), str(tie.other), tie.since, tie.until] for tie in here]
        return pa.table([list(column) for column in zip(*rows, strict=True)] or [[]] * len(TIES), schema=TIES)


def _parsed(text: bytes) -> pa.Table:
    if not text:
        return pa.schema(list(_TYPES.items())).empty_table()
    return pc_csv.read_csv(
        io.BytesIO(text),
        read_options=pc_csv.ReadOptions(column_names=list(_TYPES), block_size=max(len(text), 1 << 20)),
        parse_options=pc_csv.ParseOptions(newlines_in_values=True),
        convert_options=pc_csv.ConvertOptions(
            column_types=_TYPES, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
        ),
    )


def _unique(table: pa.Table, name: str) -> list[str]:
    found: list[str] = pc.unique(table[name]).to_pylist()
    return found


def _numbered(table: pa.Table, numbers: dict[str, int], heads: dict[str, str]) -> pa.Table:
    """Number the residents and leave out who has no number. Own streams become null."""
    encoded = table["subject"].combine_chunks().dictionary_encode()
    subjects = encoded.dictionary.to_pylist()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    number = np.array([numbers.get(heads.get(one, one), -1) for one in subjects], np.int32)[codes]
    table = table.append_column("number", pa.array(number, pa.int32()))
    merged = [one for one in subjects if one in heads]
    if merged:  # rows of a merged subject stand in a stream that is not the resident's
        foreign = pc.and_(pc.is_in(table["subject"], value_set=pa.array(merged)), pc.is_null(table["ref_stream"]))
        told = pc.if_else(foreign, table["subject"], table["ref_stream"])
        table = table.set_column(table.column_names.index("ref_stream"), "ref_stream", told)
    named = pc.and_(pc.equal(table["refers_stream"], table["subject"]), pc.invert(_is_in(table["subject"], merged)))
    own = pc.if_else(named, pa.scalar(None, pa.string()), table["refers_stream"])
    table = table.set_column(table.column_names.index("refers_stream"), "refers_stream", own)
    table = table.filter(pc.greater_equal(table["number"], 0))
    return table.rename_columns({"number": "resident"}).select(ROWS.names).cast(ROWS)


def _is_in(column: pa.ChunkedArray, words: list[str]) -> pa.ChunkedArray:
    return pc.is_in(column, value_set=pa.array(words, pa.string()))


class Opened(NamedTuple):
    """A population at a position, with the rules known there."""

    parts: LedgerParts
    position: int
    rules: Rules


@contextmanager
def opened(
    connection: Connection[Any],
    schemas: Schemas,
    opener: Opener,
    as_of: date,
    as_at: int | datetime | None,
    size: int,
) -> Iterator[Opened]:
    """Hold one snapshot open and give what stands in it. `as_at` None: as far as the projections are.

    Raises PositionUnknown, ProjectionBehind, RulebookNotSound.
    """
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        read = reached(cursor, schemas, SOURCES)
        position = read if as_at is None else known_position(cursor, schemas, as_at)
        if position > read:
            raise ProjectionBehind
        try:
            rules = RulesReader(schemas).at(cursor, position)
        except ProjectionBroken:
            raise RulebookNotSound from None
        kin = kin_at(cursor, schemas, opener, position)
        yield Opened(LedgerParts(cursor, schemas, kin, position, as_of, size), position, rules)
