"""Rows of the table `eligibility`: each resident of a chunk under each programme of where they live."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Cursor
from psycopg.types.json import Jsonb

from domain.civil import add_months
from domain.home import places_of
from domain.knowledge import Knowledge, in_force
from domain.places import lies_in
from domain.programme import Case, Eligibility, Person, ProgrammeDocument, counted_on, evaluate
from domain.programme.due import due_after
from domain.programme.outlook import by_itself
from domain.reminders import Reminder, Window, possible_on, reminders, windows_of
from domain.turning import DAY
from projections.households import Members, members_at
from projections.programmes import PublishedProgramme, mark_of, published
from projections.programmes import in_force as programmes_in_force
from projections.rules import Mark, Rules, RulesReader
from projections.schemas import Schemas
from projections.windows import Windows, last_window, windows_at

TYPES = {
    "subject": "uuid",
    "doc": "text",
    "place": "text",
    "met": "bool",
    "tier": "text",
    "unmet": "jsonb",
    "by_itself_on": "date",
}
REMINDERS = {
    "subject": "uuid",
    **dict.fromkeys(("kind", "doc"), "text"),
    **dict.fromkeys(("on_day", "raised_on"), "date"),
    **dict.fromkeys(("place", "name_zh", "name_en"), "text"),
}
_DIVISION = 6


@dataclass(frozen=True)
class Terms:
    """What is asked of everybody on a day: the programmes, the rules, and the days on which either changes.

    `mark` tells what everybody is asked anew for; an opened round asks only those whom its programme is for.
    """

    programmes: Sequence[PublishedProgramme]
    rules: Rules
    today: date
    mark: Mark
    windows: Windows
    last_window: int

    def switches(self) -> list[date]:
        """Give the days on which programmes and tables come into force or leave."""
        days = {each.effective_from for each in self.programmes}
        days |= {each.ends_on for each in self.programmes if each.ends_on is not None}
        return sorted(days | set(self.rules.timetable.switches()))


class TermsReader:
    """Reads terms, and remembers the last that were read."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._rules = RulesReader(schemas)
        self._last: Terms | None = None

    def at(self, cursor: Cursor[Any], position: int, today: date) -> Terms:
        """Give the terms of a day as known at a position. Raises ProjectionBroken, ProgrammeNotSound."""
        rules = self._rules.at(cursor, position)
        ours = mark_of(cursor, self._schemas, position)
        mark = Mark(max(rules.mark.position, ours.position), rules.mark.changes + ours.changes)
        opened = last_window(cursor, self._schemas, position)
        last = self._last
        if last is None or (last.mark, last.today, last.last_window) != (mark, today, opened):
            found = windows_at(cursor, self._schemas, position)
            last = Terms(published(cursor, self._schemas, position), rules, today, mark, found, opened)
            self._last = last
        return last


class Evaluated(NamedTuple):
    """The rows of one resident, and the day on which they may be others; None: who never lived anywhere."""

    rows: list[tuple[Any, ...]]
    reminders: list[tuple[Any, ...]]
    due_on: date | None


