"""One part of an export scored, by whoever: a loop on one machine, or a worker of a cluster. No Spark in here.

The digest of a population is the hash of its parts' digests in their order, so that it does not depend on who
scored which part, nor when.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from domain.rulebook import Document, RulebookSet, as_published, resolve
from projections.engines.population import Digest
from projections.exports.columns import ColumnPart
from projections.exports.populations import ExportPopulation
from projections.simulation.comparison import by_place
from projections.simulation.scoring import Here, PlanFolder


class PartScore(NamedTuple):
    """What came of one part: how many residents and rows, the sum of their totals, the digest of every number."""

    part: int
    residents: int
    rows: int
    total: int
    sha256: str


class Job(NamedTuple):
    """What a part is scored under: where the export is, the rulebooks, the day."""

    folder: str
    documents: Sequence[Document]
    as_of: date


def score_part(job: Job, number: int) -> PartScore:
    """Score one part under the rulebooks in force where its residents live. Raises ExportDamaged."""
    population = ExportPopulation(Path(job.folder), job.as_of)
    part = population.part(number)
    rows, residents = part.batch.rows, part.batch.residents
    whole, total, folder = hashlib.sha256(), 0, PlanFolder()
    for here, rulebooks in _alike(part, job):
        digest = Digest()
        scores = folder.fold(here, [rulebooks], job.as_of).scores(rulebooks)
        digest.add(scores)
        total += int(scores.total.sum())
        whole.update(f"{here.place} {rulebooks.hash} {digest.hex()}\n".encode())
    return PartScore(number, residents, rows, total, whole.hexdigest())


def _alike(part: ColumnPart, job: Job) -> Iterator[tuple[Here, RulebookSet]]:
    """Cut a part where other rulebooks begin to be in force: neighbours under the same ones are scored at once."""
    published = as_published(job.documents)
    resolved = ((here, resolve(published, here.place, job.as_of)) for here in by_place(part))
    for _, alike in groupby(resolved, key=lambda pair: pair[1].hash):
        places = list(alike)
        first, rulebooks = places[0]
        yield first._replace(last=places[-1][0].last), rulebooks


class PopulationScore(NamedTuple):
    """What came of a whole population."""

    residents: int
    rows: int
    total: int
    sha256: str


def together(parts: Iterable[PartScore]) -> PopulationScore:
    """Put parts together, in their order, whatever order they came in."""
    ordered = sorted(parts)
    digests = "\n".join(part.sha256 for part in ordered)
    return PopulationScore(
        sum(part.residents for part in ordered),
        sum(part.rows for part in ordered),
        sum(part.total for part in ordered),
        hashlib.sha256(digests.encode()).hexdigest(),
    )


def parts_of(job: Job) -> list[int]:
    """Number the parts of the job's export. Raises ExportDamaged."""
    return list(range(len(ExportPopulation(Path(job.folder), job.as_of).manifest.parts)))


def score_here(job: Job, threads: int = 1) -> PopulationScore:
    """Score every part in this process, so many at once."""
    return together(scores_here(job, threads))


def scores_here(job: Job, threads: int = 1) -> Iterator[PartScore]:
    """Score every part in this process, so many at once; give them in their order as they are done."""
    if threads <= 1:
        yield from (score_part(job, number) for number in parts_of(job))
        return
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(partial(score_part, job), parts_of(job))
