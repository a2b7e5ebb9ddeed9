"""One simulation from beginning to end: read, compare, count, and say by a hash what it was made of."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import domain
import projections
from domain.rulebook import Document
from projections.simulation.comparison import Comparison
from projections.simulation.counting import Counts, count
from projections.simulation.examples import Examples
from projections.simulation.population import Population
from projections.simulation.scoring import Folder, RowKey
from projections.simulation.worlds import Worlds

Progress = Callable[[int, float], None]
"""Is told how many residents are done, and which share of the whole that is."""


@dataclass(frozen=True)
class Question:
    """What is asked. `thresholds` by programme, in units of 10^-4; `current` names the compared documents."""

    as_of: date
    current: tuple[tuple[str, str], ...]
    thresholds: Mapping[str, int]
    quota: int | None = None
    vary: tuple[str, ...] = ()


@dataclass(frozen=True)
class Simulation:
    """What came of it. `inputs` is everything that the run id is the hash of."""

    run_id: str
    inputs: dict[str, Any]
    question: Question
    draft: tuple[tuple[str, str], ...]
    counts: Counts
    districts: tuple[str, ...]
    items: tuple[RowKey, ...]
    variants: tuple[str, ...]
    left_out: int
    as_at: int | None
    labels: Mapping[str, tuple[str, str]]
    """Rows by `doc/id`, named in Chinese and in English."""


def simulate(
    population: Population,
    worlds: Worlds,
    folder: Folder,
    question: Question,
    progress: Progress = lambda _done, _share: None,
    examples: Examples | None = None,
) -> Simulation:
    """Compare what is in force with the draft for everybody. `progress` is told how far it is."""
    comparison = Comparison(worlds, folder, question.as_of, question.thresholds, examples)
    done = 0
    for part in population.parts():
        comparison.add(part)
        done += part.batch.residents
        progress(done, population.share)
    everybody = comparison.everybody()
    counts = count(comparison, everybody, question.thresholds, question.quota)
    inputs = inputs_of(population, worlds, question)
    return Simulation(
        run_id=run_id_of(inputs),
        inputs=inputs,
        question=question,
        draft=tuple((one.rulebook.doc, one.hash) for one in worlds.draft),
        counts=counts,
        districts=tuple(sorted(comparison.districts)),
        items=tuple(comparison.items),
        variants=tuple(one.name for one in comparison.tried),
        left_out=population.left_out,
        as_at=population.as_at,
        labels=worlds.labels,
    )


def inputs_of(population: Population, worlds: Worlds, question: Question) -> dict[str, Any]:
    """Give everything that a result depends on, as JSON values."""
    return {
        "as_of": question.as_of.isoformat(),
        "as_at": population.as_at,
        "population": population.digest,
        "current": [list(pair) for pair in question.current],
        "draft": [[one.rulebook.doc, one.hash] for one in worlds.draft],
        "thresholds": dict(sorted(question.thresholds.items())),
        "quota": question.quota,
        "vary": list(question.vary),
        "code": code_version(),
    }


def run_id_of(inputs: Mapping[str, Any]) -> str:
    """Hash the inputs: the same inputs give the same id, on every machine."""
    text = json.dumps(inputs, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def code_version() -> str:
    """Hash the sources of the rules and of what executes them: another text may give another result."""
    found = hashlib.sha256()
    for package in (domain, projections):
        root = Path(next(iter(package.__path__)))
        for file in sorted(root.rglob("*.py")):
            name = file.relative_to(root.parent).as_posix().encode()
            found.update(name + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


def named(documents: Iterable[Document]) -> tuple[tuple[str, str], ...]:
    """Name documents with their hashes, in the order of their names."""
    return tuple(sorted((document.rulebook.doc, document.hash) for document in documents))
