"""What a projection is to the runner: a name, what it reads, and how it folds."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from typing import Any, ClassVar
from uuid import UUID

from psycopg import Cursor

from projections.reading import ReadEntry


class ProjectionBroken(Exception):
    """The fault is the projection's or a rulebook's, not an entry's: nothing of the batch is kept."""


class Projection(ABC):
    """One table, or a few, with one writer. Everything in them can be made again from entries.

    `kinds` names the kinds it reads, without their versions; None is all. `whole` False reads no content: `fact`
    is then None in every entry. `upstream` names projections that this one reads: it never goes beyond where they
    are. `stride` says of how many usual batches one of its is. `always` names topics that are folded even where the
    stream stands still: erasures wait for nobody.
    """

    name: ClassVar[str]
    kinds: ClassVar[tuple[str, ...] | None] = None
    whole: ClassVar[bool] = True
    upstream: ClassVar[tuple[str, ...]] = ()
    stride: ClassVar[int] = 1
    always: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def fold(self, batch: Sequence[ReadEntry], cursor: Cursor[Any]) -> None:
        """Write what the entries, in the order of positions, add up to. The caller commits.

        Any split of the entries into batches must give the same rows.
        """

    @abstractmethod
    def forget(self, streams: Collection[UUID], cursor: Cursor[Any]) -> None:
        """Delete what the entries of these streams made; they are folded again right after."""

    def leap(self, cursor: Cursor[Any], behind: int) -> bool:
        """So many positions behind, say whether to go straight to the end and read no entry; take note of it."""
        del cursor, behind
        return False

    def wants(self, cursor: Cursor[Any], position: int) -> bool:
        """Say whether `tend` has something to do."""
        del cursor, position
        return False

    def tend(self, cursor: Cursor[Any], position: int) -> bool:
        """Do one bounded piece of work that no entry asked for, as at `position`; say whether more is left."""
        del cursor, position
        return False
