"""The one runner of all projections: entries in batches, rows and checkpoint in one transaction.

A step takes the checkpoint's row, proves that the ledger below it is unchanged, reads the next entries by
position, opens them, lets the projection fold them and moves the checkpoint. One session advisory lock for each
projection, on the connection that does the work, makes one runner its leader; a lost connection ends both.
"""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, Self

import psycopg
from psycopg import Connection, Cursor

from ledger.database import refused
from projections.checkpoints import FIRST_EPOCH, Checkpoints, reached
from projections.heartbeats import Beat, State, beat
from projections.projection import Projection, ProjectionBroken
from projections.quarantine import Quarantine, Sieve
from projections.reading import MOST, Opener, Poison, ReadEntry, Reader, Row, Window
from projections.schemas import Schemas

POISONED_IN_A_BATCH_MAX = 8
"""More entries than this that do not fold in one batch: the fault is the projection's, not the entries'."""

_NOT_THE_ENTRYS_FAULT = (
    psycopg.InterfaceError,
    psycopg.InternalError,
    psycopg.NotSupportedError,
    psycopg.OperationalError,
    psycopg.ProgrammingError,
    MemoryError,
    ProjectionBroken,
)


class Stop(Protocol):
    """Tells a runner to end; `threading.Event` is one."""

    def is_set(self) -> bool:
        """Say whether to end."""

    def wait(self, timeout: float) -> bool:
        """Wait so many seconds, less when told to end."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How much at once and how often. Polling slows from `idle_s_min` to `idle_s_max` while nothing comes."""

    batch: int = 5_000
    idle_s_min: float = 0.005
    idle_s_max: float = 0.5
    beat_s: float = 5.0
    standby_s: float = 1.0


class Step(NamedTuple):
    """What one step did. `busy`: there may be more to do at once."""

    position: int
    read: int
    busy: bool


