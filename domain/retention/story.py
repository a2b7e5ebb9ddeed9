"""What is asked before an erasure: everything recorded of one person, and the rounds that they applied to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal, NamedTuple

from domain.facts import Fact, FactVoided, LegalHoldLifted, LegalHoldPlaced, RestrictionLifted, SubjectRestricted
from domain.round import Round

Why = Literal["retention", "hold", "dispute", "remedy", "benefit", "round"]


class Said(NamedTuple):
    """One entry of the person's stream. `kind` has no version; `on` is the civil day on which it was recorded.

    `fact` None: it opens no more. `refers_to`: the version that it voids or corrects, in the same stream.
    """

    version: int
    kind: str
    on: date
    fact: Fact | None
    refers_to: int | None = None


class Obstacle(NamedTuple):
    """One thing that bars an erasure. `until`: the first day without it; None: nobody can say yet.

    `what` names a period, a hold, a dispute, a benefit's programme or a round; `versions` the entries concerned.
    """

    why: Why
    what: str
    until: date | None
    versions: tuple[int, ...] = ()
    source: str = ""


@dataclass(frozen=True)
class Story:
    """A person's stream in order, and the rounds named in it by their names."""

    said: Sequence[Said]
    rounds: Mapping[str, Round] = field(default_factory=dict)

    @cached_property
    def voided_for(self) -> Mapping[int, str]:
        """Give why entries were voided, by version."""
        return {
            one.refers_to: one.fact.reason
            for one in self.said
            if isinstance(one.fact, FactVoided) and one.refers_to is not None
        }

    @cached_property
    def facts(self) -> Sequence[Fact]:
        """Give what can be opened and was not voided, in order."""
        return [one.fact for one in self.said if one.fact is not None and one.version not in self.voided_for]

    @property
    def holds(self) -> Mapping[str, LegalHoldPlaced]:
        """Give the legal holds that stand, by number. A void, which one person may say, lifts none."""
        lifted = {one.fact.hold for one in self.said if isinstance(one.fact, LegalHoldLifted)}
        placed = [one.fact for one in self.said if isinstance(one.fact, LegalHoldPlaced)]
        return {fact.hold: fact for fact in placed if fact.hold not in lifted}

    @property
    def restriction(self) -> SubjectRestricted | None:
        """Give the restriction that stands, or None. A void lifts it no more than a hold."""
        lifted = {one.fact.restriction for one in self.said if isinstance(one.fact, RestrictionLifted)}
        placed = [one.fact for one in self.said if isinstance(one.fact, SubjectRestricted)]
        return next((fact for fact in placed if fact.restriction not in lifted), None)
