"""What is known of a resident: facts as flat rows, and which of them are in force for somebody who knows so much.

`rows_of` flattens one entry; rows may be kept in a table and fed back. `in_force` is a fold that depends on rows
alone and never refuses: a void of nothing, a closer without an opener or a spell ended twice all have a meaning.
Knowledge time is a position (as at); civil days (as of) are left to the reader of the result.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from domain.facts import (
    BY_TOPIC,
    FactCorrected,
    FactVoided,
    IdentityMinted,
    Known,
    ParticularsCorrected,
    Ref,
)
from domain.facts.base import Fact


class Role(StrEnum):
    """What a row does: counts, ends a spell, moves the permit, voids another entry, says who somebody is."""

    FACT = "fact"
    CLOSER = "closer"
    PERMIT = "permit"
    VOID = "void"
    IDENTITY = "identity"


PERMIT_KINDS = frozenset(
    {
        "permit-issued",
        "permit-endorsed",
        "permit-suspended",
        "permit-restored",
        "permit-ended",
        "points-reinstatement-requested",
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRow:
    """One row of what rules read; every field fits a SQL column, (ref_stream, ref_version, part) is its key.

    `position` is knowledge time. Dates are civil; [starts_on, ends_on) is half-open and ends_on None has no known
    end. A closer says in `closes`, `spell` and `stops_on` which spell ends when. A void names its target in
    refers_stream and refers_version; its `stops_on` is the first day without the target, None = from the start.
    An identity row carries `born_on`. `quantity` is in the kind's unit.
    """

    role: Role
    kind: str
    position: int
    ref_stream: UUID
    ref_version: int
    part: int = 0
    refers_stream: UUID | None = None
    refers_version: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    place: str | None = None
    variant: str | None = None
    quantity: int | None = None
    level: str | None = None
    mark: str | None = None
    spell: str | None = None
    act: str | None = None
    decided_on: date | None = None
    effective_on: date | None = None
    completed_on: date | None = None
    opens: str | None = None
    closes: str | None = None
    stops_on: date | None = None
    born_on: date | None = None

    @property
    def ref(self) -> Ref:
        """Name the entry this row came from."""
        return Ref(stream=self.ref_stream, version=self.ref_version)


def rows_of(known: Known) -> list[FactRow]:
    """Flatten one entry. Kinds that no rule reads give no row; a correction gives a void and its replacement."""
    if isinstance(known.fact, FactCorrected):
        return [_void(known, "fact-corrected", None), *_rows(known, known.fact.replacement, first_part=1)]
    if isinstance(known.fact, FactVoided):
        return [_void(known, "fact-voided", known.fact.from_date)]
    return list(_rows(known, known.fact, first_part=0))


def _void(known: Known, kind: str, from_date: date | None) -> FactRow:
    target = known.refers_to
    return FactRow(
        role=Role.VOID,
        kind=kind,
        position=known.position,
        ref_stream=known.ref.stream,
        ref_version=known.ref.version,
        refers_stream=target.stream if target else None,
        refers_version=target.version if target else None,
        stops_on=from_date,
    )


def _rows(known: Known, fact: Fact, first_part: int) -> Iterator[FactRow]:
    position, stream, version = known.position, known.ref.stream, known.ref.version
    if isinstance(fact, IdentityMinted | ParticularsCorrected):
        if fact.born_on is not None:
            yield FactRow(
                role=Role.IDENTITY,
                kind=fact.kind_name(),
                position=position,
                ref_stream=stream,
                ref_version=version,
                part=first_part,
                born_on=fact.born_on,
            )
        return
    seen = fact.measured()
    if seen is None:
        return
    about, part = type(fact).about, first_part
    is_permit = seen.kind in PERMIT_KINDS
    if about.closes and not is_permit:
        yield FactRow(
            role=Role.CLOSER,
            kind=fact.kind_name(),
            position=position,
            ref_stream=stream,
            ref_version=version,
            part=part,
            place=seen.place,
            spell=getattr(fact, "spell", None),
            closes=about.closes,
            stops_on=seen.starts_on,
        )
        if not about.opens:
            return
        part += 1
    yield FactRow(
        role=Role.PERMIT if is_permit else Role.FACT,
        kind=seen.kind,
        position=position,
        ref_stream=stream,
        ref_version=version,
        part=part,
        starts_on=seen.starts_on,
        ends_on=seen.ends_on,
        place=seen.place,
        variant=seen.variant,
        quantity=seen.quantity,
        level=seen.level,
        mark=seen.mark,
        spell=seen.spell,
        act=seen.act,
        decided_on=seen.decided_on,
        effective_on=seen.effective_on,
        completed_on=seen.completed_on,
        opens=None if is_permit else about.opens,
    )


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


_order = attrgetter("position", "ref_version", "part")
_Target = tuple[UUID, int]


def in_force(rows: Iterable[FactRow], as_at: int | None = None) -> Knowledge:
    """Fold the rows known at position `as_at` (None: all) to what is in force. The order of `rows` is irrelevant.

    A void counts from its own position on; voids of voids change nothing. Several voids of one entry: one from the
    start wins, else the earliest day. A void of an identity entry holds from the start: a birth date has no days.
    """
    known = sorted((row for row in rows if as_at is None or row.position <= as_at), key=_order)
    voids = _voids(known)
    closers = _closers(known, voids)
    result = Knowledge()
    born_on = None
    for row in known:
        if row.role is Role.VOID:
            continue
        void = voids.get((row.ref_stream, row.ref_version)) if voids else None
        if void is not None and (void.stops_on is None or row.role is Role.IDENTITY):
            result.ignored.append(Ignored(row, Why.VOID, void))
        elif row.role is Role.IDENTITY:
            born_on = row.born_on
        elif row.role is not Role.CLOSER:
            fact = _with_end(row, void, closers)
            if row.role is Role.PERMIT:
                result.permits.append(fact)
            else:
                result.facts.setdefault(row.kind, []).append(fact)
    return Knowledge(born_on, result.facts, result.permits, result.ignored)


def _voids(known: list[FactRow]) -> dict[_Target, FactRow]:
    voids: dict[_Target, FactRow] = {}
    for row in known:
        if row.role is not Role.VOID or row.refers_stream is None or row.refers_version is None:
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
        if row.role is not Role.CLOSER or row.closes is None or row.spell is None or row.stops_on is None:
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


_COLUMN = {
    "activity": "act",
    "awarded_on": "starts_on",
    "category": "variant",
    "acted_on": "starts_on",
    "doc": "variant",
    "donated_on": "starts_on",
    "granted_on": "starts_on",
    "insurance": "variant",
    "item": "variant",
    "month": "starts_on",
    "new_spell": "spell",
    "occupation": "variant",
    "on": "starts_on",
    "permit": "spell",
    "received_on": "starts_on",
    "scheme": "variant",
    "served_on": "starts_on",
    "valid_from": "starts_on",
}
"""Where the fields of a natural key stand in a row, when the names differ."""


def _natural_keys() -> dict[str, Callable[[FactRow], tuple[object, ...]]]:
    keys: dict[str, Callable[[FactRow], tuple[object, ...]]] = {}
    for fact in BY_TOPIC.values():
        columns = dict.fromkeys(_COLUMN.get(name, name) for name in fact.about.key)
        if columns and columns.keys() <= FactRow.__dataclass_fields__.keys():
            keys[fact.kind_name()] = attrgetter("kind", *columns)
    return keys


NATURAL_KEYS = _natural_keys()
"""For each kind that has one: how to read the natural key off a row."""


def natural_key(row: FactRow) -> tuple[object, ...]:
    """Say what makes two rows of a kind reports of one fact, as the facts page declares it."""
    key = NATURAL_KEYS.get(row.kind)
    return key(row) if key else (row.kind, row.ref_stream, row.ref_version, row.part)
