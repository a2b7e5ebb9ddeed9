"""What residents show to others: statements 积分证明 and questions answered once 授权核验."""

from threading import BoundedSemaphore
from typing import Annotated, Any

from fastapi import APIRouter, Response

from api import clock, composition, coordinates
from api.bodies.statements import AuthorisedBody, Authorising, StatementBody, Stating
from api.door import Door
from api.office import hand_of
from api.papers.issuing import question_of, statement_of, threshold_e4
from api.papers.statement import statement_pdf
from api.refusals import Overloaded
from api.sending import act, answered, sent
from api.stating import StatementNumber, known, scored, statements
from api.wiring import SPOKEN, Reading, StatingResident, StrictRoute, UsingDoor
from domain.errors import NotInLog, SubjectErased
from domain.facts import IdentityMinted
from ledger.evidence.proving import receipt_of
from ledger.opening import KEEPER_ORGAN
from ledger.said import said_of
from ledger.statements import StatementUnknown, document_of
from ledger.transparency.log import NotInTheLog

router = APIRouter(
    prefix="/v1/residents/{subject}", tags=["statements"], route_class=StrictRoute, dependencies=SPOKEN
)
_SET_AT_ONCE, _WAIT_SECONDS = 2, 10.0
_setting = BoundedSemaphore(_SET_AT_ONCE)
"""Setting a page takes a processor for a while: so many at a time."""
_PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}, "description": "the statement"}}


@act(
    router,
    "/statements",
    "issueStatement",
    "A statement 积分证明",
    Stating,
    StatementBody,
    place="330212",
    days=30,
)
def issue_statement(whose: StatingResident, door: UsingDoor, said: Annotated[Stating, sent(Stating)]) -> Response:
    """Have a statement of today's points issued. Sent again, it is another statement."""
    return _issued(door, whose, said)


@router.get(
    "/statements/{number}",
    operation_id="printStatement",
    summary="On paper 打印",
    response_class=Response,
    responses=_PDF,
)
def print_statement(whose: StatingResident, door: UsingDoor, number: StatementNumber) -> Response:
    """Give a statement of one's own as PDF, with its receipt, once the log has signed it."""
    return _printed(door, whose, number)


@act(
    router,
    "/authorisations",
    "authoriseQuestion",
    "Let somebody ask once 授权核验",
    Authorising,
    AuthorisedBody,
    party="某银行",
    at_least="60",
    place="330212",
)
def authorise_question(
    whose: StatingResident, door: UsingDoor, said: Annotated[Authorising, sent(Authorising)]
) -> Response:
    """Let somebody ask one question once. The code is shown now and never again; sent again, it is another."""
    return _authorised(door, whose, said)


def _issued(door: Door, whose: Reading, said: Stating) -> Response:
    found = scored(door, whose.subject, said.place)
    document = document_of(said_of(door.desk.ledger, found.subject, [IdentityMinted.kind_name()]))
    if document is None:
        raise SubjectErased
    fact = statement_of(found, document, door.today(), said.days, composition.random_bytes)
    receipt = statements(door).issue(found.subject, fact, hand_of(whose.actor, KEEPER_ORGAN))
    return answered(StatementBody.of(fact, receipt.position, valid=True), receipt)


def _printed(door: Door, whose: Reading, number: str) -> Response:
    fact, entry = known(door, number)
    now = door.office.knowing.ask(lambda _, snapshot: snapshot.now(whose.subject))
    if entry.originator_id not in (whose.subject, now):
        raise StatementUnknown
    mapper, position = door.desk.ledger.entry_mapper, entry.position or 0
    try:
        proof = door.log.ask(lambda reader: receipt_of(reader, position, None, mapper))
    except NotInTheLog:
        raise NotInLog from None
    if not _setting.acquire(timeout=_WAIT_SECONDS):
        raise Overloaded
    try:
        content = statement_pdf(fact, proof, "", clock.midnight(fact.issued_on))
    finally:
        _setting.release()
    return Response(content, media_type="application/pdf")


def _authorised(door: Door, whose: Reading, said: Authorising) -> Response:
    place = coordinates.place_code(said.place)
    subject = scored(door, whose.subject, place).subject  # nobody lets others ask about whom nobody knows
    code, fact = question_of(
        said.party, place, threshold_e4(said.at_least), door.today(), said.days, composition.random_bytes
    )
    receipt = statements(door).authorise(subject, fact, hand_of(whose.actor, KEEPER_ORGAN))
    return answered(AuthorisedBody.of(code, fact, receipt.position), receipt)
