"""A projection that is an index: entries named by what they speak of. What they say is read from the ledger itself.

So sealed amounts and records stand nowhere but there, and what is erased stays listed by what it says openly. A
void names the entry that counts no more from its position.
"""

import json
from collections.abc import Collection, Sequence
from itertools import starmap
from typing import Any, ClassVar, LiteralString, NamedTuple
from uuid import UUID

from psycopg import Cursor

from domain.facts import Fact, FactVoided
from projections.projection import Projection
from projections.reading import Opener, ReadEntry, Row
from projections.schemas import Schemas

COLUMNS: LiteralString = (
    "SELECT e.notification_id, e.originator_id, e.originator_version, e.topic, e.refers_to_stream,"
    " e.refers_to_version, e.recorded_at, e.state, e.sealed, e.key, e.salt, e.suite"
)
STANDING: LiteralString = (
    " AS u JOIN {ledger}.entries AS e ON e.notification_id = u.position"
    " WHERE u.position <= %(as_at)s AND (u.voided_position IS NULL OR u.voided_position > %(as_at)s)"
    " AND u.kind = ANY(%(kinds)s)"
)


class EntryIndex(Projection):
    """An index of the entries of some facts. Its table is named as it is; `names` are columns and fields alike."""

    facts: ClassVar[tuple[type[Fact], ...]]
    insert: ClassVar[LiteralString]
    void: ClassVar[LiteralString]
    any: ClassVar[LiteralString]
    delete: ClassVar[LiteralString]
    names: ClassVar[tuple[str, ...]]

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._topics = {fact.topic(): fact.kind_name() for fact in self.facts}

    def fold(self, batch: Sequence[ReadEntry], cursor: Cursor[Any]) -> None:
        """Insert the entries, then mark those that the batch voids."""
        used = [self._row(entry) for entry in batch if entry.topic in self._topics]
        voids = [
            (entry.position, entry.refers_stream, entry.refers_version, entry.position)
            for entry in batch
            if entry.topic == FactVoided.topic() and entry.refers_stream is not None
        ]
        if used:
            cursor.executemany(self._schemas.sql(self.insert), used)
        if voids and self._any(cursor):
            cursor.executemany(self._schemas.sql(self.void), voids)

    def forget(self, streams: Collection[UUID], cursor: Cursor[Any]) -> None:
        """Delete what the entries of these streams said."""
        cursor.execute(self._schemas.sql(self.delete), [list(streams)])

    def _any(self, cursor: Cursor[Any]) -> bool:
        found = cursor.execute(self._schemas.sql(self.any)).fetchone()
        return bool(found and found[0])

    def _row(self, entry: ReadEntry) -> tuple[Any, ...]:
        """Name an entry by its open part: one that was erased is listed as it was before, and opens no more."""
        if entry.fact is None:
            left = json.loads(entry.left)
            named = [left.get(name) for name in self.names]
        else:
            named = [getattr(entry.fact, name, None) for name in self.names]
        return (entry.position, entry.stream, entry.version, self._topics[entry.topic], *named)


class Used(NamedTuple):
    """An entry that is listed, opened. `fact` None: it can no longer be opened."""

    position: int
    stream: UUID
    fact: Fact | None


def opened_rows(cursor: Cursor[Any], opener: Opener, text: bytes, asked: dict[str, Any]) -> list[Used]:
    """Read and open the entries that a query names."""
    rows = list(starmap(Row, cursor.execute(text, asked).fetchall()))
    opener.prepare(rows)
    return [Used(row.position, row.stream, opener.opened(row)) for row in rows]


def kinds_of(facts: Collection[type[Fact]]) -> dict[str, Any]:
    """Name kinds for a query."""
    return {"kinds": [fact.kind_name() for fact in facts]}
