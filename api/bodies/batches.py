"""Batches as they are given out: what a delivery brought, and what became of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from api.bodies.base import Body, Position
from api.sending import Sent
from domain.facts.base import PlainText
from domain.facts.correction import VoidReason
from ledger.batches import Batch, BatchCounts

Count = Annotated[int, Field(ge=0)]


class CountsBody(Body):
    """The verdicts of a delivery's rows. rows = accepted + duplicate + conflict + held + invalid."""

    rows: Count
    accepted: Count
    duplicate: Count
    conflict: Count
    held: Count
    invalid: Count
    control_sum: int
    first_position: Position | None
    last_position: Position | None


class UndoneBody(Body):
    """A batch was taken back by voids: how many, and in which batch they stand."""

    voided_by: UUID
    voided: Count
    void_before: Count
    corrected_before: Count
    erased: Count


class UndoingAsked(Sent):
    """Somebody on duty asks for a batch to be taken back. Another person approves."""

    reason: Annotated[VoidReason, Field(description="作废原因")]
    note: Annotated[PlainText, Field(description="what the second person should know")] = "HTTP"


class ApprovalAsked(Sent):
    """Another person approves. `reason`: where several are proposed, which."""

    reason: VoidReason | None = None


class UndoingBody(Body):
    """What undoing a batch would void, and what not. `proposed_at`: where the proposal stands, where it was made.

    entries = voided + void_before + corrected_before + those that stand; the voids among them are in none of these.
    """

    batch_id: UUID
    entries: Count
    standing: Annotated[Count, Field(description="would be voided")]
    voided: Count
    void_before: Count
    corrected_before: Count
    voids: Count
    subjects: Count
    proposed_at: Position | None = None

    @classmethod
    def of(cls, batch: Batch, counts: BatchCounts, proposed_at: int | None = None) -> Self:
        """Describe a preview."""
        told = counts._asdict()
        del told["by_topic"]
        return cls(batch_id=batch.batch_id, standing=counts.standing, proposed_at=proposed_at, **told)


class BatchBody(Body):
    """One batch. `counts` null: its import has begun and not ended. `full`: of a full file, how many it lacked.

    The file's digest is sealed: `digest` says only whether there is one.
    """

    batch_id: UUID
    organ: str
    by: str
    channel: str
    recorded_at: datetime
    position: Annotated[Position, Field(description="of the last entry of its life: the cursor of the list")]
    digest: Annotated[str, Field(pattern="^(sealed|none)$")]
    counts: CountsBody | None
    full: Annotated[int | None, Field(description="entries voided because a full file lacked them")]
    undone: UndoneBody | None

    @classmethod
    def of(cls, batch: Batch) -> Self:
        """Describe a batch."""
        receipt, undone = batch.receipt, batch.undone
        return cls(
            batch_id=batch.batch_id,
            organ=batch.organ,
            by=batch.by,
            channel=batch.channel,
            recorded_at=batch.recorded_at,
            position=batch.position,
            digest="none" if receipt is None else "sealed",
            counts=None
            if receipt is None
            else CountsBody(**receipt.model_dump(include=set(CountsBody.model_fields))),
            full=None if batch.compared is None else batch.compared.absent,
            undone=None
            if undone is None
            else UndoneBody(**undone.model_dump(include=set(UndoneBody.model_fields))),
        )


class BatchesBody(Body):
    """Batches, newest first by what last happened to them. `next` goes on after the last one: `before=`."""

    batches: list[BatchBody]
    next: Position | None

    @classmethod
    def of(cls, batches: Sequence[Batch], asked: int) -> Self:
        """Describe a page."""
        more = len(batches) == asked
        return cls(
            batches=[BatchBody.of(one) for one in batches],
            next=batches[-1].position if more and batches else None,
        )
