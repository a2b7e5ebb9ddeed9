"""What a projection is to the runner: a name, what it reads, and how it folds."""

from collections.abc import Collection, Sequence
from typing import Any, Protocol
from uuid import UUID

from psycopg import Cursor

from projections.reading import ReadEntry


class Projection(Protocol):
    """One table, or a few, with one writer. Everything in them can be made again from entries.

    `kinds` names the kinds it reads, without their versions; None is all. `whole` False reads no content: `fact`
    is then None in every entry. `upstream` names projections that this one reads: it never goes beyond where they
    are. `always` names topics that are folded even where the stream stands still: erasures wait for nobody.
    """

    @property
    def name(self) -> str:
        """Give the name, which is also the name of the first table."""

    @property
    def kinds(self) -> Sequence[str] | None:
        """Name the kinds it reads."""

    @property
    def whole(self) -> bool:
        """Say whether it reads the content of entries."""

    @property
    def upstream(self) -> tuple[str, ...]:
        """Name the projections it reads."""

    @property
    def always(self) -> frozenset[str]:
        """Name the topics of erasures."""

    def fold(self, batch: Sequence[ReadEntry], cursor: Cursor[Any]) -> None:
        """Write what the entries, in the order of positions, add up to. The caller commits.

        Any split of the entries into batches must give the same rows.
        """

    def forget(self, streams: Collection[UUID], cursor: Cursor[Any]) -> None:
        """Delete what the entries of these streams made; they are folded again right after."""

    def tend(self, cursor: Cursor[Any], position: int) -> bool:
        """Do one bounded piece of work that no entry asked for, as at `position`; say whether more is left."""
