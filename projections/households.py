"""Households: what is known of residents, of those who were merged into them, and of their relatives."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Cursor

from domain.factrow import FactRow
from domain.family import ALONE, Family, family_of, relatives
from domain.knowledge import in_force
from domain.rulebook.model import Rulebook
from projections.measures import rows_at
from projections.quarantine import held_at
from projections.schemas import Schemas
from projections.ties import Kin, kin_of


class Household(NamedTuple):
    """One resident: all subjects that they are, their rows, and what is known of the relatives on a day."""

    own: frozenset[UUID]
    rows: Sequence[FactRow]
    family: Family = ALONE


def counts_relatives(rulebook: Rulebook) -> bool:
    """Say whether a row of a table counts anybody but the resident."""
    return any(row.measure.subjects != "self" for row in (*rulebook.items, *rulebook.deductions))


def households_at(
    cursor: Cursor[Any], schemas: Schemas, subjects: Collection[UUID], as_of: date, as_at: int
) -> dict[UUID, Household]:
    """Read what is known of residents and their relatives at a position, related as on a day.

    Who was merged into another is no resident of their own and has no place here. Of a relative who stands still
    nothing is known: what counts them has no data.
    """
    kin = _with_merged(cursor, schemas, kin_of(cursor, schemas, subjects, as_at), subjects, as_at)
    residents = [one for one in subjects if one not in kin.merged]
    named = {one: relatives(one, as_of, kin.ties) for one in residents} if kin.ties else {}
    others = {other for found in named.values() for one in found.values() for other in one}
    merged_into: dict[UUID, list[UUID]] = {}
    for one, head in kin.merged.items():
        merged_into.setdefault(head, []).append(one)
    asked = {*residents, *others, *(one for head in (*residents, *others) for one in merged_into.get(head, ()))}
    known = rows_at(cursor, schemas, asked, as_at)
    for head in {*residents, *others}:
        for one in sorted(merged_into.get(head, ())):
            known[head] = [*known[head], *known[one]]
    still = held_at(cursor, schemas, list(others), as_at) if others else ()
    heard = {one: in_force(known[one]) for one in others if known[one] and one not in still}
    return {
        one: Household(
            frozenset({one, *merged_into.get(one, ())}),
            known[one],
            family_of(one, as_of, kin.ties, heard) if one in named else ALONE,
        )
        for one in residents
    }


def _with_merged(cursor: Cursor[Any], schemas: Schemas, kin: Kin, subjects: Collection[UUID], as_at: int) -> Kin:
    """Follow merges and relatives until nobody new is merged: a relative may have been somebody else too."""
    asked = set(subjects)
    while True:
        named = {one for pair in kin.merged.items() for one in pair}
        named |= {
            one for tie in kin.ties if {tie.subject, tie.other} & set(subjects) for one in (tie.subject, tie.other)
        }
        if named <= asked:
            return kin
        asked |= named
        wider = kin_of(cursor, schemas, asked, as_at)
        kin = Kin([tie for tie in wider.ties if {tie.subject, tie.other} & set(subjects)], wider.merged)
