"""A row becomes a candidate, or a finding that says why not. Pure: no database, no clock.

What needs the ledger's memory is asked later by the job: is the number known under another name, is the entry that
a void names there, is the same fact recorded already.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timezone
from typing import Any
from uuid import UUID

from domain.competence import Grant
from domain.facts import Fact, FactCorrected, FactVoided, FamilyTieRecorded, Stream
from domain.person import Person
from ledger.entry import Request
from ledger.ingest import values
from ledger.ingest.checks import Competence, check_days, check_restricted
from ledger.ingest.classes import class_of
from ledger.ingest.fields import FactReader
from ledger.ingest.hygiene import clean, is_blank
from ledger.ingest.keys import natural_request, read_target, source_request
from ledger.ingest.persons import Subject, read_other, read_subject
from ledger.ingest.plans import PREFIX, REPLACEMENT, Plan, fields_of
from ledger.ingest.verdicts import Code, RowRefused, placed, refused
from ledger.mapper import PAIR

_LONGEST_BASIS = 200


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row that holds: the fact, who it is about, and what makes the request itself.

    One of `person` and `subject_id` is given, or neither where the fact is an organ's own (feed-delivered) or ends
    a tie. Of a tie one of `other` and `other_id` is given too, and the fact has no subjects yet. `target` is the
    request of the entry that a void or a correction names.
    """

    fact: Fact
    request: Request
    person: Person | None = None
    subject_id: UUID | None = None
    other: Person | None = None
    other_id: UUID | None = None
    target: Request | None = None
    source_time: datetime | None = None
    legal_basis: str | None = None

    def __repr__(self) -> str:
        return f"Candidate({self.fact.kind})"


@dataclass(frozen=True)
class Terms:
    """On what terms rows are taken: who speaks, on which day, with which grants, in which words.

    `source` names the space of the organ's own ids. `constants` fill what a row leaves empty; `words` translate a
    field's values, `factors` turn a larger unit into the field's own; `zone` is the source's clock.
    """

    organ: str
    received_on: date
    grants: tuple[Grant, ...]
    source: str = "file"
    constants: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    factors: Mapping[str, int] = field(default_factory=dict)
    zone: timezone | None = None


