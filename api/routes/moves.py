"""搬家试算: what a resident's points would come to elsewhere, before the move is made."""

from typing import Annotated

from fastapi import APIRouter, Query

from api import coordinates
from api.bodies.rounds import MoveTrialBody
from api.wiring import SPOKEN, AsOf, KnownAt, Reading, ReadingScore, StrictRoute, Waited
from projections.moves import moved

router = APIRouter(prefix="/v1/residents/{subject}", tags=["moves"], route_class=StrictRoute, dependencies=SPOKEN)
To = Annotated[str, Query(description="where to: a division code. 迁往。", examples=["330203"])]


@router.get("/move-trial", operation_id="moveTrial", summary="Trial of a move 搬家试算")
def move_trial(
    reading: ReadingScore, known: KnownAt, to: To, as_of: AsOf = None, _: Waited = None
) -> MoveTrialBody:
    """Say what a move would change: the permit, each row, the total. Every figure is a trial."""
    return _tried(reading, known, to, as_of)


def _tried(reading: Reading, known: KnownAt, to: str, as_of: str | None) -> MoveTrialBody:
    place = coordinates.place_code(to, "to")
    day = reading.door.today() if as_of is None else coordinates.civil_day(as_of)
    subject = reading.noted().subject
    now, position, found = reading.door.office.knowing.ask(
        lambda _, snapshot: (
            (head := snapshot.now(subject)),
            snapshot.position,
            moved(snapshot, head, place, day),
        ),
        known,
    )
    reading.noted(of=now)
    return MoveTrialBody(subject=now, as_of=day, as_at=position, move=found)
