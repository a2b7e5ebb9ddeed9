"""One fact of every kind with every field given, and a bare one where nothing that may be left out is given.

Names are words for a name, and the identity number is the one printed in the standard's own examples.
"""

from datetime import date
from typing import Any
from uuid import UUID

from domain.facts import (
    AccountAssigned,
    ApprovalApproved,
    ApprovalProposed,
    AssessmentJoined,
    Attested,
    BatchCommitted,
    BatchUndone,
    BenefitRechecked,
    BenefitStarted,
    BenefitStopped,
    BloodDonated,
    CertifiedItem,
    CustodyChanged,
    DeathRecorded,
    DonationMade,
    EducationAwarded,
    EmploymentEnded,
    EmploymentStarted,
    EntryExpunged,
    Fact,
    FactCorrected,
    FactVoided,
    FamilyTieEnded,
    FamilyTieRecorded,
    FeedAgreed,
    FeedAgreementEnded,
    FeedDelivered,
    FraudFound,
    FullFileCompared,
    GrantWithdrawn,
    HonourReceived,
    HousingEnded,
    HousingStarted,
    IdentitiesMerged,
    IdentityMinted,
    InsuranceMonthPaid,
    InsuranceMonthRefunded,
    ItemElected,
    LedgerOpened,
    LegacyDecisionRecorded,
    LegacyScoreRecorded,
    LocalHukouGained,
    ManualGrant,
    OrganGranted,
    ParticularsCorrected,
    PatentGranted,
    PatrolAttended,
    PaymentFailed,
    PaymentMade,
    PaymentRecovered,
    PermitConverted,
    PermitEnded,
    PermitEndorsed,
    PermitIssued,
    PermitRestored,
    PermitSuspended,
    PointsReinstatementRequested,
    PostEnded,
    PostHeld,
    ProgrammeApproved,
    ProgrammeProposed,
    ProgrammePublished,
    ProgrammeRetired,
    ResidenceEnded,
    ResidenceMoved,
    ResidenceRegistered,
    RestrictedFact,
    RulebookApproved,
    RulebookProposed,
    RulebookPublished,
    RulebookRetired,
    ScoreCertified,
    SkillAwarded,
    StudyEnded,
    StudyStarted,
    SubjectKeyDestroyed,
    TaxPaid,
    TrainingAttended,
    VolunteerHoursServed,
)
from tests.ledger.golden.decisions import of_decisions
from tests.ledger.golden.disputes import of_disputes
from tests.ledger.golden.retention import of_retention
from tests.ledger.golden.rights import of_rights
from tests.ledger.golden.rounds import of_rounds

DAY, NEXT = date(2025, 2, 28), date(2026, 3, 1)
FIRST, SECOND = UUID(int=1), UUID(int=2)
YINZHOU, HAISHU = "330212", "330203004"
DIGEST = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
RESTRICTED = RestrictedFact(
    category="offence",
    level="detention",
    place=YINZHOU,
    acted_on=DAY,
    decided_on=date(2025, 3, 1),
    effective_on=date(2025, 3, 2),
    completed_on=date(2025, 3, 7),
    act="一事",
)
DOCUMENT = {
    "doc": "zj.common",
    "cap": 100,
    "label": {"zh": "省级共性指标", "en": "Common"},
    "items": [],
    "to": None,
}


def samples() -> dict[str, tuple[Fact, bool]]:
    """Give each sample under its file name, and whether its envelope is bare too."""
    full = {
        fact.kind: (fact, False)
        for fact in (
            *_identity(),
            *_family(),
            *_life(),
            *_merit(),
            *_effort(),
            *_use(),
            *of_decisions(),
            *of_rounds(),
            *of_disputes(),
            *of_retention(),
            *of_rights(),
            *_corrections(),
            *_ledger(),
        )
    }
    bare = {f"{fact.kind}.bare": (fact, True) for fact in _bare()}
    restricted = FactCorrected(reason="agency-error", replacement=RESTRICTED)
    items = _certified_by_item()
    more = {f"{restricted.kind}.restricted": (restricted, False), f"{items.kind}.items": (items, False)}
    return {**full, **bare, **more}


