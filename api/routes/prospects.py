"""What a resident may have, where points count, what to do soon."""

from collections.abc import Callable
from datetime import date

from fastapi import APIRouter

from api import coordinates
from api.bodies.prospects import EligibilityBody, RecognitionBody, RemindersBody
from api.door import Door
from api.wiring import SPOKEN, AsOf, KnownAt, Place, Reading, ReadingScore, StrictRoute, Waited
from projections.prospects import Prospect, Prospects

router = APIRouter(
    prefix="/v1/residents/{subject}", tags=["prospects"], route_class=StrictRoute, dependencies=SPOKEN
)


@router.get("/eligibility", operation_id="eligibility", summary="Eligibility 资格")
def eligibility(reading: ReadingScore, known: KnownAt, as_of: AsOf = None, _: Waited = None) -> EligibilityBody:
    """Say of each programme of where a resident lives whether it is met, or what is missing and until when."""
    day = _day(reading.door, as_of)
    return EligibilityBody.of(_found(reading, lambda asked: asked.eligibility(reading.subject, day, known)))


@router.get("/recognition", operation_id="recognition", summary="Recognition 跨区互认")
def recognition(
    reading: ReadingScore, known: KnownAt, place: Place = None, as_of: AsOf = None, _: Waited = None
) -> RecognitionBody:
    """Say which points count in a place, or in each of the home's city, which stay behind, and on which facts."""
    day = _day(reading.door, as_of)
    code = None if place is None else coordinates.place_code(place)
    return RecognitionBody.of(_found(reading, lambda asked: asked.recognition(reading.subject, day, known, code)))


@router.get("/reminders", operation_id="reminders", summary="Reminders 提醒")
def reminders(reading: ReadingScore, known: KnownAt, as_of: AsOf = None, _: Waited = None) -> RemindersBody:
    """Say what a resident should do soon: of the permit, and of the programmes of where they live."""
    day = _day(reading.door, as_of)
    return RemindersBody.of(_found(reading, lambda asked: asked.reminders(reading.subject, day, known)))


def _day(door: Door, as_of: str | None) -> date:
    return door.today() if as_of is None else coordinates.civil_day(as_of)


def _found(reading: Reading, ask: Callable[[Prospects], Prospect]) -> Prospect:
    """Ask. A reading by staff is written down first, and again of whom the person is now."""
    reading.noted()
    found = reading.door.answering.foresee(ask)
    reading.noted(of=found.subject)
    return found
