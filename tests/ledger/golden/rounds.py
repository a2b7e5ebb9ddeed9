"""Samples of rounds, applications and places."""

from datetime import date

from domain.facts import (
    ApplicationFiled,
    ApplicationWithdrawn,
    AssessmentOpened,
    ClaimAnswered,
    ClaimFiled,
    Fact,
    ItemReviewed,
    ItemSupplemented,
    NoticeStarted,
    PlaceAnswered,
    PlaceOffered,
    PlacesDeclared,
    PlaceTransferred,
    RankingPublished,
    RoundCancelled,
    RoundExtended,
    RoundLocked,
    RoundOpened,
    SeedPublished,
    WindowClosed,
)

DAY, NEXT = date(2025, 2, 28), date(2026, 3, 1)
TOWN = "330282111"
DIGEST = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
ROUND, APPLICATION = "cx.school-2026", "A/1"


def of_rounds() -> list[Fact]:
    """Give one of each, with every field."""
    return [
        *_assessments(),
        RoundOpened(
            round=ROUND,
            programme="school",
            content=DIGEST,
            place="330282",
            opens_on=DAY,
            closes_on=NEXT,
            counted_on=NEXT,
            late_facts="redetermined",
        ),
        RoundExtended(round=ROUND, closes_on=NEXT, reason="系统维护"),
        WindowClosed(round=ROUND, closed_on=NEXT, standing=120, void=3),
        PlacesDeclared(round=ROUND, unit=TOWN, places=80, declared_on=DAY),
        RoundLocked(
            round=ROUND,
            locked_on=NEXT,
            as_at=2**53 + 1,
            incomplete=["insurance-month-paid"],
            overridden_by=["officer:0042", "officer:0043"],
            reason="数据源停机",
        ),
        RoundCancelled(round=ROUND, on=NEXT, reason="政策调整"),
        SeedPublished(round=ROUND, seed="01 07 12 19 + 03", drawn_from="某期彩票开奖号", published_on=NEXT),
        RankingPublished(round=ROUND, content=DIGEST, published_on=NEXT),
        NoticeStarted(round=ROUND, content=DIGEST, starts_on=DAY, removed_on=NEXT),
        ApplicationFiled(
            round=ROUND, application=APPLICATION, filed_on=DAY, town=TOWN, zone="centre", choices=["S-1", "S-2"]
        ),
        ApplicationWithdrawn(round=ROUND, application=APPLICATION, withdrawn_on=NEXT),
        ItemReviewed(
            round=ROUND,
            application=APPLICATION,
            item="zj.common/insurance",
            reviewed_on=DAY,
            outcome="returned",
            reason="缺合同",
            due_on=NEXT,
        ),
        ItemSupplemented(round=ROUND, application=APPLICATION, item="contract", supplemented_on=NEXT),
        PlaceOffered(round=ROUND, application=APPLICATION, unit="S-1", offered_on=DAY, answer_by=NEXT),
        PlaceAnswered(round=ROUND, application=APPLICATION, unit="S-1", answered_on=NEXT, answer="declined"),
        PlaceTransferred(round=ROUND, application=APPLICATION, from_unit="S-1", unit="S-2", transferred_on=NEXT),
    ]


def _assessments() -> list[Fact]:
    return [
        AssessmentOpened(
            year=2026,
            place="330282",
            opens_on=DAY,
            closes_on=NEXT,
            counted_on=NEXT,
            opt_in=True,
            review_days=15,
            recheck_days=7,
        ),
        ClaimFiled(
            year=2026,
            place="330282",
            claim="C/1",
            item="zj.common/insurance",
            asks="recheck",
            filed_on=DAY,
            evidence=DIGEST,
            months=["2025-01", "2025-02"],
            says="漏计算两个月",
        ),
        ClaimAnswered(
            year=2026,
            place="330282",
            claim="C/1",
            answered_on=NEXT,
            answer="returned",
            first_examiner="officer:0042",
            second_examiner="officer:0043",
            reason="缺证明",
            due_on=NEXT,
        ),
    ]
