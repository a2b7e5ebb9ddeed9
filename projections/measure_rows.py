"""Rows of measures: an entry put into columns, and a row of columns read back as what rules read."""

from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import sql

from domain.factrow import FactRow, Role, rows_of
from domain.facts import BY_TOPIC, Fact, FactCorrected, Known, Ref, Stream
from projections.reading import ReadEntry

TABLES = ("measures", "measures_restricted")

_SAME = {
    "refers_stream": "uuid",
    "refers_version": "int8",
    "quantity": "int8",
    "starts_on": "date",
    "ends_on": "date",
    "decided_on": "date",
    "effective_on": "date",
    "completed_on": "date",
    "stops_on": "date",
    "born_on": "date",
    "part": "int2",
    "kind": "text",
    "place": "text",
    "variant": "text",
    "level": "text",
    "mark": "text",
    "spell": "text",
    "act": "text",
    "opens": "text",
    "closes": "text",
}
"""Columns that are fields of the row under the same name."""

_OWN = {
    "position": "int8",
    "subject": "uuid",
    "ref_stream": "uuid",
    "ref_version": "int8",
    "recorded_at": "timestamptz",
    "role": "text",
}
TYPE_OF = _OWN | _SAME
"""The database's type of each column."""
TYPES = list(TYPE_OF.values())
COLUMNS = sql.SQL(", ").join(map(sql.Identifier, [*_OWN, *_SAME]))
"""What is written."""
READ = sql.SQL(", ").join(sql.Identifier(name) for name in [*_OWN, *_SAME] if name != "recorded_at")
"""What is read back."""
SUBJECT = 1
"""Where the subject stands in both."""

Columns = tuple[Any, ...]

_TEMPLATES_KEPT = 16_384
_NOWHERE = Ref(stream=UUID(int=0), version=1)
_ROLES = {role.value: role for role in Role}
_ROLE_NAMES = {role: role.value for role in Role}
_SENSITIVE = frozenset(fact.kind_name() for fact in BY_TOPIC.values() if fact.about.sensitive)
_STANDS_ALONE = frozenset(
    topic
    for topic, fact in BY_TOPIC.items()
    if fact.about.stream is Stream.SUBJECT and not fact.about.refers and fact.measured is not Fact.measured
)
"""Topics of facts that measure, and whose rows do not depend on what the envelope refers to. They can be hashed."""

_same = attrgetter(*_SAME)


class Made(NamedTuple):
    """One row to write, and where. `voids` names the subject whose rows it voids."""

    table: str
    columns: Columns
    voids: UUID | None = None


class RowMaker:
    """Makes rows of entries. Most facts of a month are alike: what they have in common is made once."""

    def __init__(self) -> None:
        self._templates = lru_cache(maxsize=_TEMPLATES_KEPT)(_template)

    def rows(self, entry: ReadEntry) -> list[Made]:
        """Give the rows of one entry."""
        if entry.plain and entry.topic in _STANDS_ALONE:
            place = (entry.position, entry.stream, None, entry.version, entry.recorded_at)
            return [Made(table, (*place, *same)) for table, same in self._templates(entry.fact)]
        return [_made(row, entry) for row in _measured(entry)]


def _template(fact: Fact) -> list[tuple[str, Columns]]:
    """Give the rows of a fact without what its place in the ledger adds."""
    rows = rows_of(Known(fact, 0, _NOWHERE))
    return [(_table(row), (_ROLE_NAMES[row.role], *_same(row))) for row in rows]


def _measured(entry: ReadEntry) -> list[FactRow]:
    """Give the rows of one entry. Of an erased correction its void is left, which the envelope tells."""
    refers_to = None
    if entry.refers_stream is not None and entry.refers_version is not None:
        refers_to = Ref(stream=entry.refers_stream, version=entry.refers_version)
    if entry.fact is not None:
        ref = Ref(stream=entry.stream, version=entry.version)
        return rows_of(Known(entry.fact, entry.position, ref, refers_to))
    if entry.topic != FactCorrected.topic() or refers_to is None:
        return []
    void = FactRow(
        role=Role.VOID,
        kind=FactCorrected.kind_name(),
        position=entry.position,
        ref_stream=entry.stream,
        ref_version=entry.version,
        refers_stream=refers_to.stream,
        refers_version=refers_to.version,
    )
    return [void]


def _made(row: FactRow, entry: ReadEntry) -> Made:
    subject, told_by, voids = row.ref_stream, None, None
    if row.role is Role.VOID and row.refers_stream is not None:
        subject = voids = row.refers_stream
        told_by = None if subject == row.ref_stream else row.ref_stream
    role = _ROLE_NAMES[row.role]
    place = (row.position, subject, told_by, row.ref_version, entry.recorded_at)
    return Made(_table(row), (*place, role, *_same(row)), voids)


def _table(row: FactRow) -> str:
    return TABLES[row.kind in _SENSITIVE]


def row_of(read: Columns) -> FactRow:
    """Give the row that was written."""
    # In words, not by names put together: this runs once for each fact of everybody who is scored.
    (
        position,
        subject,
        told_by,
        ref_version,
        role,
        refers_stream,
        refers_version,
        quantity,
        starts_on,
        ends_on,
        decided_on,
        effective_on,
        completed_on,
        stops_on,
        born_on,
        part,
        kind,
        place,
        variant,
        level,
        mark,
        spell,
        act,
        opens,
        closes,
    ) = read
    return FactRow(
        role=_ROLES[role],
        kind=kind,
        position=position,
        ref_stream=told_by or subject,
        ref_version=ref_version,
        part=part,
        refers_stream=refers_stream,
        refers_version=refers_version,
        starts_on=starts_on,
        ends_on=ends_on,
        place=place,
        variant=variant,
        quantity=quantity,
        level=level,
        mark=mark,
        spell=spell,
        act=act,
        decided_on=decided_on,
        effective_on=effective_on,
        completed_on=completed_on,
        opens=opens,
        closes=closes,
        stops_on=stops_on,
        born_on=born_on,
    )
