"""assessments: the entries of the year's assessment 年度申评, by place and year. Its only writer.

Who takes part, which claims wait and until when, whose score is certified: folded from the entries as they stand.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from psycopg import Cursor

from domain import assessment
from domain.assessment import Claim, Year, answer_by
from domain.facts import AssessmentJoined, AssessmentOpened, ClaimAnswered, ClaimFiled, FactVoided, ScoreCertified
from domain.workdays import WorkCalendar
from projections.entry_index import COLUMNS, STANDING, EntryIndex, kinds_of, opened_rows
from projections.reading import MOST, Opener
from projections.schemas import Schemas


class Assessments(EntryIndex):
    """The projection."""

    name = "assessments"
    facts = (AssessmentJoined, ClaimFiled, ClaimAnswered, ScoreCertified)
    kinds = (*(fact.kind_name() for fact in facts), FactVoided.kind_name())
    names = ("place", "year", "claim")
    insert = (
        "INSERT INTO {projections}.assessments (position, stream, version, kind, place, year, claim)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)"
    )
    void = (
        "UPDATE {projections}.assessments SET voided_position = %s"
        " WHERE stream = %s AND version = %s AND position < %s AND voided_position IS NULL"
    )
    any = "SELECT EXISTS (SELECT FROM {projections}.assessments)"
    delete = "DELETE FROM {projections}.assessments WHERE stream = ANY(%s)"


_COLUMNS: LiteralString = COLUMNS + " FROM {projections}.assessments" + STANDING


class Waiting(NamedTuple):
    """A claim that waits: whose, and by which day it is answered. `overdue` on the day that was asked for."""

    subject: UUID
    claim: Claim
    answer_by: date
    overdue: bool


def years_at(
    cursor: Cursor[Any], schemas: Schemas, opener: Opener, place: str, year: int, as_at: int = MOST
) -> Mapping[UUID, Year]:
    """Fold everybody's year in a place, as known at a position."""
    text = schemas.sql(_COLUMNS + " AND u.place = %(place)s AND u.year = %(year)s ORDER BY u.position")
    asked = kinds_of(Assessments.facts) | {"place": place, "year": year, "as_at": as_at}
    found: dict[UUID, Year] = {}
    for used in opened_rows(cursor, opener, text, asked):
        if used.fact is not None:
            found[used.stream] = assessment.evolve(found.get(used.stream, Year()), used.fact)
    return found


def waiting(
    opened: AssessmentOpened, years: Mapping[UUID, Year], calendar: WorkCalendar, on: date
) -> Iterator[Waiting]:
    """Give the claims that wait on a day, those due first. Raises CalendarEnds."""
    found = [
        Waiting(subject, claim, due, on > due)
        for subject, year in years.items()
        for claim in year.open_claims(on)
        for due in [answer_by(opened, claim, calendar)]
    ]
    yield from sorted(found, key=lambda each: (each.answer_by, each.claim.number, str(each.subject)))


def residents_at(cursor: Cursor[Any], schemas: Schemas, place: str) -> list[UUID]:
    """Name who has a score at a place: whom a place that asks for no application certifies."""
    text = schemas.sql("SELECT subject FROM {projections}.scores WHERE place = %s AND NOT trial ORDER BY subject")
    return [row[0] for row in cursor.execute(text, [place[:6]]).fetchall()]
