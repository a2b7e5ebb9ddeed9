"""Disputes 异议: a resident contests a certified or published result, item by item, and what becomes of it."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.civil import first_day, month_of
from domain.facts.base import About, Day, Digest, Fact, Measured, Month, PlainText, Sealed, SpellId, Text
from domain.facts.governance import ActorId
from domain.facts.rounds import RoundId
from domain.facts.use import Position, Year
from domain.facts.work import Insurance
from domain.places import PlaceCode

Item = Annotated[str, Field(pattern=r"^[a-z][a-z0-9._-]*/[a-z][a-z0-9_]*$", description="document/item")]
MediaType = Annotated[str, Field(pattern=r"^[a-z]+/[a-z0-9][a-z0-9.+-]{0,79}$", examples=["application/pdf"])]
Version = Annotated[int, Field(ge=1, lt=2**63, description="version in the resident's stream")]

Versions = Annotated[tuple[Version, ...], Field(max_length=600, strict=False)]


class DisputeOpened(Fact):
    """提出异议: an item of a certified score, or of a decision, is contested.

    `decision` is the hash of the decision, `year` that of the certified score: one of the two. What is claimed is
    sealed: which months, with which employer, and in words.
    """

    about: ClassVar[About] = About(zh="提出异议", key=("place", "dispute"), opens="dispute")
    kind: Literal["dispute-opened.v1"] = "dispute-opened.v1"
    place: PlaceCode
    dispute: SpellId
    item: Item
    says: Literal["no-data", "wrong-value"]
    opened_on: Day
    decision: Digest | None = None
    year: Year | None = None
    months: Sealed[Annotated[list[Month], Field(max_length=600)] | None] = None
    employer: Sealed[Text | None] = None
    statement: Sealed[Text | None] = None

    def measured(self) -> Measured:
        """Give the days while it is open; `variant` is the item."""
        return Measured("dispute-opened", self.opened_on, place=self.place, variant=self.item, spell=self.dispute)


class DisputeAccepted(Fact):
    """受理异议: it is looked into; `days` working days are due, `rule_by` is the last of them without a pause."""

    about: ClassVar[About] = About(zh="受理异议", key=("place", "dispute"))
    kind: Literal["dispute-accepted.v1"] = "dispute-accepted.v1"
    place: PlaceCode
    dispute: SpellId
    accepted_on: Day
    days: Annotated[int, Field(ge=1, le=250, description="working days")]
    rule_by: Day


class DisputeDeclined(Fact):
    """不予受理异议: with the reason, which the resident is told."""

    about: ClassVar[About] = About(zh="不予受理异议", key=("place", "dispute"), closes="dispute")
    kind: Literal["dispute-declined.v1"] = "dispute-declined.v1"
    place: PlaceCode
    dispute: SpellId
    declined_on: Day
    reason: PlainText

    def measured(self) -> Measured:
        """End the dispute on `starts_on`."""
        return Measured("dispute-declined", self.declined_on, place=self.place, spell=self.dispute)


class EvidenceAdded(Fact):
    """补充证据: a document by its digest, type and size in bytes; the document itself is kept elsewhere."""

    about: ClassVar[About] = About(zh="补充证据", key=("place", "dispute", "digest"))
    kind: Literal["evidence-added.v1"] = "evidence-added.v1"
    place: PlaceCode
    dispute: SpellId
    added_on: Day
    digest: Digest
    media_type: MediaType
    size: Annotated[int, Field(ge=1, le=2**40, description="bytes")]


class SourceCheckAsked(Fact):
    """提请数据校核: the organ that vouched for the fact is asked; the clock stands still until it answers.

    `provisional_until`: what is claimed counts provisionally until that day where no answer has come (exclusive).
    """

    about: ClassVar[About] = About(zh="提请数据校核", key=("place", "dispute", "check"))
    kind: Literal["source-check-asked.v1"] = "source-check-asked.v1"
    place: PlaceCode
    dispute: SpellId
    check: SpellId
    organ: ActorId
    asked_on: Day
    provisional_until: Day | None = None


class SourceCheckAnswered(Fact):
    """数据校核答复: the organ corrected its data, by entries of its own, or stands by them."""

    about: ClassVar[About] = About(zh="数据校核答复", key=("place", "dispute", "check"))
    kind: Literal["source-check-answered.v1"] = "source-check-answered.v1"
    place: PlaceCode
    dispute: SpellId
    check: SpellId
    answered_on: Day
    outcome: Literal["corrected", "confirmed"]
    corrections: Versions = ()


class ProvisionalMonthRecognised(Fact):
    """暂予认定: a month that a dispute claims counts in one round, as nobody had answered before its lock.

    In no other round, and in no score, it counts. `until` (exclusive) is the day on which it ends unanswered:
    then, or where the organ stands by its data, it is voided, and what was decided on it is looked at again.
    """

    about: ClassVar[About] = About(zh="暂予认定", key=("place", "dispute", "round", "insurance", "month"))
    kind: Literal["provisional-month-recognised.v1"] = "provisional-month-recognised.v1"
    place: PlaceCode
    dispute: SpellId
    check: SpellId
    item: Item
    round: RoundId
    month: Month
    insurance: Insurance = "pension"
    recognised_on: Day
    until: Day

    def measured(self) -> Measured:
        """Give the month; `act` is the round, `spell` the dispute, `level` the item, `completed_on` the expiry."""
        index = month_of(self.month)
        return Measured(
            "provisional-month-recognised",
            first_day(index),
            first_day(index + 1),
            place=self.place,
            variant=self.insurance,
            quantity=1,
            level=self.item,
            spell=self.dispute,
            act=self.round,
            effective_on=self.recognised_on,
            completed_on=self.until,
        )


class DisputeRuled(Fact):
    """异议裁定: maintained 维持 or corrected 更正, by two people, of whom neither recorded what is contested.

    The written reasons name the rule (`rulebooks`, the set's hash), what was known (`as_at`), the entries that the
    ruling cites by their versions in the resident's stream, and the department that answers.
    """

    about: ClassVar[About] = About(zh="异议裁定", key=("place", "dispute"), closes="dispute")
    kind: Literal["dispute-ruled.v1"] = "dispute-ruled.v1"
    place: PlaceCode
    dispute: SpellId
    ruled_on: Day
    outcome: Literal["maintained", "corrected"]
    reason: PlainText
    department: ActorId
    rulebooks: Digest
    as_at: Position
    cites: Versions = ()

    def measured(self) -> Measured:
        """End the dispute on `starts_on`."""
        return Measured("dispute-ruled", self.ruled_on, place=self.place, spell=self.dispute)


class RulingServed(Fact):
    """异议裁定送达: the ruling reached the resident: the clocks of the remedies start; both days are the last."""

    about: ClassVar[About] = About(zh="异议裁定送达", key=("place", "dispute"))
    kind: Literal["ruling-served.v1"] = "ruling-served.v1"
    place: PlaceCode
    dispute: SpellId
    served_on: Day
    reconsideration_by: Day
    lawsuit_by: Day


class DisputeWithdrawn(Fact):
    """撤回异议: the resident takes it back."""

    about: ClassVar[About] = About(zh="撤回异议", key=("place", "dispute"), closes="dispute")
    kind: Literal["dispute-withdrawn.v1"] = "dispute-withdrawn.v1"
    place: PlaceCode
    dispute: SpellId
    withdrawn_on: Day

    def measured(self) -> Measured:
        """End the dispute on `starts_on`."""
        return Measured("dispute-withdrawn", self.withdrawn_on, place=self.place, spell=self.dispute)


class DisputeEscalated(Fact):
    """提交上级复核: the city looks at it again; its ruling takes the place of the first."""

    about: ClassVar[About] = About(zh="提交上级复核", key=("place", "dispute"))
    kind: Literal["dispute-escalated.v1"] = "dispute-escalated.v1"
    place: PlaceCode
    dispute: SpellId
    escalated_on: Day
    to: ActorId


class RemedyDecided(Fact):
    """复议或诉讼结果: 维持 upheld, 撤销 revoked, 变更 changed, 确认违法 unlawful, 责令重作 redo."""

    about: ClassVar[About] = About(zh="复议或诉讼结果", key=("place", "dispute", "body", "decided_on"))
    kind: Literal["remedy-decided.v1"] = "remedy-decided.v1"
    place: PlaceCode
    dispute: SpellId
    body: Literal["reconsideration", "court"]
    decided_on: Day
    outcome: Literal["upheld", "revoked", "changed", "unlawful", "redo"]
    document: Sealed[Text | None] = None


class HumanReviewAsked(Fact):
    """请求人工复核: the person refuses a decision that only a program made (PIPL 24)."""

    about: ClassVar[About] = About(zh="请求人工复核", key=("decision",))
    kind: Literal["human-review-asked.v1"] = "human-review-asked.v1"
    decision: Digest
    asked_on: Day


class HumanReviewed(Fact):
    """人工复核: somebody looked at the decision, and says what it is and why."""

    about: ClassVar[About] = About(zh="人工复核", key=("decision", "reviewed_on"))
    kind: Literal["human-reviewed.v1"] = "human-reviewed.v1"
    decision: Digest
    reviewed_on: Day
    outcome: Literal["upheld", "to-be-revised"]
    reason: PlainText


KINDS: tuple[type[Fact], ...] = (
    DisputeOpened,
    DisputeAccepted,
    DisputeDeclined,
    EvidenceAdded,
    SourceCheckAsked,
    SourceCheckAnswered,
    ProvisionalMonthRecognised,
    DisputeRuled,
    RulingServed,
    DisputeWithdrawn,
    DisputeEscalated,
    RemedyDecided,
    HumanReviewAsked,
    HumanReviewed,
)
