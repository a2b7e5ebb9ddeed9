"""The scorer: writes the rows of `scores` for residents whose rows were just deleted, by plan or by reference."""

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Cursor, sql

from domain.family import ALONE
from domain.rulebook import RulebookSet
from projections import recognition
from projections.engines.batch import Batch
from projections.engines.coordinates import Coordinates
from projections.engines.population import Population
from projections.households import Household, households_at
from projections.measures import rows_at
from projections.packing import Pack, columns_of
from projections.packs import Packs
from projections.projection import ProjectionBroken
from projections.quarantine import Held, Quarantine, held_at
from projections.rules import Rules
from projections.schemas import Schemas
from projections.score_rows import TYPES, by_plan, by_reference, scored_at_home
from projections.ties import joined

UNSCORED_IN_A_CHUNK_MAX = 8


class Standpoint(NamedTuple):
    """Under which rules, on which civil day and as at which position residents are scored."""

    rules: Rules
    today: date
    position: int


class Planner:
    """Scores residents in columns. Plans are compiled once for one state of the rules."""

    def __init__(self) -> None:
        self._populations: dict[str, Population] = {}
        self._compiled_for: Rules | None = None

    def planned(
        self,
        at: Standpoint,
        rulebooks: RulebookSet,
        batch: Batch,
        residents: Sequence[tuple[Pack, str]],
        newest: Sequence[int],
    ) -> tuple[str, recognition.Written]:
        """Score residents under one set; give the rows of `scores` as COPY's text, and those of recognition."""
        rules, today, _ = at
        if self._compiled_for is not rules:
            self._populations, self._compiled_for = {}, rules
        population = self._populations.get(rulebooks.hash)
        if population is None:
            population = Population(rulebooks, rules.coverage, families=lambda _: ALONE, ahead=True)
            self._populations[rulebooks.hash] = population
        told = [
            (pack.subject, place, position, place != pack.home)
            for (pack, place), position in zip(residents, newest, strict=True)
        ]
        bases: dict[tuple[str | None, ...], str | None] = {}  # most live where others do
        of = []
        for pack, place in residents:
            where_at_home = (pack.home, *pack.places)
            if where_at_home not in bases:
                bases[where_at_home] = recognition.base_of(pack, rules, today)
            of.append((pack.subject, place, place != pack.home, place == bases[where_at_home]))
        where = recognition.territories(rules, residents[0][1], today)
        texts, first, recognised = [], 0, recognition.Written()
        for scored in population.score([batch], Coordinates(today)):
            count = len(scored.total)
            texts.append(by_plan(scored, told[first : first + count], rulebooks, today))
            recognition.by_plan(scored, of[first : first + count], where, recognised)
            first += count
        return "".join(texts), recognised


class Made(NamedTuple):
    """Rows to be written, and until when those have none for whom there are none."""

    rows: list[tuple[Any, ...]]
    recognised: recognition.Written
    waiting: list[tuple[UUID, date | None]]


class Part(NamedTuple):
    """Some of the subjects, read; those of each set of rules are being scored, or have been."""

    asked: list[UUID]
    packs: dict[UUID, Pack]
    under: list[tuple[list[tuple[Pack, str]], Future[tuple[str, recognition.Written]]]]


