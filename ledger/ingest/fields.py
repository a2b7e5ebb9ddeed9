"""The fields of a row become a fact of its kind."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from domain.facts import Fact, FactCorrected, FamilyTieRecorded, ParticularsCorrected, Stream
from ledger.ingest import values
from ledger.ingest.classes import class_of
from ledger.ingest.hygiene import is_blank, safe_name
from ledger.ingest.plans import (
    DELIVERED,
    ENVELOPE,
    KINDS,
    NEW_NAME,
    PERSON,
    PREFIX,
    REPLACEMENT,
    Plan,
    persons_of,
    plan_of,
)
from ledger.ingest.ties import UNRESOLVED
from ledger.ingest.values import Convert
from ledger.ingest.verdicts import Code, Finding, RowRefused, placed, refused

_ASIDE = frozenset({*ENVELOPE, *PERSON})
_NO_REPLACEMENT = frozenset({Stream.FAMILY, Stream.ORGAN})
"""Streams whose facts replace nothing in a person's history."""
_DATE_BOUND = "1900-01-01 … 2199-12-31"


class FactReader:
    """Reads facts off rows, in the words and units of one source.

    `words` translate a field's values; `factors` turn a larger unit into the field's own.
    """

    def __init__(self, words: Mapping[str, Mapping[str, str]], factors: Mapping[str, int]) -> None:
        self.words = words
        self.factors = factors
        self._converters: dict[type[Fact], dict[str, Convert]] = {}

    def word(self, field: str, value: Any) -> str:
        """Give a value that is no part of a fact (a kind), in our words."""
        text = values.typed(value)
        return self.words.get(field, {}).get(text, text)

    def plan(self, field: str, value: Any) -> Plan:
        """Find the plan of a kind by its name. Raises RowRefused: unknown-kind, kind-not-delivered."""
        if is_blank(value):
            raise refused(Code.MISSING_FIELD, field=field)
        fact = KINDS.get(self.word(field, value))
        if fact is None:
            raise refused(Code.UNKNOWN_KIND, class_of(value), field=field)
        replaces_none = fact.about.refers or fact.about.stream in _NO_REPLACEMENT
        if fact not in DELIVERED or (field == REPLACEMENT and replaces_none):
            raise refused(Code.KIND_NOT_DELIVERED, field=field)
        return plan_of(fact)

    def read(self, plan: Plan, cells: Mapping[str, Any]) -> Fact:
        """Read the fact of a row. Raises RowRefused."""
        if plan.fact is FactCorrected:
            return self._correction(plan, cells)
        given = self._given(plan, cells)
        if plan.fact is ParticularsCorrected and not given:
            raise refused(Code.MISSING_FIELD, field=NEW_NAME)
        return _built(plan, {**given, **UNRESOLVED} if plan.fact is FamilyTieRecorded else given)

    def _correction(self, plan: Plan, cells: Mapping[str, Any]) -> Fact:
        """Read the replacement by its prefixed fields, and by bare ones that are not the correction's own."""
        inside = self.plan(REPLACEMENT, cells.get(REPLACEMENT))
        own, inner = {}, {}
        for field, value in cells.items():
            if field.startswith(PREFIX):
                inner[field.removeprefix(PREFIX)] = value
            elif field in plan.converters:
                own[field] = value
            elif field not in _ASIDE and field != REPLACEMENT:
                inner.setdefault(field, value)
        return _built(plan, {**self._given(plan, own), "replacement": self.read(inside, inner)})

    def converted(self, plan: Plan, field: str, value: Any) -> Any:
        """Read one field's value alone, None where it is blank. Raises RowRefused."""
        return _converted(field, self._converters_of(plan)[field], value)

    def _converters_of(self, plan: Plan) -> dict[str, Convert]:
        converters = self._converters.get(plan.fact)
        if converters is None:
            converters = self._converters[plan.fact] = self._adapted(plan)
        return converters

    def _given(self, plan: Plan, cells: Mapping[str, Any]) -> dict[str, Any]:
        converters = self._converters_of(plan)
        aside = _ASIDE if plan.fact is not FamilyTieRecorded else _ASIDE.union(persons_of(plan.fact))
        given: dict[str, Any] = {}
        for field, value in cells.items():
            if value is None or value == "":
                continue
            convert = converters.get(field)
            if convert is not None:
                converted = _converted(field, convert, value)
                if converted is not None:
                    given[plan.own_name(field)] = converted
            elif field not in aside and not is_blank(value):
                raise refused(Code.UNKNOWN_FIELD, class_of(value), field=safe_name(field))
        for field in plan.required:
            if plan.own_name(field) not in given:
                raise refused(Code.MISSING_FIELD, field=field)
        return given

    def _adapted(self, plan: Plan) -> dict[str, Convert]:
        adapted = {}
        for field, convert in plan.converters.items():
            chosen = values.to_scaled(self.factors[field]) if field in self.factors else convert
            words = self.words.get(field)
            adapted[field] = values.translated(chosen, words) if words else chosen
        return adapted


def _converted(field: str, convert: Convert, value: Any) -> Any:
    try:
        converted = convert(value)
    except RowRefused as refusal:
        if is_blank(value):
            return None
        raise RowRefused(placed(refusal.finding, field, "")) from None
    return None if converted == "" else converted


def _built(plan: Plan, given: dict[str, Any]) -> Fact:
    try:
        return plan.fact.model_validate(given)
    except ValidationError as error:
        raise RowRefused(_finding_of(plan, error.errors(include_url=False, include_context=True)[0])) from None


_NUMBER_BOUNDS = {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}
_LENGTHS = {"string_too_long", "string_too_short"}
_STATED = {code.value: code for code in (Code.PERSONAL_DIGITS, Code.INVISIBLE_CHARACTERS, Code.VOID_DATE)}
_BY_PATTERN = {"level": Code.UNKNOWN_LEVEL, "place": Code.UNKNOWN_PLACE}


def _finding_of(plan: Plan, error: ErrorDetails) -> Finding:
    """Name what the fact class found, by a code of ours and never by the library's words, which quote the value."""
    name = str(error["loc"][0]) if error["loc"] else ""
    field = plan.row_name(name) if name else "from_date"
    value, kind = class_of(error["input"]), error["type"]
    if kind in _NUMBER_BOUNDS:
        if isinstance(error["input"], int):
            bound = ", ".join(f"{word} {limit}" for word, limit in error.get("ctx", {}).items())
            return Finding(Code.QUANTITY_OUT_OF_RANGE, field, "", value, bound)
        return Finding(Code.IMPOSSIBLE_DATE, field, "", value, _DATE_BOUND)
    if kind in _LENGTHS:
        return Finding(Code.TEXT_LENGTH, field, "", value)
    if kind == "string_pattern_mismatch":
        pattern = str(error.get("ctx", {}).get("pattern", ""))
        return Finding(_BY_PATTERN.get(name, Code.TEXT_FORM), field, "", value, pattern)
    stated = error["msg"].removeprefix("Value error, ").partition(":")[0] if kind == "value_error" else ""
    return Finding(_STATED.get(stated, Code.BAD_VALUE), field, "", None if stated == "void-date" else value)
