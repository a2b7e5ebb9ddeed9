"""A rebuild: every projection filled anew in a schema beside the live one, compared by digest, then exchanged.

The live projections work on while the new ones are filled. For the comparison the live checkpoints are locked, so
that the runners wait at the first statement of their next step; after the exchange the same statement finds the new
table, and they go on from the new checkpoint. The former schema is kept until the next rebuild.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection, Cursor, sql

from domain.errors import LedgerReplaced
from ledger.database import Database, Role
from projections.checkpoints import Checkpoints
from projections.digest import Digest, digest_within
from projections.projection import Projection
from projections.reading import MOST, Opener
from projections.runner import Runner
from projections.schemas import Schemas

NEW, FORMER = "new", "former"


@dataclass(frozen=True)
class Comparison:
    """What a projection held before and holds now. `live` None: it could not be compared, its ledger is another."""

    projection: str
    position: int
    live: Digest | None
    rebuilt: Digest

    @property
    def same(self) -> bool:
        """Say whether both hold the same."""
        return self.live == self.rebuilt


@dataclass
class Rebuild:
    """One rebuild. `make` gives the projections, upstream first, for the schemas they are to fill.

    `tell` is called with a projection's name and position after each batch.
    """

    database: Database
    make: Callable[[Schemas], Sequence[Projection]]
    opener: Opener
    tell: Callable[[str, int], None] = field(default=lambda _name, _position: None)

    def __post_init__(self) -> None:
        self.live = Schemas.of(self.database)
        self.new = self.live.beside(NEW)
        self.former = self.live.beside(FORMER)

    def run(self, *, exchange: bool = True) -> list[Comparison]:
        """Fill, compare and, unless told otherwise, exchange whatever the comparison says."""
        with self.database.connect() as admin, self.database.connect(Role.RUNNER) as worker:
            self._lay_out(admin)
            runners = [Runner(one, worker, self.new, self.opener) for one in self.make(self.new)]
            for runner in runners:
                with worker.cursor() as cursor:
                    position = self._stands_at(cursor, runner.projection.name)
                self._fill(runner, MOST if position is None else position)
            # If we stop here, a half-filled schema is left beside the live one; the next rebuild drops it.
            with admin.transaction(), admin.cursor() as cursor:
                cursor.execute(self.live.sql("LOCK TABLE {projections}.checkpoints IN EXCLUSIVE MODE"))
                compared = [self._compared(cursor, worker, runner) for runner in runners]
                if exchange:
                    self._exchange(cursor)
            return compared

    def _lay_out(self, admin: Connection[Any]) -> None:
        """Make the new schema with the live one's tables, owner and grants."""
        owner = sql.Identifier(self.database.role(Role.OWNER))
        with admin.transaction(), admin.cursor() as cursor:
            name = sql.Identifier(self.new.projections)
            cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(name))
            cursor.execute(sql.SQL("CREATE SCHEMA {} AUTHORIZATION {}").format(name, owner))
            cursor.execute(sql.SQL("SET LOCAL ROLE {}").format(owner))
            for table in _tables(cursor, self.live):
                cursor.execute(
                    sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(
                        self.new.table(table), self.live.table(table)
                    )
                )
            for privilege, on, grantee in _grants(cursor, self.live):
                what = sql.SQL("SCHEMA {}").format(name) if on is None else self.new.table(on)
                cursor.execute(
                    sql.SQL("GRANT {} ON {} TO {}").format(_PRIVILEGES[privilege], what, sql.Identifier(grantee))
                )

    def _stands_at(self, cursor: Cursor[Any], name: str) -> int | None:
        """Give how far a live projection is, None where it stands on another ledger."""
        live = Checkpoints(self.live, name)
        checkpoint = live.peek(cursor)
        try:
            live.prove(cursor, checkpoint)
        except LedgerReplaced:
            return None
        return checkpoint.position

    def _fill(self, runner: Runner, until: int) -> None:
        while (step := runner.step(until)).busy:
            self.tell(runner.projection.name, step.position)

    def _compared(self, cursor: Cursor[Any], worker: Connection[Any], runner: Runner) -> Comparison:
        """Bring a new projection to where the live one stands still, and compare."""
        name = runner.projection.name
        position = self._stands_at(cursor, name)
        self._fill(runner, MOST if position is None else position)
        with worker.transaction(), worker.cursor() as reading:
            rebuilt = digest_within(reading, self.new, name)
            reached = Checkpoints(self.new, name).peek(reading).position
        live = None if position is None else digest_within(cursor, self.live, name)
        return Comparison(name, reached, live, rebuilt)

    def _exchange(self, cursor: Cursor[Any]) -> None:
        # Whoever reads begins with a checkpoint: wait for those who have begun, so that nobody reads half of each.
        cursor.execute(self.live.sql("LOCK TABLE {projections}.checkpoints IN ACCESS EXCLUSIVE MODE"))
        rename = sql.SQL("ALTER SCHEMA {} RENAME TO {}")
        live, new, former = (sql.Identifier(one.projections) for one in (self.live, self.new, self.former))
        cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(former))
        cursor.execute(rename.format(live, former))
        cursor.execute(rename.format(new, live))


_PRIVILEGES = {name: sql.SQL(name) for name in ("SELECT", "INSERT", "UPDATE", "DELETE", "USAGE")}


def _tables(cursor: Cursor[Any], schemas: Schemas) -> list[str]:
    rows = cursor.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'r' ORDER BY relname",
        [schemas.projections],
    )
    return [name for (name,) in rows]


def _grants(cursor: Cursor[Any], schemas: Schemas) -> list[tuple[str, str | None, str]]:
    """List what others than the owner may do: (privilege, table or None for the schema, role)."""
    rows = cursor.execute(
        "SELECT g.privilege_type, c.relname, g.grantee::regrole::text FROM pg_class AS c, aclexplode(c.relacl) AS g"
        " WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind = 'r' AND g.grantee <> c.relowner"
        " UNION ALL SELECT g.privilege_type, NULL, g.grantee::regrole::text"
        " FROM pg_namespace AS n, aclexplode(n.nspacl) AS g"
        " WHERE n.oid = %(schema)s::regnamespace AND g.grantee <> n.nspowner ORDER BY 1, 2, 3",
        {"schema": schemas.projections},
    )
    return rows.fetchall()
