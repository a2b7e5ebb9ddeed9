"""A batch: the history of some residents in columns. Everything that a plan reads, and nothing personal by name.

Five tables: facts, closers, moves of the permit, births, and voids. Residents are numbered from 0; `version`
numbers the entries of a resident, rising with the position, and `refers_version` is the number of the entry that a
void names (0: none of them). Text is coded by the word lists of the batch (-1: none); days are int32. Residents who
belong together (a family, a merged identity) stay in one batch.

Facts lie by kind, resident, day and natural key, and reports of one fact in the order in which they became known,
so that most of what a plan does is comparing neighbours. `in_order` puts every table in its order.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from domain.factrow import KEY_COLUMNS, FactRow, Role
from domain.knowledge import settled
from projections.engines.calendar import NO_DAY, day_number

Array = NDArray[Any]
NO_WORD = -1
NEVER = 2**31 - 1
"""In the place of the first day of what has none: it never begins."""

WORDS = {"kind": "kind", "place": "place", "variant": "variant", "level": "level", "mark": "mark"} | {
    "spell": "spell",
    "act": "act",
    "opens": "word",
    "closes": "word",
}
"""The columns of text, and the word list in which each is coded."""
DAYS = ("starts_on", "ends_on", "decided_on", "effective_on", "completed_on", "stops_on", "born_on")
_KEYS = ("resident", "position", "version")
_FACT = ("kind", "place", "variant", "quantity", "level", "mark", "spell", "act", "opens")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "facts": (*_KEYS, *_FACT, "starts_on", "ends_on", "decided_on", "effective_on", "completed_on"),
    "closers": (*_KEYS, "closes", "spell", "stops_on"),
    "permits": (*_KEYS, "kind", "place", "spell", "mark", "starts_on"),
    "births": (*_KEYS, "born_on"),
    "voids": (*_KEYS, "refers_version", "stops_on"),
}
"""The columns of each table."""
TABLE_OF = {
    Role.FACT: "facts",
    Role.CLOSER: "closers",
    Role.PERMIT: "permits",
    Role.IDENTITY: "births",
    Role.VOID: "voids",
}
TYPES: Mapping[str, Any] = (
    dict.fromkeys(DAYS, np.int32)
    | dict.fromkeys(WORDS, np.int32)
    | {"kind": np.int16, "mark": np.int16, "level": np.int16, "opens": np.int16, "closes": np.int16}
    | {"resident": np.int32, "position": np.int64, "version": np.int32, "refers_version": np.int32}
    | {"quantity": np.int64}
)


class Rows:
    """One table of a batch: equally long columns by name, taken in the order of residents."""

    __slots__ = ("_columns", "_length")

    def __init__(self, columns: Mapping[str, Array]) -> None:
        self._columns = dict(columns)
        self._length = len(next(iter(self._columns.values()), ()))

    def __getitem__(self, name: str) -> Array:
        return self._columns[name]

    def __len__(self) -> int:
        return self._length

    @property
    def columns(self) -> Mapping[str, Array]:
        """Give the columns by name."""
        return self._columns

    def take(self, where: Array, names: Iterable[str] | None = None) -> "Rows":
        """Give the rows at these indices, or under this mask: all columns, or those named."""
        index = np.flatnonzero(where) if where.dtype == np.bool_ else where
        return Rows({name: self._columns[name].take(index) for name in names or self._columns})


class Words:
    """A list of words and their codes."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self.names = list(words)
        self._codes = {word: code for code, word in enumerate(self.names)}

    def code(self, word: str | None) -> int:
        """Give the code of a word that may be new."""
        if word is None:
            return NO_WORD
        code = self._codes.get(word)
        if code is None:
            code = self._codes[word] = len(self.names)
            self.names.append(word)
        return code

    def find(self, word: str) -> int:
        """Give the code of a word, or one that no row has."""
        return self._codes.get(word, len(self.names))

    def chosen(self, words: Iterable[str]) -> NDArray[np.bool_]:
        """Give a mask over codes: true for these words. Its last place stands for no word: false."""
        mask = np.zeros(len(self.names) + 1, np.bool_)
        mask[[code for word in words if (code := self._codes.get(word)) is not None]] = True
        return mask

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True, slots=True)
class Batch:
    """Residents in columns. `place` codes where each is scored; `facts_total` counts rows of every table."""

    residents: int
    place: NDArray[np.int32]
    words: Mapping[str, Words]
    facts: Rows
    closers: Rows
    permits: Rows
    births: Rows
    voids: Rows
    names: Sequence[Any] = field(default=())

    @property
    def tables(self) -> dict[str, Rows]:
        """Give the tables by name."""
        return {name: getattr(self, name) for name in COLUMNS}

    @property
    def rows(self) -> int:
        """Count rows of every table."""
        return sum(len(table) for table in self.tables.values())

    def part(self, first: int, last: int) -> "Batch":
        """Give the residents [first, last), numbered from 0 again."""
        tables = {}
        for name, table in self.tables.items():
            resident = table["resident"]
            rows = table.take(np.flatnonzero((resident >= first) & (resident < last)))
            tables[name] = Rows({**rows.columns, "resident": rows["resident"] - np.int32(first)})
        names = self.names[first:last] if len(self.names) else ()
        return replace(self, residents=last - first, place=self.place[first:last], names=names, **tables)  # type: ignore[arg-type] # COLUMNS names fields of Rows

    def parts(self, size: int) -> "list[Batch]":
        """Cut into batches of so many residents, which fit a processor's cache."""
        if self.residents <= size:
            return [self]
        return [self.part(first, min(first + size, self.residents)) for first in range(0, self.residents, size)]


