"""eligibility: whether each resident meets each programme of where they live. This file is the tables' only writer.

A batch asks again for those whom its entries touch, and for their relatives; a round that is opened, extended or
cancelled asks those whom its programme is for. What the calendar alone can change is asked on its day
(`eligibility_due`); everybody is asked again when programmes, tables or feeds change. What would have to be begun
or shown, and from when on that would do, depends on the day of asking: that is in projections/eligible.py, for one
resident.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from operator import attrgetter
from typing import Any
from uuid import UUID

from psycopg import Cursor, sql

from projections.eligibility_rows import REMINDERS, TYPES, Chunk, Evaluated, Terms, TermsReader
from projections.projection import Projection, ProjectionBroken
from projections.quarantine import Held, Quarantine, held_at
from projections.reading import ReadEntry
from projections.rules import Mark
from projections.schemas import Schemas
from projections.sweeps import Sweep, keep_sweep, last_sweep, next_measured
from projections.ties import joined_to, kept_between
from projections.windows import TOPICS, programmes_in

SOURCES = ("measures", "feeds", "rulebooks", "ties")
TABLES = ("eligibility", "eligibility_due", "reminders")
CHUNK = 200
"""Residents asked in a transaction of a sweep, or of a day's roll."""
LEAP = 5_000
"""Positions behind beyond which a sweep is cheaper than following the entries."""
UNASKED_IN_A_CHUNK_MAX = 8


