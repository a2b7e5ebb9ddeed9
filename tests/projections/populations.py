"""Populations for tests: residents of a few districts with facts of a few kinds, the same for the same seed."""

import json
import random
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pyarrow as pa

from domain.evaluation import Read, read_resident
from domain.factrow import FactRow
from domain.rulebook import Document, as_published, read_tree
from projections.exports.layout import (
    MANIFEST,
    RESIDENTS,
    ROWS,
    TABLES,
    TIES,
    Manifest,
    PartTables,
)
from projections.exports.ordering import laid_out
from projections.exports.writing import write_part
from projections.simulation.population import FilePopulation, home_of
from projections.simulation.run import Question, Simulation, named, simulate
from projections.simulation.scoring import Folder, PlanFolder
from projections.simulation.worlds import Worlds, variants_of
from tests.domain.given import library

DAY = date(2026, 1, 1)
DISTRICTS = ("330203", "330205", "330206", "330211", "330212", "330282")
POINT = 10_000
NAMESPACE = UUID(int=7)
SEALED = {"restricted-fact", "identity-minted", "blood-donated"}


def residents(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Draw residents, most of them in the first districts."""
    dice = random.Random(seed)
    for number in range(count):
        place = DISTRICTS[min(len(DISTRICTS) - 1, int(abs(dice.gauss(0, 2))))]
        yield {
            "subject": f"r{number}",
            "born_on": f"{dice.randint(1966, 2004)}-06-11",
            "facts": _facts(dice, place),
        }


def _facts(dice: random.Random, place: str) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = [
        {"kind": "permit-issued", "place": place, "on": "2025-05-01", "permit": "p"},
        {"kind": "residence-registered", "place": place, "registered_on": f"{dice.randint(2016, 2024)}-03-01"}
        | {"spell": "a"},
    ]
    months = dice.randint(0, 72)
    facts += [
        {"kind": "insurance-month-paid", "place": place, "month": f"{2019 + n // 12}-{n % 12 + 1:02d}"}
        for n in range(months)
    ]
    if dice.random() < 0.6:
        level = dice.choice(["bachelor", "college", "high_school", "master"])
        facts.append({"kind": "education-awarded", "level": level, "awarded_on": "2012-07-01"})
    if dice.random() < 0.1:
        facts.append(
            {"kind": "restricted-fact", "category": "offence", "level": "minor", "place": place}
            | {"acted_on": "2025-03-01"}
        )
    return facts


def written(folder: Path, count: int, seed: int = 1) -> Path:
    """Write residents to a file as evaluate reads it."""
    file = folder / f"residents-{count}-{seed}.ndjson"
    file.write_text("".join(json.dumps(one) + "\n" for one in residents(count, seed)), encoding="utf-8")
    return file


def exported(folder: Path, count: int, parts: int = 4, seed: int = 1) -> Path:
    """Write residents as an export, in so many parts."""
    people = [read_resident(json.dumps(one)) for one in residents(count, seed)]
    for table in TABLES:
        (folder / table).mkdir(parents=True)
    told = []
    for number in range(parts):
        tables = part_tables(people[number::parts])
        told.append(write_part(folder, number, tables))
    manifest = Manifest(1, DAY.isoformat(), 0, told)
    (folder / MANIFEST).write_text(manifest.text(), encoding="utf-8")
    return folder


def part_tables(people: Sequence[Read]) -> PartTables:
    """Put residents into the tables of one part."""
    placed = sorted((home_of(one.rows, DAY) or "", one.subject, one) for one in people)
    numbers, places = range(len(placed)), [place for place, _, _ in placed]
    subjects = [str(uuid5(NAMESPACE, subject)) for _, subject, _ in placed]
    rows: dict[bool, list[dict[str, Any]]] = {False: [], True: []}
    for number, (_, _, one) in enumerate(placed):
        for row in one.rows:
            rows[row.kind in SEALED].append(_written(row, number))
    return laid_out(
        pa.table([numbers, subjects, places], schema=RESIDENTS),
        pa.Table.from_pylist(rows[False], ROWS),
        pa.Table.from_pylist(rows[True], ROWS),
        TIES.empty_table(),
    )


def _written(row: FactRow, number: int) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in ROWS.names if name != "resident"}
    own = {"resident": number, "role": row.role.value, "ref_stream": None, "refers_stream": None}
    # A birth date known from the start has no position of its own: it stands before the first.
    return values | own


def drafted(doc: str = "zj.common", item: str = "insurance", **award: str) -> Document:
    """Give a document in force with another award for an item, and without its examples."""
    tree = dict(library().document(doc).tree)
    tree["items"] = [one | {"award": one["award"] | award} if one["id"] == item else one for one in tree["items"]]
    tree.pop("examples", None)
    return read_tree(tree)


def simulated(
    population: Path,
    *draft: Document,
    folder: Folder | None = None,
    thresholds: dict[str, int] | None = None,
    quota: int | None = None,
    vary: tuple[str, ...] = (),
    size: int = 500,
) -> Simulation:
    """Simulate a draft against the shipped tables."""
    documents = library().documents
    worlds = Worlds(as_published(documents), draft, DAY, variants=variants_of(draft, vary))
    question = Question(DAY, named(documents), thresholds or {}, quota, vary)
    return simulate(FilePopulation(population, DAY, size), worlds, folder or PlanFolder(), question)
