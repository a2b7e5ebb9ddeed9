"""What a resident may have, where points count, what to do soon: asked for one; and of everybody, as it is kept.

For one resident everything is worked out anew at the coordinates. Lists, counts and the feed read the tables of
projections/eligibility.py as they stand, of the day up to which they are kept.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection, Cursor

from domain.errors import SubjectUnknown
from domain.home import places_of
from domain.knowledge import FactRow, in_force
from domain.programme import evaluate
from domain.programme.outlook import outlook
from domain.recognition import Standing, home_of, places_in_scope, recognise
from domain.reminders import Reminder, reminders
from domain.score import ref_name
from projections.answers import Answers
from projections.eligibility_rows import Chunk, TermsReader
from projections.eligible import Eligible
from projections.programmes import named, published
from projections.schemas import Schemas
from projections.simulation.suppression import Equation, withheld

FEED_PAGE = 200
_ALL = "all"


@dataclass(frozen=True)
class Prospect:
    """What was found of one resident on a day, as known at a position. `own` are the streams that are theirs."""

    subject: UUID
    as_of: date
    as_at: int
    own: frozenset[UUID]
    eligible: Sequence[Eligible] = ()
    standings: Sequence[Standing] = ()
    reminders: Sequence[Reminder] = ()

    def name(self, row: FactRow) -> Any:
        """Name a fact; of a relative's the kind alone."""
        return ref_name(row) if row.ref_stream in self.own else {"kind": row.kind, "of": "relative"}


class Counted(NamedTuple):
    """How many of a place meet a programme, will by themselves within the days asked, or not. None: withheld."""

    place: str
    met: int | None
    within: int | None
    others: int | None


class Listed(NamedTuple):
    """One resident under a programme, as kept."""

    subject: UUID
    place: str | None
    met: bool
    by_itself_on: date | None
    unmet: list[dict[str, Any]]


class Fed(NamedTuple):
    """One reminder of the feed, and whose it is."""

    subject: UUID
    place: str
    reminder: Reminder

    @property
    def key(self) -> tuple[date, UUID, str, str, date]:
        """Give its place in the feed."""
        told = self.reminder
        return told.raised_on, self.subject, told.kind, told.programme, told.on


