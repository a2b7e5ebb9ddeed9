"""A part of an export as the engines read it: as a batch of columns, and resident by resident."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from domain.coverage import Coverage
from domain.factrow import FactRow, Role
from domain.family import ALONE, Family, Tie, family_of
from domain.knowledge import Knowledge, in_force
from projections.engines.batch import (
    COLUMNS,
    DAYS,
    NEVER,
    TABLE_OF,
    TYPES,
    WORDS,
    Batch,
    Rows,
    Words,
    in_order,
    word_lists,
)
from projections.engines.calendar import NO_DAY
from projections.exports.layout import PartTables
from projections.simulation.population import Resident

Array = NDArray[Any]
_ROLES = {role.value: role for role in Role}


class ColumnPart:
    """A part of a population. `as_of` says on which day families are who they are."""

    def __init__(self, tables: PartTables, coverage: Coverage, as_of: date) -> None:
        self._coverage = coverage
        self._as_of = as_of
        self._subjects: list[str] = tables.residents["subject"].to_pylist()
        self._places: list[str] = tables.residents["place"].to_pylist()
        self._rows = rows_in_order(tables)
        self._ties = [_tie(row) for row in tables.ties.to_pylist()]

    @cached_property
    def batch(self) -> Batch:
        """Give the residents as columns."""
        return batch_of_rows(self._rows, self._subjects, self._places)

    def resident(self, number: int) -> Resident:
        """Give one resident, with what is known of the family in this part."""
        subject = self._subjects[number]
        family = self._families.get(UUID(subject), ALONE) if self._ties else ALONE
        return Resident(subject, self._places[number], self.rows_of(number), self._coverage, family)

    def rows_of(self, number: int) -> list[FactRow]:
        """Give the rows of one resident."""
        first, last = self._starts[number], self._starts[number + 1]
        own = UUID(self._subjects[number])
        return [_row(row, own) for row in self._rows.slice(first, last - first).to_pylist()]

    @cached_property
    def _starts(self) -> list[int]:
        numbers = self._rows["resident"].to_numpy()
        found: list[int] = np.searchsorted(numbers, np.arange(len(self._subjects) + 1)).tolist()
        return found

    @cached_property
    def _families(self) -> dict[UUID, Family]:
        """Gather the families of those who have ties; relatives stand in the same part."""
        number = {UUID(subject): place for place, subject in enumerate(self._subjects)}
        tied = {one for tie in self._ties for one in (tie.subject, tie.other) if one in number}
        known: dict[UUID, Knowledge] = {one: in_force(self.rows_of(number[one])) for one in tied}
        return {one: family_of(one, self._as_of, self._ties, known) for one in tied}


def rows_in_order(tables: PartTables) -> pa.Table:
    """Put plain and restricted rows together, in the order (resident, position, part)."""
    rows = pa.concat_tables([tables.measures, tables.restricted.cast(tables.measures.schema)])
    order = [("resident", "ascending"), ("position", "ascending"), ("part", "ascending")]
    return rows.take(pc.sort_indices(rows, sort_keys=order)).combine_chunks()


def _tie(row: Mapping[str, Any]) -> Tie:
    return Tie(row["tie"], UUID(row["subject"]), UUID(row["other"]), row["since"], row["until"])


def _row(values: dict[str, Any], own: UUID) -> FactRow:
    values.pop("resident")
    role, told_by, refers = _ROLES[values.pop("role")], values.pop("ref_stream"), values.pop("refers_stream")
    refers_stream = UUID(refers) if refers else own if values["refers_version"] is not None else None
    return FactRow(role=role, ref_stream=UUID(told_by) if told_by else own, refers_stream=refers_stream, **values)


def batch_of_rows(rows: pa.Table, subjects: list[str], places: list[str]) -> Batch:
    """Turn ordered rows into a batch: text coded by word lists, days as numbers, entries numbered by resident."""
    words = word_lists()
    columns: dict[str, Array] = {"resident": rows["resident"].to_numpy(), "position": rows["position"].to_numpy()}
    columns["version"] = _entries(columns["resident"], columns["position"])
    columns["refers_version"] = _targets(rows, columns)
    columns["quantity"] = pc.fill_null(rows["quantity"], 0).to_numpy()
    for name in DAYS:
        missing = NEVER if name == "starts_on" else int(NO_DAY)
        columns[name] = pc.fill_null(rows[name].cast(pa.int32()), missing).to_numpy()
    for name, listed in WORDS.items():
        columns[name] = _codes(rows[name], words[listed])
    role = rows["role"].combine_chunks().dictionary_encode()
    codes, names = role.indices.to_numpy(zero_copy_only=False), role.dictionary.to_pylist()
    tables = {}
    for one, table in TABLE_OF.items():
        here = np.flatnonzero(codes == (names.index(one.value) if one.value in names else -1))
        rows_of_table = Rows({name: columns[name][here].astype(TYPES[name]) for name in COLUMNS[table]})
        tables[table] = in_order(table, rows_of_table, words)
    place = np.array([words["place"].code(one) for one in places], np.int32)
    return Batch(len(subjects), place, words, **tables, names=subjects)


def _entries(resident: Array, position: Array) -> Array:
    """Number the entries of each resident from 1: a position is one entry's."""
    if not len(resident):
        return np.zeros(0, np.int32)
    first = np.append(True, resident[1:] != resident[:-1])
    fresh = first | np.append(True, position[1:] != position[:-1])
    number = np.cumsum(fresh)
    starts = np.flatnonzero(first)
    counts = np.diff(np.append(starts, len(resident)))
    found: Array = (number - np.repeat(number[starts], counts) + 1).astype(np.int32)
    return found


def _targets(rows: pa.Table, columns: Mapping[str, Array]) -> Array:
    """Give the number of the entry that each void names; 0 where it names none of the resident's."""
    found = np.zeros(len(rows), np.int32)
    voids = np.flatnonzero(pc.is_valid(rows["refers_version"]).to_numpy())
    if not len(voids):
        return found
    resident = columns["resident"]
    concerned = np.flatnonzero(np.isin(resident, resident[voids]))
    streams, versions = (
        rows["ref_stream"].take(concerned).to_pylist(),
        rows["ref_version"].take(concerned).to_pylist(),
    )
    entry = {
        (int(resident[row]), stream, version): int(columns["version"][row])
        for row, stream, version in zip(concerned, streams, versions, strict=True)
    }
    named = zip(
        rows["refers_stream"].take(voids).to_pylist(), rows["refers_version"].take(voids).to_pylist(), strict=True
    )
    for row, (stream, version) in zip(voids, named, strict=True):
        found[row] = entry.get((int(resident[row]), stream, version), 0)
    return found


def _codes(column: pa.ChunkedArray, words: Words) -> Array:
    encoded = column.combine_chunks().dictionary_encode()
    codes = np.array([*(words.code(word) for word in encoded.dictionary.to_pylist()), -1], np.int32)
    found: Array = codes[pc.fill_null(encoded.indices, len(encoded.dictionary)).to_numpy(zero_copy_only=False)]
    return found
