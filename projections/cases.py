"""What a decision reads, from the projections: the people of an application with their rows, feeds and tables.

Everything is read as known at one position, so that the same is read again at any time: but for what was erased.
It reads restricted rows, so it is for the runner's role; who may ask is decided in api/.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import groupby
from typing import Any
from uuid import UUID

from psycopg import Connection, Cursor

from domain.coverage import Feed
from domain.decision import Decision, Inputs, decide
from domain.errors import SubjectErased, SubjectQuarantined, SubjectUnknown
from domain.factrow import FactRow
from domain.programme import ProgrammeDocument, counted_on
from domain.programme.case import Sex
from domain.rulebook.resolution import RulebookSet
from projections.answers import Answer, Answers
from projections.feeds import feeds_at
from projections.households import Household, Members, households_at, members_at
from projections.programmes import PublishedProgramme, programme_of, published
from projections.quarantine import held_at
from projections.reading import Opener
from projections.rules import Rules
from projections.schemas import Schemas
from projections.ties import kin_of

_TOGETHER = 500
"""Applications whose people's rows are in memory at once."""
_DIVISION = 6
"""Digits of a district's code: tables are in force in districts and zones."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who applies, and what the application says. `place` is the district at which measures count without town."""

    subject: UUID
    place: str
    applied_on: date
    application: str | None = None
    town: str | None = None
    zone: str | None = None
    check_day: date | None = None
    lapsed: Sequence[str] = ()
    round: str | None = None


