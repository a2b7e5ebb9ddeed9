"""Rounds, applications, benefits and decisions as they are given out. Applications are named by their numbers."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field

from api.bodies.base import Body, Digest, Position, example
from domain.facts import DecisionMade, RedeterminationSettled
from domain.round import Application, Round
from ledger.entry import Receipt
from projections.decisions import Kept

Places = Annotated[dict[str, int], Field(description="by town or school, or under `all`")]


class RecordedBody(Body):
    """The act is recorded. `duplicate`: it had been, by just this call."""

    model_config = example({"position": 1024, "duplicate": False})
    position: Position
    duplicate: bool

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        """Describe a receipt."""
        return cls(position=receipt.position, duplicate=not receipt.new)


class RoundBody(Body):
    """A round. `as_at` is what was known at the lock; `published` are the hashes of its rankings."""

    round: str
    programme: str
    content: Digest
    place: str
    state: Literal["announced", "open", "closed", "locked", "published", "cancelled"]
    opens_on: date
    closes_on: date
    counted_on: date
    late_facts: Literal["listed", "redetermined"]
    locked_on: date | None
    as_at: Position | None
    overridden: bool
    places: Places
    free: Annotated[dict[str, int], Field(description="places that nobody has, on the day")]
    published: list[Digest]

    @classmethod
    def of(cls, current: Round, free: dict[str, int], on: date) -> Self:
        """Describe a round on a day."""
        told = {name: getattr(current, name) for name in cls.model_fields if hasattr(current, name)}
        more = {"round": current.name, "state": current.state(on).value, "free": free}
        return cls(**{**told, **more, "published": list(current.published)})


class ClosedBody(RecordedBody):
    """The window is over: how many applications stand, how many were filed late and are void."""

    model_config = example({"position": 1024, "duplicate": False, "standing": 118, "void": 2})
    standing: int
    void: int


class LockedBody(Body):
    """`locked` false: a feed is missing, one person has asked, and another must send the same."""

    model_config = example({"locked": True, "incomplete": ["permit-issued"], "position": 1024})
    locked: bool
    incomplete: Annotated[list[str], Field(description="kinds whose feed does not reach the counting day")]
    position: Position | None


class RankedBody(Body):
    """One application in a ranking. `points` null: it has no score."""

    application: str
    rank: int | None
    outcome: Literal["in", "out", "awaits_draw", "not_eligible"]
    unit: str | None
    tied: bool
    points: dict[str, Any] | None
    decision: Digest
    provisional_until: Annotated[
        date | None, Field(description="暂予认定: until when what a dispute claims counts in it unconfirmed")
    ] = None


class RankingBody(Body):
    """A ranking: `content` is the hash under which it is published, `over_quota` who was admitted beyond it."""

    round: str
    content: Digest
    programme: Digest
    counted_on: date
    as_at: Position | None
    seed: str | None
    final: bool
    over_quota: Places
    ranked: list[RankedBody]


class OfferedBody(Body):
    """A place that was offered now."""

    application: str
    rank: int | None
    unit: str


class OffersBody(Body):
    """The places that were offered now; none where nothing was free."""

    offered: list[OfferedBody]
    answer_by: date


class NoticeLineBody(Body):
    """A line of the public notice: the name is masked."""

    rank: int | None
    name: Annotated[str, Field(examples=["居*"])]
    unit: str | None
    points: str | None


class NoticeBody(Body):
    """公示: who is in, as the public sees them while the notice hangs."""

    round: str
    on: date
    notice: list[NoticeLineBody]


class ItemBody(Body):
    """One item of an application. Returned, it has a reason and a day."""

    state: Literal["done", "under_review", "returned", "lapsed"]
    reason: str | None
    due_on: date | None


class PlaceBody(Body):
    """A place that stands offered, and the answer to it."""

    unit: str
    answer_by: date
    answer: Literal["accepted", "declined"] | None


class ApplicationBody(Body):
    """An application by its number. `state` void: filed outside the window, or withdrawn."""

    application: str
    filed_on: date | None
    state: Literal["stands", "void"]
    choices: list[str]
    items: dict[str, ItemBody]
    place: PlaceBody | None

    @classmethod
    def of(cls, application: Application, current: Round, on: date) -> Self:
        """Describe an application on a day."""
        place = application.place(on)
        return cls(
            application=application.number,
            filed_on=application.filed_on,
            state="stands" if application.stands(current) else "void",
            choices=list(application.choices),
            items={
                item: ItemBody(state=state.on(on), reason=state.reason, due_on=state.due_on)
                for item, state in sorted(application.items.items())
            },
            place=None
            if place is None
            else PlaceBody(unit=place.unit, answer_by=place.answer_by, answer=place.answer),
        )


class ApplicationsBody(Body):
    """The applications of a round, by their numbers."""

    applications: list[ApplicationBody]


class LateFactBody(Body):
    """What became known after the lock. Of a relative's entry only the kind is named."""

    application: str
    of: str
    fact: dict[str, Any]
    role: str
    day: date | None


