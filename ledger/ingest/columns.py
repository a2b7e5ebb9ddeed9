"""Rows read in columns: each distinct value once, numbers a column at a time.

What is found plainly good here is what the Examiner would take, and the same bytes; whatever is not goes to the
Examiner, row by row. So nothing is refused here, and there is one place that says what a row means.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

from domain.facts import Fact
from ledger.ingest.examine import Examiner, Terms
from ledger.ingest.hygiene import SUSPECT
from ledger.ingest.numbers import plainly_good
from ledger.ingest.patterns import KINDS_BY_COLUMNS, Pattern, SealedColumn, pattern_of
from ledger.ingest.persons import read_name
from ledger.ingest.plans import ENVELOPE, PERSON, fields_of
from ledger.ingest.verdicts import RowRefused

_HAN = re.compile("[\u3007\u4e00-\u9fff]{2,60}|")
_HAN_COLUMN = re.compile("(?:[\u3007\u4e00-\u9fff]{2,60}\n|\n)*")
"""Names that neither cleaning nor folding changes."""
_REMEMBERED = 100_000
_ALONE = frozenset({"subject", "refers_to", "source_time", "legal_basis", "source_id", "replacement"})
"""Fields that send a row to the Examiner wherever they are filled."""
_UNREAD: Any = object()


@dataclass(slots=True)
class Plain:
    """Rows that hold, in columns. `index` says which record of the piece each is.

    `names` is empty where the row gives none; `sealed` the canonical bytes of the sealed part.
    """

    index: list[int]
    numbers: list[str]
    names: list[str]
    patterns: list[Pattern]
    sealed: list[bytes]

    def __len__(self) -> int:
        return len(self.index)


class ColumnReader:
    """Reads the pieces of one delivery. `fields` are the header's; use `possible` first."""

    def __init__(self, fields: Sequence[str | None], terms: Terms) -> None:
        self.examiner = Examiner(terms)
        self._terms = terms
        self._width = len(fields)
        at = {field: index for index, field in enumerate(fields) if field is not None}
        self._number = at["document_number"]
        self._name = at.get("name")
        self._alone = [at[field] for field in _ALONE & at.keys()]
        self._sealed = [
            (at[field], SealedColumn(field, facts, self.examiner.reader))
            for field, facts in _sealed_fields().items()
            if field in at
        ]
        aside = {self._number, self._name, *self._alone, *(index for index, _ in self._sealed)}
        self._open = [(index, field) for field, index in at.items() if index not in aside]
        self._patterns: dict[tuple[str, ...], Pattern | None] = {}

    @staticmethod
    def possible(fields: Sequence[str | None], terms: Terms) -> bool:
        """Say whether rows can be read so: they name persons, and no constant stands for one."""
        fixed = terms.constants.keys()
        return "document_number" in fields and not fixed & {*PERSON, *_ALONE, *_sealed_fields()} - {"document_type"}

    def read(self, texts: list[list[str] | None]) -> Plain:
        """Read the rows of a piece; those not among the plain ones are for the Examiner."""
        width = self._width
        index = [number for number, cells in enumerate(texts) if cells is not None and len(cells) == width]
        columns = list(zip(*([cells for cells in texts if cells is not None and len(cells) == width]), strict=True))
        if not columns:
            return Plain([], [], [], [], [])
        numbers = columns[self._number]
        good: list[bool] = plainly_good(numbers, self._terms.received_on).tolist()
        for at in self._alone:
            if any(columns[at]):
                good = [each and not cell for each, cell in zip(good, columns[at], strict=True)]
        names = self._names(columns, good)
        patterns = self._of_patterns(columns, good)
        sealed = self._of_sealed(columns, good, patterns)
        if all(good):
            return Plain(index, list(numbers), names, patterns, sealed)
        return Plain(
            list(compress(index, good)),
            list(compress(numbers, good)),
            list(compress(names, good)),
            list(compress(patterns, good)),
            list(compress(sealed, good)),
        )

    def _names(self, columns: list[tuple[str, ...]], good: list[bool]) -> list[str]:
        if self._name is None:
            return [""] * len(good)
        names = list(columns[self._name])
        if _HAN_COLUMN.fullmatch("\n".join(names) + "\n") is None:
            for row, name in enumerate(names):
                if good[row] and _HAN.fullmatch(name) is None:
                    read = _name_of(name)
                    names[row], good[row] = read or "", read is not None
        return names

    def _of_patterns(self, columns: list[tuple[str, ...]], good: list[bool]) -> list[Any]:
        """Give each row's pattern; where it has none, the row is not good."""
        if len(self._patterns) > _REMEMBERED:
            self._patterns.clear()
        opened = list(zip(*(columns[index] for index, _ in self._open), strict=True)) or [()] * len(good)
        known = self._patterns
        found = [known.get(cells, _UNREAD) for cells in opened]
        if _UNREAD in found or None in found:
            for row, pattern in enumerate(found):
                if pattern is _UNREAD and good[row]:
                    if opened[row] not in known:
                        known[opened[row]] = self._read(opened[row], columns, row)
                    found[row] = known[opened[row]]
                good[row] &= isinstance(found[row], Pattern)
        return found

    def _read(self, cells: tuple[str, ...], columns: list[tuple[str, ...]], row: int) -> Pattern | None:
        """Let the Examiner read one row without its sealed cells."""
        given = {field: cell for (_, field), cell in zip(self._open, cells, strict=True)}
        given["document_number"] = columns[self._number][row]
        if self._name is not None:
            given["name"] = columns[self._name][row]
        try:
            return pattern_of(self.examiner.examine(given), self._terms.organ)
        except RowRefused:
            return None

    def _of_sealed(self, columns: list[tuple[str, ...]], good: list[bool], patterns: list[Any]) -> list[bytes]:
        """Give each row's sealed part; where a cell cannot be read, or does not belong, the row is not good."""
        parts: list[list[bytes | None]] = []
        for at, column in self._sealed:
            known = column.fragments
            if len(known) > _REMEMBERED:
                known.clear()
            found = [known.get(text, _UNREAD) for text in columns[at]]
            if _UNREAD in found:
                found = [
                    known[text] if text in known else column.read(text) if good[row] else None
                    for row, text in enumerate(columns[at])
                ]
            for row, fragment in enumerate(found):
                if fragment != b"" and good[row]:
                    good[row] = fragment is not None and column.field in patterns[row].fact.sealed_fields()
            parts.append(found)
        if len(parts) == 1:
            return [b"{%b}" % fragment if fragment else b"{}" for fragment in parts[0]]
        return [b"{%b}" % b",".join(filter(None, row)) for row in zip(*parts, strict=True)] or [b"{}"] * len(good)


def _name_of(cell: str) -> str | None:
    """Read a name that is not of common characters alone; None where only the Examiner can judge it."""
    if SUSPECT.search(cell) is not None:
        return None
    try:
        return read_name(cell) or ""
    except RowRefused:
        return None


def _sealed_fields() -> dict[str, list[type[Fact]]]:
    """Name the fields that any kind read by columns seals, in order, with these kinds."""
    found: dict[str, list[type[Fact]]] = {}
    for fact in sorted(KINDS_BY_COLUMNS, key=lambda one: one.kind_name()):
        for field in fact.sealed_fields():
            found.setdefault(field, []).append(fact)
    opened = {field for fact in KINDS_BY_COLUMNS for field in fields_of(fact) - fact.sealed_fields()} - {*ENVELOPE}
    return {field: found[field] for field in sorted(found) if field not in opened}
