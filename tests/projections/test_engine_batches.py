"""Columns keep what rows say: written as Parquet and read again, cut in parts, turned back into rows."""

import gc
import weakref
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from domain.factrow import FactRow
from projections.engines.batch import Batch, Rows
from projections.engines.coordinates import Coordinates
from projections.engines.parquet import loads, write_parts
from projections.engines.population import Digest, Population
from projections.engines.reading_back import histories
from tests.populations import town
from tests.properties.test_rules_scores import BOOKS

AT = Coordinates(date(2026, 10, 1))


@pytest.fixture(scope="module")
def parts() -> list[Batch]:
    return list(town(500, part=200))


def known(batch: Batch) -> list[tuple[str, set[FactRow]]]:
    return [(place, set(rows)) for place, rows in histories(batch)]


def digest(*batches: object, threads: int = 1) -> str:
    found = Digest()
    for scores in Population(BOOKS, threads=threads).score(batches, AT):  # type: ignore[arg-type] # batches, or loads
        found.add(scores)
    return found.hex()


def test_a_town_is_the_same_for_the_same_seed_and_longer_for_a_larger_one(parts: list[Batch]) -> None:
    first, second = list(town(400, part=200))

    assert (known(first), known(second)) == (known(parts[0]), known(parts[1]))


def test_parquet_gives_back_every_row(parts: list[Batch], tmp_path: Path) -> None:
    written = write_parts(tmp_path, parts)
    read = [load() for load in loads(tmp_path)]

    assert written == sum(part.rows for part in read)
    assert [known(part) for part in read] == [known(part) for part in parts]


def test_scores_from_parquet_have_the_digest_of_scores_from_memory(parts: list[Batch], tmp_path: Path) -> None:
    write_parts(tmp_path, parts)

    assert digest(*loads(tmp_path), threads=2) == digest(*parts)


def test_a_batch_without_residents_is_a_batch(tmp_path: Path) -> None:
    write_parts(tmp_path, [part.part(0, 0) for part in town(3)])
    [empty] = [load() for load in loads(tmp_path)]

    assert (empty.residents, empty.rows) == (0, 0)
    assert digest(empty) == digest(*[])


def test_a_batch_that_was_scored_is_let_go_at_once(parts: list[Batch]) -> None:
    column = parts[0].facts["position"].copy()
    facts = Rows({**parts[0].facts.columns, "position": column})
    kept = weakref.ref(column)
    del column
    gc.disable()
    try:
        digest(replace(parts[0], facts=facts))
        del facts

        assert kept() is None
    finally:
        gc.enable()