class Eligibility(Projection):
    """The projection. `today` gives the civil date in Asia/Shanghai."""

    name = "eligibility"
    whole = False
    upstream = SOURCES

    def __init__(self, schemas: Schemas, today: Callable[[], date], chunk: int = CHUNK) -> None:
        self._schemas = schemas
        self._today = today
        self._chunk = chunk
        self._reader = TermsReader(schemas)
        self._quarantine = Quarantine(schemas, self.name)

    def fold(self, batch: Sequence[ReadEntry], cursor: Cursor[Any]) -> None:
        """Ask again for whom the entries touch: their streams, the subjects that they refer to, and relatives."""
        if not self._terms(cursor, batch[-1].position).programmes:
            return
        touched = {entry.stream for entry in batch}
        touched.update(entry.refers_stream for entry in batch if entry.refers_stream is not None)
        subjects = joined_to(cursor, self._schemas, touched, tied=True)
        self._ask(cursor, subjects, batch[-1].position)
        rounds = [entry.stream for entry in batch if entry.topic in TOPICS]
        if rounds:
            self._announce(cursor, rounds, batch[-1].position)

    def forget(self, streams: Collection[UUID], cursor: Cursor[Any]) -> None:
        """Delete the rows of these subjects."""
        for table in TABLES:
            cursor.execute(
                self._schemas.sql("DELETE FROM {table} WHERE subject = ANY(%b)", table=self._schemas.table(table)),
                [list(streams)],
            )

    def leap(self, cursor: Cursor[Any], behind: int) -> bool:
        """Sweep instead, when there are more entries to follow than residents to ask."""
        sweep = last_sweep(cursor, self._schemas, self.name)
        if behind <= LEAP or (sweep is not None and behind <= sweep.scored):
            return False
        # If we stop anywhere from here on, no sweep is done or under way, and everybody is asked again.
        cursor.execute(self._schemas.sql("DELETE FROM {projections}.sweeps WHERE projection = %s"), [self.name])
        return True

    def wants(self, cursor: Cursor[Any], position: int) -> bool:
        """Say whether somebody must be looked at again, is due, or everybody is."""
        found = cursor.execute(
            self._schemas.sql(
                "SELECT EXISTS (SELECT FROM {projections}.revisits WHERE projection = %s)"
                " OR EXISTS (SELECT FROM {projections}.eligibility_due WHERE due_on <= %s)"
            ),
            [self.name, self._today()],
        ).fetchone()
        return bool(found and found[0]) or not self._wanted(cursor, position).done

    def tend(self, cursor: Cursor[Any], position: int) -> bool:
        """Ask for streams that were folded anew below, for who is due, then for the next chunk of a sweep."""
        sweep = self._wanted(cursor, position)
        if sweep.done:
            again = joined_to(cursor, self._schemas, self._revisits(cursor), tied=True) | self._due(cursor)
            self._ask(cursor, again, position)
            return bool(again)
        return not self._swept(cursor, sweep, position).done

    def _announce(self, cursor: Cursor[Any], rounds: Sequence[UUID], position: int) -> None:
        """Let those be asked again whom the programmes of these rounds are for, piece by piece (`tend`)."""
        uses = programmes_in(cursor, self._schemas, rounds)
        programmes = [each.document.programme for each in self._terms(cursor, position).programmes]
        docs = {one.doc for one in programmes if (one.programme, one.authority) in uses}
        cursor.execute(
            self._schemas.sql(
                "INSERT INTO {projections}.revisits (projection, stream)"
                " SELECT %s, subject FROM {projections}.eligibility WHERE doc = ANY(%s) GROUP BY subject"
                " ON CONFLICT DO NOTHING"
            ),
            [self.name, sorted(docs)],
        )

    def _terms(self, cursor: Cursor[Any], position: int) -> Terms:
        return self._reader.at(cursor, position, self._today())

    def _wanted(self, cursor: Cursor[Any], position: int) -> Sweep:
        """Give the sweep that is under way, begun again when programmes, tables or feeds are others now."""
        terms = self._terms(cursor, position)
        sweep = last_sweep(cursor, self._schemas, self.name)
        if sweep is not None and sweep.rules == terms.mark:
            return sweep
        return Sweep(terms.today, terms.mark, None, 0, done=False)

    def _swept(self, cursor: Cursor[Any], sweep: Sweep, position: int) -> Sweep:
        none = not self._terms(cursor, position).programmes
        subjects = [] if none else next_measured(cursor, self._schemas, sweep.after, self._chunk)
        done = len(subjects) < self._chunk
        last = None if done else subjects[-1]
        for table in TABLES:
            cursor.execute(
                self._schemas.sql(
                    "DELETE FROM {table} WHERE (%(after)s::uuid IS NULL OR subject > %(after)s)"
                    " AND (%(last)s::uuid IS NULL OR subject <= %(last)s)",
                    table=self._schemas.table(table),
                ),
                {"after": sweep.after, "last": last},
            )
        kept = kept_between(cursor, self._schemas, sweep.after, last)
        self._ask(cursor, {*subjects, *kept}, position)
        sweep = sweep._replace(after=last, scored=sweep.scored + len(subjects), done=done)
        keep_sweep(cursor, self._schemas, self.name, sweep)
        return sweep

    def _revisits(self, cursor: Cursor[Any]) -> set[UUID]:
        rows = cursor.execute(
            self._schemas.sql(
                "DELETE FROM {projections}.revisits WHERE (projection, stream) IN (SELECT projection, stream"
                " FROM {projections}.revisits WHERE projection = %s LIMIT %s) RETURNING stream"
            ),
            [self.name, self._chunk],
        ).fetchall()
        return {stream for (stream,) in rows}

    def _due(self, cursor: Cursor[Any]) -> set[UUID]:
        rows = cursor.execute(
            self._schemas.sql(
                "SELECT subject FROM {projections}.eligibility_due WHERE due_on <= %s"
                " ORDER BY due_on, subject LIMIT %s"
            ),
            [self._today(), self._chunk],
        ).fetchall()
        return {subject for (subject,) in rows}

    def _ask(self, cursor: Cursor[Any], subjects: Collection[UUID], position: int) -> None:
        """Write what becomes of these subjects; their rows of before go."""
        self.forget(subjects, cursor)
        self.write(cursor, subjects, position)

    def mark(self, cursor: Cursor[Any], position: int) -> Mark:
        """Tell the programmes, tables and feeds that are known at a position from others."""
        return self._terms(cursor, position).mark

    def write(self, cursor: Cursor[Any], subjects: Collection[UUID], position: int) -> None:
        """Write what becomes of subjects who have no rows."""
        terms = self._terms(cursor, position)
        if not terms.programmes:
            return
        ordered = sorted(subjects, key=attrgetter("int"))
        for start in range(0, len(ordered), self._chunk):
            part = ordered[start : start + self._chunk]
            held = held_at(cursor, self._schemas, part, position)
            chunk = Chunk(cursor, self._schemas, terms, position, [one for one in part if one not in held])
            self._write(cursor, self._evaluated(cursor, chunk, position))

    def _evaluated(self, cursor: Cursor[Any], chunk: Chunk, position: int) -> dict[UUID, Evaluated]:
        found: dict[UUID, Evaluated] = {}
        failed: list[Held] = []
        for subject in chunk.residents:
            try:
                found[subject] = chunk.evaluated(subject)
            except Exception as error:  # noqa: BLE001 - one resident's rows must not stop everybody's
                failed.append(Held(self.name, subject, position, type(error).__name__, None))
        if len(failed) > UNASKED_IN_A_CHUNK_MAX:
            raise ProjectionBroken(self.name)
        self._quarantine.hold(cursor, failed)
        return found

    def _write(self, cursor: Cursor[Any], found: dict[UUID, Evaluated]) -> None:
        self._copy(cursor, "eligibility", TYPES, (row for each in found.values() for row in each.rows))
        self._copy(cursor, "reminders", REMINDERS, (row for each in found.values() for row in each.reminders))
        due = ((one, each.due_on) for one, each in found.items() if each.due_on is not None)
        self._copy(cursor, "eligibility_due", {"subject": "uuid", "due_on": "date"}, due)

    def _copy(
        self, cursor: Cursor[Any], table: str, types: dict[str, str], rows: Iterable[tuple[Any, ...]]
    ) -> None:
        text = self._schemas.sql(
            "COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)",
            table=self._schemas.table(table),
            columns=sql.SQL(", ").join(map(sql.Identifier, types)),
        )
        with cursor.copy(text) as copy:
            copy.set_types(list(types.values()))
            for row in rows:
                copy.write_row(row)