class Examiner:
    """Examines the rows of one delivery, or of one request over HTTP, under their terms."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.reader = FactReader(terms.words, terms.factors)
        self._competence = Competence(terms.grants, terms.organ, terms.received_on)
        self._instant = values.to_instant(terms.zone)
        self._constants: dict[type[Fact], dict[str, str]] = {}

    def examine(self, cells: Mapping[str, Any], *, suspect: bool = True) -> Candidate:
        """Judge one row, given by field names. `suspect` False says that no text holds a hidden character.

        Raises RowRefused.
        """
        row = {name: _at(name, clean, value) for name, value in cells.items()} if suspect else dict(cells)
        plan = self.reader.plan("kind", row.get("kind") or self.terms.constants.get("kind"))
        for name, value in self._constants_of(plan).items():
            if is_blank(row.get(name)):
                row[name] = value
        if isinstance(row.get(REPLACEMENT), dict):
            row.update(_unfolded(row.pop(REPLACEMENT)))
        subject, other = self._subject(plan, row), None
        if plan.fact is FamilyTieRecorded:
            subject, other = self._pair(row)
        fact = self.reader.read(plan, row)
        legal_basis = _optional(row, "legal_basis", _legal_basis)
        self._check(fact, subject, legal_basis)
        target = self._target(plan, row, subject)
        return Candidate(
            fact=with_basis(fact, legal_basis),
            request=self._request(fact, row, subject, target),
            person=subject.person,
            subject_id=subject.subject_id,
            other=None if other is None else other.person,
            other_id=None if other is None else other.subject_id,
            target=target,
            source_time=_optional(row, "source_time", self._instant),
            legal_basis=legal_basis,
        )

    def _constants_of(self, plan: Plan) -> dict[str, str]:
        found = self._constants.get(plan.fact)
        if found is None:
            allowed = fields_of(plan.fact)
            found = {name: value for name, value in self.terms.constants.items() if name in allowed}
            self._constants[plan.fact] = found
        return found

    def _subject(self, plan: Plan, row: Mapping[str, Any]) -> Subject:
        if plan.fact.about.stream is not Stream.SUBJECT or _names_no_person(plan, row):
            return Subject(f"organ:{self.terms.organ}")
        return read_subject(self._in_our_words(row, "document_type"), self.terms.received_on)

    def _pair(self, row: Mapping[str, Any]) -> tuple[Subject, Subject]:
        """Read both persons of a tie. The first's text says both, so that a request is known by the two."""
        first = read_subject(self._in_our_words(row, "document_type"), self.terms.received_on)
        other = read_other(self._in_our_words(row, "other_document_type"), self.terms.received_on)
        if first.text == other.text:
            raise refused(Code.ONE_SUBJECT, field="other_document_number" if other.person else "other")
        return replace(first, text=f"{PAIR}{first.text} {other.text}"), other

    def _in_our_words(self, row: Mapping[str, Any], field: str) -> Mapping[str, Any]:
        given, words = row.get(field), "document_type"
        if not given or words not in self.terms.words:
            return row
        return {**row, field: self.reader.word(words, given)}

    def _check(self, fact: Fact, subject: Subject, legal_basis: str | None) -> None:
        inner = fact.replacement if isinstance(fact, FactCorrected) else fact
        check_days(inner, self.terms.received_on)
        self._competence.check(fact)
        check_restricted(inner, legal_basis, subject.born_on)

    def _target(self, plan: Plan, row: Mapping[str, Any], subject: Subject) -> Request | None:
        given = row.get("refers_to")
        if is_blank(given):
            if plan.fact.about.refers:
                raise refused(Code.MISSING_FIELD, field="refers_to")
            return None
        if not plan.fact.about.refers:
            raise refused(Code.UNKNOWN_FIELD, class_of(given), field="refers_to")
        found: Request = _at("refers_to", read_target, given, self.terms.source, subject.text)
        return found

    def _request(self, fact: Fact, row: Mapping[str, Any], subject: Subject, target: Request | None) -> Request:
        source_id = row.get("source_id")
        if is_blank(source_id):
            return natural_request(fact, subject.text, target)
        found: Request = _at("source_id", source_request, self.terms.source, source_id, subject.text)
        return found


def _at(field: str, read: Any, *given: Any) -> Any:
    """Call a reader and say in which field it found something."""
    try:
        return read(*given)
    except RowRefused as refusal:
        raise RowRefused(placed(refusal.finding, field, "")) from None


def _optional(row: Mapping[str, Any], field: str, read: Any) -> Any:
    value = row.get(field)
    return None if is_blank(value) else _at(field, read, value)


def _names_no_person(plan: Plan, row: Mapping[str, Any]) -> bool:
    """Say whether a void is of the organ's own: what it names, such as a feed, is about nobody."""
    return plan.fact is FactVoided and is_blank(row.get("document_number")) and is_blank(row.get("subject"))


def with_basis(fact: Fact, legal_basis: str | None) -> Fact:
    """Put the legal basis into the seal, where a kind has room for it: of an offence it names the offence."""
    if legal_basis is None or not hides_basis(fact):
        return fact
    return fact.model_copy(update={"basis": legal_basis})


def hides_basis(fact: Fact) -> bool:
    """Say whether a kind keeps its legal basis in the seal."""
    return "basis" in type(fact).sealed_fields()


def _legal_basis(value: Any) -> str:
    text = values.to_open_text(value)
    if len(text) > _LONGEST_BASIS:
        raise refused(Code.TEXT_LENGTH, class_of(value), f"at most {_LONGEST_BASIS}")
    return text


def _unfolded(replacement: Mapping[str, Any]) -> dict[str, Any]:
    """Write a nested replacement as a flat row carries it."""
    kind = {REPLACEMENT: replacement.get("kind")}
    return kind | {PREFIX + name: value for name, value in replacement.items() if name != "kind"}
