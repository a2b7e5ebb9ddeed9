"""What is sent to the acts of disputes 异议. `on` is the civil day of an act, today if it is left out."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from api.bodies.acts import On
from api.sending import Sent
from domain.dispute import RULING_DAYS
from domain.facts import base
from domain.facts.disputes import Item, MediaType, Version
from domain.facts.governance import ActorId
from domain.facts.use import Year
from domain.places import PlaceCode
from projections.office.disputes import Finding, RemedyBody, RemedyOutcome, RulingOutcome

Digest = base.Digest
Versions = Annotated[list[Version], Field(max_length=600, description="versions in the resident's history")]
Months = Annotated[list[base.Month], Field(max_length=600)]
Number = Annotated[base.SpellId, Field(pattern=r"^[^/]*$", description="no slash: it is a step of an address")]


class Contention(Sent):
    """An item is contested: of the score certified for `year`, or of the `decision` with this hash: one of them."""

    dispute: Number
    item: Item
    place: Annotated[PlaceCode, Field(description="where the result was given")]
    says: Literal["no-data", "wrong-value"]
    year: Year | None = None
    decision: Digest | None = None
    months: Months | None = None
    employer: Annotated[base.Text | None, Field(description="sealed")] = None
    statement: Annotated[base.Text | None, Field(description="sealed")] = None
    on: On = None

    @model_validator(mode="after")
    def _of_one_result(self) -> Self:
        if (self.year is None) == (self.decision is None):
            raise ValueError("year-or-decision")
        return self


class Evidence(Sent):
    """A document by its digest; whoever brings it keeps it."""

    digest: Digest
    media_type: MediaType
    size: Annotated[int, Field(ge=1, le=2**40, description="bytes")]
    on: On = None


class Acceptance(Sent):
    """It is looked into; so many working days are due."""

    days: Annotated[int, Field(ge=1, le=250, description="working days")] = RULING_DAYS
    on: On = None


class Refusing(Sent):
    """It is not looked into, and why."""

    reason: base.PlainText
    on: On = None


class Asking(Sent):
    """An organ is asked to check its data; without an answer the claim counts until a day."""

    check: base.SpellId
    organ: ActorId
    provisional_until: base.Day | None = None
    on: On = None


class Answering(Sent):
    """The organ corrected its data by these entries of its own, or, with none, stands by them."""

    check: base.SpellId
    cites: Annotated[Versions, Field(default_factory=list)]
    on: On = None


class Ruling(Sent):
    """A ruling. Two people send the same; a correction cites the entries that correct."""

    outcome: RulingOutcome
    reason: base.PlainText
    department: ActorId
    cites: Annotated[Versions, Field(default_factory=list)]
    on: On = None


class Escalating(Sent):
    """The city looks again."""

    to: ActorId
    on: On = None


class Remedying(Sent):
    """What another body decided of the ruling."""

    body: RemedyBody
    outcome: RemedyOutcome
    document: Annotated[base.Text | None, Field(description="its number; sealed")] = None
    on: On = None


class ReviewAsked(Sent):
    """A person refuses a decision that only a program made (PIPL 24)."""

    decision: Digest
    on: On = None


class ReviewFound(Sent):
    """What somebody found who looked at the decision."""

    outcome: Finding
    reason: base.PlainText
    on: On = None
