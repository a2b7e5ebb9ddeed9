"""Publishing a rulebook or a programme: proposed by one person, approved by another over the same content hash.

The document itself stands in the ledger, as the canonical tree that was hashed, so that any past score, and any
decision, can be computed again from the ledger alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from psycopg.rows import scalar_row

from domain import facts
from domain.errors import (
    AlreadyPublished,
    DisputedTranscription,
    NothingProposed,
    RetiredBeforeForce,
    SeveralProposed,
)
from domain.facts import (
    DocumentApproved,
    DocumentProposed,
    DocumentPublished,
    DocumentRetired,
    Fact,
    Stream,
)
from domain.facts.governance import Action
from domain.programme import read_programme
from domain.rulebook import Document, canonical_tree, read_tree
from domain.rulebook.model import Effective
from ledger.approvals import Approvals, Records
from ledger.canonical import canonical
from ledger.entry import Entry, Hand, Receipt, Request
from ledger.mapper import idempotency_key
from ledger.streams import named


class Publishable(Protocol):
    """What is published: a named document with days of effect, its canonical tree and the tree's hash."""

    @property
    def doc(self) -> str:
        """Give the name."""

    @property
    def tree(self) -> dict[str, Any]:
        """Give the tree."""

    @property
    def hash(self) -> str:
        """Give the hash."""

    @property
    def effective(self) -> Effective:
        """Give the days."""


D = TypeVar("D", bound=Publishable)


@dataclass(frozen=True)
class Library(Generic[D]):
    """One kind of documents: in which streams they live, by which facts, under which approvals.

    `read` makes the document of its tree; `refuse` raises where one may not even be proposed.
    """

    source: str
    stream: Stream
    publish: Action
    retire: Action
    proposed: type[DocumentProposed]
    approved: type[DocumentApproved]
    published: type[DocumentPublished]
    retired: type[DocumentRetired]
    read: Callable[[Mapping[str, Any]], D]
    refuse: Callable[[D], None] = lambda _: None

    @property
    def kinds(self) -> tuple[type[Fact], ...]:
        """Give the facts of a document's life."""
        return self.proposed, self.approved, self.published, self.retired


def _undisputed(document: Document) -> None:
    if document.rulebook.transcription == "disputed":
        raise DisputedTranscription(document.doc)


RULEBOOKS = Library(
    source="rulebooks",
    stream=Stream.RULEBOOK,
    publish="publish-rulebook",
    retire="retire-rulebook",
    proposed=facts.RulebookProposed,
    approved=facts.RulebookApproved,
    published=facts.RulebookPublished,
    retired=facts.RulebookRetired,
    read=read_tree,
    refuse=_undisputed,
)
PROGRAMMES = Library(
    source="programmes",
    stream=Stream.PROGRAMME,
    publish="publish-programme",
    retire="retire-programme",
    proposed=facts.ProgrammeProposed,
    approved=facts.ProgrammeApproved,
    published=facts.ProgrammePublished,
    retired=facts.ProgrammeRetired,
    read=read_programme,
)


class State(StrEnum):
    """How far a version has come."""

    PROPOSED = "proposed"
    PUBLISHED = "published"
    RETIRED = "retired"


@dataclass(frozen=True)
class Version:
    """One version of a document in the ledger."""

    doc: str
    content: str
    state: State
    proposed_by: str
    position: int
    effective_from: date | None = None
    effective_to: date | None = None
    approved_by: str | None = None
    retired_on: date | None = None


