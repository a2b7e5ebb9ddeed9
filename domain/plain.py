"""Facts written plainly by people: JSON objects in a file of residents or in an example of a rulebook.

`{"kind": "education-awarded", "level": "bachelor", "awarded_on": "2010-07-01"}`: the fields of the fact classes,
the kind with or without its version; beside them `id`, `refers_to` (an id of the same list) and `position`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from domain.facts import BY_TOPIC, Fact, Known, Ref
from domain.identifiers import holds_personal_digits

_BESIDE = ("id", "refers_to", "position")
_NOWHERE = UUID(int=0)


class Misread(ValueError):
    """A fact that cannot be read: the field, a stable code and what is wanted. Never the value that stood there.

    A field whose name may itself be somebody's number is not told.
    """

    def __init__(self, field: str, code: str, wanted: str) -> None:
        field = "" if holds_personal_digits(field) else field
        super().__init__(f"{field}: {code}: {wanted}")
        self.field = field
        self.code = code
        self.wanted = wanted


def _newest() -> dict[str, str]:
    kinds: dict[str, str] = {}
    for topic in sorted(BY_TOPIC, key=lambda topic: int(topic.rpartition(".v")[2])):
        kinds[topic.rpartition(".")[0]] = topic
    return kinds


_NEWEST = _newest()


def fact_of(fields: Mapping[str, Any]) -> Fact:
    """Read one fact in JSON's own types, strictly. Raises Misread."""
    kind = fields.get("kind")
    topic = _NEWEST.get(kind, kind) if isinstance(kind, str) else None
    if topic not in BY_TOPIC:
        raise Misread("kind", "unknown-kind", "known: " + ", ".join(_NEWEST))
    try:
        text = json.dumps({**fields, "kind": topic}, default=_plain_decimal)
        return BY_TOPIC[topic].model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(str(step) for step in first["loc"])
        raise Misread(field or "kind", first["type"].replace("_", "-"), first["msg"]) from None
    except (TypeError, ValueError):
        raise Misread("kind", "not-json", "JSON values only") from None


def _plain_decimal(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError


def entries_of(facts: Sequence[Mapping[str, Any]], stream: UUID = _NOWHERE) -> list[Known]:
    """Read the facts of one resident, in the order of the list unless they say their `position`.

    Positions begin at 1. Raises Misread, with the fact's place in the list before the field.
    """
    versions = _versions(facts)
    entries = []
    for index, fields in enumerate(facts):
        try:
            fact = fact_of({name: value for name, value in fields.items() if name not in _BESIDE})
            position = _position(fields, index)
            target = _target(fields, versions, stream, refers=type(fact).about.refers)
        except Misread as error:
            raise Misread(f"facts[{index}].{error.field}", error.code, error.wanted) from None
        entries.append(Known(fact, position, Ref(stream=stream, version=index + 1), target))
    return entries


def _versions(facts: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    versions: dict[str, int] = {}
    for index, fields in enumerate(facts):
        name = fields.get("id")
        if name is None:
            continue
        if not isinstance(name, str) or not name:
            raise Misread(f"facts[{index}].id", "wrong-type", "text")
        if name in versions:
            raise Misread(f"facts[{index}].id", "duplicate-id", "each id once in a list")
        versions[name] = index + 1
    return versions


def _position(fields: Mapping[str, Any], index: int) -> int:
    position = fields.get("position", index + 1)
    if isinstance(position, bool) or not isinstance(position, int) or not 0 < position < 2**63:
        raise Misread("position", "wrong-type", "a whole number from 1")
    return position


def _target(fields: Mapping[str, Any], versions: Mapping[str, int], stream: UUID, *, refers: bool) -> Ref | None:
    name = fields.get("refers_to")
    if name is None:
        if refers:
            raise Misread("refers_to", "missing", "the id of a fact in the same list")
        return None
    if not isinstance(name, str) or name not in versions:
        raise Misread("refers_to", "unknown-id", "the id of a fact in the same list")
    return Ref(stream=stream, version=versions[name])
