"""Fraud 弄虚作假: found by two officers over one finding, with a bar until a day."""

from typing import Annotated

from fastapi import APIRouter, Response

from api.auth import Actor
from api.bodies.assessments import ExaminedBody, Finding
from api.door import Door
from api.office import day_of, hand_of
from api.problems import Fault, Faulty
from api.refusals import ParametersInvalid
from api.sending import answered, described, sent
from api.wiring import SPOKEN, FindingOfficer, StrictRoute, UsingDoor
from domain.facts import FraudFound
from ledger.opening import KEEPER_ORGAN

router = APIRouter(prefix="/v1/frauds", tags=["frauds"], route_class=StrictRoute, dependencies=SPOKEN)


@router.post(
    "",
    operation_id="findFraud",
    summary="Find 认定",
    response_model=ExaminedBody,
    status_code=201,
    responses={
        200: {"model": ExaminedBody, "description": "recorded before: the first receipt"},
        202: {"model": ExaminedBody, "description": "asked for: another officer sends the same"},
    },
    openapi_extra=described(
        Finding,
        subject="7c2a9d7e-6f0b-4c1f-9d59-0f0d5a3c2b11",
        place="330282",
        barred_until="2029-01-10",
        basis="伪造劳动合同",
        reason="举报核实",
    ),
)
def find_fraud(officer: FindingOfficer, door: UsingDoor, said: Annotated[Finding, sent(Finding)]) -> Response:
    """Find fraud: one officer asks, another's same call records it. Until its day nobody applies there."""
    return _found(door, officer, said)


def _found(door: Door, officer: Actor, said: Finding) -> Response:
    day = day_of(door, officer, said.on)
    if said.barred_until <= day:
        raise Faulty(ParametersInvalid(), [Fault(where="body.barred_until", code="after-the-finding")])
    told = said.model_dump(include={"place", "barred_until", "programme", "basis"})
    hand = hand_of(officer, KEEPER_ORGAN)
    receipt = door.office.frauds.find(said.subject, FraudFound(found_on=day, **told), hand, said.reason)
    body = ExaminedBody(recorded=receipt is not None, position=None if receipt is None else receipt.position)
    return answered(body, receipt, 202 if receipt is None else None)
