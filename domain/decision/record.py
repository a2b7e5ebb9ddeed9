"""A decision as a value: coordinates, inputs, outcome, explanation. Its bytes are canonical, their hash its name.

Nothing in it is a float, a clock or a machine's name, so that the same inputs give the same bytes anywhere. Inputs
are bound twice: each entry that was known is named, and one digest covers every row that rules read of them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from hashlib import sha256
from operator import attrgetter
from typing import Any
from uuid import UUID

from domain.coverage import Coverage, Feed
from domain.dispute.provisional import KIND as RECOGNISED
from domain.dispute.provisional import Month, as_paid, months_of, recognitions, told
from domain.factrow import FactRow
from domain.knowledge import in_force
from domain.notation import Label
from domain.programme.case import Case, Person, Points, Sex
from domain.programme.document import ProgrammeDocument
from domain.programme.evaluation import Eligibility, evaluate
from domain.programme.examples import counted_on
from domain.programme.money import granted
from domain.programme.telling import tell
from domain.rulebook.content import canonical_tree
from domain.rulebook.resolution import RulebookSet
from domain.score import ref_name

ENGINE = "1"
"""The meaning of evaluation. It rises when the same inputs and rules can give another outcome than before."""
FORMAT = 1
_ROLES = ("applicant", "spouse", "parent")
_OF = {
    "applicant": Label(zh="申请人", en="the applicant"),
    "spouse": Label(zh="配偶", en="the spouse"),
    "parent": Label(zh="父母", en="a parent"),
}


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a decision reads: rows of each person by role, in order; feeds; and what the application itself says.

    `people` begins with the applicant; parents may be several. `as_at` cuts rows and feeds by their positions.
    `round`: what was recognised provisionally in it counts (domain/dispute/provisional.py).
    """

    subject: str
    people: Sequence[tuple[str, Sequence[FactRow], Sex | None]]
    place: str
    applied_on: date
    as_at: int
    feeds: Sequence[Feed] = ()
    town: str | None = None
    zone: str | None = None
    check_day: date | None = None
    points: Points | None = None
    application: str | None = None
    lapsed: Sequence[str] = ()
    round: str | None = None

    def known(self) -> list[tuple[str, list[FactRow], Sex | None]]:
        """Give the rows known at the position, in one order."""
        return [(role, ordered(rows, self.as_at), sex) for role, rows, sex in self.people]


