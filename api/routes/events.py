"""Events go in; receipts come out."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.responses import PlainTextResponse

from api.bodies.events import BatchBody, ReceiptBody, VerdictBody
from api.cloudevents import BATCH, JSON, STRUCTURED, Delivered, delivered
from api.door import Door
from api.intake import Taken
from api.problems import Faulty, fault
from api.proving import proof_of
from api.refusals import EventInvalid
from api.wiring import SPOKEN, AppendingOrgan, ReceivingOrgan, StrictRoute, UsingDoor
from domain.errors import EntryUnknown, OrganNotCompetent, Refusal, RequestConflict, SubjectErased
from ledger.entry import Receipt
from ledger.ingest.again import AGAIN_MAX
from ledger.ingest.verdicts import Code, Outcome

router = APIRouter(prefix="/v1", tags=["events"], route_class=StrictRoute, dependencies=SPOKEN)
_REFUSALS: dict[Code, type[Refusal]] = {
    Code.KIND_OUTSIDE_GRANTS: OrganNotCompetent,
    Code.PLACE_OUTSIDE_GRANTS: OrganNotCompetent,
    Code.OTHER_ORGAN: OrganNotCompetent,
    Code.OTHER_CONTENT: RequestConflict,
    Code.PERSON_ERASED: SubjectErased,
}
_STATUS = {Outcome.ACCEPTED: 201, Outcome.DUPLICATE: 200, Outcome.HELD: 202}


async def _body(request: Request, _: AppendingOrgan) -> bytes:
    """Read the body, once it is known who sends it."""
    return await request.body()


def _delivered(request: Request, body: Annotated[bytes, Depends(_body)]) -> Delivered:
    return delivered(request.headers.items(), body)


Sent = Annotated[Delivered, Depends(_delivered)]

_EXAMPLE: dict[str, Any] = {
    "specversion": "1.0",
    "type": "insurance-month-paid.v1",
    "source": "/nb-hrss/pension",
    "id": "2025-03/000017",
    "subject": "7c2a9d7e-6f0b-4c1f-9d59-0f0d5a3c2b11",
    "time": "2025-04-02T09:30:00+08:00",
    "data": {"month": "2025-03", "place": "330212", "insurance": "pension"},
}
_EVENT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["specversion", "type", "source", "id", "data"],
    "properties": {
        "specversion": {"const": "1.0"},
        "type": {"type": "string", "description": "the kind, with its version"},
        "source": {"type": "string", "maxLength": 200, "description": "the space of the sender's ids"},
        "id": {
            "type": "string",
            "maxLength": 120,
            "description": "the sender's own id: the same fact, the same id",
        },
        "subject": {"type": "string", "format": "uuid", "description": "the resident, unless data.person is given"},
        "time": {"type": "string", "format": "date-time", "description": "informative: the source's clock"},
        "refersto": {"type": "string", "description": "the id of the event that a void or a correction names"},
        "legalbasis": {"type": "string", "description": "required of restricted facts"},
        "again": {
            "type": "integer",
            "minimum": 0,
            "maximum": AGAIN_MAX,
            "description": "a fact that was voided comes back: its n-th return at most; part of its name",
        },
        "data": {
            "type": "object",
            "description": "the fields of the kind (/v1/kinds/{kind}/schema); `person` where no subject is given",
            "properties": {
                "person": {
                    "type": "object",
                    "required": ["document_number"],
                    "properties": {
                        "document_type": {"type": "string"},
                        "document_number": {"type": "string"},
                        "name": {"type": "string"},
                    },
                }
            },
        },
    },
}
_REQUEST = {
    "requestBody": {
        "required": True,
        "content": {
            STRUCTURED: {"schema": _EVENT_SCHEMA, "example": _EXAMPLE},
            BATCH: {"schema": {"type": "array", "items": _EVENT_SCHEMA, "maxItems": 10_000}, "example": [_EXAMPLE]},
            JSON: {
                "schema": {"type": "object", "description": "`data` alone; the attributes in ce- headers"},
                "example": _EXAMPLE["data"],
            },
        },
    }
}


@router.post(
    "/events",
    operation_id="appendEvents",
    response_model=ReceiptBody | BatchBody,
    responses={
        200: {"description": "recorded before: the first receipt; or the verdicts of a batch"},
        201: {"model": ReceiptBody, "description": "recorded"},
        202: {"model": VerdictBody, "description": "身份待确认: kept until a person says whose it is"},
    },
    openapi_extra=_REQUEST,
    summary="Append events 记账",
)
def append_events(organ: AppendingOrgan, door: UsingDoor, sent: Sent) -> Response:
    """Append one CloudEvent, or a batch with a verdict for each. The same again gives the first receipt."""
    return _told(door.intake.take(organ.name, organ.id, sent.events), batch=sent.batch)


@router.get("/receipts", operation_id="receipt", summary="Receipt of an event 回执")
def receipt(
    organ: ReceivingOrgan,
    door: UsingDoor,
    source: Annotated[str, Query(max_length=200, examples=["/nb-hrss/pension"])],
    id: Annotated[str, Query(max_length=120, examples=["2025-03/000017"])],  # noqa: A002 - CloudEvents' own word
    again: Annotated[int, Query(ge=0, le=AGAIN_MAX, description="as the event said")] = 0,
) -> ReceiptBody:
    """Give the receipt of an event that this organ sent."""
    return _receipt(door.intake.receipt(organ.name, source, id, again))


@router.get(
    "/receipts/proof",
    operation_id="receiptProof",
    summary="Proof of an event 存证回执",
    response_class=PlainTextResponse,
)
def receipt_proof(
    organ: ReceivingOrgan,
    door: UsingDoor,
    source: Annotated[str, Query(max_length=200, examples=["/nb-hrss/pension"])],
    id: Annotated[str, Query(max_length=120, examples=["2025-03/000017"])],  # noqa: A002 - CloudEvents' own word
    again: Annotated[int, Query(ge=0, le=AGAIN_MAX, description="as the event said")] = 0,
) -> Response:
    """Give the proof that an event of this organ's is in the log, with its header: a C2SP tlog-proof."""
    return _proof(door, door.intake.receipt(organ.name, source, id, again))


def _proof(door: Door, found: Receipt | None) -> Response:
    """Write the proof. Raises EntryUnknown, NotInLog where the log has not signed that far."""
    if found is None:
        raise EntryUnknown
    return proof_of(door, found.position)


def _told(taken: list[Taken], *, batch: bool) -> Response:
    """Tell a batch its verdicts, and a single event its receipt. Raises Faulty for a single one that is refused."""
    if batch:
        return Response(BatchBody.of(taken).model_dump_json(), media_type="application/json")
    [one] = taken
    status = _STATUS.get(one.outcome)
    if one.finding is not None and status is None:
        raise Faulty(_REFUSALS.get(one.finding.code, EventInvalid)(), [fault(one.finding)])
    verdict = VerdictBody.of(one)
    body = verdict if verdict.receipt is None else verdict.receipt
    return Response(body.model_dump_json(), status or 200, media_type="application/json")


def _receipt(found: Receipt | None) -> ReceiptBody:
    if found is None:
        raise EntryUnknown
    return ReceiptBody.of(found, duplicate=True)
