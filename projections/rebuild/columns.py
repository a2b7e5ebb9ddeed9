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
from projections.rebuild.refusals import FillerFailed
from projections.schemas import Schemas

_SPANS = 1 << 32
_PART_BITS = 5
_TURNS, _CORRECTS, _ODD = 1, 2, 4
"""Bits of `about`: the row can move where its resident is at home; it is a correction; no pack can hold it."""
_NO_DAY = int(NO_DAY)
_KEYS = {"subject": "subject", "position": "position", "version": "least(ref_version, 2147483647)::int4"} | {
    "part": "part::int4"
}
_WORDS = ("role", "kind", "place", "variant", "level", "mark", "opens", "closes")
_PLAIN_DAYS = ("starts_on", "ends_on")
_ABOUT: LiteralString = (
    "CASE WHEN role IN ('permit', 'closer', 'void') OR kind = {home} THEN 1 ELSE 0 END"
    " + CASE WHEN role = 'void' AND kind = {correction} THEN 2 ELSE 0 END"
    " + CASE WHEN ref_stream IS NOT NULL OR refers_stream <> subject OR ref_version >= 2147483647"
    " OR refers_version >= 2147483647 OR spell = '' OR act = '' THEN 4 ELSE 0 END"
)
_FORMATS = {"subject": 16, "position": 8, "words": 8, "quantity": 8, "spell": 8, "act": 8}
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


