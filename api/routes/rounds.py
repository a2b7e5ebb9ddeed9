"""Rounds 申请批次: opened by an organ that is granted to; read by everybody, their notice by the public."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Response

from api.auth import Actor, Role
from api.bodies.acts import (
    Opening,
)
from api.bodies.rounds import (
    ApplicationBody,
    ApplicationsBody,
    LateFactsBody,
    NoticeBody,
    RankingBody,
    RecordedBody,
    RoundBody,
)
from api.door import Door
from api.office import hand_of, may_run
from api.sending import act, answered, sent
from api.wiring import (
    SPOKEN,
    ReaderOfApplications,
    ReaderOfRounds,
    RoundName,
    RunningOrgan,
    StrictRoute,
    UsingDoor,
)
from ledger.entry import Receipt
from ledger.rounds.refusals import RoundOfAnother
from projections.office import rounds as office
from projections.office.rounds import RankedRound

router = APIRouter(prefix="/v1/rounds", tags=["rounds"], route_class=StrictRoute, dependencies=SPOKEN)


_DAY, _LATER = "2026-05-01", "2026-05-20"
_ONE_DAY = timedelta(days=1)


@act(
    router,
    "",
    "openRound",
    "Open 开启",
    Opening,
    RecordedBody,
    round="cx.school-2026",
    programme="cx.school",
    opens_on=_DAY,
    closes_on=_LATER,
)
def open_round(actor: RunningOrgan, door: UsingDoor, said: Annotated[Opening, sent(Opening)]) -> Response:
    """Open a round of a programme, where the organ is granted `round-opened`. The same again gives the receipt."""
    return _recorded(_opened(door, actor, said))


@router.get("/{round}", operation_id="round", summary="Round 批次")
def round_(_: ReaderOfRounds, door: UsingDoor, round: RoundName) -> RoundBody:  # noqa: A002 - the path's own word
    """Give a round: its state, its days, its places and how many are free."""
    return _seen(door, round)


@router.get("/{round}/applications", operation_id="applications", summary="Applications 申请")
def applications(actor: ReaderOfApplications, door: UsingDoor, round: RoundName) -> ApplicationsBody:  # noqa: A002 - the path's own word
    """Give the applications of a round with the states of their items. They are numbers, and nobody."""
    return _applications(door, actor, round)


@router.get("/{round}/ranking", operation_id="ranking", summary="Ranking 排名")
def ranking(actor: ReaderOfApplications, door: UsingDoor, round: RoundName) -> RankingBody:  # noqa: A002 - the path's own word
    """Rank the applications: on what was known at the lock, before it on what is known now."""
    return _ranking(office.rank(door.office, _read(door, actor, round)))


@router.get("/{round}/late-facts", operation_id="lateFacts", summary="Late facts 锁定后得知")
def late_facts(actor: ReaderOfApplications, door: UsingDoor, round: RoundName) -> LateFactsBody:  # noqa: A002 - the path's own word
    """List what became known after the lock and speaks of days that counted, with the declared rule."""
    return _late(door, _read(door, actor, round))


@router.get("/{round}/notice", operation_id="notice", summary="Notice 公示栏")
def notice(door: UsingDoor, round: RoundName) -> NoticeBody:  # noqa: A002 - the path's own word
    """Show to everybody what hangs out today, with masked names; before and after that nothing."""
    today = door.today()
    return NoticeBody.model_validate(
        {"round": round, "on": today, "notice": office.board(door.office, round, today)}
    )


def _recorded(receipt: Receipt) -> Response:
    return answered(RecordedBody.of(receipt), receipt)


def _opened(door: Door, actor: Actor, said: Opening) -> Receipt:
    opening = office.Opening(
        said.round, said.programme, said.opens_on, said.closes_on, said.counted_on, said.late_facts
    )
    return office.open_round(door.office, opening, hand_of(actor, actor.name), may_run(door, actor, door.today()))


def _read(door: Door, actor: Actor, name: str) -> str:
    """Let the round's organ and auditors read. Raises RoundUnknown, RoundOfAnother."""
    if door.office.rounds.organ(name) != actor.name and actor.role is Role.ORGAN:
        raise RoundOfAnother
    return name


def _seen(door: Door, name: str) -> RoundBody:
    today = door.today()
    found = office.seen(door.office, name, today)
    return RoundBody.of(found.current, found.free, today)


def _applications(door: Door, actor: Actor, name: str) -> ApplicationsBody:
    today = door.today()
    found = office.seen(door.office, _read(door, actor, name), today)
    told = [ApplicationBody.of(one.application, found.current, today) for one in found.filed.values()]
    return ApplicationsBody(applications=told)


def _ranking(found: RankedRound) -> RankingBody:
    return RankingBody.model_validate(found.as_json())


def _late(door: Door, name: str) -> LateFactsBody:
    current, late = office.late_facts(door.office, name)
    return LateFactsBody.model_validate({"late_facts": current.late_facts, "late": late})
