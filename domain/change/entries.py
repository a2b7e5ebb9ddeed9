"""The entries that become known between two coordinates: what each of them is, and when it can first count."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from domain.change.model import Cause, Coordinates
from domain.knowledge import FactRow, Role

RecordedOn = Callable[[int], date | None]
_Target = tuple[UUID, int]


class Run(NamedTuple):
    """Entries of one cause, kind and day of recording that follow each other: one step."""

    cause: Cause
    recorded_on: date | None
    entries: tuple["Entry", ...]

    @property
    def rows(self) -> list[FactRow]:
        """Give every row of every entry."""
        return [row for entry in self.entries for row in entry.rows]

    @property
    def facts(self) -> tuple[FactRow, ...]:
        """Give a row of each entry, which names it."""
        return tuple(entry.rows[0] for entry in self.entries)


def known(row: FactRow, at: Coordinates) -> bool:
    """Say whether a row is known at the coordinates."""
    return at.as_at is None or row.position <= at.as_at


@dataclass(frozen=True, slots=True)
class Entry:
    """The rows of one entry that becomes known, and those of the entry that it voids."""

    rows: tuple[FactRow, ...]
    target: tuple[FactRow, ...]

    @property
    def cause(self) -> Cause | None:
        """Say whether it corrects; None where it only adds."""
        if any(row.role is Role.IDENTITY for row in (*self.rows, *self.target)):
            return Cause.IDENTITY
        return Cause.CORRECTIONS if any(row.role is Role.VOID for row in self.rows) else None

    def is_after(self, day: date, as_at: int | None) -> bool:
        """Say whether it can move nothing on that day: it, or the entry that it voids, begins later."""
        if self.cause is Cause.IDENTITY:
            return False
        rows = [*self.rows]
        if as_at is not None:
            rows += [row for row in self.target if row.position > as_at]
        days = [row.stops_on or row.starts_on for row in rows]
        return any(begins is not None and begins > day for begins in days)


def coming(
    rows: Sequence[FactRow], a: Coordinates, b: Coordinates, recorded_on: RecordedOn
) -> tuple[list[Run], list[Run]]:
    """Give the entries that become known, in the order of positions: those of days before, and of days between."""
    by_ref: dict[_Target, list[FactRow]] = {}
    for row in rows:
        by_ref.setdefault((row.ref_stream, row.ref_version), []).append(row)
    pivot = min(a.as_of, b.as_of)
    late: list[Entry] = []
    new: list[Entry] = []
    for own in sorted(by_ref.values(), key=lambda own: (own[0].position, own[0].ref_version)):
        if known(own[0], a) or not known(own[0], b):
            continue
        targets = [(row.refers_stream, row.refers_version) for row in own if row.role is Role.VOID]
        target = [
            row for stream, version in targets if stream and version for row in by_ref.get((stream, version), ())
        ]
        entry = Entry(tuple(sorted(own, key=lambda row: row.part)), tuple(target))
        (new if entry.is_after(pivot, a.as_at) else late).append(entry)
    return list(_runs(late, Cause.LATE_FACTS, recorded_on)), list(_runs(new, Cause.NEW_FACTS, recorded_on))


def _runs(entries: list[Entry], adds: Cause, recorded_on: RecordedOn) -> Iterator[Run]:
    def alike(entry: Entry) -> tuple[Cause, str, date | None]:
        return entry.cause or adds, entry.rows[0].kind, recorded_on(entry.rows[0].position)

    for (cause, _, day), group in groupby(entries, alike):
        yield Run(cause, day, tuple(group))
