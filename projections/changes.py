"""Why a score changed, between any two coordinates of one resident: answered in one snapshot of the projections."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, tzinfo
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection, Cursor

from domain.change import Change, Coordinates, why
from domain.errors import NowhereAtHome
from domain.family import ALONE
from domain.home import places_of
from domain.knowledge import FactRow, in_force
from domain.veil import veiled_change
from projections.answers import Answers
from projections.households import households_at
from projections.schemas import Schemas


class When(NamedTuple):
    """As of a civil day, as at a position or an instant (None: as far as the projections are)."""

    as_of: date
    as_at: int | datetime | None = None


class Changes(Answers):
    """Answers why on one connection. `zone` is that of civil days."""

    def __init__(self, connection: Connection[Any], schemas: Schemas, zone: tzinfo) -> None:
        super().__init__(connection, schemas)
        self._zone = zone

    def change(self, subject: UUID, a: When, b: When, place: str | None = None, use: str | None = None) -> Change:
        """Say why a subject's score at a place (None: where they are at home at the second) differs between two.

        Each score stands under the rulebooks in force at its own coordinates, with the relatives known there; `use`
        names the programme for which points are asked. Raises as Answers.score does, and NowhereAtHome.
        """
        with self._snapshot() as cursor:
            positions = [self._position(cursor, when.as_at) for when in (a, b)]
            subject = self._now(cursor, subject, max(positions))
            own, rows, *_ = self._household(cursor, subject, b.as_of, max(positions))
            here = home_at(rows, positions[1], b.as_of) if place is None else place[:6]
            first, second = (
                self._coordinates(cursor, subject, when.as_of, position, here)
                for when, position in zip((a, b), positions, strict=True)
            )
            days = self._recorded(cursor, own, min(positions), max(positions))
        return veiled_change(why(rows, first, second, days.get, use), own)

    def _coordinates(
        self, cursor: Cursor[Any], subject: UUID, as_of: date, position: int, place: str
    ) -> Coordinates:
        rules = self._rules_at(cursor, position)
        known = households_at(cursor, self._schemas, [subject], as_of, position)
        family = known[subject].family if subject in known else ALONE
        return Coordinates(as_of, position, rules.under(place, as_of), place, rules.coverage, family)

    def _recorded(self, cursor: Cursor[Any], streams: Collection[UUID], after: int, until: int) -> dict[int, date]:
        """Give the civil days on which the resident's entries between two positions were recorded."""
        found = cursor.execute(
            self._schemas.sql(
                "SELECT notification_id, recorded_at FROM {ledger}.entries"
                " WHERE originator_id = ANY(%s) AND notification_id > %s AND notification_id <= %s"
            ),
            [list(streams), after, until],
        )
        return {position: recorded_at.astimezone(self._zone).date() for position, recorded_at in found}


def home_at(rows: Sequence[FactRow], position: int, as_of: date) -> str:
    """Give where somebody is at home on a day, as known at a position. Raises NowhereAtHome."""
    permit, places = places_of(in_force(rows, position), as_of)
    home = permit or next(iter(places), None)
    if home is None:
        raise NowhereAtHome
    return home
