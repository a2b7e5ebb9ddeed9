"""How a row becomes a fact of a kind: converters by field, read off the fact classes once."""

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from domain.facts import (
    BY_TOPIC,
    FactCorrected,
    FactVoided,
    FamilyTieEnded,
    FamilyTieRecorded,
    FeedDelivered,
    ParticularsCorrected,
    SubjectFact,
)
from domain.facts.base import Fact, Mark, Month
from domain.facts.family import TIED
from domain.facts.identity import IdentityMinted
from domain.facts.merit import ManualGrant
from ledger.ingest import values
from ledger.ingest.values import Convert
from ledger.ingest.verdicts import Code

ENVELOPE = ("kind", "source_id", "source_time", "legal_basis", "refers_to")
PERSON = ("document_type", "document_number", "name", "subject")
OTHER = ("other_document_type", "other_document_number", "other_name", "other")
"""The other person of a tie, as PERSON gives the first: the spouse, the child or the ward."""
REPLACEMENT = "replacement"
"""A correction's row names in `replacement` the kind that takes the place, and carries its fields."""
PREFIX = "replacement."
"""Before a field of the replacement, where the bare name would mean something else."""
NEW_NAME = "new_name"
"""A row's `name` is the person's as known so far; the name as corrected stands in `new_name`."""

_MADE_OTHERWISE = (IdentityMinted, ManualGrant)
"""Kinds of a subject's history that no file brings: the vault mints, two people grant."""
_AHEAD = frozenset({"until", "valid_to", "from_date", "completed_on", "effective_on"})
"""Days that may lie ahead when they are reported: a contract's end, a decision not yet in effect."""
_ENDS = (
    ("started_on", "until"),
    ("valid_from", "valid_to"),
    ("first_month", "last_month"),
    ("acted_on", "decided_on"),
    ("acted_on", "effective_on"),
    ("acted_on", "completed_on"),
)


@dataclass(frozen=True)
class Plan:
    """What is needed to read one kind: `converters` and `required` by the row's field names.

    `key` are the fact's fields of its natural key, `past` those whose day cannot lie in the future, `months` those
    whose month cannot, `ends` pairs of a start and an end; `units` the field's unit where it has one.
    """

    fact: type[Fact]
    converters: Mapping[str, Convert]
    required: tuple[str, ...]
    key: tuple[str, ...]
    past: tuple[str, ...]
    months: tuple[str, ...]
    ends: tuple[tuple[str, str], ...]
    units: Mapping[str, str]

    @property
    def kind(self) -> str:
        """Give the kind without its version."""
        return self.fact.kind_name()

    def own_name(self, field: str) -> str:
        """Give the fact's own name of a row's field."""
        return "name" if field == NEW_NAME else field

    def row_name(self, field: str) -> str:
        """Give the row's name of a fact's field."""
        return NEW_NAME if field == "name" and NEW_NAME in self.converters else field


def _kinds() -> dict[str, type[Fact]]:
    """Name kinds by topic, and without a version the newest of each."""
    kinds: dict[str, type[Fact]] = {}
    for topic, fact in sorted(BY_TOPIC.items(), key=lambda item: int(item[0].rpartition(".v")[2])):
        kinds[topic] = fact
        kinds[fact.kind_name()] = fact
    return kinds


KINDS = _kinds()
_SUBJECT_FACTS: frozenset[type[Fact]] = frozenset(get_args(get_args(SubjectFact)[0])) | {ParticularsCorrected}
DELIVERED: frozenset[type[Fact]] = (_SUBJECT_FACTS - set(_MADE_OTHERWISE)) | {
    FactVoided,
    FactCorrected,
    FeedDelivered,
    FamilyTieRecorded,
    FamilyTieEnded,
}
"""The kinds that a file may bring."""
_OF_NOBODY = frozenset({FeedDelivered, FamilyTieEnded})
"""Kinds that name no person: a feed is an organ's, and the number of a tie says whose it was."""