def ordered(rows: Iterable[FactRow], as_at: int) -> list[FactRow]:
    """Cut rows at a position, and put them in the one order in which they are bound."""
    known = [row for row in rows if row.position <= as_at]
    # An id's number orders as its text does.
    return sorted(known, key=lambda row: (row.position, row.ref_stream.int, row.ref_version, row.part))


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision. `record` is its whole content as JSON values; equal records are equal bytes."""

    record: Mapping[str, Any] = field(default_factory=dict)

    @property
    def bytes(self) -> bytes:
        """Give the canonical bytes: UTF-8 JSON, sorted keys, no spaces."""
        return json.dumps(self.record, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    @property
    def hash(self) -> str:
        """Give SHA-256 over the bytes, in hexadecimal."""
        return sha256(self.bytes).hexdigest()

    @property
    def met(self) -> bool:
        """Say whether the conditions were met."""
        return bool(self.record["outcome"]["met"])

    @property
    def provisional(self) -> Mapping[str, Any] | None:
        """Say what of it counts provisionally, in which round and until when; None: nothing."""
        return self.record.get("provisional")


def decide(
    document: ProgrammeDocument,
    rulebooks: RulebookSet,
    inputs: Inputs,
    engine: str = ENGINE,
    bindings: Mapping[str, Any] | None = None,
) -> Decision:
    """Decide. Pure: the record follows from the arguments alone. `bindings` is bound(inputs), where it is known."""
    programme = document.programme
    case = case_of(document, rulebooks, inputs)
    found = evaluate(programme, case)
    grant = granted(programme, inputs.zone, inputs.applied_on) if found.met else None
    provisional = provisional_of(inputs)
    chinese, english = _told(provisional)
    record: dict[str, Any] = {
        "format": FORMAT,
        "engine": engine,
        "subject": inputs.subject,
        "application": inputs.application,
        "programme": {"doc": programme.doc, "hash": document.hash},
        "as_of": case.counted_on.isoformat(),
        "as_at": inputs.as_at,
        "rulebooks": rulebooks.hash,
        "inputs": bound(inputs) if bindings is None else bindings,
        "outcome": outcome_of(found) | {"grant": grant.as_json() if grant else None},
        "explanation": {
            "conditions": [finding.as_json(ref_name) for finding in found.findings],
            "zh": [*tell(found, "zh"), *chinese],
            "en": [*tell(found, "en"), *english],
        },
    }
    if provisional:  # a decision without it has the bytes that it always had
        record["provisional"] = _as_json(inputs, provisional)
    return Decision(canonical_tree(record))


def case_of(document: ProgrammeDocument, rulebooks: RulebookSet, inputs: Inputs) -> Case:
    """Make the case that the inputs describe, as known at their position."""
    programme = document.programme
    day = counted_on(programme, inputs.applied_on)
    people: dict[str, list[Person]] = {role: [] for role in _ROLES}
    for index, (role, rows, sex) in enumerate(inputs.known()):
        people[role].append(_person(rows, sex, inputs, inputs.points if index == 0 else None))
    return Case(
        people["applicant"][0],
        inputs.town or inputs.place,
        day,
        inputs.applied_on,
        inputs.check_day,
        next(iter(people["spouse"]), None),
        tuple(people["parent"]),
        inputs.town,
        inputs.zone,
        rulebooks,
        _Remembered.of(inputs).coverage,
        frozenset(inputs.lapsed),
    )


def _person(rows: Sequence[FactRow], sex: Sex | None, inputs: Inputs, points: Points | None) -> Person:
    known = in_force(rows, inputs.as_at)
    counted = [as_paid(row) for row in recognitions(known, inputs.round)]
    if not counted:
        return Person(known, sex, points)
    return Person(in_force([*rows, *counted], inputs.as_at), sex, points, recorded=known)


def provisional_of(inputs: Inputs) -> list[tuple[str, list[Month]]]:
    """Say what counts provisionally, person by person, by their roles; who has nothing of it is left out."""
    if inputs.round is None:
        return []
    found = [
        (role, months_of(recognitions(in_force(rows, inputs.as_at), inputs.round)))
        for role, rows, _ in inputs.known()
        if any(row.kind == RECOGNISED for row in rows)
    ]
    return [(role, months) for role, months in found if months]


def _told(provisional: Sequence[tuple[str, list[Month]]]) -> tuple[list[str], list[str]]:
    lines = [told(months, _OF[role]) for role, months in provisional]
    return [zh for zh, _ in lines], [en for _, en in lines]


def _as_json(inputs: Inputs, provisional: Sequence[tuple[str, list[Month]]]) -> dict[str, Any]:
    return {
        "round": inputs.round,
        "until": min(month.until for _, months in provisional for month in months).isoformat(),
        "months": [
            {"of": role, **month._asdict(), "until": month.until.isoformat()}
            for role, months in provisional
            for month in months
        ],
    }


def outcome_of(found: Eligibility) -> dict[str, Any]:
    """Give what was decided, without the reasons."""
    return {
        "met": found.met,
        "unmet": found.unmet,
        "exemptions": list(found.exemptions),
        "tier": found.tier,
        "points": None if found.points is None else {"total": found.points.text, "state": found.points.state},
        "key": list(found.key),
        "order": [[by, value] for by, value in found.order],
    }


def bound(inputs: Inputs) -> dict[str, Any]:
    """Bind the inputs: what the application says, which entries were known, and a digest of their rows."""
    people = inputs.known()
    return {
        "place": inputs.place,
        "town": inputs.town,
        "zone": inputs.zone,
        "applied_on": inputs.applied_on.isoformat(),
        "check_day": None if inputs.check_day is None else inputs.check_day.isoformat(),
        "lapsed": sorted(inputs.lapsed),
        "points": None if inputs.points is None else inputs.points.text,
        "people": [
            {"role": role, "sex": sex, "entries": _entries(rows), "rows": rows_digest(rows)}
            for role, rows, sex in people
        ],
        "feeds": _Remembered.of(inputs).digest,
    }


_NAMES = tuple(sorted(FactRow.__dataclass_fields__))
_VALUES = attrgetter(*_NAMES)
_AS_THEY_ARE = frozenset((str, int, bool))


def rows_digest(rows: Sequence[FactRow]) -> str:
    """Give SHA-256 over the canonical JSON of rows: each as its fields that are given, by name.

    A field that rows come to have later, and that is not given, changes no digest of today.
    """
    streams: dict[int, str] = {}  # most rows of a person share one object, whose text is made once
    told = []
    for row in rows:
        fields: list[tuple[str, str | int]] = []
        for name, value in zip(_NAMES, _VALUES(row), strict=True):
            if value is None:
                continue
            if type(value) in _AS_THEY_ARE:
                fields.append((name, value))
            elif (key := id(value)) in streams:
                fields.append((name, streams[key]))
            else:
                text = str(value)
                fields.append((name, text))
                if type(value) is UUID:
                    streams[key] = text
        told.append(fields)
    return _digest(told)


class _Delivered:
    """What follows from the feeds known at a position: the same for all that is decided there."""

    def __init__(self, feeds: Sequence[Feed], as_at: int) -> None:
        self.feeds, self.as_at = feeds, as_at

    @cached_property
    def digest(self) -> str:
        known = sorted(feed for feed in self.feeds if feed.position <= self.as_at)
        return _digest([[feed.kind, feed.place, feed.first_month, feed.last_month] for feed in known])

    @cached_property
    def coverage(self) -> Coverage:
        return Coverage(self.feeds, self.as_at)


class _Remembered:
    """The last feeds that were asked for: of a tuple, which nobody can change, the same object is the same."""

    last = _Delivered((), 0)

    @classmethod
    def of(cls, inputs: Inputs) -> _Delivered:
        last = cls.last
        if isinstance(inputs.feeds, tuple) and inputs.feeds is last.feeds and inputs.as_at == last.as_at:
            return last
        cls.last = _Delivered(inputs.feeds, inputs.as_at)
        return cls.last


def _entries(rows: Sequence[FactRow]) -> list[list[Any]]:
    return [list(pair) for pair in dict.fromkeys((str(row.ref_stream), row.ref_version) for row in rows)]


def _digest(value: Any) -> str:
    text = json.dumps(value, default=str, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()