def _identity() -> list[Fact]:
    return [
        IdentityMinted(
            document_type="resident-card",
            document_number="34052419800101001X",
            name="某某·某",
            born_on=date(1980, 1, 1),
            sex="female",
        ),
        ParticularsCorrected(name="某\U00020bb7", born_on=date(1980, 1, 2), sex="male"),
        ResidenceRegistered(registered_on=DAY, place=HAISHU, spell="R/1", address="某路1号"),
        ResidenceMoved(moved_on=DAY, place=YINZHOU, spell="R/1", new_spell="R/2", address="某路2号"),
        ResidenceEnded(ended_on=NEXT, place=YINZHOU, spell="R/2"),
        PermitIssued(on=DAY, place=YINZHOU, permit="P-1"),
        PermitEndorsed(on=NEXT, place=YINZHOU, permit="P-1", late=True),
        PermitSuspended(on=NEXT, place=YINZHOU, permit="P-1"),
        PermitRestored(on=NEXT, place=YINZHOU, permit="P-1"),
        PermitEnded(on=NEXT, place=YINZHOU, permit="P-1", reason="left"),
        PointsReinstatementRequested(on=NEXT, place=YINZHOU, permit="P-1"),
        PermitConverted(
            on=NEXT, place=YINZHOU, permit="P-2", by="existing-permit", from_place="330304", from_permit="P-1"
        ),
        LocalHukouGained(on=NEXT, place=YINZHOU),
        DeathRecorded(on=NEXT),
        StudyStarted(started_on=DAY, until=NEXT, place=HAISHU, spell="X/1", school="某小学"),
        StudyEnded(ended_on=NEXT, place=HAISHU, spell="X/1"),
    ]


def _family() -> list[Fact]:
    return [
        FamilyTieRecorded(tie="spouse", subject=FIRST, other=SECOND, since=DAY, spell="M-1"),
        FamilyTieEnded(ended_on=NEXT, spell="M-1"),
        CustodyChanged(child=FIRST, to=SECOND, since=DAY),
        IdentitiesMerged(kept=FIRST, merged=SECOND),
    ]


def _effort() -> list[Fact]:
    return [
        InsuranceMonthRefunded(month="2025-02", place=YINZHOU, insurance="medical", refunded_on=NEXT),
        TaxPaid(paid_on=DAY, place=HAISHU, receipt="T/1", tax="business", fen=1_234_500),
        DonationMade(given_on=DAY, place=YINZHOU, receipt="D/1", gift="money", fen=200_000),
        PatentGranted(granted_on=DAY, level="utility", patent="ZL-1", holders=3, order=2),
        PostHeld(started_on=DAY, until=NEXT, place=YINZHOU, spell="S/1", post="sanitation"),
        PostEnded(ended_on=NEXT, place=YINZHOU, spell="S/1"),
        TrainingAttended(attended_on=DAY, place=YINZHOU, course="safety", minutes=180, session="第一期"),
        PatrolAttended(attended_on=DAY, place=HAISHU, minutes=120, team="一队"),
        ItemElected(doc="zj.common", group="housing", item="own_home", elected_on=DAY),
    ]


def _use() -> list[Fact]:
    return [
        AssessmentJoined(year=2025, place=YINZHOU, joined_on=DAY),
        ScoreCertified(
            year=2025,
            place=YINZHOU,
            counted_on=DAY,
            as_at=2**53 + 1,
            rulebooks=DIGEST,
            points_e4=-12_500,
            certified_on=NEXT,
            valid_to=NEXT,
        ),
        BenefitStarted(
            programme="rental",
            application="A/1",
            place=YINZHOU,
            first_month="2025-03",
            months=36,
            granted_on=DAY,
            fen_per_month=31_700,
        ),
        BenefitRechecked(programme="rental", application="A/1", on=NEXT, passed=False, unmet=["contract"]),
        BenefitStopped(programme="rental", application="A/1", from_month="2026-03", reason="recheck-failed"),
        PaymentMade(
            programme="rental",
            application="A/1",
            payment="P/1",
            paid_on=DAY,
            first_month="2025-03",
            last_month="2025-05",
            fen=95_100,
        ),
        PaymentFailed(programme="rental", application="A/1", payment="P/1", on=NEXT, reason="账户已销户"),
        PaymentRecovered(programme="rental", application="A/1", payment="P/1", on=NEXT, fen=95_100, reason="fraud"),
        FraudFound(place=YINZHOU, found_on=DAY, barred_until=NEXT, programme="rental", basis="租赁合同系伪造"),
    ]


