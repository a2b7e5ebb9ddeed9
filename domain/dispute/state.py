"""A dispute after the facts so far. Evolution refuses nothing."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, NamedTuple

from domain.facts import (
    DisputeAccepted,
    DisputeDeclined,
    DisputeEscalated,
    DisputeOpened,
    DisputeRuled,
    DisputeWithdrawn,
    EvidenceAdded,
    Fact,
    RemedyDecided,
    RulingServed,
    SourceCheckAnswered,
    SourceCheckAsked,
)

State = Literal["opened", "accepted", "declined", "ruled", "withdrawn", "escalated"]
OPEN: frozenset[State] = frozenset({"opened", "accepted", "escalated"})


class Check(NamedTuple):
    """A source check: whom it asks, since when, and until when it waited."""

    name: str
    organ: str
    asked_on: date
    provisional_until: date | None
    answered_on: date | None = None
    outcome: Literal["corrected", "confirmed"] | None = None
    corrections: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Dispute:
    """One dispute after the facts so far. `filed` is what was contested; None: nothing says.

    `since` is the day from which the clock runs: of acceptance, or of escalation. `instance` rises with each
    escalation: what is ruled and served again is another ruling.
    """

    filed: DisputeOpened | None = None
    state: State = "opened"
    accepted: DisputeAccepted | None = None
    since: date | None = None
    declined: DisputeDeclined | None = None
    evidence: tuple[EvidenceAdded, ...] = ()
    checks: tuple[Check, ...] = ()
    ruling: DisputeRuled | None = None
    served: RulingServed | None = None
    remedies: tuple[RemedyDecided, ...] = ()
    instance: int = 1

    @property
    def is_open(self) -> bool:
        """Say whether it waits for somebody: its item is marked as disputed for every reader."""
        return self.filed is not None and self.state in OPEN

    @property
    def pending(self) -> list[Check]:
        """Give the checks that wait for an answer."""
        return [check for check in self.checks if check.answered_on is None]


def evolve(dispute: Dispute, fact: Fact) -> Dispute:
    """Take one fact of a dispute. It refuses nothing; an answer to no check changes nothing."""
    changes = _CHANGES.get(type(fact))
    return dispute if changes is None else replace(dispute, **changes(dispute, fact))


def _opened(dispute: Dispute, fact: DisputeOpened) -> dict[str, Any]:
    return {"filed": dispute.filed or fact}


def _asked(dispute: Dispute, fact: SourceCheckAsked) -> dict[str, Any]:
    check = Check(fact.check, fact.organ, fact.asked_on, fact.provisional_until)
    return {"checks": (*dispute.checks, check)}


def _answered(check: Check, fact: SourceCheckAnswered) -> Check:
    if check.name != fact.check or check.answered_on is not None:
        return check
    return check._replace(answered_on=fact.answered_on, outcome=fact.outcome, corrections=tuple(fact.corrections))


_CHANGES: Mapping[type[Fact], Callable[[Dispute, Any], dict[str, Any]]] = {
    DisputeOpened: _opened,
    DisputeAccepted: lambda _, fact: {"state": "accepted", "accepted": fact, "since": fact.accepted_on},
    DisputeDeclined: lambda _, fact: {"state": "declined", "declined": fact},
    EvidenceAdded: lambda dispute, fact: {"evidence": (*dispute.evidence, fact)},
    SourceCheckAsked: _asked,
    SourceCheckAnswered: lambda dispute, fact: {"checks": tuple(_answered(one, fact) for one in dispute.checks)},
    DisputeRuled: lambda _, fact: {"state": "ruled", "ruling": fact},
    RulingServed: lambda _, fact: {"served": fact},
    DisputeWithdrawn: lambda *_: {"state": "withdrawn"},
    DisputeEscalated: lambda dispute, fact: {
        "state": "escalated",
        "since": fact.escalated_on,
        "served": None,
        "instance": dispute.instance + 1,
    },
    RemedyDecided: lambda dispute, fact: {"remedies": (*dispute.remedies, fact)},
}


def fold(facts: Iterable[Fact | None]) -> dict[str, Dispute]:
    """Fold the facts of one resident to disputes by number."""
    found: dict[str, Dispute] = {}
    for fact in facts:
        number = getattr(fact, "dispute", None)
        if fact is not None and number is not None and type(fact) in _CHANGES:
            found[number] = evolve(found.get(number, Dispute()), fact)
    return found