class Publication(Generic[D]):
    """The use cases of the policy office. A document is checked before: by ledger.rulebooks, ledger.programmes."""

    def __init__(self, library: Library[D], records: Records, approvals: Approvals) -> None:
        self.library = library
        self.records = records
        self.approvals = approvals

    def propose(self, document: D, hand: Hand, reason: str) -> Receipt:
        """Put a checked document forward. Raises DisputedTranscription, AlreadyPublished, ApprovalTaken."""
        self.library.refuse(document)
        known = self._version(document.doc, document.hash)
        if known is not None and known.state is not State.PROPOSED:
            raise AlreadyPublished(f"{document.doc} {document.hash[:12]}")
        fact = self.library.proposed(
            kind=self.library.proposed.topic(),
            doc=document.doc,
            content=document.hash,
            document=canonical_tree(document.tree),
        )
        self.approvals.propose(self.library.publish, bytes.fromhex(document.hash), hand, reason)
        return self._record(fact, document.doc, document.hash, hand)

    def approve(self, doc: str, content: str, hand: Hand) -> Receipt:
        """Approve and publish. Raises NothingProposed, SamePerson, AlreadyPublished."""
        library, effective = self.library, self.document(doc, content).effective
        digest = bytes.fromhex(content)
        self.approvals.approve(library.publish, digest, hand)
        # If we stop between these lines, approving again goes on where we stopped: every step has its own key.
        approval = library.approved(kind=library.approved.topic(), doc=doc, content=content, approval=content)
        self._record(approval, doc, content, hand)
        fact = library.published(
            kind=library.published.topic(),
            doc=doc,
            content=content,
            effective_from=effective.from_,
            effective_to=effective.to,
        )
        self.approvals.use(library.publish, digest, self._key(fact, doc, content, hand))
        return self._record(fact, doc, content, hand)

    def retire(self, doc: str, content: str, on: date, hand: Hand) -> Receipt | None:
        """End a published version on a day: the first person's call asks for it, another person's does it.

        Gives None while only one has asked. Raises NothingProposed where it was never published, ApprovalTaken.
        """
        known = self._version(doc, content)
        if known is None or known.state is State.PROPOSED:
            raise NothingProposed(f"{doc} {content[:12]}")
        if known.effective_from is not None and on < known.effective_from:
            raise RetiredBeforeForce(f"{doc} {known.effective_from}")
        action = self.library.retire
        digest = self.records.keys.suite.hash(canonical([action, doc, content, on.isoformat()]))
        if not self.approvals.by_two(action, digest, hand, f"retire {doc}"):
            return None
        retired = self.library.retired
        fact = retired(kind=retired.topic(), doc=doc, content=content, retired_on=on)
        self.approvals.use(action, digest, self._key(fact, doc, content, hand))
        return self._record(fact, doc, content, hand)

    def versions(self) -> list[Version]:
        """List every version of every document, oldest first."""
        with self.records.connection() as connection, connection.cursor(row_factory=scalar_row) as cursor:
            streams = cursor.execute(
                "SELECT DISTINCT originator_id FROM entries WHERE topic = %s", [self.library.proposed.topic()]
            ).fetchall()
        found = [version for stream in streams for version in versions_of(self.records.history(stream))]
        return sorted(found, key=lambda version: version.position)

    def versions_named(self, doc: str) -> list[Version]:
        """List the versions of one document, in the order in which they were put forward."""
        return versions_of(self._history(doc))

    def chosen(self, doc: str, content: str | None) -> str:
        """Find the one proposal that is meant: by the front of its hash, or because only one stands.

        Raises NothingProposed, SeveralProposed.
        """
        standing = [
            version.content
            for version in self.versions_named(doc)
            if version.content.startswith(content or "") and (content or version.state is State.PROPOSED)
        ]
        if not standing:
            raise NothingProposed(doc)
        if len(standing) > 1:
            raise SeveralProposed(doc)
        return standing[0]

    def document(self, doc: str, content: str) -> D:
        """Read a version, whole, as it was put forward. Raises NothingProposed."""
        for entry in self._history(doc):
            if isinstance(entry.fact, DocumentProposed) and entry.fact.content == content:
                return self.library.read(entry.fact.document)
        raise NothingProposed(f"{doc} {content[:12]}")

    def _version(self, doc: str, content: str) -> Version | None:
        return next((v for v in self.versions_named(doc) if v.content == content), None)

    def _history(self, doc: str) -> list[Entry]:
        return self.records.history(named(self.library.stream, doc))

    def _record(self, fact: Fact, doc: str, content: str, hand: Hand) -> Receipt:
        request = self._request(fact, doc, content)
        [receipt] = self.records.record(Entry(named(self.library.stream, doc), hand, request, fact))
        return receipt

    def _key(self, fact: Fact, doc: str, content: str, hand: Hand) -> bytes:
        keys = self.records.keys
        return idempotency_key(keys.suite, keys.ledger_key, hand.organ, self._request(fact, doc, content))

    def _request(self, fact: Fact, doc: str, content: str) -> Request:
        return Request(self.library.source, f"{doc}/{content}", fact.kind_name())


def versions_of(entries: Sequence[Entry]) -> list[Version]:
    """Fold the stream of one document. Never refuses: an approval of nothing is passed over."""
    found: dict[str, Version] = {}
    for entry in entries:
        fact = entry.fact
        match fact:
            case DocumentProposed():
                found.setdefault(
                    fact.content,
                    Version(fact.doc, fact.content, State.PROPOSED, entry.hand.recorded_by, entry.position or 0),
                )
            case DocumentPublished() if fact.content in found:
                found[fact.content] = replace(
                    found[fact.content],
                    state=State.PUBLISHED,
                    position=entry.position or 0,
                    approved_by=entry.hand.recorded_by,
                    effective_from=fact.effective_from,
                    effective_to=fact.effective_to,
                )
            case DocumentRetired() if fact.content in found:
                found[fact.content] = replace(found[fact.content], state=State.RETIRED, retired_on=fact.retired_on)
            case _:
                continue
    return list(found.values())
