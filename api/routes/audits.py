"""Samples that can be drawn again, and what is out of the ordinary."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api import coordinates
from api.bodies.audits import AnomaliesBody, SampleBody
from api.wiring import SPOKEN, AuditingActor, StrictRoute, UsingDoor
from domain.errors import BadCoordinate
from domain.identifiers import holds_personal_digits
from domain.lateness import LATE_DAYS
from projections.audits import Audits, Of

router = APIRouter(prefix="/v1/audit", tags=["audits"], route_class=StrictRoute, dependencies=SPOKEN)
_SINCE = Query(description="after this position or instant; left out: from the beginning")
_UNTIL = Query(description="up to this position or instant; left out: everything")


def _since(since: Annotated[str | None, _SINCE] = None) -> int | datetime | None:
    return None if since is None else coordinates.knowledge(since, "since")


def _until(until: Annotated[str | None, _UNTIL] = None) -> int | datetime | None:
    return None if until is None else coordinates.knowledge(until, "until")


Since = Annotated[int | datetime | None, Depends(_since)]
Until = Annotated[int | datetime | None, Depends(_until)]
Seed = Annotated[str, Query(min_length=1, max_length=200, description="any text: the same one draws the same")]
Lines = Annotated[int, Query(ge=1, le=1_000, description="lines of each list")]


@router.get("/sample", operation_id="sample", summary="Sample 抽样")
def sample(
    _: AuditingActor,
    door: UsingDoor,
    seed: Seed,
    since: Since,
    until: Until,
    count: Annotated[int, Query(ge=1, le=1_000)] = 20,
    of: Annotated[
        Of, Query(description="entries, or those that begin a person's history, or decisions")
    ] = "entries",
) -> SampleBody:
    """Draw entries, people or decisions by a seed: uniform, and anybody can draw the same again."""
    if holds_personal_digits(seed) or not seed.isprintable():
        raise BadCoordinate("seed")

    def ask(audits: Audits) -> SampleBody:
        span = audits.span(since, until)
        return SampleBody.of(seed, span, audits.sample(seed, count, span, of))

    return door.log.audit(ask)


@router.get("/anomalies", operation_id="anomalies", summary="Anomalies 异常")
def anomalies(
    _: AuditingActor,
    door: UsingDoor,
    since: Since,
    until: Until,
    late_days: Annotated[int, Query(ge=0, le=36_500, description="later than this is late")] = LATE_DAYS,
    limit: Lines = 100,
) -> AnomaliesBody:
    """List late facts by batch, what officers recorded by hand, and corrections by batch."""

    def ask(audits: Audits) -> AnomaliesBody:
        span = audits.span(since, until)
        return AnomaliesBody.of(
            span, audits.late(span, late_days, limit), audits.by_hand(span, limit), audits.corrected(span, limit)
        )

    return door.log.audit(ask)
