"""How a generation is made: laid out, then each view filled, as a whole or entry after entry.

Killed anywhere, whoever asks again goes on with what is there.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection, Cursor, sql

from ledger.database import Database
from projections.checkpoints import Checkpoints, reached
from projections.digest import TABLES
from projections.projection import Projection
from projections.rebuild import refusals
from projections.rebuild.filling import SET_BASED, Task, fill_parts, fillers
from projections.rebuild.following import Following
from projections.rebuild.generation import Anchor, Books, Generation, Progress, leaf_at
from projections.rebuild.layout import Layout
from projections.rebuild.views import chosen
from projections.schemas import Schemas

PROCESSES = 2
ROWS_IN_A_PART = 2_500_000
"""Rows of measures that a process holds at once: some 600 MB."""


@dataclass(frozen=True)
class Making:
    """Makes generations. `set_based` names the views that are filled as a whole, as of `today`.

    With `yielding` others work first (yielding.py).
    """

    database: Database
    live: Schemas
    following: Following
    today: Callable[[], date]
    tell: Callable[[Progress], None]
    processes: int
    rows_in_a_part: int
    set_based: Collection[str]
    yielding: bool

    @property
    def books(self) -> Books:
        """Give the books of the live schema."""
        return Books(self.live)

    def made(self, admin: Connection[Any], worker: Connection[Any], views: Collection[str]) -> Generation:
        """Make a new generation of these views, or go on with the one that is there."""
        admin.execute("SET max_parallel_maintenance_workers = 0; SET max_parallel_workers_per_gather = 0")
        generation = self._begun(admin, chosen(self.following.make(self.live), views), asked=bool(views))
        for runner in self.following.runners(worker, generation):
            name = runner.projection.name
            if name in self.set_based and not self._is_filled(worker, generation, name):
                self._fill_whole(admin, worker, generation, runner.projection)
            self.following.follow(worker, generation, runner)
        for view in generation.views:
            for table in TABLES[view]:
                admin.execute(sql.SQL("ANALYZE {}").format(generation.schemas(self.live).table(table)))
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
            Layout(self.database, self.live, begun.schemas(self.live)).lay_out(cursor, views, late)
            # If we stop before this is committed, there is neither a generation nor a schema.
        return begun

    def _fill_whole(
        self, admin: Connection[Any], worker: Connection[Any], generation: Generation, projection: Projection
    ) -> None:
        """Fill a view in ranges of subjects, then its indexes and its checkpoint in one transaction."""
        name, other = projection.name, generation.schemas(self.live)
        with admin.cursor() as cursor:
            rows = _rows(cursor, other)
        with worker.transaction(), worker.cursor() as cursor:
            self.following.upstream(cursor, generation)
            anchor = generation.anchor or self._anchored(cursor, generation, projection, rows)
            left = sorted(set(range(anchor.parts)) - self.books.steps(cursor, generation.number, name))
        processes = max(1, min(self.processes, len(left)))
        task = Task(
            self.database,
            self.live,
            other,
            generation.number,
            name,
            anchor,
            generation.seed,
            rows,
            processes,
            self.yielding,
        )
        fill_parts(task, left, lambda _part: self._tell(worker, generation, name))
        with fillers(task) as filler, admin.transaction(), admin.cursor(binary=True) as cursor:
            Layout(self.database, self.live, other).index_all(cursor, SET_BASED[name].late)
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


def _rows(cursor: Cursor[Any], schemas: Schemas) -> int:
    found = cursor.execute(
        schemas.sql(
            "SELECT (SELECT count(*) FROM {projections}.measures)"
            " + (SELECT count(*) FROM {projections}.measures_restricted)"
        )
    ).fetchone()
    return int(found[0]) if found else 0