def _certified_by_item() -> Fact:
    """Give a certificate with its rows: an optional part of the kind, that came to it later."""
    row = CertifiedItem(item="zj.common/insurance", counted_on=DAY, points_e4=300_000)
    return ScoreCertified(
        year=2025,
        place=YINZHOU,
        counted_on=DAY,
        as_at=42,
        rulebooks=DIGEST,
        points_e4=300_000,
        certified_on=NEXT,
        items=[row],
    )


def _life() -> list[Fact]:
    return [
        InsuranceMonthPaid(
            month="2025-02",
            place=YINZHOU,
            insurance="medical",
            insured_as="flexible",
            standing="back-paid",
            paid_on=DAY,
            base_fen=481_200,
            payer="某单位",
        ),
        EmploymentStarted(
            started_on=DAY, until=NEXT, place=YINZHOU, spell="E1", basis="business-licence", employer="某单位"
        ),
        EmploymentEnded(ended_on=NEXT, place=YINZHOU, spell="E1"),
        HousingStarted(
            started_on=DAY, until=NEXT, place="3302QW", spell="H1", tenure="own", share=3_333, address="某路3号"
        ),
        HousingEnded(ended_on=NEXT, place="3302QW", spell="H1"),
    ]


def _merit() -> list[Fact]:
    return [
        EducationAwarded(level="bachelor", awarded_on=DAY, certificate="CERT-1"),
        SkillAwarded(level="l2", awarded_on=DAY, occupation="电工", certificate="CERT-2"),
        VolunteerHoursServed(served_on=DAY, place=YINZHOU, minutes=150, activity="护河", paid=True),
        BloodDonated(place=YINZHOU, donated_on=DAY, millilitres=400, component="platelets"),
        HonourReceived(level="city", received_on=DAY, place=YINZHOU, act="见义勇为"),
        Attested(scheme="scarce_post", place=YINZHOU, valid_from=DAY, valid_to=NEXT, level="senior", quantity=2),
        RESTRICTED,
        ManualGrant(
            doc="nb.common",
            item="honour",
            clause="表彰奖励",
            place=YINZHOU,
            granted_on=DAY,
            valid_to=NEXT,
            points_e4=50_000,
            evidence=DIGEST,
            approval=DIGEST,
        ),
    ]


def _corrections() -> list[Fact]:
    replacement = InsuranceMonthPaid(month="2025-03", place=YINZHOU, base_fen=1)
    return [
        FactVoided(reason="credit-repaired", effect="from_date", from_date=NEXT),
        FactCorrected(reason="source-error", replacement=replacement),
    ]


def _ledger() -> list[Fact]:
    return [*_supply(), *_batches(), *_legacy(), *_rules(), *_approvals()]


def _supply() -> list[Fact]:
    organ, kind, prefix = "hr-bureau", "insurance-month-paid", "3302"
    return [
        FeedDelivered(
            organ="hr-bureau",
            fact_kind="insurance-month-paid",
            place="330200",
            first_month="2025-01",
            last_month="2025-03",
            coverage="complete",
            rows=3,
            control_sum=-1,
        ),
        BatchCommitted(
            batch_id=UUID("c2a1e5b0-7d3f-4a19-8b64-9e0f1d2c3b4a"),
            digest=DIGEST,
            rows=6,
            accepted=2,
            duplicate=1,
            conflict=1,
            held=1,
            invalid=1,
            control_sum=2**53 + 1,
            first_position=1,
            last_position=10**12,
        ),
        OrganGranted(
            organ=organ, fact_kind=kind, place_prefix=prefix, valid_from=DAY, valid_to=NEXT, basis="授权书"
        ),
        GrantWithdrawn(organ=organ, fact_kind=kind, place_prefix=prefix, valid_from=DAY, ends_on=NEXT),
    ]


