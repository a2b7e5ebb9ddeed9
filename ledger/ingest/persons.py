"""Who a row is about: a document with its checks, or a subject already known."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any, get_args
from unicodedata import normalize
from uuid import UUID

from domain.facts.identity import DocumentType
from domain.identifiers import resident_birth_date, resident_check_character
from domain.person import Person
from ledger.ingest import values
from ledger.ingest.classes import class_of
from ledger.ingest.hygiene import is_blank
from ledger.ingest.plans import OTHER, PERSON
from ledger.ingest.verdicts import Code, RowRefused, placed, refused

_RESIDENT = re.compile(r"[1-9][0-9]{16}[0-9X]")
_HMT_RESIDENT = re.compile(r"8[123][0-9]{15}[0-9X]")
_OTHER = re.compile(r"[0-9A-Z]{6,20}")
_TYPES: tuple[str, ...] = get_args(DocumentType)
_LONGEST_NAME = 60
_OLDEST = date(1900, 1, 1)
_NOBODY = "000"
"""A sequence code that is given to nobody: a spreadsheet kept 15 digits and wrote zeros for the others."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Who a row is about: `person` by document, or `subject_id`; `born_on` where the number says it.

    `text` is the subject as given: it goes into keys and hashes and nowhere else.
    """

    text: str
    person: Person | None = None
    subject_id: UUID | None = None
    born_on: date | None = None

    def __repr__(self) -> str:
        return "Subject(…)"


def read_subject(cells: Mapping[str, Any], received_on: date) -> Subject:
    """Read the person's fields of a row.

    Raises RowRefused: missing-field, bad-subject, unknown-word and the document codes.
    """
    number, subject = cells.get("document_number"), cells.get("subject")
    if is_blank(number):
        if is_blank(subject):
            raise refused(Code.MISSING_FIELD, field="document_number")
        return _known(subject)
    if not is_blank(subject):
        raise refused(Code.BAD_SUBJECT, field="subject")
    document_type = cells.get("document_type")
    kind: DocumentType = "resident-card"
    if not is_blank(document_type):
        kind = _at("document_type", _document_type, document_type)
    text, born_on = _at("document_number", _number, kind, values.typed(number), received_on)
    person = Person(kind, text, _at("name", read_name, cells.get("name")))
    return Subject(f"{kind}:{text}", person, None, born_on)


def read_other(cells: Mapping[str, Any], received_on: date) -> Subject:
    """Read the fields of a tie's other person. Raises RowRefused, as `read_subject` does."""
    names = dict(zip(PERSON, OTHER, strict=True))
    try:
        return read_subject({name: cells.get(other) for name, other in names.items()}, received_on)
    except RowRefused as refusal:
        finding = refusal.finding
        raise RowRefused(replace(finding, field=names.get(finding.field, finding.field))) from None


def _at(field: str, read: Any, *given: Any) -> Any:
    try:
        return read(*given)
    except RowRefused as refusal:
        raise RowRefused(placed(refusal.finding, field, "")) from None


_document_type = values.to_word(_TYPES, Code.UNKNOWN_WORD)


def _known(subject: Any) -> Subject:
    try:
        subject_id = UUID(values.typed(subject))
    except ValueError:
        raise refused(Code.BAD_SUBJECT, class_of(subject), "UUID", "subject") from None
    return Subject(f"subject:{subject_id}", None, subject_id)


def read_name(value: Any) -> str | None:
    """Read a name; None where it is blank. Raises RowRefused (text-length, bad-value)."""
    if is_blank(value):
        return None
    name = normalize("NFC", values.to_text(value))
    if len(name) > _LONGEST_NAME:
        raise refused(Code.TEXT_LENGTH, class_of(value), f"at most {_LONGEST_NAME}")
    return name


@lru_cache(maxsize=65_536)
def _number(kind: str, text: str, received_on: date) -> tuple[str, date | None]:
    """Check a document number; give it as stored, and the birth date where it holds one."""
    if values.is_scientific(text):
        raise refused(Code.SCIENTIFIC_NOTATION, class_of(text), _EXPECTED[kind])
    number = values.unquoted(text).upper()
    if kind == "resident-card" or (kind == "hmt-permit" and _HMT_RESIDENT.fullmatch(number)):
        return number, _birth_date(number, received_on)
    if _OTHER.fullmatch(number) is None:
        raise refused(Code.DOCUMENT_FORM, class_of(number), _EXPECTED[kind])
    return number, None


def _birth_date(number: str, received_on: date) -> date:
    """Check a number made by GB 11643 and give its birth date."""
    if _RESIDENT.fullmatch(number) is None:
        raise refused(Code.DOCUMENT_FORM, class_of(number), _EXPECTED["resident-card"])
    born_on = resident_birth_date(number)
    if born_on is None or not _OLDEST <= born_on <= received_on:
        raise refused(Code.DOCUMENT_BIRTH_DATE, class_of(number), "YYYYMMDD (7-14)")
    if resident_check_character(number[:17]) != number[17]:
        raise refused(Code.DOCUMENT_CHECK_DIGIT, class_of(number), "GB 11643")
    if number[14:17] == _NOBODY:
        raise refused(Code.DOCUMENT_SEQUENCE, class_of(number), "001-999 (15-17)")
    return born_on


_EXPECTED = {
    "resident-card": "18: 17 digits and a check character 0-9 X",
    "hmt-permit": "6-20: 0-9 A-Z",
    "foreign-permanent-card": "6-20: 0-9 A-Z",
    "passport": "6-20: 0-9 A-Z",
}
