"""What deliveries brought: an organ sees its own batches, an auditor all. No person is in them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query

from api.auth import Actor, Role
from api.bodies.batches import BatchBody, BatchesBody
from api.door import Door
from api.wiring import SPOKEN, ReaderOfBatches, StrictRoute, UsingDoor
from domain.errors import BatchUnknown
from ledger.batches import LISTED, Batch, Batches

router = APIRouter(prefix="/v1/batches", tags=["batches"], route_class=StrictRoute, dependencies=SPOKEN)
Before = Annotated[int | None, Query(gt=0, lt=2**63, description="go on before this position: `next`")]
Limit = Annotated[int, Query(ge=1, le=200, description="batches of a page")]


@router.get("", operation_id="batches", summary="Batches 导入批次")
def batches(actor: ReaderOfBatches, door: UsingDoor, before: Before = None, limit: Limit = LISTED) -> BatchesBody:
    """List batches, newest first by what last happened to them."""
    return BatchesBody.of(Batches(door.desk.ledger).listed(limit, before, _organ(actor)), limit)


@router.get("/{batch_id}", operation_id="batch", summary="Batch 批次")
def batch(
    actor: ReaderOfBatches, door: UsingDoor, batch_id: Annotated[str, Path(description="批次编号, a UUID")]
) -> BatchBody:
    """Give one batch."""
    return BatchBody.of(_found(actor, door, batch_id))


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
