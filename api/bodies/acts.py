"""What is sent to the acts of an office. `on` is the civil day of an act, today if it is left out."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from api.sending import Sent
from domain.benefit import StopReason
from domain.facts.base import Day, Month, PlainText, SpellId
from domain.facts.decisions import Settlement
from domain.facts.rounds import ItemId, RoundId, Seed, UnitId
from domain.facts.use import UseName
from domain.places import PlaceCode

On = Annotated[Day | None, Field(description="the civil day on which it happened; not after today")]
Fen = Annotated[int, Field(ge=1, le=10**15, description="fen")]


class Programming(Sent):
    """A programme, put forward: its document as JSON, and why."""

    document: Annotated[dict[str, Any], Field(description="the document, as docs/programmes.md describes it")]
    reason: PlainText = "publication"


class Opening(Sent):
    """A round's window, both days inside. `programme` is a document's name (cx.school), or a use's that is one."""

    round: RoundId
    programme: Annotated[str, Field(pattern=r"^[a-z][a-z0-9._-]{1,59}$")]
    opens_on: Day
    closes_on: Day
    counted_on: Annotated[Day | None, Field(description="计分截止日: the programme's own, or the last day")] = None
    late_facts: Literal["listed", "redetermined"] = "listed"

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.closes_on < self.opens_on:
            raise ValueError("closes-before-opens")
        return self


class Extension(Sent):
    """The window closes later."""

    closes_on: Day
    reason: PlainText
    on: On = None


class Places(Sent):
    """How many places a town or a school has, or `all`."""

    unit: UnitId
    places: Annotated[int, Field(ge=0, le=10**6)]
    on: On = None


class Act(Sent):
    """An act that says no more than its day."""

    on: On = None


class Lock(Sent):
    """Decide by what is known now. `reason`: with a feed missing, two people send the same."""

    reason: PlainText | None = None
    on: On = None


class SeedSent(Sent):
    """The seed of the draw, and where it comes from."""

    seed: Seed
    drawn_from: PlainText
    on: On = None


class Cancellation(Sent):
    """Nothing follows from the round."""

    reason: PlainText
    on: On = None


class Noticing(Sent):
    """The ranking hangs out until its last day, that day inside."""

    last_day: Day
    on: On = None


class Offers(Sent):
    """Places that are free are offered to whoever is next, to be answered by a day, that day inside."""

    answer_by: Day
    on: On = None


class Filing(Sent):
    """An application. `subject` is left out by a resident: it is their own."""

    application: SpellId
    subject: Annotated[UUID | None, Field(strict=False)] = None
    choices: Annotated[list[UnitId], Field(max_length=20, description="in order of wish", default_factory=list)]
    town: PlaceCode | None = None
    zone: UseName | None = None
    on: On = None


class Review(Sent):
    """An item in order, or returned with a reason and the day by which it is supplemented."""

    item: ItemId
    reason: PlainText | None = None
    due_on: Day | None = None
    on: On = None


class Supplement(Sent):
    """What a returned item lacked was brought."""

    item: ItemId
    on: On = None


class Answer(Sent):
    """The answer to an offer."""

    answer: Literal["accepted", "declined"]
    on: On = None


class Transfer(Sent):
    """An accepted place is exchanged for a free one of this unit."""

    unit: UnitId
    on: On = None


class PaymentSent(Sent):
    """The months that are due are paid, under a number of its own."""

    payment: SpellId
    on: On = None


class Failure(Sent):
    """The bank sent a payment back."""

    payment: SpellId
    reason: PlainText
    on: On = None


class Recovery(Sent):
    """A payment, or part of it, was taken back."""

    payment: SpellId
    fen: Fen
    reason: Literal["fraud", "error", "other"]
    on: On = None


class Stop(Sent):
    """Nothing is paid for this month and later."""

    from_month: Month
    reason: StopReason


class Settling(Sent):
    """What becomes of a decision after later facts."""

    outcome: Settlement
    reason: PlainText
    on: On = None
