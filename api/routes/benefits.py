"""Benefits 待遇: started, checked again, paid, stopped, taken back by the organ that runs the round; shown."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Response

from api.auth import Actor
from api.bodies.acts import Act, Failure, PaymentSent, Recovery, Stop
from api.bodies.rounds import BenefitBody, RecheckedBody, RecordedBody
from api.door import Door
from api.office import application_of, day_of, looked, running
from api.sending import act, answered, sent
from api.wiring import (
    SPOKEN,
    Number,
    PurposeSaid,
    ReaderOfOne,
    RoundName,
    RunningOrgan,
    StrictRoute,
    UsingDoor,
    why,
)
from domain.civil import month_of
from ledger.entry import Receipt
from projections.office.benefits import Paying, benefit_json, paying

router = APIRouter(
    prefix="/v1/rounds/{round}/applications/{number}/benefit",
    tags=["benefits"],
    route_class=StrictRoute,
    dependencies=SPOKEN,
)


@router.get("", operation_id="benefit", summary="Benefit 待遇")
def benefit(
    actor: ReaderOfOne,
    door: UsingDoor,
    round: RoundName,  # noqa: A002 - the path's own word
    number: Number,
    purpose: PurposeSaid = None,
) -> BenefitBody:
    """Give a benefit: its months, what was paid, what was forfeited. Staff say why; the resident sees it."""
    return _shown(door, actor, round, number, why(actor, purpose))


@act(router, "/start", "startBenefit", "Start 开始", Act, RecordedBody, on="2026-06-05")
def start_benefit(
    actor: RunningOrgan,
    door: UsingDoor,
    round: RoundName,  # noqa: A002 - the path's own word
    number: Number,
    said: Annotated[Act, sent(Act)],
) -> Response:
    """Grant the benefit to an application that is in; once for a household where the programme says so."""
    return _recorded(_paying(door, actor, round, number).start(_day(door, actor, said)))


@act(router, "/rechecks", "recheckBenefit", "Recheck 复核", Act, RecheckedBody, on="2026-06-05")
def recheck_benefit(
    actor: RunningOrgan,
    door: UsingDoor,
    round: RoundName,  # noqa: A002 - the path's own word
    number: Number,
    said: Annotated[Act, sent(Act)],
) -> Response:
    """Check the conditions again before a payment; a failed check forfeits what was due."""
    return _rechecked(door, actor, _paying(door, actor, round, number), said)


@act(router, "/payments", "payBenefit", "Pay 发放", PaymentSent, RecordedBody, payment="P-1")
def pay_benefit(
    actor: RunningOrgan,
    door: UsingDoor,
    round: RoundName,  # noqa: A002 - the path's own word
    number: Number,
    said: Annotated[PaymentSent, sent(PaymentSent)],
) -> Response:
    """Record the payment of the months that are due, under a number of its own."""
    return _recorded(_paying(door, actor, round, number).pay(said.payment, _day(door, actor, said)))


@act(router, "/failures", "failPayment", "Fail 发放失败", Failure, RecordedBody, payment="P-1", reason="账户已注销")
def fail_payment(
    actor: RunningOrgan,
    door: UsingDoor,
    round: RoundName,  # noqa: A002 - the path's own word
    number: Number,
    said: Annotated[Failure, sent(Failure)],
) -> Response:
    """Record that the bank sent a payment back; it is owed still."""
    return _failed(door, actor, round, number, said)


@act(router, "/stop", "stopBenefit", "Stop 终止", Stop, RecordedBody, from_month="2026-09", reason="permit-ended")
def stop_benefit(
    actor: RunningOrgan,
    door: UsingDoor,
    round: RoundName,  # noqa: A002 - the path's own word
    number: Number,
    said: Annotated[Stop, sent(Stop)],
) -> Response:
    """Pay nothing from a month on."""
    return _recorded(_paying(door, actor, round, number).stop(month_of(said.from_month), said.reason))


@act(
    router,
    "/recoveries",
    "recoverPayment",
    "Recover 追回",
    Recovery,
    RecordedBody,
    payment="P-1",
    fen=23100,
    reason="error",
)
def recover_payment(
    actor: RunningOrgan,
    door: UsingDoor,
    round: RoundName,  # noqa: A002 - the path's own word
    number: Number,
    said: Annotated[Recovery, sent(Recovery)],
) -> Response:
    """Record that a payment, or part of it, was taken back."""
    return _recovered(door, actor, round, number, said)


def _recorded(receipt: Receipt) -> Response:
    return answered(RecordedBody.of(receipt), receipt)


def _paying(door: Door, actor: Actor, name: str, number: str) -> Paying:
    return paying(door.office, name, number, running(door, actor, name))


def _day(door: Door, actor: Actor, said: Act | PaymentSent | Failure | Recovery) -> date:
    return day_of(door, actor, said.on)


def _rechecked(door: Door, actor: Actor, found: Paying, said: Act) -> Response:
    receipt, unmet = found.recheck(_day(door, actor, said))
    return answered(RecheckedBody(**RecordedBody.of(receipt).model_dump(), unmet=unmet), receipt)


def _failed(door: Door, actor: Actor, name: str, number: str, said: Failure) -> Response:
    found = _paying(door, actor, name, number)
    return _recorded(found.fail(said.payment, _day(door, actor, said), said.reason))


def _recovered(door: Door, actor: Actor, name: str, number: str, said: Recovery) -> Response:
    found = _paying(door, actor, name, number)
    return _recorded(found.recover(said.payment, said.fen, said.reason, _day(door, actor, said)))


def _shown(door: Door, actor: Actor, name: str, number: str, purpose: str | None) -> BenefitBody:
    filed, hand = application_of(door, actor, name, number)
    looked(door, actor, purpose, filed.subject)
    return BenefitBody.model_validate(benefit_json(paying(door.office, name, number, hand).now))
