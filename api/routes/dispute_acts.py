"""Disputes 异议 answered: accepted or declined, checked by the organ, ruled by two, served, looked at again."""

from typing import Annotated

from fastapi import APIRouter, Response

from api.bodies.acts import Act
from api.bodies.contentions import Acceptance, Answering, Asking, Escalating, Refusing, Remedying, Ruling
from api.bodies.disputes import RuledBody
from api.bodies.rounds import RecordedBody
from api.contesting import AskedOrgan, Contesting, DisputeNumber, Ruler
from api.sending import act, answered, described, sent
from api.wiring import SPOKEN, StrictRoute
from ledger.calendars import CHINA, read_calendar
from ledger.entry import Receipt
from projections.office.disputes import Said

router = APIRouter(
    prefix="/v1/residents/{subject}/disputes/{number}",
    tags=["disputes"],
    route_class=StrictRoute,
    dependencies=SPOKEN,
)


@act(router, "/acceptance", "acceptDispute", "Accept 受理", Acceptance, RecordedBody, days=10)
def accept_dispute(whose: Ruler, number: DisputeNumber, said: Annotated[Acceptance, sent(Acceptance)]) -> Response:
    """Look into it: the clock of working days starts."""
    return _recorded(whose.dispute(number, said.on).accept(read_calendar(CHINA), said.days))


@act(router, "/refusal", "declineDispute", "Decline 不予受理", Refusing, RecordedBody, reason="未写明月份与单位")
def decline_dispute(whose: Ruler, number: DisputeNumber, said: Annotated[Refusing, sent(Refusing)]) -> Response:
    """Do not look into it; the resident is told why."""
    return _recorded(whose.dispute(number, said.on).decline(said.reason))


@act(router, "/checks", "askSource", "Ask 数据校核", Asking, RecordedBody, check="C-1", organ="nb-hrss")
def ask_source(whose: Ruler, number: DisputeNumber, said: Annotated[Asking, sent(Asking)]) -> Response:
    """Ask the organ that vouched for the fact; the clock stands still until it answers."""
    return _recorded(whose.dispute(number, said.on).ask(said.check, said.organ, said.provisional_until))


@act(router, "/answers", "answerSource", "Answer 校核答复", Answering, RecordedBody, check="C-1", cites=[41, 42])
def answer_source(
    whose: AskedOrgan, number: DisputeNumber, said: Annotated[Answering, sent(Answering)]
) -> Response:
    """Answer as the organ that was asked: corrected by its own entries, or its data stand."""
    return _recorded(whose.dispute(number, said.on).answer(said.check, said.cites))


@router.post(
    "/ruling",
    operation_id="ruleDispute",
    response_model=RuledBody,
    status_code=201,
    responses={
        200: {"model": RuledBody, "description": "recorded before: the first receipt"},
        202: {"model": RuledBody, "description": "asked for: another person sends the same"},
    },
    openapi_extra=described(
        Ruling, outcome="corrected", reason="经社保系统核对", department="nb-hrss", cites=[41, 42]
    ),
    summary="Rule 裁定",
)
def rule_dispute(whose: Ruler, number: DisputeNumber, said: Annotated[Ruling, sent(Ruling)]) -> Response:
    """Rule, as two people who send the same; neither recorded what is contested, nor filed the dispute."""
    return _ruled(whose, number, said)


@act(router, "/service", "serveRuling", "Serve 送达", Act, RecordedBody, on="2026-05-01")
def serve_ruling(whose: Ruler, number: DisputeNumber, said: Annotated[Act, sent(Act)]) -> Response:
    """Say that the ruling reached the resident: the clocks of the remedies start."""
    return _recorded(whose.dispute(number, said.on).serve())


@act(router, "/escalation", "escalateDispute", "Escalate 提交上级复核", Escalating, RecordedBody, to="nb-office")
def escalate_dispute(
    whose: Ruler, number: DisputeNumber, said: Annotated[Escalating, sent(Escalating)]
) -> Response:
    """Have the city look again, with a clock of its own."""
    return _recorded(whose.dispute(number, said.on).escalate(said.to))


@act(
    router,
    "/remedies",
    "recordRemedy",
    "Remedy 复议或诉讼结果",
    Remedying,
    RecordedBody,
    body="court",
    outcome="redo",
)
def record_remedy(whose: Ruler, number: DisputeNumber, said: Annotated[Remedying, sent(Remedying)]) -> Response:
    """Record what another body decided of the ruling."""
    return _recorded(whose.dispute(number, said.on).remedy(said.body, said.outcome, said.document))


def _recorded(receipt: Receipt) -> Response:
    return answered(RecordedBody.of(receipt), receipt)


def _ruled(whose: Contesting, number: str, said: Ruling) -> Response:
    ruling = Said(said.outcome, said.reason, said.department, tuple(said.cites))
    receipt = whose.dispute(number, said.on).rule(ruling)
    return answered(RuledBody.of(receipt), receipt, status=202 if receipt is None else None)
