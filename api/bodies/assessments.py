"""The year's assessment 年度申评 and fraud: what is sent to their acts, and what is given out."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from api.bodies.acts import On
from api.bodies.base import Body, Digest, Points, Position, example
from api.bodies.base import Day as CivilDay
from api.bodies.rounds import RecordedBody
from api.sending import Sent
from domain.assessment import Claim, ClaimState, Year, YearState
from domain.facts import AssessmentOpened
from domain.facts.base import Day, Month, PlainText, SpellId, Text
from domain.facts.base import Digest as DigestSent
from domain.facts.use import UseName
from domain.facts.use import Year as CivilYear
from domain.notation import E4
from domain.places import PlaceCode
from ledger.rounds import Reply
from projections.assessments import Waiting
from projections.office.assessing import Shown

WorkingDays = Annotated[int, Field(ge=1, le=250, description="working days")]
Item = Annotated[str, Field(pattern=r"^[a-z][a-z0-9._-]*/[a-z][a-z0-9_]*$", description="document/item")]
Whom = Annotated[UUID | None, Field(strict=False, description="left out by a resident: it is their own")]


class YearOpening(Sent):
    """A place's assessment of a year, in [opens_on, closes_on], both inside."""

    place: PlaceCode
    year: CivilYear
    opens_on: Day
    closes_on: Day
    counted_on: Day
    opt_in: bool = False
    review_days: WorkingDays = 10
    recheck_days: WorkingDays = 5

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.closes_on < self.opens_on:
            raise ValueError("closes-before-opens")
        return self


class Joining(Sent):
    """Take part. `subject` is left out by a resident: it is their own."""

    subject: Whom = None
    on: On = None


class Claiming(Sent):
    """A new item with evidence (claim), or an automatic item looked at again (recheck)."""

    claim: SpellId
    item: Item
    asks: Literal["claim", "recheck"] = "claim"
    subject: Whom = None
    evidence: Annotated[DigestSent | None, Field(description="SHA-256 of what was handed in")] = None
    months: Annotated[list[Month] | None, Field(max_length=600, description="months that are missing")] = None
    says: Annotated[Text | None, Field(description="in the resident's words; sealed")] = None
    on: On = None


class Examination(Sent):
    """What is said to a claim. A new item is granted by two examiners who send the same."""

    answer: Literal["granted", "refused", "returned"]
    reason: PlainText | None = None
    due_on: Annotated[Day | None, Field(description="a return's: the day by which it is supplemented")] = None
    points: Annotated[str | None, Field(pattern=r"^[0-9]{1,4}(\.[0-9]{1,4})?$", description="by hand")] = None
    on: On = None

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if (self.answer == "returned") != (self.due_on is not None):
            raise ValueError("return-day")
        if self.answer != "granted" and self.reason is None:
            raise ValueError("reason-wanted")
        return self

    def reply(self) -> Reply:
        """Give the reply."""
        points = None if self.points is None else Decimal(self.points)
        return Reply(self.answer, self.reason, self.due_on, points)


class Certifying(Sent):
    """Certify the score of the counting day. `valid_to` is the first day without it."""

    valid_to: Day | None = None
    on: On = None


class Finding(Sent):
    """Fraud found, and from when on one may apply again. `basis` is sealed, `reason` stands in the open."""

    subject: Annotated[UUID, Field(strict=False)]
    place: PlaceCode
    barred_until: Annotated[Day, Field(description="the first day without the bar")]
    programme: Annotated[UseName | None, Field(description="one alone; every one of the place if left out")] = None
    basis: Text
    reason: PlainText
    on: On = None


class YearOpenedBody(Body):
    """A year as it was opened."""

    place: str
    year: int
    opens_on: CivilDay
    closes_on: CivilDay
    counted_on: CivilDay
    opt_in: bool
    review_days: int
    recheck_days: int

    @classmethod
    def of(cls, opened: AssessmentOpened) -> Self:
        """Describe an opening."""
        return cls(**opened.model_dump(mode="json", exclude={"kind"}))


