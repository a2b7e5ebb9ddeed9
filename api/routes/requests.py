"""Rights requests 个人信息权利请求 of a resident: made, withdrawn, answered, refused; the copy."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from api.auth import Operation
from api.bodies.acts import Act
from api.bodies.disputes import RuledBody
from api.bodies.rights import Answering, Asking, Refusing, RequestBody, RequestsBody
from api.bodies.rounds import RecordedBody
from api.contesting import Contesting, contesting, known
from api.office import day_of, hand_of
from api.sending import act, answered, described, sent
from api.wiring import SPOKEN, Reading, StrictRoute, reading
from domain.identifiers import holds_personal_digits
from domain.rights import Asked
from domain.rights.refusals import RequestUnknown
from ledger.entry import Hand, Receipt
from ledger.opening import KEEPER_ORGAN
from projections.office import rights as office

router = APIRouter(
    prefix="/v1/residents/{subject}/requests", tags=["requests"], route_class=StrictRoute, dependencies=SPOKEN
)
ReadingRequests = Annotated[Reading, Depends(reading(Operation.REQUESTS))]
FetchingCopy = Annotated[Reading, Depends(reading(Operation.COPY))]
Requester = Annotated[Contesting, Depends(contesting(Operation.REQUEST))]
Answerer = Annotated[Contesting, Depends(contesting(Operation.ANSWER))]
ZIP = "application/zip"
_BYTES = {"schema": {"type": "string", "format": "binary"}}


def _number(number: Annotated[str, Path(description="the request's number", examples=["R-1"])]) -> str:
    """Read a request's number: one that could be somebody's is none. Raises RequestUnknown."""
    if holds_personal_digits(number) or not number.isascii() or not number.isprintable():
        raise RequestUnknown
    return number


RequestNumber = Annotated[str, Depends(_number)]


@router.get("", operation_id="rightsRequests", summary="Rights requests 权利请求")
def requests(reading: ReadingRequests) -> RequestsBody:
    """List a person's requests with their clocks and answers. Staff say why."""
    return _listed(reading)


@act(router, "", "askRight", "Ask 提出请求", Asking, RecordedBody, request="R-1", right="copy", place="330282")
def ask_right(whose: Requester, said: Annotated[Asking, sent(Asking)]) -> Response:
    """Make a request: the resident their own; an officer at a window, also for a near relative of the deceased."""
    return _recorded(_asked(whose, said))


@router.get("/{number}", operation_id="rightsRequest", summary="Rights request 权利请求")
def request(reading: ReadingRequests, number: RequestNumber) -> RequestBody:
    """Give one request. Staff say why."""
    return _shown(reading, number)


@router.get(
    "/{number}/copy",
    operation_id="fetchCopy",
    summary="Copy 副本",
    response_class=Response,
    responses={
        200: {"content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}, "description": "the copy"}
    },
)
def fetch_copy(reading: FetchingCopy, number: RequestNumber) -> Response:
    """Give a resident the copy of their history as it was handed out, byte for byte."""
    return _copy(reading, number)


@act(router, "/{number}/withdrawal", "withdrawRequest", "Withdraw 撤回", Act, RecordedBody)
def withdraw_request(whose: Requester, number: RequestNumber, said: Annotated[Act, sent(Act)]) -> Response:
    """Take a request back."""
    return _recorded(
        office.withdraw(
            whose.door.office, whose.subject, number, day_of(whose.door, whose.actor, said.on), _hand(whose)
        )
    )


@router.post(
    "/{number}/answer",
    operation_id="answerRequest",
    summary="Answer 答复",
    response_model=RuledBody,
    status_code=201,
    responses={
        200: {"model": RuledBody, "description": "recorded before: the first receipt"},
        202: {"model": RuledBody, "description": "asked for: another person sends the same"},
    },
    openapi_extra=described(Answering, cites=[41, 42]),
)
def answer_request(whose: Answerer, number: RequestNumber, said: Annotated[Answering, sent(Answering)]) -> Response:
    """Do what was asked for: make the copy, name the explanation, cite the corrections; delete as two people."""
    return _answered(whose, number, said)


@act(
    router,
    "/{number}/refusal",
    "refuseRequest",
    "Refuse 拒绝",
    Refusing,
    RecordedBody,
    because="retention",
    reason="保存期限未满",
)
def refuse_request(whose: Answerer, number: RequestNumber, said: Annotated[Refusing, sent(Refusing)]) -> Response:
    """Refuse a request with its reason; the remedy is told with it (PIPL 50)."""
    return _recorded(_refused(whose, number, said))


def _hand(whose: Contesting) -> Hand:
    return hand_of(whose.actor, KEEPER_ORGAN)


def _recorded(receipt: Receipt) -> Response:
    return answered(RecordedBody.of(receipt), receipt)


def _listed(reading: Reading) -> RequestsBody:
    """List them; written down before they are given out. Raises SubjectUnknown."""
    door, subject = known(reading).door, reading.noted().subject
    found = door.office.rights.of(subject)
    return RequestsBody(subject=subject, requests=[RequestBody.of(one, door.today()) for one in found.values()])


def _shown(reading: Reading, number: str) -> RequestBody:
    door, subject = known(reading).door, reading.noted().subject
    found = door.office.rights.of(subject).get(number)
    if found is None:
        raise RequestUnknown
    return RequestBody.of(found, door.today())


def _copy(reading: Reading, number: str) -> Response:
    found = office.copied_again(known(reading).door.office, reading.subject, number)
    told = {"Content-Disposition": f'attachment; filename="copy-{number}.zip"', "Cache-Control": "no-store"}
    return Response(found.content, headers=told, media_type=ZIP)


def _asked(whose: Contesting, said: Asking) -> Receipt:
    asked = Asked(said.request, said.place, said.right, said.versions, said.statement)
    relative = None if whose.actor.subject is not None else said.relative
    day = day_of(whose.door, whose.actor, said.on)
    return office.ask(whose.door.office, whose.subject, asked, day, _hand(whose), relative)


def _answered(whose: Contesting, number: str, said: Answering) -> Response:
    told = office.Answer(
        number, day_of(whose.door, whose.actor, said.on), _hand(whose), tuple(said.cites), said.reason
    )
    receipt = office.answer(whose.door.office, whose.subject, told)
    return answered(RuledBody.of(receipt), receipt, status=202 if receipt is None else None)


def _refused(whose: Contesting, number: str, said: Refusing) -> Receipt:
    day = day_of(whose.door, whose.actor, said.on)
    return office.refuse(whose.door.office, whose.subject, number, day, _hand(whose), said.because, said.reason)
