"""What makes a row's request itself: the source's own id, or the natural key of its fact.

A natural key is canonical JSON of [kind without version, subject as given, key fields]: the same for a CSV cell and
a JSON value, for any file, row and order. A tie's names no subject. It goes into the ledger as an HMAC only.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from domain.facts import Fact, Stream
from ledger.canonical import canonical
from ledger.entry import Request
from ledger.ingest import values
from ledger.ingest.classes import class_of
from ledger.ingest.hygiene import is_blank
from ledger.ingest.json_text import parse_object
from ledger.ingest.plans import DELIVERED, KINDS, plan_of
from ledger.ingest.verdicts import Code, RowRefused, placed, refused

NATURAL = "natural-key"
"""The `source` of requests whose id is the natural key: one space for every channel of an organ."""
_LONGEST_ID = 120


def source_request(source: str, source_id: Any, subject: str) -> Request:
    """Name a request by the source's own id. Raises RowRefused: personal-digits, text-length."""
    text = values.to_open_text(values.typed(source_id))
    if len(text) > _LONGEST_ID:
        raise refused(Code.TEXT_LENGTH, class_of(text), f"at most {_LONGEST_ID}")
    return Request(source, text, subject=subject)


def natural_request(fact: Fact, subject: str, target: Request | None) -> Request:
    """Name a request by the natural key of its fact. Raises RowRefused where the kind has none (missing-field)."""
    if target is not None:
        key: dict[str, Any] = _of_target(target)
    elif fact.about.key:
        key = {name: _json(value) for name in fact.about.key if (value := getattr(fact, name)) is not None}
    else:
        raise refused(Code.MISSING_FIELD, field="source_id")
    return Request(NATURAL, _text(fact.kind_name(), _owner(type(fact), subject), key), subject=subject)


def read_target(given: Any, source: str, subject: str) -> Request:
    """Read `refers_to`: the source's own id of an entry, or an object with its `kind` and natural key.

    Raises RowRefused: missing-field, unknown-kind, unknown-field, not-json and what the values themselves bring.
    """
    if isinstance(given, str) and given.lstrip().startswith("{"):
        given = parse_object(given)
    if not isinstance(given, dict):
        return source_request(source, given, "")
    fact = KINDS.get(values.typed(given.get("kind", "")))
    if fact is None or fact not in DELIVERED:
        raise refused(Code.UNKNOWN_KIND, class_of(given.get("kind")))
    if fact.about.refers:
        inner = given.get("refers_to")
        if is_blank(inner):
            raise refused(Code.MISSING_FIELD, expected="refers_to")
        key = _of_target(read_target(inner, source, subject))
    else:
        key = _key_fields(fact, given)
    return Request(NATURAL, _text(fact.kind_name(), _owner(fact, subject), key))


def _owner(fact: type[Fact], subject: str) -> str:
    """Give the subject that stands in a natural key: none for a tie, which its number alone says."""
    return "" if fact.about.stream is Stream.FAMILY else subject


def _key_fields(fact: type[Fact], given: Mapping[str, Any]) -> dict[str, Any]:
    plan = plan_of(fact)
    key: dict[str, Any] = {}
    for name in plan.key:
        field = plan.row_name(name)
        value = given.get(field)
        if not is_blank(value):
            try:
                key[name] = _json(plan.converters[field](value))
            except RowRefused as refusal:
                raise RowRefused(placed(refusal.finding, "refers_to", "")) from None
        elif field in plan.required:
            raise refused(Code.MISSING_FIELD, expected=field)
        elif (default := fact.model_fields[name].default) is not None:
            key[name] = _json(default)
    if extra := given.keys() - {"kind", *(plan.row_name(name) for name in plan.key)}:
        raise refused(Code.UNKNOWN_FIELD, expected=f"{len(extra)} beyond the natural key")
    return key


def _of_target(target: Request) -> dict[str, Any]:
    return {"refers_to": [target.source, target.source_id]}


def _text(kind: str, subject: str, key: dict[str, Any]) -> str:
    return canonical([kind, subject, key]).decode()


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
