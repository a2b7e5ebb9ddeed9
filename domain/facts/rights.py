"""Rights requests 个人信息权利请求 (PIPL 44-49): asked, answered, refused, taken back; arrangements."""

from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from domain.facts.base import About, Day, Digest, Fact, KindName, PlainText, Sealed, SpellId, Text
from domain.facts.disputes import Versions
from domain.facts.governance import ActorId
from domain.facts.use import Position
from domain.places import PlaceCode

Right = Literal["copy", "correct", "delete", "explain"]
"""查阅复制 copy (PIPL 45), 更正补充 correct (46), 删除 delete (47), 解释说明 explain (48, and 24 of decisions)."""
Relation = Literal["spouse", "parent", "child", "sibling", "grandparent", "grandchild"]
"""近亲属, what the relative is to the deceased. Source: Civil Code art. 1045."""
Because = Literal["retention", "in-use", "accurate", "sealed-by-law", "not-held", "not-the-person", "other"]
"""Why a request is refused: a retention period runs, the record is in use (dispute, benefit, hold), it is accurate,
the law seals it, nothing is held, whoever asks is not the person."""
Count = Annotated[int, Field(ge=0, lt=2**63)]


class RightsRequested(Fact):
    """提出权利请求: the person, or a near relative of a deceased one, asks; the clock of the answer starts.

    `answer_by` is the last day; `source` says where the number of days stands. `versions` are the entries in
    question, none: the whole history. A relative says in `statement` which interest of their own it serves.
    """

    about: ClassVar[About] = About(zh="提出权利请求", key=("place", "request"))
    kind: Literal["rights-requested.v1"] = "rights-requested.v1"
    place: PlaceCode
    request: SpellId
    right: Right
    asked_on: Day
    days: Annotated[int, Field(ge=1, le=250)]
    counted: Literal["calendar", "working"]
    answer_by: Day
    source: PlainText
    versions: Versions = ()
    relative: UUID | None = None
    relation: Relation | None = None
    statement: Sealed[Text | None] = None

    @model_validator(mode="after")
    def _says_who_asks(self) -> Self:
        if (self.relative is None) != (self.relation is None):
            raise ValueError("relation: a relative is named with the relation, and nobody else has one")
        return self


class RightsAnswered(Fact):
    """答复权利请求: what was asked for was done.

    A copy: how many entries of the history and how many readings it holds, and SHA-256 of the package that was
    handed out. A correction or deletion cites the entries. An explanation names its day and what was known.
    """

    about: ClassVar[About] = About(zh="答复权利请求", key=("place", "request"))
    kind: Literal["rights-answered.v1"] = "rights-answered.v1"
    place: PlaceCode
    request: SpellId
    answered_on: Day
    decided_by: ActorId
    cites: Versions = ()
    entries: Count | None = None
    readings: Count | None = None
    digest: Digest | None = None
    as_of: Day | None = None
    as_at: Position | None = None
    reason: PlainText | None = None


class RightsRefused(Fact):
    """拒绝权利请求: with the reason and the remedy (PIPL 50), and the last day for a lawsuit."""

    about: ClassVar[About] = About(zh="拒绝权利请求", key=("place", "request"))
    kind: Literal["rights-refused.v1"] = "rights-refused.v1"
    place: PlaceCode
    request: SpellId
    refused_on: Day
    decided_by: ActorId
    because: Because
    reason: PlainText
    remedy: PlainText
    lawsuit_by: Day


class RightsWithdrawn(Fact):
    """撤回权利请求: whoever asked takes it back."""

    about: ClassVar[About] = About(zh="撤回权利请求", key=("place", "request"))
    kind: Literal["rights-withdrawn.v1"] = "rights-withdrawn.v1"
    place: PlaceCode
    request: SpellId
    withdrawn_on: Day


class AfterDeathArranged(Fact):
    """生前安排: what near relatives may not do and not see after death (PIPL 49); the last one counts.

    `rights` cannot be used by them; entries of `kinds` they are not shown.
    """

    about: ClassVar[About] = About(zh="生前安排", key=("arranged_on",))
    kind: Literal["after-death-arranged.v1"] = "after-death-arranged.v1"
    arranged_on: Day
    rights: Annotated[tuple[Right, ...], Field(max_length=4, strict=False)] = ()
    kinds: Annotated[tuple[KindName, ...], Field(max_length=200, strict=False)] = ()


KINDS: tuple[type[Fact], ...] = (
    RightsRequested,
    RightsAnswered,
    RightsRefused,
    RightsWithdrawn,
    AfterDeathArranged,
)
