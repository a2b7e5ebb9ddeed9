"""What anybody may check: a statement by its number, and what a resident has authorised, once by its code."""

from typing import Annotated

from fastapi import APIRouter, Response

from api.bodies.statements import AnsweredBody, Asking, StatementBody
from api.door import Door
from api.papers.issuing import answer_of, reading_of
from api.sending import answered, described, sent
from api.stating import StatementNumber, known, scored, statements
from api.wiring import SPOKEN, StrictRoute, UsingDoor
from domain.notation import e4_text
from ledger.entry import Hand
from ledger.opening import KEEPER_ORGAN
from ledger.statements import CodeExpired

router = APIRouter(prefix="/v1", tags=["statements"], route_class=StrictRoute, dependencies=SPOKEN)
_ANSWERER = "system:statements"


@router.get("/statements/{number}", operation_id="checkStatement", summary="Check a statement 核对证明")
def check_statement(door: UsingDoor, number: StatementNumber) -> StatementBody:
    """Say what a statement says, to whoever has its number. Open to everybody; whose it is, nobody is told."""
    fact, entry = known(door, number)
    return StatementBody.of(fact, entry.position or 0, valid=fact.issued_on <= door.today() < fact.valid_to)


@router.post(
    "/answers",
    operation_id="answerQuestion",
    summary="The one answer 核验答复",
    response_model=AnsweredBody,
    openapi_extra=described(Asking, code="QH3Z-K5T7-XW2A-BCDE-FGHI-JKLM"),
)
def answer_question(door: UsingDoor, said: Annotated[Asking, sent(Asking)]) -> Response:
    """Answer once what a resident has authorised: yes or no, to whoever has the code; the resident sees it."""
    return _answered(door, said.code)


def _answered(door: Door, code: str) -> Response:
    kept, today = statements(door), door.today()
    subject, asked = kept.asked(code)
    if today >= asked.expires_on:
        raise CodeExpired
    found = scored(door, subject, asked.place)
    fact = answer_of(asked, found, today)
    door.staff.note(*reading_of(asked), subject)
    # If we stop after this line the code is spent and nobody was told: the resident authorises another.
    kept.answer(subject, fact, Hand(_ANSWERER, KEEPER_ORGAN, "api", source_class="manual"))
    body = AnsweredBody(
        place=asked.place, at_least=e4_text(asked.at_least_e4), met=fact.met, as_of=today.isoformat()
    )
    return answered(body)
