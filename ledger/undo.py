"""Undoing a batch 撤销批次: one person asks, another approves over the same hash, and voids take everything back.

The voids are a batch of their own, appended by the bulk path, each under its own key. If the work stops anywhere,
approving again goes on: what is voided stays voided once, and the receipt is the one that would have been.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple, get_args
from uuid import UUID

from psycopg import Connection
from psycopg.rows import tuple_row

from domain.errors import BatchGone, BatchNotEnded, NothingProposed, NothingToUndo, SeveralProposed
from domain.facts import BatchCommitted, BatchUndone, FactVoided, Stream
from domain.facts.correction import VoidReason
from domain.facts.governance import Action
from ledger.batches import Batch, BatchCounts, BatchEntries, Batches, Brought
from ledger.canonical import canonical
from ledger.entry import Entry, Hand, Receipt, Request
from ledger.ingest.ledger_desk import LedgerImportDesk
from ledger.opening import Desk
from ledger.streams import named

UNDO: Action = "undo-batch"
_SOURCE = "undo-batch"
REASONS: tuple[VoidReason, ...] = get_args(VoidReason)
_PROPOSED = "SELECT content, proposed_by, approved_by FROM approvals WHERE action = %s AND content = ANY(%s)"


class _Proposal(NamedTuple):
    """What was asked for and how far it came."""

    content: bytes
    reason: VoidReason
    proposed_by: str
    approved_by: str | None


class Undoing:
    """The use cases: look first, ask, approve."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._import = LedgerImportDesk(desk)
        self._batches = Batches(desk.ledger)

    def counts(self, batch: Batch) -> BatchCounts:
        """Say what undoing would do, and what stands in its way. Raises BatchNotEnded."""
        with self._desk.ledger.auditor() as connection:
            return self.entries(connection, batch).counts()

    def entries(self, connection: Connection[Any], batch: Batch) -> BatchEntries:
        """Read what a batch brought, on a connection of the auditor's role. Raises BatchNotEnded."""
        return BatchEntries(connection, _receipt(batch), self.undoing_of(batch.batch_id))

    def undoing_of(self, batch_id: UUID) -> UUID:
        """Name the batch of the voids."""
        return self._import.batch_id(f"undo:{batch_id}")

    def propose(self, batch_id: UUID, reason: VoidReason, hand: Hand, note: str) -> Receipt:
        """Ask for a batch to be undone.

        Raises BatchUnknown, BatchNotEnded, BatchGone, NothingToUndo, ApprovalTaken.
        """
        batch = self._batches.of(batch_id)
        if batch.undone is not None:
            raise BatchGone(str(batch_id))
        if not self.counts(batch).standing:
            raise NothingToUndo(str(batch_id))
        return self._desk.approvals.propose(UNDO, self._content(batch, reason), hand, note)

    def approve(
        self,
        batch_id: UUID,
        hand: Hand,
        reason: VoidReason | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> BatchUndone:
        """Approve as another person, and undo. The same call again goes on where this one ended.

        `reason` says which proposal is meant, where there are several; `progress` is told how many were seen.
        Raises BatchUnknown, BatchNotEnded, NothingProposed, SeveralProposed, SamePerson, ApprovalTaken.
        """
        batch = self._batches.of(batch_id)
        if batch.undone is not None:
            return batch.undone
        proposal = self._proposed(batch, reason)
        # Whoever goes on after a stop, the entries are those of the person who approved.
        hand = replace(hand, recorded_by=proposal.approved_by or hand.recorded_by)
        self._desk.approvals.approve(UNDO, proposal.content, hand)
        by = replace(hand, organ=batch.organ, channel="undo", source_class="manual")
        self._desk.approvals.use(UNDO, proposal.content, self._import.key_of(batch.organ, _undone(batch_id)))
        self._void(batch, proposal.reason, by, progress)
        return self._tell(batch, proposal, by)

    def _void(self, batch: Batch, reason: VoidReason, hand: Hand, progress: Callable[[int], None] | None) -> None:
        """Void what stands, page by page. If we stop here, the next approval finds what is voided and goes on."""
        hand = replace(hand, batch_id=self.undoing_of(batch.batch_id))
        seen = 0
        with self._desk.ledger.auditor() as connection:
            for page in self.entries(connection, batch).pages():
                wanted = [one for one in page if one.topic != FactVoided.topic() and one.stands and not one.ours]
                self._import.append([_void(batch.batch_id, one, reason, hand) for one in wanted])
                seen += len(page)
                if progress is not None:
                    progress(seen)

    def _tell(self, batch: Batch, proposal: _Proposal, hand: Hand) -> BatchUndone:
        """Write the receipt of the voids, then that the batch is undone."""
        with self._desk.ledger.auditor() as connection:
            entries = self.entries(connection, batch)
            counts, (voided, first, last) = entries.counts(), entries.voids()
        undoing = self.undoing_of(batch.batch_id)
        erased = counts.standing
        receipt = BatchCommitted(
            batch_id=undoing,
            digest=proposal.content.hex(),
            rows=voided + erased,
            accepted=voided,
            duplicate=0,
            conflict=0,
            held=0,
            invalid=erased,
            first_position=first,
            last_position=last,
        )
        undone = BatchUndone(
            batch_id=batch.batch_id,
            voided_by=undoing,
            approval=proposal.content.hex(),
            reason=proposal.reason,
            entries=counts.entries,
            voided=counts.voided,
            void_before=counts.void_before,
            corrected_before=counts.corrected_before,
            erased=erased,
        )
        self._import.commit(receipt, hand)
        stream = named(Stream.BATCH, str(batch.batch_id))
        self._desk.ledger.record(Entry(stream, hand, _undone(batch.batch_id), undone))
        return undone

    def _content(self, batch: Batch, reason: VoidReason) -> bytes:
        """Hash what is approved: the batch by the leaf of its receipt, and why it goes."""
        _receipt(batch)
        tree = [UNDO, str(batch.batch_id), batch.receipt_leaf.hex(), reason]
        return self._desk.keys.suite.hash(canonical(tree))

    def _proposed(self, batch: Batch, reason: VoidReason | None) -> _Proposal:
        """Find the one proposal that is meant. Raises NothingProposed, SeveralProposed."""
        reasons = {self._content(batch, one): one for one in ([reason] if reason else REASONS)}
        with self._desk.ledger.connection() as connection:
            found = connection.cursor(row_factory=tuple_row).execute(_PROPOSED, [UNDO, list(reasons)]).fetchall()
        if not found:
            raise NothingProposed(str(batch.batch_id))
        used = [row for row in found if row[2] is not None] or found
        if len(used) > 1:
            raise SeveralProposed(str(batch.batch_id))
        [(content, proposed_by, approved_by)] = used
        return _Proposal(content, reasons[content], proposed_by, approved_by)


def _receipt(batch: Batch) -> BatchCommitted:
    if batch.receipt is None:
        raise BatchNotEnded(str(batch.batch_id))
    return batch.receipt


def _undone(batch_id: UUID) -> Request:
    """Name the entry that says it: one for each batch, whoever writes it and however often."""
    return Request(_SOURCE, str(batch_id), "batch-undone")


def _void(batch_id: UUID, one: Brought, reason: VoidReason, hand: Hand) -> Entry:
    request = Request(_SOURCE, f"{batch_id}/{one.stream}/{one.version}", subject=str(batch_id))
    return Entry(one.stream, replace(hand, refers_to=one.ref), request, FactVoided(reason=reason))