def word_lists() -> dict[str, Words]:
    """Give empty word lists."""
    return {name: Words() for name in dict.fromkeys(WORDS.values())}


def batch_of(people: Iterable[tuple[Any, str, Iterable[FactRow]]]) -> Batch:
    """Put (name, place where scored, rows) of some residents into columns."""
    words = word_lists()
    values: dict[str, dict[str, list[Any]]] = {
        table: {name: [] for name in columns} for table, columns in COLUMNS.items()
    }
    names, places = [], []
    for resident, (name, place, rows) in enumerate(people):
        names.append(name)
        places.append(words["place"].code(place))
        ordered = settled(rows)
        entries: dict[tuple[UUID, int], int] = {}
        for row in ordered:
            entries.setdefault((row.ref_stream, row.ref_version), len(entries) + 1)
        for row in ordered:
            for column, to in values[TABLE_OF[row.role]].items():
                to.append(_value(row, column, resident, entries, words))
    tables = {
        table: in_order(
            table, Rows({name: np.array(column, TYPES[name]) for name, column in columns.items()}), words
        )
        for table, columns in values.items()
    }
    return Batch(len(names), np.array(places, np.int32), words, **tables, names=names)


def _value(
    row: FactRow,
    column: str,
    resident: int,
    entries: Mapping[tuple[UUID, int], int],
    words: Mapping[str, Words],
) -> int:
    if column in WORDS:
        return words[WORDS[column]].code(getattr(row, column))
    value: date | int | None
    match column:
        case "resident":
            value = resident
        case "version":
            value = entries[row.ref_stream, row.ref_version]
        case "refers_version" if row.refers_stream is not None and row.refers_version is not None:
            value = entries.get((row.refers_stream, row.refers_version), 0)
        case _:
            value = getattr(row, column)
    if isinstance(value, date):
        return day_number(value)
    if column in DAYS:
        return NEVER if column == "starts_on" else int(NO_DAY)
    return value or 0


_ORDERS = {
    "closers": ("resident", "closes", "spell", "stops_on"),
    "permits": ("resident", "starts_on"),
    "births": ("resident",),
    "voids": ("resident",),
}
KEPT_IN_KEY = ("place", "variant", "level", "act", "spell")
"""The columns, beside the day, in which natural keys stand."""


def ordered(batch: Batch) -> Batch:
    """Put facts in the order in which an engine reads them, if they do not lie in it."""
    kind, resident = batch.facts["kind"], batch.facts["resident"]
    keys = kind.astype(np.int64) * batch.residents + resident
    if not np.any(keys[1:] < keys[:-1]):
        return batch
    return replace(batch, facts=in_order("facts", batch.facts, batch.words))


def in_order(table: str, rows: Rows, words: Mapping[str, Words]) -> Rows:
    """Put the rows of a table in its order."""
    return rows.take(order_of(table, rows, words))


def order_of(table: str, rows: Rows, words: Mapping[str, Words]) -> Array:
    """Give the indices that put the rows of a table in its order."""
    known = ("position", "version")
    if table != "facts":
        return np.lexsort([rows[name] for name in reversed((*_ORDERS[table], *known))])
    columns = [rows["kind"], rows["resident"], rows["starts_on"]]
    for name in KEPT_IN_KEY:
        keyed = np.array([name in KEY_COLUMNS.get(kind, ()) for kind in (*words["kind"].names, "")])
        columns.append(np.where(keyed[rows["kind"]], rows[name], 0))
    columns += [rows[name] for name in known]
    return np.lexsort(columns[::-1])
