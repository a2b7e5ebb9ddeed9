"""How a generation follows the ledger: entry after entry, until it stands where the live views stand."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, Cursor

from domain.errors import LedgerReplaced
from ledger.database import Database, Role
from projections.checkpoints import Checkpoints, reached
from projections.projection import Projection
from projections.reading import Opener
from projections.rebuild.generation import FOLLOWED, Books, Generation, Progress
from projections.rebuild.upstream import follow_upstream
from projections.runner import Runner
from projections.schemas import Schemas

_TRIES = 40
_CLOSE_BY = 1_000
"""So few positions behind, what is left is followed while the live runners wait."""


@dataclass(frozen=True)
class Following:
    """Folds entries into a generation as the runner does; `tell` hears of each step."""

    database: Database
    live: Schemas
    make: Callable[[Schemas], Sequence[Projection]]
    opener: Opener
    tell: Callable[[Progress], None]

    def runners(self, worker: Connection[Any], generation: Generation) -> list[Runner]:
        """Give the runners of what is made anew, upstream first."""
        other = generation.schemas(self.live)
        return [Runner(one, worker, other, self.opener) for one in self.make(other) if one.name in generation.views]

    def follow(self, worker: Connection[Any], generation: Generation, runner: Runner) -> None:
        """Fold entries up to where the live view is, telling how far it is."""
        name = runner.projection.name
        until = self._live_position(worker, name)
        with worker.transaction(), worker.cursor() as cursor:
            self.upstream(cursor, generation)
        busy = True
        while busy:
            began = time.monotonic()
            step = runner.step(until)
            busy = step.busy
            if busy:
                progress = Progress(name, step.position, max(until, step.position), time.monotonic() - began)
                with worker.cursor() as cursor:
                    Books(self.live).tell(cursor, generation.number, FOLLOWED, progress)
                self.tell(progress)

    def follow_all(self, worker: Connection[Any], generation: Generation) -> None:
        """Bring every view to where its live one is."""
        for runner in self.runners(worker, generation):
            self.follow(worker, generation, runner)

    def upstream(self, cursor: Cursor[Any], generation: Generation) -> None:
        """Take over how far the views are that are not made anew, and who stands still in them."""
        other = generation.schemas(self.live)
        downstream = [one.name for one in self.make(other) if one.upstream and one.name in generation.views]
        follow_upstream(cursor, self.live, other, generation.views, downstream)

    def catch_up(self, worker: Connection[Any], generation: Generation) -> None:
        """Follow until what is left can be followed while runners wait."""
        for _ in range(_TRIES):
            self.follow_all(worker, generation)
            with worker.cursor() as cursor:
                behind = reached(cursor, self.live, generation.views) - reached(
                    cursor, generation.schemas(self.live), generation.views
                )
            if behind <= _CLOSE_BY:
                return

    @contextmanager
    def snapshot(self, worker: Connection[Any], generation: Generation) -> Iterator[Cursor[Any]]:
        """Stop the live views for as long as the last entries take, and take a snapshot there."""
        self.catch_up(worker, generation)
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
                self.follow_all(worker, generation)
                cursor.execute("SELECT")  # the snapshot is that of the first statement
            yield cursor

    def comparable(self, worker: Connection[Any], generation: Generation) -> bool:
        """Say whether every live view is of this ledger."""
        with worker.transaction(), worker.cursor() as cursor:
            try:
                for name in generation.views:
                    live = Checkpoints(self.live, name)
                    live.prove(cursor, live.peek(cursor))
            except LedgerReplaced:
                return False
        return True

    def _live_position(self, worker: Connection[Any], name: str) -> int:
        """Give how far a live view is; where it stands on another ledger, or nowhere, how far the ledger is."""
        with worker.transaction(), worker.cursor() as cursor:
            live = Checkpoints(self.live, name)
            checkpoint = live.peek(cursor)
            try:
                live.prove(cursor, checkpoint)
            except LedgerReplaced:
                return head(cursor, self.live)
            return checkpoint.position or head(cursor, self.live)


def head(cursor: Cursor[Any], schemas: Schemas) -> int:
    """Give the last position of the ledger."""
    found = cursor.execute(schemas.sql("SELECT coalesce(max(notification_id), 0) FROM {ledger}.entries")).fetchone()
    return int(found[0]) if found else 0
