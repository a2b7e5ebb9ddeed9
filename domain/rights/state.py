"""A rights request after the facts so far. Evolution refuses nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from domain.facts import (
    AfterDeathArranged,
    Fact,
    RightsAnswered,
    RightsRefused,
    RightsRequested,
    RightsWithdrawn,
    SubjectKeyDestroyed,
)

State = Literal["received", "answered", "refused", "withdrawn"]
HAND_OUTS = ("copy", "explain")
"""Rights that are answered by handing something out."""


@dataclass(frozen=True, slots=True)
class RightsRequest:
    """One request. `erased`: it was answered by destroying everything there was."""

    asked: RightsRequested
    state: State = "received"
    answered: RightsAnswered | None = None
    refused: RightsRefused | None = None
    withdrawn_on: date | None = None
    erased: bool = False

    @property
    def is_open(self) -> bool:
        """Say whether somebody waits for an answer."""
        return self.state == "received"

    def days_over(self, on: date) -> int:
        """Give by how many days an open request is overdue on a day; zero: it is not."""
        return max(0, (on - self.asked.answer_by).days) if self.is_open else 0


def evolve(found: Mapping[str, RightsRequest], fact: Fact) -> dict[str, RightsRequest]:
    """Take one fact of a history. The destruction of the key answers whatever waited: nothing is left to answer."""
    match fact:
        case RightsRequested():
            return {**found, fact.request: found.get(fact.request, RightsRequest(fact))}
        case SubjectKeyDestroyed():
            return {
                number: replace(one, state="answered", erased=True) if one.is_open else one
                for number, one in found.items()
            }
        case RightsAnswered() | RightsRefused() | RightsWithdrawn() if fact.request in found:
            return {**found, fact.request: _closed(found[fact.request], fact)}
        case _:
            return dict(found)


def _closed(one: RightsRequest, fact: RightsAnswered | RightsRefused | RightsWithdrawn) -> RightsRequest:
    match fact:
        case RightsAnswered():
            return replace(one, state="answered", answered=fact)
        case RightsRefused():
            return replace(one, state="refused", refused=fact)
        case RightsWithdrawn():
            return replace(one, state="withdrawn", withdrawn_on=fact.withdrawn_on)


def fold(facts: Iterable[Fact | None]) -> dict[str, RightsRequest]:
    """Give the requests of one history by their numbers."""
    found: dict[str, RightsRequest] = {}
    for fact in facts:
        if fact is not None:
            found = evolve(found, fact)
    return found


def arranged(facts: Iterable[Fact | None]) -> AfterDeathArranged | None:
    """Give what the person arranged for after their death: what was said last."""
    said = [fact for fact in facts if isinstance(fact, AfterDeathArranged)]
    return said[-1] if said else None
