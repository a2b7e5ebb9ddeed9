"""The year's assessment 年度申评: opened, joined, claimed, examined by two, certified; what waits; one's year."""

from datetime import date
from typing import Annotated, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response

from api import coordinates
from api.auth import Actor, Role
from api.bodies.assessments import (
    AssessmentBody,
    CertifiedBody,
    Certifying,
    ClaimedBody,
    Claiming,
    Examination,
    ExaminedBody,
    Joining,
    YearBody,
    YearOpening,
)
from api.bodies.rounds import RecordedBody
from api.door import Door
from api.office import day_of, hand_of, looked, may_act
from api.problems import Fault, Faulty
from api.refusals import ParametersInvalid
from api.sending import act, answered, described, sent
from api.wiring import (
    SPOKEN,
    Applying,
    Assessing,
    Number,
    OfSubject,
    PurposeSaid,
    ReaderOfApplications,
    ReaderOfOne,
    StrictRoute,
    UsingDoor,
    why,
)
from domain.assessment import answer_by
from domain.errors import SubjectUnknown
from domain.facts import AssessmentOpened, ClaimFiled
from ledger.calendars import CHINA, read_calendar
from ledger.entry import Hand, Receipt
from ledger.opening import KEEPER_ORGAN
from ledger.rounds.refusals import AssessmentOfAnother
from projections.office import assessing

router = APIRouter(prefix="/v1/assessments", tags=["assessments"], route_class=StrictRoute, dependencies=SPOKEN)
_EXAMPLE = "7c2a9d7e-6f0b-4c1f-9d59-0f0d5a3c2b11"


class Assessed(NamedTuple):
    """A year of a place."""

    place: str
    year: int


def _place(place: Annotated[str, Path(description="division code 辖区", examples=["330282"])]) -> str:
    """Read the place. Raises BadCoordinate."""
    return coordinates.place_code(place)


OfPlace = Annotated[str, Depends(_place)]
OfYear = Annotated[int, Path(ge=2000, le=2199, description="年度", examples=[2026])]


@act(
    router,
    "",
    "openAssessment",
    "Open 开启",
    YearOpening,
    RecordedBody,
    place="330282",
    year=2026,
    opens_on="2026-03-01",
    closes_on="2026-03-31",
    counted_on="2026-03-31",
)
def open_assessment(actor: Assessing, door: UsingDoor, said: Annotated[YearOpening, sent(YearOpening)]) -> Response:
    """Open a year in a place where the organ is granted `assessment-opened`. The same again gives the receipt."""
    return answered(RecordedBody.of(receipt := _opened(door, actor, said)), receipt)


@router.get("/{place}/{year}", operation_id="assessment", summary="Assessment 年度申评")
def assessment(actor: ReaderOfApplications, door: UsingDoor, place: OfPlace, year: OfYear) -> AssessmentBody:
    """Count who takes part and who is certified, and list the claims that wait, those due first."""
    return AssessmentBody.of(_shown(door, actor, Assessed(place, year)))


@act(
    router, "/{place}/{year}/participations", "joinAssessment", "Join 参加", Joining, RecordedBody, subject=_EXAMPLE
)
def join_assessment(
    actor: Applying, door: UsingDoor, place: OfPlace, year: OfYear, said: Annotated[Joining, sent(Joining)]
) -> Response:
    """Take part in a year's assessment."""
    return answered(RecordedBody.of(receipt := _joined(door, actor, Assessed(place, year), said)), receipt)


@act(
    router,
    "/{place}/{year}/claims",
    "fileClaim",
    "Claim 积分申请、复核申请",
    Claiming,
    ClaimedBody,
    claim="C-1",
    item="cx.individual/granted",
    subject=_EXAMPLE,
)
def file_claim(
    actor: Applying, door: UsingDoor, place: OfPlace, year: OfYear, said: Annotated[Claiming, sent(Claiming)]
) -> Response:
    """Claim a new item with evidence, or have an automatic one looked at again; who files takes part."""
    return _claimed(door, actor, Assessed(place, year), said)


@router.get(
    "/{place}/{year}/residents/{subject}", operation_id="assessmentYear", summary="A resident's year 本人年度"
)
def assessment_year(
    actor: ReaderOfOne,
    door: UsingDoor,
    place: OfPlace,
    year: OfYear,
    subject: OfSubject,
    purpose: PurposeSaid = None,
) -> YearBody:
    """Give a resident's year: whether they take part, their claims with their days, and the certified score."""
    return _year(door, actor, Assessed(place, year), subject, why(actor, purpose))


