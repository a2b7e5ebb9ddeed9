"""The year's assessment 年度申评: opened by a place, claims and rechecks of residents, answers of examiners."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.facts.base import About, Day, Digest, Fact, Month, PlainText, Sealed, SpellId, Stream, Text
from domain.facts.governance import ActorId
from domain.facts.use import Year
from domain.places import PlaceCode


class AssessmentOpened(Fact):
    """开启年度申评: a place's assessment of a year, in [opens_on, closes_on], both inside.

    Who does not take part counts 0 (未参评); an opt-in place certifies nobody who has not applied.
    """

    about: ClassVar[About] = About(zh="开启年度申评", stream=Stream.ROUND, key=("place", "year"))
    kind: Literal["assessment-opened.v1"] = "assessment-opened.v1"
    year: Year
    place: PlaceCode
    opens_on: Day
    closes_on: Day
    counted_on: Day
    opt_in: bool = False
    review_days: Annotated[int, Field(ge=1, le=250, description="working days")] = 10
    recheck_days: Annotated[int, Field(ge=1, le=250, description="working days")] = 5


class ClaimFiled(Fact):
    """积分申请或复核申请: a new item with evidence (claim), or an automatic item looked at again (recheck)."""

    about: ClassVar[About] = About(zh="积分申请或复核申请", key=("place", "year", "claim"))
    kind: Literal["claim-filed.v1"] = "claim-filed.v1"
    year: Year
    place: PlaceCode
    claim: SpellId
    item: Annotated[str, Field(pattern=r"^[a-z][a-z0-9._-]*/[a-z][a-z0-9_]*$", description="document/item")]
    asks: Literal["claim", "recheck"]
    filed_on: Day
    evidence: Digest | None = None
    months: Sealed[Annotated[list[Month], Field(max_length=600)] | None] = None
    says: Sealed[Text | None] = None


class ClaimAnswered(Fact):
    """答复: a claim or a recheck was granted, refused or returned; a grant by hand takes a second examiner."""

    about: ClassVar[About] = About(zh="答复", key=("place", "year", "claim", "answered_on"))
    kind: Literal["claim-answered.v1"] = "claim-answered.v1"
    year: Year
    place: PlaceCode
    claim: SpellId
    answered_on: Day
    answer: Literal["granted", "refused", "returned"]
    first_examiner: ActorId
    second_examiner: ActorId | None = None
    reason: PlainText | None = None
    due_on: Day | None = None


KINDS: tuple[type[Fact], ...] = (AssessmentOpened, ClaimFiled, ClaimAnswered)
