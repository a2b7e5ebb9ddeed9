"""Learning, skill, giving and honour, and local indicators that a rulebook declares."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.facts.base import About, Day, Fact, KindName, Measured, Millilitres, Minutes, PlainText, Sealed, Text
from domain.places import PlaceCode

EducationLevel = Literal["doctor", "master", "bachelor", "college", "high_school", "below"]
SkillLevel = Literal[
    "l1",
    "l2",
    "l3",
    "l4",
    "l5",
    "title_senior",
    "title_mid",
    "title_junior",
    "special_high",
    "special",
]
SchemeName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
LevelName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class EducationAwarded(Fact):
    """文化程度: a degree or diploma."""

    about: ClassVar[About] = About(zh="文化程度", key=("level", "awarded_on"))
    kind: Literal["education-awarded.v1"] = "education-awarded.v1"
    level: EducationLevel
    awarded_on: Day
    certificate: Sealed[Text | None] = None

    def measured(self) -> Measured:
        """Give the level from the day of award."""
        return Measured("education-awarded", self.awarded_on, level=self.level)


class SkillAwarded(Fact):
    """职业技能: a vocational certificate (l1 highest … l5), a professional title, a special-ability certificate."""

    about: ClassVar[About] = About(zh="职业技能", key=("level", "occupation", "awarded_on"))
    kind: Literal["skill-awarded.v1"] = "skill-awarded.v1"
    level: SkillLevel
    awarded_on: Day
    occupation: PlainText | None = None
    certificate: Sealed[Text | None] = None

    def measured(self) -> Measured:
        """Give the level from the day of award."""
        return Measured("skill-awarded", self.awarded_on, level=self.level, variant=self.occupation)


class VolunteerHoursServed(Fact):
    """志愿服务: one service on one day."""

    about: ClassVar[About] = About(zh="志愿服务", key=("served_on", "place", "activity"))
    kind: Literal["volunteer-hours-served.v1"] = "volunteer-hours-served.v1"
    served_on: Day
    place: PlaceCode
    minutes: Minutes
    activity: PlainText = "general"
    paid: bool = False

    def measured(self) -> Measured:
        """Give minutes on the day; paid service is marked `paid`, `act` is the activity."""
        return Measured(
            "volunteer-hours-served",
            self.served_on,
            place=self.place,
            quantity=self.minutes,
            mark="paid" if self.paid else "unpaid",
            act=self.activity,
        )


class BloodDonated(Fact):
    """无偿献血: one donation. Sensitive: the amount and the day are sealed."""

    about: ClassVar[About] = About(zh="无偿献血", key=("donated_on", "place"), sensitive=True)
    kind: Literal["blood-donated.v1"] = "blood-donated.v1"
    place: PlaceCode
    donated_on: Sealed[Day]
    millilitres: Sealed[Millilitres]
    component: Sealed[Literal["whole", "platelets"]] = "whole"

    def measured(self) -> Measured:
        """Give millilitres on the day."""
        return Measured(
            "blood-donated",
            self.donated_on,
            place=self.place,
            quantity=self.millilitres,
            variant=self.component,
        )


class HonourReceived(Fact):
    """表彰奖励: an honour of a level; one act may bring several honours."""

    about: ClassVar[About] = About(zh="表彰奖励", key=("level", "received_on", "act"))
    kind: Literal["honour-received.v1"] = "honour-received.v1"
    level: Literal["national", "province", "city", "district", "town"]
    received_on: Day
    place: PlaceCode
    act: PlainText = "general"

    def measured(self) -> Measured:
        """Give the level on the day; `act` joins honours for one deed."""
        return Measured("honour-received", self.received_on, place=self.place, level=self.level, act=self.act)


class Attested(Fact):
    """个性指标: a local indicator, declared by a rulebook's `schemes`, vouched for by its owner organ."""

    about: ClassVar[About] = About(zh="个性指标", key=("scheme", "level", "place", "valid_from"))
    kind: Literal["attested.v1"] = "attested.v1"
    scheme: SchemeName
    place: PlaceCode
    valid_from: Day
    valid_to: Day | None = None
    level: LevelName | None = None
    quantity: Annotated[int, Field(ge=0, le=10**12)] | None = None

    def measured(self) -> Measured:
        """Give the scheme as `variant`."""
        return Measured(
            "attested",
            self.valid_from,
            self.valid_to,
            place=self.place,
            variant=self.scheme,
            level=self.level,
            quantity=self.quantity,
        )


class ManualGrant(Fact):
    """人工赋分: points a person granted under a clause, after evidence, proposed and approved by two people."""

    about: ClassVar[About] = About(zh="人工赋分", key=("doc", "item", "granted_on"))
    kind: Literal["manual-grant.v1"] = "manual-grant.v1"
    doc: Annotated[str, Field(pattern=r"^[a-z][a-z0-9._-]{1,59}$")]
    item: SchemeName
    clause: PlainText
    place: PlaceCode
    granted_on: Day
    valid_to: Day | None = None
    points_e4: Annotated[int, Field(gt=0, le=10**8)]
    evidence: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    approval: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

    def measured(self) -> Measured:
        """Give points in 1/10000 as `quantity`; `variant` is document and item."""
        return Measured(
            "manual-grant",
            self.granted_on,
            self.valid_to,
            place=self.place,
            variant=f"{self.doc}/{self.item}",
            quantity=self.points_e4,
        )


__all__ = [
    "Attested",
    "BloodDonated",
    "EducationAwarded",
    "EducationLevel",
    "HonourReceived",
    "KindName",
    "LevelName",
    "ManualGrant",
    "SchemeName",
    "SkillAwarded",
    "SkillLevel",
    "VolunteerHoursServed",
]