class Range(NamedTuple):
    """One of `of` ranges of subjects."""

    number: int
    of: int

    @property
    def low(self) -> UUID:
        """Give the first subject that may be in it."""
        return UUID(int=-(-self.number * _SPANS // self.of) << 96)

    @property
    def high(self) -> UUID | None:
        """Give the first subject that is beyond it; None of the last range."""
        following = self.number + 1
        return None if following == self.of else UUID(int=-(-following * _SPANS // self.of) << 96)


NumberShapes = Callable[[Sequence[Shape]], Mapping[Shape, int]]
"""Gives the numbers of shapes, some of which may be new."""


class MeasureColumns:
    """Reads ranges of subjects. `seed` is for the hashes; whoever delivers facts does not know it."""

    def __init__(self, schemas: Schemas, as_at: int, seed: int, number: NumberShapes) -> None:
        self._schemas = schemas
        self._as_at = as_at
        self._seed = seed
        self._number = number
        self._codes: dict[int, int] = {}

    def read(self, cursor: Cursor[Any], span: Range) -> Packed:
        """Read the rows of a range, known at the position."""
        plain, whole = (self._rows(cursor, span, plain=one) for one in (True, False))
        subjects, resident = _residents(np.concatenate([plain["high"], whole["high"]]), plain, whole)
        plain_order, plain_at = _order(plain, resident[: len(plain)], len(subjects))
        whole_order, whole_at = _order(whole, resident[len(plain) :], len(subjects))
        owner = resident[len(plain) :][whole_order]
        packed = self._plain_of(plain, self._coded(cursor, plain, plain=True))[plain_order]
        whole = whole[whole_order]
        about = whole["about"]
        odd = np.zeros(len(subjects), np.bool_)
        odd[owner[(about & _ODD) != 0]] = True
        odd[_twice(owner, whole, (about & _CORRECTS) != 0)] = True
        return Packed(
            subjects,
            packed,
            plain_at,
            self._whole_of(whole, self._coded(cursor, whole, plain=False), owner),
            whole_at,
            (about & _TURNS) != 0,
            odd,
        )

    def _rows(self, cursor: Cursor[Any], span: Range, *, plain: bool) -> NDArray[Any]:
        """Copy the rows of a form out of both tables; the fields are those of the form, big-endian."""
        fields = self._fields(plain=plain)
        form, block = _form(fields), bytearray()
        for table in TABLES:
            high = sql.SQL("") if span.high is None else sql.SQL(" AND subject < {}").format(span.high)
            statement = sql.SQL(
                "COPY (SELECT {fields} FROM {table} WHERE position <= {as_at} AND subject >= {low}{high}"
                " AND {is_plain}) TO STDOUT (FORMAT BINARY)"
            ).format(
                fields=sql.SQL(", ").join(fields.values()),
                table=self._schemas.table(table),
                as_at=self._as_at,
                low=span.low,
                high=high,
                is_plain=sql.SQL("" if plain else "NOT ") + _IS_PLAIN,
            )
            block += records(cursor.connection, statement)
        return np.frombuffer(block, form)

    def _fields(self, *, plain: bool) -> dict[str, sql.Composable]:
        """Say what is copied: nothing is ever missing, so that every field has its length."""
        fields: dict[str, sql.Composable] = {name: sql.SQL(text) for name, text in _KEYS.items()}
        quantity = sql.SQL("hashint8extended(coalesce(quantity, -1), {seed})") if plain else sql.SQL("{seed}::int8")
        words = quantity.format(seed=self._seed)
        for name in reversed(_WORDS):
            words = sql.SQL("hashtextextended(coalesce({}, E'\\x01'), {})").format(sql.Identifier(name), words)
        fields["words"] = words
        for name in _PLAIN_DAYS if plain else DAYS:
            fields[name] = sql.SQL("coalesce({} - date '1970-01-01', {})").format(sql.Identifier(name), _NO_DAY)
        if not plain:
            fields["quantity"] = sql.SQL("coalesce(quantity, 0)")
            fields["refers_version"] = sql.SQL("least(coalesce(refers_version, 0), 2147483647)::int4")
            fields["about"] = sql.SQL(_ABOUT).format(home=HOME_KIND, correction=CORRECTION)
            for name in ("spell", "act"):  # numbered by resident later: 0 is none
                fields[name] = sql.SQL("coalesce(hashtextextended({}, {}) | 1, 0)").format(
                    sql.Identifier(name), self._seed
                )
        return fields

    def _coded(self, cursor: Cursor[Any], rows: NDArray[Any], *, plain: bool) -> NDArray[np.int32]:
        """Give the numbers of the rows' shapes."""
        words = rows["words"].astype(np.int64)
        codes = self._found(words)
        unknown = np.flatnonzero(codes < 0)
        if len(unknown):
            hashes, first = np.unique(words[unknown], return_index=True)
            self._learn(cursor, rows[unknown[first]], hashes.tolist(), plain=plain)
            codes = self._found(words)
            if (codes < 0).any():  # erased since it was copied out: the range goes back and is read again
                raise FillerFailed("erased")
        return codes

    def _found(self, words: NDArray[np.int64]) -> NDArray[np.int32]:
        """Give the numbers of the shapes that are known; -1 for the others."""
        known = np.array(sorted(self._codes), np.int64)
        if not len(known):
            return np.full(len(words), -1, np.int32)
        codes = np.array([self._codes[each] for each in known.tolist()], np.int32)
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
        self._codes |= {each: numbers[shape] for each, shape in found.items()}

    def _plain_of(self, rows: NDArray[Any], shapes: NDArray[np.int32]) -> NDArray[Any]:
        packed = np.empty(len(rows), PLAIN)
        for name in ("position", "version", *_PLAIN_DAYS):
            packed[name] = rows[name]
        packed["shape"] = shapes
        return packed

    def _whole_of(self, rows: NDArray[Any], shapes: NDArray[np.int32], owner: NDArray[np.int64]) -> NDArray[Any]:
        packed = np.empty(len(rows), WHOLE)
        for name in ("position", "version", "quantity", "refers_version", *DAYS):
            packed[name] = rows[name]
        packed["shape"] = shapes
        for name in ("spell", "act"):
            hashes, codes = np.unique(rows[name].astype(np.int64), return_inverse=True)
            none = np.flatnonzero(hashes == 0)
            codes = np.where(np.isin(codes, none), -1, codes)
            packed[name] = by_resident(owner, codes)
        return packed


_IS_PLAIN = sql.SQL("coalesce({plain} AND role = 'fact' AND kind <> {home}, false)").format(
    plain=IS_PLAIN, home=HOME_KIND
)


def _form(fields: Mapping[str, object]) -> np.dtype[Any]:
    """Give the form of a record: the number of fields, then each field after its length."""
    form: list[tuple[str, str]] = [("fields", ">i2")]
    for name in fields:
        form.append((f"length of {name}", ">i4"))
        if name == "subject":
            form += [("high", ">u8"), ("low", ">u8")]
        else:
            form.append((name, f">i{_FORMATS.get(name, 4)}"))
    return np.dtype(form)


def _residents(high: NDArray[Any], *forms: NDArray[Any]) -> tuple[list[UUID], NDArray[np.int64]]:
    """Number the subjects in their order; give them and the number of each row's."""
    high = high.astype(np.uint64)
    low = np.concatenate([rows["low"] for rows in forms]).astype(np.uint64)
    highs, first = np.unique(high, return_index=True)
    resident = np.searchsorted(highs, high)
    lows = low[first]
    if np.any(lows[resident] != low):  # two subjects with one first half: they are told apart by both
        pairs, resident = np.unique(np.stack([high, low], axis=1), axis=0, return_inverse=True)
        highs, lows, resident = pairs[:, 0], pairs[:, 1], resident.reshape(-1)
    subjects = [UUID(int=one << 64 | other) for one, other in zip(highs.tolist(), lows.tolist(), strict=True)]
    return subjects, resident.astype(np.int64)


def _order(rows: NDArray[Any], resident: NDArray[np.int64], count: int) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Give the order of rows by resident, position and part; and where each resident's begin in it."""
    begins = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(resident, minlength=count), out=begins[1:])
    if not len(rows):
        return np.zeros(0, np.int64), begins
    position, part = rows["position"].astype(np.int64), rows["part"].astype(np.int64)
    least = int(position.min())
    bits = (int(position.max()) - least).bit_length() + _PART_BITS
    if bits + count.bit_length() >= 63 or int(part.max()) >= 1 << _PART_BITS:
        return np.lexsort((part, position, resident)), begins
    return np.argsort(resident << bits | position - least << _PART_BITS | part), begins


def _twice(owner: NDArray[np.int64], rows: NDArray[Any], corrects: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Name residents of whom one entry was corrected twice: which of the two counts is for the reference to say."""
    here = np.flatnonzero(corrects)
    pairs = np.stack([owner[here], rows["refers_version"][here].astype(np.int64)], axis=1)
    found, counts = np.unique(pairs, axis=0, return_counts=True)
    return found[counts > 1][:, 0]