@dataclass
class Chunk:
    """Some residents, read at one position. Who belongs to them is read for each counting day once."""

    cursor: Cursor[Any]
    schemas: Schemas
    terms: Terms
    position: int
    subjects: Sequence[UUID]
    _members: dict[date, Members] = field(default_factory=dict)
    _persons: dict[UUID, Person] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._documents = programmes_in_force(self.terms.programmes, self.terms.today)
        self._switches = self.terms.switches()

    @property
    def residents(self) -> list[UUID]:
        """Name those of whom anything is known, and who are not somebody else by now."""
        today = self._on(self.terms.today)
        return [one for one in today.residents if today.rows[one]]

    def evaluated(self, subject: UUID) -> Evaluated:
        """Ask every programme of where a resident lives."""
        today = self.terms.today
        own = self._person(subject).knowledge
        if not own.permits and not own.of("residence-registered"):
            return Evaluated([], [], None)
        home, places = places_of(own, today)
        asked = self.cases(subject, places)
        place = home or next(iter(places), None)
        rows = [_row(subject, place, document, case, today) for document, case in asked]
        people = [(document.programme, case.rulebooks, _knowledge(case)) for document, case in asked]
        windows = self.windows(asked)
        turns = [*self._switches, *self._on(today).turns(subject)]
        told: list[tuple[Any, ...]] = []
        if place is not None:
            turns += _turns(own, place, today, windows)
            told = [_told(subject, place, each) for each in reminders(own, place, today, windows)]
        return Evaluated(rows, told, due_after(own, people, today, turns))

    def cases(self, subject: UUID, places: Iterable[str]) -> list[tuple[ProgrammeDocument, Case]]:
        """Give the programmes of the authorities around some places, and the resident's case under each."""
        return [
            (document, self._case(document, subject))
            for document in self._documents
            if any(lies_in(place, document.programme.authority) for place in places)
        ]

    def windows(self, asked: Iterable[tuple[ProgrammeDocument, Case]]) -> list[Window]:
        """Give the windows of programmes: of the rounds that were opened, or as published."""
        opened = self.terms.windows
        return [
            window
            for document, case in asked
            for key in [(document.programme.programme, document.programme.authority)]
            for window in windows_of(document.programme, case, opened.get(key, ()))
        ]

    def knowledge(self, subject: UUID) -> Knowledge:
        """Give what is known of a resident."""
        return self._person(subject).knowledge

    def _on(self, day: date) -> Members:
        if day not in self._members:
            self._members[day] = members_at(self.cursor, self.schemas, self.subjects, day, self.position)
            for one, rows in self._members[day].rows.items():
                if one not in self._persons:
                    self._persons[one] = Person(in_force(rows))
        return self._members[day]

    def _person(self, one: UUID) -> Person:
        return self._persons[one]

    def _case(self, document: ProgrammeDocument, subject: UUID) -> Case:
        programme, today = document.programme, self.terms.today
        day = counted_on(programme, today)
        members = self._on(day)
        spouses = _heard(members, members.named.get(subject, {}).get("spouse", ()))
        carers = _heard(members, members.carers.get(subject, ()))
        return Case(
            self._person(subject),
            programme.authority,
            day,
            today,
            spouse=next((self._person(one) for one in spouses), None),
            parents=tuple(self._person(one) for one in carers),
            rulebooks=self.terms.rules.under(programme.authority[:_DIVISION], day),
            coverage=self.terms.rules.coverage,
        )


def _told(subject: UUID, place: str, one: Reminder) -> tuple[Any, ...]:
    return (subject, one.kind, one.programme, one.on, one.raised_on, place, one.name_zh, one.name_en)


def _turns(own: Knowledge, place: str, today: date, windows: Iterable[Window]) -> Iterator[date]:
    """Give the days on which reminders begin and end, beside those of the permit."""
    possible = possible_on(own, place, today)
    if possible is not None:
        yield from (add_months(possible, -1), possible)
    for window in windows:
        yield from window.days()
        yield window.closes_on + DAY


def _heard(members: Members, named: Iterable[UUID]) -> list[UUID]:
    return [one for one in named if one in members.heard]


def _knowledge(case: Case) -> list[Knowledge]:
    return [person.knowledge for person in case.people("household")]


def _row(subject: UUID, place: str | None, document: ProgrammeDocument, case: Case, today: date) -> tuple[Any, ...]:
    found = evaluate(document.programme, case)
    day = None if found.met else by_itself(document.programme, case, found, today)
    return (subject, document.doc, place, found.met, found.tier, Jsonb(unmet_of(found)), day)


def unmet_of(found: Eligibility) -> list[Mapping[str, Any]]:
    """Give what stands in the way: each condition with what was found, what is wanted, and how much is missing."""
    return [
        {
            "id": finding.id,
            "found": finding.best.found,
            "wanted": finding.best.wanted,
            "missing": finding.best.missing,
            "unit": finding.best.unit,
        }
        for finding in found.findings
        if finding.bars
    ]
