"""What organs have agreed to deliver: kept by people on duty, read by the organ itself and by auditors."""

from typing import Annotated

from fastapi import APIRouter

from api.auth import Actor, Role
from api.bodies.feeds import AgreementAsked, AgreementsBody, EndAsked
from api.door import Door
from api.sending import described, sent
from api.wiring import SPOKEN, AgreeingOfficer, ReaderOfFeeds, StrictRoute, UsingDoor
from domain.facts import FeedAgreed, FeedAgreementEnded
from ledger.agreements import Agreements
from ledger.entry import Hand
from ledger.opening import KEEPER_ORGAN

router = APIRouter(prefix="/v1/feeds", tags=["feeds"], route_class=StrictRoute, dependencies=SPOKEN)
_NAMED = {"organ": "nb-hrss", "fact_kind": "insurance-month-paid", "place": "330200", "first_month": "2025-01"}


@router.get("", operation_id="feeds", summary="Feed agreements 数据交付约定")
def feeds(actor: ReaderOfFeeds, door: UsingDoor) -> AgreementsBody:
    """Give what organs have agreed to deliver; an organ sees its own."""
    return _listed(door, actor.name if actor.role is Role.ORGAN else None)


@router.post(
    "",
    operation_id="agreeFeed",
    summary="Agree on a feed 约定",
    openapi_extra=described(AgreementAsked, **_NAMED, every="month", due_days=20, basis="试点方案"),
)
def agree(
    officer: AgreeingOfficer, door: UsingDoor, wanted: Annotated[AgreementAsked, sent(AgreementAsked)]
) -> AgreementsBody:
    """Agree that an organ delivers. The same again changes nothing; other terms for the same are refused."""
    Agreements(door.desk.ledger).agree(FeedAgreed(**wanted.model_dump()), _hand(officer))
    return _listed(door, wanted.organ)


@router.post(
    "/end",
    operation_id="endFeed",
    summary="End an agreement 终止约定",
    openapi_extra=described(EndAsked, **_NAMED, last_month="2026-12"),
)
def end(officer: AgreeingOfficer, door: UsingDoor, wanted: Annotated[EndAsked, sent(EndAsked)]) -> AgreementsBody:
    """End an agreement with a month."""
    Agreements(door.desk.ledger).end(FeedAgreementEnded(**wanted.model_dump()), _hand(officer))
    return _listed(door, wanted.organ)


def _listed(door: Door, organ: str | None) -> AgreementsBody:
    found = Agreements(door.desk.ledger).every()
    return AgreementsBody.of([one for one in found if organ in (None, one.organ)])


def _hand(officer: Actor) -> Hand:
    return Hand(officer.id, KEEPER_ORGAN, channel="http", source_class="manual", person=officer.person)
