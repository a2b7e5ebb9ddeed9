"""What the vault keeps of a row that waits for a person: all that an import needs to take it in later.

Canonical JSON, format 1. It is sealed by the vault; these bytes are personal.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from domain.facts import BY_TOPIC, Fact
from domain.person import Person
from ledger.canonical import canonical, parse
from ledger.entry import Request, instant_text
from ledger.ingest.examine import Candidate

_FORMAT = 1


def kept_content(candidate: Candidate) -> bytes:
    """Write a candidate that is about a person."""
    request, target = candidate.request, candidate.target
    if candidate.person is None and candidate.other is None:
        raise TypeError("only a row about a person by document is held")
    return canonical(
        {
            "format": _FORMAT,
            "kind": candidate.fact.kind,
            "open": candidate.fact.open_part(),
            "sealed": candidate.fact.sealed_part(),
            "person": None if candidate.person is None else _person(candidate.person),
            "subject": None if candidate.subject_id is None else str(candidate.subject_id),
            "other": None if candidate.other is None else _person(candidate.other),
            "other_id": None if candidate.other_id is None else str(candidate.other_id),
            "request": _names(request),
            "target": None if target is None else _names(target),
            "source_time": None if candidate.source_time is None else instant_text(candidate.source_time),
            "legal_basis": candidate.legal_basis,
        }
    )


def candidate_of(content: bytes) -> Candidate:
    """Read it back. Raises ValueError for a format or kind that this release does not know."""
    kept: dict[str, Any] = parse(content)
    cls = BY_TOPIC.get(kept["kind"])
    if kept["format"] != _FORMAT or cls is None:
        raise ValueError("a held row of another release")
    fact: Fact = cls.from_parts(kept["open"], kept["sealed"])
    time = kept["source_time"]
    return Candidate(
        fact=fact,
        request=Request(*kept["request"]),
        person=None if kept["person"] is None else Person(*kept["person"]),
        subject_id=_subject(kept.get("subject")),
        other=None if kept.get("other") is None else Person(*kept["other"]),
        other_id=_subject(kept.get("other_id")),
        target=None if kept["target"] is None else Request(*kept["target"]),
        source_time=None if time is None else datetime.fromisoformat(time),
        legal_basis=kept["legal_basis"],
    )


def _person(person: Person) -> list[str | None]:
    return [person.document_type, person.document_number, person.name]


def _subject(kept: str | None) -> UUID | None:
    return None if kept is None else UUID(kept)


def _names(request: Request) -> list[str]:
    return [request.source, request.source_id, request.part, request.subject]
