"""Rounds 申请批次 by the organ that runs them: extended, closed, locked, published, offered, cancelled."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Response

from api.auth import Actor
from api.bodies.acts import (
    Act,
    Cancellation,
    Extension,
    Lock,
    Noticing,
    Offers,
    Places,
    SeedSent,
)
from api.bodies.rounds import (
    ClosedBody,
    LockedBody,
    OffersBody,
    RankingBody,
    RecordedBody,
)
from api.door import Door
from api.office import day_of, running
from api.sending import act, answered, described, sent
from api.wiring import (
    SPOKEN,
    RoundName,
    RunningOrgan,
    StrictRoute,
    UsingDoor,
)
from ledger.entry import Receipt
from projections.office import rounds as office

router = APIRouter(prefix="/v1/rounds", tags=["rounds"], route_class=StrictRoute, dependencies=SPOKEN)


_DAY, _LATER = "2026-05-01", "2026-05-20"
_ONE_DAY = timedelta(days=1)


@act(router, "/{round}/closing", "closeRound", "Close 截止", Act, ClosedBody, on=_LATER)
def close_round(
    actor: RunningOrgan,
    door: UsingDoor,
    round: RoundName,  # noqa: A002 - the path's own word
    said: Annotated[Act, sent(Act)],
) -> Response:
    """Say that the window is over: how many applications stand, how many are void."""
    return _closed(door, actor, round, said)


@router.post(
    "/{round}/lock",
    operation_id="lockRound",
    response_model=LockedBody,
    responses={202: {"model": LockedBody, "description": "asked for: another person sends the same"}},
    openapi_extra=described(Lock, reason="数据迟报"),
    summary="Lock 锁定",
)
def lock_round(
    actor: RunningOrgan,
    door: UsingDoor,
    round: RoundName,  # noqa: A002 - the path's own word
    said: Annotated[Lock, sent(Lock)],
) -> Response:
    """Decide by what is known now. With a feed missing it takes two people and one reason."""
    return _locked(door, actor, round, said)


@router.post(
    "/{round}/publication",
    operation_id="publishRanking",
    openapi_extra=described(Act, on=_LATER),
    summary="Publish 公布",
)
def publish_ranking(
    actor: RunningOrgan,
    door: UsingDoor,
    round: RoundName,  # noqa: A002 - the path's own word
    said: Annotated[Act, sent(Act)],
) -> RankingBody:
    """Record the decision about each application, and publish the ranking by its hash."""
    hand = running(door, actor, round)
    return RankingBody.model_validate(
        office.publish(door.office, round, day_of(door, actor, said.on), hand).as_json()
    )


@router.post(
    "/{round}/offers",
    operation_id="offerPlaces",
    openapi_extra=described(Offers, answer_by=_LATER),
    summary="Offer 录取",
)
def offer_places(
    actor: RunningOrgan,
    door: UsingDoor,
    round: RoundName,  # noqa: A002 - the path's own word
    said: Annotated[Offers, sent(Offers)],
) -> OffersBody:
    """Offer the places that are free to whoever is next; declined and unanswered ones are passed on."""
    return _offered(door, actor, round, said)


@act(
    router,
    "/{round}/extension",
    "extendRound",
    "Extend 延期",
    Extension,
    RecordedBody,
    closes_on=_LATER,
    reason="系统维护",
)
def extend_round(
    actor: RunningOrgan,
    door: UsingDoor,
    round: RoundName,  # noqa: A002 - the path's own word
    said: Annotated[Extension, sent(Extension)],
) -> Response:
    """Let the window close later than was said."""
    hand, day = running(door, actor, round), day_of(door, actor, said.on)
    return _recorded(door.office.rounds.extend(round, said.closes_on, said.reason, day, hand))


@act(router, "/{round}/places", "declarePlaces", "Places 名额", Places, RecordedBody, unit="330282111", places=80)
def declare_places(
    actor: RunningOrgan,
    door: UsingDoor,
    round: RoundName,  # noqa: A002 - the path's own word
    said: Annotated[Places, sent(Places)],
) -> Response:
    """Declare how many places a town or a school has."""
    hand, day = running(door, actor, round), day_of(door, actor, said.on)
    return _recorded(door.office.rounds.declare(round, said.unit, said.places, day, hand))


@act(
    router,
    "/{round}/seed",
    "publishSeed",
    "Seed 摇号种子",
    SeedSent,
    RecordedBody,
    seed="2026052",
    drawn_from="福利彩票3D第2026052期",
)
def publish_seed(
    actor: RunningOrgan,
    door: UsingDoor,
    round: RoundName,  # noqa: A002 - the path's own word
    said: Annotated[SeedSent, sent(SeedSent)],
) -> Response:
    """Publish the seed of the draw, once, after the window has closed."""
    hand, day = running(door, actor, round), day_of(door, actor, said.on)
    return _recorded(office.publish_seed(door.office, round, said.seed, said.drawn_from, day, hand))


@act(router, "/{round}/cancellation", "cancelRound", "Cancel 取消", Cancellation, RecordedBody, reason="政策调整")
def cancel_round(
    actor: RunningOrgan,
    door: UsingDoor,
    round: RoundName,  # noqa: A002 - the path's own word
    said: Annotated[Cancellation, sent(Cancellation)],
) -> Response:
    """Cancel the round: nothing follows from it."""
    hand, day = running(door, actor, round), day_of(door, actor, said.on)
    return _recorded(door.office.rounds.cancel(round, day, said.reason, hand))


@act(router, "/{round}/notice", "hangNotice", "Hang out 公示", Noticing, RecordedBody, last_day=_LATER)
def hang_notice(
    actor: RunningOrgan,
    door: UsingDoor,
    round: RoundName,  # noqa: A002 - the path's own word
    said: Annotated[Noticing, sent(Noticing)],
) -> Response:
    """Hang out the ranking that was published last, until its last day."""
    hand, day = running(door, actor, round), day_of(door, actor, said.on)
    return _recorded(door.office.rounds.notice(round, day, said.last_day + _ONE_DAY, hand))


def _recorded(receipt: Receipt) -> Response:
    return answered(RecordedBody.of(receipt), receipt)


def _closed(door: Door, actor: Actor, name: str, said: Act) -> Response:
    done = office.close(door.office, name, day_of(door, actor, said.on), running(door, actor, name))
    told = RecordedBody.of(done.receipt).model_dump()
    return answered(ClosedBody(**told, standing=done.standing, void=done.void), done.receipt)


def _locked(door: Door, actor: Actor, name: str, said: Lock) -> Response:
    done = office.lock(door.office, name, day_of(door, actor, said.on), said.reason, running(door, actor, name))
    receipt = done.receipt
    told = LockedBody(
        locked=receipt is not None,
        incomplete=done.missing,
        position=None if receipt is None else receipt.position,
    )
    return answered(told, status=202 if receipt is None else 200)


def _offered(door: Door, actor: Actor, name: str, said: Offers) -> OffersBody:
    hand, day = running(door, actor, name), day_of(door, actor, said.on)
    offered = office.offer(door.office, name, day, said.answer_by, hand)
    return OffersBody.model_validate({"offered": offered, "answer_by": said.answer_by})