class Snapshot:
    """The projections in one snapshot, as known at a position. Lives as long as its transaction."""

    def __init__(self, cursor: Cursor[Any], schemas: Schemas, opener: Opener, rules: Rules, position: int) -> None:
        self.cursor, self.schemas, self.opener = cursor, schemas, opener
        self.rules, self.position = rules, position
        self._feeds: tuple[Feed, ...] | None = None

    @cached_property
    def programmes(self) -> list[PublishedProgramme]:
        """Give every programme that was published, as known here."""
        return published(self.cursor, self.schemas, self.position)

    def programme(self, content: str) -> ProgrammeDocument:
        """Give the programme with a hash, as known here. Raises ProgrammeUnknown."""
        return programme_of(self.cursor, self.schemas, content, self.position)

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """Give the complete deliveries known."""
        if self._feeds is None:
            self._feeds = tuple(feeds_at(self.cursor, self.schemas, self.position))
        return self._feeds

    def tables(self, place: str, day: date) -> RulebookSet:
        """Give the tables in force at a place on a day."""
        return self.rules.under(place[:_DIVISION], day)

    def decided(self, document: ProgrammeDocument, asked: Sequence[Asked]) -> Iterator[tuple[Inputs, Decision]]:
        """Decide each application on what is known, reading some hundred at a time. Raises as `inputs` does."""
        for start in range(0, len(asked), _TOGETHER):
            part = asked[start : start + _TOGETHER]
            for one, inputs in zip(part, self.inputs(document, part), strict=True):
                tables = self.tables(one.town or one.place, self._day(document, one))
                yield inputs, decide(document, tables, inputs)

    @staticmethod
    def _day(document: ProgrammeDocument, asked: Asked) -> date:
        return counted_on(document.programme, asked.applied_on)

    def inputs(self, document: ProgrammeDocument, asked: Sequence[Asked]) -> list[Inputs]:
        """Read what is known of those who apply and of their relatives, in their order.

        Raises SubjectUnknown, SubjectErased, SubjectQuarantined, with the application.
        """
        found: dict[int, Inputs] = {}
        by_day = [(self._day(document, one), index) for index, one in enumerate(asked)]
        for day, group in groupby(sorted(by_day), key=lambda each: each[0]):
            indexes = [index for _, index in group]
            subjects = {asked[index].subject for index in indexes}
            members = members_at(self.cursor, self.schemas, subjects, day, self.position)
            held = held_at(self.cursor, self.schemas, list(subjects), self.position)
            for index in indexes:
                found[index] = self._inputs(asked[index], members, held)
        return [found[index] for index in range(len(asked))]

    def _inputs(self, one: Asked, members: Members, held: Mapping[UUID, int]) -> Inputs:
        if one.subject in held:
            raise SubjectQuarantined(one.application or "")
        own = members.rows.get(one.subject)
        if one.subject not in members.own or not own:
            raise (
                SubjectErased(one.application or "")
                if self.is_erased(one.subject)
                else SubjectUnknown(one.application or "")
            )
        people: list[tuple[str, Sequence[FactRow], Sex | None]] = [("applicant", own, None)]
        spouse = members.named.get(one.subject, {}).get("spouse", ())
        for role, named in (("spouse", spouse), ("parent", members.carers.get(one.subject, ()))):
            people += [(role, members.rows[other], None) for other in named if other in members.heard]
        return Inputs(
            subject=str(one.subject),
            people=people,
            place=one.place,
            applied_on=one.applied_on,
            as_at=self.position,
            feeds=self.feeds,
            town=one.town,
            zone=one.zone,
            check_day=one.check_day,
            application=one.application,
            lapsed=sorted(one.lapsed),
            round=one.round,
        )

    def household(self, subject: UUID, on: date) -> Household:
        """Give what is known of a resident and of the relatives as on a day.

        Raises SubjectUnknown, SubjectErased, SubjectQuarantined.
        """
        household = households_at(self.cursor, self.schemas, [subject], on, self.position)[subject]
        if held_at(self.cursor, self.schemas, [subject], self.position):
            raise SubjectQuarantined
        if not household.rows:
            raise SubjectErased if self.is_erased(subject) else SubjectUnknown
        return household

    def now(self, subject: UUID) -> UUID:
        """Give the subject that a subject is now: who was merged is somebody else's history."""
        seen = subject
        while (head := kin_of(self.cursor, self.schemas, [seen], self.position).merged.get(seen, seen)) != seen:
            seen = head
        return seen

    def erasures(self) -> int:
        """Count what was taken away, as known now: whose keys were destroyed, and which entries were expunged."""
        row = self.cursor.execute(
            self.schemas.sql(
                "SELECT (SELECT count(*) FROM {projections}.measures_erased)"
                " + (SELECT count(*) FROM {ledger}.approvals AS a JOIN {ledger}.entries AS e ON e.key = a.used_for"
                " WHERE a.action = 'expunge-entry' AND e.notification_id <= %s)"
            ),
            [self.position],
        ).fetchone()
        return int(row[0]) if row else 0

    def is_erased(self, subject: UUID) -> bool:
        """Say whether somebody was erased, so that nothing is known of them any more."""
        found = self.cursor.execute(
            self.schemas.sql("SELECT EXISTS (SELECT FROM {projections}.measures_erased WHERE subject = %s)"),
            [subject],
        ).fetchone()
        return bool(found and found[0])


class Cases(Answers):
    """Snapshots on one connection. `opener` opens what stands in the ledger."""

    def __init__(self, connection: Connection[Any], schemas: Schemas, opener: Opener) -> None:
        super().__init__(connection, schemas)
        self._opener = opener

    @contextmanager
    def at(self, as_at: int | datetime | None = None) -> Iterator[Snapshot]:
        """Give what is known at a position or an instant; None: as far as the projections are.

        Raises PositionUnknown, ProjectionBehind, RulebookNotSound.
        """
        with self._snapshot() as cursor:
            yield self.within(cursor, self._position(cursor, as_at))

    def scored(self, snapshot: Snapshot, subject: UUID, place: str, as_of: date) -> Answer:
        """Score a subject in a snapshot. Raises as `score` does."""
        return self._scored(snapshot.cursor, subject, place, as_of, snapshot.position)

    def within(self, cursor: Cursor[Any], position: int) -> Snapshot:
        """Give what was known at an earlier position, in the snapshot that a cursor is in."""
        return Snapshot(cursor, self._schemas, self._opener, self._rules_at(cursor, position), position)
