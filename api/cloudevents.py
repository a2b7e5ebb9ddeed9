"""CloudEvents 1.0 over HTTP: structured, batch and binary mode, read into the rows that imports are examined by.

`type` is the kind, `source` and `id` name the request, `subject` is a resident's id (or `data.person` names the
resident by document; `data.other` is the other person of a tie), `time` is informative, `data` holds the fact's
fields. Extensions of ours: `refersto`, the id of the event that a void or a correction names, `legalbasis`, and
`again`, where a fact that was voided comes back.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from api import strict_json
from api.refusals import BodyTooLarge, MediaTypeUnknown, NotJson, RequestMalformed
from domain.facts import BY_TOPIC, FamilyTieEnded, FamilyTieRecorded, FeedDelivered, ParticularsCorrected
from domain.identifiers import holds_personal_digits
from ledger.ingest.again import AGAIN_MAX
from ledger.ingest.keys import NATURAL
from ledger.ingest.plans import ENVELOPE, NEW_NAME, OTHER, PERSON
from ledger.ingest.verdicts import Code, Finding, RowRefused

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
JSON = "application/json"
EVENTS_MAX = 10_000
_ID_CHARACTERS_MAX = 120
_PREFIX = "ce-"
_NAME = re.compile(r"[a-z0-9]{1,40}")
_FIELD = re.compile(r"[a-z0-9_.]{1,80}")
_SOURCE = re.compile(r"[!-~]{1,200}")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_REQUIRED = ("specversion", "id", "source", "type")
_ENVELOPE = {"time": "source_time", "legalbasis": "legal_basis", "refersto": "refers_to", "subject": "subject"}
_RESERVED = frozenset({*ENVELOPE, *PERSON, *OTHER}) - {"name", "refers_to", "other"}
_IN_PERSON = frozenset({"document_type", "document_number", "name"})
_OF_NOBODY = frozenset({FeedDelivered, FamilyTieEnded})
_ATTRIBUTES = {
    "kind": "type",
    "source_id": "id",
    **{field: attribute for attribute, field in _ENVELOPE.items()},
    **{field: f"data.person.{field}" for field in _IN_PERSON},
    **{f"other_{field}": f"data.other.{field}" for field in _IN_PERSON},
    NEW_NAME: "data.name",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its identity, and a row as an import would bring it. Personal: never printed.

    `again`: the how manieth return of a fact that was voided this is at most; 0: none.
    """

    id: str
    source: str
    cells: Mapping[str, Any]
    again: int = 0

    def __repr__(self) -> str:
        return "Event(…)"


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one request brought. `batch` False: a single event."""

    events: Sequence[Any]
    batch: bool


def delivered(headers: Sequence[tuple[str, str]], body: bytes) -> Delivered:
    """Tell the mode by the headers and read the body; the events themselves are looked at one by one.

    Raises MediaTypeUnknown, RequestMalformed, BodyTooLarge, and what strict JSON refuses.
    """
    media_type = _one(headers, "content-type").partition(";")[0].strip().lower()
    attributes = _header_attributes(headers)
    if media_type == BATCH and not attributes:
        found = strict_json.parse(body)
        if not isinstance(found, list):
            raise NotJson("[…]")
        if len(found) > EVENTS_MAX:
            raise BodyTooLarge(f"at most {EVENTS_MAX} events")
        return Delivered(found, batch=True)
    if media_type == STRUCTURED and not attributes:
        return Delivered([strict_json.parse(body)], batch=False)
    if media_type == JSON and attributes:
        return Delivered([{**attributes, "data": strict_json.parse(body)}], batch=False)
    raise MediaTypeUnknown


def _one(headers: Sequence[tuple[str, str]], name: str) -> str:
    """Give the value of a header that may stand once. Raises RequestMalformed."""
    values = [value for found, value in headers if found == name]
    if len(values) > 1:
        raise RequestMalformed(name)
    return values[0] if values else ""


def _header_attributes(headers: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Read `ce-` headers, percent-decoded (HTTP protocol binding, 3.1.3). Raises RequestMalformed."""
    attributes: dict[str, str] = {}
    for header, value in headers:
        if not header.startswith(_PREFIX):
            continue
        name = header.removeprefix(_PREFIX)
        try:
            decoded = unquote(value, errors="strict")
        except UnicodeDecodeError:
            raise RequestMalformed("ce-") from None
        if name in attributes or "\x00" in decoded:
            raise RequestMalformed("ce-")
        attributes[name] = decoded
    return attributes


