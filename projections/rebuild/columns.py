"""Measures of a range of subjects, read as records of one length and put together into packs, in columns.

COPY gives records whose every field has a fixed length, so that a block of them is an array as it comes. Text is
told apart by a hash that the server computes; each hash that is new is looked up once, as one of the rows that have
it, and becomes the number of a shape. What a pack cannot hold is left to the reference evaluator.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from psycopg import Cursor, sql

from domain.factrow import CORRECTION
from projections.engines.batch import DAYS
from projections.engines.calendar import NO_DAY
from projections.exports.ordering import by_resident
from projections.measure_rows import TABLES
from projections.packing import HOME_KIND, IS_PLAIN, PLAIN, WHOLE, Shape
from projections.rebuild.copying import records
from projections.rebuild.ordering import corrected_twice, in_order, where_each_begins
from projections.rebuild.ranges import Range
from projections.rebuild.refusals import FillerFailed
from projections.schemas import Schemas

_TURNS, _CORRECTS, _ODD = 1, 2, 4
"""Bits of `about`: the row can move where its resident is at home; it is a correction; no pack can hold it."""
_NO_DAY = int(NO_DAY)
_EPOCH, _ENDLESS = 10_957, 2**31 - 1
"""Days from 1970-01-01 to the server's own epoch; what stands for no day."""
_VERSION_MOST = 2**31 - 1
_KEYS = ("subject", "position", "ref_version", "part")
_WORDS = ("role", "kind", "place", "variant", "level", "mark", "opens", "closes")
_PLAIN_DAYS = ("starts_on", "ends_on")
_REST_DAYS = tuple(name for name in DAYS if name not in _PLAIN_DAYS)
_ABOUT: LiteralString = (
    "CASE WHEN role IN ('permit', 'closer', 'void') OR kind = {home} THEN 1 ELSE 0 END"
    " + CASE WHEN role = 'void' AND kind = {correction} THEN 2 ELSE 0 END"
    " + CASE WHEN ref_stream IS NOT NULL OR refers_stream <> subject OR ref_version >= 2147483647"
    " OR refers_version >= 2147483647 OR spell = '' OR act = '' THEN 4 ELSE 0 END"
)
_SHARED: LiteralString = "CASE WHEN quantity BETWEEN 0 AND 31 THEN quantity ELSE -1 END"
"""The quantity that a plain row's shape says; rows that are not plain say theirs themselves."""
_FORMATS = {"subject": 16, "position": 8, "ref_version": 8, "part": 2, "words": 8} | dict.fromkeys(
    ("quantity", "refers_version", "spell", "act"), 8
)
"""Bytes of a field; the others are numbers of 4."""


class Packed(NamedTuple):
    """Residents of a range in the order of subjects: rows of both forms, and where each one's begin.

    `plain_at` and `whole_at` have an entry more than there are residents. `turns` masks rows of `whole` that can
    move where their resident is at home. `odd` masks residents whom a pack cannot hold.
    """

    subjects: list[UUID]
    plain: NDArray[Any]
    plain_at: NDArray[np.int64]
    whole: NDArray[Any]
    whole_at: NDArray[np.int64]
    turns: NDArray[np.bool_]
    odd: NDArray[np.bool_]

    @property
    def rows(self) -> int:
        """Count the rows of both forms."""
        return len(self.plain) + len(self.whole)


NumberShapes = Callable[[Sequence[Shape]], Mapping[Shape, int]]
"""Gives the numbers of shapes, some of which may be new."""