class LateFactsBody(Body):
    """Late facts, and the rule that the round declared for them."""

    late_facts: Literal["listed", "redetermined"]
    late: list[LateFactBody]


class PaidBody(Body):
    """One payment, for the months first to last."""

    first: str
    last: str
    fen: int
    failed: bool
    recovered: int


class BenefitBody(Body):
    """A benefit, month after month. `programme` null: it was not started."""

    programme: str | None
    application: str | None = None
    first_month: str | None = None
    months: int | None = None
    fen_per_month: int | None = None
    paid_fen: int = 0
    overpaid_fen: int = 0
    forfeited: Annotated[list[str], Field(default_factory=list)]
    checked_on: date | None = None
    passed: bool | None = None
    stopped_for: str | None = None
    over: bool | None = None
    payments: Annotated[dict[str, PaidBody], Field(default_factory=dict)]


class RecheckedBody(RecordedBody):
    """The conditions were checked again; `unmet` names those that did not hold."""

    model_config = example({"position": 1024, "duplicate": False, "unmet": ["contract"]})
    unmet: list[str]


class DecisionLineBody(Body):
    """A decision in a list: on what, not what. `decision` is its hash, or `@position` where it cannot be opened."""

    decision: str
    position: Position
    doc: str | None
    programme: str | None
    content: Digest | None
    place: str | None
    round: str | None
    application: str | None
    as_of: date | None
    as_at: Position | None
    leaf: Digest | None
    rulebooks: Digest | None
    engine: str | None
    decided_on: date | None

    @classmethod
    def of(cls, kept: Kept) -> Self:
        """Describe a decision."""
        return cls(decision=kept.name, position=kept.position, **_told(cls, kept.fact))


class DecisionsBody(Body):
    """Decisions, oldest first."""

    decisions: list[DecisionLineBody]


class SettledBody(Body):
    """What became of a decision after later facts."""

    as_at: Position
    after: Digest
    outcome: str
    settled_on: date
    reason: str

    @classmethod
    def of(cls, fact: RedeterminationSettled) -> Self:
        """Describe a settlement."""
        return cls(**{name: getattr(fact, name) for name in cls.model_fields})


class DecisionBody(DecisionLineBody):
    """A decision whole: the record that its hash is made of, and how it was settled later."""

    subject: UUID
    record: dict[str, Any]
    settled: list[SettledBody]


class CauseBody(Body):
    """An entry that became known later. `entry`: where it stands."""

    entry: Any
    kind: str
    position: Position


class DifferenceBody(Body):
    """One condition, the tier, the points or the grant: as decided, and as it would be."""

    what: str
    before: Any
    after: Any


class CandidateBody(Body):
    """A decision that would be another one. `turns`: its outcome would."""

    decision: str
    application: str | None
    settled: bool
    turns: bool
    differences: list[DifferenceBody]
    causes: list[CauseBody]


class MoveBody(Body):
    """Who would stand elsewhere: rank and outcome as published, and now."""

    application: str
    before: tuple[int | None, str]
    after: tuple[int | None, str]
    turns: bool


class CandidatesBody(Body):
    """What later facts would change; the published ranking stays as it is."""

    candidates: list[CandidateBody]
    moves: list[MoveBody]


class SettlementBody(RecordedBody):
    """The candidate is settled; `after` is the decision as it would be."""

    model_config = example({"position": 1024, "duplicate": False, "decision": "5c" * 32, "after": "5d" * 32})
    decision: str
    after: Digest


class ReplayBody(Body):
    """`equal`, `differs` with the places, `incomplete` with what is gone, or `other_rules`."""

    decision: str
    verdict: Literal["equal", "differs", "incomplete", "other_rules"]
    paths: list[str]


class MoveTrialBody(Body):
    """搬家试算: the resident's points where they are at home and where they would be. A trial."""

    subject: UUID
    as_of: date
    as_at: Position
    move: Annotated[Mapping[str, Any], Field(description="before, after, and each row that moves")]


def _told(body: type[Body], fact: DecisionMade | None) -> dict[str, Any]:
    named = set(body.model_fields) - {"decision", "position", "subject", "record", "settled"}
    return {name: getattr(fact, name, None) for name in named}
