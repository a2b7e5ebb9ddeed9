"""What changes a resident's standing: study, a permit taken along in a move, local hukou, death, custody."""

from typing import ClassVar, Literal, Self
from uuid import UUID

from pydantic import model_validator

from domain.facts.base import About, Day, Fact, Measured, Sealed, SpellId, Stream, Text
from domain.places import PlaceCode


class StudyStarted(Fact):
    """连续就读: a pupil or student of a school of this place from this day on."""

    about: ClassVar[About] = About(zh="连续就读", key=("spell",), opens="study")
    kind: Literal["study-started.v1"] = "study-started.v1"
    started_on: Day
    until: Day | None = None
    place: PlaceCode
    spell: SpellId
    school: Sealed[Text | None] = None

    def measured(self) -> Measured:
        """Give the days at the school."""
        return Measured("study-started", self.started_on, self.until, place=self.place, spell=self.spell)


class StudyEnded(Fact):
    """就读终止: the school was left; this day is the first without it."""

    about: ClassVar[About] = About(zh="就读终止", key=("spell", "ended_on"), closes="study")
    kind: Literal["study-ended.v1"] = "study-ended.v1"
    ended_on: Day
    place: PlaceCode
    spell: SpellId

    def measured(self) -> Measured:
        """End the spell on `starts_on`."""
        return Measured("study-ended", self.ended_on, place=self.place, spell=self.spell)


class PermitConverted(Fact):
    """居住证转换互认: a permit of this place, issued at once for what was held or registered elsewhere.

    Source: the province's two kinds of conversion: (a) an existing permit, (b) registrations anywhere in the
    province that add up to six months. Rules read it as an issue; `from_permit` is the permit that it replaces.
    """

    about: ClassVar[About] = About(zh="居住证转换互认", key=("permit",), opens="permit")
    kind: Literal["permit-converted.v1"] = "permit-converted.v1"
    on: Day
    place: PlaceCode
    permit: SpellId
    by: Literal["existing-permit", "registered-months"]
    from_place: PlaceCode | None = None
    from_permit: SpellId | None = None

    @model_validator(mode="after")
    def _names_what_it_replaces(self) -> Self:
        if (self.by == "existing-permit") != (self.from_permit is not None):
            raise ValueError("from-permit: an existing permit is named exactly when it is what converts")
        return self

    def measured(self) -> Measured:
        """Give an issue, marked `converted`."""
        return Measured("permit-issued", self.on, place=self.place, spell=self.permit, mark="converted")


class LocalHukouGained(Fact):
    """落户: the resident is registered as a household member here from this day on; the residence permit ends."""

    about: ClassVar[About] = About(zh="落户", key=("on", "place"), ends_permit=True)
    kind: Literal["local-hukou-gained.v1"] = "local-hukou-gained.v1"
    on: Day
    place: PlaceCode

    def measured(self) -> Measured:
        """Give the day and the place."""
        return Measured("local-hukou-gained", self.on, place=self.place)


class DeathRecorded(Fact):
    """死亡登记: the resident died; permit and benefits end. What was earned stays as it was."""

    about: ClassVar[About] = About(zh="死亡登记", key=("on",), sensitive=True, ends_permit=True)
    kind: Literal["death-recorded.v1"] = "death-recorded.v1"
    on: Day

    def measured(self) -> Measured:
        """Give the day."""
        return Measured("death-recorded", self.on)


class CustodyChanged(Fact):
    """监护变更: from this day on the child lives with `to`; until then nobody, or another parent, was named."""

    about: ClassVar[About] = About(zh="监护变更", stream=Stream.FAMILY, key=("child", "since"))
    kind: Literal["custody-changed.v1"] = "custody-changed.v1"
    child: UUID
    to: UUID
    since: Day

    @model_validator(mode="after")
    def _joins_two(self) -> Self:
        if self.child == self.to:
            raise ValueError("one-subject: custody joins two subjects")
        return self