class MeasureColumns:
    """Reads ranges of subjects. `seed` is for the hashes; whoever delivers facts does not know it."""

    def __init__(self, schemas: Schemas, as_at: int, seed: int, number: NumberShapes) -> None:
        self._schemas = schemas
        self._as_at = as_at
        self._seed = seed
        self._number = number
        self._codes: dict[bool, dict[int, int]] = {True: {}, False: {}}

    def read(self, cursor: Cursor[Any], span: Range) -> Packed:
        """Read the rows of a range, known at the position."""
        plain, whole = self._rows(cursor, span)
        order, resident, subjects = in_order(plain, whole)
        of_plain = order < len(plain)
        plain_order, whole_order = order[of_plain], order[~of_plain] - len(plain)
        plain_at, whole_at = (where_each_begins(resident[one], len(subjects)) for one in (of_plain, ~of_plain))
        owner = resident[~of_plain]
        packed = self._plain_of(plain, self._coded(cursor, plain, plain=True)).take(plain_order)
        whole = whole.take(whole_order)
        about = whole["about"]
        odd = np.zeros(len(subjects), np.bool_)
        odd[owner[(about & _ODD) != 0]] = True
        odd[corrected_twice(owner, whole, (about & _CORRECTS) != 0)] = True
        return Packed(
            subjects,
            packed,
            plain_at,
            self._whole_of(whole, self._coded(cursor, whole, plain=False), owner),
            whole_at,
            (about & _TURNS) != 0,
            odd,
        )

    def _rows(self, cursor: Cursor[Any], span: Range) -> tuple[NDArray[Any], NDArray[Any]]:
        """Copy the rows out of both tables, each read once: plain ones, and others with what they say beside it.

        Fields are big-endian. Nothing that is sent is ever missing, so that every field has its length.
        """
        plain, whole = bytearray(), bytearray()
        form, longer = _form(self._fields()), _form(self._fields(), self._rest())
        for table in TABLES:
            high = sql.SQL("") if span.high is None else sql.SQL(" AND subject < {}").format(span.high)
            statement = sql.SQL(
                "COPY (SELECT {fields}, CASE WHEN {is_plain} THEN NULL ELSE ROW({rest}) END FROM {table}"
                " WHERE subject >= {low}{high} AND position <= {as_at}) TO STDOUT (FORMAT BINARY)"
            ).format(
                fields=sql.SQL(", ").join(self._fields().values()),
                is_plain=_IS_PLAIN,
                rest=sql.SQL(", ").join(self._rest().values()),
                table=self._schemas.table(table),
                as_at=self._as_at,
                low=span.low,
                high=high,
            )
            short, long = records(cursor.connection, statement, form.itemsize)
            plain += short
            whole += long
        return np.frombuffer(plain, form), np.frombuffer(whole, longer)

    def _fields(self) -> dict[str, sql.Composable]:
        """Say what is copied of every row."""
        fields: dict[str, sql.Composable] = {name: sql.Identifier(name) for name in _KEYS}
        words: sql.Composable = sql.SQL("hashint8extended({}, {})").format(sql.SQL(_SHARED), self._seed)
        for name in reversed(_WORDS):
            words = sql.SQL("hashtextextended(coalesce({}, E'\\x01'), {})").format(sql.Identifier(name), words)
        return fields | {"words": words} | {name: _day(name) for name in _PLAIN_DAYS}

    def _rest(self) -> dict[str, sql.Composable]:
        """Say what is copied of a row that is not plain, beside that."""
        fields: dict[str, sql.Composable] = {
            "quantity": sql.SQL("coalesce(quantity, 0)"),
            "refers_version": sql.SQL("coalesce(refers_version, 0)"),
            "about": sql.SQL(_ABOUT).format(home=HOME_KIND, correction=CORRECTION),
        } | {name: _day(name) for name in _REST_DAYS}
        for name in ("spell", "act"):  # numbered by resident later: 0 is none
            fields[name] = sql.SQL("coalesce(hashtextextended({}, {}) | 1, 0)").format(
                sql.Identifier(name), self._seed
            )
        return fields

    def _coded(self, cursor: Cursor[Any], rows: NDArray[Any], *, plain: bool) -> NDArray[np.int32]:
        """Give the numbers of the rows' shapes."""
        words = rows["words"].astype(np.int64)
        codes = self._found(words, plain=plain)
        unknown = np.flatnonzero(codes < 0)
        if len(unknown):
            hashes, first = np.unique(words[unknown], return_index=True)
            self._learn(cursor, rows[unknown[first]], hashes.tolist(), plain=plain)
            codes = self._found(words, plain=plain)
            if (codes < 0).any():  # erased since it was copied out: the range goes back and is read again
                raise FillerFailed("erased")
        return codes

    def _found(self, words: NDArray[np.int64], *, plain: bool) -> NDArray[np.int32]:
        """Give the numbers of the shapes that are known; -1 for the others."""
        codes_of = self._codes[plain]
        known = np.array(sorted(codes_of), np.int64)
        if not len(known):
            return np.full(len(words), -1, np.int32)
        codes = np.array([codes_of[each] for each in known.tolist()], np.int32)
        place = np.minimum(np.searchsorted(known, words), len(known) - 1)
        return np.where(known[place] == words, codes[place], np.int32(-1))

    def _learn(self, cursor: Cursor[Any], rows: NDArray[Any], hashes: list[int], *, plain: bool) -> None:
        """Look up the words of hashes that were not met before, each as one of the rows that have it."""
        found: dict[int, Shape] = {}
        places = zip(rows["position"].tolist(), rows["part"].tolist(), strict=True)
        where = dict(zip(places, hashes, strict=True))
        for table in TABLES:
            read = cursor.execute(
                sql.SQL(
                    "SELECT position, part, {words}, {quantity} FROM {table} JOIN"
                    " unnest(%s::int8[], %s::int2[]) AS wanted (position, part) USING (position, part)"
                ).format(
                    words=sql.SQL(", ").join(map(sql.Identifier, _WORDS)),
                    quantity=sql.SQL("quantity::text" if plain else "NULL"),
                    table=self._schemas.table(table),
                ),
                [[position for position, _ in where], [part for _, part in where]],
            ).fetchall()
            found |= {where[row[0], row[1]]: tuple(row[2:]) for row in read}
        numbers = self._number(list(found.values()))
        self._codes[plain] |= {each: numbers[shape] for each, shape in found.items()}

    def _plain_of(self, rows: NDArray[Any], shapes: NDArray[np.int32]) -> NDArray[Any]:
        packed = np.empty(len(rows), PLAIN)
        packed["position"], packed["version"], packed["shape"] = rows["position"], rows["ref_version"], shapes
        for name in _PLAIN_DAYS:
            packed[name] = _days(rows[name])
        return packed

    def _whole_of(self, rows: NDArray[Any], shapes: NDArray[np.int32], owner: NDArray[np.int64]) -> NDArray[Any]:
        packed = np.empty(len(rows), WHOLE)
        packed["position"], packed["quantity"], packed["shape"] = rows["position"], rows["quantity"], shapes
        packed["version"] = np.minimum(rows["ref_version"], _VERSION_MOST)
        packed["refers_version"] = np.minimum(rows["refers_version"], _VERSION_MOST)
        for name in DAYS:
            packed[name] = _days(rows[name])
        for name in ("spell", "act"):
            hashes, codes = np.unique(rows[name].astype(np.int64), return_inverse=True)
            none = np.flatnonzero(hashes == 0)
            codes = np.where(np.isin(codes, none), -1, codes)
            packed[name] = by_resident(owner, codes)
        return packed


