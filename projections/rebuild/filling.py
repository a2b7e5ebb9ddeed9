"""Filling ranges of subjects in several processes, each range in a transaction of its own.

A range is claimed by a row in the books, in the transaction that fills it. If we stop anywhere, the claim goes back
with what was written, and the range is filled by whoever goes on; a process whose parent was killed ends its range
or loses it, and nobody fills it twice.
"""

import multiprocessing
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any, Protocol

from psycopg import Connection, Cursor

from ledger.database import Database, Role
from projections.eligibility import TABLES as ELIGIBILITY
from projections.rebuild import scores
from projections.rebuild.eligibility import EligibilityFill
from projections.rebuild.generation import Anchor, Books, Progress
from projections.rebuild.refusals import FillerFailed
from projections.rebuild.scores import ScoresFill
from projections.rebuild.yielding import Courtesy, server_processes, yields
from projections.schemas import Schemas

_ENDS_WITHIN_S = 10.0
_LOOK_AFTER_S = 0.5
"""So often it is looked whether others are at work."""


class Fill(Protocol):
    """Fills ranges of subjects of a view, each in the caller's transaction."""

    def fill(self, cursor: Cursor[Any], part: int) -> int:
        """Fill a range; give how many rows of measures stand behind it."""

    def finish(self, cursor: Cursor[Any]) -> None:
        """Write what stands for the whole view."""


@dataclass(frozen=True)
class SetBased:
    """How a view is filled as a whole: its tables that get their indexes afterwards, and what fills it."""

    late: tuple[str, ...]
    fill: Callable[[Schemas, Anchor, int, Connection[Any]], Fill]


SET_BASED = {
    "eligibility": SetBased(ELIGIBILITY, EligibilityFill),
    "scores": SetBased(scores.TABLES, ScoresFill),
}
"""The views that are filled as a whole."""


@dataclass(frozen=True)
class Task:
    """What a process is told: where to write, and what is computed where. `rows` says of how many all parts are."""

    database: Database
    live: Schemas
    other: Schemas
    generation: int
    view: str
    anchor: Anchor
    seed: int
    rows: int
    processes: int
    yielding: bool


class Filler:
    """Fills ranges of one view on connections of its own."""

    def __init__(self, task: Task, connection: Connection[Any], numbering: Connection[Any]) -> None:
        self._task = task
        self._connection = connection
        self._books = Books(task.live)
        self._server = server_processes(task.database, connection) if task.yielding else []
        self._fill = SET_BASED[task.view].fill(task.other, task.anchor, task.seed, numbering)

    def fill(self, part: int) -> None:
        """Fill a range, unless it is filled."""
        task, began = self._task, time.monotonic()
        with self._connection.transaction(), self._connection.cursor(binary=True) as cursor:
            if self._books.claim(cursor, task.generation, task.view, part):
                rows = self._fill.fill(cursor, part)
                spent = (time.monotonic() - began) / task.processes
                self._books.tell(cursor, task.generation, part, Progress(task.view, rows, task.rows, spent))
            # If we stop above, claim, rows and progress go back together.

    def finish(self, cursor: Cursor[Any]) -> None:
        """Write what stands for the whole view."""
        self._fill.finish(cursor)

    def server_processes(self) -> list[int]:
        """Give the numbers of the server's processes that work for us, where they are ours to govern."""
        return self._server


@contextmanager
def fillers(task: Task) -> Iterator[Filler]:
    """Open what fills, on connections that end with it."""
    with task.database.connect(Role.RUNNER) as connection, task.database.connect(Role.RUNNER) as numbering:
        yield Filler(task, connection, numbering)


def fill_parts(task: Task, parts: list[int], tell: Callable[[int], None]) -> None:
    """Fill ranges, here or in other processes; `tell` is told each that is done. Raises FillerFailed."""
    if task.processes <= 1:
        with fillers(task) as filler:
            for part in parts:
                filler.fill(part)
                tell(part)
        return
    start = multiprocessing.get_context("spawn")
    crew: dict[Pipe, BaseProcess] = {}
    try:
        with task.database.connect(Role.RUNNER) as asking:
            courtesy = Courtesy(asking, min(task.processes, len(parts))) if task.yielding else None
            for number in range(min(task.processes, len(parts))):
                here, there = start.Pipe()
                process: BaseProcess = start.Process(
                    target=_work, args=(task, there), name=f"rebuild-{number}", daemon=True
                )
                with courtesy.small() if courtesy else nullcontext():
                    process.start()
                there.close()  # ours is the only end: when we are killed, theirs is closed
                crew[here] = process
            _hand_out(parts, crew, courtesy, tell)
    finally:
        for pipe in crew:
            pipe.close()
        for process in crew.values():
            process.join(_ENDS_WITHIN_S)
            if process.is_alive():
                process.kill()


def _hand_out(
    parts: list[int],
    crew: Mapping[Pipe, BaseProcess],
    courtesy: Courtesy | None,
    tell: Callable[[int], None],
) -> None:
    waiting, busy = list(reversed(parts)), list(crew)
    governed = [process.pid for process in crew.values() if process.pid is not None] if courtesy else []
    for pipe in crew:
        pipe.send(waiting.pop())
    while busy:
        ready = wait(busy, _LOOK_AFTER_S)
        if courtesy is not None:
            courtesy.heed(governed)
        for pipe in [one for one in busy if one in ready]:
            try:
                told = pipe.recv()
            except EOFError:
                raise FillerFailed from None
            match told:
                case str():
                    raise FillerFailed(told)
                case list():
                    governed += told
                    continue
                case part:
                    tell(part)
            if waiting:
                pipe.send(waiting.pop())
            else:
                busy.remove(pipe)


def _work(task: Task, pipe: Pipe) -> None:
    """Fill what we are told to until the other end closes. Only an error's class goes on, not its words."""
    if task.yielding:
        yields()
    try:
        with fillers(task) as filler:
            pipe.send(filler.server_processes())
            while True:
                part = pipe.recv()
                filler.fill(part)
                pipe.send(part)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except Exception as error:  # noqa: BLE001 - its words may hold rows
        with suppress(OSError):
            pipe.send(type(error).__name__)
