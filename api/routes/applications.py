"""Applications 申请: filed by the resident or the organ, looked through item by item, answered, exchanged."""

from typing import Annotated

from fastapi import APIRouter, Response

from api.auth import Actor, Role
from api.bodies.acts import Act, Answer, Filing, Review, Supplement, Transfer
from api.bodies.rounds import ApplicationBody, RecordedBody
from api.door import Door
from api.office import application_of, day_of, hand_of, looked, running
from api.problems import Fault, Faulty
from api.refusals import ParametersInvalid
from api.sending import act, answered, sent
from api.wiring import (
    SPOKEN,
    Applying,
    Number,
    PurposeSaid,
    ReaderOfOne,
    RoundName,
    RunningOrgan,
    StrictRoute,
    UsingDoor,
    why,
)
from ledger.entry import Receipt
from projections.office import filing

router = APIRouter(
    prefix="/v1/rounds/{round}/applications", tags=["applications"], route_class=StrictRoute, dependencies=SPOKEN
)
_EXAMPLE = "7c2a9d7e-6f0b-4c1f-9d59-0f0d5a3c2b11"


@act(
    router,
    "",
    "fileApplication",
    "File 申请",
    Filing,
    RecordedBody,
    application="A-001",
    subject=_EXAMPLE,
    town="330282111",
)
def file_application(
    actor: Applying,
    door: UsingDoor,
    round: RoundName,  # noqa: A002 - the path's own word
    said: Annotated[Filing, sent(Filing)],
) -> Response:
    """File an application within the window, with choices in order of wish. The same again gives the receipt."""
    return _recorded(_filed(door, actor, round, said))


@router.get("/{number}", operation_id="application", summary="Application 申请")
def application(
    actor: ReaderOfOne,
    door: UsingDoor,
    round: RoundName,  # noqa: A002 - the path's own word
    number: Number,
    purpose: PurposeSaid = None,
) -> ApplicationBody:
    """Give an application: the state of each item, and the place that is offered. Staff say why."""
    return _shown(door, actor, round, number, why(actor, purpose))


@act(router, "/{number}/withdrawal", "withdrawApplication", "Withdraw 撤回", Act, RecordedBody)
def withdraw_application(
    actor: Applying,
    door: UsingDoor,
    round: RoundName,  # noqa: A002 - the path's own word
    number: Number,
    said: Annotated[Act, sent(Act)],
) -> Response:
    """Take an application back before the lock."""
    return _withdrawn(door, actor, round, number, said)


@act(
    router,
    "/{number}/reviews",
    "reviewItem",
    "Review 审核",
    Review,
    RecordedBody,
    item="permit",
    reason="缺页",
    due_on="2026-05-15",
)
def review_item(
    actor: RunningOrgan,
    door: UsingDoor,
    round: RoundName,  # noqa: A002 - the path's own word
    number: Number,
    said: Annotated[Review, sent(Review)],
) -> Response:
    """Find an item in order, or return it with a reason and a day."""
    return _reviewed(door, actor, round, number, said)


@act(router, "/{number}/supplements", "supplementItem", "Supplement 补正", Supplement, RecordedBody, item="permit")
def supplement_item(
    actor: Applying,
    door: UsingDoor,
    round: RoundName,  # noqa: A002 - the path's own word
    number: Number,
    said: Annotated[Supplement, sent(Supplement)],
) -> Response:
    """Take what a returned item lacked, by its day."""
    return _supplemented(door, actor, round, number, said)


@act(router, "/{number}/answer", "answerOffer", "Answer 答复", Answer, RecordedBody, answer="accepted")
def answer_offer(
    actor: Applying,
    door: UsingDoor,
    round: RoundName,  # noqa: A002 - the path's own word
    number: Number,
    said: Annotated[Answer, sent(Answer)],
) -> Response:
    """Accept a place that is offered, or decline it."""
    return _answered(door, actor, round, number, said)


@act(router, "/{number}/transfer", "transferPlace", "Transfer 转学", Transfer, RecordedBody, unit="330282112")
def transfer_place(
    actor: RunningOrgan,
    door: UsingDoor,
    round: RoundName,  # noqa: A002 - the path's own word
    number: Number,
    said: Annotated[Transfer, sent(Transfer)],
) -> Response:
    """Exchange an accepted place for a free one of another town or school."""
    return _transferred(door, actor, round, number, said)


def _shown(door: Door, actor: Actor, name: str, number: str, purpose: str | None) -> ApplicationBody:
    filed, _ = application_of(door, actor, name, number)
    looked(door, actor, purpose, filed.subject)
    return ApplicationBody.of(filed.application, filed.round, door.today())


def _recorded(receipt: Receipt) -> Response:
    return answered(RecordedBody.of(receipt), receipt)


def _filed(door: Door, actor: Actor, name: str, said: Filing) -> Receipt:
    """File for the resident who asks, or for whom the organ names. Raises Faulty where nobody is named."""
    if actor.role is Role.RESIDENT:
        hand, subject = hand_of(actor, door.office.rounds.organ(name)), actor.subject
        if said.subject not in (None, subject):
            raise Faulty(ParametersInvalid(), [Fault(where="body.subject", code="own-only")])
    else:
        hand, subject = running(door, actor, name), said.subject
    if subject is None:
        raise Faulty(ParametersInvalid(), [Fault(where="body.subject", code="missing")])
    day = day_of(door, actor, said.on)
    file = door.office.applications.file
    return file(name, subject, said.application, day, hand, choices=said.choices, town=said.town, zone=said.zone)


def _withdrawn(door: Door, actor: Actor, name: str, number: str, said: Act) -> Response:
    _, hand = application_of(door, actor, name, number)
    return _recorded(filing.withdraw(door.office, name, number, day_of(door, actor, said.on), hand))


def _reviewed(door: Door, actor: Actor, name: str, number: str, said: Review) -> Response:
    hand, day = running(door, actor, name), day_of(door, actor, said.on)
    review = filing.review
    told = review(door.office, name, number, said.item, day, hand, reason=said.reason, due_on=said.due_on)
    return _recorded(told)


def _supplemented(door: Door, actor: Actor, name: str, number: str, said: Supplement) -> Response:
    _, hand = application_of(door, actor, name, number)
    day = day_of(door, actor, said.on)
    return _recorded(filing.supplement(door.office, name, number, said.item, day, hand))


def _answered(door: Door, actor: Actor, name: str, number: str, said: Answer) -> Response:
    _, hand = application_of(door, actor, name, number)
    day = day_of(door, actor, said.on)
    told = filing.answer(door.office, name, number, said.answer, day, hand, today=door.today())
    return _recorded(told)


def _transferred(door: Door, actor: Actor, name: str, number: str, said: Transfer) -> Response:
    hand, day = running(door, actor, name), day_of(door, actor, said.on)
    return _recorded(filing.transfer(door.office, name, number, said.unit, day, hand))
