"""The transparency log on a large ledger: leaves taken in, heads signed, proofs given, everything checked.

The limit is what reading the same leaves in the same steps and hashing each once costs: less no tree can do. Then a
tree of ten million leaves (large_tree.py), and the log and a witness beside appends (witnessed.py).
"""

import argparse
import random
import tempfile
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from ledger.commit import tuples
from ledger.database import Database
from ledger.installation import bundled
from ledger.suites import SUITES
from ledger.transparency.checking import check_log
from ledger.transparency.log import LEAVES_A_STEP, LogKeeper
from ledger.transparency.notes import Ed25519Signer
from tests.benchmarks import large_tree, witnessed
from tests.benchmarks.large_ledger import grow
from tests.benchmarks.report import Figure, figure, report
from tests.database import cluster, fresh_ledger
from tests.entries import stored
from tests.projections.given import GivenLedger

ENTRIES = 1_000_000
SUBJECTS = 100_000
PROOFS = 200
HEADS = 20
LEAVES_GOAL, CHECKED_GOAL = 100_000.0, 200_000.0
PROOF_BYTES_MAX, PROOF_MS_MAX = 2_048.0, 5.0
SUITE = SUITES["intl"]


def options(parser: argparse.ArgumentParser) -> None:
    """Name the options."""
    parser.add_argument("--entries", type=int, default=ENTRIES, help="entries in the ledger")
    parser.add_argument("--leaves", type=int, default=large_tree.LEAVES, help="leaves of the large tree; 0: none")
    parser.add_argument("--people", type=int, default=witnessed.IMPORTED, help="imported beside appends; 0: none")


def timed(work: Callable[[], object]) -> float:
    """Give the seconds of a piece of work."""
    began = perf_counter()
    work()
    return perf_counter() - began


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Measure on one ledger of so many entries."""
    with tempfile.TemporaryDirectory(prefix="points-tree-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with cluster(folder, bundled()) as server:
            with fresh_ledger(server) as database:
                figures = _followed(database, asked.entries)
            if asked.leaves:
                figures += large_tree.measure(server, folder, asked.leaves)
        if asked.people:
            figures += witnessed.measure(folder / "months", asked.people)
    return report("tree", figures, f"{asked.entries:,} entries")


def _followed(database: Database, entries: int) -> list[Figure]:
    with closing(GivenLedger(database)) as ledger:
        ledger.append_stored([stored()])
        grow(ledger, entries, min(SUBJECTS, entries))
        signer = Ed25519Signer("ledger.example/points", SUITE.hash(b"benchmark"))
        keeper = LogKeeper.open(database, SUITE, signer)
        with closing(keeper.reader.connection):
            return _figures(keeper, entries)


def _figures(keeper: LogKeeper, entries: int) -> list[Figure]:
    read, grown, signed = [], [], []
    left, position = entries, 0
    while left:
        step = min(left, max(LEAVES_A_STEP, entries // HEADS))
        seconds, position = _read(keeper, position, step)
        read.append(step / seconds)
        grown.append(step / timed(partial(_follow, keeper, step)))
        signed.append(timed(keeper.sign) * 1_000)
        left -= step
    chance = random.Random(20_261)
    positions = [chance.randint(1, entries) for _ in range(PROOFS)]
    proofs = [keeper.reader.proof(one) for one in positions]
    proving = [timed(partial(keeper.reader.proof, one)) * 1_000 for one in positions]
    checking = timed(lambda: check_log(keeper.reader, keeper.signer.verifier))
    return [
        figure("leaves taken into the tree", grown, "leaves/s", limit=read, goal=LEAVES_GOAL),
        figure("a head signed", signed, "ms"),
        figure("a proof given", proving, "ms", goal=PROOF_MS_MAX, at_most=True),
        figure(
            "a proof's text",
            [float(len(one.text().encode())) for one in proofs],
            "bytes",
            goal=PROOF_BYTES_MAX,
            at_most=True,
        ),
        figure("leaves, tiles and heads checked", [entries / checking], "leaves/s", goal=CHECKED_GOAL),
    ]


def _follow(keeper: LogKeeper, leaves: int) -> None:
    while leaves:
        leaves -= keeper.follow(min(leaves, LEAVES_A_STEP))


def _read(keeper: LogKeeper, after: int, leaves: int) -> tuple[float, int]:
    """Read leaves as the log does, and hash each once; give the seconds, and the last position."""
    began, hashed = perf_counter(), SUITE.hash
    while leaves:
        rows = tuples(keeper.reader.connection).execute(
            "SELECT notification_id, leaf FROM entries WHERE notification_id > %s"
            " ORDER BY notification_id LIMIT %s",
            [after, min(leaves, LEAVES_A_STEP)],
        )
        page = rows.fetchall()
        for _, leaf in page:
            hashed(leaf)
        after, leaves = page[-1][0], leaves - len(page)
    return perf_counter() - began, after
