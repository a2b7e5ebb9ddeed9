"""The form of a pack: records of numbers, text as the number of a shape; and packs put together into columns."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from psycopg import sql

from domain.factrow import FactRow, Role
from projections.engines.batch import (
    COLUMNS,
    DAYS,
    NEVER,
    NO_WORD,
    TABLE_OF,
    TYPES,
    WORDS,
    Batch,
    Rows,
    Words,
    in_order,
    word_lists,
)
from projections.engines.calendar import NO_DAY, day_number

HOME_KIND = "residence-registered"
_SHAPE = ("role", "kind", "place", "variant", "level", "mark", "opens", "closes", "quantity")
PLAIN = np.dtype([("position", "<i8"), *((name, "<i4") for name in ("version", "shape", "starts_on", "ends_on"))])
WHOLE = np.dtype(
    [
        *(("position", "<i8"), ("quantity", "<i8")),
        *((name, "<i4") for name in ("version", "shape", "refers_version")),
        *((name, "<i4") for name in DAYS),
        *(("spell", "<i4"), ("act", "<i4")),
    ]
)
_REFUSED = 2**31 - 1
"""Versions from here on do not fit: no stream is that long."""
_QUANTITY_MOST = 31
"""The largest quantity that a shape says: a month is one. Others stand in their rows."""
Shape = tuple[str | None, ...]
"""What many rows have in common, in the order of _SHAPE."""


class Pack(NamedTuple):
    """One resident: where at home and when that may change, and the rows."""

    subject: UUID
    places: Sequence[str]
    home: str | None
    since: date | None
    until: date | None
    plain: bytes
    whole: bytes

    def holds_on(self, day: date) -> bool:
        """Say whether the places are those of a day."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


def plain_of(rows: Iterable[FactRow], code: Callable[[Shape], int]) -> bytes:
    """Write plain rows; `code` numbers their shapes."""
    values = [
        (
            row.position,
            row.ref_version,
            code(words_of(row, row.quantity)),
            _number(row.starts_on),
            _number(row.ends_on),
        )
        for row in rows
    ]
    return np.array(values, PLAIN).tobytes()


def whole_of(rows: Sequence[FactRow], code: Callable[[Shape], int]) -> bytes:
    """Write rows that are not plain; spells and acts are numbered by resident."""
    spells = {word: number for number, word in enumerate(dict.fromkeys(row.spell for row in rows if row.spell))}
    acts = {word: number for number, word in enumerate(dict.fromkeys(row.act for row in rows if row.act))}
    values = [
        (
            row.position,
            row.quantity or 0,
            row.ref_version,
            code(words_of(row, None)),
            row.refers_version or 0,
            *(_number(getattr(row, name)) for name in DAYS),
            NO_WORD if row.spell is None else spells[row.spell],
            NO_WORD if row.act is None else acts[row.act],
        )
        for row in rows
    ]
    return np.array(values, WHOLE).tobytes()


def columns_of(residents: Sequence[tuple[Pack, str]], listed: Sequence[Shape]) -> tuple[Batch, list[int]]:
    """Put residents, each at the place where they are scored, into columns; give their newest positions too."""
    packs = [pack for pack, _ in residents]
    words = word_lists()
    shapes = _ShapeColumns(listed, words)
    plain = _Joined([pack.plain for pack in packs], PLAIN)
    whole = _Joined([pack.whole for pack in packs], WHOLE)
    for name in ("spell", "act"):  # numbered by resident: equal where the text is
        for number in range(int(whole.rows[name].max(initial=-1)) + 1):
            words[name].code(str(number))
    tables = {}
    for role, table in TABLE_OF.items():
        columns = whole.columns(shapes, shapes.roles == list(TABLE_OF).index(role))
        if role is Role.FACT:
            first = plain.columns(shapes, None)
            columns = {name: np.concatenate([first[name], columns[name]]) for name in COLUMNS[table]}
        tables[table] = _sorted(table, {name: columns[name] for name in COLUMNS[table]}, words)
    places = np.array([words["place"].code(place) for _, place in residents], np.int32)
    names = [pack.subject for pack in packs]
    newest = np.maximum(plain.newest(), whole.newest()).tolist()
    return Batch(len(residents), places, words, **tables, names=names), newest


def packable(subject: UUID, rows: Sequence[FactRow]) -> bool:
    """Say whether every row, and what it names, stands in the subject's own stream."""
    return bool(rows) and all(
        row.ref_stream == subject
        and row.refers_stream in (None, subject)
        and row.ref_version < _REFUSED
        and row.spell != ""
        and row.act != ""
        for row in rows
    )


IS_PLAIN = sql.SQL(
    "(ref_stream IS NULL AND starts_on IS NOT NULL AND refers_version IS NULL AND spell IS NULL AND act IS NULL"
    " AND decided_on IS NULL AND effective_on IS NULL AND completed_on IS NULL AND stops_on IS NULL"
    " AND born_on IS NULL AND ref_version < 2147483647 AND (quantity IS NULL OR quantity BETWEEN 0 AND 31))"
)
"""What `is_plain` says, of a row of the table."""