def read_event(found: Any) -> Event:
    """Read one event's attributes. Raises RowRefused, with the attribute as its place."""
    if not isinstance(found, dict):
        raise _wrong(Code.NOT_JSON, "event", "{…}")
    _check_names(found)
    for name in _REQUIRED:
        if name not in found:
            raise _wrong(Code.MISSING_FIELD, name)
    if found["specversion"] != "1.0":
        raise _wrong(Code.BAD_VALUE, "specversion", "1.0")
    if found.get("datacontenttype", JSON) != JSON:
        raise _wrong(Code.BAD_VALUE, "datacontenttype", JSON)
    if not isinstance(found["type"], str):
        raise _wrong(Code.UNKNOWN_KIND, "type")
    source = found["source"]
    if not isinstance(source, str) or _SOURCE.fullmatch(source) is None:
        raise _wrong(Code.TEXT_FORM, "source", "URI-reference, 1-200")
    if source == NATURAL:
        raise _wrong(Code.BAD_VALUE, "source")
    if holds_personal_digits(source):
        raise _wrong(Code.PERSONAL_DIGITS, "source")
    return Event(_identifier(found["id"], "id"), source, _cells(found), _again(found.get("again")))


def _check_names(found: Mapping[str, Any]) -> None:
    """Refuse names that no attribute can have, which are most often ours misspelt (`refersTo`)."""
    for name in found:
        if _NAME.fullmatch(name) is None:
            raise _wrong(Code.UNKNOWN_FIELD, "event", "a-z 0-9")


def _again(value: Any) -> int:
    """Read how often a fact may have come back: a whole number, or its text where it stood in a header."""
    if value is None:
        return 0
    text = value if isinstance(value, str) else str(value) if type(value) is int else ""
    if not (text.isascii() and text.isdigit() and len(text) <= 2 and int(text) <= AGAIN_MAX):
        raise _wrong(Code.BAD_NUMBER, "again", f"0-{AGAIN_MAX}")
    return int(text)


def _identifier(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise _wrong(Code.TEXT_FORM, name)
    if len(value) > _ID_CHARACTERS_MAX:
        raise _wrong(Code.TEXT_LENGTH, name, f"at most {_ID_CHARACTERS_MAX}")
    if holds_personal_digits(value):
        raise _wrong(Code.PERSONAL_DIGITS, name)
    return value


def _cells(found: Mapping[str, Any]) -> dict[str, Any]:
    """Lay attributes and data out as a row's cells."""
    cells: dict[str, Any] = {"kind": found["type"], "source_id": found["id"]}
    cells.update(_of_data(found.get("data"), found["type"]))
    for name, field in _ENVELOPE.items():
        value = found.get(name)
        if value is None:
            continue
        if not isinstance(value, str):
            raise _wrong(Code.BAD_VALUE, name)
        if field in cells or (name == "subject" and BY_TOPIC.get(found["type"]) in _OF_NOBODY):
            raise _wrong(Code.UNKNOWN_FIELD, name)
        cells[field] = value
    if "time" in found and _TIME.fullmatch(str(found["time"])) is None:
        raise _wrong(Code.BAD_INSTANT, "time", "RFC 3339")
    if "refersto" in found:
        _identifier(found["refersto"], "refersto")
    return cells


def _of_data(data: Any, kind: str) -> dict[str, Any]:
    """Read `data`: the fact's fields, and `person` where the resident is named by a document."""
    if not isinstance(data, dict):
        raise _wrong(Code.MISSING_FIELD if data is None else Code.BAD_VALUE, "data", "{…}")
    fields = {name: value for name, value in data.items() if name != "person"}
    for name in fields:
        if name in _RESERVED:
            raise _wrong(Code.UNKNOWN_FIELD, f"data.{name}")
    if "name" in fields:
        if BY_TOPIC.get(kind) is not ParticularsCorrected:
            raise _wrong(Code.UNKNOWN_FIELD, "data.name")
        fields[NEW_NAME] = fields.pop("name")
    if isinstance(fields.get("other"), dict):
        if BY_TOPIC.get(kind) is not FamilyTieRecorded:
            raise _wrong(Code.UNKNOWN_FIELD, "data.other")
        fields |= {f"other_{name}": value for name, value in _person(fields.pop("other"), "data.other").items()}
    if "person" not in data:
        return fields
    person = _person(data["person"], "data.person")
    if BY_TOPIC.get(kind) in _OF_NOBODY:
        raise _wrong(Code.UNKNOWN_FIELD, "data.person")
    return fields | person


def _person(told: Any, where: str) -> dict[str, Any]:
    if not isinstance(told, dict) or not told.keys() <= _IN_PERSON:
        raise _wrong(Code.BAD_VALUE, where, ", ".join(sorted(_IN_PERSON)))
    return told


def _wrong(code: Code, where: str, expected: str = "") -> RowRefused:
    return RowRefused(Finding(code, column=where, expected=expected))


def in_event(finding: Finding) -> Finding:
    """Say of a row's finding where in the event it stands."""
    if finding.column:
        return finding
    if finding.field in _ATTRIBUTES:
        return replace(finding, column=_ATTRIBUTES[finding.field])
    tells = _FIELD.fullmatch(finding.field) and not holds_personal_digits(
        finding.field
    )  # a key may be a number or a name
    return replace(finding, column=f"data.{finding.field}" if tells else "data")
