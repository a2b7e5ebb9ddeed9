"""How fast entries are appended, beside COPY and INSERT into an identical table in the same run.

With `--entries` the same is measured on a ledger that holds so many already, in turns with the empty one. `--kept`
names a folder in which that ledger is made and stays: fifty million entries take 32 GB and half an hour.
"""

import argparse
import gc
import multiprocessing
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from ledger.database import Database
from ledger.embedded import Embedded, serve
from ledger.installation import bundled
from ledger.migrate import migrate
from tests.benchmarks.large_ledger import grow, warm
from tests.benchmarks.report import Figure, figure, interleaved, report
from tests.benchmarks.writers import FACT, THREADS, Writers, keep_importing, waits
from tests.database import cluster, fresh_ledger
from tests.projections.given import GivenLedger, subject

SUBJECTS = 20_000
ENTRIES_OF_A_SUBJECT = 25
IMPORT_SECONDS = 12.0
SINGLES_A_SECOND = 100
ENTRIES, TIMES, MS, US, PER = "entries/s", "times", "ms", "µs", "per entry"


def options(parser: argparse.ArgumentParser) -> None:
    """Name what can be asked."""
    parser.add_argument("--entries", type=int, default=0, help="measure on a ledger of so many entries too")
    parser.add_argument("--kept", type=Path, help="where that ledger lies, or is to be made and kept")


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Measure on the embedded server, five interleaved rounds."""
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="points-bench-")))
        folder.chmod(0o711)
        server = held.enter_context(cluster(folder, bundled()))
        small = Writers(held.enter_context(fresh_ledger(server)), SUBJECTS)
        held.callback(small.close)
        large = None
        if asked.entries:
            database = held.enter_context(_large(asked.kept or folder / "large", asked.entries))
            large = Writers(database, SUBJECTS)  # as many people are active as in the empty ledger
            held.callback(large.close)
        figures = _measured(small, large, asked.entries)
    return report("append", figures, "PostgreSQL 18")


def _measured(small: Writers, large: Writers | None, entries: int) -> list[Figure]:
    jobs = {
        "copy": small.copy,
        "ready": small.ready,
        "whole": small.whole,
        "library": small.library,
        "insert": small.insert,
        "record": small.record,
        "record 1": lambda: small.record(1),
    }
    if large is not None:
        jobs |= {"large copy": large.copy, "large ready": large.ready, "large record": large.record}
    for writers in (small, large):
        if writers is not None:  # connections, statements and pages are warm, chunks have found their size
            writers.ready()
            writers.record()
            writers.held.clear()
            writers.costs.clear()
    gc.collect()
    gc.freeze()
    try:
        found = interleaved(jobs)
        found["syncs"] = [small.syncs()]
        found["held"] = small.held
        found |= {f"cost of {name}": costs for name, costs in small.costs.items()}
        turns, waited = _beside_an_import(small)
        found["turns"], found["waited"] = [1_000 * one for one in turns], [1_000 * one for one in waited]
    finally:
        gc.unfreeze()
    return _figures(found) + ([] if large is None else _large_figures(found, large.held, entries))


def _beside_an_import(writers: Writers) -> tuple[list[float], list[float]]:
    """Give the seconds of an import's turns, and those that single facts waited for their receipts meanwhile."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=keep_importing, args=(writers.ledger.database, SUBJECTS, there)
    )
    process.start()
    here.recv()
    waited = waits(writers, IMPORT_SECONDS, SINGLES_A_SECOND)
    here.send("stop")
    turns = here.recv()
    process.join()
    return turns, waited


def _figures(found: dict[str, list[float]]) -> list[Figure]:
    copy, insert, record = found["copy"], found["insert"], found["record"]
    return [
        figure("COPY of ready blocks into an identical table: the limit", copy, ENTRIES),
        figure("ready entries through the recorder, per second of turn held", found["held"], ENTRIES, limit=copy),
        figure("ready entries per second of turn held, times COPY", _times(found["held"], copy), TIMES, goal=0.6),
        figure("ready entries through the recorder", found["ready"], ENTRIES, limit=copy),
        figure("from facts, seals and commitments included, one thread", found["whole"], ENTRIES, limit=copy),
        figure("turn held by an import, 99 of 100", [_percentile(found["turns"], 99)], MS, goal=50, at_most=True),
        figure("single facts beside it, median", [_percentile(found["waited"], 50)], MS),
        figure("single facts beside it, 99 of 100", [_percentile(found["waited"], 99)], MS, goal=80, at_most=True),
        figure(f"the library's own recorder, {THREADS} threads", found["library"], ENTRIES),
        figure(f"raw INSERT a commit into an identical table, {THREADS} threads", insert, ENTRIES),
        figure(f"single facts through the use case, {THREADS} threads", record, ENTRIES, limit=insert),
        figure("single facts, times the library's recorder", _times(record, found["library"]), TIMES, goal=4),
        figure("single facts, times the raw INSERT", _times(record, insert), TIMES, goal=1.5),
        figure("single facts: processor time, ours and the server's", found["cost of record"], US),
        figure("raw INSERT: processor time, ours and the server's", found["cost of insert"], US),
        figure("single facts: the log forced to the disk", found["syncs"], PER, goal=0.1, at_most=True),
        figure("single facts through the use case, 1 thread", found["record 1"], ENTRIES, limit=insert),
    ]


def _large_figures(found: dict[str, list[float]], held: list[float], entries: int) -> list[Figure]:
    at = f"at {entries:,} entries: "
    kept = _times(found["large record"], found["record"])
    return [
        figure(at + "COPY of ready blocks", found["large copy"], ENTRIES),
        figure(at + "per second of turn held, times COPY", _times(held, found["large copy"]), TIMES),
        figure(at + f"single facts, {THREADS} threads", found["large record"], ENTRIES),
        figure(at + "single facts, times those in the empty ledger", kept, TIMES, goal=0.85),
    ]


def _times(ours: list[float], theirs: list[float]) -> list[float]:
    """Compare round by round: what disturbed one of them disturbed the other."""
    return [one / other for one, other in zip(ours, theirs, strict=True)]


def _percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]


@contextmanager
def _large(folder: Path, entries: int) -> Iterator[Database]:
    """Give a ledger of so many entries in a data directory of its own; make it where there is none."""
    fresh = not folder.exists()
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711)
    if fresh:
        with serve(folder) as server:
            _configure(server, {"wal_level": "minimal", "max_wal_senders": "0", "autovacuum": "off"})
        with serve(folder) as server:
            with psycopg.connect(server.url, autocommit=True) as admin:
                admin.execute("CREATE DATABASE large")
            database = Database(server.url_of("large"), embedded=True)
            migrate(database)
            ledger = GivenLedger(database)
            ledger.append(subject(1), FACT)
            grow(ledger, entries, entries // ENTRIES_OF_A_SUBJECT)
            ledger.close()
            _configure(server, {})
    with serve(folder) as server:
        database = Database(server.url_of("large"), embedded=True)
        migrate(database)
        warm(database)
        yield database


def _configure(server: Embedded, settings: dict[str, str]) -> None:
    """Settings for the server's next start."""
    with psycopg.connect(server.url, autocommit=True) as admin:
        admin.execute("ALTER SYSTEM RESET ALL")
        for name, value in settings.items():
            admin.execute(f"ALTER SYSTEM SET {name} = '{value}'")
