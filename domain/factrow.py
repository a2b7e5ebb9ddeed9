"""Facts as flat rows: the one shape that rules read and that a table can keep.

`rows_of` flattens one entry. A row's role says what it does to the others; `natural_key` says when two rows are
reports of one fact.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from operator import attrgetter
from uuid import UUID

from domain.facts import (
    BY_TOPIC,
    Fact,
    FactCorrected,
    FactVoided,
    IdentityMinted,
    Known,
    Measured,
    ParticularsCorrected,
    Ref,
)


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


CORRECTION = FactCorrected.kind_name()
"""The kind of the void that carries a replacement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRow:
    """One row of what rules read; every field fits a SQL column, (ref_stream, ref_version, part) is its key.

    `position` is knowledge time. Dates are civil; [starts_on, ends_on) is half-open and ends_on None has no known
    end. A closer says in `closes`, `spell` and `stops_on` which spell ends when. A void names its target in
    refers_stream and refers_version; its `stops_on` is the first day without the target, None = from the start.
    An identity row carries `born_on`, and the sex as `level`; what it does not say is None. `quantity` is in the
    kind's unit.
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
        return [_void(known, CORRECTION, None), *_rows(known, known.fact.replacement, first_part=1)]
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
    if isinstance(fact, IdentityMinted | ParticularsCorrected):
        if fact.born_on is not None or fact.sex is not None:
            yield _identity(known, fact, first_part)
        return
    seen = fact.measured()
    if seen is None:
        return
    about, is_permit = type(fact).about, seen.kind in PERMIT_KINDS
    closes = about.closes is not None and not is_permit
    if closes:
        yield _closer(known, fact, seen, first_part)
    if not closes or about.opens:
        opens = None if is_permit else about.opens
        yield _counted(known, seen, Role.PERMIT if is_permit else Role.FACT, first_part + closes, opens)
    if about.ends_permit:
        ended = Measured("permit-ended", seen.starts_on, place=seen.place, mark=seen.kind)
        yield _counted(known, ended, Role.PERMIT, first_part + 1, None)


def _identity(known: Known, fact: IdentityMinted | ParticularsCorrected, part: int) -> FactRow:
    return FactRow(
        role=Role.IDENTITY,
        kind=fact.kind_name(),
        position=known.position,
        ref_stream=known.ref.stream,
        ref_version=known.ref.version,
        part=part,
        level=fact.sex,
        born_on=fact.born_on,
    )


def _closer(known: Known, fact: Fact, seen: Measured, part: int) -> FactRow:
    """End the spell that the fact names in `spell`; a move names its new spell in `new_spell`."""
    return FactRow(
        role=Role.CLOSER,
        kind=fact.kind_name(),
        position=known.position,
        ref_stream=known.ref.stream,
        ref_version=known.ref.version,
        part=part,
        place=seen.place,
        spell=getattr(fact, "spell", seen.spell),
        closes=type(fact).about.closes,
        stops_on=seen.starts_on,
    )


def _counted(known: Known, seen: Measured, role: Role, part: int, opens: str | None) -> FactRow:
    return FactRow(
        role=role,
        kind=seen.kind,
        position=known.position,
        ref_stream=known.ref.stream,
        ref_version=known.ref.version,
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
        opens=opens,
    )


_COLUMN = {
    "activity": "act",
    "application": "spell",
    "attended_on": "starts_on",
    "awarded_on": "starts_on",
    "category": "variant",
    "certified_on": "starts_on",
    "course": "variant",
    "acted_on": "starts_on",
    "dispute": "spell",
    "doc": "variant",
    "donated_on": "starts_on",
    "elected_on": "starts_on",
    "found_on": "starts_on",
    "gift": "variant",
    "given_on": "starts_on",
    "granted_on": "starts_on",
    "group": "variant",
    "insurance": "variant",
    "item": "variant",
    "month": "starts_on",
    "new_spell": "spell",
    "occupation": "variant",
    "on": "starts_on",
    "paid_on": "starts_on",
    "patent": "spell",
    "permit": "spell",
    "programme": "variant",
    "receipt": "spell",
    "received_on": "starts_on",
    "round": "act",
    "scheme": "variant",
    "served_on": "starts_on",
    "session": "act",
    "tax": "variant",
    "team": "act",
    "valid_from": "starts_on",
    "year": "variant",
}
"""Where the fields of a natural key stand in a row, when the names differ."""


def _key_columns() -> dict[str, tuple[str, ...]]:
    keys: dict[str, tuple[str, ...]] = {}
    for fact in BY_TOPIC.values():
        columns = dict.fromkeys(_COLUMN.get(name, name) for name in fact.about.key)
        if columns and columns.keys() <= FactRow.__dataclass_fields__.keys():
            keys[fact.kind_name()] = tuple(columns)
    return keys


KEY_COLUMNS = _key_columns()
"""For each kind that has a natural key: the columns in which it stands."""
NATURAL_KEYS: dict[str, Callable[[FactRow], tuple[object, ...]]] = {
    kind: attrgetter("kind", *columns) for kind, columns in KEY_COLUMNS.items()
}
"""For each kind that has one: how to read the natural key off a row."""


def natural_key(row: FactRow) -> tuple[object, ...]:
    """Say what makes two rows of a kind reports of one fact, as the facts page declares it."""
    key = NATURAL_KEYS.get(row.kind)
    return key(row) if key else (row.kind, row.ref_stream, row.ref_version, row.part)