@lru_cache(maxsize=256)
def plan_of(fact: type[Fact]) -> Plan:
    """Build the plan of a kind."""
    shapes = {
        name: _Shape.of(info)
        for name, info in fact.model_fields.items()
        if name not in {"kind", REPLACEMENT} and not (fact is FamilyTieRecorded and name in TIED)
    }
    row = {name: NEW_NAME if name == "name" and fact is ParticularsCorrected else name for name in shapes}
    return Plan(
        fact=fact,
        converters={row[name]: shape.converter(name) for name, shape in shapes.items()},
        required=tuple(row[name] for name in shapes if fact.model_fields[name].is_required()),
        key=fact.about.key,
        past=tuple(name for name, shape in shapes.items() if shape.base is date and name not in _AHEAD),
        months=tuple(name for name, shape in shapes.items() if shape.pattern == _MONTH),
        ends=tuple(pair for pair in _ENDS if shapes.keys() >= set(pair)),
        units={row[name]: shape.unit for name, shape in shapes.items() if shape.unit},
    )


@lru_cache(maxsize=1)
def every_field() -> frozenset[str]:
    """Give every field that a row of any kind may carry."""
    fields = {field for fact in DELIVERED for field in plan_of(fact).converters}
    return frozenset({*fields, *(PREFIX + field for field in fields), *ENVELOPE, *PERSON, *OTHER, REPLACEMENT})


def fields_of(fact: type[Fact]) -> frozenset[str]:
    """Give every field that a row of this kind may carry."""
    if fact is FactCorrected:
        return every_field()
    return frozenset({*plan_of(fact).converters, *ENVELOPE, *persons_of(fact)})


def persons_of(fact: type[Fact]) -> tuple[str, ...]:
    """Give the fields in which a row of this kind names persons."""
    if fact in _OF_NOBODY:
        return ()
    return (*PERSON, *OTHER) if fact is FamilyTieRecorded else PERSON


@dataclass(frozen=True)
class _Shape:
    """What a field's annotation says: the base type, its words, its pattern, its unit, whether it is sealed."""

    base: Any
    pattern: str | None
    unit: str
    sealed: bool

    @classmethod
    def of(cls, info: FieldInfo) -> "_Shape":
        base, parts = flat(info.annotation)
        parts = [*info.metadata, *parts]
        marks = [part for part in parts if isinstance(part, Mark)]
        return cls(
            base=base,
            pattern=_pattern(parts),
            unit=next((mark.unit for mark in marks if mark.unit), ""),
            sealed=any(mark.sealed for mark in marks),
        )

    def converter(self, field: str) -> Convert:
        if get_origin(self.base) is Literal:
            words = tuple(str(word) for word in get_args(self.base))
            return values.to_word(words, Code.UNKNOWN_LEVEL if field == "level" else Code.UNKNOWN_WORD)
        by_type: dict[Any, Convert] = {date: values.to_day, bool: values.to_flag, int: values.to_whole}
        if self.base in by_type:
            return by_type[self.base]
        if self.pattern is None:
            return values.to_text if self.sealed else values.to_open_text
        return values.to_month if self.pattern == _MONTH else values.to_code


def flat(annotation: Any) -> tuple[Any, list[Any]]:
    """Take Annotated and `| None` off a type; give the base and everything said on the way."""
    origin = get_origin(annotation)
    if origin is Annotated:
        base, *said = get_args(annotation)
        inner, more = flat(base)
        return inner, [*_said(said), *more]
    if origin in (Union, types.UnionType):
        return flat(next(arm for arm in get_args(annotation) if arm is not types.NoneType))
    return annotation, []


def _said(parts: list[Any]) -> Iterator[Any]:
    for part in parts:
        yield from part.metadata if isinstance(part, FieldInfo) else (part,)


def _pattern(parts: list[Any]) -> str | None:
    return next((found for part in parts if (found := getattr(part, "pattern", None)) is not None), None)


_MONTH = _pattern(flat(Month)[1])
