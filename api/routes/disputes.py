"""Disputes 异议 of a resident: opened, with evidence, withdrawn, looked at, supposed upheld; human reviews."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from fastapi.responses import PlainTextResponse

from api.auth import Role
from api.bodies.acts import Act
from api.bodies.contentions import Contention, Evidence, ReviewAsked, ReviewFound
from api.bodies.disputes import DisputeBody, DisputesBody, PreviewBody, ReviewBody
from api.bodies.rounds import RecordedBody
from api.contesting import (
    Contesting,
    Disputant,
    DisputeNumber,
    ReadingDisputes,
    ReadingPreview,
    Ruler,
    dispute_for,
    known,
    seen_by,
)
from api.proving import proof_of
from api.sending import act, answered, sent
from api.wiring import SPOKEN, Reading, StrictRoute
from domain.dispute.refusals import DisputeUnknown
from domain.errors import EntryUnknown
from ledger.calendars import CHINA, read_calendar
from ledger.entry import Receipt
from projections.office import contested
from projections.office.previews import preview

router = APIRouter(
    prefix="/v1/residents/{subject}", tags=["disputes"], route_class=StrictRoute, dependencies=SPOKEN
)
Hash = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="the decision's hash", examples=["5c" * 32])]
At = Annotated[int, Path(ge=1, lt=2**63, description="where the act stands: a position of `steps`")]
_DIGEST, _DAY = "5c" * 32, "2026-05-01"


@router.get("/disputes", operation_id="disputes", summary="Disputes 异议")
def disputes(reading: ReadingDisputes) -> DisputesBody:
    """List a person's disputes and human reviews; an organ sees those in which it was asked. Staff say why."""
    return _listed(reading)


@act(
    router,
    "/disputes",
    "openDispute",
    "Open 提出异议",
    Contention,
    RecordedBody,
    dispute="D-1",
    item="zj.common/insurance",
    place="330282",
    says="no-data",
    year=2025,
    months=["2023-11", "2023-12"],
)
def open_dispute(whose: Disputant, said: Annotated[Contention, sent(Contention)]) -> Response:
    """Contest an item of a certified score or of a decision: the resident their own, an officer at a window."""
    return _recorded(_opened(whose, said))


@router.get("/disputes/{number}", operation_id="dispute", summary="Dispute 异议")
def dispute(reading: ReadingDisputes, number: DisputeNumber) -> DisputeBody:
    """Give a dispute with both waits, the ruling with its written reasons, and the remedies. Staff say why."""
    return _shown(reading, number)


@router.get("/disputes/{number}/preview", operation_id="previewDispute", summary="If it were upheld 试算")
def preview_dispute(reading: ReadingPreview, number: DisputeNumber) -> PreviewBody:
    """Suppose that the months claimed were paid: score, contested result, places in a ranking that stays."""
    return _supposed(reading, number)


@router.get(
    "/disputes/{number}/receipts/{position}",
    operation_id="disputeReceipt",
    summary="Receipt of an act 回执",
    response_class=PlainTextResponse,
)
def dispute_receipt(reading: ReadingDisputes, number: DisputeNumber, position: At) -> Response:
    """Give the proof that an act of a dispute is in the log: a C2SP tlog-proof, which `points verify` checks."""
    return _receipt(reading, number, position)


@act(
    router,
    "/disputes/{number}/evidence",
    "addEvidence",
    "Evidence 补充证据",
    Evidence,
    RecordedBody,
    digest=_DIGEST,
    media_type="application/pdf",
    size=20_480,
)
def add_evidence(whose: Disputant, number: DisputeNumber, said: Annotated[Evidence, sent(Evidence)]) -> Response:
    """Record a document by its digest, type and size; the document itself is kept by whoever brings it."""
    return _recorded(whose.dispute(number, said.on).bring(said.digest, said.media_type, said.size))


@act(router, "/disputes/{number}/withdrawal", "withdrawDispute", "Withdraw 撤回", Act, RecordedBody)
def withdraw_dispute(whose: Disputant, number: DisputeNumber, said: Annotated[Act, sent(Act)]) -> Response:
    """Take a dispute back."""
    return _recorded(whose.dispute(number, said.on).withdraw())


@act(
    router,
    "/reviews",
    "askReview",
    "Ask for review 请求复核",
    ReviewAsked,
    RecordedBody,
    decision=_DIGEST,
)
def ask_review(whose: Disputant, said: Annotated[ReviewAsked, sent(ReviewAsked)]) -> Response:
    """Refuse a decision that only a program made (PIPL 24)."""
    return _recorded(whose.review(said.decision, said.on).ask())


@act(
    router,
    "/reviews/{decision}",
    "recordReview",
    "Human review 人工复核",
    ReviewFound,
    RecordedBody,
    outcome="upheld",
    reason="经人工核对无误",
    on=_DAY,
)
def record_review(whose: Ruler, decision: Hash, said: Annotated[ReviewFound, sent(ReviewFound)]) -> Response:
    """Record what somebody found who looked at the decision."""
    return _recorded(whose.review(decision, said.on).find(said.outcome, said.reason))


def _recorded(receipt: Receipt) -> Response:
    return answered(RecordedBody.of(receipt), receipt)


def _opened(whose: Contesting, said: Contention) -> Receipt:
    told = said.model_dump(include={"says", "year", "decision", "months", "employer", "statement"})
    return whose.dispute(said.dispute, said.on).open(said.place, said.item, **told)


def _listed(reading: Reading) -> DisputesBody:
    """List what the reader may see; written down before it is given out. Raises SubjectUnknown."""
    door, actor, subject = known(reading).door, reading.actor, reading.subject
    mine = seen_by(actor, door.office.disputes.of(subject))
    found = contested.listed(mine, door.today(), read_calendar(CHINA))
    reviews = [] if actor.role is Role.ORGAN else contested.reviews(door.office, subject)
    reading.noted()
    return DisputesBody(
        subject=subject,
        disputes=[DisputeBody.of(one, by_auditor=actor.role is Role.AUDITOR) for one in found],
        reviews=[ReviewBody.model_validate(one) for one in reviews],
    )


def _shown(reading: Reading, number: str) -> DisputeBody:
    door, actor, subject = reading.door, reading.actor, reading.subject
    one = dispute_for(door, actor, subject, number)
    seen = contested.seen(door.office, subject, number, one, door.today(), read_calendar(CHINA))
    reading.noted()
    return DisputeBody.of(seen, by_auditor=actor.role is Role.AUDITOR)


def _receipt(reading: Reading, number: str, position: int) -> Response:
    """Prove one act. Raises EntryUnknown, NotInLog, DisputeUnknown."""
    door, subject = reading.door, reading.subject
    dispute_for(door, reading.actor, subject, number)
    if position not in {step.position for step in contested.steps(door.office, subject, number)}:
        raise EntryUnknown
    told = proof_of(door, position)
    reading.noted()
    return told


def _supposed(reading: Reading, number: str) -> PreviewBody:
    """Suppose that it were upheld; who else would move is the office's to know. Raises DisputeUnknown."""
    door, actor, subject = reading.door, reading.actor, reading.subject
    filed = dispute_for(door, actor, subject, number).filed
    if filed is None:
        raise DisputeUnknown
    supposed = preview(door.office, subject, filed, door.today())
    reading.noted()
    return PreviewBody.of(supposed, of_others=actor.role is not Role.RESIDENT)
