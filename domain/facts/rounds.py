"""Rounds of a programme: the window and its lock in the round's own stream, applications in their subjects'."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from domain.facts.base import About, Day, Digest, Fact, KindName, PlainText, SpellId, Stream
from domain.facts.governance import ActorId
from domain.facts.use import Position, UseName
from domain.places import PlaceCode

RoundId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9._-]{1,59}$", description="the round's name for ever")]
UnitId = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", description="a town, a school, or `all`")
]
ItemId = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_./-]{0,79}$", description="a condition or an item of a table")
]
Seed = Annotated[str, Field(pattern=r"^[!-~]([ -~]{0,198}[!-~])?$", description="printable ASCII")]


class RoundOpened(Fact):
    """批次开启: a programme's window [opens_on, closes_on], both inside.

    `late_facts` is the declared rule for what becomes known after the lock: listed only, or re-determined.
    """

    about: ClassVar[About] = About(zh="批次开启", stream=Stream.ROUND, key=("round",))
    kind: Literal["round-opened.v1"] = "round-opened.v1"
    round: RoundId
    programme: UseName
    content: Digest
    place: PlaceCode
    opens_on: Day
    closes_on: Day
    counted_on: Day
    late_facts: Literal["listed", "redetermined"] = "listed"

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.closes_on < self.opens_on:
            raise ValueError("closes-before-opens: a window closes on or after the day it opens")
        return self


class RoundExtended(Fact):
    """批次延期: the window closes later than was said."""

    about: ClassVar[About] = About(zh="批次延期", stream=Stream.ROUND, key=("round", "closes_on"))
    kind: Literal["round-extended.v1"] = "round-extended.v1"
    round: RoundId
    closes_on: Day
    reason: PlainText


class WindowClosed(Fact):
    """批次截止: the window is over; how many applications stand, and how many were filed late and are void."""

    about: ClassVar[About] = About(zh="批次截止", stream=Stream.ROUND, key=("round", "closed_on"))
    kind: Literal["window-closed.v1"] = "window-closed.v1"
    round: RoundId
    closed_on: Day
    standing: Annotated[int, Field(ge=0, le=10**8)]
    void: Annotated[int, Field(ge=0, le=10**8)]


class PlacesDeclared(Fact):
    """公布名额: how many places a unit has in this round; a later declaration takes the place of an earlier one."""

    about: ClassVar[About] = About(zh="公布名额", stream=Stream.ROUND, key=("round", "unit", "declared_on"))
    kind: Literal["places-declared.v1"] = "places-declared.v1"
    round: RoundId
    unit: UnitId
    places: Annotated[int, Field(ge=0, le=10**6)]
    declared_on: Day


class RoundLocked(Fact):
    """批次锁定: from here on the round is decided by what was known at `as_at`.

    With feeds incomplete it takes two people, and a reason.
    """

    about: ClassVar[About] = About(zh="批次锁定", stream=Stream.ROUND, key=("round",))
    kind: Literal["round-locked.v1"] = "round-locked.v1"
    round: RoundId
    locked_on: Day
    as_at: Position
    incomplete: list[KindName] = Field(max_length=80, default_factory=list)
    overridden_by: list[ActorId] = Field(max_length=2, default_factory=list)
    reason: PlainText | None = None

    @model_validator(mode="after")
    def _two_override(self) -> Self:
        two = len(set(self.overridden_by)) == 2 and self.reason is not None
        if self.incomplete and not two:
            raise ValueError("two-people: an incomplete feed is overridden by two people, with a reason")
        return self


class RoundCancelled(Fact):
    """批次取消: nothing follows from this round."""

    about: ClassVar[About] = About(zh="批次取消", stream=Stream.ROUND, key=("round",))
    kind: Literal["round-cancelled.v1"] = "round-cancelled.v1"
    round: RoundId
    on: Day
    reason: PlainText


class SeedPublished(Fact):
    """公布摇号种子: the seed of the draw, published after the cut-off, from a source that nobody here controls."""

    about: ClassVar[About] = About(zh="公布摇号种子", stream=Stream.ROUND, key=("round",))
    kind: Literal["seed-published.v1"] = "seed-published.v1"
    round: RoundId
    seed: Seed
    drawn_from: PlainText
    published_on: Day


class RankingPublished(Fact):
    """公布排名: the ranking as published, by the hash of its bytes; it is never edited."""

    about: ClassVar[About] = About(zh="公布排名", stream=Stream.ROUND, key=("round", "content"))
    kind: Literal["ranking-published.v1"] = "ranking-published.v1"
    round: RoundId
    content: Digest
    published_on: Day


class NoticeStarted(Fact):
    """公示: the list with masked names is shown from one day on, and taken down on another."""

    about: ClassVar[About] = About(zh="公示", stream=Stream.ROUND, key=("round", "starts_on"))
    kind: Literal["notice-started.v1"] = "notice-started.v1"
    round: RoundId
    content: Digest
    starts_on: Day
    removed_on: Day


class ApplicationFiled(Fact):
    """提出申请: an application to a round, with choices in order of wish. Filed outside the window it is void."""

    about: ClassVar[About] = About(zh="提出申请", key=("round", "application"))
    kind: Literal["application-filed.v1"] = "application-filed.v1"
    round: RoundId
    application: SpellId
    filed_on: Day
    town: PlaceCode | None = None
    zone: UseName | None = None
    choices: list[UnitId] = Field(max_length=20, default_factory=list)


class ApplicationWithdrawn(Fact):
    """撤回申请: the applicant takes the application back."""

    about: ClassVar[About] = About(zh="撤回申请", key=("round", "application"))
    kind: Literal["application-withdrawn.v1"] = "application-withdrawn.v1"
    round: RoundId
    application: SpellId
    withdrawn_on: Day


class ItemReviewed(Fact):
    """逐项审核: one item of an application was found in order, or returned with a reason and a day."""

    about: ClassVar[About] = About(zh="逐项审核", key=("round", "application", "item", "reviewed_on"))
    kind: Literal["item-reviewed.v1"] = "item-reviewed.v1"
    round: RoundId
    application: SpellId
    item: ItemId
    reviewed_on: Day
    outcome: Literal["done", "returned"]
    reason: PlainText | None = None
    due_on: Day | None = None

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if (self.outcome == "returned") != (self.reason is not None and self.due_on is not None):
            raise ValueError("return-reason: what is returned has a reason and a day, what is done has neither")
        return self


class ItemSupplemented(Fact):
    """补正: the applicant brought what an item lacked."""

    about: ClassVar[About] = About(zh="补正", key=("round", "application", "item", "supplemented_on"))
    kind: Literal["item-supplemented.v1"] = "item-supplemented.v1"
    round: RoundId
    application: SpellId
    item: ItemId
    supplemented_on: Day


class PlaceOffered(Fact):
    """录取通知: a place is offered, to be answered by a day, that day inside."""

    about: ClassVar[About] = About(zh="录取通知", key=("round", "application", "unit", "offered_on"))
    kind: Literal["place-offered.v1"] = "place-offered.v1"
    round: RoundId
    application: SpellId
    unit: UnitId
    offered_on: Day
    answer_by: Day


class PlaceAnswered(Fact):
    """录取答复: the offer was accepted or declined; a declined place is passed on."""

    about: ClassVar[About] = About(zh="录取答复", key=("round", "application", "unit", "answered_on"))
    kind: Literal["place-answered.v1"] = "place-answered.v1"
    round: RoundId
    application: SpellId
    unit: UnitId
    answered_on: Day
    answer: Literal["accepted", "declined"]


class PlaceTransferred(Fact):
    """转学: a place was exchanged for a free one of another unit."""

    about: ClassVar[About] = About(zh="转学", key=("round", "application", "transferred_on"))
    kind: Literal["place-transferred.v1"] = "place-transferred.v1"
    round: RoundId
    application: SpellId
    from_unit: UnitId
    unit: UnitId
    transferred_on: Day


KINDS: tuple[type[Fact], ...] = (
    RoundOpened,
    RoundExtended,
    WindowClosed,
    PlacesDeclared,
    RoundLocked,
    RoundCancelled,
    SeedPublished,
    RankingPublished,
    NoticeStarted,
    ApplicationFiled,
    ApplicationWithdrawn,
    ItemReviewed,
    ItemSupplemented,
    PlaceOffered,
    PlaceAnswered,
    PlaceTransferred,
)
