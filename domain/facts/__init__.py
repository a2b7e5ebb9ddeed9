"""Every fact the ledger can hold, on one page. Read this file first.

These classes are the storage format. A field is never renamed and never given a new meaning; a fact that must
change shape gets a new class and the next version in `kind`. `docs/facts.md` is generated from them.
"""

from domain.facts.base import About, Fact, Known, Mark, Measured, Ref, Sealed, Stream
from domain.facts.correction import FactCorrected, FactVoided, SubjectFact
from domain.facts.governance import (
    ApprovalApproved,
    ApprovalProposed,
    EntryExpunged,
    GrantWithdrawn,
    LedgerOpened,
    OrganGranted,
    RulebookApproved,
    RulebookProposed,
    RulebookPublished,
    RulebookRetired,
    SubjectKeyDestroyed,
)
from domain.facts.identity import IdentityMinted, ParticularsCorrected
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
from domain.facts.supply import BatchCommitted, FeedDelivered
from domain.facts.work import (
    EmploymentEnded,
    EmploymentStarted,
    HousingEnded,
    HousingStarted,
    InsuranceMonthPaid,
)

ALL: tuple[type[Fact], ...] = (
    # identity 身份
    IdentityMinted,
    ParticularsCorrected,
    # residence and permit 居住与居住证
    ResidenceRegistered,
    ResidenceMoved,
    ResidenceEnded,
    PermitIssued,
    PermitEndorsed,
    PermitSuspended,
    PermitRestored,
    PermitEnded,
    PointsReinstatementRequested,
    # facts that count 计分事实
    InsuranceMonthPaid,
    EmploymentStarted,
    EmploymentEnded,
    HousingStarted,
    HousingEnded,
    EducationAwarded,
    SkillAwarded,
    VolunteerHoursServed,
    BloodDonated,
    HonourReceived,
    Attested,
    RestrictedFact,
    ManualGrant,
    # correction 更正
    FactVoided,
    FactCorrected,
    # supply 数据交付
    FeedDelivered,
    BatchCommitted,
    # governance 治理
    LedgerOpened,
    OrganGranted,
    GrantWithdrawn,
    RulebookProposed,
    RulebookApproved,
    RulebookPublished,
    RulebookRetired,
    ApprovalProposed,
    ApprovalApproved,
    EntryExpunged,
    SubjectKeyDestroyed,
)
BY_TOPIC: dict[str, type[Fact]] = {fact.topic(): fact for fact in ALL}
"""The registry: the stored topic (`insurance-month-paid.v1`) to its class."""

__all__ = [
    "ALL",
    "BY_TOPIC",
    "About",
    "ApprovalApproved",
    "ApprovalProposed",
    "Attested",
    "BatchCommitted",
    "BloodDonated",
    "EducationAwarded",
    "EmploymentEnded",
    "EmploymentStarted",
    "EntryExpunged",
    "Fact",
    "FactCorrected",
    "FactVoided",
    "FeedDelivered",
    "GrantWithdrawn",
    "HonourReceived",
    "HousingEnded",
    "HousingStarted",
    "IdentityMinted",
    "InsuranceMonthPaid",
    "Known",
    "LedgerOpened",
    "ManualGrant",
    "Mark",
    "Measured",
    "OrganGranted",
    "ParticularsCorrected",
    "PermitEnded",
    "PermitEndorsed",
    "PermitIssued",
    "PermitRestored",
    "PermitSuspended",
    "PointsReinstatementRequested",
    "Ref",
    "ResidenceEnded",
    "ResidenceMoved",
    "ResidenceRegistered",
    "RestrictedFact",
    "RulebookApproved",
    "RulebookProposed",
    "RulebookPublished",
    "RulebookRetired",
    "Sealed",
    "SkillAwarded",
    "Stream",
    "SubjectFact",
    "SubjectKeyDestroyed",
    "VolunteerHoursServed",
]
