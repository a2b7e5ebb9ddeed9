"""A stored entry as the columns of `entries`, in both directions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from eventsourcing.persistence import Notification, ProgrammingError, StoredEvent

from domain.facts import Ref
from ledger import wire
from ledger.entry import Hand, Head, StoredEntry
from ledger.wire import TypeName

EARLY: tuple[tuple[str, TypeName], ...] = (
    ("originator_id", "uuid"),
    ("topic", "text"),
    ("state", "bytea"),
    ("format", "int2"),
    ("suite", "text"),
    ("recorded_by", "text"),
    ("organ", "text"),
    ("channel", "text"),
    ("source_class", "text"),
    ("source_time", "timestamptz"),
    ("legal_basis", "text"),
    ("batch_id", "uuid"),
    ("causation_stream", "uuid"),
    ("causation_version", "int8"),
    ("refers_to_stream", "uuid"),
    ("refers_to_version", "int8"),
    ("key", "bytea"),
    ("request_hash", "bytea"),
    ("salt", "bytea"),
    ("sealed", "bytea"),
    ("content_hash", "bytea"),
    ("binding", "bytea"),
)
"""What is known before the turn."""

LATE: tuple[tuple[str, TypeName], ...] = (
    ("originator_version", "int8"),
    ("recorded_at", "timestamptz"),
    ("prev", "bytea"),
    ("leaf", "bytea"),
)
"""What only the turn can say. The position is the database's to give."""

COLUMNS = (*EARLY, *LATE)
NAMES = ",".join(name for name, _ in COLUMNS)
INSERT = f"INSERT INTO entries ({NAMES}) SELECT * FROM unnest($1::entry_row[]) RETURNING notification_id"  # noqa: S608 - the names above, no value
"""As libpq wants it. The row type has COLUMNS in their order (migrations/0071)."""
SELECT = f"SELECT notification_id,{NAMES} FROM entries"  # noqa: S608 - the names above, no value


_label = lru_cache(maxsize=4_096)(wire.text)
"""Encode a text of the envelope: the same few organs, officers and topics come again and again."""


# A row is its number of columns, then for each the oid of its type and its value (PostgreSQL's `record_recv`).
_ROW = len(COLUMNS).to_bytes(4, "big") + b"".join(
    wire.TYPES[kind].to_bytes(4, "big") + b"%b" for _, kind in COLUMNS
)


@dataclass(frozen=True)
class EntryNotification(StoredEntry, Notification):
    """A stored entry as the library's notification log gives it: `id` is the position."""


@dataclass(slots=True, eq=False)
class Ready:
    """An entry prepared for its turn: early columns in wire form, and its header but for three values.

    `sent` holds the leaves of attempts whose answer was lost: an entry found with one of them is this one.
    """

    entry: StoredEntry
    columns: tuple[bytes, ...]
    head: Head
    sent: tuple[bytes, ...] = ()

    @property
    def stream(self) -> bytes:
        """Give the encoded id of the stream: a key of look-ups that is found sooner than a UUID."""
        return self.columns[0]


def ready(event: StoredEvent) -> Ready:
    """Prepare an entry; needs no database. Raises ProgrammingError, DataError."""
    if not isinstance(event, StoredEntry):
        raise ProgrammingError("an event without its envelope cannot be recorded")
    hand = event.hand
    columns = (
        wire.uuid(event.originator_id),
        _label(event.topic),
        wire.bytea(event.state),
        wire.int2(event.format),
        _label(event.suite),
        _label(hand.recorded_by),
        _label(hand.organ),
        _label(hand.channel),
        _label(hand.source_class),
        wire.timestamptz(hand.source_time),
        wire.text(hand.legal_basis),
        wire.uuid(hand.batch_id),
        *_ref(hand.causation),
        *_ref(hand.refers_to),
        wire.bytea(event.key),
        wire.bytea(event.request_hash),
        wire.bytea(event.salt),
        wire.bytea(event.sealed),
        wire.bytea(event.content_hash),
        wire.bytea(event.binding),
    )
    return Ready(event, columns, Head.of(event))


def late(version: int, recorded_at: bytes, prev: bytes | None, leaf: bytes) -> tuple[bytes, ...]:
    """Encode what the turn said; `recorded_at` comes encoded, for it is the same in a whole turn."""
    return wire.int8(version), recorded_at, wire.bytea(prev), wire.bytea(leaf)


def row(columns: tuple[bytes, ...]) -> bytes:
    """Encode a whole row (early, then late columns) as one value of type entry_row."""
    written = _ROW % columns
    return len(written).to_bytes(4, "big") + written


def stored_entry(row: Sequence[Any]) -> StoredEntry:
    """Read a row of SELECT."""
    return StoredEntry(**_fields(row))


def notification(row: Sequence[Any]) -> EntryNotification:
    """Read a row of SELECT as a notification."""
    return EntryNotification(id=row[0], **_fields(row))


def _fields(row: Sequence[Any]) -> dict[str, Any]:
    position, stream, topic, state, form, suite, *rest = row
    by, organ, channel, source_class, source_time, basis, batch, *rest = rest
    cause_stream, cause_version, refers_stream, refers_version, *rest = rest
    key, request_hash, salt, sealed, content, binding, version, at, prev, leaf = rest
    hand = Hand(
        recorded_by=by,
        organ=organ,
        channel=channel,
        source_class=source_class,
        source_time=source_time,
        legal_basis=basis,
        batch_id=batch,
        causation=_read_ref(cause_stream, cause_version),
        refers_to=_read_ref(refers_stream, refers_version),
    )
    return {
        "originator_id": stream,
        "originator_version": version,
        "topic": topic,
        "state": state,
        "hand": hand,
        "suite": suite,
        "key": key,
        "request_hash": request_hash,
        "salt": salt,
        "sealed": sealed,
        "content_hash": content,
        "binding": binding,
        "format": form,
        "position": position,
        "recorded_at": at,
        "prev": prev,
        "leaf": leaf,
    }


def _ref(ref: Ref | None) -> tuple[bytes, bytes]:
    return (wire.NULL, wire.NULL) if ref is None else (wire.uuid(ref.stream), wire.int8(ref.version))


def _read_ref(stream: UUID | None, version: int | None) -> Ref | None:
    return None if stream is None or version is None else Ref(stream=stream, version=version)


def recorded_at(instant: datetime) -> bytes:
    """Encode the instant of a turn, once for all its entries."""
    return wire.timestamptz(instant)
