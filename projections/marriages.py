"""Marriages: whom somebody is married to on a day, and the grants of a household, those of ended marriages too."""

from datetime import date
from typing import Any
from uuid import UUID

from psycopg import Cursor

from domain.factrow import FactRow
from domain.family import Tie, relatives
from domain.knowledge import in_force
from projections.measures import rows_at
from projections.schemas import Schemas
from projections.ties import kin_of

_GRANT = "benefit-started"


def spouse_on(cursor: Cursor[Any], schemas: Schemas, subject: UUID, on: date, as_at: int) -> UUID | None:
    """Name whom a subject is married to on a day, as known at a position."""
    kin = kin_of(cursor, schemas, [subject], as_at)
    spouses = relatives(subject, on, kin.ties)["spouse"]
    return kin.merged.get(spouses[0], spouses[0]) if spouses else None


def grants_of_household(
    cursor: Cursor[Any], schemas: Schemas, subject: UUID, on: date, as_at: int
) -> list[FactRow]:
    """Give the grants that a subject's household has had by a day: the rows of benefit-started, as known.

    A grant is the household's of those who were married when it was made, and stays theirs after the marriage has
    ended. Whoever is married on the day brings what they had into the household.
    """
    kin = kin_of(cursor, schemas, [subject], as_at)
    married = [tie for tie in kin.ties if tie.tie == "spouse" and subject in (tie.subject, tie.other)]
    spouses = {
        kin.merged.get(one, one): tie for tie in married for one in (tie.subject, tie.other) if one != subject
    }
    known = rows_at(cursor, schemas, [subject, *spouses], as_at)
    found = _grants(known[subject])
    for spouse, tie in spouses.items():
        found += [row for row in _grants(known[spouse]) if _shared(row, tie, on)]
    return found


def _grants(rows: list[FactRow]) -> list[FactRow]:
    return [fact.row for fact in in_force(rows).of(_GRANT) if fact.void_from is None]


def _shared(row: FactRow, tie: Tie, on: date) -> bool:
    return tie.holds_on(on) or (row.starts_on is not None and tie.holds_on(row.starts_on))
