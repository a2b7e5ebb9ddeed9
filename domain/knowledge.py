"""What is in force for somebody who knows the ledger up to a position: a fold that depends on rows alone.

It never refuses: a void of nothing, a closer without an opener or a spell ended twice all have a meaning. Knowledge
time is a position (as at); civil days (as of) are left to the reader of the result.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from itertools import repeat
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from domain.factrow import CORRECTION, NATURAL_KEYS, PERMIT_KINDS, FactRow, Role, natural_key, rows_of
from domain.made import made

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

    `rows` by kind, each in the order of position. Nearly every fact is in force just as it was told; a kind of
    which some fact is not (a closer ends it, a void stops it) stands in `changed` too, beside its rows.
    `permits` moves of the permit; `ignored` what was voided from the start; `born_on` and `sex`
    as the newest identity entry that says them.
    """

    born_on: date | None = None
    rows: dict[str, list[FactRow]] = field(default_factory=dict)
    changed: dict[str, list[InForce]] = field(default_factory=dict)
    permits: list[InForce] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)
    sex: str | None = None

    @classmethod
    def of_facts(
        cls,
        born_on: date | None,
        facts: Mapping[str, Sequence[InForce]],
        permits: list[InForce],
        ignored: list[Ignored],
        sex: str | None = None,
    ) -> "Knowledge":
        """Take facts by kind, each with its effective end."""
        rows = {kind: [fact.row for fact in of_kind] for kind, of_kind in facts.items()}
        changed = {
            kind: list(of_kind)
            for kind, of_kind in facts.items()
            if any(fact != InForce(fact.row, fact.row.ends_on) for fact in of_kind)
        }
        return cls(born_on, rows, changed, permits, ignored, sex)

    @property
    def facts(self) -> dict[str, list[InForce]]:
        """Give the facts by kind."""
        return {kind: self.of(kind) for kind in self.rows}

    def of(self, kind: str) -> list[InForce]:
        """Give the facts of one kind, each with its effective end."""
        changed = self.changed.get(kind)
        if changed is not None:
            return changed
        return [made(InForce, (row, row.ends_on, None, None, ())) for row in self.rows.get(kind, ())]


_position = attrgetter("position")
_order = attrgetter("position", "ref_version", "part")
# Names of a module are found faster than members of a class, and this is asked for every row of everybody.
_FACT, _VOID, _CLOSER, _IDENTITY, _PERMIT = Role.FACT, Role.VOID, Role.CLOSER, Role.IDENTITY, Role.PERMIT
_Target = tuple[UUID, int]


def ignored_all(rows: Iterable[FactRow], why: Why) -> Iterator[Ignored]:
    """Ignore rows for one reason that lies in themselves."""
    return map(made, repeat(Ignored), zip(rows, repeat(why), repeat(None)))


def in_force(rows: Iterable[FactRow], as_at: int | None = None) -> Knowledge:
    """Fold the rows known at position `as_at` (None: all) to what is in force. The order of `rows` is irrelevant.

    A void counts from its own position on; voids of voids change nothing. Of two corrections of one entry the first
    known counts. Several voids of one entry: one from the
    start wins, else the earliest day. A void of an identity entry holds from the start: a birth date has no days.
    """
    known = list(rows) if as_at is None else [row for row in rows if row.position <= as_at]
    voids = _voids([row for row in known if row.role is _VOID])
    voided = {version for _, version in voids}
    facts: defaultdict[str, list[FactRow]] = defaultdict(list)
    others: list[FactRow] = []
    for row in known:
        # Nearly every row: a fact of a day, the only part of its entry, that no void means.
        if row.role is _FACT and row.opens is None and not row.part and row.ref_version not in voided:
            facts[row.kind].append(row)
        else:
            others.append(row)
    for of_kind in facts.values():
        if len(of_kind) > 1:
            of_kind.sort(key=_position)
    others.sort(key=_order)
    return _with_others(facts, others, voids, voided)


def _with_others(
    facts: dict[str, list[FactRow]], others: list[FactRow], voids: dict[_Target, FactRow], voided: set[int]
) -> Knowledge:
    """Put what wants a closer look among the facts: spells, voided rows, parts, moves of the permit, identities."""
    born_on, sex = None, None
    changed: dict[str, list[InForce]] = {}
    permits: list[InForce] = []
    ignored: list[Ignored] = []
    closers = _closers([row for row in others if row.role is _CLOSER], voids)
    for row in others:
        role = row.role
        if role is _VOID or role is _CLOSER:
            continue
        void = voids.get((row.ref_stream, row.ref_version)) if row.ref_version in voided else None
        if void is not None and (void.stops_on is None or role is _IDENTITY):
            ignored.append(Ignored(row, Why.VOID, void))
            continue
        if role is _IDENTITY:
            born_on, sex = row.born_on or born_on, row.level or sex
            continue
        if void is None and (row.opens is None or not closers):
            fact = made(InForce, (row, row.ends_on, None, None, ()))
        else:
            fact = _with_end(row, void, closers)
        if role is _PERMIT:
            permits.append(fact)
        elif row.kind in changed:
            changed[row.kind].append(fact)
        else:
            changed[row.kind] = [fact]
    for kind, of_kind in changed.items():
        if kind in facts:
            of_kind += [InForce(row, row.ends_on) for row in facts[kind]]
            of_kind.sort(key=lambda fact: _order(fact.row))
        facts[kind] = [fact.row for fact in of_kind]
    return Knowledge(born_on, facts, changed, permits, ignored, sex)


def first_corrections(voids: Iterable[FactRow]) -> Iterator[FactRow]:
    """Give the voids in the order of position; of two corrections of one entry the later names itself.

    Its own replacement is void then, as if it had been refused where it came in second (docs/decisions/0119).
    """
    corrected: set[_Target] = set()
    for row in sorted(voids, key=_order):
        if row.kind == CORRECTION and row.refers_stream is not None and row.refers_version is not None:
            target = (row.refers_stream, row.refers_version)
            if target in corrected:
                yield replace(row, refers_stream=row.ref_stream, refers_version=row.ref_version)
                continue
            corrected.add(target)
        yield row


def settled(rows: Iterable[FactRow]) -> list[FactRow]:
    """Give rows in the order of position, with the voids as `first_corrections` gives them: what columns hold."""
    rows = list(rows)
    voids = first_corrections(row for row in rows if row.role is _VOID)
    return sorted([*(row for row in rows if row.role is not _VOID), *voids], key=_order)


def _voids(rows: list[FactRow]) -> dict[_Target, FactRow]:
    voids: dict[_Target, FactRow] = {}
    for row in first_corrections(rows):
        if row.refers_stream is None or row.refers_version is None:
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


def _closers(rows: list[FactRow], voids: dict[_Target, FactRow]) -> dict[tuple[str, str], _Ends]:
    closers: dict[tuple[str, str], _Ends] = {}
    for row in rows:
        if row.closes is None or row.spell is None or row.stops_on is None:
            continue
        void = voids.get((row.ref_stream, row.ref_version)) if voids else None
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
