"""What points were used for: assessments joined, scores certified, benefits begun, checked, stopped and paid."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.facts.base import About, Day, Digest, Fact, Fen, Measured, Month, PlainText, Sealed, SpellId, Text
from domain.places import PlaceCode

Year = Annotated[int, Field(ge=2000, le=2199)]
UseName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="a programme's name")]
Position = Annotated[int, Field(ge=0, lt=2**63)]
PointsE4 = Annotated[int, Field(ge=-(10**10), le=10**10)]


class AssessmentJoined(Fact):
    """参加年度申评: the resident takes part in a place's assessment of a year."""

    about: ClassVar[About] = About(zh="参加年度申评", key=("place", "year"))
    kind: Literal["assessment-joined.v1"] = "assessment-joined.v1"
    year: Year
    place: PlaceCode
    joined_on: Day

    def measured(self) -> Measured:
        """Give the year as `variant`."""
        return Measured("assessment-joined", self.joined_on, place=self.place, variant=str(self.year))


class CertifiedItem(BaseModel):
    """核定项: one row of a certified score, with the day for which it was counted."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    item: Annotated[str, Field(pattern=r"^[a-z][a-z0-9._-]*/[a-z][a-z0-9_]*$", description="document/item")]
    counted_on: Day
    points_e4: Annotated[PointsE4, Field(description="10^-4 points")]


class ScoreCertified(Fact):
    """核定积分: the score of a year's assessment, as certified; a later one of the same year takes its place.

    `as_at` is the position up to which the ledger was read, `rulebooks` the hash of the set. `items` are its rows,
    each with its own day; certificates that were taken over may have none.
    """

    about: ClassVar[About] = About(zh="核定积分", key=("place", "year", "certified_on"))
    kind: Literal["score-certified.v1"] = "score-certified.v1"
    year: Year
    place: PlaceCode
    counted_on: Day
    as_at: Position
    rulebooks: Digest
    points_e4: Annotated[PointsE4, Field(description="10^-4 points")]
    certified_on: Day
    valid_to: Day | None = None
    items: Sealed[Annotated[list[CertifiedItem], Field(max_length=400)] | None] = None

    def measured(self) -> Measured:
        """Give the points in 1/10000 for the days on which the certificate is valid; the year is `variant`."""
        return Measured(
            "score-certified",
            self.certified_on,
            self.valid_to,
            place=self.place,
            variant=str(self.year),
            quantity=self.points_e4,
        )


class BenefitStarted(Fact):
    """待遇开始: a benefit granted under a programme, from its first month on. The amount is sealed."""

    about: ClassVar[About] = About(zh="待遇开始", key=("programme", "application"))
    kind: Literal["benefit-started.v1"] = "benefit-started.v1"
    programme: UseName
    application: SpellId
    place: PlaceCode
    first_month: Month
    months: Annotated[int, Field(ge=1, le=600)]
    granted_on: Day
    fen_per_month: Sealed[Fen | None] = None

    def measured(self) -> Measured:
        """Give the day of the grant; the programme is `variant`, the months `quantity`."""
        return Measured(
            "benefit-started",
            self.granted_on,
            place=self.place,
            variant=self.programme,
            quantity=self.months,
            spell=self.application,
        )


class BenefitRechecked(Fact):
    """待遇复核: before a payment the conditions were checked again."""

    about: ClassVar[About] = About(zh="待遇复核", key=("programme", "application", "on"))
    kind: Literal["benefit-rechecked.v1"] = "benefit-rechecked.v1"
    programme: UseName
    application: SpellId
    on: Day
    passed: bool
    unmet: list[UseName] = Field(max_length=40, default_factory=list)


class BenefitStopped(Fact):
    """待遇终止: nothing is paid for this month and later."""

    about: ClassVar[About] = About(zh="待遇终止", key=("programme", "application"))
    kind: Literal["benefit-stopped.v1"] = "benefit-stopped.v1"
    programme: UseName
    application: SpellId
    from_month: Month
    reason: Literal["recheck-failed", "death", "local-hukou", "permit-ended", "fraud", "withdrawn", "other"]


class PaymentMade(Fact):
    """补贴发放: an amount paid for the months [first_month, last_month]. The amount is sealed."""

    about: ClassVar[About] = About(zh="补贴发放", key=("programme", "application", "payment"))
    kind: Literal["payment-made.v1"] = "payment-made.v1"
    programme: UseName
    application: SpellId
    payment: SpellId
    paid_on: Day
    first_month: Month
    last_month: Month
    fen: Sealed[Fen]


class PaymentFailed(Fact):
    """发放失败: the bank sent the payment back; it is owed still."""

    about: ClassVar[About] = About(zh="发放失败", key=("programme", "application", "payment"))
    kind: Literal["payment-failed.v1"] = "payment-failed.v1"
    programme: UseName
    application: SpellId
    payment: SpellId
    on: Day
    reason: PlainText


class PaymentRecovered(Fact):
    """补贴追回: an amount paid was taken back, such as after fraud. The amount is sealed."""

    about: ClassVar[About] = About(zh="补贴追回", key=("programme", "application", "payment", "on"))
    kind: Literal["payment-recovered.v1"] = "payment-recovered.v1"
    programme: UseName
    application: SpellId
    payment: SpellId
    on: Day
    fen: Sealed[Fen]
    reason: Literal["fraud", "error", "other"]


class FraudFound(Fact):
    """弄虚作假认定: what was claimed was false; until a day no programme of the place is open, or not this one.

    Who found it and on what is sealed. The bar is [found_on, barred_until).
    """

    about: ClassVar[About] = About(zh="弄虚作假认定", key=("place", "programme", "found_on"), sensitive=True)
    kind: Literal["fraud-found.v1"] = "fraud-found.v1"
    place: PlaceCode
    found_on: Day
    barred_until: Day
    programme: UseName | None = None
    basis: Sealed[Text]

    @model_validator(mode="after")
    def _bars(self) -> Self:
        if self.barred_until <= self.found_on:
            raise ValueError("bar-ends-before: a bar ends after the day of the finding")
        return self

    def measured(self) -> Measured:
        """Give the days of the bar; the programme, where it is one alone, is `variant`."""
        return Measured("fraud-found", self.found_on, self.barred_until, place=self.place, variant=self.programme)


KINDS: tuple[type[Fact], ...] = (
    AssessmentJoined,
    ScoreCertified,
    BenefitStarted,
    BenefitRechecked,
    BenefitStopped,
    PaymentMade,
    PaymentFailed,
    PaymentRecovered,
    FraudFound,
)
