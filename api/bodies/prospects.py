"""What a resident may have, where points count and what to do soon, as they are given out."""

import base64
import binascii
import json
from collections.abc import Collection, Sequence
from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field

from api.bodies.base import Body, Day, Position
from domain.errors import BadCoordinate
from projections.prospects import Counted, Fed, Prospect

Count = Annotated[int | None, Field(ge=0, description="null: withheld, too few or giving others away")]
Told = Annotated[dict[str, Any], Field(description="as `points` tells it with --json")]


class EligibilityBody(Body):
    """Each programme of where a resident lives: met, or what is missing and the earliest day it could be met."""

    subject: UUID
    as_of: Day
    as_at: Position
    programmes: list[Told]

    @classmethod
    def of(cls, found: Prospect) -> Self:
        """Describe what was found."""
        told = [each.as_json() for each in found.eligible]
        return cls(subject=found.subject, as_of=found.as_of.isoformat(), as_at=found.as_at, programmes=told)


class RecognitionBody(Body):
    """Which points count in each place, which stay behind, and the facts that they rest on."""

    subject: UUID
    as_of: Day
    as_at: Position
    places: list[Told]

    @classmethod
    def of(cls, found: Prospect) -> Self:
        """Describe what was found."""
        told = [each.as_json(found.name) for each in found.standings]
        return cls(subject=found.subject, as_of=found.as_of.isoformat(), as_at=found.as_at, places=told)


class RemindersBody(Body):
    """What a resident should do soon: each with its day, the cause and what to do."""

    subject: UUID
    as_of: Day
    as_at: Position
    reminders: list[Told]

    @classmethod
    def of(cls, found: Prospect) -> Self:
        """Describe what was found."""
        told = [each.as_json() for each in found.reminders]
        return cls(subject=found.subject, as_of=found.as_of.isoformat(), as_at=found.as_at, reminders=told)


class FedBody(Body):
    """One reminder of the feed, of the resident with this id."""

    subject: UUID
    place: str
    reminder: Told


class FeedBody(Body):
    """A page of the feed, without those whom nothing is told of (PIPL 47). `next`: go on; null on the last page."""

    reminders: list[FedBody]
    next: str | None

    @classmethod
    def of(cls, found: Sequence[Fed], limit: int, unseen: Collection[UUID] = ()) -> Self:
        """Describe a page."""
        told = [
            FedBody(subject=one.subject, place=one.place, reminder=one.reminder.as_json())
            for one in found
            if one.subject not in unseen
        ]
        return cls(reminders=told, next=cursor_of(found[-1]) if len(found) == limit else None)


class CountedBody(Body):
    """How many live in a place and meet a programme, will by themselves in time, or not. `all`: every place."""

    place: str
    met: Count
    within: Count
    others: Count


class CountsBody(Body):
    """Counts of a programme by place, as kept on a day."""

    programme: str
    within_days: int
    counts: list[CountedBody]

    @classmethod
    def of(cls, programme: str, within_days: int, found: Sequence[Counted]) -> Self:
        """Describe counts."""
        return cls(
            programme=programme, within_days=within_days, counts=[CountedBody(**one._asdict()) for one in found]
        )


After = tuple[date, UUID, str, str, date]


def cursor_of(one: Fed) -> str:
    """Write down where a page ended."""
    return base64.urlsafe_b64encode(json.dumps([str(part) for part in one.key]).encode()).decode().rstrip("=")


def after_of(text: str) -> After:
    """Read where a page ended. Raises BadCoordinate."""
    try:
        raised, subject, kind, doc, on = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(kind, str) or not isinstance(doc, str) or "\0" in kind + doc:
            raise BadCoordinate("after")
        return date.fromisoformat(raised), UUID(subject), kind, doc, date.fromisoformat(on)
    except (ValueError, TypeError, AttributeError, binascii.Error, RecursionError):
        raise BadCoordinate("after") from None
