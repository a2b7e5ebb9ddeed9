"""Who belongs together: ties of a family, and two subjects that are one person.

These facts stand in streams of their own: neither of the two subjects owns a tie, and one person's history does
not bring another's. They name subjects by their pseudonyms, in the clear, and say nothing else: without the vault's
index a pseudonym is nobody, and when a subject's key is destroyed it stays nobody.
"""

from typing import ClassVar, Literal, Self
from uuid import UUID

from pydantic import model_validator

from domain.facts.base import About, Day, Fact, SpellId, Stream

TIED = ("subject", "other")
"""The fields of a tie that name its two subjects."""


def _two(first: UUID, second: UUID) -> None:
    if first == second:
        raise ValueError("one-subject: a tie joins two subjects")


class FamilyTieRecorded(Fact):
    """家庭关系: `other` is the spouse, the child or the ward of `subject` from this day on."""

    about: ClassVar[About] = About(zh="家庭关系", stream=Stream.FAMILY, key=("spell",), opens="family-tie")
    kind: Literal["family-tie-recorded.v1"] = "family-tie-recorded.v1"
    tie: Literal["spouse", "child", "guardian"]
    subject: UUID
    other: UUID
    since: Day
    spell: SpellId

    @model_validator(mode="after")
    def _joins_two(self) -> Self:
        _two(self.subject, self.other)
        return self


class FamilyTieEnded(Fact):
    """家庭关系终止: the tie ended, by divorce, death or majority; this day is the first without it."""

    about: ClassVar[About] = About(
        zh="家庭关系终止", stream=Stream.FAMILY, key=("spell", "ended_on"), closes="family-tie"
    )
    kind: Literal["family-tie-ended.v1"] = "family-tie-ended.v1"
    ended_on: Day
    spell: SpellId


class IdentitiesMerged(Fact):
    """身份合并: two subjects are one person; what is known of `merged` counts as known of `kept`."""

    about: ClassVar[About] = About(zh="身份合并", stream=Stream.FAMILY, key=("kept", "merged"))
    kind: Literal["identities-merged.v1"] = "identities-merged.v1"
    kept: UUID
    merged: UUID

    @model_validator(mode="after")
    def _joins_two(self) -> Self:
        _two(self.kept, self.merged)
        return self