class Runner:
    """Runs one projection on one direct connection in autocommit mode, as the ledger's runner role."""

    def __init__(
        self,
        projection: Projection,
        connection: Connection[Any],
        schemas: Schemas,
        opener: Opener,
        *,
        downstream: Sequence[str] = (),
        instance: str = "",
        pace: Pace | None = None,
        epoch: int = FIRST_EPOCH,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.projection = projection
        self.pace = pace or Pace()
        self._connection = connection
        self._schemas = schemas
        self._opener = opener
        self._downstream = downstream
        self._instance = instance
        self._monotonic = monotonic
        self._reader = Reader(schemas, projection.kinds, whole=projection.whole)
        self._checkpoints = Checkpoints(schemas, projection.name, epoch)
        self._quarantine = Quarantine(schemas, projection.name)
        self._beat_at: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def lead(self) -> bool:
        """Try to become the leader. Held until the connection ends; asking again is harmless."""
        name = f"points-ledger/lead/{self._schemas.projections}/{self.projection.name}"
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        found = self._connection.execute("SELECT pg_try_advisory_lock(%s)", [key]).fetchone()
        return bool(found and found[0])

    def run(self, stop: Stop) -> None:
        """Lead and step until told to end. Raises what `step` raises, and psycopg.Error."""
        while not self.lead():
            if stop.wait(self.pace.standby_s):
                return
        idle_s = self.pace.idle_s_min
        while not stop.is_set():
            step = self.step()
            self._beat()
            if step.busy:
                idle_s = self.pace.idle_s_min
            else:
                stop.wait(idle_s)
                idle_s = min(idle_s * 2, self.pace.idle_s_max)

    def catch_up(self, until: int = MOST) -> int:
        """Step until nothing is left up to a position; give how many entries were read."""
        read = 0
        while (step := self.step(until)).busy:
            read += step.read
        return read + step.read

    def step(self, until: int = MOST) -> Step:
        """Fold the next batch, if there is one.

        Raises LedgerReplaced, ProjectionBroken, and DatabaseRefused without the server's words, which carry rows.
        """
        try:
            return self._step(until)
        except psycopg.Error as error:
            failure = refused(error)
        raise failure

    def _step(self, until: int) -> Step:
        resting = self._resting_at(until)
        if resting is not None:
            return Step(resting, 0, busy=False)
        with self._connection.transaction(), self._connection.cursor(binary=True) as cursor:
            checkpoint = self._checkpoints.taken(cursor)
            self._checkpoints.prove(cursor, checkpoint)
            released = self._release(cursor, checkpoint.position)
            position, read = checkpoint.position, 0
            advanced = self._advance(cursor, position, self._bound(cursor, until))
            if advanced is not None:
                window, read = advanced
                self._checkpoints.move(cursor, window)
                position = window.position
            more = self.projection.tend(cursor, position)
            # If we stop anywhere above, rows and checkpoint go back together and the batch is read again.
        return Step(position, read, busy=advanced is not None or released or more)

    def _resting_at(self, until: int) -> int | None:
        """Give the position where there is nothing to do; None where there is something.

        It only reads: a lock on the checkpoint's row at each poll would be a write and a flush at each poll.
        """
        with self._connection.transaction(), self._connection.cursor(binary=True) as cursor:
            checkpoint = self._checkpoints.peek(cursor)
            self._checkpoints.prove(cursor, checkpoint)
            position = checkpoint.position
            if self._reader.last(cursor, position, self._bound(cursor, until)) is not None:
                return None
            if self._quarantine.asked(cursor) or self.projection.wants(cursor, position):
                return None
        return position

    def _bound(self, cursor: Cursor[Any], until: int) -> int:
        """Give how far to go at most: no further than what the projection reads."""
        if not self.projection.upstream:
            return until
        return min(until, reached(cursor, self._schemas, self.projection.upstream))

    def _advance(self, cursor: Cursor[Any], after: int, until: int) -> tuple[Window, int] | None:
        """Fold the next batch, or pass over all there is; give its end and how many entries were read."""
        last = self._reader.last(cursor, after, until)
        if last is None:
            return None
        if self.projection.leap(cursor, last.position - after):
            return last, 0
        window = self._reader.window(cursor, after, self.pace.batch * self.projection.stride, until) or last
        rows = self._reader.rows(cursor, after, window.position)
        self._fold(cursor, rows)
        return window, len(rows)

    def _release(self, cursor: Cursor[Any], position: int) -> bool:
        """Fold again the streams whose release was asked for."""
        streams = self._quarantine.asked(cursor)
        if not streams:
            return False
        self.projection.forget(streams, cursor)
        self._quarantine.let_go(cursor, streams)
        self._fold(cursor, self._reader.rows_of(cursor, streams, position))
        for name in self._downstream:
            cursor.execute(
                self._schemas.sql(
                    "INSERT INTO {projections}.revisits (projection, stream)"
                    " SELECT %s, stream FROM unnest(%s::uuid[]) AS stream ON CONFLICT DO NOTHING"
                ),
                [name, streams],
            )
        return True

    def _fold(self, cursor: Cursor[Any], rows: Sequence[Row]) -> None:
        sieve = Sieve(self.projection.name, self._quarantine.held(cursor))
        self._fold_apart(cursor, self._opened(rows, sieve), sieve)
        self._quarantine.hold(cursor, sieve.newly)

    def _opened(self, rows: Sequence[Row], sieve: Sieve) -> list[ReadEntry]:
        whole, always = self.projection.whole, self.projection.always
        if whole:
            self._opener.prepare(rows)
        opened, passes = self._opener.opened, sieve.passes
        batch = []
        for row in rows:
            if not passes(row.stream, row.position) and row.topic not in always:
                sieve.pass_over(row)
                continue
            try:
                fact = opened(row) if whole else None
            except Poison as poison:
                sieve.hold(row, type(poison).__name__)
            else:
                batch.append(ReadEntry(*row[:7], fact, row.sealed is None, row.state if fact is None else b""))
        return batch

    def _fold_apart(self, cursor: Cursor[Any], batch: Sequence[ReadEntry], sieve: Sieve) -> None:
        """Fold a batch; where it does not fold, its halves, down to the one entry that is to blame.

        Halves are cut by position, so the order stays what it was.
        """
        batch = self._standing(batch, sieve)
        if not batch:
            return
        try:
            with self._connection.transaction():
                self.projection.fold(batch, cursor)
        except _NOT_THE_ENTRYS_FAULT:
            raise
        except Exception as error:  # noqa: BLE001 - whatever an entry raises holds its stream, by the class alone
            reason = type(error).__name__
        else:
            return
        if len(batch) == 1:
            sieve.hold(batch[0], reason)
            sieve.blamed += 1
            if sieve.blamed > POISONED_IN_A_BATCH_MAX:
                raise ProjectionBroken(self.projection.name)
            return
        middle = len(batch) // 2
        self._fold_apart(cursor, batch[:middle], sieve)
        self._fold_apart(cursor, batch[middle:], sieve)

    def _standing(self, batch: Sequence[ReadEntry], sieve: Sieve) -> Sequence[ReadEntry]:
        """Leave out what came after an entry that was found not to fold."""
        if not sieve.newly:
            return batch
        standing = []
        for entry in batch:
            if sieve.passes(entry.stream, entry.position) or entry.topic in self.projection.always:
                standing.append(entry)
            else:
                sieve.pass_over(entry)
        return standing

    def _beat(self) -> None:
        """Say that we live, every few seconds."""
        now = self._monotonic()
        if self._beat_at is not None and now < self._beat_at + self.pace.beat_s:
            return
        self._beat_at = now
        self.say("running")

    def say(self, state: State, failure: str | None = None) -> None:
        """Write the heartbeat now."""
        beat(self._connection, self._schemas, Beat(self.projection.name, self._instance, state, failure))
