"""Is the process alive, and can it serve? Open to everybody; nothing personal."""

from typing import Literal

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter

from api.bodies.base import Body
from api.door import Door
from api.problems import Fault, Faulty, refusal_of
from api.refusals import NotReady
from api.wiring import SPOKEN, StrictRoute, UsingDoor
from domain.errors import Refusal
from ledger.migrate import State, status

LAG_MAX = 50_000
"""Positions. Farther behind, scores are too old to be given out as those of today."""

_APART = CapacityLimiter(2)
"""Threads of its own: while the database does not answer, all others may be waiting for it."""

router = APIRouter(tags=["health"], route_class=StrictRoute, dependencies=SPOKEN)


class Alive(Body):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Ready(Body):
    """The process can serve; `lag` is how many positions scores are behind the ledger."""

    status: Literal["ready"] = "ready"
    lag: int


@router.get("/livez", operation_id="livez", summary="The process answers 存活")
async def livez() -> Alive:
    """Say that the process is alive; look at nothing else."""
    return Alive()


@router.get("/readyz", operation_id="readyz", summary="The service can serve 就绪")
async def readyz(door: UsingDoor) -> Ready:
    """Say whether the database is there, its tables are this release's, and scores are not too far behind."""
    return await to_thread.run_sync(_ready, door, limiter=_APART)


def _ready(door: Door) -> Ready:
    try:
        pending = [one.name for one in status(door.desk.database) if one.state is not State.APPLIED]
        lag = door.answering.lag()
    except Exception as error:
        refusal = refusal_of(error)
        if refusal.status == 500 and not isinstance(error, Refusal):
            raise
        raise Faulty(NotReady(), [Fault(where="database", code=refusal.code())]) from None
    if pending:
        raise Faulty(NotReady(), [Fault(where="migrations", code="not-current", expected="points db migrate")])
    if lag > LAG_MAX:
        raise Faulty(NotReady(), [Fault(where="projections", code="projection-behind", expected=f"≤ {LAG_MAX}")])
    return Ready(lag=lag)
