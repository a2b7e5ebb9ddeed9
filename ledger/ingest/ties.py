"""Ties of a family: which stream is a tie's own, and how it gets its two subjects.

A row names both persons as any row names one. The fact is read first, with two pseudonyms that are nobody's; when
both persons are found it gets theirs.
"""

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from domain.facts import FamilyTieEnded, FamilyTieRecorded, Stream
from ledger.canonical import canonical
from ledger.streams import named

if TYPE_CHECKING:
    from ledger.ingest.examine import Candidate

TIES = frozenset({FamilyTieRecorded.topic(), FamilyTieEnded.topic()})
UNRESOLVED = {"subject": UUID(int=1), "other": UUID(int=2)}
"""In the place of subjects that are not found yet."""


def stream_of_tie(organ: str, spell: str) -> UUID:
    """Give the stream of an organ's tie: what ends it needs the organ's number of it and no person."""
    return named(Stream.FAMILY, canonical([organ, spell]).decode())


def tied(candidate: "Candidate", subject: UUID, other: UUID) -> "Candidate":
    """Put the subjects that were found into a tie."""
    return replace(candidate, fact=candidate.fact.model_copy(update={"subject": subject, "other": other}))
