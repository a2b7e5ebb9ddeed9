"""scores: the live score of every resident at each place of theirs. This file is the tables' only writer.

A batch scores again the subjects that its entries touch. When a day begins, or a feed or a rulebook changes, a
sweep scores everybody again in the order of subjects, a chunk a transaction, between the batches. Far behind, the
projection does not follow the entries: it goes to where its sources are and sweeps once.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import date
from operator import attrgetter
from typing import Any
from uuid import UUID

from psycopg import Cursor, sql

from domain.facts import EntryExpunged, SubjectKeyDestroyed
from domain.family import ALONE
from domain.rulebook import RulebookSet
from projections import recognition
from projections.engines.batch import Batch
from projections.engines.coordinates import Coordinates
from projections.engines.population import Population
from projections.households import Household, households_at
from projections.measures import rows_at
from projections.packing import Pack
from projections.packs import Packs
from projections.projection import Projection, ProjectionBroken
from projections.quarantine import Held, Quarantine, held_at
from projections.reading import ReadEntry
from projections.rules import Rules, RulesReader
from projections.schemas import Schemas
from projections.score_rows import TYPES, by_plan, by_reference, scored_at_home
from projections.sweeps import Sweep, keep_sweep, last_sweep, next_measured
from projections.ties import joined, joined_to, kept_between

ERASURES = frozenset({EntryExpunged.topic(), SubjectKeyDestroyed.topic()})
SOURCES = ("measures", "feeds", "rulebooks", "ties")
CHUNK = 500
"""Residents that the reference evaluator scores in a transaction of a sweep."""
PLAN_FROM = 2_000
"""Residents touched by one batch from which on the plan scores them, and a sweep's chunk while there are packs."""
PLAN_CHUNK = 8_192
"""Residents that the plan scores at once: their rows fit a processor's cache."""
LEAP = 20_000
"""Positions behind beyond which a sweep is cheaper than following the entries."""
UNSCORED_IN_A_CHUNK_MAX = 8


