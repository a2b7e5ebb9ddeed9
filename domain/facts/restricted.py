"""Restricted facts: offences, detention, convictions, credit listings share one neutral kind.

Everything is sealed, also the category: whoever reads the ledger learns only that a restricted entry exists.
Public-security violation records are sealed by law since 2026-01-01, minors' records always: such an entry needs
a legal basis in its envelope and is refused where the act lies before the 18th birthday.
"""

from typing import ClassVar, Literal

from domain.facts.base import About, Day, Fact, Measured, Sealed, Text
from domain.facts.merit import LevelName
from domain.places import PlaceCode


class RestrictedFact(Fact):
    """受限事实: one record of an act, with the dates from which lapses may be counted."""

    about: ClassVar[About] = About(zh="受限事实", key=("category", "level", "acted_on", "act"), sensitive=True)
    kind: Literal["restricted-fact.v1"] = "restricted-fact.v1"
    category: Sealed[Literal["offence", "credit"]]
    level: Sealed[LevelName]
    place: Sealed[PlaceCode]
    acted_on: Sealed[Day]
    decided_on: Sealed[Day | None] = None
    effective_on: Sealed[Day | None] = None
    completed_on: Sealed[Day | None] = None
    act: Sealed[Text | None] = None
    basis: Sealed[Text | None] = None

    def measured(self) -> Measured:
        """Give the level from the day of the act; `act` joins records of one deed."""
        return Measured(
            "restricted-fact",
            self.acted_on,
            place=self.place,
            variant=self.category,
            level=self.level,
            act=self.act,
            decided_on=self.decided_on,
            effective_on=self.effective_on,
            completed_on=self.completed_on,
        )
