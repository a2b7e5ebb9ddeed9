"""A seeded town as `points export` writes it: the rows of tests/populations.py, in the layout of an export."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa

from domain.factrow import Role
from projections.engines.batch import COLUMNS, DAYS, NEVER, NO_WORD, TABLE_OF, WORDS, Array, Batch, Rows
from projections.engines.calendar import NO_DAY
from projections.exports.layout import MANIFEST, RESIDENTS, ROW_TYPES, ROWS, TABLES, TIES, Manifest, PartTables
from projections.exports.ordering import laid_out
from projections.exports.writing import write_part
from tests.populations import PART, part_of_town, sizes

SEALED = ("restricted-fact", "blood-donated")
_KIND = {Role.CLOSER: "spell-ended", Role.IDENTITY: "identity-minted", Role.VOID: "fact-voided"}
_DICTIONARY = pa.dictionary(pa.int32(), pa.string())


def export_town(folder: Path, residents: int, day: date, processes: int = 2, part: int = PART) -> Manifest:
    """Write a town as an export."""
    for table in TABLES:
        (folder / table).mkdir(parents=True)
    each = list(sizes(residents, part))
    with ProcessPoolExecutor(processes) as pool:
        told = list(pool.map(partial(_written, folder), range(len(each)), each))
    manifest = Manifest(1, day.isoformat(), 0, told)
    (folder / MANIFEST).write_text(manifest.text(), encoding="utf-8")
    return manifest


def _written(folder: Path, number: int, residents: int) -> dict[str, Any]:
    return write_part(folder, number, tables_of(part_of_town(number, residents), number))


def tables_of(batch: Batch, number: int = 0) -> PartTables:
    """Put a batch into the tables of a part, its residents in the order of places."""
    batch = by_places(batch)
    rows = pa.concat_tables(_rows(batch, role) for role in TABLE_OF)
    sealed = np.concatenate([_sealed(batch, role) for role in TABLE_OF])
    places = [batch.words["place"].names[code] for code in batch.place]
    subjects = [str(UUID(int=(number << 32) + one + 1)) for one in range(batch.residents)]
    return laid_out(
        pa.table([range(batch.residents), subjects, places], schema=RESIDENTS),
        rows.filter(pa.array(~sealed)),
        rows.filter(pa.array(sealed)),
        TIES.empty_table(),
    )


def by_places(batch: Batch) -> Batch:
    """Number the residents of a batch in the order of the places where they are scored."""
    names = np.array(batch.words["place"].names)
    order = np.argsort(names[batch.place], kind="stable")
    number = np.empty(batch.residents, np.int32)
    number[order] = np.arange(batch.residents)
    tables: Mapping[str, Any] = {
        name: Rows({**table.columns, "resident": number[table["resident"]]}) for name, table in batch.tables.items()
    }
    return replace(batch, place=batch.place[order], **tables)


def _rows(batch: Batch, role: Role) -> pa.Table:
    """Give the rows of a role with the columns of ROWS; entries stand in the resident's own stream."""
    table = batch.tables[TABLE_OF[role]]
    many = len(table)
    own: dict[str, pa.Array] = {
        "resident": pa.array(table["resident"]),
        "position": pa.array(table["position"]),
        "ref_version": pa.array(table["version"].astype(np.int64)),
        "part": pa.array(np.zeros(many, np.int16)),
        "role": _constant(role.value, many),
    }
    if role in _KIND:
        own["kind"] = _constant(_KIND[role], many)
    if role is Role.VOID:
        own["refers_version"] = pa.array(table["refers_version"].astype(np.int64))
    for name in COLUMNS[TABLE_OF[role]]:
        if name in WORDS:
            codes = table[name].astype(np.int32)
            words = pa.array(batch.words[WORDS[name]].names, pa.string())
            own[name] = pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes == NO_WORD), words)
        elif name in DAYS:
            none = (table[name] == NO_DAY) | (table[name] == NEVER)
            own[name] = pa.array(table[name], pa.int32(), mask=none).cast(pa.date32())
        elif name == "quantity":
            own[name] = pa.array(table[name])
    return pa.table({name: own[name] if name in own else _missing(name, many) for name in ROWS.names})


def _constant(word: str, many: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(many, np.int32)), pa.array([word]))


def _missing(name: str, many: int) -> pa.Array:
    kind = ROW_TYPES[name]
    return pa.nulls(many, _DICTIONARY if name in WORDS or name == "role" else kind)


def _sealed(batch: Batch, role: Role) -> Array:
    table = batch.tables[TABLE_OF[role]]
    if role is not Role.FACT:
        return np.full(len(table), role is Role.IDENTITY, np.bool_)
    return batch.words["kind"].chosen(SEALED)[table["kind"]]


def town_by_places(residents: int, part: int = PART) -> Iterator[Batch]:
    """Give the parts that `export_town` writes, in memory."""
    for number, each in enumerate(sizes(residents, part)):
        yield by_places(part_of_town(number, each))
