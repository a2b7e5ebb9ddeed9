"""rulebooks and programmes: every document that was proposed, and its life; and when rounds take applications.

The only writer of the three tables.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from psycopg import Cursor

from domain.facts import DocumentApproved, DocumentProposed, DocumentPublished, DocumentRetired
from ledger.canonical import canonical
from ledger.publication import PROGRAMMES, RULEBOOKS, Library
from projections import windows
from projections.projection import Projection
from projections.reading import ReadEntry
from projections.schemas import Schemas

_COLUMNS = (
    "content",
    "stream",
    "doc",
    "document",
    "proposed_position",
    "approved_position",
    "published_position",
    "effective_from",
    "effective_to",
    "retired_position",
    "retired_on",
)


_LIBRARIES: dict[str, Library[Any]] = {"rulebooks": RULEBOOKS, "programmes": PROGRAMMES}
"""The libraries by their tables."""

_TABLES = {fact.topic(): table for table, library in _LIBRARIES.items() for fact in library.kinds}


class Rulebooks(Projection):
    """The projection. What happens to a content twice happened the first time."""

    name = "rulebooks"
    kinds = (
        *(fact.kind_name() for library in _LIBRARIES.values() for fact in library.kinds),
        *(fact.kind_name() for fact in windows.FACTS),
    )

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas

    def fold(self, batch: Sequence[ReadEntry], cursor: Cursor[Any]) -> None:
        """Fill in what each entry says of its content."""
        for entry in batch:
            known = _known(entry)
            if known is not None:
                self._fill_in(cursor, _TABLES[entry.topic], known)
        windows.fold_windows(batch, cursor, self._schemas)

    def forget(self, streams: Collection[UUID], cursor: Cursor[Any]) -> None:
        """Delete the documents and windows of these streams."""
        for table in (*_LIBRARIES, "windows"):
            text = self._schemas.sql("DELETE FROM {table} WHERE stream = ANY(%s)", table=self._schemas.table(table))
            cursor.execute(text, [list(streams)])

    def _fill_in(self, cursor: Cursor[Any], table: str, known: dict[str, Any]) -> None:
        cursor.execute(
            self._schemas.sql(
                "INSERT INTO {table} AS r (content, stream, doc, document, proposed_position,"
                " approved_position, published_position, effective_from, effective_to, retired_position,"
                " retired_on)"
                " VALUES (%(content)s, %(stream)s, %(doc)s, %(document)s, %(proposed_position)s,"
                " %(approved_position)s, %(published_position)s, %(effective_from)s, %(effective_to)s,"
                " %(retired_position)s, %(retired_on)s) ON CONFLICT (content) DO UPDATE SET"
                " document = coalesce(r.document, excluded.document),"
                " proposed_position = coalesce(r.proposed_position, excluded.proposed_position),"
                " approved_position = coalesce(r.approved_position, excluded.approved_position),"
                " published_position = coalesce(r.published_position, excluded.published_position),"
                " effective_from = coalesce(r.effective_from, excluded.effective_from),"
                " effective_to = CASE WHEN r.published_position IS NULL THEN excluded.effective_to"
                " ELSE r.effective_to END,"
                " retired_position = coalesce(r.retired_position, excluded.retired_position),"
                " retired_on = coalesce(r.retired_on, excluded.retired_on)",
                table=self._schemas.table(table),
            ),
            dict.fromkeys(_COLUMNS) | known,
        )


def _known(entry: ReadEntry) -> dict[str, Any] | None:
    """Give the columns that an entry fills in, None where it says nothing of a rulebook."""
    match entry.fact:
        case DocumentProposed() as fact:
            said = {"document": canonical(fact.document), "proposed_position": entry.position}
        case DocumentApproved() as fact:
            said = {"approved_position": entry.position}
        case DocumentPublished() as fact:
            said = {
                "published_position": entry.position,
                "effective_from": fact.effective_from,
                "effective_to": fact.effective_to,
            }
        case DocumentRetired() as fact:
            said = {"retired_position": entry.position, "retired_on": fact.retired_on}
        case _:
            return None
    return {"content": fact.content, "stream": entry.stream, "doc": fact.doc, **said}