def _batches() -> list[Fact]:
    first = UUID("c2a1e5b0-7d3f-4a19-8b64-9e0f1d2c3b4a")
    months: dict[str, Any] = {"place": "330200", "first_month": "2025-01"}
    feed: dict[str, Any] = {"organ": "hr-bureau", "fact_kind": "insurance-month-paid", **months}
    return [
        BatchUndone(
            batch_id=first,
            voided_by=SECOND,
            approval=DIGEST,
            reason="source-error",
            entries=10,
            voided=4,
            void_before=3,
            corrected_before=2,
            erased=1,
        ),
        FullFileCompared(
            batch_id=first,
            plan=DIGEST,
            as_at=10**12,
            fact_kind="insurance-month-paid",
            last_month="2025-03",
            rows=3,
            control_sum=-1,
            in_force=5,
            present=2,
            absent=3,
            **months,
        ),
        FeedAgreed(every="quarter", due_days=20, basis="数据共享协议", **feed),
        FeedAgreementEnded(last_month="2026-12", **feed),
    ]


def _legacy() -> list[Fact]:
    return [
        LegacyScoreRecorded(
            system="old-points-2014",
            place=YINZHOU,
            scored_on=DAY,
            points="87.50",
            rules="旧办法",
            items="某项 10 分",
            reference="旧案 1 号",
        ),
        LegacyDecisionRecorded(
            system="old-points-2014",
            programme="积分入学",
            place=HAISHU,
            decided_on=NEXT,
            outcome="granted",
            points="-3",
            content="某校",
            reference="旧案 2 号",
        ),
    ]


def _rules() -> list[Fact]:
    return [
        LedgerOpened(name="ningbo", suite="intl"),
        RulebookProposed(doc="zj.common", content=DIGEST, document=DOCUMENT),
        RulebookApproved(doc="zj.common", content=DIGEST, approval=DIGEST),
        RulebookPublished(doc="zj.common", content=DIGEST, effective_from=DAY, effective_to=NEXT),
        RulebookRetired(doc="zj.common", content=DIGEST, retired_on=NEXT),
        ProgrammeProposed(doc="cx.school", content=DIGEST, document=DOCUMENT),
        ProgrammeApproved(doc="cx.school", content=DIGEST, approval=DIGEST),
        ProgrammePublished(doc="cx.school", content=DIGEST, effective_from=DAY, effective_to=NEXT),
        ProgrammeRetired(doc="cx.school", content=DIGEST, retired_on=NEXT),
    ]


def _approvals() -> list[Fact]:
    return [
        ApprovalProposed(action="publish-rulebook", content=DIGEST, proposed_by="officer:0042", reason="修订"),
        AccountAssigned(account="officer:0043", person=DIGEST),
        ApprovalApproved(action="publish-rulebook", content=DIGEST, approved_by="officer:0043"),
        EntryExpunged(approval=DIGEST, basis="《治安管理处罚法》第一百三十六条"),
        SubjectKeyDestroyed(approval=DIGEST, basis="《个人信息保护法》第四十七条"),
    ]


def _bare() -> list[Fact]:
    return [
        LegacyScoreRecorded(system="old-points-2014", place=YINZHOU, scored_on=DAY, points="87.50"),
        LegacyDecisionRecorded(
            system="old-points-2014", programme="积分入学", place=HAISHU, decided_on=NEXT, outcome="other"
        ),
        IdentityMinted(document_type="passport", document_number="E00000000", name="某"),
        ParticularsCorrected(born_on=date(1980, 2, 29)),
        ResidenceRegistered(registered_on=DAY, place=YINZHOU, spell="R/1"),
        InsuranceMonthPaid(month="2025-02", place=YINZHOU),
        EmploymentStarted(started_on=DAY, place=YINZHOU, spell="E1"),
        HousingStarted(started_on=DAY, place=YINZHOU, spell="H1", tenure="rent"),
        EducationAwarded(level="below", awarded_on=DAY),
        BloodDonated(place=YINZHOU, donated_on=DAY, millilitres=200),
        Attested(scheme="scarce_post", place=YINZHOU, valid_from=DAY),
        RestrictedFact(category="credit", level="listed", place=YINZHOU, acted_on=DAY),
        FactVoided(reason="duplicate"),
        BatchCommitted(
            batch_id=UUID("c2a1e5b0-7d3f-4a19-8b64-9e0f1d2c3b4a"),
            digest=DIGEST,
            rows=0,
            accepted=0,
            duplicate=0,
            conflict=0,
            held=0,
            invalid=0,
        ),
    ]
