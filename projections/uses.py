"""uses: the entries that say what points were used for, by round, programme and decision. Its only writer.

Applications, places, decisions, benefits and payments: the table names their entries, and what they say is read
from the ledger, so that sealed amounts and records are nowhere but there.
"""

from typing import Any, LiteralString

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
from projections.entry_index import COLUMNS, STANDING, EntryIndex, Used, kinds_of, opened_rows
from projections.reading import MOST, Opener
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


class Uses(EntryIndex):
    """The projection."""

    name = "uses"
    facts = (*OF_APPLICATIONS, *OF_BENEFITS, DecisionMade, RedeterminationSettled)
    kinds = (*(fact.kind_name() for fact in facts), FactVoided.kind_name())
    names = ("round", "programme", "application", "decision")
    insert = (
        "INSERT INTO {projections}.uses (position, stream, version, kind, round, programme,"
        " application, decision) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
    )
    void = (
        "UPDATE {projections}.uses SET voided_position = %s"
        " WHERE stream = %s AND version = %s AND position < %s AND voided_position IS NULL"
    )
    any = "SELECT EXISTS (SELECT FROM {projections}.uses)"
    delete = "DELETE FROM {projections}.uses WHERE stream = ANY(%s)"


_COLUMNS: LiteralString = COLUMNS + " FROM {projections}.uses" + STANDING


def applications_at(
    cursor: Cursor[Any], schemas: Schemas, opener: Opener, round_name: str, as_at: int = MOST
) -> list[Used]:
    """Read what was said of the applications of a round, known at a position, in the order of positions."""
    text = schemas.sql(_COLUMNS + " AND u.round = %(round)s ORDER BY u.position")
    return opened_rows(cursor, opener, text, kinds_of(OF_APPLICATIONS) | {"round": round_name, "as_at": as_at})


def decisions_at(
    cursor: Cursor[Any],
    schemas: Schemas,
    opener: Opener,
    *,
    front: str = "",
    round_name: str | None = None,
    programme: str | None = None,
    after: int = 0,
    until: int = MOST,
    as_at: int = MOST,
) -> list[Used]:
    """Read decisions, oldest first: of a round, a programme, whose hash begins so, at positions (after, until]."""
    text = schemas.sql(
        _COLUMNS + " AND u.position > %(after)s AND u.position <= %(until)s AND starts_with(u.decision, %(front)s)"
        " AND (%(round)s::text IS NULL OR u.round = %(round)s)"
        " AND (%(programme)s::text IS NULL OR u.programme = %(programme)s) ORDER BY u.position"
    )
    asked = {"front": front, "round": round_name, "programme": programme, "as_at": as_at}
    asked |= {"after": after, "until": until}
    return opened_rows(cursor, opener, text, kinds_of((DecisionMade,)) | asked)


_DECISIONS: LiteralString = (
    " FROM {projections}.uses WHERE kind = 'decision-made' AND position > %(after)s AND position <= %(as_at)s"
    " AND (voided_position IS NULL OR voided_position > %(as_at)s)"
    " AND (%(round)s::text IS NULL OR round = %(round)s)"
)


def decision_positions(
    cursor: Cursor[Any], schemas: Schemas, after: int, as_at: int, round_name: str | None, most: int
) -> list[int]:
    """Give the positions of the next decisions after a position, so many at most."""
    text = schemas.sql("SELECT position" + _DECISIONS + " ORDER BY position LIMIT %(most)s")
    asked = {"after": after, "as_at": as_at, "round": round_name, "most": most}
    return [int(row[0]) for row in cursor.execute(text, asked).fetchall()]


def decision_count(cursor: Cursor[Any], schemas: Schemas, after: int, as_at: int, round_name: str | None) -> int:
    """Count the decisions after a position."""
    text = schemas.sql("SELECT count(*)" + _DECISIONS)
    row = cursor.execute(text, {"after": after, "as_at": as_at, "round": round_name}).fetchone()
    return int(row[0]) if row else 0


def settlements_at(cursor: Cursor[Any], schemas: Schemas, opener: Opener, as_at: int = MOST) -> list[Used]:
    """Read what became of decisions after later facts, oldest first."""
    text = schemas.sql(_COLUMNS + " ORDER BY u.position")
    return opened_rows(cursor, opener, text, kinds_of((RedeterminationSettled,)) | {"as_at": as_at})
