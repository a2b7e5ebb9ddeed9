"""A rebuild, blue/green: projections made anew beside the live ones, followed, compared, exchanged, taken back.

The live projections work on while the new ones are filled. What is compared is read in one snapshot in which both
stand at the same positions; for the exchange the live checkpoints are locked, so that runners wait at the first
statement of their next step and go on in the new tables. The former tables are kept until they are dropped.
"""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

import psycopg
from psycopg import Connection, Cursor

from domain.errors import LedgerReplaced
from ledger.database import Database, Role
from projections.checkpoints import Checkpoints, reached
from projections.digest import Digest, digest_within
from projections.projection import Projection
from projections.reading import Opener
from projections.rebuild import refusals
from projections.rebuild.filling import SET_BASED
from projections.rebuild.following import Following, head
from projections.rebuild.generation import Books, Generation, Progress, alone, is_at_work
from projections.rebuild.layout import Layout, dropped
from projections.rebuild.making import ROWS_IN_A_PART, Making
from projections.schemas import Schemas
from projections.scores import ERASURES

_LOCK_WITHIN_MS, _LOCK_PAUSE_S, _LOCK_TRIES = 400, 0.5, 40


class Comparison(NamedTuple):
    """What a view holds live and rebuilt. `live` None: it could not be compared, its ledger is another."""

    projection: str
    position: int
    live: Digest | None
    rebuilt: Digest

    @property
    def same(self) -> bool:
        """Say whether both hold the same."""
        return self.live == self.rebuilt


class Status(NamedTuple):
    """A generation and how far it is. `behind` in positions; `erased`: erasures that it holds still."""

    generation: Generation
    progress: list[Progress]
    at_work: bool
    position: int
    behind: int
    oldest_pending: timedelta | None
    erased: int


