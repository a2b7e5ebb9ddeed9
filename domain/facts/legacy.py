"""What old systems had worked out before this ledger: kept and shown as evidence, never recomputed or counted."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.facts.base import About, Day, DecimalText, Fact, PlainText, Sealed, Text
from domain.places import PlaceCode

SystemName = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9-]{1,39}$", description="the old system, by a local id in lower case")
]


class LegacyScoreRecorded(Fact):
    """历史系统结果·积分: the points that an old system gave on a day. No rule reads it."""

    about: ClassVar[About] = About(zh="历史系统结果·积分", key=("system", "place", "scored_on"))
    kind: Literal["legacy-score-recorded.v1"] = "legacy-score-recorded.v1"
    system: SystemName
    place: PlaceCode
    scored_on: Day
    points: DecimalText
    rules: PlainText | None = None
    items: Sealed[Text | None] = None
    reference: Sealed[Text | None] = None


class LegacyDecisionRecorded(Fact):
    """历史系统结果·认定: what an old system, or the office that used it, decided on a day. No rule reads it."""

    about: ClassVar[About] = About(zh="历史系统结果·认定", key=("system", "programme", "place", "decided_on"))
    kind: Literal["legacy-decision-recorded.v1"] = "legacy-decision-recorded.v1"
    system: SystemName
    programme: PlainText
    place: PlaceCode
    decided_on: Day
    outcome: Literal["granted", "refused", "withdrawn", "other"]
    points: DecimalText | None = None
    content: Sealed[Text | None] = None
    reference: Sealed[Text | None] = None
