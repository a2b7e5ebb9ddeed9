"""Which documents are in force for a place, on a day, for somebody who knows so much."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from domain.places import Tier, chain
from domain.rulebook.content import set_hash
from domain.rulebook.document import Document
from domain.rulebook.model import Rulebook

_ORDER = list(Tier)


@dataclass(frozen=True)
class Published:
    """A document and its life in the ledger.

    `position` is that of its publication; the days [effective_from, effective_to) are those of the publication.
    `retired_on` is the first day without it, known from `retired_at` on.
    """

    document: Document
    position: int
    effective_from: date
    effective_to: date | None = None
    retired_on: date | None = None
    retired_at: int | None = None

    def ends_on(self, as_at: int | None) -> date | None:
        """Give the first day on which it is not in force, as known at that position."""
        known = self.retired_at is None or as_at is None or self.retired_at <= as_at
        ends = [self.effective_to, self.retired_on if known else None]
        return min((end for end in ends if end is not None), default=None)


@dataclass(frozen=True)
class RulebookSet:
    """The documents under which a score is computed, from province to district; `hash` is the set's identity."""

    documents: tuple[Document, ...]
    restricted: bool = True

    @classmethod
    def of(cls, documents: Iterable[Document]) -> "RulebookSet":
        """Put documents in their order: province, city, district, then by name."""
        return cls(tuple(sorted(documents, key=lambda d: (_ORDER.index(d.rulebook.tier), d.rulebook.doc, d.hash))))

    @cached_property
    def hash(self) -> str:
        """Give the hash of the documents' sorted hashes."""
        return set_hash([document.hash for document in self.documents], restricted=self.restricted)

    @cached_property
    def notes(self) -> dict[Any, Any]:
        """Keep what a reader works out once for the set; it follows from the documents alone."""
        return {}

    @cached_property
    def scale(self) -> int:
        """Give the finest scale of the documents: points of the set are integers of 10^-scale."""
        return max((document.rulebook.scale for document in self.documents), default=2)

    @cached_property
    def rulebooks(self) -> tuple[Rulebook, ...]:
        """Give the tables, without their restricted rows where those are switched off."""
        return tuple(
            document.rulebook if self.restricted else document.rulebook.without_restricted()
            for document in self.documents
        )

    def without_restricted(self) -> "RulebookSet":
        """Switch off every row that reads restricted facts."""
        return RulebookSet(self.documents, restricted=False)


def resolve(
    published: Iterable[Published],
    place: str,
    as_of: date,
    as_at: int | None = None,
    *,
    disputed: bool = False,
) -> RulebookSet:
    """Give the documents in force at a place (a district, a town, a zone), on a day, as known at a position.

    Of one document the newest version counts: the latest `from` on or before the day, of equal ones the one
    published last. When it is over or retired, no older one revives. A disputed transcription is never resolved.
    """
    authorities = chain(place)
    newest: dict[str, Published] = {}
    for version in published:
        rulebook = version.document.rulebook
        if rulebook.authority not in authorities or (rulebook.transcription == "disputed" and not disputed):
            continue
        if version.effective_from > as_of or (as_at is not None and version.position > as_at):
            continue
        other = newest.get(rulebook.doc)
        if other is None or _age(other) < _age(version):
            newest[rulebook.doc] = version
    in_force = []
    for version in newest.values():
        ends_on = version.ends_on(as_at)
        if ends_on is None or as_of < ends_on:
            in_force.append(version.document)
    replaced = {document.rulebook.disputed.of for document in in_force if document.rulebook.disputed}
    return RulebookSet.of(document for document in in_force if document.rulebook.doc not in replaced)


def _age(version: Published) -> tuple[date, int, str]:
    return version.effective_from, version.position, version.document.hash


def as_published(documents: Iterable[Document]) -> list[Published]:
    """Take documents for published as they lie there: each from its own effective dates, all known at once."""
    return [
        Published(document, 0, document.rulebook.effective.from_, document.rulebook.effective.to)
        for document in documents
    ]