_IS_PLAIN = sql.SQL("coalesce({plain} AND role = 'fact' AND kind <> {home}, false)").format(
    plain=IS_PLAIN, home=HOME_KIND
)


def _day(name: str) -> sql.Composable:
    return sql.SQL("coalesce({}, 'infinity')").format(sql.Identifier(name))


def _days(sent: NDArray[Any]) -> NDArray[np.int32]:
    """Count days as the engine does; what the server sends counts from 2000-01-01."""
    days = sent.astype(np.int32)
    return np.where(days == _ENDLESS, np.int32(_NO_DAY), days + np.int32(_EPOCH))


def _form(fields: Mapping[str, object], rest: Mapping[str, object] | None = None) -> np.dtype[Any]:
    """Give the form of a record: the number of fields, then each field after its length; `rest` is a row in one.

    Each field of that row has the number of its type before its length.
    """
    form: list[tuple[str, str]] = [("fields", ">i2")]
    for name in fields:
        form += [(f"length of {name}", ">i4"), *_field(name)]
    form.append(("length", ">i4"))
    if rest is not None:
        form.append(("columns", ">i4"))
        for name in rest:
            form += [(f"type of {name}", ">i4"), (f"length of {name}", ">i4"), *_field(name)]
    return np.dtype(form)


def _field(name: str) -> list[tuple[str, str]]:
    return [("high", ">u8"), ("low", ">u8")] if name == "subject" else [(name, f">i{_FORMATS.get(name, 4)}")]
