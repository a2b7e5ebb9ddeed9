"""What scores are computed under: published rulebooks and complete feeds, as known at one position.

Read again only when an entry changed them; documents are kept by their hash, which says all of them.
"""

from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from psycopg import Cursor, sql

from domain.coverage import Coverage
from domain.next_change import Timetable
from domain.rulebook.document import Document, read_tree
from domain.rulebook.problems import Unsound
from domain.rulebook.resolution import Published, RulebookSet, resolve
from ledger.canonical import parse
from projections.feeds import feeds_at
from projections.households import counts_relatives
from projections.projection import ProjectionBroken
from projections.reading import MOST
from projections.schemas import Schemas

SETS_MAX = 4_096
"""Sets of documents remembered for one position, by place and day."""


class Mark(NamedTuple):
    """Tells one state of the rules from another: the last position that changed them, and how many did."""

    position: int
    changes: int


def mark_query(schemas: Schemas, as_at: sql.Composable) -> sql.Composed:
    """Ask for the mark of the rules that are known at a position."""
    return sql.SQL(
        "SELECT coalesce(max(position), 0), count(*) FROM ("
        "SELECT position FROM {feeds} UNION ALL SELECT voided_position FROM {feeds} UNION ALL"
        " SELECT published_position FROM {rulebooks} UNION ALL SELECT retired_position FROM {rulebooks}"
        ") AS changes WHERE position <= {as_at}"
    ).format(feeds=schemas.table("feeds"), rulebooks=schemas.table("rulebooks"), as_at=as_at)


class Rules:
    """Rulebooks and coverage at one position."""

    def __init__(self, mark: Mark, published: list[Published], coverage: Coverage) -> None:
        self.mark = mark
        self.coverage = coverage
        self.published = published
        self._sets: dict[tuple[str, date], RulebookSet] = {}

    @cached_property
    def count_relatives(self) -> bool:
        """Say whether any rulebook counts what relatives have."""
        return any(counts_relatives(version.document.rulebook) for version in self.published)

    @property
    def timetable(self) -> Timetable:
        """Give what is published, for whoever looks ahead."""
        return Timetable(self.published)

    def under(self, place: str, as_of: date) -> RulebookSet:
        """Give the documents in force at a district or a zone on a day."""
        found = self._sets.get((place, as_of))
        if found is None:
            if len(self._sets) >= SETS_MAX:  # who asks for ever more days must not fill the memory
                self._sets.clear()
            found = self._sets[place, as_of] = resolve(self.published, place, as_of)
        return found


class RulesReader:
    """Reads rules, and remembers the last that were read."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._documents: dict[str, Document] = {}
        self._last: Rules | None = None

    def at(self, cursor: Cursor[Any], as_at: int = MOST) -> Rules:
        """Give the rules known at a position. Raises ProjectionBroken where this release cannot read one."""
        mark = self._mark(cursor, as_at)
        if self._last is None or self._last.mark != mark:
            coverage = Coverage(feeds_at(cursor, self._schemas, as_at))
            self._last = Rules(mark, self._published(cursor, as_at), coverage)
        return self._last

    def _mark(self, cursor: Cursor[Any], as_at: int) -> Mark:
        found = cursor.execute(mark_query(self._schemas, sql.Placeholder("as_at")), {"as_at": as_at}).fetchone()
        return Mark(*found) if found else Mark(0, 0)

    def known(self, mark: Mark) -> Rules | None:
        """Give the rules that were read last, if they are those of a mark."""
        return self._last if self._last is not None and self._last.mark == mark else None

    def _published(self, cursor: Cursor[Any], as_at: int) -> list[Published]:
        rows = cursor.execute(
            self._schemas.sql(
                "SELECT content, document, published_position, effective_from, effective_to,"
                " CASE WHEN retired_position <= %(as_at)s THEN retired_on END"
                " FROM {projections}.rulebooks WHERE published_position <= %(as_at)s AND document IS NOT NULL"
                " ORDER BY published_position"
            ),
            {"as_at": as_at},
        )
        return [
            Published(self._document(content, tree), position, effective_from, effective_to, retired_on)
            for content, tree, position, effective_from, effective_to, retired_on in rows
        ]

    def _document(self, content: str, tree: bytes) -> Document:
        document = self._documents.get(content)
        if document is None:
            try:
                document = read_tree(parse(tree))
            except Unsound:
                raise ProjectionBroken(f"rulebook {content}") from None
            self._documents[content] = document
        return document
