"""Large appends: many entries in many turns, each turn short enough for the callers beside it.

What can be done before a turn is done before: wire form, seals and commitments (ledger/blocks.py); heads and keys,
read in one snapshot; then versions, prevs and leaves, under an instant that is promised, and the rows copied into a
temporary stage. In the turn we learn what came later. Where that does not concern us and the instant still fits,
all that is left is one INSERT from the stage, by the role that may only insert and under its row policy. Otherwise
rows are placed again and copied again, in the turn (docs/decisions/0100).

A turn is bounded by time, not by rows: a chunk that held it too long is followed by a smaller one, and one whose
INSERT takes far too long is cancelled and halved. Unlike `append`, each entry stands alone: a conflict fails that
entry only, and what was committed stays when a later chunk fails; sending all of it again is safe.
"""

import gc
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from weakref import WeakSet

import psycopg
from eventsourcing.persistence import ProgrammingError
from psycopg import Connection

from ledger import rows, wire
from ledger.blocks import Block, Draft, Known, Outcome, Outcomes
from ledger.commit import patiently, tuples
from ledger.database import Role
from ledger.datastore import LedgerDatastore
from ledger.entry import StoredEntry
from ledger.rows import Ready
from ledger.turn import by_organ

TURN_SECONDS_MAX = 0.05
CHUNK_ENTRIES_FIRST = 500
CHUNK_ENTRIES_MIN = 50
CHUNK_ENTRIES_MAX = 5_000
INSERT_SECONDS_MAX = 0.15
"""After this an INSERT is cancelled, nothing of it stored, and its chunk halved. Never a smallest chunk's."""

_STAGE = (
    "CREATE TEMPORARY TABLE IF NOT EXISTS stage ("
    + ",".join(f"{name} {kind}" for name, kind in (*rows.COLUMNS, ("place", "int4")))
    + ") ON COMMIT DELETE ROWS"
)
_COPY = f"COPY pg_temp.stage ({rows.NAMES},place) FROM STDIN (FORMAT BINARY)"
_COPY_BEGINS = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_ENDS = b"\xff\xff"
_HEADS = "SELECT heads_packed(%b::uuid[])"
_KEPT = "SELECT * FROM kept_bytes(%b::bytea[])"
_OPEN_AT = "SELECT * FROM open_turn_at(%s, %s)"
_BOUNDED = "SELECT set_config('points.organ', %s, true), set_config('statement_timeout', %s, true)"
_UNBOUNDED = "SELECT set_config('statement_timeout', '0', true)"
# By place: a short row finds room in an earlier page of the stage, where a long one found none.
_INSERT = (
    f"WITH added AS (INSERT INTO entries ({rows.NAMES}) SELECT {rows.NAMES} FROM pg_temp.stage ORDER BY place"  # noqa: S608 - column names alone
    " RETURNING notification_id) SELECT min(notification_id), max(notification_id), count(*) FROM added"
)
_BETWEEN = "SELECT notification_id FROM entries WHERE notification_id BETWEEN %s AND %s ORDER BY notification_id"


class _TooLong(Exception):
    """The INSERT was cancelled; nothing of the chunk was stored."""


@dataclass(frozen=True, slots=True)
class _Early:
    """What one snapshot said before the turn, and when the database's clock said so."""

    seen: int
    known: Known
    now: datetime


