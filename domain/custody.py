"""With whom a child lives: parents and guardians on a day, after custody changed, until the eighteenth birthday.

Ties are folded in domain/family.py. A change of custody (离婚后的抚养权) is an entry of its own: from its day on
the child's school place and insurance follow the one named, and the other parent stays a parent.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from domain.facts import CustodyChanged, FactVoided, Known, Ref
from domain.family import Tie, is_adult


class Custody(NamedTuple):
    """From `since` on the child lives with `to`."""

    child: UUID
    to: UUID
    since: date


def custodies(entries: Iterable[Known], as_at: int | None = None) -> list[Custody]:
    """Give the changes of custody known at a position and not void, in the order of their days.

    Of two on one day the one known later counts.
    """
    known = sorted((e for e in entries if as_at is None or e.position <= as_at), key=lambda e: e.position)
    voided: set[Ref] = {
        entry.refers_to for entry in known if isinstance(entry.fact, FactVoided) and entry.refers_to is not None
    }
    found: dict[tuple[UUID, date], Custody] = {}
    for entry in known:
        fact = entry.fact
        if isinstance(fact, CustodyChanged) and entry.ref not in voided:
            found[fact.child, fact.since] = Custody(fact.child, fact.to, fact.since)
    return sorted(found.values(), key=lambda each: (each.since, str(each.child)))


def cared_for_by(
    child: UUID, on: date, ties: Iterable[Tie], changed: Iterable[Custody] = (), born_on: date | None = None
) -> list[UUID]:
    """Name who cares for a child on a day: the one that custody names, or else parents and guardians.

    From the eighteenth birthday on nobody does: a tie of guardianship ends of itself, and a parent's school route
    too.
    """
    if is_adult(born_on, on):
        return []
    named = [each.to for each in changed if each.child == child and each.since <= on]
    if named:
        return [named[-1]]
    return sorted({tie.subject for tie in ties if tie.tie != "spouse" and tie.other == child and tie.holds_on(on)})
