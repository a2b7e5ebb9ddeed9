"""Stored decisions recomputed from the ledger byte for byte, on all processors, in bounded memory.

`--decisions 1000000` is the whole; without it a sample. Every decision must come out the same, or nothing is
measured. The limit is reading and opening the same decisions in one process, times the processes.
"""

import argparse
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from ledger.installation import bundled
from projections.cases import Cases
from projections.decisions import kept
from projections.replaying import Done, replay_all, spans
from tests.benchmarks.report import figure, report
from tests.database import cluster, fresh_ledger
from tests.decided import PART, Slice, cases_of, decide_slice, fold, open_cases, settle_down
from tests.projections.given import GivenLedger

DECISIONS = 4_000
PER_RESIDENT = 20
PER_POSITION = 50_000
OPENED = 4_000
TELL_SECONDS = 5.0
MEGABYTE_KIB = 1024


def options(parser: argparse.ArgumentParser) -> None:
    """Take how many decisions, and how many processes."""
    parser.add_argument("--decisions", type=int, default=DECISIONS, help="how many; 1000000 is the whole")
    parser.add_argument("--processes", type=int, default=2)


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Make the decisions, replay them all, and read a part of them alone."""
    with (
        tempfile.TemporaryDirectory(prefix="points-replay-") as folder,
        cluster(Path(folder), bundled()) as server,
        fresh_ledger(server) as database,
    ):
        ledger = GivenLedger(database)
        made = _make(ledger, asked.decisions, asked.processes)
        with ledger.connect() as connection:
            cases = cases_of(ledger, connection)
            opened = [_opened(cases, min(OPENED, asked.decisions)) for _ in range(3)]
            began = time.perf_counter()
            with cases.at() as snapshot:
                counts = _replayed(ledger, spans(snapshot), asked)
            seconds = time.perf_counter() - began
        ledger.close()
    if counts != {"same": asked.decisions}:
        raise AssertionError(counts)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / MEGABYTE_KIB
    return report(
        "replay",
        [
            figure(
                "decisions replayed byte-equal",
                [asked.decisions / seconds],
                "/s",
                limit=[rate * asked.processes for rate in opened],
            ),
            figure("decisions", [float(asked.decisions)], "decisions"),
            figure("replaying them", [seconds / 60], "minutes"),
            figure("making and recording them", [made / 60], "minutes"),
            figure("largest process", [peak], "MB", goal=1_000, at_most=True),
        ],
    )


def _make(ledger: GivenLedger, decisions: int, processes: int) -> float:
    """Make residents, then decisions, each 50,000 on what was known by then; give the seconds."""
    began = time.perf_counter()
    residents = max(1, decisions // PER_RESIDENT)
    settle_down(ledger, residents)
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for first in range(0, decisions, PER_POSITION):
            last, as_at = min(first + PER_POSITION, decisions), _known(ledger)
            step = -(-(last - first) // processes // PART) * PART or PART
            parts = [Slice(at, min(at + step, last), as_at, residents) for at in range(first, last, step)]
            sum(pool.map(partial(decide_slice, ledger.database.url), parts))
            _tell("made", last, decisions, began)
    fold(ledger)
    with ledger.database.connect() as admin:
        admin.execute("VACUUM ANALYZE")
    return time.perf_counter() - began


def _known(ledger: GivenLedger) -> int:
    """Give the position that the projections have reached."""
    fold(ledger)
    return ledger.head()


def _opened(cases: Cases, most: int) -> float:
    """Read and open decisions, and do nothing with them; give how many a second."""
    began, read = time.perf_counter(), 0
    with cases.at() as snapshot:
        for span in spans(snapshot):
            read += len(kept(snapshot, after=span.after, until=span.until))
            if read >= most:
                break
    return read / (time.perf_counter() - began)


def _replayed(ledger: GivenLedger, wanted: Iterator[Any], asked: argparse.Namespace) -> Counter[str]:
    began = told = time.perf_counter()
    counts: Counter[str] = Counter()
    for done in replay_all(partial(open_cases, ledger.database.url), wanted, asked.processes):
        counts += _checked(done)
        if time.perf_counter() - told > TELL_SECONDS:
            told = time.perf_counter()
            _tell("replayed", counts.total(), asked.decisions, began)
    return counts


def _checked(done: Done) -> Counter[str]:
    """Give the counts of a span in which every decision came out the same."""
    if done.others:
        raise AssertionError(done.others[0])
    return done.counts


def _tell(what: str, done: int, whole: int, began: float) -> None:
    rate = done / (time.perf_counter() - began)
    sys.stderr.write(f"{what} {done:,} / {whole:,} · {rate:,.0f}/s · {(whole - done) / rate:,.0f} s left\n")