class Scorer:
    """Writes `scores` and `unscored`, as the projection `scores` asks."""

    def __init__(self, schemas: Schemas, packs: Packs, quarantine: Quarantine, chunk: int, plan_chunk: int) -> None:
        self._schemas = schemas
        self._packs, self._quarantine = packs, quarantine
        self._chunk, self._plan_chunk = chunk, plan_chunk
        self._planner = Planner()
        columns = sql.SQL(", ").join(map(sql.Identifier, TYPES))
        self._copy = schemas.sql(
            "COPY {projections}.scores ({columns}) FROM STDIN (FORMAT BINARY)", columns=columns
        )
        self._delete = schemas.sql(
            "WITH {recognition}, others AS (DELETE FROM {projections}.unscored WHERE subject = ANY(%(subjects)b))"
            " DELETE FROM {projections}.scores WHERE subject = ANY(%(subjects)b)",
            recognition=recognition.forgetting(schemas),
        )
        self._copy_text = schemas.sql("COPY {projections}.scores ({columns}) FROM STDIN", columns=columns)

    def delete(self, cursor: Cursor[Any], streams: Collection[UUID]) -> None:
        """Delete the rows of these subjects."""
        cursor.execute(self._delete, {"subjects": list(streams)})

    def delete_between(self, cursor: Cursor[Any], after: UUID | None, last: UUID | None) -> None:
        """Delete the rows of the subjects in (after, last]; None: from the first, to the last."""
        for table in ("scores", "unscored"):
            cursor.execute(
                self._schemas.sql(
                    "DELETE FROM {table} WHERE (%(after)s::uuid IS NULL OR subject > %(after)s)"
                    " AND (%(last)s::uuid IS NULL OR subject <= %(last)s)",
                    table=self._schemas.table(table),
                ),
                {"after": after, "last": last},
            )
        recognition.forget_between(cursor, self._schemas, after, last)

    def write(self, cursor: Cursor[Any], subjects: Sequence[UUID], at: Standpoint, *, by_plan: bool) -> None:
        """Score subjects whose rows have just been deleted. Who stands still has no live score, and no pack.

        By plan, one part is scored by a second thread while the server reads the next and writes the last.
        """
        if not self._packs.follow(cursor, at.position):
            self._packs.forget(cursor, subjects)
            by_plan = False
        if not by_plan:
            for part in _parts(subjects, self._chunk):
                self._write_by_reference(cursor, self._not_held(cursor, part, at), at)
            return
        with ThreadPoolExecutor(max_workers=1) as second:
            last: Part | None = None
            for part in _parts(subjects, self._plan_chunk):
                read = self._read(cursor, self._not_held(cursor, part, at), at, second)
                if last is not None:
                    self._store(cursor, last, at)
                last = read
            if last is not None:
                self._store(cursor, last, at)

    def _not_held(self, cursor: Cursor[Any], subjects: Sequence[UUID], at: Standpoint) -> list[UUID]:
        held = held_at(cursor, self._schemas, subjects, at.position)
        self._packs.forget(cursor, held)
        return [one for one in subjects if one not in held]

    def _write_by_reference(self, cursor: Cursor[Any], subjects: Sequence[UUID], at: Standpoint) -> None:
        known = households_at(cursor, self._schemas, subjects, at.today, at.position)
        made = self._made(cursor, known, at)
        recognition.write(cursor, self._schemas, made.recognised)
        if made.rows:
            with cursor.copy(self._copy) as copy:
                copy.set_types(list(TYPES.values()))
                for row in made.rows:
                    copy.write_row(row)
        wait(cursor, self._schemas, made.waiting)

    def _read(self, cursor: Cursor[Any], subjects: list[UUID], at: Standpoint, second: ThreadPoolExecutor) -> Part:
        """Read the packs of those of whom the plan can say everything, and have them scored."""
        rules, today, position = at
        related = joined(cursor, self._schemas, subjects, tied=rules.count_relatives)
        alone = [one for one in subjects if one not in related]
        packs = self._packs.read(cursor, alone, today)
        missing = [one for one in alone if one not in packs]
        for some in _parts(missing, self._chunk):
            packs |= self._packs.write(cursor, rows_at(cursor, self._schemas, some, position), today)
        under: dict[str, tuple[RulebookSet, list[tuple[Pack, str]]]] = {}
        for pack in packs.values():
            for place in pack.places:
                rulebooks = rules.under(place, today)
                if rulebooks.documents:
                    under.setdefault(rulebooks.hash, (rulebooks, []))[1].append((pack, place))
        shapes = self._packs.shapes(cursor)

        def score(rulebooks: RulebookSet, residents: list[tuple[Pack, str]]) -> tuple[str, recognition.Written]:
            batch, newest = columns_of(residents, shapes)
            return self._planner.planned(at, rulebooks, batch, residents, newest)

        return Part(subjects, packs, [(one[1], second.submit(score, *one)) for one in under.values()])

    def _store(self, cursor: Cursor[Any], part: Part, at: Standpoint) -> None:
        """Write what the plan scored; score the others by the reference."""
        left = {one for one in part.asked if one not in part.packs}
        for residents, scored in part.under:
            try:
                text, recognised = scored.result()
            except Exception:  # noqa: BLE001 - the reference finds out whose rows they are, one by one
                left |= {pack.subject for pack, _ in residents}
                continue
            with cursor.copy(self._copy_text) as copy:
                copy.write(text)
            recognition.write(cursor, self._schemas, recognised)
            left |= recognised.unsure
        found = {pack.subject for residents, _ in part.under for pack, _ in residents}
        wait(cursor, self._schemas, [(one, pack.until) for one, pack in part.packs.items() if one not in found])
        self.delete(cursor, left)  # who has several places may have been scored at one
        for some in _parts(sorted(left), self._chunk):
            self._write_by_reference(cursor, some, at)

    def _made(self, cursor: Cursor[Any], known: dict[UUID, Household], at: Standpoint) -> Made:
        made, failed = Made([], recognition.Written(), []), list[Held]()
        for subject, household in known.items():
            try:
                outlook = scored_at_home(household, at.rules, at.today)
                rows = list(by_reference(subject, household, outlook))
                recognition.by_reference(subject, household, outlook.scores, at.rules, made.recognised)
            except Exception as error:  # noqa: BLE001 - one resident's rows must not stop everybody's scores
                failed.append(Held(self._quarantine.projection, subject, at.position, type(error).__name__, None))
                continue
            made.rows.extend(rows)
            if not rows:
                made.waiting.append((subject, outlook.turns_on))
        if len(failed) > UNSCORED_IN_A_CHUNK_MAX:
            raise ProjectionBroken(self._quarantine.projection)
        self._packs.forget(cursor, [one.stream for one in failed])
        self._quarantine.hold(cursor, failed)
        return made


def wait(cursor: Cursor[Any], schemas: Schemas, waiting: Sequence[tuple[UUID, date | None]]) -> None:
    """Note until when those have no score who have none."""
    rows = [one for one in waiting if one[1] is not None]
    if rows:
        cursor.executemany(
            schemas.sql("INSERT INTO {projections}.unscored (subject, next_change_on) VALUES (%s, %s)"), rows
        )


def _parts(subjects: Sequence[UUID], size: int) -> Iterator[Sequence[UUID]]:
    for first in range(0, len(subjects), size):
        yield subjects[first : first + size]
