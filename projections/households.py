"""Households: what is known of residents, of those who were merged into them, and of their relatives."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Cursor

from domain.custody import Custody, cared_for_by
from domain.factrow import FactRow
from domain.family import ALONE, Family, Tie, family_of, relatives, tied_anew_on
from domain.knowledge import in_force
from domain.rulebook.model import Rulebook
from projections.measures import rows_at
from projections.quarantine import held_at
from projections.schemas import Schemas
from projections.ties import Kin, kin_of


class Household(NamedTuple):
    """One resident: all subjects that they are, their rows, and what is known of the relatives on a day.

    `turns_on` is the next day on which others may be the relatives.
    """

    own: frozenset[UUID]
    rows: Sequence[FactRow]
    family: Family = ALONE
    turns_on: date | None = None


def counts_relatives(rulebook: Rulebook) -> bool:
    """Say whether a row of a table counts anybody but the resident."""
    return any(row.measure.subjects != "self" for row in (*rulebook.items, *rulebook.deductions))


class Members(NamedTuple):
    """Who was asked for, with what is known: `named` gives each one's relatives by role, `own` all that one is.

    `carers` are those with whom a child lives, where they are not just the parents: custody names one, and from the
    eighteenth birthday on it is nobody.

    Rows of somebody merged stand with those of whom they are now. `heard` are the relatives of whom anything is
    known: of one who stands still nothing is.
    """

    residents: list[UUID]
    own: dict[UUID, frozenset[UUID]]
    rows: dict[UUID, list[FactRow]]
    named: dict[UUID, dict[str, list[UUID]]]
    heard: frozenset[UUID]
    ties: Sequence[Tie]
    carers: dict[UUID, list[UUID]]
    custody: Sequence[Custody] = ()

    def turns(self, subject: UUID) -> Iterator[date]:
        """Give the days on which who belongs to a subject changes."""
        for tie in self.ties:
            if subject in (tie.subject, tie.other):
                yield from (day for day in (tie.since, tie.until) if day is not None)
        yield from (each.since for each in self.custody if each.child == subject)


def members_at(
    cursor: Cursor[Any], schemas: Schemas, subjects: Collection[UUID], as_of: date, as_at: int
) -> Members:
    """Read who belongs to residents on a day, and what is known of them all at a position.

    Who was merged into another is no resident of their own and has no place here.
    """
    kin = _with_merged(cursor, schemas, kin_of(cursor, schemas, subjects, as_at), subjects, as_at)
    residents = [one for one in subjects if one not in kin.merged]
    named = {one: relatives(one, as_of, kin.ties) for one in residents} if kin.ties else {}
    others = {other for found in named.values() for one in found.values() for other in one}
    others |= {one.to for one in kin.custody if one.since <= as_of}
    merged_into: dict[UUID, list[UUID]] = {}
    for one, head in kin.merged.items():
        merged_into.setdefault(head, []).append(one)
    asked = {*residents, *others, *(one for head in (*residents, *others) for one in merged_into.get(head, ()))}
    known = rows_at(cursor, schemas, asked, as_at)
    for head in {*residents, *others}:
        for one in sorted(merged_into.get(head, ())):
            known[head] = [*known[head], *known[one]]
    still = held_at(cursor, schemas, list(others), as_at) if others else ()
    heard = frozenset(one for one in others if known[one] and one not in still)
    own = {one: frozenset({one, *merged_into.get(one, ())}) for one in residents}
    carers = {one: _carers(one, as_of, kin, known[one]) for one in residents if kin.ties or kin.custody}
    return Members(residents, own, known, named, heard, kin.ties, carers, kin.custody)


def _carers(child: UUID, on: date, kin: Kin, rows: Sequence[FactRow]) -> list[UUID]:
    if not cared_for_by(child, on, kin.ties, kin.custody):
        return []
    return cared_for_by(child, on, kin.ties, kin.custody, in_force(rows).born_on)


def households_at(
    cursor: Cursor[Any], schemas: Schemas, subjects: Collection[UUID], as_of: date, as_at: int
) -> dict[UUID, Household]:
    """Read what is known of residents and their relatives at a position, related as on a day.

    Who was merged into another has no place here. Of a relative who stands still nothing is known: what counts them
    has no data.
    """
    members = members_at(cursor, schemas, subjects, as_of, as_at)
    heard = {one: in_force(members.rows[one]) for one in members.heard}
    born = {one: in_force(members.rows[one]).born_on for one in members.residents if _has_parents(members, one)}
    return {
        one: Household(
            members.own[one],
            members.rows[one],
            family_of(one, as_of, members.ties, heard, born.get(one)) if one in members.named else ALONE,
            tied_anew_on(one, as_of, members.ties, born.get(one)),
        )
        for one in members.residents
    }


def _has_parents(members: Members, subject: UUID) -> bool:
    return any(tie.tie != "spouse" and tie.other == subject for tie in members.ties)


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
        tied = [tie for tie in wider.ties if {tie.subject, tie.other} & set(subjects)]
        kin = Kin(tied, wider.merged, [one for one in wider.custody if one.child in subjects])