def is_plain(row: FactRow, subject: UUID) -> bool:
    """Say whether a row has its days and nothing else that its shape does not say."""
    rest = (row.decided_on, row.effective_on, row.completed_on, row.stops_on, row.born_on, row.spell, row.act)
    return (
        row.role is Role.FACT
        and row.ref_stream == subject
        and row.starts_on is not None
        and (row.quantity is None or 0 <= row.quantity <= _QUANTITY_MOST)
        and row.refers_version is None
        and row.ref_version < _REFUSED
        and all(one is None for one in rest)
    )


def words_of(row: FactRow, quantity: int | None) -> Shape:
    """Give a row's shape; `quantity` where it is to stand there."""
    number = None if quantity is None else str(quantity)
    return (
        row.role.value,
        row.kind,
        row.place,
        row.variant,
        row.level,
        row.mark,
        row.opens,
        row.closes,
        number,
    )


def with_words(read: Sequence[Any]) -> tuple[Any, ...]:
    """Put the words of a row that was read, from the seventh column on, into a shape."""
    return (*read[:6], tuple(read[6:]))


def says_where(row: FactRow) -> bool:
    """Say whether a row can move where its resident is at home."""
    return row.role in (Role.PERMIT, Role.CLOSER, Role.VOID) or row.kind == HOME_KIND


def _number(day: date | None) -> int:
    return int(NO_DAY) if day is None else day_number(day)


class _ShapeColumns:
    """The columns that a shape says, by its number."""

    def __init__(self, shapes: Sequence[tuple[str | None, ...]], words: Mapping[str, Words]) -> None:
        roles = [role.value for role in TABLE_OF]
        self.roles = np.array([roles.index(str(shape[0])) for shape in shapes], np.int8)
        self.quantity = np.array([int(shape[-1] or 0) for shape in shapes], np.int64)
        self.columns: dict[str, NDArray[Any]] = {
            name: np.array([words[WORDS[name]].code(shape[place]) for shape in shapes], TYPES[name])
            for place, name in enumerate(_SHAPE)
            if name in WORDS
        }


class _Joined:
    """Rows of many packs, one after another, with the number of each resident."""

    def __init__(self, packed: Sequence[bytes], form: np.dtype[Any]) -> None:
        self.rows = np.frombuffer(b"".join(packed), form)
        counts = np.array([len(one) // form.itemsize for one in packed], np.int64)
        self.resident = np.repeat(np.arange(len(packed), dtype=np.int32), counts)
        self._counts = counts

    def newest(self) -> NDArray[np.int64]:
        """Give the last position of each resident: rows lie in the order of positions."""
        found = np.zeros(len(self._counts), np.int64)
        some = np.flatnonzero(self._counts)
        found[some] = self.rows["position"][np.cumsum(self._counts)[some] - 1]
        return found

    def columns(self, shapes: _ShapeColumns, of_role: NDArray[np.bool_] | None) -> dict[str, NDArray[Any]]:
        """Give the columns of the rows of some shapes (None: of all)."""
        rows, resident = self.rows, self.resident
        if of_role is not None:
            here = np.flatnonzero(of_role[rows["shape"]]) if len(of_role) else np.zeros(0, np.int64)
            rows, resident = rows[here], resident[here]
        found: dict[str, NDArray[Any]] = {"resident": resident}
        shape = np.ascontiguousarray(rows["shape"])
        for name, column in shapes.columns.items():
            found[name] = column[shape] if len(column) else np.zeros(0, TYPES[name])
        names = rows.dtype.names or ()
        for name in ("position", "version", "refers_version", "quantity", "spell", "act", *DAYS):
            if name in names:
                found[name] = np.ascontiguousarray(rows[name]).astype(TYPES[name])
            else:
                empty = NO_WORD if name in WORDS else int(NO_DAY) if name in DAYS else 0
                found[name] = np.full(len(rows), empty, TYPES[name])
        if "quantity" not in names and len(shapes.quantity):
            found["quantity"] = shapes.quantity[shape]
        found["starts_on"] = np.where(found["starts_on"] == NO_DAY, np.int32(NEVER), found["starts_on"])
        return found


def _sorted(table: str, columns: dict[str, NDArray[Any]], words: Mapping[str, Words]) -> Rows:
    """Put a table in its order: facts by kind, resident and day at once, and only reports of one day one by one."""
    if table != "facts" or not len(columns["resident"]):
        return in_order(table, Rows(columns), words)
    day = np.clip(columns["starts_on"].astype(np.int64) + (1 << 21), 0, (1 << 22) - 1)
    keys = (columns["kind"].astype(np.int64) << 48) | (columns["resident"].astype(np.int64) << 22) | day
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    rows = Rows({name: column.take(order) for name, column in columns.items()})
    equal = keys[1:] == keys[:-1]
    if not equal.any():
        return rows
    among = np.flatnonzero(np.append(equal, False) | np.append(False, equal))
    resolved = in_order(table, rows.take(among), words)
    for name in columns:
        rows[name][among] = resolved[name]
    return rows
