"""The files of an export lie as engines read them: in order, one row group, numbers that say what the text says."""

from collections import defaultdict
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from domain.coverage import Coverage
from projections.engines.batch import Batch, in_order
from projections.engines.coordinates import Coordinates
from projections.engines.population import Digest, Population
from projections.exports.columns import ColumnPart
from projections.exports.layout import ROWS, TABLES, PartTables, file_of
from projections.exports.ordering import laid_out
from projections.exports.populations import ExportPopulation
from tests.exported_towns import SEALED, by_places, export_town, tables_of
from tests.populations import part_of_town
from tests.properties.test_rules_scores import BOOKS

AT = Coordinates(date(2026, 10, 1))
RESIDENTS = 600


@pytest.fixture(scope="module")
def town() -> Batch:
    return by_places(part_of_town(0, RESIDENTS))


@pytest.fixture(scope="module")
def tables() -> PartTables:
    return tables_of(part_of_town(0, RESIDENTS))


def read(tables: PartTables) -> Batch:
    return ColumnPart(tables, Coverage(), AT.as_of).batch


def digest(batch: Batch) -> str:
    found = Digest()
    for scores in Population(BOOKS).score([batch], AT):
        found.add(scores)
    return found.hex()


def test_what_was_written_scores_as_what_was_in_memory(town: Batch, tables: PartTables) -> None:
    assert digest(read(tables)) == digest(town)


def test_files_say_what_memory_says(tmp_path: Path) -> None:
    export_town(tmp_path, 500, AT.as_of, part=200)
    parts = [part.batch for part in ExportPopulation(tmp_path).parts()]
    sizes = (200, 200, 100)

    assert [digest(part) for part in parts] == [
        digest(by_places(part_of_town(number, size))) for number, size in enumerate(sizes)
    ]


def test_a_part_is_read_in_the_order_of_engines(tables: PartTables) -> None:
    batch = read(tables)

    for name, rows in batch.tables.items():
        again = in_order(name, rows, batch.words)
        assert all(np.array_equal(again[column], rows[column]) for column in rows.columns), name


def test_rows_may_come_in_any_order(tables: PartTables) -> None:
    chance = np.random.default_rng(7)
    plain, restricted = (
        table.select(ROWS.names).take(chance.permutation(len(table)))
        for table in (tables.measures, tables.restricted)
    )

    assert laid_out(tables.residents, plain, restricted, tables.ties).digest() == tables.digest()


def test_a_kind_may_stand_in_both_tables(tables: PartTables) -> None:
    """No kind does today: whoever seals half of a kind gets the same scores, a sort later."""
    half = np.arange(len(tables.measures)) % 2 == 0
    rows = tables.measures.select(ROWS.names).cast(ROWS)
    restricted = pa.concat_tables(
        [rows.filter(pa.array(half)), tables.restricted.select(ROWS.names).cast(ROWS).replace_schema_metadata()]
    )
    divided = laid_out(tables.residents, rows.filter(pa.array(~half)), restricted, tables.ties)

    assert digest(read(divided)) == digest(read(tables))


def test_each_file_is_one_row_group_and_names_no_word_of_another(tmp_path: Path) -> None:
    export_town(tmp_path, 300, AT.as_of, part=300)
    groups = {name: pq.ParquetFile(file_of(tmp_path, name, 0)).num_row_groups for name in TABLES}
    plain = pq.read_table(file_of(tmp_path, "measures", 0))

    assert set(groups.values()) == {1}
    assert not any(word.encode() in file_of(tmp_path, "measures", 0).read_bytes() for word in SEALED)
    assert not set(SEALED) & set(plain["kind"].to_pylist())


def test_numbers_beside_text_are_equal_where_the_text_is(tables: PartTables) -> None:
    rows = tables.measures.to_pylist() + tables.restricted.to_pylist()
    for text, number in (("spell", "spell_number"), ("act", "act_number"), ("position", "entry")):
        numbers: dict[int, dict[object, set[int | None]]] = defaultdict(lambda: defaultdict(set))
        for row in rows:
            numbers[row["resident"]][row[text]].add(row[number])
        for own in numbers.values():
            assert all(len(one) == 1 for one in own.values())
            assert own.get(None, {None}) == {None}
            known = [one for ones in own.values() for one in ones if one is not None]
            assert len(known) == len(set(known))
            assert not known or set(known) == set(range(min(known), max(known) + 1))


def test_voids_name_the_entry_that_their_reference_names(tables: PartTables) -> None:
    rows = tables.measures.to_pylist() + tables.restricted.to_pylist()
    entries = {(row["resident"], row["ref_version"]): row["entry"] for row in rows}
    voids = [row for row in rows if row["role"] == "void"]

    assert len(voids) > RESIDENTS
    assert all(row["refers_entry"] == entries[row["resident"], row["refers_version"]] for row in voids)
