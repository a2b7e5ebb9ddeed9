"""Verdicts: what became of a row, why, where, and what to do about it, in Chinese and English.

A code is for ever: programs of other departments read it. No text here ever holds a value of the row.
"""

from dataclasses import dataclass, replace
from enum import StrEnum


class Outcome(StrEnum):
    """What became of a row. Every row has exactly one."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    HELD = "held"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Phrase:
    """One statement in two tongues."""

    zh: str
    en: str


class Code(StrEnum):
    """Why a row was not simply accepted."""

    UNDECODABLE_BYTES = "undecodable-bytes"
    COLUMN_COUNT = "column-count"
    UNCLOSED_QUOTE = "unclosed-quote"
    ROW_TOO_LONG = "row-too-long"
    NOT_JSON = "not-json"
    DUPLICATE_JSON_KEY = "duplicate-json-key"
    TOO_DEEP = "too-deep"
    NUMBER_NOT_FINITE = "number-not-finite"
    UNKNOWN_KIND = "unknown-kind"
    KIND_NOT_DELIVERED = "kind-not-delivered"
    MISSING_FIELD = "missing-field"
    UNKNOWN_FIELD = "unknown-field"
    CONTROL_CHARACTERS = "control-characters"
    INVISIBLE_CHARACTERS = "invisible-characters"
    LOST_CHARACTERS = "lost-characters"
    PERSONAL_DIGITS = "personal-digits"
    TEXT_FORM = "text-form"
    TEXT_LENGTH = "text-length"
    BAD_DATE = "bad-date"
    IMPOSSIBLE_DATE = "impossible-date"
    EXCEL_SERIAL_DATE = "excel-serial-date"
    FUTURE_DATE = "future-date"
    END_BEFORE_START = "end-before-start"
    BAD_MONTH = "bad-month"
    BAD_INSTANT = "bad-instant"
    BAD_NUMBER = "bad-number"
    QUANTITY_OUT_OF_RANGE = "quantity-out-of-range"
    BAD_FLAG = "bad-flag"
    UNKNOWN_WORD = "unknown-word"
    UNKNOWN_LEVEL = "unknown-level"
    UNKNOWN_PLACE = "unknown-place"
    SPREADSHEET_ERROR = "spreadsheet-error"
    SCIENTIFIC_NOTATION = "scientific-notation"
    DOCUMENT_FORM = "document-form"
    DOCUMENT_BIRTH_DATE = "document-birth-date"
    DOCUMENT_CHECK_DIGIT = "document-check-digit"
    DOCUMENT_SEQUENCE = "document-sequence"
    BAD_SUBJECT = "bad-subject"
    ONE_SUBJECT = "one-subject"
    KIND_OUTSIDE_GRANTS = "kind-outside-grants"
    PLACE_OUTSIDE_GRANTS = "place-outside-grants"
    OTHER_ORGAN = "other-organ"
    NO_LEGAL_BASIS = "no-legal-basis"
    MINOR_PROTECTED = "minor-protected"
    VOID_DATE = "void-date"
    BAD_VALUE = "bad-value"
    UNKNOWN_TARGET = "unknown-target"
    TARGET_IS_VOID = "target-is-void"
    TARGET_CORRECTED = "target-corrected"
    UNKNOWN_SUBJECT = "unknown-subject"
    PERSON_ERASED = "person-erased"
    NAME_DIFFERS = "name-differs"
    SEVERAL_PERSONS = "several-persons"
    NAME_MISSING = "name-missing"
    OTHER_CONTENT = "other-content"
    ALREADY_RECORDED = "already-recorded"
    REPEATED_IN_FILE = "repeated-in-file"
    ORIGINAL_VOID = "original-void"


OUTCOMES = {
    Code.NAME_DIFFERS: Outcome.HELD,
    Code.SEVERAL_PERSONS: Outcome.HELD,
    Code.NAME_MISSING: Outcome.HELD,
    Code.OTHER_CONTENT: Outcome.CONFLICT,
    Code.ALREADY_RECORDED: Outcome.DUPLICATE,
    Code.REPEATED_IN_FILE: Outcome.DUPLICATE,
    Code.ORIGINAL_VOID: Outcome.DUPLICATE,
}
"""The verdict each code stands for; every other code is `invalid`."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found in a row: a code, the field and the column it stands in, and the class of the value.

    `expected` is the form that would have been right, in no language. `more` are the row's other faults, where they
    were looked for. Nothing here is personal.
    """

    code: Code
    field: str = ""
    column: str = ""
    value: Phrase | None = None
    expected: str = ""
    more: tuple["Finding", ...] = ()

    @property
    def outcome(self) -> Outcome:
        """Give the verdict."""
        return OUTCOMES.get(self.code, Outcome.INVALID)


class RowRefused(Exception):
    """此行不合格: the row cannot be taken; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code.value)
        self.finding = finding


def refused(code: Code, value: Phrase | None = None, expected: str = "", field: str = "") -> RowRefused:
    """Build a refusal whose column, and often field, is filled in further up."""
    return RowRefused(Finding(code, field, "", value, expected))


def placed(finding: Finding, field: str, column: str) -> Finding:
    """Say where a finding stands, unless it says so itself."""
    return replace(finding, field=finding.field or field, column=finding.column or column)
