"""Programmes as they are given out."""

from collections.abc import Sequence
from datetime import date
from typing import Self

from api.bodies.base import Body, Day, Digest, Label, Position
from api.bodies.rulebooks import LifeBody
from domain.programme import ProgrammeDocument
from ledger.publication import Version


class ProgrammeBody(Body):
    """One programme in force: its content is at /v1/programmes/{doc}/{hash}. `ranked`: places go by rank."""

    doc: str
    programme: str
    hash: Digest
    authority: str
    label: Label
    effective_from: date
    effective_to: date | None
    ranked: bool

    @classmethod
    def of(cls, document: ProgrammeDocument) -> Self:
        """Describe a programme."""
        told = document.programme
        return cls(
            doc=told.doc,
            programme=told.programme,
            hash=document.hash,
            authority=told.authority,
            label=Label(zh=told.label.zh, en=told.label.en),
            effective_from=told.effective.from_,
            effective_to=told.effective.to,
            ranked=told.is_ranked,
        )


class ProgrammesBody(Body):
    """The programmes in force on a day, as known at a position."""

    as_of: Day
    as_at: Position
    programmes: list[ProgrammeBody]


class VersionsBody(Body):
    """The versions of one programme, in the order in which they were put forward."""

    versions: list[LifeBody]

    @classmethod
    def of(cls, versions: Sequence[Version]) -> Self:
        """Describe them."""
        return cls(versions=[LifeBody.of(version) for version in versions])


class PublishedBody(Body):
    """A step of a programme's publication was recorded."""

    doc: str
    hash: Digest
    position: Position
    duplicate: bool
