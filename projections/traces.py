"""The history of a score: every entry of a resident, when it was true and recorded, and what it did to the score.

Each entry is compared with what was known at the one before it, so that the differences add up to the score. What
else happened between two entries (a rulebook, a feed, a relative's fact) stands with the later one, by its cause.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, tzinfo
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection, Cursor

from domain.change import Change, Coordinates, why
from domain.change.entries import known
from domain.factrow import FactRow
from domain.lateness import days_late
from domain.veil import veiled_change
from projections.changes import Changes, When, home_at
from projections.schemas import Schemas


class Envelope(NamedTuple):
    """What stands around an entry: its place, who sent it and how."""

    position: int
    stream: UUID
    version: int
    kind: str
    recorded_at: datetime
    organ: str
    recorded_by: str
    channel: str
    source_class: str
    legal_basis: str | None
    batch_id: UUID | None
    refers_to_stream: UUID | None
    refers_to_version: int | None

    def as_json(self) -> dict[str, Any]:
        """Give the envelope as JSON values."""
        return {name: str(value) if isinstance(value, UUID) else value for name, value in self._asdict().items()}


class Traced(NamedTuple):
    """One entry and what became of the score with it; `entry` None: what happened after the last one.

    From and until when it is true as the rules read it (`until` the first day without it); `change` None: nothing
    that scores are made of was another; `total` and `difference` in points, as text.
    """

    entry: Envelope | None
    true_from: date | None
    true_until: date | None
    days_late: int | None
    change: Change | None
    difference: str
    total: str

    def as_json(self) -> dict[str, Any]:
        """Give the entry and its effect as JSON values."""
        return {
            "entry": None if self.entry is None else self.entry.as_json(),
            "true_from": self.true_from,
            "true_until": self.true_until,
            "days_late": self.days_late,
            "difference": self.difference,
            "total": self.total,
            "change": None if self.change is None else self.change.as_json(),
        }


class Trace(NamedTuple):
    """The whole way to one score: as of a day, at a place, as at a position. The differences add up to `total`."""

    subject: UUID
    place: str
    as_of: date
    as_at: int
    steps: Sequence[Traced]

    @property
    def total(self) -> str:
        """Give the points at the end, as text."""
        return self.steps[-1].total if self.steps else "0"


class Traces(Changes):
    """Traces on one connection. `zone` is that of civil days."""

    def __init__(self, connection: Connection[Any], schemas: Schemas, zone: tzinfo) -> None:
        super().__init__(connection, schemas, zone)

    def trace(self, subject: UUID, when: When, place: str | None = None, use: str | None = None) -> Trace:
        """Trace how a subject's score at a place (None: where they are at home) came to be what it is.

        Raises as Changes.change does.
        """
        with self._snapshot() as cursor:
            last = self._position(cursor, when.as_at)
            subject = self._now(cursor, subject, last)
            own, rows, *_ = self._household(cursor, subject, when.as_of, last)
            here = home_at(rows, last, when.as_of) if place is None else place[:6]
            entries = self._envelopes(cursor, own, last)
            at = [
                self._coordinates(cursor, subject, when.as_of, position, here)
                for position in (entries[0].position - 1, *(entry.position for entry in entries), last)
            ]
        walked = list(self._walked(rows, own, entries, at, use))
        return Trace(subject, here, when.as_of, last, walked)

    def _envelopes(self, cursor: Cursor[Any], own: Collection[UUID], until: int) -> list[Envelope]:
        found = cursor.execute(
            self._schemas.sql(
                "SELECT notification_id, originator_id, originator_version, topic, recorded_at, organ, recorded_by,"
                " channel, source_class, legal_basis, batch_id, refers_to_stream, refers_to_version"
                " FROM {ledger}.entries WHERE originator_id = ANY(%s) AND notification_id <= %s"
                " ORDER BY notification_id"
            ),
            [list(own), until],
        )
        return [Envelope(*row) for row in found]

    def _walked(
        self,
        rows: Sequence[FactRow],
        own: Collection[UUID],
        entries: Sequence[Envelope],
        at: Sequence[Coordinates],
        use: str | None,
    ) -> Iterator[Traced]:
        by_entry: dict[tuple[UUID, int], list[FactRow]] = defaultdict(list)
        for row in rows:
            by_entry[row.ref_stream, row.ref_version].append(row)
        recorded = {entry.position: entry.recorded_at.astimezone(self._zone).date() for entry in entries}
        total = "0"
        for (a, b), entry in zip(pairwise(at), [*entries, None], strict=True):
            moves = not _same(a, b) or any(known(row, b) and not known(row, a) for row in rows)
            change = veiled_change(why(rows, a, b, recorded.get, use), own) if moves else None
            if entry is None and (change is None or not (change.difference or change.usable_difference)):
                continue
            total = total if change is None else change.after.points(change.after.total)
            difference = "0" if change is None else change.points(change.difference)
            mine = by_entry[entry.stream, entry.version] if entry else []
            yield Traced(
                entry,
                min((row.starts_on for row in mine if row.starts_on), default=None),
                max((row.ends_on for row in mine if row.ends_on), default=None),
                days_late(mine, recorded[entry.position]) if entry else None,
                change,
                difference,
                total,
            )


def _same(a: Coordinates, b: Coordinates) -> bool:
    """Say whether all but the position is the same."""
    return a.under.hash == b.under.hash and a.coverage == b.coverage and a.family == b.family
