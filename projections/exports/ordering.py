"""A part put into the form of its files: rows in the order in which engines read them, numbers beside long text."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from domain.factrow import CORRECTION
from projections.engines.batch import (
    COLUMNS,
    DAYS,
    NEVER,
    TABLE_OF,
    WORDS,
    Array,
    Rows,
    Words,
    order_of,
    word_lists,
)
from projections.engines.calendar import NO_DAY
from projections.engines.selection import packed
from projections.exports.layout import CODED, MEASURES, MEASURES_RESTRICTED, NUMBERED, ROWS, PartTables

ROLES = tuple(TABLE_OF)
"""The order of roles in a file."""
_STREAMS = ("ref_stream", "refers_stream")


def laid_out(residents: pa.Table, plain: pa.Table, restricted: pa.Table, ties: pa.Table) -> PartTables:
    """Give a part as its files hold it. Plain and restricted rows have the columns of ROWS, in any order."""
    rows = pa.concat_tables([_bare(plain), _bare(restricted)]).unify_dictionaries().combine_chunks()
    numbers = {name: rows[name].to_numpy() for name in ("resident", "position", "ref_version", "part")}
    known = np.lexsort([numbers[name] for name in ("part", "ref_version", "position", "resident")])
    is_restricted = (np.arange(len(rows)) >= len(plain))[known]
    part = _Part(rows.take(known), is_restricted)
    return PartTables(
        residents,
        part.table(restricted=False).cast(MEASURES),
        part.table(restricted=True).cast(MEASURES_RESTRICTED),
        ties,
    )


def _bare(table: pa.Table) -> pa.Table:
    """Take off what columns say about themselves, so that tables can be put together."""
    return pa.table([table[name] for name in ROWS.names], names=ROWS.names)


class _Part:
    """The rows of a part in the order (resident, position, part), with their text coded and their numbers found."""

    def __init__(self, rows: pa.Table, is_restricted: Array) -> None:
        self._rows = rows
        self._is_restricted = is_restricted
        self._names: dict[str, list[str]] = {}
        self._codes = {name: self._coded(name) for name in (*CODED, "spell", "act")}
        self._numbers = self._numbered()

    def _coded(self, name: str) -> Array:
        """Code a column by its words in the order of their text; kinds of plain rows come first."""
        codes, words = encoded(self._rows[name])
        order = np.array(sorted(range(len(words)), key=lambda code: (self._late(name, codes, code), words[code])))
        self._names[name] = [words[code] for code in order]
        new = np.full(len(words) + 1, -1, np.int32)
        new[order.astype(np.int64)] = np.arange(len(words))
        return new.take(codes)

    def _late(self, name: str, codes: Array, code: int) -> bool:
        return name == "kind" and bool(self._is_restricted[codes == code].all())

    def _numbered(self) -> dict[str, Array]:
        resident = self._rows["resident"].to_numpy()
        entry = _entries(resident, self._rows["position"].to_numpy(), self._rows["ref_version"].to_numpy())
        return {
            "entry": entry,
            "refers_entry": _targets(self._rows, resident, entry),
            "spell_number": by_resident(resident, self._codes["spell"]),
            "act_number": by_resident(resident, self._codes["act"]),
        }

    def table(self, *, restricted: bool) -> pa.Table:
        """Give the plain or the restricted rows as their file holds them."""
        index = self._order(restricted=restricted)
        told = self._rows.take(index)
        columns: dict[str, pa.Array] = {"resident": told["resident"]}
        for name in NUMBERED:
            number = self._numbers[name].take(index)
            columns[name] = pa.array(number, pa.int32(), mask=number < 0)
        for name in ROWS.names[1:]:
            columns[name] = self._words(name, index) if name in CODED else told[name]
        return pa.table(columns)

    def _words(self, name: str, index: Array) -> pa.DictionaryArray:
        """Give a column as codes of the words that are in it, and of no other."""
        codes = self._codes[name].take(index)
        used = np.flatnonzero(np.bincount(codes[codes >= 0], minlength=len(self._names[name])))
        new = np.full(len(self._names[name]) + 1, -1, np.int32)
        new[used] = np.arange(len(used))
        words = [self._names[name][code] for code in used]
        indices = pa.array(new.take(codes), pa.int32(), mask=codes < 0)
        return pa.DictionaryArray.from_arrays(indices, pa.array(words, pa.string()))

    def _order(self, *, restricted: bool) -> Array:
        role, names = self._codes["role"], self._names["role"]
        words = word_lists()
        words["kind"] = Words(self._names["kind"])
        pieces = []
        for one in ROLES:
            code = names.index(one.value) if one.value in names else -2
            here = np.flatnonzero((role == code) & (self._is_restricted == restricted))
            rows = Rows({name: self._column(name).take(here) for name in COLUMNS[TABLE_OF[one]]})
            pieces.append(here.take(order_of(TABLE_OF[one], rows, words)))
        return np.concatenate(pieces)

    def _column(self, name: str) -> Array:
        """Give a column by the engines' name."""
        found = next((self._numbers[own] for own, engines in NUMBERED.items() if engines == name), None)
        if found is not None:
            return found
        if name in WORDS:
            return self._codes[name]
        if name in DAYS:
            return days(self._rows[name], name)
        return numbers_of(self._rows[name])