class BulkAppender:
    """Appends streams of entries on connections of its own pool. Not for use by several threads at once."""

    def __init__(
        self,
        datastore: LedgerDatastore,
        *,
        turn_seconds_max: float = TURN_SECONDS_MAX,
        stopwatch: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.datastore = datastore
        self.turn_seconds_max = turn_seconds_max
        self.chunk_entries = CHUNK_ENTRIES_FIRST
        self.turn_seconds: list[float] = []
        self.promises_broken = 0
        self._ahead_seconds = 0.0
        self._staged: WeakSet[Connection[Any]] = WeakSet()
        self._stopwatch = stopwatch

    def append(self, entries: Iterable[StoredEntry]) -> Iterator[list[Outcome]]:
        """Append entries under their streams' next versions; yield the outcomes of each chunk once it is committed.

        Raises ProgrammingError for a given version, DataError, OutcomeUnknown.
        """
        waiting = iter(entries)
        while chunk := [_next_version(entry) for entry in islice(waiting, self.chunk_entries)]:
            yield self.append_chunk([rows.ready(entry) for entry in chunk])

    def append_chunk(self, chunk: Sequence[Ready]) -> list[Outcome]:
        """Append entries made ready by the caller: a turn for each organ, more where streams weave between them."""
        outcomes: dict[int, Outcome] = {}
        for group in by_organ([(one.entry.hand.organ, one.stream) for one in chunk]):
            block = Block.of([chunk[index] for index in group])
            outcomes |= zip(group, self.append_block(block).receipts(), strict=True)
        return [outcomes[index] for index in range(len(chunk))]

    def append_block(self, block: Block) -> Outcomes:
        """Append a block, in as many turns as its size asks for; all of them are committed on return.

        Raises the library's errors, OutcomeUnknown among them: what went before stays, and sending all of it again
        is safe.
        """
        outcomes, first = Outcomes(), 0
        while first < len(block):
            end = min(len(block), first + self.chunk_entries)
            part = block if (first, end) == (0, len(block)) else block.part(first, end)
            try:
                outcomes.extend(self._append_part(part))
            except _TooLong:
                self.chunk_entries = max(CHUNK_ENTRIES_MIN, len(part) // 2)
                continue
            first = end
        return outcomes

    def _append_part(self, block: Block) -> Outcomes:
        sent: list[dict[int, bytes]] = []
        return patiently(lambda: self._try(block, sent), time.monotonic())

    def _try(self, block: Block, sent: list[dict[int, bytes]]) -> Outcomes:
        with self.datastore.borrowed() as connection:
            self._make_stage(connection)
            early = _read_early(connection, block)
            asked_at = self._stopwatch()
            promised = early.now + timedelta(seconds=self._ahead_seconds)
            draft = Draft(block, early.known, promised, sent)
            if not draft.placed:
                connection.execute("COMMIT")
                return draft.receive(())
            _fill(connection, draft)
            sent.append(draft.leaves)
            ready_after = self._stopwatch() - asked_at
            instant, *later = tuples(connection).execute(_OPEN_AT, [early.seen, promised], prepare=True).fetchall()
            began = self._stopwatch()
            if later or instant[5] != promised:
                self._ahead_seconds = min(ready_after, 2 * self.turn_seconds_max)
            if instant[5] != promised or early.known.touches(block, later):
                self.promises_broken += 1
                early.known.learn(later)
                draft = Draft(block, early.known, instant[5], sent)
                connection.execute("DELETE FROM pg_temp.stage", prepare=True)
                _fill(connection, draft)
                sent.append(draft.leaves)
            return self._insert(connection, draft, began)

    def _insert(self, connection: Connection[Any], draft: Draft, began: float) -> Outcomes:
        """Insert what was staged, and commit: the end of the turn that began at `began`."""
        small = len(draft.block) <= CHUNK_ENTRIES_MIN
        limit = "0" if small else str(int(INSERT_SECONDS_MAX * 1_000))
        try:
            with connection.pipeline():
                connection.execute(_BOUNDED, [draft.block.organ, limit], prepare=True)
                inserted = tuples(connection).execute(_INSERT, prepare=True)
                connection.execute(_UNBOUNDED, prepare=True)
                connection.execute("COMMIT")
                # If we stop here, nobody was told; the same keys sent again find what was stored.
        except psycopg.errors.QueryCanceled:
            connection.rollback()
            raise _TooLong from None
        self._adapt(self._stopwatch() - began, len(draft.block))
        [[first, last, count]] = inserted.fetchall()
        return draft.receive(_positions(connection, first, last, count) if count else ())

    def _make_stage(self, connection: Connection[Any]) -> None:
        """Make this session's stage, once. Raises ProgrammingError where the role may not."""
        if connection in self._staged:
            return
        may = True
        try:
            connection.execute(_STAGE)
        except psycopg.errors.InsufficientPrivilege:
            may = False
        if not may:
            role = self.datastore.database.role(Role.APPENDER)
            raise ProgrammingError(f"a large append needs a stage: GRANT TEMPORARY ON DATABASE ... TO {role}")
        self._staged.add(connection)

    def _adapt(self, held_seconds: float, entries: int) -> None:
        """Halve when over the bound, grow by half when under a third: a busy machine doubles a turn at times."""
        self.turn_seconds.append(held_seconds)
        if held_seconds > self.turn_seconds_max:
            self.chunk_entries = max(CHUNK_ENTRIES_MIN, entries // 2)
        elif held_seconds < self.turn_seconds_max / 3 and entries >= self.chunk_entries:
            self.chunk_entries = min(CHUNK_ENTRIES_MAX, self.chunk_entries * 3 // 2)


def _next_version(entry: StoredEntry) -> StoredEntry:
    if entry.originator_version:
        raise ProgrammingError("a large append takes no versions: they are given in the turn")
    return entry


def _read_early(connection: Connection[Any], block: Block) -> _Early:
    """Read the last position, the heads and the kept keys in one snapshot; begin what will insert.

    Whatever the snapshot lacks has a later position than its last: positions become visible in their order.
    """
    streams = wire.array("uuid", [b"\0\0\0\x10" + stream for stream in set(block.streams)])
    keys = wire.array("bytea", [b"\0\0\0\x20" + key for key in block.keys])
    with connection.pipeline():
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        top = tuples(connection).execute("SELECT top()", prepare=True)
        heads = tuples(connection).execute(_HEADS, [streams], prepare=True)
        kept = tuples(connection).execute(_KEPT, [keys], prepare=True)
        connection.execute("COMMIT")
        # The instant must not lie before the beginning of the transaction that inserts.
        connection.execute("BEGIN")
        clock = tuples(connection).execute("SELECT clock_timestamp()", prepare=True)
        [[seen]], [[now]], [[packed]] = top.fetchall(), clock.fetchall(), heads.fetchall()
        found = Known.of_heads(packed or b"")
        found.learn(kept.fetchall())
        return _Early(seen, found, now)


def _positions(connection: Connection[Any], first: int, last: int, count: int) -> Sequence[int]:
    """Give the positions of one INSERT's rows, in order. There may be holes between them, and nothing else."""
    if last - first + 1 == count:
        return range(first, last + 1)
    found = tuples(connection).execute(_BETWEEN, [first, last]).fetchall()
    connection.execute("COMMIT")
    return [position for (position,) in found]


def _fill(connection: Connection[Any], draft: Draft) -> None:
    """Copy the rows of a draft into the stage."""
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.write(b"".join((_COPY_BEGINS, *draft.copy, _COPY_ENDS)))


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Take what lives now out of the garbage collector's sight: its full collections would fall into turns."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
