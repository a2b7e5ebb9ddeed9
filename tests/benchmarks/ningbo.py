"""Ningbo whole: 5,113,100 residents with sixty facts each, scored from Parquet on two threads; and its first parts.

The city is written first (some minutes, some gigabytes); only reading and scoring are timed. What a resident costs
must not grow with the city.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from projections.engines.batch import Batch
from projections.engines.parquet import loads, write_parts
from projections.engines.population import Digest, Population
from tests.benchmarks.population import AT, RULEBOOKS, at_most, peak_mb
from tests.benchmarks.report import figure, report
from tests.populations import PART, town

RESIDENTS = 5_113_100
SIZES = (100_000, 500_000, 1_000_000, 2_000_000, RESIDENTS)
SECONDS_GOAL, MEMORY_GOAL_MB = 90.0, 8_192.0
GROWTH_MOST = 1.25
"""By how much a resident of the whole city may cost more than one of its first hundred thousand."""


def scored(parts: Sequence[Callable[[], Batch]]) -> tuple[float, int, str]:
    """Score parts from Parquet. Give seconds, residents and the digest."""
    found = Digest()
    began = time.perf_counter()
    for scores in Population(RULEBOOKS, threads=2).score(parts, AT):
        found.add(scores)
    return time.perf_counter() - began, found.residents, found.hex()


def measure() -> dict[str, Any]:
    """Write the city, then score its first parts and all of it."""
    with tempfile.TemporaryDirectory(prefix="points-ningbo-") as folder:
        began = time.perf_counter()
        facts = write_parts(Path(folder), town(RESIDENTS))
        written = time.perf_counter() - began
        size = sum(file.stat().st_size for file in Path(folder).iterdir()) / 2**20
        parts = loads(Path(folder))
        scored(parts[:2])  # the calendar is made, the libraries are loaded
        runs = [scored(parts[: -(-many // PART)]) for many in SIZES]
    costs = [seconds / residents * 1e6 for seconds, residents, _ in runs]
    whole = runs[-1][0]
    figures = [
        at_most("Ningbo whole from Parquet, two threads", [whole], "s", SECONDS_GOAL),
        figure("Ningbo whole from Parquet, facts", [facts / whole], "facts/s"),
        at_most("peak memory", [peak_mb()], "MB", MEMORY_GOAL_MB),
        *(
            figure(f"cost of a resident among {residents:,}", [cost], "µs")
            for (_, residents, _), cost in zip(runs, costs, strict=True)
        ),
        at_most("cost of a resident, whole city to first part", [costs[-1] / costs[0]], "times", GROWTH_MOST),
        figure("Parquet", [size], "MB"),
        figure("writing it", [written], "s"),
    ]
    return {**report("ningbo", figures), "digest": runs[-1][2]}