@router.post(
    "/{place}/{year}/residents/{subject}/claims/{number}/answer",
    operation_id="answerClaim",
    summary="Answer 答复",
    response_model=ExaminedBody,
    status_code=201,
    responses={
        200: {"model": ExaminedBody, "description": "recorded before: the first receipt"},
        202: {"model": ExaminedBody, "description": "examined by one: another person sends the same"},
    },
    openapi_extra=described(Examination, answer="granted", points="7.5"),
)
def answer_claim(
    actor: Assessing,
    door: UsingDoor,
    place: OfPlace,
    year: OfYear,
    subject: OfSubject,
    number: Number,
    said: Annotated[Examination, sent(Examination)],
) -> Response:
    """Grant, refuse or return a claim. A new item is granted by two examiners, 初审 and 复审, who send the same."""
    return _examined(door, actor, Assessed(place, year), subject, number, said)


@act(
    router,
    "/{place}/{year}/residents/{subject}/certificate",
    "certifyScore",
    "Certify 核定",
    Certifying,
    CertifiedBody,
    valid_to="2027-04-01",
)
def certify_score(
    actor: Assessing,
    door: UsingDoor,
    place: OfPlace,
    year: OfYear,
    subject: OfSubject,
    said: Annotated[Certifying, sent(Certifying)],
) -> Response:
    """Certify the score of the counting day as it is known now; certified again, the later one counts."""
    return _certified(door, actor, Assessed(place, year), subject, said)


def _running(door: Door, actor: Actor, of: Assessed) -> Hand:
    """Let the organ that opened the year act, or an officer for it.

    Raises AssessmentUnknown, AssessmentOfAnother.
    """
    organ = door.office.assessments.organ(of.place, of.year)
    if actor.role is Role.ORGAN and actor.name != organ:
        raise AssessmentOfAnother
    return hand_of(actor, organ)


def _opened(door: Door, actor: Actor, said: YearOpening) -> Receipt:
    fact = AssessmentOpened(**said.model_dump())
    if actor.role is Role.OFFICER:
        return door.office.assessments.open(fact, hand_of(actor, KEEPER_ORGAN))
    may_act(door, actor, fact.kind_name(), fact.place, door.today())
    return door.office.assessments.open(fact, hand_of(actor, actor.name))


def _whom(actor: Actor, said: UUID | None) -> UUID:
    """Name who takes part: the resident who asks, or whom the organ names. Raises Faulty."""
    own = actor.subject if actor.role is Role.RESIDENT else None
    if own is not None and said not in (None, own):
        raise Faulty(ParametersInvalid(), [Fault(where="body.subject", code="own-only")])
    subject = own or said
    if subject is None:
        raise Faulty(ParametersInvalid(), [Fault(where="body.subject", code="missing")])
    return subject


def _joined(door: Door, actor: Actor, of: Assessed, said: Joining) -> Receipt:
    hand, subject = _running(door, actor, of), _whom(actor, said.subject)
    return door.office.assessments.join(of.place, of.year, subject, day_of(door, actor, said.on), hand)


def _claimed(door: Door, actor: Actor, of: Assessed, said: Claiming) -> Response:
    hand, subject, day = _running(door, actor, of), _whom(actor, said.subject), day_of(door, actor, said.on)
    told = said.model_dump(exclude={"subject", "on"})
    fact = ClaimFiled(year=of.year, place=of.place, filed_on=day, **told)
    assessments = door.office.assessments
    receipt = assessments.claim(of.place, of.year, subject, fact, hand)
    opened = assessments.current(of.place, of.year)
    filed = assessments.of(subject, of.place, of.year).claims[said.claim]
    due = answer_by(opened, filed, read_calendar(CHINA)).isoformat()
    return answered(ClaimedBody(**RecordedBody.of(receipt).model_dump(), answer_by=due), receipt)


def _examined(door: Door, actor: Actor, of: Assessed, subject: UUID, number: str, said: Examination) -> Response:
    hand, day = _running(door, actor, of), day_of(door, actor, said.on)
    receipt = assessing.answer(door.office, of.place, of.year, subject, number, said.reply(), day, hand)
    told = ExaminedBody(recorded=receipt is not None, position=None if receipt is None else receipt.position)
    return answered(told, receipt, 202 if receipt is None else None)


def _certified(door: Door, actor: Actor, of: Assessed, subject: UUID, said: Certifying) -> Response:
    hand, day = _running(door, actor, of), day_of(door, actor, said.on)
    [told] = assessing.certify(door.office, of.place, of.year, [subject], day, hand, said.valid_to)
    if isinstance(told, assessing.Left):
        raise told.why
    return answered(CertifiedBody(**RecordedBody.of(told.receipt).model_dump(), points=told.points), told.receipt)


def _shown(door: Door, actor: Actor, of: Assessed, subject: UUID | None = None) -> assessing.Shown:
    if actor.role is not Role.RESIDENT and actor.role is not Role.AUDITOR:
        _running(door, actor, of)
    today: date = door.today()
    return assessing.shown(door.office, of.place, of.year, today, read_calendar(CHINA), subject)


def _year(door: Door, actor: Actor, of: Assessed, subject: UUID, purpose: str | None) -> YearBody:
    if actor.role is Role.RESIDENT and actor.subject != subject:
        raise SubjectUnknown
    looked(door, actor, purpose, subject)
    return YearBody.of(_shown(door, actor, of, subject), subject)
