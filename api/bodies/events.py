"""What an organ's system is told of the events that it sent."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from api.bodies.base import Body, Digest, Position, example
from api.intake import Taken
from api.problems import Fault, fault
from ledger.entry import Receipt
from ledger.ingest.verdicts import Outcome


class ReceiptBody(Body):
    """The ledger's receipt. `duplicate`: the fact was there before, and this is its first receipt."""

    model_config = example(
        {
            "position": 1024,
            "stream": "7c2a9d7e-6f0b-4c1f-9d59-0f0d5a3c2b11",
            "version": 17,
            "leaf": "5c" * 32,
            "recorded_at": "2026-01-05T01:30:00.123456Z",
            "duplicate": False,
        }
    )

    position: Position
    stream: UUID
    version: Annotated[int, Field(gt=0)]
    leaf: Annotated[Digest, Field(description="the entry's hash in the transparency log (RFC 6962)")]
    recorded_at: datetime
    duplicate: bool

    @classmethod
    def of(cls, receipt: Receipt, *, duplicate: bool) -> Self:
        """Describe a receipt."""
        return cls(
            position=receipt.position,
            stream=receipt.stream,
            version=receipt.version,
            leaf=receipt.leaf.hex(),
            recorded_at=receipt.recorded_at,
            duplicate=duplicate,
        )


class VerdictBody(Body):
    """What became of one event. `receipt` stands with accepted and duplicate."""

    verdict: Outcome
    receipt: ReceiptBody | None = None
    errors: list[Fault] = Field(default_factory=list)

    @classmethod
    def of(cls, taken: Taken) -> Self:
        """Describe a verdict."""
        outcome = taken.outcome
        return cls(
            verdict=outcome,
            receipt=None
            if taken.receipt is None
            else ReceiptBody.of(taken.receipt, duplicate=outcome is Outcome.DUPLICATE),
            errors=[] if taken.finding is None else [fault(taken.finding)],
        )


class BatchBody(Body):
    """The verdicts of a batch, in the order of its events, and how many of each."""

    verdicts: list[VerdictBody]
    counts: dict[Outcome, int]

    @classmethod
    def of(cls, taken: Sequence[Taken]) -> Self:
        """Describe a batch."""
        counted = Counter(one.outcome for one in taken)
        return cls(
            verdicts=[VerdictBody.of(one) for one in taken],
            counts={outcome: counted[outcome] for outcome in Outcome},
        )
