"""Publishing a rulebook: proposed by one person, approved by another over the same content hash.

The document itself stands in the ledger, as the canonical tree that was hashed, so that any past score can be
computed again from the ledger alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from psycopg.rows import scalar_row

from domain.errors import (
    AlreadyPublished,
    DisputedTranscription,
    NothingProposed,
    RetiredBeforeForce,
    SeveralProposed,
)
from domain.facts import Fact, RulebookApproved, RulebookProposed, RulebookPublished, RulebookRetired, Stream
from domain.facts.governance import Action
from domain.rulebook import Document, canonical_tree, read_tree
from ledger.approvals import Approvals, Records
from ledger.canonical import canonical
from ledger.entry import Entry, Hand, Receipt, Request
from ledger.mapper import idempotency_key
from ledger.streams import named

PUBLISH: Action = "publish-rulebook"
RETIRE: Action = "retire-rulebook"


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


class Publication:
    """The use cases of the policy office. Checking a document is done before, by ledger.rulebooks."""

    def __init__(self, records: Records, approvals: Approvals) -> None:
        self.records = records
        self.approvals = approvals

    def propose(self, document: Document, hand: Hand, reason: str) -> Receipt:
        """Put a checked document forward. Raises DisputedTranscription, AlreadyPublished, ApprovalTaken."""
        rulebook = document.rulebook
        if rulebook.transcription == "disputed":
            raise DisputedTranscription(rulebook.doc)
        known = self._version(rulebook.doc, document.hash)
        if known is not None and known.state is not State.PROPOSED:
            raise AlreadyPublished(f"{rulebook.doc} {document.hash[:12]}")
        fact = RulebookProposed(doc=rulebook.doc, content=document.hash, document=canonical_tree(document.tree))
        self.approvals.propose(PUBLISH, bytes.fromhex(document.hash), hand, reason)
        return self._record(fact, rulebook.doc, document.hash, hand)

    def approve(self, doc: str, content: str, hand: Hand) -> Receipt:
        """Approve and publish. Raises NothingProposed, SamePerson, AlreadyPublished."""
        proposed = self._proposed(doc, content)
        digest = bytes.fromhex(content)
        self.approvals.approve(PUBLISH, digest, hand)
        # If we stop between these lines, approving again goes on where we stopped: every step has its own key.
        approval = RulebookApproved(doc=doc, content=content, approval=content)
        self._record(approval, doc, content, hand)
        effective = proposed.rulebook.effective
        fact = RulebookPublished(
            doc=doc, content=content, effective_from=effective.from_, effective_to=effective.to
        )
        self.approvals.use(PUBLISH, digest, self._key(fact, doc, content, hand))
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
        digest = self.records.keys.suite.hash(canonical([RETIRE, doc, content, on.isoformat()]))
        if not self.approvals.by_two(RETIRE, digest, hand, f"retire {doc}"):
            return None
        fact = RulebookRetired(doc=doc, content=content, retired_on=on)
        self.approvals.use(RETIRE, digest, self._key(fact, doc, content, hand))
        return self._record(fact, doc, content, hand)

    def versions(self) -> list[Version]:
        """List every version of every document, oldest first."""
        with self.records.connection() as connection, connection.cursor(row_factory=scalar_row) as cursor:
            streams = cursor.execute(
                "SELECT DISTINCT originator_id FROM entries WHERE topic = 'rulebook-proposed.v1'"
            ).fetchall()
        found = [version for stream in streams for version in versions_of(self.records.history(stream))]
        return sorted(found, key=lambda version: version.position)

    def chosen(self, doc: str, content: str | None) -> str:
        """Find the one proposal that is meant: by the front of its hash, or because only one stands.

        Raises NothingProposed, SeveralProposed.
        """
        standing = [
            version.content
            for version in versions_of(self.records.history(named(Stream.RULEBOOK, doc)))
            if version.content.startswith(content or "") and (content or version.state is State.PROPOSED)
        ]
        if not standing:
            raise NothingProposed(doc)
        if len(standing) > 1:
            raise SeveralProposed(doc)
        return standing[0]

    def _proposed(self, doc: str, content: str) -> Document:
        for entry in self.records.history(named(Stream.RULEBOOK, doc)):
            if isinstance(entry.fact, RulebookProposed) and entry.fact.content == content:
                return read_tree(entry.fact.document)
        raise NothingProposed(f"{doc} {content[:12]}")

    def _version(self, doc: str, content: str) -> Version | None:
        history = self.records.history(named(Stream.RULEBOOK, doc))
        return next((v for v in versions_of(history) if v.content == content), None)

    def _record(self, fact: Fact, doc: str, content: str, hand: Hand) -> Receipt:
        [receipt] = self.records.record(
            Entry(named(Stream.RULEBOOK, doc), hand, _request(fact, doc, content), fact)
        )
        return receipt

    def _key(self, fact: Fact, doc: str, content: str, hand: Hand) -> bytes:
        keys = self.records.keys
        return idempotency_key(keys.suite, keys.ledger_key, hand.organ, _request(fact, doc, content))


def _request(fact: Fact, doc: str, content: str) -> Request:
    return Request("rulebooks", f"{doc}/{content}", fact.kind_name())


def versions_of(entries: Sequence[Entry]) -> list[Version]:
    """Fold one rulebook's stream. Never refuses: an approval of nothing is passed over."""
    found: dict[str, Version] = {}
    for entry in entries:
        fact = entry.fact
        match fact:
            case RulebookProposed():
                found.setdefault(
                    fact.content,
                    Version(fact.doc, fact.content, State.PROPOSED, entry.hand.recorded_by, entry.position or 0),
                )
            case RulebookPublished() if fact.content in found:
                found[fact.content] = replace(
                    found[fact.content],
                    state=State.PUBLISHED,
                    position=entry.position or 0,
                    approved_by=entry.hand.recorded_by,
                    effective_from=fact.effective_from,
                    effective_to=fact.effective_to,
                )
            case RulebookRetired() if fact.content in found:
                found[fact.content] = replace(found[fact.content], state=State.RETIRED, retired_on=fact.retired_on)
            case _:
                continue
    return list(found.values())
