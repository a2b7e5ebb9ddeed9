"""The bundle of a decision on 500 facts: how large it is, and how long it takes to verify and recompute it offline.

The limit of verifying is deciding alone: the same rules on the same rows, with nothing read, hashed or proven.
"""

import gc
import tempfile
import time
from pathlib import Path
from typing import Any

from domain.decision import decide
from domain.rulebook import read_tree
from domain.rulebook.resolution import RulebookSet
from ledger.evidence.bundle import read_bundle
from ledger.evidence.checking import check_bundle, facts_of, inputs_of
from ledger.installation import bundled
from tests.benchmarks.report import ROUNDS, figure, interleaved, report
from tests.bundles import decided
from tests.database import cluster, fresh_ledger

FACTS = 500
BYTES_MAX, SECONDS_MAX = 262_144.0, 1.0


def measure() -> dict[str, Any]:
    """Make one bundle on a ledger of its own, and check it in interleaved rounds."""
    with (
        tempfile.TemporaryDirectory() as folder,
        cluster(Path(folder), bundled()) as server,
        fresh_ledger(server) as database,
        decided(database, FACTS) as given,
    ):
        began = time.perf_counter()
        bundle, content = given.bundle()
        making = time.perf_counter() - began
        policy, document = given.trusted.policy, given.document
    found = check_bundle(bundle, policy)
    books = RulebookSet.of(map(read_tree, bundle.rulebooks))
    inputs = inputs_of(bundle, found.decision, dict(facts_of(bundle)))

    def verified() -> float:
        began = _began()
        if check_bundle(read_bundle(content), policy).verdict != "valid":
            raise AssertionError("the bundle does not hold")
        return time.perf_counter() - began

    def recomputed() -> float:
        began = _began()
        decide(document, books, inputs)
        return time.perf_counter() - began

    seconds = interleaved({"verified": verified, "recomputed": recomputed}, ROUNDS)
    return report(
        "bundle",
        [
            figure("bundle of 500 facts", [float(len(content))], "bytes", goal=BYTES_MAX, at_most=True),
            figure(
                "verified and recomputed offline",
                seconds["verified"],
                "s",
                limit=seconds["recomputed"],
                goal=SECONDS_MAX,
                at_most=True,
            ),
            figure("made from the ledger", [making], "s"),
        ],
        f"{found.facts} entries opened",
    )


def _began() -> float:
    gc.collect()
    return time.perf_counter()
