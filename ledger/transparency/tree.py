"""Which logs a ledger keeps, and of what: everything else about them is the same (docs/transparency.md)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import sql

from ledger.suites import Suite

Leaf = Callable[[Suite, tuple[Any, ...]], bytes]
"""Gives the leaf of a row: its position, then the columns that `content` names."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree over the rows of one table, in the order of `position`; `only` leaves out rows that are in no tree.

    `noun` is what a row is called, `files` how the names of its key files begin.
    """

    noun: str
    files: str
    leader: str
    tables: str
    rows: str
    position: str
    content: tuple[str, ...]
    leaf: Leaf
    only: LiteralString = "true"

    @property
    def leaves_are_kept(self) -> bool:
        """Say whether a leaf stands in its row; else it is computed whenever it is asked for."""
        return self.leaf is _kept

    def sql(self, text: LiteralString) -> sql.Composed:
        """Name this tree's tables and columns in a statement."""
        names = {part: sql.Identifier(f"{self.tables}_{part}") for part in _TABLES}
        return sql.SQL(text).format(
            **names,
            rows=sql.Identifier(self.rows),
            position=sql.Identifier(self.position),
            content=sql.SQL(",").join(map(sql.Identifier, self.content)),
            only=sql.SQL(self.only),
        )


_TABLES = ("tiles", "growth", "heads", "cosignatures")


def _kept(_: Suite, row: tuple[Any, ...]) -> bytes:
    """Give the leaf that stands in the row: an entry's is computed in its turn."""
    return bytes(row[1] or b"")


ENTRIES = Tree(
    noun="entry",
    files="log",
    leader="points-ledger/log",
    tables="tree",
    rows="entries",
    position="notification_id",
    content=("leaf",),
    leaf=_kept,
)
