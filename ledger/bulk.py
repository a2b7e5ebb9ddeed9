"""Large appends: many entries in many turns, each turn short enough for the callers beside it.

What can be done before a turn is done before: wire form, seals and commitments, and the heads and keys, read in one
snapshot. In the turn only what came later is read. A turn is bounded by time, not by rows: a chunk that held it too
long is followed by a smaller one. Unlike `append`, each entry stands alone: a conflict fails that entry only, and
what was committed stays when a later chunk fails; sending all of it again is safe.
"""

import gc
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from eventsourcing.persistence import ProgrammingError
from psycopg import Connection
from psycopg.rows import TupleRow

from ledger import rows
from ledger.commit import keys_of, patiently, streams_of, take_turn, tuples
from ledger.datastore import LedgerDatastore
from ledger.entry import Receipt, StoredEntry
from ledger.rows import Ready
from ledger.turn import Answer, KeyConflict, Turn

Outcome = Receipt | KeyConflict
"""What becomes of one entry. A conflict is a value here: it is one row's verdict."""

TURN_SECONDS_MAX = 0.05
CHUNK_ENTRIES_FIRST = 500
CHUNK_ENTRIES_MIN = 50
CHUNK_ENTRIES_MAX = 5_000
_OPEN_AFTER = "SELECT * FROM open_turn_after(%s)"


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
        self._stopwatch = stopwatch

    def append(self, entries: Iterable[StoredEntry]) -> Iterator[list[Outcome]]:
        """Append entries under their streams' next versions; yield the outcomes of each chunk once it is committed.

        Raises ProgrammingError for a given version, DataError, OutcomeUnknown.
        """
        waiting = iter(entries)
        while chunk := [_next_version(entry) for entry in islice(waiting, self.chunk_entries)]:
            yield self.append_chunk([rows.ready(entry) for entry in chunk])

    def append_chunk(self, chunk: Sequence[Ready]) -> list[Outcome]:
        """Append one chunk, made ready by the caller, in one turn."""
        answers = patiently(lambda: self._try_chunk(chunk), time.monotonic())
        return [answer if isinstance(answer, KeyConflict) else answer.receipt() for answer in answers]

    def _try_chunk(self, chunk: Sequence[Ready]) -> list[Answer | KeyConflict]:
        answers: list[Answer | KeyConflict] = []
        began = 0.0

        def settle(answer: list[TupleRow]) -> Turn:
            nonlocal began
            began = self._stopwatch()
            turn = Turn.read(answer, early)
            for one in chunk:
                try:
                    answers.extend(turn.settle([one]))
                except KeyConflict as conflict:
                    answers.append(conflict)
            return turn

        with self.datastore.borrowed() as connection:
            seen, early = _read_early(connection, chunk)
            take_turn(connection, _OPEN_AFTER, [seen], settle)
        self._adapt(self._stopwatch() - began, len(chunk))
        return answers

    def _adapt(self, held_seconds: float, entries: int) -> None:
        """Halve when over the bound, grow by half when under half of it."""
        self.turn_seconds.append(held_seconds)
        if held_seconds > self.turn_seconds_max:
            self.chunk_entries = max(CHUNK_ENTRIES_MIN, entries // 2)
        elif held_seconds < self.turn_seconds_max / 2 and entries >= self.chunk_entries:
            self.chunk_entries = min(CHUNK_ENTRIES_MAX, self.chunk_entries * 3 // 2)


def _next_version(entry: StoredEntry) -> StoredEntry:
    if entry.originator_version:
        raise ProgrammingError("a large append takes no versions: they are given in the turn")
    return entry


def _read_early(connection: Connection[Any], chunk: Sequence[Ready]) -> tuple[int, list[TupleRow]]:
    """Read the last position, the heads and the kept keys in one snapshot and one round trip.

    Whatever the snapshot lacks has a later position than its last: positions become visible in their order.
    """
    with connection.pipeline():
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        top = tuples(connection).execute("SELECT top()", prepare=True)
        known = tuples(connection).execute(
            "SELECT * FROM known(%b::uuid[], %b::bytea[])", [streams_of(chunk), keys_of(chunk)], prepare=True
        )
        connection.execute("COMMIT")
        [[seen]] = top.fetchall()
        return seen, known.fetchall()


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Take what lives now out of the garbage collector's sight: its full collections would fall into turns."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
