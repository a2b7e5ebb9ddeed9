"""What is in force for somebody who knows the ledger up to a position: a fold that depends on rows alone.

It never refuses: a void of nothing, a closer without an opener or a spell ended twice all have a meaning. Knowledge
time is a position (as at); civil days (as of) are left to the reader of the result.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from domain.factrow import NATURAL_KEYS, PERMIT_KINDS, FactRow, Role, natural_key, rows_of

__all__ = [
    "NATURAL_KEYS",
    "PERMIT_KINDS",
    "FactRow",
    "Ignored",
    "InForce",
    "Knowledge",
    "Role",
    "Why",
    "in_force",
    "natural_key",
    "rows_of",
]


class Why(StrEnum):
    """Why a fact that is known gave nothing."""

    VOID = "void"
    NOT_YET = "not-yet"
    OUT_OF_SCOPE = "out-of-scope"
    DUPLICATE = "duplicate"
    BACK_PAID = "back-paid"
    TRANSFERRED = "transferred"
    OTHER_VARIANT = "other-variant"
    OUT_OF_WINDOW = "out-of-window"
    LAPSED = "lapsed"
    OVER = "over"
    EMPTY = "empty"
    SMALLER = "smaller"
    NO_POINTS = "no-points"
    BROKEN_RUN = "broken-run"
    EXCLUDED = "excluded"
    REFUNDED = "refunded"
    NOT_IN_ALL = "not-in-all"
    TAKEN_OFF = "taken-off"
    PAID = "paid"


class Ignored(NamedTuple):
    """A known fact that gave nothing, why, and the entry that is the cause where there is one."""

    row: FactRow
    why: Why
    because: FactRow | None = None


class InForce(NamedTuple):
    """A fact in force, with its effective end.

    `ends_on` is the earliest of the fact's own end and its closers. A closer that is itself void from a day on
    ends the spell only for readers before that day: those pairs (stops_on, void from) stand in `passing_ends`.
    `void_from` is the first day on which the fact counts for nothing.
    """

    row: FactRow
    ends_on: date | None
    void_from: date | None = None
    voided_by: FactRow | None = None
    passing_ends: tuple[tuple[date, date], ...] = ()

    def end(self, as_of: date) -> date | None:
        """Give the effective end for a reader of that day; None where no end is known."""
        if not self.passing_ends:
            return self.ends_on
        ends = [stops for stops, void_from in self.passing_ends if as_of < void_from]
        if self.ends_on is not None:
            ends.append(self.ends_on)
        return min(ends, default=None)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is in force for a reader who knows the ledger up to one position.

    `facts` by kind, each in the order of position; `permits` moves of the permit; `ignored` what was voided from
    the start; `born_on` as the newest identity entry says it.
    """

    born_on: date | None = None
    facts: dict[str, list[InForce]] = field(default_factory=dict)
    permits: list[InForce] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)

    def of(self, kind: str) -> list[InForce]:
        """Give the facts of one kind."""
        return self.facts.get(kind, [])


_position = attrgetter("position")
_order = attrgetter("position", "ref_version", "part")
_made = tuple.__new__
# Names of a module are found faster than members of a class, and this is asked for every row of everybody.
_VOID, _CLOSER, _IDENTITY, _PERMIT = Role.VOID, Role.CLOSER, Role.IDENTITY, Role.PERMIT
_Target = tuple[UUID, int]


def in_force(rows: Iterable[FactRow], as_at: int | None = None) -> Knowledge:
    """Fold the rows known at position `as_at` (None: all) to what is in force. The order of `rows` is irrelevant.

    A void counts from its own position on; voids of voids change nothing. Several voids of one entry: one from the
    start wins, else the earliest day. A void of an identity entry holds from the start: a birth date has no days.
    """
    known = _in_order(rows if as_at is None else [row for row in rows if row.position <= as_at])
    voids = _voids(known)
    closers = _closers(known, voids)
    facts: dict[str, list[InForce]] = {}
    permits: list[InForce] = []
    ignored: list[Ignored] = []
    born_on = None
    for row in known:
        role = row.role
        if role is _VOID or role is _CLOSER:
            continue
        void = voids.get((row.ref_stream, row.ref_version)) if voids else None
        if void is not None and (void.stops_on is None or role is _IDENTITY):
            ignored.append(Ignored(row, Why.VOID, void))
            continue
        if role is _IDENTITY:
            born_on = row.born_on
            continue
        if void is None and (row.opens is None or not closers):
            fact = _made(InForce, (row, row.ends_on, None, None, ()))  # nearly every fact, past the defaults
        else:
            fact = _with_end(row, void, closers)
        if role is _PERMIT:
            permits.append(fact)
        elif row.kind in facts:
            facts[row.kind].append(fact)
        else:
            facts[row.kind] = [fact]
    return Knowledge(born_on, facts, permits, ignored)


def _in_order(rows: Iterable[FactRow]) -> list[FactRow]:
    """Sort by position; rows of one position by version and part, which only parts of an entry need."""
    known = sorted(rows, key=_position)
    positions = {row.position for row in known}
    return known if len(positions) == len(known) else sorted(known, key=_order)


def _voids(known: list[FactRow]) -> dict[_Target, FactRow]:
    voids: dict[_Target, FactRow] = {}
    for row in known:
        if row.role is not _VOID or row.refers_stream is None or row.refers_version is None:
            continue
        target = (row.refers_stream, row.refers_version)
        other = voids.get(target)
        if other is None or _reaches_further(row, other):
            voids[target] = row
    return voids


def _reaches_further(row: FactRow, other: FactRow) -> bool:
    if other.stops_on is None:
        return False
    return row.stops_on is None or row.stops_on < other.stops_on


@dataclass(slots=True)
class _Ends:
    always: date | None = None
    passing: tuple[tuple[date, date], ...] = ()


def _closers(known: list[FactRow], voids: dict[_Target, FactRow]) -> dict[tuple[str, str], _Ends]:
    closers: dict[tuple[str, str], _Ends] = {}
    for row in known:
        if row.role is not _CLOSER or row.closes is None or row.spell is None or row.stops_on is None:
            continue
        void = voids.get((row.ref_stream, row.ref_version))
        if void is not None and void.stops_on is None:
            continue
        ends = closers.setdefault((row.closes, row.spell), _Ends())
        if void is not None and void.stops_on is not None:
            ends.passing += ((row.stops_on, void.stops_on),)
        elif ends.always is None or row.stops_on < ends.always:
            ends.always = row.stops_on
    return closers


def _with_end(row: FactRow, void: FactRow | None, closers: dict[tuple[str, str], _Ends]) -> InForce:
    ends_on = row.ends_on
    passing: tuple[tuple[date, date], ...] = ()
    if row.opens is not None and row.spell is not None:
        ends = closers.get((row.opens, row.spell))
        if ends is not None:
            passing = ends.passing
            if ends.always is not None and (ends_on is None or ends.always < ends_on):
                ends_on = ends.always
    return InForce(row, ends_on, void.stops_on if void else None, void, passing)
