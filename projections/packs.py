"""packs: each resident's measures in one short row, in the form that the columnar engine takes.

`scores` writes them. A pack holds every row of a resident up to the reach, a position. It only saves reading: who
has none is read from measures, and a pack that may have changed otherwise than by new plain facts is thrown away.
Who has rows in another's stream (a void by another organ's entry) gets none.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from psycopg import Cursor, sql

from domain.factrow import FactRow, Role
from domain.home import places_of
from domain.knowledge import in_force, settled
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
from projections.schemas import Schemas

_HOME_KIND = "residence-registered"
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
_Words = tuple[str | None, ...]


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


class Shapes:
    """The numbered shapes, remembered; new ones are numbered in the caller's transaction."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._codes: dict[_Words, int] = {}

    def read(self, cursor: Cursor[Any]) -> None:
        """Read the shapes that are there: what an ended transaction numbered may be gone."""
        found = cursor.execute(self._schemas.sql("SELECT words, code FROM {projections}.shapes")).fetchall()
        self._codes = {tuple(words): code for words, code in found}

    def code(self, cursor: Cursor[Any], words: _Words) -> int:
        """Give the number of a shape."""
        code = self._codes.get(words)
        if code is None:
            code = self._codes[words] = len(self._codes)
            cursor.execute(
                self._schemas.sql("INSERT INTO {projections}.shapes (code, words) VALUES (%s, %s)"),
                [code, list(words)],
            )
        return code

    def listed(self) -> list[_Words]:
        """Give the shapes in the order of their numbers."""
        return list(self._codes)


