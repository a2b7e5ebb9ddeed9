"""Disputes 异议 as they are given out: both waits, written reasons, remedies; and what would be if upheld."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field

from api.bodies.base import Body, Digest, Label, Points, Position, example
from api.bodies.rounds import RecordedBody
from ledger.entry import Receipt
from projections.office.contested import Seen
from projections.office.disputes import Finding, RemedyBody, RemedyOutcome, RulingOutcome
from projections.office.previews import Preview

WITHHELD = ("employer", "statement")
"""What an auditor is not given: free text, and a payer, may say who somebody is (api/bodies/histories.py)."""
Place = tuple[int | None, Literal["in", "out", "awaits_draw", "not_eligible"]]


class RuledBody(Body):
    """`recorded` false: one person has asked, and another must send the same."""

    model_config = example({"recorded": True, "position": 1024, "duplicate": False})
    recorded: bool
    position: Position | None
    duplicate: bool

    @classmethod
    def of(cls, receipt: Receipt | None) -> Self:
        """Describe what came of a ruling."""
        told: dict[str, Any] = {"position": None, "duplicate": False}
        return cls(recorded=receipt is not None, **(RecordedBody.of(receipt).model_dump() if receipt else told))


class ClockBody(Body):
    """Working days: how many, and how many were ours and the organs'. `due_on` null: it stands still."""

    days: int
    ours: int
    theirs: int
    due_on: date | None


class EvidenceBody(Body):
    """A document by its digest."""

    digest: Digest
    media_type: str
    size: int


class CheckBody(Body):
    """A source check: whom it asks, since when, and what was answered."""

    name: str
    organ: str
    asked_on: date
    provisional_until: date | None
    answered_on: date | None
    outcome: Literal["corrected", "confirmed"] | None
    corrections: list[int]


class RulingBody(Body):
    """A ruling as it was recorded."""

    ruled_on: date
    outcome: RulingOutcome
    reason: str
    department: str
    rulebooks: Digest
    as_at: Position
    cites: list[int]


class RuleBody(Body):
    """The clause that was applied, in one version of its document: its hash and first day."""

    item: str
    label: Label
    clause: str
    source: str | None
    version: Digest
    effective_from: date


class InputBody(Body):
    """An entry that the ruling cites, and what it says in both tongues."""

    version: int
    position: Position
    kind: str
    organ: str
    recorded_at: datetime
    says: Label


class ReasonsBody(Body):
    """The written reasons: rule, version, inputs, department; and in sentences."""

    rule: RuleBody | None
    rulebooks: Digest
    as_at: Position
    inputs: list[InputBody]
    department: str
    zh: list[str]
    en: list[str]


class ServedBody(Body):
    """The ruling was served; the last days of the remedies."""

    served_on: date
    reconsideration_by: date
    lawsuit_by: date


class RemedyGivenBody(Body):
    """What another body decided."""

    body: RemedyBody
    decided_on: date
    outcome: RemedyOutcome


class StepBody(Body):
    """One act, and where its entry stands."""

    kind: str
    position: Position
    recorded_at: datetime


class DisputeBody(Body):
    """A dispute: what is contested, both waits, the ruling with its reasons, the remedies.

    `withheld` names what the reader is not given; `reasons` and `steps` stand where one dispute is read, not in the
    list.
    """

    number: str
    state: Literal["opened", "accepted", "declined", "ruled", "withdrawn", "escalated"]
    place: str
    item: str
    says: Literal["no-data", "wrong-value"]
    opened_on: date
    decision: Digest | None
    year: int | None
    months: list[str] | None
    employer: str | None
    statement: str | None
    clock: ClockBody | None
    due_on: date | None
    declined: str | None
    evidence: list[EvidenceBody]
    checks: list[CheckBody]
    ruling: RulingBody | None
    reasons: ReasonsBody | None
    served: ServedBody | None
    remedies: list[RemedyGivenBody]
    steps: list[StepBody]
    withheld: list[str]

    @classmethod
    def of(cls, found: Seen, *, by_auditor: bool) -> Self:
        """Describe a dispute for a reader."""
        told = found.as_json()
        withheld = [name for name in WITHHELD if by_auditor and told[name] is not None]
        return cls.model_validate({**told, **dict.fromkeys(withheld), "withheld": withheld})


class ReviewBody(Body):
    """A human review: asked when, and what was found."""

    decision: Digest
    asked_on: date
    reviewed_on: date | None
    outcome: Finding | None
    reason: str | None


class DisputesBody(Body):
    """A resident's disputes and human reviews, oldest first."""

    subject: UUID
    disputes: list[DisputeBody]
    reviews: list[ReviewBody]


class RecertifiedBody(Body):
    """A certified score: as certified, as the counting day gives it now, and as it would be."""

    year: int
    counted_on: date
    points: Points
    now: Points
    then: Annotated[Points, Field(alias="if")]


class OutcomeBody(Body):
    """A decision as it was made, and as it would be. `turns`: met and not met change places."""

    decision: Digest
    before: dict[str, Any]
    after: dict[str, Any]
    turns: bool
    differences: list[dict[str, Any]]


class OwnPlaceBody(Body):
    """One's own rank and outcome, as published and ranked again."""

    before: Place
    after: Place


class MoverBody(Body):
    """Somebody who would stand elsewhere, by a masked number."""

    application: Annotated[str, Field(examples=["A***7"])]
    before: Place
    after: Place
    turns: bool


class RankingAgainBody(Body):
    """A published ranking, which stays. `movers` null: the reader is told how many, not who."""

    round: str
    published: Digest
    own: OwnPlaceBody
    would_move: int
    would_turn: int
    movers: list[MoverBody] | None


class PreviewBody(Body):
    """What would be, if what is claimed were so. Nothing is recorded."""

    number: str
    as_of: date
    months: list[str]
    now: Annotated[Points | None, Field(description="today's total; null: no table, or a parent's months")]
    then: Annotated[Points | None, Field(alias="if")]
    certified: RecertifiedBody | None
    decision: OutcomeBody | None
    ranking: RankingAgainBody | None

    @classmethod
    def of(cls, found: Preview, *, of_others: bool) -> Self:
        """Describe a preview; `of_others`: to the office."""
        return cls.model_validate(found.as_json(of_others=of_others))
