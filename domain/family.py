"""Families: who is tied to whom on a day, who is one person, and the relatives whose facts a row may count.

A tie is a spell: recorded, ended, voided like others, so that late, double and voided reports need no special path.
Subjects joined by ties or merges, however far, form one family: they are scored together and never divided.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple
from uuid import UUID

from domain.civil import age_on, birthday
from domain.facts import FactVoided, FamilyTieEnded, FamilyTieRecorded, IdentitiesMerged, Known, Ref
from domain.knowledge import Knowledge


@dataclass(frozen=True, slots=True)
class Family:
    """What is known of a resident's relatives, for the rows that count them."""

    spouse: Knowledge | None = None
    parents: tuple[Knowledge, ...] = ()

    def couple(self, own: Knowledge) -> tuple[Knowledge, ...]:
        """Give the two for whom a row of parents counts: a child's parents, or the resident and the spouse."""
        if self.parents:
            return self.parents
        return (own,) if self.spouse is None else (own, self.spouse)


ALONE = Family()
ADULT = 18
"""Guardianship ends on this birthday, and nobody's parents are counted for them from then on."""


class Tie(NamedTuple):
    """A tie in force on the days of [since, until); `other` is the spouse, child or ward of `subject`."""

    tie: Literal["spouse", "child", "guardian"]
    subject: UUID
    other: UUID
    since: date
    until: date | None

    def holds_on(self, day: date) -> bool:
        """Say whether the day lies in [since, until)."""
        return self.since <= day and (self.until is None or day < self.until)


def ties(entries: Iterable[Known], as_at: int | None = None) -> list[Tie]:
    """Fold the entries known at a position to the ties there are, in the order of their positions.

    A tie ends with the earliest of its ends that are not void from the start; a tie or an end void from a day is
    void from that day on, a tie void from the start is none. Its ends stand in its own stream: two organs may have
    the same number for two ties.
    """
    known = _known(entries, as_at)
    voids = _voids(known)
    ends: dict[tuple[UUID, str], date] = {}
    for entry in known:
        if isinstance(entry.fact, FamilyTieEnded) and entry.ref not in voids:
            spell, ended_on = (entry.ref.stream, entry.fact.spell), entry.fact.ended_on
            ends[spell] = min(ended_on, ends.get(spell, ended_on))
    found = []
    for entry in known:
        fact = entry.fact
        if not isinstance(fact, FamilyTieRecorded) or (entry.ref in voids and voids[entry.ref] is None):
            continue
        bounds = [
            day for day in (ends.get((entry.ref.stream, fact.spell)), voids.get(entry.ref)) if day is not None
        ]
        until = min(bounds, default=None)
        if until is None or fact.since < until:
            found.append(Tie(fact.tie, fact.subject, fact.other, fact.since, until))
    return found


def merges(entries: Iterable[Known], as_at: int | None = None) -> dict[UUID, UUID]:
    """Give for each subject that was merged the subject it is now, through chains of merges.

    A merge counts from its position on, unless it is void. Of a circle the smallest id is kept.
    """
    known = _known(entries, as_at)
    voids = _voids(known)
    heads: dict[UUID, UUID] = {}
    for entry in known:
        if isinstance(entry.fact, IdentitiesMerged) and entry.ref not in voids:
            kept, merged = _head(heads, entry.fact.kept), _head(heads, entry.fact.merged)
            if kept != merged:
                heads[merged] = kept
    return {subject: _head(heads, subject) for subject in heads}


def relatives(subject: UUID, on: date, found: Iterable[Tie]) -> dict[str, list[UUID]]:
    """Name a subject's spouse (at most one: the tie that began last) and parents or guardians on a day."""
    holding = [tie for tie in found if tie.holds_on(on)]
    spouses = [
        (tie.since, tie.other if tie.subject == subject else tie.subject)
        for tie in holding
        if tie.tie == "spouse" and subject in (tie.subject, tie.other)
    ]
    parents = [tie.subject for tie in holding if tie.tie != "spouse" and tie.other == subject]
    return {"spouse": [max(spouses)[1]] if spouses else [], "parents": sorted(set(parents))}


def family_of(
    subject: UUID,
    on: date,
    found: Iterable[Tie],
    knowledge: Mapping[UUID, Knowledge],
    born_on: date | None = None,
) -> Family:
    """Gather what is known of a subject's relatives on a day; relatives of whom nothing is known are left out.

    Parents and guardians are a child's: from the eighteenth birthday on there are none. Somebody of whom no birth
    date is known is as young as the ties say.
    """
    named = relatives(subject, on, found)
    spouse = next((knowledge[other] for other in named["spouse"] if other in knowledge), None)
    known = [knowledge[other] for other in named["parents"] if other in knowledge]
    return Family(spouse, () if is_adult(born_on, on) else tuple(known))


def is_adult(born_on: date | None, on: date) -> bool:
    """Say whether somebody has turned eighteen by a day, as far as is known."""
    return born_on is not None and age_on(born_on, on) >= ADULT


def tied_anew_on(subject: UUID, on: date, found: Iterable[Tie], born_on: date | None = None) -> date | None:
    """Give the next day after `on` on which others are a subject's relatives; None where none is.

    A tie begins or ends, or somebody who has parents or guardians turns eighteen.
    """
    own = [tie for tie in found if subject in (tie.subject, tie.other)]
    days = [day for tie in own for day in (tie.since, tie.until) if day is not None]
    if born_on is not None and any(tie.tie != "spouse" and tie.other == subject for tie in own):
        days.append(birthday(born_on, ADULT))
    return min((day for day in days if day > on), default=None)


def families(subjects: Iterable[UUID], found: Iterable[Tie], merged: Mapping[UUID, UUID]) -> dict[UUID, UUID]:
    """Give each subject its family: the smallest id of all that are joined to it, now or ever."""
    heads: dict[UUID, UUID] = {}
    pairs = [*((tie.subject, tie.other) for tie in found), *merged.items()]
    for first, second in pairs:
        low, high = sorted((_head(heads, first), _head(heads, second)))
        if low != high:
            heads[high] = low
    return {subject: _head(heads, subject) for subject in subjects}


def _known(entries: Iterable[Known], as_at: int | None) -> list[Known]:
    known = [entry for entry in entries if as_at is None or entry.position <= as_at]
    return sorted(known, key=lambda entry: (entry.position, entry.ref.version))


def _voids(known: Iterable[Known]) -> dict[Ref, date | None]:
    """Give what is void, and from which day; None from the start."""
    voids: dict[Ref, date | None] = {}
    for entry in known:
        if not isinstance(entry.fact, FactVoided) or entry.refers_to is None:
            continue
        from_date = entry.fact.from_date
        other = voids.get(entry.refers_to, from_date)
        voids[entry.refers_to] = None if from_date is None or other is None else min(from_date, other)
    return voids


def _head(heads: Mapping[UUID, UUID], subject: UUID) -> UUID:
    while subject in heads:
        subject = heads[subject]
    return subject
