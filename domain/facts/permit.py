"""Residence registration 居住登记 and the residence permit 浙江省居住证.

Source: 《浙江省流动人口居住登记条例》; the states paused and lost are Ningbo's (domain.md, section 5).
"""

from typing import ClassVar, Literal

from domain.facts.base import About, Day, Fact, Measured, Sealed, SpellId, Text
from domain.places import PlaceCode


class ResidenceRegistered(Fact):
    """居住登记: the resident lives at an address of this place from this day on."""

    about: ClassVar[About] = About(zh="居住登记", key=("spell",), opens="residence")
    kind: Literal["residence-registered.v1"] = "residence-registered.v1"
    registered_on: Day
    place: PlaceCode
    spell: SpellId
    address: Sealed[Text | None] = None

    def measured(self) -> Measured:
        """Count residence from the day of registration."""
        return Measured("residence-registered", self.registered_on, place=self.place, spell=self.spell)


class ResidenceMoved(Fact):
    """居住变更: the registration `spell` ended and `new_spell` began elsewhere on the same day."""

    about: ClassVar[About] = About(zh="居住变更", key=("spell", "new_spell"), opens="residence", closes="residence")
    kind: Literal["residence-moved.v1"] = "residence-moved.v1"
    moved_on: Day
    place: PlaceCode
    spell: SpellId
    new_spell: SpellId
    address: Sealed[Text | None] = None

    def measured(self) -> Measured:
        """Count residence in the new place; the old spell ends through `spell`."""
        return Measured("residence-registered", self.moved_on, place=self.place, spell=self.new_spell)


class ResidenceEnded(Fact):
    """居住注销: the registration ended; this day is the first without it."""

    about: ClassVar[About] = About(zh="居住注销", key=("spell", "ended_on"), closes="residence")
    kind: Literal["residence-ended.v1"] = "residence-ended.v1"
    ended_on: Day
    place: PlaceCode
    spell: SpellId

    def measured(self) -> Measured:
        """End the spell on `starts_on`."""
        return Measured("residence-ended", self.ended_on, place=self.place, spell=self.spell)


class _PermitFact(Fact):
    on: Day
    place: PlaceCode
    permit: SpellId

    def measured(self) -> Measured:
        """Give the day, the place and the permit."""
        return Measured(self.kind_name(), self.on, place=self.place, spell=self.permit)


class PermitIssued(_PermitFact):
    """居住证签发: valid for a year from this day."""

    about: ClassVar[About] = About(zh="居住证签发", key=("permit",), opens="permit")
    kind: Literal["permit-issued.v1"] = "permit-issued.v1"


class PermitEndorsed(_PermitFact):
    """居住证签注: endorsed for a further year; `late` where the year was over."""

    about: ClassVar[About] = About(zh="居住证签注", key=("permit", "on"))
    kind: Literal["permit-endorsed.v1"] = "permit-endorsed.v1"
    late: bool = False

    def measured(self) -> Measured:
        """Mark a late endorsement `late`."""
        mark = "late" if self.late else "on-time"
        return Measured("permit-endorsed", self.on, place=self.place, spell=self.permit, mark=mark)


class PermitSuspended(_PermitFact):
    """居住证中止: use of the permit is suspended from this day."""

    about: ClassVar[About] = About(zh="居住证中止", key=("permit", "on"))
    kind: Literal["permit-suspended.v1"] = "permit-suspended.v1"


class PermitRestored(_PermitFact):
    """居住证恢复: use of the permit is restored from this day."""

    about: ClassVar[About] = About(zh="居住证恢复", key=("permit", "on"))
    kind: Literal["permit-restored.v1"] = "permit-restored.v1"


class PermitEnded(_PermitFact):
    """居住证终止: the permit ended; this day is the first without it."""

    about: ClassVar[About] = About(zh="居住证终止", key=("permit",), closes="permit")
    kind: Literal["permit-ended.v1"] = "permit-ended.v1"
    reason: Literal["conditions-lost", "local-hukou", "death", "left", "other"] = "other"


class PointsReinstatementRequested(_PermitFact):
    """积分恢复申请: after a suspension the resident asks in writing to let the points count again.

    Not the same as the police restoring the permit (Ningbo: 暂时失效 … 经书面申请恢复).
    """

    about: ClassVar[About] = About(zh="积分恢复申请", key=("permit", "on"))
    kind: Literal["points-reinstatement-requested.v1"] = "points-reinstatement-requested.v1"
