"""A held row decided by a person, and taken in for the one whose it is."""

from uuid import UUID

from ledger.entry import Hand
from ledger.ingest.ledger_desk import LedgerImportDesk
from ledger.ingest.settle import Settler, Verdict
from ledger.ingest.waiting import candidate_of
from ledger.opening import Desk
from ledger.vault.held import Decision, HeldRow


def confirm(
    desk: Desk, held_id: UUID, decision: Decision, by: str, subject: UUID | None = None
) -> tuple[HeldRow, Verdict | None]:
    """Decide, and import the row where it is somebody's. Deciding the same again changes nothing.

    Gives no verdict where the row was rejected or is in the ledger already. Raises HeldRowUnknown, HeldRowDecided,
    HeldRowUndecidable.
    """
    content = desk.held.content(held_id)
    row = desk.held.confirm(held_id, decision, by, subject)
    if content is None or row.decision is Decision.REJECTED:
        return row, None
    hand = Hand(by, row.organ, channel="held", source_class="manual", batch_id=held_id)
    # If we stop below, deciding the same again finds the content still there, and the row's own key in the ledger.
    [verdict] = Settler(LedgerImportDesk(desk), hand, held_id).settle([candidate_of(content)])
    desk.held.let_go(held_id)
    return row, verdict
