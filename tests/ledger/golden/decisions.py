"""Samples of decisions and of what became of them."""

from datetime import date

from domain.facts import (
    DecisionMade,
    Fact,
    QuestionAnswered,
    QuestionAuthorised,
    RedeterminationSettled,
    StatementIssued,
)

DAY, NEXT = date(2025, 2, 28), date(2026, 3, 1)
DIGEST = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def of_decisions() -> list[Fact]:
    """Give one of each, with every field."""
    return [
        DecisionMade(
            decision=DIGEST,
            programme="school",
            doc="cx.school",
            content=DIGEST,
            place="330282",
            round="cx.school-2026",
            application="A/1",
            as_of=DAY,
            as_at=9_007_199_254_740_993,
            leaf=DIGEST,
            rulebooks=DIGEST,
            engine="1",
            decided_on=NEXT,
            record={"as_of": "2025-02-28", "outcome": {"key": [1, -500_000], "met": True}, "zh": ["符合"]},
        ),
        RedeterminationSettled(
            decision=DIGEST, as_at=42, after=DIGEST, outcome="payment-adjusted", settled_on=NEXT, reason="补差额"
        ),
        StatementIssued(
            number="S-0001",
            place="330212",
            as_of=DAY,
            as_at=42,
            rulebooks=DIGEST,
            points_e4=654_300,
            issued_on=DAY,
            valid_to=NEXT,
            holder=DIGEST,
        ),
        QuestionAuthorised(
            code=DIGEST, party="某单位", place="330212", at_least_e4=600_000, authorised_on=DAY, expires_on=NEXT
        ),
        QuestionAnswered(code=DIGEST, met=True, as_of=DAY, as_at=42, rulebooks=DIGEST),
    ]
