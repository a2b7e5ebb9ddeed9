"""One of every kind of fact about rights requests."""

from datetime import date
from typing import Any
from uuid import UUID

from domain.facts import (
    AfterDeathArranged,
    Fact,
    RightsAnswered,
    RightsRefused,
    RightsRequested,
    RightsWithdrawn,
)
from domain.rights import REMEDY

DAY, NEXT, LATER = date(2026, 3, 2), date(2026, 4, 1), date(2026, 9, 2)
WHICH: dict[str, Any] = {"place": "330212", "request": "R-1"}


def of_rights() -> list[Fact]:
    """Give a relative's request, every end that it may have, and what was arranged before."""
    return [
        RightsRequested(
            **WHICH,
            right="copy",
            asked_on=DAY,
            days=30,
            counted="calendar",
            answer_by=NEXT,
            source="GB/T 35273-2020 8.7",
            versions=(3, 4),
            relative=UUID(int=7, version=4),
            relation="child",
            statement="办理继承",
        ),
        RightsAnswered(
            **WHICH,
            answered_on=NEXT,
            decided_by="officer:c",
            cites=(9,),
            entries=12,
            readings=3,
            digest="ab" * 32,
            as_of=NEXT,
            as_at=42,
            reason="已交付",
        ),
        RightsRefused(
            **WHICH,
            refused_on=DAY,
            decided_by="officer:c",
            because="retention",
            reason="保存期限未满",
            remedy=REMEDY,
            lawsuit_by=LATER,
        ),
        RightsWithdrawn(**WHICH, withdrawn_on=NEXT),
        AfterDeathArranged(arranged_on=DAY, rights=("delete",), kinds=("blood-donated",)),
    ]
