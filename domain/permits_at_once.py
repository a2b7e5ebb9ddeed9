"""Two permits at once: a second permit issued in the province while another could still be used.

One permit is valid at a time (条例). A conversion names what it replaces, and is none; an issue elsewhere while the
older permit has neither ended nor lapsed counts as ever (domain/permit.py), and is flagged for somebody to look at.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from domain.knowledge import InForce
from domain.permit import Permit, PermitState, counting, evolve

_IN_USE = (PermitState.NORMAL, PermitState.DUE)


class SecondPermit(NamedTuple):
    """The permit `number` of a place was issued on a day on which `older` of `older_place` was in use."""

    number: str
    place: str
    on: date
    older: str
    older_place: str
    entry: int
    """The position of the entry that says so."""


def second_permits(moves: Iterable[InForce], day: date) -> list[SecondPermit]:
    """Give the permits that stand beside an older one on a day: until that has ended, or its year is over."""
    rows = counting(moves, day)
    if sum(row.kind == "permit-issued" for row in rows) <= 1:
        return []
    ended = {row.spell: row.starts_on for row in rows if row.kind == "permit-ended"}
    found, permit = [], Permit()
    for row in rows:
        before, permit = permit, evolve(permit, row)
        on, until = row.starts_on or day, before.covered_until
        is_issue = row.kind == "permit-issued" and row.mark != "converted" and before.number != row.spell
        if not is_issue or before.number is None or before.state(on) not in _IN_USE or until is None:
            continue
        if before.place is None or row.place is None or row.spell is None or before.place[:2] != row.place[:2]:
            continue
        last = ended.get(before.number)
        if day < until and (last is None or day < last):
            found.append(SecondPermit(row.spell, row.place, on, before.number, before.place, row.position))
    return found
