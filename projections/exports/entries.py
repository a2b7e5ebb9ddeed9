"""Entries on their way out: chosen, each recomputed against its leaf, in the order of positions.

What is stored in the clear is given as it is; what is sealed stands as its commitments, unless it may be opened.
An entry whose hashes are not those of what it holds ends the export there, by its position.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection, Cursor

from domain.errors import ExportMismatch
from domain.facts import Fact
from ledger import rows
from ledger.canonical import parse
from ledger.commit import tuples
from ledger.entry import FORMAT, Hand, Head, StoredEntry, content_hash, instant_text
from ledger.mapper import EntryMapper
from ledger.suites import SUITES
from projections.coordinates import head, position_at
from projections.schemas import Schemas

PAGE = 2_000
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which entries: of one organ, of one stream, positions after `after` up to `until`, both or neither."""

    organ: str | None = None
    stream: UUID | None = None
    after: int = 0
    until: int = 2**63 - 1


def positions_of(
    cursor: Cursor[Any], schemas: Schemas, since: datetime | None, before: datetime | None
) -> tuple[int, int]:
    """Give the positions (after, until] of what was recorded from one instant on and before another."""
    last = head(cursor, schemas)
    after = 0 if since is None else _before(cursor, schemas, since)
    return after, last if before is None else _before(cursor, schemas, before)


def _before(cursor: Cursor[Any], schemas: Schemas, instant: datetime) -> int:
    """Give the last position recorded before an instant: those of the very instant are not before it."""
    return position_at(cursor, schemas, instant - datetime.resolution)


def verified(connection: Connection[Any], wanted: Selection) -> Iterator[StoredEntry]:
    """Give the entries, each after its content hash and its leaf were computed again. Raises ExportMismatch."""
    for entry in _entries(connection, wanted):
        if not holds(entry):
            raise ExportMismatch(str(entry.position))
        yield entry


def holds(entry: StoredEntry) -> bool:
    """Say whether an entry is what its leaf commits to."""
    suite = SUITES.get(entry.suite)
    if suite is None or entry.format != FORMAT or entry.recorded_at is None:
        return False
    if content_hash(suite, entry.salt, entry.state, entry.sealed) != entry.content_hash:
        return False
    return Head.of(entry).leaf(entry.originator_version, entry.prev, entry.recorded_at) == entry.leaf


def _entries(connection: Connection[Any], wanted: Selection) -> Iterator[StoredEntry]:
    narrowed = " AND organ = %(organ)s" if wanted.organ is not None else ""
    narrowed += " AND originator_id = %(stream)s" if wanted.stream is not None else ""
    # Of one stream versions rise as positions do, and the versions have an index.
    order = "originator_version" if wanted.stream is not None else "notification_id"
    question = (
        f"{rows.SELECT} WHERE notification_id > %(after)s AND notification_id <= %(until)s{narrowed}"
        f" ORDER BY {order} LIMIT %(page)s"
    )
    asked = {"organ": wanted.organ, "stream": wanted.stream, "until": wanted.until, "page": PAGE}
    after = wanted.after
    while page := tuples(connection).execute(question.encode(), {**asked, "after": after}).fetchall():
        yield from map(rows.stored_entry, page)
        after = page[-1][0]


def record_of(entry: StoredEntry, fact: Fact | None, *, opened: bool) -> Record:
    """Lay an entry out in columns (docs/exports.md). `fact` is what was opened, None where it could not be."""
    hand = entry.hand
    whole = None if fact is None else fact.model_dump(mode="json", exclude_none=True, exclude={"kind"})
    return {
        "position": entry.position,
        "stream": str(entry.originator_id),
        "version": entry.originator_version,
        "kind": entry.topic,
        "recorded_at": None if entry.recorded_at is None else instant_text(entry.recorded_at),
        **_envelope(hand),
        "fact": whole if opened and whole is not None else parse(entry.state),
        "sealed": _sealed(entry, opened=opened and whole is not None),
        "format": entry.format,
        "suite": entry.suite,
        "key": entry.key.hex(),
        "request_hash": entry.request_hash.hex(),
        "content_hash": entry.content_hash.hex(),
        "binding": entry.binding.hex(),
        "prev": None if entry.prev is None else entry.prev.hex(),
        "leaf": None if entry.leaf is None else entry.leaf.hex(),
    }


def _envelope(hand: Hand) -> Record:
    cause, target = hand.causation, hand.refers_to
    return {
        "recorded_by": hand.recorded_by,
        "organ": hand.organ,
        "channel": hand.channel,
        "source_class": hand.source_class,
        "source_time": None if hand.source_time is None else instant_text(hand.source_time),
        "legal_basis": hand.legal_basis,
        "batch_id": None if hand.batch_id is None else str(hand.batch_id),
        "causation_stream": None if cause is None else str(cause.stream),
        "causation_version": None if cause is None else cause.version,
        "refers_to_stream": None if target is None else str(target.stream),
        "refers_to_version": None if target is None else target.version,
    }


def _sealed(entry: StoredEntry, *, opened: bool) -> str:
    """Say how the sealed part stands in `fact`: there was none, it is opened, or only committed to."""
    if entry.sealed is None:
        return "none"
    return "opened" if opened else "committed"


@dataclass(frozen=True, slots=True)
class Opening:
    """Opens what may be opened: nothing without a mapper, and never the `hidden` versions of the one stream."""

    mapper: EntryMapper | None = None
    hidden: frozenset[int] = frozenset()

    def record(self, entry: StoredEntry) -> Record:
        """Lay an entry out, opened where that is allowed."""
        fact = self.fact(entry)
        return record_of(entry, fact, opened=fact is not None)

    def fact(self, entry: StoredEntry) -> Fact | None:
        """Give the fact, or None where it may not, or can no longer, be opened."""
        if self.mapper is None or entry.originator_version in self.hidden:
            return None
        return self.mapper.opened(entry)
