"""A person's history, entry by entry, and who looked at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, cast
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.responses import PlainTextResponse

from api.auth import Role
from api.bodies.audits import TraceBody
from api.bodies.histories import EntryBody, HistoryBody, ReadersBody, Sight
from api.refusals import ReadUnknown
from api.wiring import (
    SPOKEN,
    AsAt,
    AtCoordinates,
    Coordinates,
    KnownAt,
    Reading,
    ReadingHistory,
    ReadingReaders,
    Spoken,
    StrictRoute,
)
from domain.errors import Language, NotInLog, SubjectUnknown
from domain.facts import FactCorrected, FactVoided
from domain.facts.correction import VoidReason
from ledger.entry import StoredEntry
from ledger.evidence.looks import read_receipt
from ledger.history import READS_MAX
from ledger.mapper import EntryMapper
from ledger.reads import READS
from ledger.recorder import EntryRecorder
from ledger.transparency.log import NotInTheLog
from projections.changes import When

NDJSON = "application/x-ndjson"
_VOIDS = {FactVoided.topic(), FactCorrected.topic()}
_HIDDEN_FROM: dict[bool, VoidReason] = {True: "sealed-by-law", False: "wrong-person"}
"""Voids that hide content: from staff (True) what the law has sealed, from a person what is another's."""

router = APIRouter(
    prefix="/v1/residents/{subject}", tags=["histories"], route_class=StrictRoute, dependencies=SPOKEN
)

After = Annotated[int, Query(ge=0, lt=2**63, description="go on after this version: the cursor of `next`")]
Limit = Annotated[int, Query(ge=1, le=500, description="entries of a page")]
Before = Annotated[int | None, Query(ge=1, lt=2**63, description="go on before this read: the cursor of `next`")]


@dataclass(frozen=True, slots=True)
class _Page:
    """What part of a history is asked for."""

    after: int
    limit: int
    known: int | datetime | None
    as_at: str | None


@router.get(
    "/history",
    operation_id="history",
    response_model=HistoryBody,
    responses={200: {"content": {NDJSON: {"schema": {"type": "string"}}}, "description": "one entry a line"}},
    summary="History 历史",
)
def history(
    request: Request,
    reading: ReadingHistory,
    known: KnownAt,
    as_at: AsAt = None,
    after: After = 0,
    limit: Limit = 100,
) -> Response:
    """Give everything that is recorded of a person, oldest first; voided entries stay."""
    return _written(request, _read(reading, _Page(after, limit, known, as_at)))


@router.get("/trace", operation_id="trace", summary="Trace 追溯")
def trace(reading: ReadingHistory, at: AtCoordinates) -> TraceBody:
    """Give every entry of a person: when it was true and recorded, who sent it, and what it did to the score."""
    return _traced(reading, at)


@router.get("/readers", operation_id="readers", summary="Who looked 谁看过")
def readers(
    reading: ReadingReaders,
    language: Spoken,
    before: Before = None,
    limit: Annotated[int, Query(ge=1, le=READS_MAX, description="reads of a page")] = 100,
) -> ReadersBody:
    """Give who on duty read about the person, when and why, the latest first; what is deferred is counted."""
    return _readers(reading, language, before, limit)


@router.get(
    "/readers/{nth}/receipt",
    operation_id="readReceipt",
    summary="Receipt of a look 查询回执",
    response_class=PlainTextResponse,
)
def receipt_of_read(
    reading: ReadingReaders, nth: Annotated[int, Path(ge=1, lt=2**63, description="as `readers` counts")]
) -> Response:
    """Give the proof that a look is in the log of reads: a tlog-proof; `points verify` checks it offline."""
    return _read_receipt(reading, nth)


def _traced(reading: Reading, at: Coordinates) -> TraceBody:
    subject, when = reading.noted().subject, When(at.as_of, at.as_at)
    found = reading.door.answering.ask(lambda answers: answers.trace(subject, when, at.place, at.use))
    reading.noted(of=found.subject)
    return TraceBody.of(found)