class Scores(Projection):
    """The projection. `today` gives the civil date in Asia/Shanghai."""

    name = "scores"
    whole = False
    upstream = SOURCES
    stride = 4

    def __init__(
        self,
        schemas: Schemas,
        today: Callable[[], date],
        chunk: int = CHUNK,
        plan_from: int | None = PLAN_FROM,
        plan_chunk: int = PLAN_CHUNK,
    ) -> None:
        self._schemas = schemas
        self._today = today
        self._chunk = chunk
        self._plan_from, self._plan_chunk = plan_from, plan_chunk
        self._rules = RulesReader(schemas)
        self._packs = Packs(schemas)
        self._put_off = False
        self._populations: dict[str, Population] = {}
        self._compiled_for: Rules | None = None
        self._quarantine = Quarantine(schemas, self.name)
        columns = sql.SQL(", ").join(map(sql.Identifier, TYPES))
        self._copy = schemas.sql(
            "COPY {projections}.scores ({columns}) FROM STDIN (FORMAT BINARY)", columns=columns
        )
        self._copy_text = schemas.sql("COPY {projections}.scores ({columns}) FROM STDIN", columns=columns)

    def fold(self, batch: Sequence[ReadEntry], cursor: Cursor[Any]) -> None:
        """Score again whom the entries touch: their own streams, the subjects that they refer to, and relatives."""
        touched = {entry.stream for entry in batch}
        touched.update(entry.refers_stream for entry in batch if entry.refers_stream is not None)
        erased = [entry for entry in batch if entry.topic in ERASURES]
        self._packs.forget(cursor, {one for entry in erased for one in (entry.stream, entry.refers_stream) if one})
        if self._put_off:
            self._packs.follow(cursor, batch[-1].position)
        else:
            self._score(cursor, touched, batch[-1].position)

    def forget(self, streams: Collection[UUID], cursor: Cursor[Any]) -> None:
        """Delete the scores of these subjects, and what was read of them."""
        self._packs.forget(cursor, streams)
        self._delete(cursor, streams)

    def _delete(self, cursor: Cursor[Any], streams: Collection[UUID]) -> None:
        cursor.execute(
            self._schemas.sql("DELETE FROM {projections}.scores WHERE subject = ANY(%b)"), [list(streams)]
        )
        recognition.forget(cursor, self._schemas, streams)

    def leap(self, cursor: Cursor[Any], behind: int) -> bool:
        """Sweep instead, when there are more entries to follow than residents to score.

        Where there are packs, they alone follow the entries, and the sweep comes after: nothing is leapt over.
        """
        if behind <= LEAP:
            return False
        sweep = last_sweep(cursor, self._schemas, self.name)
        if sweep is not None and behind <= sweep.scored:
            return False
        # If we stop anywhere from here on, no sweep is done or under way, and everybody is scored again.
        cursor.execute(self._schemas.sql("DELETE FROM {projections}.sweeps WHERE projection = %s"), [self.name])
        self._put_off = self._packs.any(cursor)
        return not self._put_off

    def wants(self, cursor: Cursor[Any], position: int) -> bool:
        """Say whether somebody must be looked at again, or a sweep is wanted."""
        waiting = cursor.execute(
            self._schemas.sql("SELECT EXISTS (SELECT FROM {projections}.revisits WHERE projection = %s)"),
            [self.name],
        ).fetchone()
        return bool(waiting and waiting[0]) or not self._wanted(cursor, position).done

    def tend(self, cursor: Cursor[Any], position: int) -> bool:
        """Score streams that were folded anew below, then the next chunk of a sweep, if one is wanted.

        Not while scores are put off: what comes next would move them again.
        """
        if self._put_off:
            self._put_off = False
            return True
        revisited = self._revisit(cursor, position)
        sweep = self._wanted(cursor, position)
        if not sweep.done:
            sweep = self._swept(cursor, sweep, position)
        return revisited or not sweep.done

    def _revisit(self, cursor: Cursor[Any], position: int) -> bool:
        rows = cursor.execute(
            self._schemas.sql(
                "DELETE FROM {projections}.revisits WHERE (projection, stream) IN (SELECT projection, stream"
                " FROM {projections}.revisits WHERE projection = %s LIMIT %s) RETURNING stream"
            ),
            [self.name, self._chunk],
        ).fetchall()
        streams = {stream for (stream,) in rows}
        self._packs.forget(cursor, streams)
        self._score(cursor, streams, position)
        return bool(rows)

    def _wanted(self, cursor: Cursor[Any], position: int) -> Sweep:
        """Give the sweep that is under way, begun again when the day or the rules are others now."""
        today, mark = self._today(), self._rules.at(cursor, position).mark
        sweep = last_sweep(cursor, self._schemas, self.name)
        if sweep is not None and (sweep.as_of, sweep.rules) == (today, mark):
            return sweep
        return Sweep(today, mark, None, 0, done=False)

    def _swept(self, cursor: Cursor[Any], sweep: Sweep, position: int) -> Sweep:
        """Score the next chunk; who is in the table and measured no more goes out of it."""
        chunk = self._plan_chunk if self._packs.any(cursor) else self._chunk
        subjects = next_measured(cursor, self._schemas, sweep.after, chunk)
        done = len(subjects) < chunk
        last = None if done else subjects[-1]
        cursor.execute(
            self._schemas.sql(
                "DELETE FROM {projections}.scores WHERE (%(after)s::uuid IS NULL OR subject > %(after)s)"
                " AND (%(last)s::uuid IS NULL OR subject <= %(last)s)"
            ),
            {"after": sweep.after, "last": last},
        )
        recognition.forget_between(cursor, self._schemas, sweep.after, last)
        kept = kept_between(cursor, self._schemas, sweep.after, last)
        both = sorted({*subjects, *kept}, key=attrgetter("int"))
        self._write(cursor, both, position, by_plan=self._plan_from is not None)
        sweep = sweep._replace(after=last, scored=sweep.scored + len(subjects), done=done)
        keep_sweep(cursor, self._schemas, self.name, sweep)
        return sweep

    def _score(self, cursor: Cursor[Any], subjects: Collection[UUID], position: int) -> None:
        if subjects:
            tied = self._rules.at(cursor, position).count_relatives
            subjects = joined_to(cursor, self._schemas, subjects, tied=tied)
            self._delete(cursor, subjects)
            by_plan = self._plan_from is not None and len(subjects) >= self._plan_from
            self._write(cursor, sorted(subjects, key=attrgetter("int")), position, by_plan=by_plan)

    def _write(self, cursor: Cursor[Any], subjects: Sequence[UUID], position: int, *, by_plan: bool) -> None:
        """Score subjects whose rows have just been deleted. Who stands still has no live score, and no pack."""
        if not self._packs.follow(cursor, position):
            self._packs.forget(cursor, subjects)
            by_plan = False
        size = self._plan_chunk if by_plan else self._chunk
        for start in range(0, len(subjects), size):
            part = subjects[start : start + size]
            held = held_at(cursor, self._schemas, part, position)
            self._packs.forget(cursor, held)
            asked = [one for one in part if one not in held]
            if by_plan:
                asked = self._write_by_plan(cursor, asked, position)
            for first in range(0, len(asked), self._chunk):
                self._write_by_reference(cursor, asked[first : first + self._chunk], position)

    def _write_by_reference(self, cursor: Cursor[Any], subjects: Sequence[UUID], position: int) -> None:
        known = households_at(cursor, self._schemas, subjects, self._today(), position)
        written, recognised = self._scored(cursor, known, position)
        recognition.write(cursor, self._schemas, recognised)
        if written:
            with cursor.copy(self._copy) as copy:
                copy.set_types(list(TYPES.values()))
                for row in written:
                    copy.write_row(row)

    def _write_by_plan(self, cursor: Cursor[Any], subjects: Sequence[UUID], position: int) -> list[UUID]:
        """Score by the plan whom it can say everything of; give the others."""
        rules, today = self._rules.at(cursor, position), self._today()
        related = joined(cursor, self._schemas, subjects, tied=rules.count_relatives)
        alone = [one for one in subjects if one not in related]
        packs = self._packs.read(cursor, alone, today)
        missing = [one for one in alone if one not in packs]
        for first in range(0, len(missing), self._chunk):
            known = rows_at(cursor, self._schemas, missing[first : first + self._chunk], position)
            packs |= self._packs.write(cursor, known, today)
        under: dict[str, tuple[RulebookSet, list[tuple[Pack, str]]]] = {}
        for pack in packs.values():
            for place in pack.places:
                rulebooks = rules.under(place, today)
                if rulebooks.documents:
                    under.setdefault(rulebooks.hash, (rulebooks, []))[1].append((pack, place))
        left = {one for one in subjects if one not in packs}
        for rulebooks, residents in under.values():
            batch, newest = self._packs.batch(cursor, residents)
            try:
                text, recognised = self.planned(rules, rulebooks, batch, residents, newest)
            except Exception:  # noqa: BLE001 - the reference finds out whose rows they are, one by one
                left |= {pack.subject for pack, _ in residents}
                continue
            with cursor.copy(self._copy_text) as copy:
                copy.write(text)
            recognition.write(cursor, self._schemas, recognised)
            left |= recognised.unsure
        self._delete(cursor, left)  # who has several places may have been scored at one
        return sorted(left)

    def planned(
        self,
        rules: Rules,
        rulebooks: RulebookSet,
        batch: Batch,
        residents: Sequence[tuple[Pack, str]],
        newest: Sequence[int],
    ) -> tuple[str, recognition.Written]:
        """Score residents of a batch, each with the newest position, by the plan; give the rows, as COPY's text."""
        if self._compiled_for is not rules:
            self._populations, self._compiled_for = {}, rules
        population = self._populations.get(rulebooks.hash)
        if population is None:
            population = Population(rulebooks, rules.coverage, families=lambda _: ALONE)
            self._populations[rulebooks.hash] = population
        today = self._today()
        told = [
            (pack.subject, place, position, place != pack.home)
            for (pack, place), position in zip(residents, newest, strict=True)
        ]
        of = [
            (pack.subject, place, place != pack.home, place == recognition.base_of(pack, rules, today))
            for pack, place in residents
        ]
        where = recognition.territories(rules, residents[0][1], today)
        texts, first, recognised = [], 0, recognition.Written()
        for scored in population.score([batch], Coordinates(today)):
            count = len(scored.total)
            texts.append(by_plan(scored, told[first : first + count], rulebooks, today))
            recognition.by_plan(scored, of[first : first + count], where, recognised)
            first += count
        return "".join(texts), recognised

    def _scored(
        self, cursor: Cursor[Any], known: dict[UUID, Household], position: int
    ) -> tuple[list[tuple[Any, ...]], recognition.Written]:
        rules, today = self._rules.at(cursor, position), self._today()
        written, recognised, failed = list[tuple[Any, ...]](), recognition.Written(), list[Held]()
        for subject, household in known.items():
            try:
                scores = scored_at_home(household, rules, today)
                rows = list(by_reference(subject, household, scores))
                recognition.by_reference(subject, household, scores, rules, recognised)
                written.extend(rows)
            except Exception as error:  # noqa: BLE001 - one resident's rows must not stop everybody's scores
                failed.append(Held(self.name, subject, position, type(error).__name__, None))
        if len(failed) > UNSCORED_IN_A_CHUNK_MAX:
            raise ProjectionBroken(self.name)
        self._packs.forget(cursor, [one.stream for one in failed])
        self._quarantine.hold(cursor, failed)
        return written, recognised
