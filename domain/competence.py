"""Who may say what: organs' grants 授权 as facts, and whether an organ was competent on a day."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from domain.facts import GrantWithdrawn, OrganGranted
from domain.facts.base import Fact

ANY_KIND = "*"


@dataclass(frozen=True, slots=True)
class Grant:
    """One organ may append one kind for places with one prefix on the days of [valid_from, valid_to).

    `kind` has no version and may be `*`; `valid_to` None means until withdrawn; an empty prefix is everywhere.
    """

    organ: str
    kind: str
    place_prefix: str
    valid_from: date
    valid_to: date | None = None

    def covers(self, kind: str, on: date) -> bool:
        """Say whether the grant speaks of this kind on this day."""
        if self.kind not in (ANY_KIND, kind):
            return False
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


def grants_of(facts: Iterable[Fact]) -> tuple[Grant, ...]:
    """Fold organ-granted and grant-withdrawn facts, in the order of their positions.

    A withdrawal shortens the grant that it names and never lengthens it; other facts are passed over.
    """
    grants: dict[tuple[str, str, str, date], Grant] = {}
    for fact in facts:
        match fact:
            case OrganGranted():
                key = (fact.organ, fact.fact_kind, fact.place_prefix, fact.valid_from)
                grants[key] = Grant(*key, fact.valid_to)
            case GrantWithdrawn():
                key = (fact.organ, fact.fact_kind, fact.place_prefix, fact.valid_from)
                grant = grants.get(key)
                if grant is not None and (grant.valid_to is None or fact.ends_on < grant.valid_to):
                    grants[key] = replace(grant, valid_to=fact.ends_on)
            case _:
                continue
    return tuple(grants.values())


def competent(grants: Iterable[Grant], organ: str, kind: str, place: str | None, on: date) -> bool:
    """Say whether `organ` may append `kind` for `place` on the day `on`, the day on which it says so.

    A kind that names no place (`place` None) needs a grant for the kind anywhere.
    """
    return any(
        grant.organ == organ and grant.covers(kind, on) and (place is None or place.startswith(grant.place_prefix))
        for grant in grants
    )
