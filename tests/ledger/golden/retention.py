"""One of every kind of fact about what is kept and restricted."""

from datetime import date
from typing import Any

from domain.facts import Fact, LegalHoldLifted, LegalHoldPlaced, RestrictionLifted, SubjectRestricted

DAY, NEXT = date(2026, 3, 1), date(2027, 3, 1)
SAID: dict[str, Any] = {"approval": "ab" * 32, "basis": "依据"}


def of_retention() -> list[Fact]:
    """Give a hold and a restriction, each placed and lifted."""
    return [
        LegalHoldPlaced(hold="H-1", placed_on=DAY, case="某案", **SAID),
        LegalHoldLifted(hold="H-1", lifted_on=NEXT, **SAID),
        SubjectRestricted(restriction="R1", restricted_on=DAY, **SAID),
        RestrictionLifted(restriction="R1", lifted_on=NEXT, **SAID),
    ]
