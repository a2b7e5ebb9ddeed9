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
from psycopg import Connection, Cursor, sql

from domain.errors import LedgerReplaced
from ledger.database import Database, Role
from projections.checkpoints import Checkpoints, reached
from projections.digest import TABLES, Digest, digest_within
from projections.projection import Projection
from projections.reading import Opener
from projections.rebuild import refusals
from projections.rebuild.filling import SET_BASED, Task, fill_parts, fillers
from projections.rebuild.generation import FOLLOWED, Anchor, Books, Generation, Progress, alone, is_at_work, leaf_at
from projections.rebuild.layout import Layout, dropped
from projections.rebuild.upstream import follow_upstream
from projections.rebuild.views import chosen
from projections.runner import Runner
from projections.schemas import Schemas
from projections.scores import ERASURES

PROCESSES = 2
ROWS_IN_A_PART = 2_500_000
"""Rows of measures that a process holds at once: some 300 MB."""
_LOCK_WITHIN_MS, _LOCK_PAUSE_S, _LOCK_TRIES = 400, 0.5, 40
_CLOSE_BY = 1_000
"""So few positions behind, what is left is followed while the live runners wait."""


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
    """A generation and how far it is. `behind` in positions; `erased` counts erasures that it has not followed."""

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
    """

    database: Database
    make: Callable[[Schemas], Sequence[Projection]]
    opener: Opener
    today: Callable[[], date]
    tell: Callable[[Progress], None] = field(default=lambda _progress: None)
    processes: int = 1
    rows_in_a_part: int = ROWS_IN_A_PART
    set_based: Collection[str] = tuple(SET_BASED)

    def __post_init__(self) -> None:
        self.live = Schemas.of(self.database)
        self.books = Books(self.live)

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
            generation = self._made(admin, worker, views)
            compared = self._compare(worker, generation)
            with worker.transaction(), worker.cursor() as cursor:
                self.books.turn(cursor, generation.number, "ready")
            return compared

    def fill(self, views: Collection[str] = ()) -> Generation:
        """Make the views, or go on, and compare nothing: `start` does that. Raises as `start` does."""
        with self._at_work() as (admin, worker):
            return self._made(admin, worker, views)

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
            if generation.differing != [] and not accept and self._comparable(worker, generation):
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
                max(_head(cursor, self.live) - begun, 0),
                self.books.oldest_pending(cursor, begun),
                _erased_since(cursor, self.live, begun) if generation.state == "switched" else 0,
            )

    @contextmanager
    def aligned(self) -> Iterator[tuple[Cursor[Any], Generation]]:
        """Give a snapshot in which the generation and the live views stand at the same positions."""
        with self._at_work() as (admin, worker):
            generation = self._in_state(admin, "ready", "rolled-back", "switched")
            with self._snapshot(worker, generation) as cursor:
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

    def _made(self, admin: Connection[Any], worker: Connection[Any], views: Collection[str]) -> Generation:
        generation = self._begun(admin, chosen(self.make(self.live), views), asked=bool(views))
        self._fill(admin, worker, generation)
        return generation

    def _begun(self, admin: Connection[Any], views: list[str], *, asked: bool) -> Generation:
        """Give the generation to work on: a new one, or the one that is there."""
        with admin.transaction(), admin.cursor() as cursor:
            found = self.books.current(cursor)
            if found is not None:
                if found.state == "switched" or (asked and found.views != views):
                    raise refusals.GenerationKept(str(found.number))
                return found
            drawn = cursor.execute("SELECT (random() * 4611686018427387903)::int8 + 1").fetchone()
            number = self.books.begin(cursor, views, int(drawn[0]) if drawn else 1)
            late = [table for view in views if view in self.set_based for table in SET_BASED[view].late]
            begun = self.books.current(cursor)
            assert begun is not None  # noqa: S101 - it was written above
            assert begun.number == number  # noqa: S101 - it is the only one
            self._layout(begun).lay_out(cursor, views, late)
            # If we stop before this is committed, there is neither a generation nor a schema.
        return begun

    def _in_state(self, admin: Connection[Any], *states: str) -> Generation:
        with admin.cursor() as cursor:
            found = self.books.current(cursor)
        if found is None:
            raise refusals.NothingRebuilt
        if found.state not in states:
            raise refusals.RebuildUnfinished if found.state == "filling" else refusals.NothingRebuilt(found.state)
        return found

    def _layout(self, generation: Generation) -> Layout:
        return Layout(self.database, self.live, generation.schemas(self.live))

    def _fill(self, admin: Connection[Any], worker: Connection[Any], generation: Generation) -> None:
        for runner in self._runners(worker, generation):
            name = runner.projection.name
            if name in self.set_based and not self._is_filled(worker, generation, name):
                self._fill_whole(admin, worker, generation, runner.projection)
            self._follow(worker, generation, runner, self._live_position(worker, name))
        for view in generation.views:
            for table in TABLES[view]:
                admin.execute(sql.SQL("ANALYZE {}").format(generation.schemas(self.live).table(table)))

    def _fill_whole(
        self, admin: Connection[Any], worker: Connection[Any], generation: Generation, projection: Projection
    ) -> None:
        """Fill a view in ranges of subjects, then its indexes and its checkpoint in one transaction."""
        name, other = projection.name, generation.schemas(self.live)
        with worker.transaction(), worker.cursor() as cursor:
            self._follow_upstream(cursor, generation)
            rows = _rows(cursor, other)
            anchor = generation.anchor or self._anchored(cursor, generation, projection, rows)
            left = sorted(set(range(anchor.parts)) - self.books.steps(cursor, generation.number, name))
        processes = max(1, min(self.processes, len(left)))
        task = Task(
            self.database, self.live, other, generation.number, name, anchor, generation.seed, rows, processes
        )
        fill_parts(task, left, lambda _part: self._tell(worker, generation, name))
        with fillers(task) as filler, admin.transaction(), admin.cursor(binary=True) as cursor:
            self._layout(generation).index_all(cursor, SET_BASED[name].late)
            filler.finish(cursor)
            Checkpoints(other, name).put(cursor, anchor.position, anchor.leaf)
            # If we stop before this is committed, the ranges are there and the indexes are made again.

    def _anchored(self, cursor: Cursor[Any], generation: Generation, projection: Projection, rows: int) -> Anchor:
        other = generation.schemas(self.live)
        position = reached(cursor, other, projection.upstream)
        leaf = leaf_at(cursor, other, position)
        parts = -(-rows // self.rows_in_a_part)
        parts = max(1, -(-parts // self.processes)) * max(1, self.processes)
        anchor = Anchor(position if leaf else 0, leaf.leaf if leaf else None, self.today(), parts)
        self.books.anchor(cursor, generation.number, anchor)
        return anchor

    def _is_filled(self, worker: Connection[Any], generation: Generation, name: str) -> bool:
        with worker.cursor() as cursor:
            found = cursor.execute(
                generation.schemas(self.live).sql(
                    "SELECT EXISTS (SELECT FROM {projections}.checkpoints WHERE projection = %s)"
                ),
                [name],
            ).fetchone()
        return bool(found and found[0])

    def _tell(self, worker: Connection[Any], generation: Generation, view: str) -> None:
        with worker.cursor() as cursor:
            for one in self.books.progress(cursor, generation):
                if one.view == view:
                    self.tell(one)

    def _runners(self, worker: Connection[Any], generation: Generation) -> list[Runner]:
        other = generation.schemas(self.live)
        return [Runner(one, worker, other, self.opener) for one in self.make(other) if one.name in generation.views]

    def _follow(self, worker: Connection[Any], generation: Generation, runner: Runner, until: int) -> None:
        """Fold entries up to a position, telling how far it is."""
        name = runner.projection.name
        with worker.transaction(), worker.cursor() as cursor:
            self._follow_upstream(cursor, generation)
        busy = True
        while busy:
            began = time.monotonic()
            step = runner.step(until)
            busy = step.busy
            if busy:
                progress = Progress(name, step.position, max(until, step.position), time.monotonic() - began)
                with worker.cursor() as cursor:
                    self.books.tell(cursor, generation.number, FOLLOWED, progress)
                self.tell(progress)

    def _follow_upstream(self, cursor: Cursor[Any], generation: Generation) -> None:
        other = generation.schemas(self.live)
        downstream = [one.name for one in self.make(other) if one.upstream and one.name in generation.views]
        follow_upstream(cursor, self.live, other, generation.views, downstream)

    def _live_position(self, worker: Connection[Any], name: str) -> int:
        """Give how far a live view is; where it stands on another ledger, or nowhere, how far the ledger is."""
        with worker.transaction(), worker.cursor() as cursor:
            live = Checkpoints(self.live, name)
            checkpoint = live.peek(cursor)
            try:
                live.prove(cursor, checkpoint)
            except LedgerReplaced:
                return _head(cursor, self.live)
            return checkpoint.position or _head(cursor, self.live)

    def _comparable(self, worker: Connection[Any], generation: Generation) -> bool:
        """Say whether every live view is of this ledger."""
        with worker.transaction(), worker.cursor() as cursor:
            try:
                for name in generation.views:
                    live = Checkpoints(self.live, name)
                    live.prove(cursor, live.peek(cursor))
            except LedgerReplaced:
                return False
        return True

    def _catch_up(self, worker: Connection[Any], generation: Generation) -> None:
        """Follow until what is left can be followed while runners wait."""
        for _ in range(_LOCK_TRIES):
            for runner in self._runners(worker, generation):
                self._follow(worker, generation, runner, self._live_position(worker, runner.projection.name))
            with worker.cursor() as cursor:
                behind = reached(cursor, self.live, generation.views) - reached(
                    cursor, generation.schemas(self.live), generation.views
                )
            if behind <= _CLOSE_BY:
                return

    @contextmanager
    def _snapshot(self, worker: Connection[Any], generation: Generation) -> Iterator[Cursor[Any]]:
        """Stop the live views for as long as the last entries take, and take a snapshot there."""
        self._catch_up(worker, generation)
        with self.database.connect(Role.RUNNER) as reader, reader.transaction(), reader.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            with self.database.connect(Role.RUNNER) as holder, holder.transaction():
                holder.execute(
                    self.live.sql(
                        "SELECT FROM {projections}.checkpoints WHERE projection = ANY(%s)"
                        " ORDER BY projection FOR UPDATE"
                    ),
                    [generation.views],
                )
                for runner in self._runners(worker, generation):
                    self._follow(worker, generation, runner, self._live_position(worker, runner.projection.name))
                cursor.execute("SELECT")  # the snapshot is that of the first statement
            yield cursor

    def _compare(self, worker: Connection[Any], generation: Generation) -> list[Comparison]:
        """Compare digests in one snapshot, and note what differs."""
        other = generation.schemas(self.live)
        found = []
        with self._snapshot(worker, generation) as cursor:
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
        layout = self._layout(generation)
        self._catch_up(worker, generation)
        for _ in range(_LOCK_TRIES):
            try:
                with admin.transaction(), admin.cursor() as cursor:
                    layout.check(cursor, generation.views)
                    cursor.execute(self.live.sql("LOCK TABLE {projections}.checkpoints IN EXCLUSIVE MODE"))
                    for runner in self._runners(worker, generation):
                        name = runner.projection.name
                        self._follow(worker, generation, runner, self._live_position(worker, name))
                    layout.lock(cursor, generation.views, _LOCK_WITHIN_MS)
                    layout.exchange(cursor, generation.views)
                    self.books.turn(cursor, generation.number, state)
                    # If we stop before this is committed, nothing was exchanged.
            except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
                time.sleep(_LOCK_PAUSE_S)
            else:
                return
        raise refusals.TablesBusy


def _head(cursor: Cursor[Any], schemas: Schemas) -> int:
    found = cursor.execute(schemas.sql("SELECT coalesce(max(notification_id), 0) FROM {ledger}.entries")).fetchone()
    return int(found[0]) if found else 0


def _rows(cursor: Cursor[Any], schemas: Schemas) -> int:
    found = cursor.execute(
        schemas.sql(
            "SELECT (SELECT count(*) FROM {projections}.measures)"
            " + (SELECT count(*) FROM {projections}.measures_restricted)"
        )
    ).fetchone()
    return int(found[0]) if found else 0


def _erased_since(cursor: Cursor[Any], schemas: Schemas, position: int) -> int:
    """Count erasures after a position: what they erased stands in tables that have not followed them."""
    found = cursor.execute(
        schemas.sql("SELECT count(*) FROM {ledger}.entries WHERE notification_id > %s AND topic = ANY(%s)"),
        [position, sorted(ERASURES)],
    ).fetchone()
    return int(found[0]) if found else 0
