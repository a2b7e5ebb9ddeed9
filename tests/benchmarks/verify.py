"""`points verify` of a whole ledger, part by part: what is read, leaves and chains, the tree, and states apart.

The ledger is one of imported months, so that every entry opens under its owner's key. The limit of leaves and
chains is reading the same pages and looking at nothing.
"""

import argparse
import os
import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

import psycopg

from ledger.database import Role
from ledger.embedded import serve
from ledger.installation import bundled
from ledger.mapper import EntryMapper
from ledger.opening import at_work
from ledger.suites import SUITES
from ledger.transparency.checking import check_log
from ledger.transparency.log import LogKeeper, LogReader
from ledger.transparency.notes import Ed25519Signer
from ledger.verification import Others, verify_entries
from ledger.verification.pages import place_of, read_page
from ledger.verification.walking import PAGE, check_span, parted
from tests.benchmarks.months import Months, database_of, processor_seconds
from tests.benchmarks.report import Figure, figure, report

RESIDENTS, MONTHS, ROUNDS = 50_000, 20, 3
HEADS, SPANS = 20, 100
GOAL = 200_000.0
SUITE = SUITES["intl"]
SIGNER = Ed25519Signer("ledger.example/points", SUITE.hash(b"benchmark"))


def options(parser: argparse.ArgumentParser) -> None:
    """Name the options."""
    parser.add_argument("--residents", type=int, default=RESIDENTS, help="people in the ledger")
    parser.add_argument("--months", type=int, default=MONTHS, help="entries of each of them")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--kept", type=Path, help="a folder whose ledger is made once and used again")


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Make the ledger, keep its log, and check it in rounds."""
    folder = nullcontext(asked.kept) if asked.kept else tempfile.TemporaryDirectory(prefix="points-verify-")
    with folder as name, Months(Path(name)) as town:
        if not town.loaded.month:
            town.known(asked.residents)
            town.imported(asked.residents, months=asked.months)
        keeper = LogKeeper.open(town.database, SUITE, SIGNER)
        with closing(keeper.reader.connection):
            _log(keeper, random.Random(20_261))
        return _measured(town, asked.rounds)


def _log(keeper: LogKeeper, chance: random.Random) -> None:
    """Let the log catch up, and sign some heads of sizes by chance."""
    while keeper.follow(chance.randrange(8_192, 16_384)):
        if chance.random() < 1 / HEADS:
            keeper.sign()
    keeper.sign()


def _measured(town: Months, rounds: int) -> dict[str, Any]:
    opening = partial(opened, town.folder)
    others = Others(opening, len(os.sched_getaffinity(0)))
    with opening() as (connection, _), keys(town.folder) as mapper:
        [[entries]] = connection.execute("SELECT count(*) FROM entries").fetchall()
        reader = LogReader(connection, SUITE)

        def chains(**how: Any) -> None:
            found = verify_entries(connection, None, contents=False, **how)
            if not found.sound or found.entries != entries:
                raise AssertionError(found.findings[:3])

        def tree() -> None:
            found = check_log(reader, SIGNER.verifier)
            if found.findings or found.leaves != entries:
                raise AssertionError(found.findings[:3])

        def together() -> None:
            chains(others=others)
            tree()

        def timed(job: Callable[[], object]) -> list[float]:
            return [entries / _seconds(job) for _ in range(rounds)]

        def costed(job: Callable[[], object]) -> list[float]:
            """Give the rate of processors that nobody else uses: from their time, ours and the server's."""
            rates = []
            for _ in range(rounds):
                before = processor_seconds(town.server)
                job()
                rates.append(entries / (processor_seconds(town.server) - before) * others.processes)
            return rates

        read = timed(lambda: _read(connection))
        figures: list[Figure] = [
            figure("read, nothing checked", read, "entries/s"),
            figure("leaves, chains and time, one process", timed(chains), "entries/s", limit=read),
            figure("leaves, chains and time, both", timed(lambda: chains(others=others)), "entries/s", limit=read),
            figure("the tree, its tiles and heads", timed(tree), "entries/s"),
            figure("leaves, tree and chains", timed(together), "entries/s", limit=read, goal=GOAL),
            figure("the same, by the processors' time", costed(together), "entries/s", goal=GOAL),
            figure(
                "states without keys besides",
                timed(lambda: verify_entries(connection, None, others=others)),
                "entries/s",
            ),
            figure("states opened with their owners' keys", [_opened_rate(connection, mapper)], "entries/s"),
        ]
    return report("verify", figures, f"{entries:,} entries")


def _read(connection: psycopg.Connection[Any]) -> None:
    after = (UUID(int=0), -1)
    while page := read_page(connection, after, None, PAGE):
        after = place_of(page[-1])


def _opened_rate(connection: psycopg.Connection[Any], mapper: EntryMapper) -> float:
    """Open the entries of some streams."""
    began = perf_counter()
    found = check_span(connection, mapper, next(parted(SPANS)))
    if not found.sound or found.bound != found.entries:
        raise AssertionError(found.findings[:3])
    return found.entries / (perf_counter() - began)


def _seconds(job: Callable[[], object]) -> float:
    began = perf_counter()
    job()
    return perf_counter() - began


@contextmanager
def opened(folder: Path) -> Iterator[tuple[psycopg.Connection[Any], EntryMapper | None]]:
    """Connect as an auditor who opens nothing."""
    with serve(folder / "server", bundled()) as server, database_of(server).connect(Role.AUDITOR) as connection:
        yield connection, None


@contextmanager
def keys(folder: Path) -> Iterator[EntryMapper]:
    """Open the vault."""
    with (
        serve(folder / "server", bundled()) as server,
        at_work(database_of(server), folder / "key", os.urandom) as desk,
    ):
        yield desk.ledger.entry_mapper
