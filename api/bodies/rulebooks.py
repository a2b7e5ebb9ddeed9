"""Rulebooks and kinds of facts, as they are given out."""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from api.bodies.base import Body, Day, Digest, Label, Position
from domain.facts import Fact
from domain.rulebook.document import Document
from domain.rulebook.resolution import RulebookSet
from ledger.publication import Version


class DocumentBody(Body):
    """One document in force: its content is at /v1/rulebooks/{doc}/{hash}."""

    doc: str
    hash: Digest
    tier: Literal["province", "city", "district"]
    authority: str
    label: Label
    effective_from: date
    effective_to: date | None

    @classmethod
    def of(cls, document: Document) -> Self:
        """Describe a document."""
        rulebook = document.rulebook
        return cls(
            doc=rulebook.doc,
            hash=document.hash,
            tier=rulebook.tier.value,
            authority=rulebook.authority,
            label=Label(zh=rulebook.label.zh, en=rulebook.label.en),
            effective_from=rulebook.effective.from_,
            effective_to=rulebook.effective.to,
        )


class InForceBody(Body):
    """The documents in force at a place, on a day, as known at a position; `hash` is the set's identity."""

    place: str
    as_of: Day
    as_at: Position
    hash: Digest
    documents: list[DocumentBody]

    @classmethod
    def of(cls, place: str, as_of: date, as_at: int, found: RulebookSet) -> Self:
        """Describe a set."""
        return cls(
            place=place,
            as_of=as_of.isoformat(),
            as_at=as_at,
            hash=found.hash,
            documents=[DocumentBody.of(document) for document in found.documents],
        )


class LifeBody(Body):
    """One version of a document and how far it has come: a rulebook's, or a programme's."""

    doc: str
    hash: Digest
    state: Literal["proposed", "published", "retired"]
    effective_from: date | None
    effective_to: date | None
    retired_on: date | None

    @classmethod
    def of(cls, version: Version, **more: Any) -> Self:
        """Describe a version."""
        return cls(
            doc=version.doc,
            hash=version.content,
            state=version.state.value,
            effective_from=version.effective_from,
            effective_to=version.effective_to,
            retired_on=version.retired_on,
            **more,
        )


class VersionBody(LifeBody):
    """One version of a document, as it was published, with the whole of it."""

    document: Annotated[dict[str, Any], Field(description="the canonical tree that was hashed")]


class KindBody(Body):
    """One kind of fact. `opens` and `closes` name a word for spells; `refers`: it names another entry."""

    kind: Annotated[str, Field(examples=["insurance-month-paid.v1"])]
    term: Annotated[str, Field(examples=["缴纳社保"])]
    stream: str
    natural_key: list[str]
    opens: str | None
    closes: str | None
    sensitive: bool
    refers: bool

    @classmethod
    def of(cls, fact: type[Fact]) -> Self:
        """Describe a kind."""
        about = fact.about
        return cls(
            kind=fact.topic(),
            term=about.zh,
            stream=about.stream.value,
            natural_key=list(about.key),
            opens=about.opens,
            closes=about.closes,
            sensitive=about.sensitive,
            refers=about.refers,
        )


class KindsBody(Body):
    """Every kind that the ledger can hold."""

    kinds: list[KindBody]
