"""One of every kind of fact about disputes."""

from datetime import date
from typing import Any

from domain.facts import (
    DisputeAccepted,
    DisputeDeclined,
    DisputeEscalated,
    DisputeOpened,
    DisputeRuled,
    DisputeWithdrawn,
    EvidenceAdded,
    Fact,
    HumanReviewAsked,
    HumanReviewed,
    ProvisionalMonthRecognised,
    RemedyDecided,
    RulingServed,
    SourceCheckAnswered,
    SourceCheckAsked,
)

DAY, NEXT, LATER = date(2025, 3, 1), date(2025, 3, 14), date(2025, 9, 1)
DIGEST = "ab" * 32
WHICH: dict[str, Any] = {"place": "330212", "dispute": "D-1"}


def of_disputes() -> list[Fact]:
    """Give a dispute from its opening to a court, and a decision that a person looks at."""
    return [
        DisputeOpened(
            **WHICH,
            item="zj.common/insurance",
            says="no-data",
            opened_on=DAY,
            year=2025,
            months=["2024-01", "2024-02"],
            employer="某单位",
            statement="两个月未计",
        ),
        DisputeAccepted(**WHICH, accepted_on=DAY, days=10, rule_by=NEXT),
        DisputeDeclined(**WHICH, declined_on=DAY, reason="未写明月份"),
        EvidenceAdded(**WHICH, added_on=DAY, digest=DIGEST, media_type="application/pdf", size=48_213),
        SourceCheckAsked(**WHICH, check="C-1", organ="nb-hrss", asked_on=DAY, provisional_until=NEXT),
        SourceCheckAnswered(**WHICH, check="C-1", answered_on=NEXT, outcome="corrected", corrections=(7, 8)),
        ProvisionalMonthRecognised(
            **WHICH,
            check="C-1",
            item="zj.common/insurance",
            round="cx.rental-2025",
            month="2024-01",
            recognised_on=NEXT,
            until=LATER,
        ),
        DisputeRuled(
            **WHICH,
            ruled_on=NEXT,
            outcome="corrected",
            reason="数源部门已更正",
            department="nb-hrss",
            rulebooks=DIGEST,
            as_at=42,
            cites=(7, 8),
        ),
        RulingServed(**WHICH, served_on=NEXT, reconsideration_by=LATER, lawsuit_by=LATER),
        DisputeWithdrawn(**WHICH, withdrawn_on=NEXT),
        DisputeEscalated(**WHICH, escalated_on=NEXT, to="nb-office"),
        RemedyDecided(**WHICH, body="court", decided_on=LATER, outcome="redo", document="判决书"),
        HumanReviewAsked(decision=DIGEST, asked_on=DAY),
        HumanReviewed(decision=DIGEST, reviewed_on=NEXT, outcome="to-be-revised", reason="资料不全"),
    ]
