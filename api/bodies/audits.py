"""Traces of scores, samples and lists for auditors, as they are given out."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from api.bodies.base import Body, Day, Digest, Label, Points, Position
from domain.change import Change, Piece
from domain.notation import points_text
from projections.audits import ByHand, Corrected, Drawn, Late, Span
from projections.traces import Trace, Traced

Count = Annotated[int, Field(ge=0)]


class MovedBody(Body):
    """Points that moved in one place of the evaluation: a row, a cap, a hold."""

    cause: str
    effect: str
    doc: str | None
    of: str | None
    label: Label | None
    points: Points

    @classmethod
    def of_piece(cls, cause: str, piece: Piece, scale: int) -> Self:
        """Describe a piece of a step of this cause."""
        label = None if piece.label is None else Label(zh=piece.label.zh, en=piece.label.en)
        points = points_text(piece.points, scale)
        return cls(
            cause=cause,
            effect=piece.effect.value,
            doc=piece.doc or None,
            of=piece.of or None,
            label=label,
            points=points,
        )


class TracedBody(Body):
    """One entry and what it did to the score; `position` null: what happened after the last entry.

    `true_from`, `true_until` (the first day without it): as the rules read it. `days_late`: from the last of its
    days that had come to its recording. The pieces whose effect is not `validity` add up to `difference`.
    """

    position: Position | None
    stream: UUID | None
    version: int | None
    kind: str | None
    recorded_at: datetime | None
    organ: str | None
    recorded_by: str | None
    batch_id: UUID | None
    true_from: date | None
    true_until: date | None
    days_late: Count | None
    difference: Points
    total: Points
    moved: list[MovedBody]

    @classmethod
    def of(cls, step: Traced) -> Self:
        """Describe an entry of a trace."""
        entry = step.entry
        return cls(
            position=entry and entry.position,
            stream=entry and entry.stream,
            version=entry and entry.version,
            kind=entry and entry.kind,
            recorded_at=entry and entry.recorded_at,
            organ=entry and entry.organ,
            recorded_by=entry and entry.recorded_by,
            batch_id=entry and entry.batch_id,
            true_from=step.true_from,
            true_until=step.true_until,
            days_late=step.days_late,
            difference=step.difference,
            total=step.total,
            moved=[] if step.change is None else _moved(step.change),
        )


def _moved(change: Change) -> list[MovedBody]:
    return [
        MovedBody.of_piece(part.cause.value, piece, change.scale) for part in change.parts for piece in part.pieces
    ]


class TraceBody(Body):
    """How a score came to be, entry by entry; the differences add up to `total`."""

    subject: UUID
    place: str
    as_of: Day
    as_at: Position
    total: Points
    steps: list[TracedBody]

    @classmethod
    def of(cls, trace: Trace) -> Self:
        """Describe a trace."""
        return cls(
            subject=trace.subject,
            place=trace.place,
            as_of=trace.as_of.isoformat(),
            as_at=trace.as_at,
            total=trace.total,
            steps=[TracedBody.of(step) for step in trace.steps],
        )


class SpanBody(Body):
    """Positions after one and up to another."""

    after: Position
    until: Position


class DrawnBody(Body):
    """An entry of a sample."""

    position: Position
    stream: UUID
    version: int
    kind: str
    organ: str
    recorded_at: datetime
    leaf: Digest


class SampleBody(Body):
    """Entries drawn by a seed: those whose SHA-256 of `seed:position` is smallest; the same seed draws the same."""

    seed: str
    span: SpanBody
    drawn: list[DrawnBody]

    @classmethod
    def of(cls, seed: str, span: Span, drawn: list[Drawn]) -> Self:
        """Describe a sample."""
        return cls(seed=seed, span=SpanBody(**span._asdict()), drawn=[DrawnBody(**one._asdict()) for one in drawn])


class LateBody(Body):
    """Facts recorded late, by organ, kind and batch."""

    organ: str
    kind: str
    batch_id: UUID | None
    facts: Count
    days_max: Count
    days_min: Count
    first_position: Position


class ByHandBody(Body):
    """What an officer recorded by hand in a month; `share` of all that was, in the month."""

    recorded_by: str
    organ: str
    month: str
    facts: Count
    subjects: Count
    kinds: Count
    share: float


class CorrectedBody(Body):
    """Entries of a batch that were voided or corrected in the span."""

    batch_id: UUID
    corrections: Count
    officers: Count
    last_on: date


class AnomaliesBody(Body):
    """What is out of the ordinary in a span of positions. Restricted facts are in no list."""

    span: SpanBody
    late: list[LateBody]
    by_hand: list[ByHandBody]
    corrected: list[CorrectedBody]

    @classmethod
    def of(cls, span: Span, late: list[Late], by_hand: list[ByHand], corrected: list[Corrected]) -> Self:
        """Describe the lists."""
        return cls(
            span=SpanBody(**span._asdict()),
            late=[LateBody(**one._asdict()) for one in late],
            by_hand=[ByHandBody(**one._asdict()) for one in by_hand],
            corrected=[CorrectedBody(**one._asdict()) for one in corrected],
        )