def _read(reading: Reading, page: _Page) -> HistoryBody:
    """Read one page. Raises SubjectUnknown."""
    stored = _stored(reading)
    known = [entry for entry in stored if _is_known(entry, page.known)]
    if not known:
        raise SubjectUnknown
    reading.door.desk.keys.prepare([reading.subject])
    mapper = reading.door.desk.ledger.entry_mapper
    voided = {target for target, _ in _voids(known, mapper)}
    # Whatever is known by now: content that may not be seen is not seen by asking for an earlier day either.
    hidden = {target for target, reason in _voids(stored, mapper) if reason == _HIDDEN_FROM[reading.by_staff]}
    rest = [entry for entry in known if entry.originator_version > page.after]
    shown, more = rest[: page.limit], len(rest) > page.limit
    return HistoryBody(
        subject=reading.subject,
        entries=[
            EntryBody.of(
                mapper.to_domain_event(entry),
                entry.topic,
                voided=entry.originator_version in voided,
                sight=_sight(reading, hidden=entry.originator_version in hidden),
            )
            for entry in shown
        ],
        next=_next(reading, page, shown[-1].originator_version) if more else None,
    )


def _voids(entries: Sequence[StoredEntry], mapper: EntryMapper) -> list[tuple[int, str | None]]:
    """Give the version that each void or correction names, and its reason; None where it opens no more."""
    found: list[tuple[int, str | None]] = []
    for entry in entries:
        if entry.topic in _VOIDS and entry.hand.refers_to is not None:
            fact = mapper.opened(entry)
            reason = fact.reason if isinstance(fact, FactVoided | FactCorrected) else None
            found.append((entry.hand.refers_to.version, reason))
    return found


def _sight(reading: Reading, *, hidden: bool) -> Sight:
    if hidden:
        return Sight.NOTHING
    return Sight.WITHOUT_WHO if reading.by_staff else Sight.ALL


def _stored(reading: Reading) -> Sequence[StoredEntry]:
    """Read a stream: a person their own, staff in the one way that is written down."""
    if reading.purpose is not None:
        staff, though = reading.door.staff, reading.actor.role is Role.AUDITOR
        return staff.history(reading.subject, reading.actor.id, reading.purpose, though_restricted=though)
    recorder = cast("EntryRecorder", reading.door.desk.ledger.recorder)
    return recorder.select_events(reading.subject)


def _is_known(entry: StoredEntry, known: int | datetime | None) -> bool:
    if known is None or entry.position is None or entry.recorded_at is None:
        return True
    return entry.recorded_at <= known if isinstance(known, datetime) else entry.position <= known


def _next(reading: Reading, page: _Page, last: int) -> str:
    asked = {"after": last, "limit": page.limit} | ({} if page.as_at is None else {"as_at": page.as_at})
    return f"/v1/residents/{reading.subject}/history?{urlencode(asked)}"


def _written(request: Request, body: HistoryBody) -> Response:
    """Write a page as one object, or an entry a line where that is asked for."""
    headers = {} if body.next is None else {"Link": f'<{body.next}>; rel="next"'}
    if NDJSON in request.headers.get("accept", ""):
        lines = "".join(f"{entry.model_dump_json()}\n" for entry in body.entries)
        return Response(lines, headers=headers, media_type=NDJSON)
    return Response(body.model_dump_json(), headers=headers, media_type="application/json")


def _until(reading: Reading) -> date | None:
    """Say up to which day of showing a look is given: to auditors whatever its day."""
    return None if reading.by_staff else reading.door.today()


def _readers(reading: Reading, language: Language, before: int | None, limit: int) -> ReadersBody:
    staff, subject = reading.noted().door.staff, reading.subject
    found = staff.of(subject, _until(reading), before, limit)
    following = None
    if len(found.reads) == limit:
        asked = urlencode({"before": found.reads[-1].number, "limit": limit})
        following = f"/v1/residents/{subject}/readers?{asked}"
    return ReadersBody.of(subject, found, staff.opened, language, to_staff=reading.by_staff, following=following)


def _read_receipt(reading: Reading, nth: int) -> Response:
    """Write the receipt. Raises ReadUnknown, also of a look that is not shown yet, and NotInLog."""
    found = reading.noted().door.staff.nth(reading.subject, nth, _until(reading))
    if found is None:
        raise ReadUnknown
    try:
        proof = reading.door.log.ask(lambda log: log.proof(found.number), READS)
    except NotInTheLog:
        raise NotInLog(str(nth)) from None
    return PlainTextResponse(read_receipt(found, reading.door.desk.keys.suite, proof))
