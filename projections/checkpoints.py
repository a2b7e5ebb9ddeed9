"""How far a projection has read, and proof that the ledger below it is still the one it has read.

A checkpoint is written in the transaction of the rows it stands for. Its leaf must be the ledger's leaf at its
position: after a restore or a failover that lost entries another leaf stands there, or none, and what the
projection holds is of a past that no longer is.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from psycopg import Cursor

from domain.errors import LedgerReplaced
from projections.reading import Window
from projections.schemas import Schemas

FIRST_EPOCH = 1


class Checkpoint(NamedTuple):
    """The last entry folded. Position 0 and no leaf: nothing yet."""

    epoch: int
    position: int
    leaf: bytes | None


class Checkpoints:
    """The checkpoint of one projection in one schema."""

    def __init__(self, schemas: Schemas, projection: str, epoch: int = FIRST_EPOCH) -> None:
        self.schemas = schemas
        self.projection = projection
        self.epoch = epoch

    def taken(self, cursor: Cursor[Any]) -> Checkpoint:
        """Lock the row until the transaction ends and give it.

        The first statement of every step: whoever exchanges the schemas waits for it, or it for them.
        """
        found = self._locked(cursor)
        if found is None:
            # A row to lock, so that two that begin at once take turns; its position 0 stands for nothing yet.
            cursor.execute(
                self.schemas.sql(
                    "INSERT INTO {projections}.checkpoints (projection, epoch, position) VALUES (%s, %s, 0)"
                    " ON CONFLICT DO NOTHING"
                ),
                [self.projection, self.epoch],
            )
            found = self._locked(cursor)
        return Checkpoint(self.epoch, 0, None) if found is None else found

    def _locked(self, cursor: Cursor[Any]) -> Checkpoint | None:
        found = cursor.execute(
            self.schemas.sql(
                "SELECT epoch, position, leaf FROM {projections}.checkpoints WHERE projection = %s FOR UPDATE"
            ),
            [self.projection],
        ).fetchone()
        return None if found is None else Checkpoint(*found)

    def peek(self, cursor: Cursor[Any]) -> Checkpoint:
        """Give the checkpoint without locking it."""
        found = cursor.execute(
            self.schemas.sql("SELECT epoch, position, leaf FROM {projections}.checkpoints WHERE projection = %s"),
            [self.projection],
        ).fetchone()
        return Checkpoint(self.epoch, 0, None) if found is None else Checkpoint(*found)

    def prove(self, cursor: Cursor[Any], checkpoint: Checkpoint) -> None:
        """Compare the checkpoint with the ledger. Raises LedgerReplaced."""
        if checkpoint.epoch != self.epoch:
            raise LedgerReplaced(self.projection)
        if checkpoint.position == 0:
            return
        found = cursor.execute(
            self.schemas.sql("SELECT leaf FROM {ledger}.entries WHERE notification_id = %s"), [checkpoint.position]
        ).fetchone()
        if found is None or found[0] != checkpoint.leaf:
            raise LedgerReplaced(self.projection)

    def put(self, cursor: Cursor[Any], position: int, leaf: bytes | None) -> None:
        """Begin at a position: everything up to it was computed otherwise."""
        cursor.execute(
            self.schemas.sql(
                "INSERT INTO {projections}.checkpoints (projection, epoch, position, leaf) VALUES (%s, %s, %s, %s)"
            ),
            [self.projection, self.epoch, position, leaf],
        )

    def move(self, cursor: Cursor[Any], end: Window) -> None:
        """Say that everything up to `end` is folded."""
        cursor.execute(
            self.schemas.sql("UPDATE {projections}.checkpoints SET position = %s, leaf = %s WHERE projection = %s"),
            [end.position, end.leaf, self.projection],
        )


def reached(cursor: Cursor[Any], schemas: Schemas, projections: Sequence[str]) -> int:
    """Give the position that every one of some projections has reached."""
    found = cursor.execute(
        schemas.sql(
            "SELECT coalesce(min(coalesce(position, 0)), 0) FROM unnest(%s::text[]) AS wanted (projection)"
            " LEFT JOIN {projections}.checkpoints USING (projection)"
        ),
        [list(projections)],
    ).fetchone()
    return 0 if found is None else int(found[0])
