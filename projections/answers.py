"""What a score was, at any coordinate: as of a civil day, as at a position or an instant, at a place.

Computed from measures by the reference evaluator, never read from `scores`, so that any past answer is given again.
It reads restricted rows, so it is for the runner's role; who may ask is decided in api/.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, partial
from typing import Any
from uuid import UUID

from psycopg import Connection, Cursor

from domain.dispute.marks import disputed_items
from domain.errors import (
    NoRulebookInForce,
    ProjectionBehind,
    RulebookNotSound,
    SubjectErased,
    SubjectQuarantined,
    SubjectUnknown,
)
from domain.facts import Fact
from domain.home import places_of
from domain.knowledge import Knowledge, in_force
from domain.legacy import Legacy
from domain.next_change import next_change_on
from domain.permits_at_once import SecondPermit, second_permits
from domain.rulebook.resolution import RulebookSet
from domain.score import Score
from domain.scoring import score
from domain.supposing import suppose
from domain.veil import veiled
from projections.checkpoints import reached
from projections.coordinates import known_position
from projections.glances import Glances
from projections.households import Household, households_at
from projections.legacy import legacy_at
from projections.projection import ProjectionBroken
from projections.quarantine import held_at
from projections.rules import Rules, RulesReader
from projections.schemas import Schemas
from projections.scores import SOURCES
from projections.ties import kin_of


@dataclass(frozen=True, slots=True)
class Answer:
    """A score with its coordinates, veiled. `trial` 试算: at another place than the permit's.

    `use` is the programme that it was asked for. `outlook` finds the next change when it is asked for: it costs as
    much as several scores.
    """

    subject: UUID
    as_at: int
    trial: bool
    score: Score
    use: str | None = None
    disputed: tuple[str, ...] = ()
    """Items (document/item) that are disputed on the day."""
    second_permits: tuple[SecondPermit, ...] = ()
    """Permits that were issued while another was in use, and stand beside it on the day."""
    outlook: Callable[[], date | None] | None = field(default=None, compare=False, repr=False)

    def next_change_on(self) -> date | None:
        """Give the next day on which the score changes by itself; None within 80 years, or without an outlook."""
        return None if self.outlook is None else self.outlook()


class Answers:
    """Answers on one connection, in one snapshot each."""

    def __init__(self, connection: Connection[Any], schemas: Schemas) -> None:
        self._connection = connection
        self._schemas = schemas
        self._rules = RulesReader(schemas)
        self._glances = Glances(connection, schemas, SOURCES)

    def score(
        self,
        subject: UUID,
        place: str,
        as_of: date,
        as_at: int | datetime | None = None,
        under: RulebookSet | None = None,
        use: str | None = None,
        supposed: Sequence[Fact] = (),
    ) -> Answer:
        """Score a subject at a place. `as_at` None: as far as the projections are; `under` None: what is in force.

        `use` names the programme 积分应用 for which points are asked; None: for none. `supposed`: facts that nobody
        knows, for a trial.

        Raises SubjectUnknown, SubjectErased, SubjectQuarantined, PositionUnknown, ProjectionBehind, and
        RulebookNotSound where this release cannot read a rulebook that an older one published.
        """
        return _answer(self._asked_of(subject, as_of, as_at, use), place[:6], under, supposed)

    def _scored(self, cursor: Cursor[Any], subject: UUID, place: str, as_of: date, position: int) -> Answer:
        """Score a subject in the snapshot that a cursor is in."""
        return _answer(self._asked(cursor, subject, as_of, position, None), place[:6], None)

    def home_scores(
        self, subject: UUID, as_of: date, as_at: int | datetime | None = None, use: str | None = None
    ) -> list[Answer]:
        """Score a subject wherever they are at home on the day: the permit's place first. May be empty.

        Raises as `score` does.
        """
        asked = self._asked_of(subject, as_of, as_at, use)
        _, places = places_of(asked.knowledge, as_of)
        ruled = [place for place in places if asked.rules.under(place, as_of).documents]
        if places and not ruled:
            raise NoRulebookInForce(f"{', '.join(places)} {as_of}")
        answers = [_answer(asked, place, None) for place in ruled]
        return sorted(answers, key=lambda answer: answer.trial)

    def rulebooks(self, place: str, as_of: date, as_at: int | datetime | None = None) -> RulebookSet:
        """Give the documents in force at a place. Raises PositionUnknown, ProjectionBehind, RulebookNotSound."""
        with self._snapshot() as cursor:
            return self._rules_at(cursor, self._position(cursor, as_at)).under(place[:6], as_of)

    def now(self, subject: UUID, as_at: int | datetime | None = None) -> UUID:
        """Give the subject that a subject is now: the one itself, unless it was merged into another.

        Raises PositionUnknown, ProjectionBehind.
        """
        with self._snapshot() as cursor:
            return self._now(cursor, subject, self._position(cursor, as_at))

    def legacy(self, subject: UUID, as_at: int) -> list[Legacy]:
        """Give what old systems said of a subject, as known at a position."""
        with self._snapshot() as cursor:
            return legacy_at(cursor, self._schemas, subject, as_at)

    def position(self, as_at: int | datetime | None = None) -> int:
        """Give the position that an as_at stands for. Raises PositionUnknown, ProjectionBehind."""
        with self._snapshot() as cursor:
            return self._position(cursor, as_at)

    @contextmanager
    def _snapshot(self) -> Iterator[Cursor[Any]]:
        with self._connection.transaction(), self._connection.cursor(binary=True) as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield cursor

    def _position(self, cursor: Cursor[Any], as_at: int | datetime | None) -> int:
        read = reached(cursor, self._schemas, SOURCES)
        if as_at is None:
            return read
        position = known_position(cursor, self._schemas, as_at)
        if position > read:
            raise ProjectionBehind
        return position

    def _rules_at(self, cursor: Cursor[Any], position: int) -> Rules:
        try:
            return self._rules.at(cursor, position)
        except ProjectionBroken:
            raise RulebookNotSound from None

    def _asked_of(self, subject: UUID, as_of: date, as_at: int | datetime | None, use: str | None) -> "_Asked":
        """Ask at a glance where that sees everything, otherwise step by step."""
        seen = self._glances.at(subject) if as_at is None else None
        rules = None if seen is None else self._rules.known(seen.mark)
        if seen is not None and rules is not None:
            return _Asked(subject, seen.position, Household(frozenset((subject,)), seen.rows), rules, as_of, use)
        with self._snapshot() as cursor:
            return self._asked(cursor, subject, as_of, as_at, use)

    def _asked(
        self, cursor: Cursor[Any], subject: UUID, as_of: date, as_at: int | datetime | None, use: str | None
    ) -> "_Asked":
        position = self._position(cursor, as_at)
        subject = self._now(cursor, subject, position)
        household = self._household(cursor, subject, as_of, position)
        return _Asked(subject, position, household, self._rules_at(cursor, position), as_of, use)

    def _now(self, cursor: Cursor[Any], subject: UUID, position: int) -> UUID:
        """Give the subject that a subject is now: who was merged is somebody else's history."""
        seen = subject
        while (head := kin_of(cursor, self._schemas, [seen], position).merged.get(seen, seen)) != seen:
            seen = head
        return seen

    def _household(self, cursor: Cursor[Any], subject: UUID, as_of: date, position: int) -> Household:
        household = households_at(cursor, self._schemas, [subject], as_of, position)[subject]
        if held_at(cursor, self._schemas, [subject], position):
            raise SubjectQuarantined
        if not household.rows:
            erased = cursor.execute(
                self._schemas.sql("SELECT EXISTS (SELECT FROM {projections}.measures_erased WHERE subject = %s)"),
                [subject],
            ).fetchone()
            raise SubjectErased if erased and erased[0] else SubjectUnknown
        return household


@dataclass(frozen=True)
class _Asked:
    """What was found of who was asked for."""

    subject: UUID
    position: int
    household: Household
    rules: Rules
    as_of: date
    use: str | None

    @cached_property
    def knowledge(self) -> Knowledge:
        return in_force(self.household.rows)


def _answer(asked: _Asked, place: str, under: RulebookSet | None, supposed: Sequence[Fact] = ()) -> Answer:
    rules, family, as_of = asked.rules, asked.household.family, asked.as_of
    knowledge = suppose(asked.knowledge, supposed) if supposed else asked.knowledge
    home, _ = places_of(knowledge, as_of)
    rulebooks = under or rules.under(place, as_of)
    if not rulebooks.documents:
        raise NoRulebookInForce(f"{place} {as_of}")
    result = score(knowledge, rulebooks, place, as_of, rules.coverage, family, asked.use)
    timetable = under or rules.timetable
    outlook = partial(next_change_on, knowledge, timetable, place, as_of, rules.coverage, family, asked.use)
    return Answer(
        asked.subject,
        asked.position,
        place != home,
        veiled(result, asked.household.own),
        asked.use,
        disputed_items(knowledge, as_of),
        tuple(second_permits(knowledge.permits, as_of)),
        outlook,
    )
