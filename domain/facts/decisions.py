"""Decisions 认定决定 as recorded: one entry in the subject's stream, and what became of one after later facts."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from domain.facts.base import About, Day, Digest, Fact, PlainText, Sealed, SpellId
from domain.facts.governance import DocId
from domain.facts.rounds import RoundId
from domain.facts.use import Position, UseName
from domain.places import PlaceCode

Settlement = Literal["upheld", "revised", "payment-adjusted"]
EngineNumber = Annotated[str, Field(pattern=r"^[0-9]{1,6}$", description="the meaning of evaluation")]


class DecisionMade(Fact):
    """认定决定: what was decided, on what was known at `as_at`. The record itself is sealed: its inputs are.

    `decision` is SHA-256 over the record's canonical bytes, `leaf` the ledger's leaf at `as_at`.
    """

    about: ClassVar[About] = About(zh="认定决定", key=("decision",))
    kind: Literal["decision-made.v1"] = "decision-made.v1"
    decision: Digest
    programme: UseName
    doc: DocId
    content: Digest
    place: PlaceCode
    round: RoundId | None = None
    application: SpellId | None = None
    as_of: Day
    as_at: Position
    leaf: Digest
    rulebooks: Digest
    engine: EngineNumber
    decided_on: Day
    record: Sealed[dict[str, Any]]


class RedeterminationSettled(Fact):
    """重新认定: a decision met facts that became known later; it was upheld, revised, or a payment was adjusted.

    `as_at` is what was known when this was settled; `after` names the decision as it would be on that.
    """

    about: ClassVar[About] = About(zh="重新认定", key=("decision", "as_at"))
    kind: Literal["redetermination-settled.v1"] = "redetermination-settled.v1"
    decision: Digest
    as_at: Position
    after: Digest
    outcome: Settlement
    settled_on: Day
    reason: PlainText
