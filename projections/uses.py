"""uses: the entries that say what points were used for, by round, programme and decision. Its only writer.

Applications, places, decisions, benefits and payments: the table names their entries, and what they say is read
from the ledger, so that sealed amounts and records are nowhere but there.
"""

from collections.abc import Collection, Sequence
from itertools import starmap
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from psycopg import Cursor

from domain.facts import (
    ApplicationFiled,
    ApplicationWithdrawn,
    BenefitRechecked,
    BenefitStarted,
    BenefitStopped,
    DecisionMade,
    Fact,
    FactVoided,
    ItemReviewed,
    ItemSupplemented,
    PaymentFailed,
    PaymentMade,
    PaymentRecovered,
    PlaceAnswered,
    PlaceOffered,
    PlaceTransferred,
    RedeterminationSettled,
)
from projections.projection import Projection
from projections.reading import MOST, Opener, ReadEntry, Row
from projections.schemas import Schemas

OF_APPLICATIONS: tuple[type[Fact], ...] = (
    ApplicationFiled,
    ApplicationWithdrawn,
    ItemReviewed,
    ItemSupplemented,
    PlaceOffered,
    PlaceAnswered,
    PlaceTransferred,
)
OF_BENEFITS: tuple[type[Fact], ...] = (
    BenefitStarted,
    BenefitRechecked,
    BenefitStopped,
    PaymentMade,
    PaymentFailed,
    PaymentRecovered,
)
_USES: tuple[type[Fact], ...] = (*OF_APPLICATIONS, *OF_BENEFITS, DecisionMade, RedeterminationSettled)
_NAMES = ("round", "programme", "application", "decision")


class Uses(Projection):
    """The projection. A void names the entry that counts no more from the void's position on."""

    name = "uses"
    kinds = (*(fact.kind_name() for fact in _USES), FactVoided.kind_name())

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas

    def fold(self, batch: Sequence[ReadEntry], cursor: Cursor[Any]) -> None:
        """Insert the entries, then mark those that the batch voids."""
        used = [_row(entry, entry.fact) for entry in batch if isinstance(entry.fact, _USES)]
        voids = [
            (entry.position, entry.refers_stream, entry.refers_version, entry.position)
            for entry in batch
            if entry.topic == FactVoided.topic() and entry.refers_stream is not None
        ]
        if used:
            cursor.executemany(
                self._schemas.sql(
                    "INSERT INTO {projections}.uses (position, stream, version, kind, round, programme,"
                    " application, decision) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
                ),
                used,
            )
        if voids and self._any(cursor):
            cursor.executemany(
                self._schemas.sql(
                    "UPDATE {projections}.uses SET voided_position = %s"
                    " WHERE stream = %s AND version = %s AND position < %s AND voided_position IS NULL"
                ),
                voids,
            )

    def forget(self, streams: Collection[UUID], cursor: Cursor[Any]) -> None:
        """Delete what the entries of these streams said."""
        cursor.execute(self._schemas.sql("DELETE FROM {projections}.uses WHERE stream = ANY(%s)"), [list(streams)])

    def _any(self, cursor: Cursor[Any]) -> bool:
        found = cursor.execute(self._schemas.sql("SELECT EXISTS (SELECT FROM {projections}.uses)")).fetchone()
        return bool(found and found[0])


class Used(NamedTuple):
    """An entry that is listed, opened. `fact` None: it can no longer be opened."""

    position: int
    stream: UUID
    fact: Fact | None


_COLUMNS: LiteralString = (
    "SELECT e.notification_id, e.originator_id, e.originator_version, e.topic, e.refers_to_stream,"
    " e.refers_to_version, e.recorded_at, e.state, e.sealed, e.key, e.salt, e.suite"
    " FROM {projections}.uses AS u JOIN {ledger}.entries AS e ON e.notification_id = u.position"
    " WHERE u.position <= %(as_at)s AND (u.voided_position IS NULL OR u.voided_position > %(as_at)s)"
    " AND u.kind = ANY(%(kinds)s)"
)


def applications_at(
    cursor: Cursor[Any], schemas: Schemas, opener: Opener, round_name: str, as_at: int = MOST
) -> list[Used]:
    """Read what was said of the applications of a round, known at a position, in the order of positions."""
    text = schemas.sql(_COLUMNS + " AND u.round = %(round)s ORDER BY u.position")
    return _opened(cursor, opener, text, _kinds(OF_APPLICATIONS) | {"round": round_name, "as_at": as_at})


def decisions_at(
    cursor: Cursor[Any],
    schemas: Schemas,
    opener: Opener,
    *,
    front: str = "",
    round_name: str | None = None,
    programme: str | None = None,
    as_at: int = MOST,
) -> list[Used]:
    """Read decisions, oldest first: of a round, of a programme, or whose hash begins with some digits."""
    text = schemas.sql(
        _COLUMNS + " AND starts_with(u.decision, %(front)s)"
        " AND (%(round)s::text IS NULL OR u.round = %(round)s)"
        " AND (%(programme)s::text IS NULL OR u.programme = %(programme)s) ORDER BY u.position"
    )
    asked = {"front": front, "round": round_name, "programme": programme, "as_at": as_at}
    return _opened(cursor, opener, text, _kinds((DecisionMade,)) | asked)


def settlements_at(cursor: Cursor[Any], schemas: Schemas, opener: Opener, as_at: int = MOST) -> list[Used]:
    """Read what became of decisions after later facts, oldest first."""
    text = schemas.sql(_COLUMNS + " ORDER BY u.position")
    return _opened(cursor, opener, text, _kinds((RedeterminationSettled,)) | {"as_at": as_at})


def _opened(cursor: Cursor[Any], opener: Opener, text: bytes, asked: dict[str, Any]) -> list[Used]:
    rows = list(starmap(Row, cursor.execute(text, asked).fetchall()))
    opener.prepare(rows)
    return [Used(row.position, row.stream, opener.opened(row)) for row in rows]


def _kinds(facts: Collection[type[Fact]]) -> dict[str, Any]:
    return {"kinds": [fact.kind_name() for fact in facts]}


def _row(entry: ReadEntry, fact: Fact) -> tuple[Any, ...]:
    named = [getattr(fact, name, None) for name in _NAMES]
    return (entry.position, entry.stream, entry.version, fact.kind_name(), *named)
