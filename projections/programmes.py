"""Programmes as published: one by its hash, or those in force on a day, as known at one position.

Read from the ledger alone. A document is kept by its hash, which says all of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from psycopg import Cursor

from domain.errors import ProgrammeNotSound
from domain.programme import ProgrammeDocument, read_programme
from domain.rulebook.problems import Unsound
from ledger.canonical import parse
from ledger.rounds.refusals import ProgrammeAmbiguous, ProgrammeUnknown
from projections.reading import MOST
from projections.rules import Mark
from projections.schemas import Schemas

_KEPT = 256
"""Documents kept read: those of a province for some years."""


@dataclass(frozen=True)
class PublishedProgramme:
    """A programme and its life: published at a position, in force on [effective_from, ends_on)."""

    document: ProgrammeDocument
    position: int
    effective_from: date
    ends_on: date | None

    def holds_on(self, day: date) -> bool:
        """Say whether it is in force on a day."""
        return self.effective_from <= day and (self.ends_on is None or day < self.ends_on)


def published(cursor: Cursor[Any], schemas: Schemas, as_at: int = MOST) -> list[PublishedProgramme]:
    """Read every version that was published, as known at a position, by name and first day.

    Raises ProgrammeNotSound where this release cannot read one.
    """
    rows = cursor.execute(
        schemas.sql(
            "SELECT document, published_position, effective_from,"
            " least(effective_to, CASE WHEN retired_position <= %(as_at)s THEN retired_on END)"
            " FROM {projections}.programmes WHERE published_position <= %(as_at)s AND document IS NOT NULL"
            ' ORDER BY doc COLLATE "C", effective_from, published_position'
        ),
        {"as_at": as_at},
    )
    return [PublishedProgramme(_document(bytes(row[0])), *row[1:]) for row in rows]


def mark_of(cursor: Cursor[Any], schemas: Schemas, as_at: int = MOST) -> Mark:
    """Tell one state of what is published from another."""
    found = cursor.execute(
        schemas.sql(
            "SELECT coalesce(max(position), 0), count(*) FROM ("
            "SELECT published_position FROM {projections}.programmes UNION ALL"
            " SELECT retired_position FROM {projections}.programmes) AS changes (position) WHERE position <= %s"
        ),
        [as_at],
    ).fetchone()
    return Mark(*found) if found else Mark(0, 0)


def programme_of(cursor: Cursor[Any], schemas: Schemas, content: str, as_at: int = MOST) -> ProgrammeDocument:
    """Read the version with a hash, also a retired one. Raises ProgrammeUnknown, ProgrammeNotSound."""
    row = cursor.execute(
        schemas.sql(
            "SELECT document FROM {projections}.programmes"
            " WHERE content = %s AND published_position <= %s AND document IS NOT NULL"
        ),
        [content, as_at],
    ).fetchone()
    if row is None:
        raise ProgrammeUnknown(content[:12])
    return _document(bytes(row[0]))


def in_force(versions: Iterable[PublishedProgramme], day: date) -> list[ProgrammeDocument]:
    """Give of each programme the version in force on a day, by name.

    As with rulebooks the newest version counts, the latest first day on or before the day, of equal ones the one
    published last; when it is over or retired, no older one revives.
    """
    newest: dict[str, PublishedProgramme] = {}
    for version in sorted(versions, key=lambda each: (each.effective_from, each.position)):
        if version.effective_from <= day:
            newest[version.document.doc] = version
    return [newest[doc].document for doc in sorted(newest) if newest[doc].holds_on(day)]


def named(versions: Iterable[PublishedProgramme], name: str, day: date) -> ProgrammeDocument:
    """Give the version of a programme in force on a day, by its document's name or its use's.

    Raises ProgrammeUnknown, ProgrammeAmbiguous where several documents have a use of that name.
    """
    found = [d for d in in_force(versions, day) if name in (d.doc, d.programme.programme)]
    if not found:
        raise ProgrammeUnknown(f"{name} {day}")
    if len(found) > 1:
        raise ProgrammeAmbiguous(", ".join(document.doc for document in found))
    return found[0]


def meant(versions: Iterable[PublishedProgramme], which: str) -> ProgrammeDocument:
    """Give the version whose hash begins so, or the newest of a document's name.

    Raises ProgrammeUnknown, ProgrammeAmbiguous.
    """
    versions = list(versions)
    by_name = [version for version in versions if version.document.doc == which]
    if by_name:
        return max(by_name, key=lambda each: (each.effective_from, each.position)).document
    found = [version.document for version in versions if version.document.hash.startswith(which)]
    if not found or not which:
        raise ProgrammeUnknown(which)
    if len(found) > 1:
        raise ProgrammeAmbiguous(which)
    return found[0]


@lru_cache(maxsize=_KEPT)
def _document(tree: bytes) -> ProgrammeDocument:
    try:
        return read_programme(parse(tree))
    except Unsound:
        raise ProgrammeNotSound from None
