"""What is kept of everybody: how many meet a programme, and the feed of reminders for district systems."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from api import coordinates
from api.auth import Actor
from api.bodies.prospects import CountsBody, FeedBody, after_of
from api.door import Door
from api.routes.programmes import DocName
from api.wiring import SPOKEN, CountingActor, PurposeSaid, RemindingOrgan, StrictRoute, UsingDoor, why
from projections.prospects import FEED_PAGE

router = APIRouter(prefix="/v1", tags=["everybody"], route_class=StrictRoute, dependencies=SPOKEN)
DAYS_BACK = 31


@dataclass(frozen=True, slots=True)
class _Page:
    """What part of the feed is asked for."""

    span: tuple[date, date]
    after: str | None
    limit: int


Within = Annotated[int, Query(ge=0, le=366, description="days within which somebody will meet it by themselves")]
Since = Annotated[str | None, Query(description="first day on which they began; left out: a month ago")]
Until = Annotated[str | None, Query(description="last day on which they began; left out: today")]
After = Annotated[str | None, Query(max_length=400, description="go on after the last page: its `next`")]
Limit = Annotated[int, Query(ge=1, le=1_000, description="reminders of a page")]


@router.get("/programmes/{doc}/eligible/counts", operation_id="eligibleCounts", summary="Counts 符合人数")
def eligible_counts(_: CountingActor, door: UsingDoor, doc: DocName, within: Within = 30) -> CountsBody:
    """Count by place who meets a programme, as kept today. Small counts are withheld."""
    found = door.answering.foresee(lambda asked: asked.counts(doc, door.today(), within))
    return CountsBody.of(doc, within, found)


@router.get("/reminders", operation_id="reminderFeed", summary="Feed of reminders 提醒推送")
def reminder_feed(
    actor: RemindingOrgan,
    door: UsingDoor,
    since: Since = None,
    until: Until = None,
    after: After = None,
    limit: Limit = FEED_PAGE,
    purpose: PurposeSaid = None,
) -> FeedBody:
    """Give, page by page, the reminders that stand of residents of the places that an organ's grants name.

    Who is on the page can read that the organ looked, and why.
    """
    return _fed(actor, door, why(actor, purpose) or "", _Page(_span(door.today(), since, until), after, limit))


def _fed(actor: Actor, door: Door, purpose: str, page: _Page) -> FeedBody:
    first, last = page.span
    key = None if page.after is None else after_of(page.after)
    places = _places(actor, door)
    found = door.answering.foresee(
        lambda asked: asked.feed(first, last, prefixes=places, after=key, limit=page.limit)
    )
    restricted = door.staff.noted(actor.id, purpose, sorted({one.subject for one in found}))
    return FeedBody.of(found, page.limit, restricted)


def _span(today: date, since: str | None, until: str | None) -> tuple[date, date]:
    last = today if until is None else coordinates.civil_day(until)
    month_ago = date.fromordinal(max(1, last.toordinal() - DAYS_BACK))
    first = month_ago if since is None else coordinates.civil_day(since)
    return first, last


def _places(actor: Actor, door: Door) -> list[str]:
    """Name the places of an organ's grants that hold today."""
    grants, today = door.desk.competences.of(actor.name), door.today()
    return sorted({grant.place_prefix for grant in grants if grant.covers(grant.kind, today)})
