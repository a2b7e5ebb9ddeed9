"""What deliveries brought: an organ sees its own batches, an auditor all. No person is in them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query

from api.auth import Actor, Role
from api.bodies.batches import ApprovalAsked, BatchBody, BatchesBody, UndoingAsked, UndoingBody, UndoneBody
from api.door import Door
from api.refusals import BatchTooLargeHere
from api.sending import described, sent
from api.wiring import SPOKEN, ReaderOfBatches, StrictRoute, UndoingOfficer, UsingDoor
from domain.errors import BatchUnknown
from ledger.batches import LISTED, Batch, Batches
from ledger.entry import Hand
from ledger.opening import KEEPER_ORGAN
from ledger.undo import Undoing

router = APIRouter(prefix="/v1/batches", tags=["batches"], route_class=StrictRoute, dependencies=SPOKEN)
Before = Annotated[int | None, Query(gt=0, lt=2**63, description="go on before this position: `next`")]
BatchId = Annotated[str, Path(description="批次编号, a UUID")]
UNDONE_MAX = 50_000
"""Entries that one request voids: some seconds. More is for the command line, which tells how far it is."""
Limit = Annotated[int, Query(ge=1, le=200, description="batches of a page")]


@router.get("", operation_id="batches", summary="Batches 导入批次")
def batches(actor: ReaderOfBatches, door: UsingDoor, before: Before = None, limit: Limit = LISTED) -> BatchesBody:
    """List batches, newest first by what last happened to them."""
    return BatchesBody.of(Batches(door.desk.ledger).listed(limit, before, _organ(actor)), limit)


@router.get("/{batch_id}", operation_id="batch", summary="Batch 批次")
def batch(actor: ReaderOfBatches, door: UsingDoor, batch_id: BatchId) -> BatchBody:
    """Give one batch."""
    return BatchBody.of(_found(actor, door, batch_id))


@router.get("/{batch_id}/undoing", operation_id="undoing", summary="Undoing, looked at 撤销预览")
def undoing(actor: ReaderOfBatches, door: UsingDoor, batch_id: BatchId) -> UndoingBody:
    """Say what undoing a batch would void. Changes nothing."""
    return _looked_at(door, _found(actor, door, batch_id))


@router.post(
    "/{batch_id}/undoing",
    operation_id="proposeUndoing",
    summary="Ask for an undoing 提请撤销",
    openapi_extra=described(UndoingAsked, reason="source-error", note="误报整月"),
)
def propose(
    officer: UndoingOfficer,
    door: UsingDoor,
    batch_id: BatchId,
    wanted: Annotated[UndoingAsked, sent(UndoingAsked)],
) -> UndoingBody:
    """Ask for a batch to be undone, as the first of two people. Nothing is voided yet."""
    batch = _found(officer, door, batch_id)
    proposed = Undoing(door.desk).propose(batch.batch_id, wanted.reason, _hand(officer), wanted.note)
    return _looked_at(door, batch, proposed.position)


@router.post(
    "/{batch_id}/undoing/approval",
    operation_id="approveUndoing",
    summary="Approve an undoing 批准撤销",
    openapi_extra=described(ApprovalAsked, reason="source-error"),
)
def approve(
    officer: UndoingOfficer,
    door: UsingDoor,
    batch_id: BatchId,
    wanted: Annotated[ApprovalAsked, sent(ApprovalAsked)],
) -> UndoneBody:
    """Void what a batch brought, as the second of two people. The same again gives the same answer."""
    batch = _found(officer, door, batch_id)
    if batch.undone is None and Undoing(door.desk).counts(batch).standing > UNDONE_MAX:
        raise BatchTooLargeHere
    undone = Undoing(door.desk).approve(batch.batch_id, _hand(officer), wanted.reason)
    return UndoneBody(**undone.model_dump(include=set(UndoneBody.model_fields)))


def _looked_at(door: Door, batch: Batch, proposed_at: int | None = None) -> UndoingBody:
    return UndoingBody.of(batch, Undoing(door.desk).counts(batch), proposed_at)


def _hand(officer: Actor) -> Hand:
    return Hand(officer.id, KEEPER_ORGAN, channel="http", source_class="manual", person=officer.person)


def _organ(actor: Actor) -> str | None:
    return actor.name if actor.role is Role.ORGAN else None


def _found(actor: Actor, door: Door, text: str) -> Batch:
    """Find a batch that the actor may see. Raises BatchUnknown, of another's as of nobody's."""
    try:
        found = Batches(door.desk.ledger).of(UUID(text))
    except (ValueError, BatchUnknown):
        raise BatchUnknown from None
    if _organ(actor) not in (None, found.organ):
        raise BatchUnknown
    return found
