"""A part of an export as the engines read it: as a batch of columns, and resident by resident."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, Protocol
from uuid import UUID

import numpy as np
import pyarrow as pa

from domain.coverage import Coverage
from domain.factrow import FactRow, Role
from domain.family import ALONE, Family, Tie, family_of
from domain.knowledge import Knowledge, in_force
from projections.engines.batch import (
    COLUMNS,
    DAYS,
    NO_WORD,
    TABLE_OF,
    TYPES,
    WORDS,
    Array,
    Batch,
    Rows,
    Words,
    in_order,
)
from projections.exports.layout import NUMBERED, ROWS
from projections.exports.ordering import ROLES, days, encoded, numbers_of
from projections.simulation.population import Resident

_ROLES = {role.value: role for role in Role}
_PLAIN, _RESTRICTED = "measures", "measures_restricted"
_OWN = {engines: own for own, engines in NUMBERED.items()}
"""The columns of a file by the engines' names, where these differ."""
READ_BY_ENGINES = (
    "role",
    *dict.fromkeys(_OWN.get(name, name) for columns in COLUMNS.values() for name in columns),
)
"""The columns of measures that make a batch."""


class PartSource(Protocol):
    """Where the tables of a part lie: in memory, or in files."""

    def read(self, table: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Give a table of the layout: all columns, or those named. Raises ExportDamaged."""
        ...


class ColumnPart:
    """A part of a population. `as_of` says on which day families are who they are."""

    def __init__(self, source: PartSource, coverage: Coverage, as_of: date) -> None:
        self._source = source
        self._coverage = coverage
        self._as_of = as_of

    @cached_property
    def batch(self) -> Batch:
        """Give the residents as columns."""
        return batch_of_source(self._source)

    def resident(self, number: int) -> Resident:
        """Give one resident, with what is known of the family in this part."""
        subject = self._subjects[number]
        family = self._families.get(UUID(subject), ALONE) if self._ties else ALONE
        return Resident(subject, self._places[number], self.rows_of(number), self._coverage, family)

    def rows_of(self, number: int) -> list[FactRow]:
        """Give the rows of one resident, in the order in which they became known."""
        first, last = self._starts[number], self._starts[number + 1]
        own = UUID(self._subjects[number])
        return [_row(row, own) for row in self._rows.slice(first, last - first).to_pylist()]

    @cached_property
    def _subjects(self) -> list[str]:
        subjects: list[str] = self._source.read("residents", ["subject"])["subject"].to_pylist()
        return subjects

    @cached_property
    def _places(self) -> list[str]:
        places: list[str] = self._source.read("residents", ["place"])["place"].to_pylist()
        return places

    @cached_property
    def _ties(self) -> list[Tie]:
        return [_tie(row) for row in self._source.read("ties").to_pylist()]

    @cached_property
    def _rows(self) -> pa.Table:
        """Read all rows, in the order (resident, position, part)."""
        tables = [self._source.read(table, ROWS.names) for table in (_PLAIN, _RESTRICTED)]
        rows = pa.concat_tables([table.cast(ROWS) for table in tables]).combine_chunks()
        order = ("part", "ref_version", "position", "resident")
        return rows.take(np.lexsort([rows[name].to_numpy() for name in order]))

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
        return {one: family_of(one, self._as_of, self._ties, known, known[one].born_on) for one in tied}


def _tie(row: Mapping[str, Any]) -> Tie:
    return Tie(row["tie"], UUID(row["subject"]), UUID(row["other"]), row["since"], row["until"])


def _row(values: dict[str, Any], own: UUID) -> FactRow:
    values.pop("resident")
    role, told_by, refers = _ROLES[values.pop("role")], values.pop("ref_stream"), values.pop("refers_stream")
    refers_stream = UUID(refers) if refers else own if values["refers_version"] is not None else None
    return FactRow(role=role, ref_stream=UUID(told_by) if told_by else own, refers_stream=refers_stream, **values)


def batch_of_source(source: PartSource) -> Batch:
    """Read a part as a batch. Spells and acts are named by their numbers."""
    tables = [source.read(name, READ_BY_ENGINES) for name in (_PLAIN, _RESTRICTED)]
    residents = source.read("residents", ["subject", "place"])
    reader = _Reader([one for one in tables if len(one)], residents)
    rows = {table: reader.rows(number, table) for number, table in enumerate(TABLE_OF.values())}
    place, names = encoded(residents["place"])
    codes = np.array([*(reader.words["place"].find(name) for name in names), NO_WORD], np.int32)
    return Batch(len(residents), codes[place], reader.words, **rows, names=residents["subject"].to_pylist())


class _Reader:
    """The plain and the restricted rows of a part: columns of the first, then of the second, for each role."""

    def __init__(self, tables: Sequence[pa.Table], residents: pa.Table) -> None:
        self._tables = [_Table(one) for one in tables]
        texts: dict[str, list[list[str]]] = {}
        for column, name in WORDS.items():
            if column not in _OWN:
                texts.setdefault(name, []).extend(one.texts[column] for one in self._tables)
        texts["place"].append(encoded(residents["place"])[1])
        self.words = {name: Words(_merged(lists, name)) for name, lists in texts.items()}
        for name in ("spell", "act"):
            most = max((one.most(_OWN[name]) for one in self._tables), default=NO_WORD)
            self.words[name] = Words(map(str, range(most + 1)))

    def rows(self, role: int, table: str) -> Rows:
        """Give the rows of a role as the table of a batch."""
        here = [one for one in self._tables if one.bounds[role] < one.bounds[role + 1]]
        many = sum(one.bounds[role + 1] - one.bounds[role] for one in here)
        columns = {}
        for name in COLUMNS[table]:
            column = np.empty(many, TYPES[name])
            begin = 0
            for one in here:
                found = one.column(name, role, self.words)
                column[begin : begin + len(found)] = found
                begin += len(found)
            columns[name] = column
        rows = Rows(columns)
        if len(here) <= 1 or (table == "facts" and _follows(rows["kind"], len(rows) - len(found))):
            return rows
        return in_order(table, rows, self.words)


def _follows(kind: Array, second: int) -> bool:
    """Say whether the second file's facts are of later kinds than the first's: then the whole is in order."""
    return bool(kind[second - 1] < kind[second])


def _merged(lists: Sequence[Sequence[str]], name: str) -> list[str]:
    """Put lists of words together in the order of their text; kinds of the second list alone come last."""
    first = set(lists[0]) if name == "kind" and lists else set()
    return sorted(
        {word for words in lists for word in words}, key=lambda word: (bool(first) and word not in first, word)
    )


class _Table:
    """One file of measures: its columns, the words of its text, and where each role begins."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self.texts: dict[str, list[str]] = {}
        self._codes: dict[str, Array] = {}
        for name in ("role", *(one for one in WORDS if one not in _OWN)):
            self._codes[name], self.texts[name] = encoded(table[name])
        number = {role.value: place for place, role in enumerate(ROLES)}
        roles = np.array([*(number[word] for word in self.texts["role"]), len(ROLES)])[self._codes["role"]]
        self.bounds: list[int] = np.searchsorted(roles, np.arange(len(ROLES) + 1)).tolist()

    def most(self, name: str) -> int:
        """Give the greatest number of a column."""
        return int(numbers_of(self._table[name], NO_WORD).max(initial=NO_WORD))

    def column(self, name: str, role: int, words: Mapping[str, Words]) -> Array:
        """Give a column of a role, by the engines' name."""
        first, last = self.bounds[role], self.bounds[role + 1]
        if name in WORDS and name not in _OWN:
            codes = np.array([*map(words[WORDS[name]].find, self.texts[name]), NO_WORD], np.int32)
            return codes.take(self._codes[name][first:last])
        column = self._table[_OWN.get(name, name)].slice(first, last - first)
        return days(column, name) if name in DAYS else numbers_of(column, NO_WORD if name in WORDS else 0)
