"""What bars an erasure, and what comes before one: legal holds, and processing restricted to storage."""

from typing import ClassVar, Literal

from domain.facts.base import About, Day, Digest, Fact, PlainText, Sealed, SpellId, Text


class LegalHoldPlaced(Fact):
    """依法保全: nothing of this person is erased until the hold is lifted. Two people placed it, on a basis."""

    about: ClassVar[About] = About(zh="依法保全", key=("hold",))
    kind: Literal["legal-hold-placed.v1"] = "legal-hold-placed.v1"
    hold: SpellId
    placed_on: Day
    approval: Digest
    basis: PlainText
    case: Sealed[Text | None] = None


class LegalHoldLifted(Fact):
    """解除保全: the hold of this number bars nothing any more. Two people lifted it."""

    about: ClassVar[About] = About(zh="解除保全", key=("hold",))
    kind: Literal["legal-hold-lifted.v1"] = "legal-hold-lifted.v1"
    hold: SpellId
    lifted_on: Day
    approval: Digest
    basis: PlainText


class SubjectRestricted(Fact):
    """限制处理: what is known of this person is stored, and nothing else is done with it (PIPL 47)."""

    about: ClassVar[About] = About(zh="限制处理", key=("restriction",))
    kind: Literal["subject-restricted.v1"] = "subject-restricted.v1"
    restriction: SpellId
    restricted_on: Day
    approval: Digest
    basis: PlainText


class RestrictionLifted(Fact):
    """解除限制处理: the person's data are processed again."""

    about: ClassVar[About] = About(zh="解除限制处理", key=("restriction",))
    kind: Literal["restriction-lifted.v1"] = "restriction-lifted.v1"
    restriction: SpellId
    lifted_on: Day
    approval: Digest
    basis: PlainText


KINDS: tuple[type[Fact], ...] = (LegalHoldPlaced, LegalHoldLifted, SubjectRestricted, RestrictionLifted)
