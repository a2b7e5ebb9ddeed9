"""A ledger for the tests of projections: entries sealed by the real mapper and written under the real triggers."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import JSONTranscoder

from domain.facts import Fact, Ref, Stream
from ledger.database import Database, Role
from ledger.entry import Entry, Hand, Head, Request, StoredEntry
from ledger.mapper import EntryMapper
from ledger.suites import SUITES, Suite
from projections.reading import Opener
from projections.schemas import Schemas

ORGAN = "test-organ"
_COLUMNS = (
    "originator_id, originator_version, topic, state, format, suite, recorded_at, recorded_by, organ, channel,"
    " source_class, refers_to_stream, refers_to_version, key, request_hash, salt, sealed, content_hash, binding,"
    " prev, leaf"
)


@dataclass
class Keys:
    """A vault in memory, with subjects' keys that can be destroyed and salts that can be expunged."""

    suite: Suite = field(default_factory=lambda: SUITES["intl"])
    ledger_key: bytes = b"l" * 32
    destroyed: set[UUID] = field(default_factory=set)
    salts: dict[bytes, bytes] = field(default_factory=dict)

    def owner_key(self, stream: UUID) -> bytes | None:
        return None if stream in self.destroyed else hashlib.sha256(b"owner" + stream.bytes).digest()

    def keep_salt(self, key: bytes, salt: bytes) -> bytes:
        return self.salts.setdefault(key, salt)

    def kept_salt(self, key: bytes) -> bytes | None:
        return self.salts.get(key)


def subject(number: int) -> UUID:
    """Give a subject for a number, spread like random ids."""
    return UUID(bytes=hashlib.sha256(b"subject%d" % number).digest()[:16])


class GivenLedger:
    """Appends facts, one transaction each or many in one."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.schemas = Schemas.of(database)
        self.keys = Keys()
        self._random = 0
        self.mapper = EntryMapper(JSONTranscoder(), self.keys, self._random_bytes)
        self.opener = Opener(self.mapper)
        self._writer = database.connect(Role.APPENDER)
        self._heads: dict[UUID, tuple[int, bytes]] = {}
        self.stored: dict[Ref, StoredEntry] = {}

    def close(self) -> None:
        self._writer.close()

    def runner_connection(self) -> psycopg.Connection:
        return self.database.connect(Role.RUNNER)

    def append(self, stream: UUID, *facts: Fact, refers_to: Ref | None = None) -> Ref:
        """Append facts to a stream in one turn; give the reference of the last."""
        return self.append_all([(stream, fact) for fact in facts], refers_to)[-1]

    def append_all(self, facts: Sequence[tuple[UUID, Fact]], refers_to: Ref | None = None) -> list[Ref]:
        """Append facts of many streams in one turn."""
        hand = Hand(recorded_by="tests", organ=ORGAN, refers_to=refers_to)
        entries: list[StoredEntry] = []
        for stream, fact in facts:
            request = Request("tests", str(len(self.stored) + len(entries)), "", str(stream))
            entries.append(self.mapper.to_stored_event(Entry(stream, hand, request, fact)))
        return self.append_stored(entries)

    def append_stored(self, entries: Sequence[StoredEntry]) -> list[Ref]:
        """Append ready entries, whatever is in them."""
        refs = []
        with self._writer.transaction(), self._writer.cursor() as cursor:
            cursor.execute("SELECT set_config('points.organ', %s, true)", [ORGAN])
            opened = cursor.execute("SELECT recorded_at FROM open_turn('{}', '{}')").fetchone()
            assert opened is not None
            rows = []
            for entry in entries:
                before, prev = self._heads.get(entry.originator_id, (0, None))
                version = before + 1
                leaf = Head.of(entry).leaf(version, prev, opened[0])
                self._heads[entry.originator_id] = version, leaf
                rows.append(_row(entry, version, opened[0], prev, leaf))
                refs.append(Ref(stream=entry.originator_id, version=version))
                self.stored[refs[-1]] = entry
            places = ", ".join(["%s"] * len(rows[0]))
            for row in rows:
                cursor.execute(f"INSERT INTO entries ({_COLUMNS}) VALUES ({places})", row)
        return refs

    def expunge(self, ref: Ref) -> None:
        """Take an entry's salt out of the vault."""
        del self.keys.salts[self.stored[ref].key]

    def skip_positions(self, count: int) -> None:
        """Leave a hole in the positions, as a failed save does."""
        with self.database.connect() as admin:
            admin.execute(
                f"SELECT nextval(pg_get_serial_sequence('{self.database.schema}.entries', 'notification_id'))"
                f" FROM generate_series(1, {count})"
            )

    def position(self) -> int:
        """Give the last position."""
        found = self._writer.execute("SELECT max(notification_id) FROM entries").fetchone()
        assert found is not None
        return int(found[0] or 0)

    def _random_bytes(self, count: int) -> bytes:
        self._random += 1
        return hashlib.sha256(b"random%d" % self._random).digest()[:count]


def _row(entry: StoredEntry, version: int, at: Any, prev: bytes | None, leaf: bytes) -> tuple[Any, ...]:
    hand = entry.hand
    target = hand.refers_to
    return (
        entry.originator_id,
        version,
        entry.topic,
        entry.state,
        entry.format,
        entry.suite,
        at,
        hand.recorded_by,
        hand.organ,
        hand.channel,
        hand.source_class,
        target.stream if target else None,
        target.version if target else None,
        entry.key,
        entry.request_hash,
        entry.salt,
        entry.sealed,
        entry.content_hash,
        entry.binding,
        prev,
        leaf,
    )


__all__ = ["ORGAN", "GivenLedger", "Keys", "Stream", "subject"]