def encoded(column: pa.ChunkedArray) -> tuple[Array, list[str]]:
    """Give the codes of a column of text (-1: none) and its words."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    whole = column.unify_dictionaries().combine_chunks()
    codes: Array = pc.fill_null(whole.indices, -1).to_numpy(zero_copy_only=False)
    return codes.astype(np.int32), whole.dictionary.to_pylist()


def days(column: pa.ChunkedArray, name: str) -> Array:
    """Give days as numbers, with what stands in the place of none."""
    missing = NEVER if name == "starts_on" else int(NO_DAY)
    found: Array = pc.fill_null(column.cast(pa.int32()), missing).to_numpy()
    return found


def numbers_of(column: pa.ChunkedArray, missing: int = 0) -> Array:
    """Give numbers, and this one where there is none."""
    found: Array = (pc.fill_null(column, missing) if column.null_count else column).to_numpy()
    return found


def _entries(resident: Array, *known: Array) -> Array:
    """Number the entries of each resident from 1, by position (which alone tells them apart in a ledger)."""
    if not len(resident):
        return np.zeros(0, np.int32)
    first = np.append(True, resident[1:] != resident[:-1])
    fresh = first.copy()
    for column in known:
        fresh[1:] |= column[1:] != column[:-1]
    number = np.cumsum(fresh)
    starts = np.flatnonzero(first)
    counts = np.diff(np.append(starts, len(resident)))
    found: Array = (number - np.repeat(number[starts], counts) + 1).astype(np.int32)
    return found


def _targets(rows: pa.Table, resident: Array, entry: Array) -> Array:
    """Give the number of the entry that each void names; 0 where it names none of the resident's."""
    found = np.zeros(len(rows), np.int32)
    voids = np.flatnonzero(pc.is_valid(rows["refers_version"]).to_numpy())
    if not len(voids):
        return found
    own, named = _streams([rows[name] for name in _STREAMS])
    version, wanted = (numbers_of(rows[name]) for name in ("ref_version", "refers_version"))
    keys = packed(
        [
            np.concatenate([column, other[voids]])
            for column, other in ((resident, resident), (own, named), (version, wanted))
        ]
    )
    keys, wanted = keys[: len(rows)], keys[len(rows) :]
    order = np.argsort(keys, kind="stable")
    place = order[np.minimum(np.searchsorted(keys[order], wanted), len(order) - 1)]
    found[voids] = np.where(keys[place] == wanted, entry[place], 0)
    # Of two corrections of one entry the later names itself, as domain.knowledge.first_corrections says.
    corrections = np.flatnonzero(pc.equal(rows["kind"], CORRECTION).to_numpy()[voids])
    _, first = np.unique(wanted[corrections], return_index=True)
    later = voids[np.delete(corrections, first)]
    found[later] = entry[later]
    return found


def _streams(columns: Sequence[pa.ChunkedArray]) -> list[Array]:
    """Code columns of streams by one list of words."""
    pairs = [encoded(column) for column in columns]
    words: Mapping[str, int] = {
        word: code for code, word in enumerate(dict.fromkeys(word for _, words in pairs for word in words))
    }
    return [np.array([*(words[word] for word in own), -1], np.int32)[codes] for codes, own in pairs]


def by_resident(resident: Array, codes: Array) -> Array:
    """Number the words of each resident from 0 in the order of their text; -1 where there is none."""
    number = np.full(len(codes), -1, np.int32)
    known = np.flatnonzero(codes >= 0)
    if not len(known):
        return number
    _, first, each = np.unique(packed([resident[known], codes[known]]), return_index=True, return_inverse=True)
    owner = resident[known][first]
    number[known] = (np.arange(len(owner)) - np.searchsorted(owner, owner))[each]
    return number
