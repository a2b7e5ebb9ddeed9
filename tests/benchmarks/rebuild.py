"""A whole rebuild of scores and recognition beside its limit: typed columns copied out, the view copied in.

Limit and rebuild take turns on one ledger. Then others read scores and append single facts, in turns while nothing
else is done and while it is rebuilt; and the library's own ProjectionRunner folds a sample of the same entries.
"""

import argparse
import gc
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped] # it brings no types
from psycopg import Connection, sql

from ledger.database import Database
from projections.rebuild import Rebuild
from projections.rebuild.copying import pieces
from projections.rebuild.views import NUMBERED_AT_ONCE, tables_of
from projections.schemas import Schemas
from tests.benchmarks.rebuilt_library import library_rate
from tests.benchmarks.rebuilt_load import steadily
from tests.benchmarks.rebuilt_town import Town, opened, yielding
from tests.benchmarks.report import Figure, figure, report
from tests.projections.given import GivenLedger

ROUNDS = 3
VIEW = "scores"
LIMIT_GOAL, LIBRARY_GOAL, P99_GOAL = 0.5, 200.0, 2.0
_LOAD_SECONDS = 20.0
_READ = 1 << 20


def options(parser: argparse.ArgumentParser) -> None:
    """Name what may be asked."""
    parser.add_argument(
        "--entries", type=int, default=200_000, help="entries in the ledger; the goal is 10,000,000"
    )
    parser.add_argument("--kept", type=Path, help="a folder in which the ledger is kept between runs")
    parser.add_argument("--fill", action="store_true", help="fill the kept ledger, yielding to others, and end")
    parser.add_argument("--processes", type=int, default=2, help="processes that fill")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="rounds of limit and rebuild")


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Fill the ledger where it is not full, then measure."""
    with tempfile.TemporaryDirectory(prefix="points-benchmark-") as folder:
        server, database = opened(asked.kept or Path(folder))
        with server:
            if asked.fill:
                yielding()
            town = Town(database, asked.entries)
            try:
                town.fill(_tell)
                if asked.fill:
                    return report("rebuild: filled", [])
                with database.connect() as admin:
                    version = admin.info.server_version
                    figures = _Measuring(town, admin, asked.processes).figures(asked.rounds, Path(folder))
            finally:
                town.ledger.close()
    return report("rebuild", figures, f"PostgreSQL {version // 10_000}.{version % 10_000}")


def _tell(text: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stderr.flush()


class _Measuring:
    def __init__(self, town: Town, admin: Connection[Any], processes: int) -> None:
        self._town, self._admin = town, admin
        self._database: Database = town.ledger.database
        self._live = town.ledger.schemas
        self._processes = processes

    def figures(self, rounds: int, folder: Path) -> list[Figure]:
        """Rebuild once to have what is live, then take turns."""
        self._admin.execute("VACUUM ANALYZE")
        if self._work().status() is not None:
            self._work().drop()
        self._work().start([VIEW])
        self._work().switch(accept=True)
        self._work().drop()
        blocks = self._finished(folder)
        self._admin.execute("CHECKPOINT")
        library = library_rate(self._town.ledger)
        gc.collect()
        gc.freeze()
        limits, taken, spent = [], [], []
        for _ in range(rounds):
            limits.append(self._limit(blocks))
            seconds, processors = self._rebuilt()
            taken.append(seconds)
            spent.append(processors)
            _tell(f"limit {limits[-1]:.1f} s, rebuild {seconds:.1f} s, {processors:.1f} s of processors")
        alone, during, meanwhile = [], [], []
        for _ in range(rounds):
            alone.append(self._waited())
            with self._rebuilding() as made:
                during.append(self._waited())
            meanwhile += made
            _tell(f"waited alone {alone[-1]}, while it was rebuilt {during[-1]} (ms)")
        gc.unfreeze()
        return [*self._made(limits, taken, spent, library, meanwhile), *_waits(alone, during)]

    def _waited(self) -> dict[str, float]:
        return steadily(self._database, self._town.residents, _LOAD_SECONDS)

    def _made(
        self,
        limits: list[float],
        taken: list[float],
        spent: list[float],
        library: float,
        meanwhile: list[float],
    ) -> list[Figure]:
        entries = self._town.residents * 60
        rates = [entries / one for one in taken]
        limit = [entries / one for one in limits]
        ratios = [one / other for one, other in zip(limits, taken, strict=True)]
        times = [one / library for one in rates]
        return [
            figure("columns out, the finished view in, primary keys: the limit", limit, "entries/s"),
            figure("scores and recognition rebuilt", rates, "entries/s", limit=limit),
            figure("the rebuild, times the limit of its round", ratios, "times", goal=LIMIT_GOAL),
            figure("the same by the clock", taken, "s"),
            figure("the same, processors of all processes", spent, "s"),
            figure("the library's ProjectionRunner, a sample", [library], "entries/s"),
            figure("the rebuild, times the library's runner", times, "times", goal=LIBRARY_GOAL),
            figure("rebuilt while others read and append", [entries / one for one in meanwhile], "entries/s"),
        ]

    def _work(self) -> Rebuild:
        return self._town.ledger.rebuild(processes=self._processes, yielding=True)

    def _rebuilt(self) -> tuple[float, float]:
        """Make the view and drop it again; give the seconds of making it, and those of all processors."""
        used, began = _used(), time.perf_counter()
        self._work().fill([VIEW])
        taken, spent = time.perf_counter() - began, _used() - used
        self._work().drop()
        return taken, spent

    def _finished(self, folder: Path) -> dict[str, Path]:
        """Copy the finished view out into files, once: what the limit copies in."""
        found = {}
        for table in tables_of(VIEW):
            found[table] = folder / table
            with found[table].open("wb") as file:
                for piece in pieces(self._admin, _copy_out(self._live, table)):
                    file.write(piece)
        return found

    def _limit(self, blocks: dict[str, Path]) -> float:
        """Copy all typed columns out and the finished view in, one after the other; then the primary keys."""
        twin = Schemas(self._live.ledger, "twin")
        self._admin.execute("DROP SCHEMA IF EXISTS twin CASCADE")
        self._admin.execute("CREATE SCHEMA twin")
        keys = dict(self._keys())
        began = time.perf_counter()
        for table in ("measures", "measures_restricted"):
            for _ in pieces(self._admin, _copy_out(self._live, table)):
                pass
        for table, block in blocks.items():
            twins, live = twin.table(table), self._live.table(table)
            create = sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL EXCLUDING INDEXES)")
            self._admin.execute(create.format(twins, live))
            copying = sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(twins)
            with block.open("rb") as file, self._admin.cursor() as cursor, cursor.copy(copying) as copy:
                while piece := file.read(_READ):
                    copy.write(piece)
            if table not in NUMBERED_AT_ONCE:
                key = sql.SQL("ALTER TABLE {} ADD {}").format(twins, sql.SQL(keys[table]))
                self._admin.execute(key)
        taken = time.perf_counter() - began
        self._admin.execute("DROP SCHEMA twin CASCADE")
        return taken

    def _keys(self) -> list[tuple[Any, ...]]:
        return self._admin.execute(
            "SELECT c.relname, pg_get_constraintdef(k.oid) FROM pg_constraint AS k JOIN pg_class AS c"
            " ON c.oid = k.conrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace"
            " WHERE k.contype = 'p' AND n.nspname = %s",
            [self._live.projections],
        ).fetchall()

    @contextmanager
    def _rebuilding(self) -> Iterator[list[float]]:
        """Let another process rebuild again and again meanwhile; the list holds afterwards how long each took."""
        here, there = multiprocessing.Pipe()
        start = multiprocessing.get_context("spawn")
        asked = (self._database, self._processes, there)
        process = start.Process(target=_again_and_again, args=asked)
        process.start()
        here.recv()
        made: list[float] = []
        try:
            yield made
        finally:
            here.send("stop")
            made += here.recv()
            process.join()


def _waits(alone: list[dict[str, float]], during: list[dict[str, float]]) -> list[Figure]:
    """Give how long 99 of 100 waited, and what a rebuild makes of that, round by round."""
    found = []
    for name in ("reads", "appends"):
        usual, waited = [one[name] for one in alone], [one[name] for one in during]
        grown = [one / other for one, other in zip(waited, usual, strict=True)]
        found.append(figure(f"{name} alone, 99 of 100", usual, "ms"))
        found.append(figure(f"{name} while it is rebuilt, 99 of 100", waited, "ms"))
        found.append(
            figure(f"{name} while it is rebuilt, times alone", grown, "times", goal=P99_GOAL, at_most=True)
        )
    return found


def _again_and_again(database: Database, processes: int, pipe: Pipe) -> None:
    """Rebuild until told to stop; say when it begins, and in the end how many seconds each took."""
    ledger = GivenLedger(database)
    pipe.send("begun")
    made = []
    while not pipe.poll():
        began = time.perf_counter()
        ledger.rebuild(processes=processes, yielding=True).fill([VIEW])
        made.append(time.perf_counter() - began)
        ledger.rebuild().drop()
    pipe.send(made)
    ledger.close()


def _copy_out(schemas: Schemas, table: str) -> sql.Composable:
    return sql.SQL("COPY {} TO STDOUT (FORMAT BINARY)").format(schemas.table(table))


def _used() -> float:
    """Give the seconds that all processors of the machine have worked, for whomever: it wants a quiet machine."""
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system)