class Prospects(Answers):
    """Prospects on one connection, in one snapshot each."""

    def __init__(self, connection: Connection[Any], schemas: Schemas) -> None:
        super().__init__(connection, schemas)
        self._terms = TermsReader(schemas)

    def eligibility(self, subject: UUID, on: date, as_at: int | datetime | None = None) -> Prospect:
        """Ask every programme of where a resident lives, with the earliest day for what is not met.

        Raises SubjectUnknown, SubjectErased, SubjectQuarantined, PositionUnknown, ProjectionBehind.
        """
        with self._snapshot() as cursor:
            chunk, prospect = self._chunk(cursor, subject, on, as_at)
            own = chunk.knowledge(prospect.subject)
            found = []
            for document, case in chunk.cases(prospect.subject, places_of(own, on)[1]):
                told = evaluate(document.programme, case)
                ahead = on if told.met else None
                if not told.met:
                    told, ahead = (seen := outlook(document.programme, case, told, on)).found, seen.not_before
                found.append(Eligible(document, told, ahead, prospect.own))
        return replace(prospect, eligible=found)

    def reminders(self, subject: UUID, on: date, as_at: int | datetime | None = None) -> Prospect:
        """Say what a resident should do soon. Raises as `eligibility` does."""
        with self._snapshot() as cursor:
            chunk, prospect = self._chunk(cursor, subject, on, as_at)
            own = chunk.knowledge(prospect.subject)
            home, places = places_of(own, on)
            cases = chunk.cases(prospect.subject, places)
            windows = chunk.windows(cases)
        place = home or next(iter(places), None)
        return replace(prospect, reminders=[] if place is None else reminders(own, place, on, windows))

    def recognition(
        self, subject: UUID, on: date, as_at: int | datetime | None = None, place: str | None = None
    ) -> Prospect:
        """Say which points count in a place, or in each of the home's city. Raises as `eligibility` does."""
        with self._snapshot() as cursor:
            position = self._position(cursor, as_at)
            now = self._now(cursor, subject, position)
            household = self._household(cursor, now, on, position)
            rules = self._rules_at(cursor, position)
        known = in_force(household.rows)
        home = home_of(known, on) or next(iter(places_of(known, on)[1]), None)
        wanted = [place[:6]] if place is not None else [] if home is None else places_in_scope(home)
        found = recognise(known, wanted, on, rules.under, rules.coverage, household.family)
        return Prospect(now, on, position, household.own, standings=found)

    def counts(self, programme: str, on: date, within_days: int) -> list[Counted]:
        """Count by place who meets a programme. Small counts are withheld, and what would give them away.

        Raises ProgrammeUnknown, ProgrammeAmbiguous.
        """
        with self._snapshot() as cursor:
            doc = self._doc(cursor, programme, on)
            rows = cursor.execute(
                self._schemas.sql(
                    "SELECT coalesce(place, ''), count(*) FILTER (WHERE met),"
                    " count(*) FILTER (WHERE NOT met AND by_itself_on <= %(until)s),"
                    " count(*) FILTER (WHERE NOT met AND (by_itself_on > %(until)s OR by_itself_on IS NULL))"
                    " FROM {projections}.eligibility WHERE doc = %(doc)s GROUP BY 1 ORDER BY 1"
                ),
                {"doc": doc, "until": on + timedelta(days=within_days)},
            ).fetchall()
        return _counted(rows)

    def listed(
        self,
        programme: str,
        on: date,
        *,
        met: bool,
        within_days: int | None = None,
        after: UUID | None = None,
        limit: int = FEED_PAGE,
    ) -> list[Listed]:
        """List who meets a programme, or will by itself within so many days, in the order of subjects.

        Raises ProgrammeUnknown, ProgrammeAmbiguous.
        """
        with self._snapshot() as cursor:
            doc = self._doc(cursor, programme, on)
            rows = cursor.execute(
                self._schemas.sql(
                    "SELECT subject, place, met, by_itself_on, unmet FROM {projections}.eligibility"
                    " WHERE doc = %(doc)s AND (%(after)s::uuid IS NULL OR subject > %(after)s)"
                    " AND ((%(met)s AND met) OR (NOT met AND by_itself_on <= %(until)s::date))"
                    " ORDER BY subject LIMIT %(limit)s"
                ),
                {
                    "doc": doc,
                    "after": after,
                    "met": met,
                    "until": None if within_days is None else on + timedelta(days=within_days),
                    "limit": limit,
                },
            ).fetchall()
        return [Listed(*row) for row in rows]

    def feed(
        self,
        since: date,
        until: date,
        *,
        prefixes: Iterable[str] = ("",),
        subject: UUID | None = None,
        after: tuple[date, UUID, str, str, date] | None = None,
        limit: int = FEED_PAGE,
    ) -> list[Fed]:
        """Give the reminders that stand and began on the days [since, until], in the order in which they began.

        `prefixes` name the places whose residents are meant; `after` is the key of the last one that was given.
        """
        with self._snapshot() as cursor:
            rows = cursor.execute(
                self._schemas.sql(
                    "SELECT subject, place, kind, doc, on_day, raised_on, name_zh, name_en"
                    " FROM {projections}.reminders WHERE raised_on BETWEEN %(since)s AND %(until)s"
                    " AND place LIKE ANY(%(places)s) AND (%(subject)s::uuid IS NULL OR subject = %(subject)s)"
                    " AND (%(raised)s::date IS NULL OR (raised_on, subject, kind, doc, on_day) >"
                    " (%(raised)s::date, %(whose)s::uuid, %(kind)s::text, %(doc)s::text, %(on)s::date))"
                    " ORDER BY raised_on, subject, kind, doc, on_day LIMIT %(limit)s"
                ),
                {
                    "since": since,
                    "until": until,
                    "places": [prefix + "%" for prefix in prefixes],
                    "subject": subject,
                    "limit": limit,
                    **dict(zip(("raised", "whose", "kind", "doc", "on"), after or (None,) * 5, strict=True)),
                },
            ).fetchall()
        return [
            Fed(of, place, Reminder(on, kind, doc, raised_on, zh, en))
            for of, place, kind, doc, on, raised_on, zh, en in rows
        ]

    def _doc(self, cursor: Cursor[Any], programme: str, on: date) -> str:
        return named(published(cursor, self._schemas, self._position(cursor, None)), programme, on).doc

    def _chunk(
        self, cursor: Cursor[Any], subject: UUID, on: date, as_at: int | datetime | None
    ) -> tuple[Chunk, Prospect]:
        position = self._position(cursor, as_at)
        now = self._now(cursor, subject, position)
        household = self._household(cursor, now, on, position)
        chunk = Chunk(cursor, self._schemas, self._terms.at(cursor, position, on), position, [now])
        if now not in chunk.residents:
            raise SubjectUnknown
        return chunk, Prospect(now, on, position, household.own)


def _counted(rows: Sequence[tuple[str, int, int, int]]) -> list[Counted]:
    """Withhold small counts: of each place, and of all places together, so that none can be computed back."""
    names = ("met", "within", "others")
    counts = {f"{place}/{name}": count for place, *found in rows for name, count in zip(names, found, strict=True)}
    totals = {f"{_ALL}/{name}": sum(counts[f"{place}/{name}"] for place, *_ in rows) for name in names}
    equations = [Equation(f"{_ALL}/{name}", [f"{place}/{name}" for place, *_ in rows]) for name in names]
    hidden = withheld(counts | totals, equations)

    def told(place: str) -> Counted:
        cells = [f"{place}/{name}" for name in names]
        return Counted(place, *(None if cell in hidden else (counts | totals)[cell] for cell in cells))

    return [told(_ALL), *(told(place) for place, *_ in rows)]
