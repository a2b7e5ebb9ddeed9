"""Ningbo whole: 5,113,100 residents with sixty facts each, scored from an export on two threads.

The city is written first as `points export` writes it (some minutes, some gigabytes; `--city` keeps it); only
reading and scoring are timed. What a resident costs must not grow with the city. With `--spark` the same files are
then scored on a cluster of one master and two workers with a core each, which must say the same.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from projections.engines.parquet import PartReader, write_parts
from projections.exports.layout import MANIFEST, read_manifest
from projections.exports.populations import ExportPopulation
from projections.spark.parts import Job, PartScore, PopulationScore, parts_of, score_part, scores_here, together
from tests.benchmarks.population import AT, RULEBOOKS, at_most, peak_mb
from tests.benchmarks.report import Figure, figure, interleaved, report
from tests.exported_towns import export_town, town_by_places
from tests.populations import PART

RESIDENTS = 5_113_100
SIZES = (100_000, 200_000, 500_000, 1_000_000, 2_000_000, 3_500_000, RESIDENTS)
SECONDS_GOAL, MEMORY_GOAL_MB = 90.0, 8_192.0
GROWTH_MOST = 1.25
"""By how much a resident of the whole city may cost more than one of its first hundred thousand."""
READING_MOST = 1.5
"""How many times as much an export may cost to read as the engines' own files."""
_READ_PARTS, _READ_ROUNDS = 7, 5
_WORKERS = 2


def options(parser: argparse.ArgumentParser) -> None:
    """Name what can be asked."""
    parser.add_argument("--spark", action="store_true", help="score it on a cluster too (Java 17, pyspark)")
    parser.add_argument("--city", type=Path, help="where the city lies, or is to be written and kept")


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Write the city, then score its first parts and all of it."""
    with _city(asked.city) as (folder, written):
        job = Job(str(folder), RULEBOOKS.documents, AT.as_of)
        score_part(job, 0)  # the calendar is made, the libraries are loaded
        whole, sizes = _scored(job)
        # Of processors: what else a machine does meanwhile makes the clock's time longer, and this hardly.
        costs = [one.processor_s / one.residents * 1e6 for one in sizes]
        seconds = sizes[-1].seconds
        figures = [
            at_most("Ningbo whole from an export, two threads", [seconds], "s", SECONDS_GOAL),
            figure("Ningbo whole from an export, processors", [sizes[-1].processor_s], "s"),
            figure("Ningbo whole from an export, facts", [whole.rows / seconds], "facts/s"),
            at_most("peak memory", [sizes[-1].memory_mb], "MB", MEMORY_GOAL_MB),
            *(
                figure(f"processor time of a resident among the first {one.residents:,}", [cost], "µs")
                for one, cost in zip(sizes, costs, strict=True)
            ),
            at_most(
                "processor time of a resident, whole city to first part",
                [costs[-1] / costs[0]],
                "times",
                GROWTH_MOST,
            ),
            figure("the export", [_megabytes(folder)], "MB"),
            *([figure("writing it, two processes", [written], "s")] if written else []),
            *_reading(folder),
        ]
        if asked.spark:
            figures += _on_spark(job, whole, seconds)
    return {**report("ningbo", figures), "digest": whole.sha256, "series": [one._asdict() for one in sizes]}


@contextmanager
def _city(kept: Path | None) -> Iterator[tuple[Path, float]]:
    """Give the folder of the city, and the seconds that writing it took: 0 where it lay there."""
    if kept is not None and (kept / MANIFEST).exists():
        yield kept, 0.0
        return
    with tempfile.TemporaryDirectory(prefix="points-ningbo-") as folder:
        where = kept or Path(folder)
        began = time.perf_counter()
        export_town(where, RESIDENTS, AT.as_of)
        yield where, time.perf_counter() - began


class Reached(NamedTuple):
    """How long the first so many residents took, by the clock and of processors, and the most memory held then."""

    residents: int
    seconds: float
    processor_s: float
    memory_mb: float


def _scored(job: Job) -> tuple[PopulationScore, list[Reached]]:
    """Score the city on two threads; note the time at each of the sizes."""
    parts: list[PartScore] = []
    sizes = [min(-(-many // PART), len(parts_of(job))) for many in SIZES]
    reached = []
    began, used = time.perf_counter(), time.process_time()
    for part in scores_here(job, threads=2):
        parts.append(part)
        if len(parts) in sizes:
            spent = round(time.perf_counter() - began, 3), round(time.process_time() - used, 3)
            reached.append(Reached(sum(one.residents for one in parts), *spent, round(peak_mb(), 1)))
    return together(parts), reached


def _megabytes(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*.parquet")) / 2**20


def _reading(folder: Path) -> list[Figure]:
    """Read the first parts of the export, and the same residents from the engines' own files."""
    population, numbers = ExportPopulation(folder), range(min(_READ_PARTS, len(read_manifest(folder).parts)))
    rows: int = sum(population.manifest.parts[number]["rows"] for number in numbers)
    with tempfile.TemporaryDirectory(prefix="points-own-") as own:
        write_parts(Path(own), town_by_places(len(numbers) * PART))
        reader = PartReader(Path(own))

        def export() -> float:
            return _processor_ms(lambda number: population.part(number).batch.rows, numbers) / rows * 1e6

        def engines() -> float:
            return _processor_ms(lambda number: reader.read(number).rows, numbers) / rows * 1e6

        spent = interleaved({"export": export, "own": engines}, _READ_ROUNDS)
    times = [one / other for one, other in zip(spent["export"], spent["own"], strict=True)]
    return [
        figure("reading a million rows of an export, processor", spent["export"], "ms"),
        figure("reading a million rows of the engines' own", spent["own"], "ms"),
        at_most("reading an export, to the engines' own", times, "times", READING_MOST),
    ]


def _processor_ms(read: Callable[[int], int], numbers: range) -> float:
    began = time.process_time()
    for number in numbers:
        if not read(number):
            raise AssertionError("nothing was read")
    return (time.process_time() - began) * 1e3


def _on_spark(job: Job, here: PopulationScore, seconds: float) -> list[Figure]:
    """Score the city on a cluster started for it. Its start is not counted among the seconds, but told."""
    # Imported here: pyspark is an extra, and the rest of this benchmark does without.
    from projections.spark.cluster import cluster  # noqa: PLC0415
    from projections.spark.scoring import score_there  # noqa: PLC0415
    from tests.spark.sessions import connected  # noqa: PLC0415

    began = time.perf_counter()
    with (
        tempfile.TemporaryDirectory(prefix="points-cluster-") as folder,
        cluster(Path(folder), _WORKERS) as running,
        connected(running) as spark,
    ):
        started = time.perf_counter() - began
        began = time.perf_counter()
        there = score_there(spark, job)
        spent = time.perf_counter() - began
    return [
        figure("Spark, one master and two workers of one core", [spent], "s"),
        figure("Spark, to two threads of one process", [spent / seconds], "times"),
        figure("Spark, starting the cluster", [started], "s"),
        at_most("Spark, digests that differ from the process's", [float(there != here)], "digests", 0),
    ]
