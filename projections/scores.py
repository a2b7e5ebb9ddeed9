"""scores: the live score of every resident at each place of theirs. This file is the tables' only writer.

A batch scores again the subjects that its entries touch. When a day begins, or a feed or a rulebook changes, a
sweep scores everybody again in the order of subjects, a chunk a transaction, between the batches. Far behind, the
projection does not follow the entries: it goes to where its sources are and sweeps once.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Cursor, sql
from psycopg.types.json import Jsonb

from domain.home import places_of
from domain.knowledge import in_force
from domain.places import Tier
from domain.score import Score
from domain.scoring import score
from projections.households import Household, households_at
from projections.projection import Projection, ProjectionBroken
from projections.quarantine import Held, Quarantine, held_at
from projections.reading import ReadEntry
from projections.rules import Mark, Rules, RulesReader
from projections.schemas import Schemas
from projections.ties import joined_to

SOURCES = ("measures", "feeds", "rulebooks", "ties")
CHUNK = 500
LEAP = 20_000
"""Positions behind beyond which a sweep is cheaper than following the entries."""
UNSCORED_IN_A_CHUNK_MAX = 8

_TYPES = {
    "subject": "uuid",
    "place": "text",
    "position": "int8",
    "as_of": "date",
    "rulebooks": "text",
    "scale": "int2",
    "total": "int8",
    "usable": "int8",
    "province": "int8",
    "city": "int8",
    "district": "int8",
    "before_deductions": "int8",
    "deductions": "int8",
    "permit_state": "text",
    "validity": "text",
    "is_valid": "bool",
    "ineligible": "bool",
    "trial": "bool",
    "items": "jsonb",
}


class Sweep(NamedTuple):
    """How far a sweep has come, and what it is for."""

    as_of: date
    rules: Mark
    after: UUID | None
    scored: int
    done: bool


class Scores(Projection):
    """The projection. `today` gives the civil date in Asia/Shanghai."""

    name = "scores"
    whole = False
    upstream = SOURCES

    def __init__(self, schemas: Schemas, today: Callable[[], date], chunk: int = CHUNK) -> None:
        self._schemas = schemas
        self._today = today
        self._chunk = chunk
        self._rules = RulesReader(schemas)
        self._quarantine = Quarantine(schemas, self.name)
        self._copy = schemas.sql(
            "COPY {projections}.scores ({columns}) FROM STDIN (FORMAT BINARY)",
            columns=sql.SQL(", ").join(map(sql.Identifier, _TYPES)),
        )

    def fold(self, batch: Sequence[ReadEntry], cursor: Cursor[Any]) -> None:
        """Score again whom the entries touch: their own streams, the subjects that they refer to, and relatives."""
        touched = {entry.stream for entry in batch}
        touched.update(entry.refers_stream for entry in batch if entry.refers_stream is not None)
        self._score(cursor, touched, batch[-1].position)

    def forget(self, streams: Collection[UUID], cursor: Cursor[Any]) -> None:
        """Delete the scores of these subjects."""
        cursor.execute(
            self._schemas.sql("DELETE FROM {projections}.scores WHERE subject = ANY(%s)"), [list(streams)]
        )

    def leap(self, cursor: Cursor[Any], behind: int) -> bool:
        """Sweep instead, when there are more entries to follow than residents to score."""
        if behind <= LEAP:
            return False
        sweep = last_sweep(cursor, self._schemas)
        if sweep is not None and behind <= sweep.scored:
            return False
        cursor.execute(self._schemas.sql("DELETE FROM {projections}.sweeps WHERE projection = %s"), [self.name])
        return True

    def wants(self, cursor: Cursor[Any], position: int) -> bool:
        """Say whether somebody must be looked at again, or a sweep is wanted."""
        waiting = cursor.execute(
            self._schemas.sql("SELECT EXISTS (SELECT FROM {projections}.revisits WHERE projection = %s)"),
            [self.name],
        ).fetchone()
        return bool(waiting and waiting[0]) or not self._wanted(cursor, position).done

    def tend(self, cursor: Cursor[Any], position: int) -> bool:
        """Score streams that were folded anew below, then the next chunk of a sweep, if one is wanted."""
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
        self._score(cursor, {stream for (stream,) in rows}, position)
        return bool(rows)

    def _wanted(self, cursor: Cursor[Any], position: int) -> Sweep:
        """Give the sweep that is under way, begun again when the day or the rules are others now."""
        today, mark = self._today(), self._rules.at(cursor, position).mark
        sweep = last_sweep(cursor, self._schemas)
        if sweep is not None and (sweep.as_of, sweep.rules) == (today, mark):
            return sweep
        return Sweep(today, mark, None, 0, done=False)

    def _swept(self, cursor: Cursor[Any], sweep: Sweep, position: int) -> Sweep:
        """Score the next chunk; who is in the table and measured no more goes out of it."""
        rows = cursor.execute(
            self._schemas.sql(
                "SELECT DISTINCT subject FROM {projections}.measures WHERE %(after)s::uuid IS NULL"
                " OR subject > %(after)s ORDER BY subject LIMIT %(chunk)s"
            ),
            {"after": sweep.after, "chunk": self._chunk},
        ).fetchall()
        subjects = [subject for (subject,) in rows]
        done = len(subjects) < self._chunk
        last = None if done else subjects[-1]
        cursor.execute(
            self._schemas.sql(
                "DELETE FROM {projections}.scores WHERE (%(after)s::uuid IS NULL OR subject > %(after)s)"
                " AND (%(last)s::uuid IS NULL OR subject <= %(last)s)"
            ),
            {"after": sweep.after, "last": last},
        )
        self._write(cursor, subjects, position)
        sweep = sweep._replace(after=last, scored=sweep.scored + len(subjects), done=done)
        cursor.execute(
            self._schemas.sql(
                "INSERT INTO {projections}.sweeps (projection, as_of, rules_position, rules_changes, after,"
                " scored, done) VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (projection) DO UPDATE SET"
                " as_of = excluded.as_of, rules_position = excluded.rules_position,"
                " rules_changes = excluded.rules_changes, after = excluded.after, scored = excluded.scored,"
                " done = excluded.done"
            ),
            [self.name, sweep.as_of, *sweep.rules, sweep.after, sweep.scored, sweep.done],
        )
        return sweep

    def _score(self, cursor: Cursor[Any], subjects: Collection[UUID], position: int) -> None:
        if subjects:
            tied = self._rules.at(cursor, position).count_relatives
            subjects = joined_to(cursor, self._schemas, subjects, tied=tied)
            self.forget(subjects, cursor)
            self._write(cursor, sorted(subjects), position)

    def _write(self, cursor: Cursor[Any], subjects: Sequence[UUID], position: int) -> None:
        """Score subjects whose rows have just been deleted. Who stands still has no live score."""
        for start in range(0, len(subjects), self._chunk):
            part = subjects[start : start + self._chunk]
            held = held_at(cursor, self._schemas, part, position)
            asked = [one for one in part if one not in held]
            known = households_at(cursor, self._schemas, asked, self._today(), position)
            written = self._scored(cursor, known, position)
            if written:
                with cursor.copy(self._copy) as copy:
                    copy.set_types(list(_TYPES.values()))
                    for row in written:
                        copy.write_row(row)

    def _scored(self, cursor: Cursor[Any], known: dict[UUID, Household], position: int) -> list[tuple[Any, ...]]:
        rules, today = self._rules.at(cursor, position), self._today()
        written: list[tuple[Any, ...]] = []
        failed: list[Held] = []
        for subject, household in known.items():
            try:
                written.extend(_rows(subject, household, rules, today))
            except Exception as error:  # noqa: BLE001 - one resident's rows must not stop everybody's scores
                failed.append(Held(self.name, subject, position, type(error).__name__, None))
        if len(failed) > UNSCORED_IN_A_CHUNK_MAX:
            raise ProjectionBroken(self.name)
        self._quarantine.hold(cursor, failed)
        return written


def last_sweep(cursor: Cursor[Any], schemas: Schemas) -> Sweep | None:
    """Give the sweep that is under way or was the last, with how many residents it has scored."""
    found = cursor.execute(
        schemas.sql(
            "SELECT as_of, rules_position, rules_changes, after, scored, done FROM {projections}.sweeps"
            " WHERE projection = %s"
        ),
        [Scores.name],
    ).fetchone()
    if found is None:
        return None
    as_of, rules_position, rules_changes, *progress = found
    return Sweep(as_of, Mark(rules_position, rules_changes), *progress)


def _rows(subject: UUID, household: Household, rules: Rules, as_of: date) -> Iterable[tuple[Any, ...]]:
    rows = household.rows
    knowledge = in_force(rows)
    home, places = places_of(knowledge, as_of)
    for place in places:
        rulebooks = rules.under(place, as_of)
        if rulebooks.documents:
            result = score(knowledge, rulebooks, place, as_of, rules.coverage, household.family)
            yield _row(subject, result, newest=max(row.position for row in rows), trial=place != home)


def _row(subject: UUID, result: Score, *, newest: int, trial: bool) -> tuple[Any, ...]:
    return (
        subject,
        result.place,
        newest,
        result.as_of,
        result.rulebooks,
        result.scale,
        result.total,
        result.usable,
        *(result.tier(tier) for tier in (Tier.PROVINCE, Tier.CITY, Tier.DISTRICT)),
        result.before_deductions,
        result.deductions,
        result.permit_state.value,
        result.validity,
        result.is_valid,
        result.ineligible,
        trial,
        Jsonb(_items(result)),
    )


def _items(result: Score) -> list[dict[str, Any]]:
    """Give what each row of the tables came to; whoever asks why gets the explanation, computed anew."""
    return [
        {
            "block": line.block,
            "doc": line.doc,
            "item": line.item,
            "state": line.state.value,
            "quantity": line.quantity,
            "earned": line.earned,
            "points": line.points,
        }
        for line in result.rows
    ]