class Packs:
    """The table, as `scores` uses it."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._shapes = Shapes(schemas)

    def forget(self, cursor: Cursor[Any], subjects: Collection[UUID]) -> None:
        """Throw packs away."""
        if subjects:
            cursor.execute(
                self._schemas.sql("DELETE FROM {projections}.packs WHERE subject = ANY(%b)"), [list(subjects)]
            )

    def forget_all(self, cursor: Cursor[Any]) -> None:
        """Throw every pack away."""
        cursor.execute(self._schemas.sql("DELETE FROM {projections}.packs"))
        cursor.execute(self._schemas.sql("DELETE FROM {projections}.pack_reach"))

    def follow(self, cursor: Cursor[Any], until: int) -> bool:
        """Bring every pack to a position: add the plain facts that came; throw away the packs of whom else came.

        Gives false, and does nothing, where the packs are beyond that position already.
        """
        found = cursor.execute(self._schemas.sql("SELECT position FROM {projections}.pack_reach")).fetchone()
        after = None if found is None else found[0]
        if after is not None and until < after:
            return False
        if after is None or not self.any(cursor):
            self.forget_all(cursor)
            cursor.execute(
                self._schemas.sql("INSERT INTO {projections}.pack_reach (position) VALUES (%s)"), [until]
            )
        elif after < until:
            self._add(cursor, after, until)
            cursor.execute(self._schemas.sql("UPDATE {projections}.pack_reach SET position = %s"), [until])
        return True

    def _add(self, cursor: Cursor[Any], after: int, until: int) -> None:
        self._shapes.read(cursor)
        found = cursor.execute(
            self._schemas.sql(
                "SELECT subject, {plain} AND m.role = 'fact' AND m.kind <> %(home)s, position, ref_version,"
                " starts_on - date '1970-01-01', ends_on - date '1970-01-01',"
                " role, kind, place, variant, level, mark, opens, closes, quantity::text"
                " FROM (SELECT * FROM {measures} UNION ALL SELECT * FROM {restricted}) AS m"
                " WHERE position > %(after)s AND position <= %(until)s ORDER BY subject, position, part",
                plain=_IS_PLAIN,
                measures=self._schemas.table("measures"),
                restricted=self._schemas.table("measures_restricted"),
            ),
            {"after": after, "until": until, "home": _HOME_KIND},
        ).fetchall()
        changed = {read[0] for read in found if not read[1]}
        self.forget(cursor, changed)
        kept = [read for read in found if read[0] not in changed]
        if not kept:
            return
        code, no_day = self._shapes.code, int(NO_DAY)
        rows = [
            (position, version, code(cursor, words), starts, no_day if ends is None else ends)
            for _, _, position, version, starts, ends, words in map(_with_words, kept)
        ]
        packed = memoryview(np.array(rows, PLAIN).tobytes())
        subjects = [read[0] for read in kept]
        begins = [n for n, subject in enumerate(subjects) if n == 0 or subjects[n - 1] != subject]
        size = PLAIN.itemsize
        parts = [
            bytes(packed[first * size : last * size])
            for first, last in zip(begins, [*begins[1:], len(subjects)], strict=True)
        ]
        cursor.execute(
            self._schemas.sql(
                "UPDATE {projections}.packs AS p SET plain = p.plain || n.plain"
                " FROM unnest(%b::uuid[], %b::bytea[]) AS n (subject, plain) WHERE p.subject = n.subject"
            ),
            [[subjects[first] for first in begins], parts],
        )

    def read(self, cursor: Cursor[Any], subjects: Collection[UUID], day: date) -> dict[UUID, Pack]:
        """Read the packs of some subjects that hold on a day."""
        found = cursor.execute(
            self._schemas.sql(
                "SELECT subject, places, home, since, until, plain, whole FROM {projections}.packs"
                " WHERE subject = ANY(%b)"
            ),
            [list(subjects)],
        ).fetchall()
        packs = (Pack(*row) for row in found)
        return {pack.subject: pack for pack in packs if pack.holds_on(day)}

    def write(self, cursor: Cursor[Any], known: Mapping[UUID, Sequence[FactRow]], day: date) -> dict[UUID, Pack]:
        """Make the packs of subjects whose every row is given; give those that could be made."""
        self._shapes.read(cursor)
        self.forget(cursor, known.keys())
        packs = [
            self._packed(cursor, subject, rows, day) for subject, rows in known.items() if _packable(subject, rows)
        ]
        if packs:
            with cursor.copy(
                self._schemas.sql(
                    "COPY {projections}.packs (subject, places, home, since, until, plain, whole)"
                    " FROM STDIN (FORMAT BINARY)"
                )
            ) as copy:
                copy.set_types(["uuid", "text[]", "text", "date", "date", "bytea", "bytea"])
                for pack in packs:
                    copy.write_row(pack)
        return {pack.subject: pack for pack in packs}

    def batch(self, cursor: Cursor[Any], residents: Sequence[tuple[Pack, str]]) -> tuple[Batch, list[int]]:
        """Put residents, each at the place where they are scored, into columns; give their newest positions too."""
        self._shapes.read(cursor)
        packs = [pack for pack, _ in residents]
        words = word_lists()
        shapes = _ShapeColumns(self._shapes.listed(), words)
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

    def any(self, cursor: Cursor[Any]) -> bool:
        """Say whether anybody has a pack."""
        found = cursor.execute(self._schemas.sql("SELECT EXISTS (SELECT FROM {projections}.packs)")).fetchone()
        return bool(found and found[0])

    def _packed(self, cursor: Cursor[Any], subject: UUID, rows: Sequence[FactRow], day: date) -> Pack:
        ordered = settled(rows)
        home, places = places_of(in_force(rows), day)
        turns = {turn for row in rows if _says_where(row) for turn in (row.starts_on, row.ends_on, row.stops_on)}
        days = [turn for turn in turns if turn is not None]
        since = max((turn for turn in days if turn <= day), default=None)
        until = min((turn for turn in days if turn > day), default=None)
        plain = self._plain(cursor, [row for row in ordered if _is_plain(row, subject)])
        whole = self._whole(cursor, [row for row in ordered if not _is_plain(row, subject)])
        return Pack(subject, places, home, since, until, plain, whole)

    def _plain(self, cursor: Cursor[Any], rows: Iterable[FactRow]) -> bytes:
        values = [
            (
                row.position,
                row.ref_version,
                self._shapes.code(cursor, _words_of(row, row.quantity)),
                _number(row.starts_on),
                _number(row.ends_on),
            )
            for row in rows
        ]
        return np.array(values, PLAIN).tobytes()

    def _whole(self, cursor: Cursor[Any], rows: Sequence[FactRow]) -> bytes:
        spells = {word: number for number, word in enumerate(dict.fromkeys(row.spell for row in rows if row.spell))}
        acts = {word: number for number, word in enumerate(dict.fromkeys(row.act for row in rows if row.act))}
        values = [
            (
                row.position,
                row.quantity or 0,
                row.ref_version,
                self._shapes.code(cursor, _words_of(row, None)),
                row.refers_version or 0,
                *(_number(getattr(row, name)) for name in DAYS),
                NO_WORD if row.spell is None else spells[row.spell],
                NO_WORD if row.act is None else acts[row.act],
            )
            for row in rows
        ]
        return np.array(values, WHOLE).tobytes()


def _packable(subject: UUID, rows: Sequence[FactRow]) -> bool:
    """Say whether every row, and what it names, stands in the subject's own stream."""
    return bool(rows) and all(
        row.ref_stream == subject
        and row.refers_stream in (None, subject)
        and row.ref_version < _REFUSED
        and row.spell != ""
        and row.act != ""
        for row in rows
    )


_IS_PLAIN = sql.SQL(
    "(ref_stream IS NULL AND starts_on IS NOT NULL AND refers_version IS NULL AND spell IS NULL AND act IS NULL"
    " AND decided_on IS NULL AND effective_on IS NULL AND completed_on IS NULL AND stops_on IS NULL"
    " AND born_on IS NULL AND ref_version < 2147483647 AND (quantity IS NULL OR quantity BETWEEN 0 AND 31))"
)
"""What `_is_plain` says, of a row of the table."""


def _is_plain(row: FactRow, subject: UUID) -> bool:
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


def _words_of(row: FactRow, quantity: int | None) -> _Words:
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


def _with_words(read: Sequence[Any]) -> tuple[Any, ...]:
    return (*read[:6], tuple(read[6:]))


def _says_where(row: FactRow) -> bool:
    return row.role in (Role.PERMIT, Role.CLOSER, Role.VOID) or row.kind == _HOME_KIND


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
