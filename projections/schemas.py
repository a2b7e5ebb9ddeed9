"""Where projections live, and how their SQL names tables: the ledger's schema and one of their own."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import LiteralString, Self

from psycopg import sql

from ledger.database import Database, checked_ledger_name

SUFFIX = "_projections"


@dataclass(frozen=True, slots=True)
class Schemas:
    """The two schemas. `projections` is another one while a rebuild fills it."""

    ledger: str
    projections: str

    @classmethod
    def of(cls, database: Database) -> Self:
        """Name the live schemas of a ledger."""
        return cls(database.schema, checked_ledger_name(database.ledger) + SUFFIX)

    def beside(self, ending: str) -> Self:
        """Name a schema beside the live one, such as that of a rebuild."""
        return replace(self, projections=f"{self.projections}_{ending}")

    def table(self, name: str) -> sql.Identifier:
        """Name a table of the projections."""
        return sql.Identifier(self.projections, name)

    @property
    def schema(self) -> sql.Identifier:
        """Name the schema of the projections."""
        return sql.Identifier(self.projections)

    def sql(self, text: LiteralString, **parts: sql.Composable) -> bytes:
        """Put the schemas where `{ledger}` and `{projections}` stand, and named parts where their names do."""
        return _plain(self, text) if not parts else _filled(self, text, **parts)


def _filled(schemas: Schemas, text: LiteralString, **parts: sql.Composable) -> bytes:
    ledger, projections = sql.Identifier(schemas.ledger), sql.Identifier(schemas.projections)
    return sql.SQL(text).format(ledger=ledger, projections=projections, **parts).as_bytes(None)


@lru_cache(maxsize=1_024)
def _plain(schemas: Schemas, text: LiteralString) -> bytes:
    """Fill a text that is the same each time: a runner's step has some thirty of them."""
    return _filled(schemas, text)
