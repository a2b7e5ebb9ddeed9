"""scores: the live score of every resident at each place of theirs. With scorer.py the tables' only writer.

A batch scores again the subjects that its entries touch. When a day begins, those are scored again whom the day
can have moved (rolls.py). When a feed or a rulebook changes, or one comes into force or leaves, a sweep scores
everybody again in the order of subjects. Both go a chunk a transaction, between the batches. Far behind, the
projection does not follow the entries: it goes to where its sources are and sweeps once.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import date
from operator import attrgetter
from typing import Any
from uuid import UUID

from psycopg import Cursor

from domain.facts import EntryExpunged, SubjectKeyDestroyed
from projections.packs import Packs
from projections.projection import Projection
from projections.quarantine import Quarantine
from projections.reading import ReadEntry
from projections.rolls import due_on
from projections.rules import RulesReader
from projections.schemas import Schemas
from projections.scorer import Scorer, Standpoint
from projections.sweeps import Sweep, keep_sweep, last_sweep, next_measured
from projections.ties import joined_to, kept_between

ERASURES = frozenset({EntryExpunged.topic(), SubjectKeyDestroyed.topic()})
SOURCES = ("measures", "feeds", "rulebooks", "ties")
CHUNK = 500
"""Residents that the reference evaluator scores in a transaction of a sweep."""
PLAN_FROM = 2_000
"""Residents touched by one batch from which on the plan scores them, and a sweep's chunk while there are packs."""
PLAN_CHUNK = 8_192
"""Residents that the plan scores at once: their rows fit a processor's cache."""
PLAN_SWEPT = 6 * PLAN_CHUNK
"""Residents in a transaction of a sweep by plan: all chunks but one are scored while the server works on others."""
LEAP = 20_000
"""Positions behind beyond which a sweep is cheaper than following the entries."""


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
        plan_swept: int = PLAN_SWEPT,
    ) -> None:
        self._schemas = schemas
        self._today = today
        self._chunk = chunk
        self._plan_from, self._plan_swept = plan_from, plan_swept
        self._rules = RulesReader(schemas)
        self._packs = Packs(schemas)
        self._put_off = False
        self._scorer = Scorer(schemas, self._packs, Quarantine(schemas, self.name), chunk, plan_chunk)

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
        self._scorer.delete(cursor, streams)

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
        sweep = self._wanted(cursor, position)
        return bool(waiting and waiting[0]) or not sweep.done or sweep.as_of != self._today()

    def tend(self, cursor: Cursor[Any], position: int) -> bool:
        """Score streams that were folded anew below, then the next chunk of a sweep or of the roll to a new day.

        Not while scores are put off: what comes next would move them again.
        """
        if self._put_off:
            self._put_off = False
            return True
        revisited = self._revisit(cursor, position)
        sweep = self._wanted(cursor, position)
        if not sweep.done:
            sweep = self._swept(cursor, sweep, position)
        elif sweep.as_of != self._today():
            sweep = self._rolled(cursor, sweep, position)
        return revisited or not sweep.done or sweep.as_of != self._today()

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
        """Give the last sweep, under way or done; begun again when the rules are others now, or time ran back."""
        today, rules = self._today(), self._rules.at(cursor, position)
        sweep = last_sweep(cursor, self._schemas, self.name)
        if sweep is None or sweep.rules != rules.mark or today < sweep.as_of:
            return Sweep(today, rules.mark, None, 0, done=False)
        if any(sweep.as_of < day <= today for day in rules.timetable.switches()):
            return Sweep(today, rules.mark, None, 0, done=False)
        return sweep

    def _rolled(self, cursor: Cursor[Any], sweep: Sweep, position: int) -> Sweep:
        """Score the next of those whom the days since the sweep's can have moved; when nobody is left, it is today.

        Whoever is scored is due on a later day, so that a roll that stops anywhere goes on where it was.
        """
        today = self._today()
        due = due_on(cursor, self._schemas, today, self._chunk_now(cursor))
        if due:
            self._scorer.delete(cursor, due)
            self._write(cursor, due, Standpoint(self._rules.at(cursor, position), today, position))
        else:
            sweep = sweep._replace(as_of=today)
            keep_sweep(cursor, self._schemas, self.name, sweep)
        return sweep

    def _chunk_now(self, cursor: Cursor[Any]) -> int:
        return self._plan_swept if self._packs.any(cursor) else self._chunk

    def _write(self, cursor: Cursor[Any], subjects: Collection[UUID], at: Standpoint) -> None:
        """Score subjects whose rows have just been deleted: many by the plan, few by the reference."""
        by_plan = self._plan_from is not None and len(subjects) >= self._plan_from
        self._scorer.write(cursor, sorted(subjects, key=attrgetter("int")), at, by_plan=by_plan)

    def _swept(self, cursor: Cursor[Any], sweep: Sweep, position: int) -> Sweep:
        """Score the next chunk; who is in the table and measured no more goes out of it."""
        chunk = self._chunk_now(cursor)
        subjects = next_measured(cursor, self._schemas, sweep.after, chunk)
        done = len(subjects) < chunk
        last = None if done else subjects[-1]
        self._scorer.delete_between(cursor, sweep.after, last)
        kept = kept_between(cursor, self._schemas, sweep.after, last)
        both = sorted({*subjects, *kept}, key=attrgetter("int"))
        at = Standpoint(self._rules.at(cursor, position), self._today(), position)
        self._scorer.write(cursor, both, at, by_plan=self._plan_from is not None)
        sweep = sweep._replace(after=last, scored=sweep.scored + len(subjects), done=done)
        keep_sweep(cursor, self._schemas, self.name, sweep)
        return sweep

    def _score(self, cursor: Cursor[Any], subjects: Collection[UUID], position: int) -> None:
        if subjects:
            rules = self._rules.at(cursor, position)
            subjects = joined_to(cursor, self._schemas, subjects, tied=rules.count_relatives)
            self._scorer.delete(cursor, subjects)
            self._write(cursor, subjects, Standpoint(rules, self._today(), position))