@dataclass
class Rebuild:
    """Rebuilds of one ledger. `make` gives the projections, upstream first, for the schemas they are to fill.

    `tell` is called with the progress of a view after each of its steps; `today` gives the civil day on which
    whole populations are computed. `set_based` names the views that are filled as a whole, and no others.
    With `yielding` readers and writers come first.
    """

    database: Database
    make: Callable[[Schemas], Sequence[Projection]]
    opener: Opener
    today: Callable[[], date]
    tell: Callable[[Progress], None] = field(default=lambda _progress: None)
    processes: int = 1
    rows_in_a_part: int = ROWS_IN_A_PART
    set_based: Collection[str] = tuple(SET_BASED)
    yielding: bool = True

    def __post_init__(self) -> None:
        self.live = Schemas.of(self.database)
        self.books = Books(self.live)
        self._following = Following(self.database, self.live, self.make, self.opener, self.tell)
        self._making = Making(
            self.database,
            self.live,
            self._following,
            self.today,
            self.tell,
            self.processes,
            self.rows_in_a_part,
            self.set_based,
            self.yielding,
        )

    @property
    def beside(self) -> Schemas:
        """Name the schema of the generation that is not live. Raises NothingRebuilt."""
        with self.database.connect() as admin:
            return self._in_state(admin, "filling", "ready", "rolled-back", "switched").schemas(self.live)

    def start(self, views: Collection[str] = ()) -> list[Comparison]:
        """Make the views, or go on making them where that was stopped; then compare them with the live ones.

        Raises RebuildUnderWay, GenerationKept, ViewUnknown, FillerFailed, and what a runner raises.
        """
        with self._at_work() as (admin, worker):
            generation = self._making.made(admin, worker, views)
            compared = self._compare(worker, generation)
            with worker.transaction(), worker.cursor() as cursor:
                self.books.turn(cursor, generation.number, "ready")
            return compared

    def fill(self, views: Collection[str] = ()) -> Generation:
        """Make the views, or go on, and compare nothing: `start` does that. Raises as `start` does."""
        with self._at_work() as (admin, worker):
            return self._making.made(admin, worker, views)

    def compare(self) -> list[Comparison]:
        """Follow the entries that came since, and compare again. Raises NothingRebuilt, RebuildUnfinished."""
        with self._at_work() as (admin, worker):
            return self._compare(worker, self._in_state(admin, "ready", "rolled-back", "switched"))

    def switch(self, *, accept: bool = False) -> Generation:
        """Exchange what was rebuilt and what is live, in one transaction. `accept`: though they differ.

        Raises NothingRebuilt, RebuildUnfinished, DifferencesUnaccepted, LaidOutOtherwise, TablesBusy.
        """
        with self._at_work() as (admin, worker):
            generation = self._in_state(admin, "ready", "rolled-back")
            if generation.differing != [] and not accept and self._following.comparable(worker, generation):
                raise refusals.DifferencesUnaccepted(", ".join(generation.differing or ()))
            self._exchange(admin, worker, generation, "switched")
            return generation

    def rollback(self) -> Generation:
        """Bring the former tables to where the live ones are, and exchange back. Raises as `switch` does."""
        with self._at_work() as (admin, worker):
            generation = self._in_state(admin, "switched")
            self._exchange(admin, worker, generation, "rolled-back")
            return generation

    def drop(self) -> Generation:
        """Drop the generation that is not live, whatever its state. Raises NothingRebuilt."""
        with self._at_work() as (admin, _worker):
            generation = self._in_state(admin, "filling", "ready", "rolled-back", "switched")
            with admin.transaction(), admin.cursor() as cursor:
                self.books.turn(cursor, generation.number, "dropped")
                dropped(admin, generation.schemas(self.live))
            return generation

    def run(self, *, exchange: bool = True) -> list[Comparison]:
        """Drop what is kept, make every view, compare, and exchange unless told otherwise."""
        with self.database.connect() as admin, admin.cursor() as cursor:
            kept = self.books.current(cursor)
        if kept is not None:
            self.drop()
        compared = self.start()
        if exchange:
            self.switch(accept=True)
        return compared

    def status(self) -> Status | None:
        """Say how far the generation is that is not dropped; None where there is none."""
        with self.database.connect(Role.RUNNER) as connection, connection.cursor() as cursor:
            generation = self.books.current(cursor)
            if generation is None:
                return None
            other = generation.schemas(self.live)
            position = reached(cursor, other, generation.views)
            begun = position or (generation.anchor.position if generation.anchor else 0)
            return Status(
                generation,
                self.books.progress(cursor, generation),
                is_at_work(cursor, self.live),
                begun,
                max(head(cursor, self.live) - begun, 0),
                self.books.oldest_pending(cursor, begun),
                _erased_since(cursor, self.live, max(begun, reached(cursor, self.live, ["measures"]))),
            )

    @contextmanager
    def aligned(self) -> Iterator[tuple[Cursor[Any], Generation]]:
        """Give a snapshot in which the generation and the live views stand at the same positions."""
        with self._at_work() as (admin, worker):
            generation = self._in_state(admin, "ready", "rolled-back", "switched")
            with self._following.snapshot(worker, generation) as cursor:
                yield cursor, generation

    @contextmanager
    def _at_work(self) -> Iterator[tuple[Connection[Any], Connection[Any]]]:
        """Connections as administrator and as runner, while nobody else rebuilds. Raises RebuildUnderWay."""
        with (
            self.database.connect() as admin,
            self.database.connect(Role.RUNNER) as worker,
            alone(admin, self.live),
        ):
            yield admin, worker

    def _in_state(self, admin: Connection[Any], *states: str) -> Generation:
        with admin.cursor() as cursor:
            found = self.books.current(cursor)
        if found is None:
            raise refusals.NothingRebuilt
        if found.state not in states:
            raise refusals.RebuildUnfinished if found.state == "filling" else refusals.NothingRebuilt(found.state)
        return found

    def _compare(self, worker: Connection[Any], generation: Generation) -> list[Comparison]:
        """Compare digests in one snapshot, and note what differs."""
        other = generation.schemas(self.live)
        found = []
        with self._following.snapshot(worker, generation) as cursor:
            for name in generation.views:
                live = Checkpoints(self.live, name)
                checkpoint = live.peek(cursor)
                try:
                    live.prove(cursor, checkpoint)
                    held: Digest | None = digest_within(cursor, self.live, name)
                except LedgerReplaced:
                    held = None
                reached_here = Checkpoints(other, name).peek(cursor).position
                found.append(Comparison(name, reached_here, held, digest_within(cursor, other, name)))
        compared = all(one.live is not None for one in found)
        differing = [one.projection for one in found if not one.same] if compared else None
        with worker.cursor() as cursor:
            self.books.compared(cursor, generation.number, min(one.position for one in found), differing)
        return found

    def _exchange(
        self, admin: Connection[Any], worker: Connection[Any], generation: Generation, state: Any
    ) -> None:
        layout = Layout(self.database, self.live, generation.schemas(self.live))
        self._following.catch_up(worker, generation)
        for _ in range(_LOCK_TRIES):
            try:
                with admin.transaction(), admin.cursor() as cursor:
                    layout.check(cursor, generation.views)
                    cursor.execute(self.live.sql("LOCK TABLE {projections}.checkpoints IN EXCLUSIVE MODE"))
                    self._following.follow_all(worker, generation)
                    layout.lock(cursor, generation.views, _LOCK_WITHIN_MS)
                    layout.exchange(cursor, generation.views)
                    self.books.turn(cursor, generation.number, state)
                    # If we stop before this is committed, nothing was exchanged.
            except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
                time.sleep(_LOCK_PAUSE_S)
            else:
                return
        raise refusals.TablesBusy


def _erased_since(cursor: Cursor[Any], schemas: Schemas, position: int) -> int:
    """Count erasures after a position: the live `measures` has not read them, and erases in both when it does."""
    found = cursor.execute(
        schemas.sql("SELECT count(*) FROM {ledger}.entries WHERE notification_id > %s AND topic = ANY(%s)"),
        [position, sorted(ERASURES)],
    ).fetchone()
    return int(found[0]) if found else 0
