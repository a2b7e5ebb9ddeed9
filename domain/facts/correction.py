"""Corrections: a new entry that names the old one. A void cannot be voided."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from domain.facts.base import About, Day, Fact, Sealed, Text
from domain.facts.effort import (
    DonationMade,
    ItemElected,
    PatentGranted,
    PatrolAttended,
    PostEnded,
    PostHeld,
    TaxPaid,
    TrainingAttended,
)
from domain.facts.identity import IdentityMinted
from domain.facts.legacy import LegacyDecisionRecorded, LegacyScoreRecorded
from domain.facts.life import DeathRecorded, LocalHukouGained, PermitConverted, StudyEnded, StudyStarted
from domain.facts.merit import (
    Attested,
    BloodDonated,
    EducationAwarded,
    HonourReceived,
    ManualGrant,
    SkillAwarded,
    VolunteerHoursServed,
)
from domain.facts.permit import (
    PermitEnded,
    PermitEndorsed,
    PermitIssued,
    PermitRestored,
    PermitSuspended,
    PointsReinstatementRequested,
    ResidenceEnded,
    ResidenceMoved,
    ResidenceRegistered,
)
from domain.facts.restricted import RestrictedFact
from domain.facts.use import AssessmentJoined, BenefitStarted
from domain.facts.work import (
    EmploymentEnded,
    EmploymentStarted,
    HousingEnded,
    HousingStarted,
    InsuranceMonthPaid,
    InsuranceMonthRefunded,
)

VoidReason = Literal[
    "source-error",
    "agency-error",
    "wrong-person",
    "duplicate",
    "fraud",
    "revoked",
    "refunded",
    "credit-repaired",
    "sealed-by-law",
]

SubjectFact = Annotated[
    AssessmentJoined
    | Attested
    | BenefitStarted
    | BloodDonated
    | DeathRecorded
    | DonationMade
    | EducationAwarded
    | EmploymentEnded
    | EmploymentStarted
    | HonourReceived
    | HousingEnded
    | HousingStarted
    | IdentityMinted
    | InsuranceMonthPaid
    | InsuranceMonthRefunded
    | ItemElected
    | LegacyDecisionRecorded
    | LegacyScoreRecorded
    | LocalHukouGained
    | ManualGrant
    | PatentGranted
    | PatrolAttended
    | PermitConverted
    | PermitEnded
    | PermitEndorsed
    | PermitIssued
    | PermitRestored
    | PermitSuspended
    | PointsReinstatementRequested
    | PostEnded
    | PostHeld
    | ResidenceEnded
    | ResidenceMoved
    | ResidenceRegistered
    | RestrictedFact
    | SkillAwarded
    | StudyEnded
    | StudyStarted
    | TaxPaid
    | TrainingAttended
    | VolunteerHoursServed,
    Field(discriminator="kind"),
]


class FactVoided(Fact):
    """作废: the entry named in the envelope counts no more: from the start, or from a civil date on.

    Why and from when are sealed: of a restricted fact they would tell what it is.
    """

    about: ClassVar[About] = About(zh="作废", refers=True)
    kind: Literal["fact-voided.v1"] = "fact-voided.v1"
    reason: Sealed[VoidReason]
    effect: Literal["from_the_start", "from_date"] = "from_the_start"
    from_date: Sealed[Day | None] = None
    basis: Sealed[Text | None] = None

    @model_validator(mode="after")
    def _date_fits_effect(self) -> Self:
        if (self.effect == "from_date") != (self.from_date is not None):
            raise ValueError("void-date: `from_date` is given exactly when the effect is from_date")
        return self


class FactCorrected(Fact):
    """更正: voids the entry named in the envelope from the start and carries what takes its place."""

    about: ClassVar[About] = About(zh="更正", refers=True)
    kind: Literal["fact-corrected.v1"] = "fact-corrected.v1"
    reason: Sealed[VoidReason]
    basis: Sealed[Text | None] = None
    replacement: SubjectFact

    def open_part(self) -> dict[str, Any]:
        """Give the replacement's open part with its kind."""
        return {"replacement": {"kind": self.replacement.kind, **self.replacement.open_part()}}

    def sealed_part(self) -> dict[str, Any]:
        """Give what is sealed of the correction, and the replacement's sealed part, if it has one."""
        inner = self.replacement.sealed_part()
        return {**super().sealed_part(), **({"replacement": inner} if inner else {})}

    @classmethod
    def from_parts(cls, open_part: dict[str, Any], sealed_part: dict[str, Any]) -> Self:
        """Join the two parts of the replacement before validation."""
        inner = {**open_part["replacement"], **sealed_part.get("replacement", {})}
        return super().from_parts({**open_part, **sealed_part, "replacement": inner}, {})