class WaitingBody(Body):
    """A claim that waits, and the last day for its answer."""

    subject: UUID
    claim: str
    item: str
    asks: Literal["claim", "recheck"]
    state: ClaimState
    answer_by: CivilDay
    overdue: bool

    @classmethod
    def of(cls, each: Waiting) -> Self:
        """Describe what waits."""
        claim = each.claim
        return cls(
            subject=each.subject,
            claim=claim.number,
            item=claim.item,
            asks=claim.asks,
            state=claim.state,
            answer_by=each.answer_by.isoformat(),
            overdue=each.overdue,
        )


class AssessmentBody(Body):
    """A year on a day: how many residents are in which state, and the claims that wait, those due first."""

    opened: YearOpenedBody
    counts: dict[YearState, int]
    waiting: list[WaitingBody]

    @classmethod
    def of(cls, found: Shown) -> Self:
        """Describe a year."""
        waiting = [WaitingBody.of(each) for each in found.waiting]
        return cls.model_validate(
            {"opened": YearOpenedBody.of(found.opened), "counts": found.counts, "waiting": waiting}
        )


class ClaimBody(Body):
    """One claim, and how it stands. `answer_by`: while it waits."""

    item: str
    asks: Literal["claim", "recheck"]
    filed_on: CivilDay
    state: ClaimState
    answered_on: CivilDay | None
    due_on: CivilDay | None
    answer_by: CivilDay | None

    @classmethod
    def of(cls, claim: Claim, answer_by: str | None) -> Self:
        """Describe a claim."""
        return cls(
            item=claim.item,
            asks=claim.asks,
            filed_on=claim.filed_on.isoformat(),
            state=claim.state,
            answered_on=_day(claim.answered_on),
            due_on=_day(claim.due_on),
            answer_by=answer_by,
        )


class CertifiedItemBody(Body):
    """One row of a certificate, with its own counting day."""

    item: str
    counted_on: CivilDay
    points: Points


class CertificateBody(Body):
    """核定积分: the score of the counting day as it was known at a position."""

    points: Points
    counted_on: CivilDay
    as_at: Position
    rulebooks: Digest
    certified_on: CivilDay
    valid_to: CivilDay | None
    items: list[CertifiedItemBody]


class YearBody(Body):
    """A resident's year. 未参评 (not_taken_part) counts 0. `certified`: the newest of so many certificates."""

    opened: YearOpenedBody
    state: YearState
    joined_on: CivilDay | None
    claims: dict[str, ClaimBody]
    certified: CertificateBody | None
    certificates: int

    @classmethod
    def of(cls, found: Shown, subject: UUID) -> Self:
        """Describe the year of one resident."""
        year = found.years[subject]
        due = {each.claim.number: each.answer_by.isoformat() for each in found.waiting}
        return cls(
            opened=YearOpenedBody.of(found.opened),
            state=year.state,
            joined_on=_day(year.joined_on),
            claims={number: ClaimBody.of(each, due.get(number)) for number, each in year.claims.items()},
            certified=_certificate(year),
            certificates=len(year.certified),
        )


class ClaimedBody(RecordedBody):
    """The claim is filed; it is answered by a day at the latest."""

    model_config = example({"position": 1024, "duplicate": False, "answer_by": "2026-04-14"})
    answer_by: CivilDay


class ExaminedBody(Body):
    """`recorded` false: one person has examined it, and another must send the same."""

    recorded: bool
    position: Position | None


class CertifiedBody(RecordedBody):
    """The score is certified."""

    model_config = example({"position": 1024, "duplicate": False, "points": "87.50"})
    points: Points


def _certificate(year: Year) -> CertificateBody | None:
    if not year.certified:
        return None
    newest = year.certified[-1]
    return CertificateBody(
        points=_points(newest.points_e4),
        counted_on=newest.counted_on.isoformat(),
        as_at=newest.as_at,
        rulebooks=newest.rulebooks,
        certified_on=newest.certified_on.isoformat(),
        valid_to=_day(newest.valid_to),
        items=[
            CertifiedItemBody(
                item=each.item, counted_on=each.counted_on.isoformat(), points=_points(each.points_e4)
            )
            for each in newest.items or ()
        ],
    )


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _points(points_e4: int) -> str:
    """Write points with two digits, or as many as they have."""
    whole, _, part = f"{Decimal(points_e4).scaleb(-E4):.4f}".partition(".")
    return f"{whole}.{part[:2]}{part[2:].rstrip('0')}"
