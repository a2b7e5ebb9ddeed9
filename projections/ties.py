"""ties: the entries that say who belongs together, by both of the subjects that they name. Its only writer.

What they add up to on a day is for domain/family.py to say; `kin_of` hands the entries over as known at a position.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Cursor

from domain.custody import Custody, custodies
from domain.facts import (
    CustodyChanged,
    Fact,
    FactVoided,
    FamilyTieEnded,
    FamilyTieRecorded,
    IdentitiesMerged,
    Known,
    Ref,
)
from domain.family import Tie, merges, ties
from projections.projection import Projection
from projections.reading import MOST, ReadEntry
from projections.schemas import Schemas

_KINDS = (FamilyTieRecorded, FamilyTieEnded, IdentitiesMerged, CustodyChanged, FactVoided)


class Ties(Projection):
    """The projection. Of voids it keeps those that void one of the others."""

    name = "ties"
    kinds = tuple(fact.kind_name() for fact in _KINDS)

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas

    def fold(self, batch: Sequence[ReadEntry], cursor: Cursor[Any]) -> None:
        """Write everything but voids first: a void is one of theirs if what it voids stands there before it."""
        rows = [row for entry in batch if (row := _row(entry)) is not None]
        self._insert(cursor, [row for row in rows if row[4] != FactVoided.kind_name()])
        voids = [row for row in rows if row[4] == FactVoided.kind_name()]
        if voids:
            found = cursor.execute(
                self._schemas.sql(
                    "SELECT stream, min(position) FROM {projections}.ties WHERE stream = ANY(%s) GROUP BY stream"
                ),
                [[row[1] for row in voids]],
            )
            begins = dict(found.fetchall())
            self._insert(cursor, [row for row in voids if begins.get(row[1], MOST) < row[0]])

    def forget(self, streams: Collection[UUID], cursor: Cursor[Any]) -> None:
        """Delete what the entries of these streams said."""
        cursor.execute(
            self._schemas.sql("DELETE FROM {projections}.ties WHERE coalesce(told_by, stream) = ANY(%s)"),
            [list(streams)],
        )

    def _insert(self, cursor: Cursor[Any], rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            cursor.executemany(
                self._schemas.sql(
                    "INSERT INTO {projections}.ties (position, stream, told_by, version, kind, tie, subject, other,"
                    " spell, day, refers_version) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
                ),
                rows,
            )


def _row(entry: ReadEntry) -> tuple[Any, ...] | None:
    """Give the columns of one entry. None where it can no longer be opened, or is the void of something else."""
    fact = entry.fact
    here = (entry.position, entry.stream, None, entry.version)
    match fact:
        case FamilyTieRecorded():
            return (*here, fact.kind_name(), fact.tie, fact.subject, fact.other, fact.spell, fact.since, None)
        case FamilyTieEnded():
            return (*here, fact.kind_name(), None, None, None, fact.spell, fact.ended_on, None)
        case IdentitiesMerged():
            return (*here, fact.kind_name(), None, fact.kept, fact.merged, None, None, None)
        case CustodyChanged():
            return (*here, fact.kind_name(), None, fact.to, fact.child, None, fact.since, None)
        case FactVoided() if entry.refers_stream is not None:
            told_by = None if entry.stream == entry.refers_stream else entry.stream
            there = (entry.position, entry.refers_stream, told_by, entry.version, fact.kind_name())
            return (*there, None, None, None, None, fact.from_date, entry.refers_version)
        case _:
            return None


class Kin(NamedTuple):
    """Ties, for each subject that was merged the subject it is now, and changes of custody."""

    ties: list[Tie]
    merged: dict[UUID, UUID]
    custody: Sequence[Custody] = ()


NOBODY = Kin([], {})


def any_ties(cursor: Cursor[Any], schemas: Schemas) -> bool:
    """Say whether anybody belongs to anybody: where nobody does, nothing else need be asked."""
    found = cursor.execute(schemas.sql("SELECT EXISTS (SELECT FROM {projections}.ties)")).fetchone()
    return bool(found and found[0])


def kin_of(cursor: Cursor[Any], schemas: Schemas, subjects: Collection[UUID], as_at: int = MOST) -> Kin:
    """Read the ties and merges that name any of these subjects, known at a position."""
    if not subjects or not any_ties(cursor, schemas):
        return NOBODY
    rows = cursor.execute(
        schemas.sql(
            "SELECT * FROM {projections}.ties WHERE position <= %(as_at)s AND stream IN"
            " (SELECT stream FROM {projections}.ties"
            " WHERE subject = ANY(%(subjects)s) OR other = ANY(%(subjects)s))"
        ),
        {"subjects": list(subjects), "as_at": as_at},
    ).fetchall()
    known = [_known(row) for row in rows]
    return Kin(ties(known), merges(known), custodies(known))


def _known(row: Sequence[Any]) -> Known:
    """Give the entry of a row as domain/family.py reads it: of a void, when it is void and not why."""
    position, stream, told_by, version, kind, tie, subject, other, spell, day, refers_version = row
    refers_to = None if refers_version is None else Ref(stream=stream, version=refers_version)
    fact: Fact
    if kind == FamilyTieRecorded.kind_name():
        fact = FamilyTieRecorded(tie=tie, subject=subject, other=other, since=day, spell=spell)
    elif kind == FamilyTieEnded.kind_name():
        fact = FamilyTieEnded(ended_on=day, spell=spell)
    elif kind == IdentitiesMerged.kind_name():
        fact = IdentitiesMerged(kept=subject, merged=other)
    elif kind == CustodyChanged.kind_name():
        fact = CustodyChanged(child=other, to=subject, since=day)
    else:
        from_the_start = FactVoided(reason="source-error")
        fact = (
            from_the_start.model_copy(update={"effect": "from_date", "from_date": day}) if day else from_the_start
        )
    return Known(fact, position, Ref(stream=told_by or stream, version=version), refers_to)


def streams_between(
    cursor: Cursor[Any], schemas: Schemas, subjects: Collection[UUID], as_at: int
) -> dict[UUID, list[int]]:
    """Name the streams, and the entries there, that say at a position how these subjects belong to each other."""
    rows = cursor.execute(
        schemas.sql(
            "SELECT coalesce(told_by, stream), version FROM {projections}.ties WHERE position <= %(as_at)s"
            " AND stream IN (SELECT stream FROM {projections}.ties"
            " WHERE subject = ANY(%(subjects)s) AND other = ANY(%(subjects)s))"
        ),
        {"subjects": list(subjects), "as_at": as_at},
    )
    found: dict[UUID, list[int]] = {}
    for stream, version in rows.fetchall():
        found.setdefault(stream, []).append(version)
    return found


def kept_between(cursor: Cursor[Any], schemas: Schemas, after: UUID | None, last: UUID | None) -> list[UUID]:
    """Name the subjects in (after, last] into whom another was merged: they may have no rows of their own."""
    found = cursor.execute(
        schemas.sql(
            "SELECT DISTINCT subject FROM {projections}.ties WHERE kind = 'identities-merged'"
            " AND (%(after)s::uuid IS NULL OR subject > %(after)s)"
            " AND (%(last)s::uuid IS NULL OR subject <= %(last)s)"
        ),
        {"after": after, "last": last},
    ).fetchall()
    return [subject for (subject,) in found]


def joined(cursor: Cursor[Any], schemas: Schemas, subjects: Collection[UUID], *, tied: bool) -> set[UUID]:
    """Name those of the subjects that were ever merged or, with `tied`, tied."""
    if not any_ties(cursor, schemas):
        return set()
    found = cursor.execute(
        schemas.sql(
            "SELECT unnest(ARRAY[subject, other]) FROM {projections}.ties"
            " WHERE (subject = ANY(%(subjects)b) OR other = ANY(%(subjects)b))"
            " AND (%(tied)s OR kind = 'identities-merged')"
        ),
        {"subjects": list(subjects), "tied": tied},
    ).fetchall()
    return {one for (one,) in found}


def joined_to(cursor: Cursor[Any], schemas: Schemas, streams: Iterable[UUID], *, tied: bool) -> set[UUID]:
    """Name whose scores what was said in these streams can move: who is merged, and with `tied` who was ever tied.

    The streams are subjects' or ties' own; they are given back with the others.
    """
    known = set(streams)
    if not any_ties(cursor, schemas):
        return known
    known |= _one_step(cursor, schemas, known, merged=True, stream=True)
    known = _merged_far(cursor, schemas, known)
    if tied:
        known |= _one_step(cursor, schemas, known, merged=False, stream=True)
        known = _merged_far(cursor, schemas, known)
    return known


def _merged_far(cursor: Cursor[Any], schemas: Schemas, subjects: set[UUID]) -> set[UUID]:
    """Follow merges as far as they go."""
    known, new = set(subjects), set(subjects)
    while new:
        new = _one_step(cursor, schemas, new, merged=True, stream=False) - known
        known |= new
    return known


def _one_step(
    cursor: Cursor[Any], schemas: Schemas, streams: Collection[UUID], *, merged: bool, stream: bool
) -> set[UUID]:
    by_stream = b" OR stream = ANY(%(streams)s)" if stream else b""
    found = cursor.execute(
        schemas.sql("SELECT subject, other FROM {projections}.ties WHERE subject IS NOT NULL AND")
        + b" (kind = 'identities-merged') = %(merged)s AND (subject = ANY(%(streams)s) OR other = ANY(%(streams)s)"
        + by_stream
        + b")",
        {"streams": list(streams), "merged": merged},
    ).fetchall()
    return {one for pair in found for one in pair}
