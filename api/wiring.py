"""What a route may ask for, by name. A parameter of one of these types is there, checked, before the route runs.

The order matters: who asks is settled before anything else about the request is looked at.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal
from urllib.parse import unquote
from uuid import UUID

from fastapi import Depends, Header, Path, Query, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.responses import Response

from api import coordinates
from api.auth import MAY, Actor, Operation, Role
from api.door import Door
from api.languages import language_of
from api.problems import Fault, Faulty
from api.refusals import (
    ParameterRepeated,
    ParameterUnknown,
    PurposeMissing,
    RoleNotAllowed,
    TokenMissing,
    TokenRefused,
)
from domain.errors import Language, SubjectUnknown
from domain.identifiers import holds_personal_digits
from ledger.rounds.refusals import ApplicationUnknown, RoundUnknown

_PURPOSE_CHARACTERS_MAX = 200
_RESIDENT = "7c2a9d7e-6f0b-4c1f-9d59-0f0d5a3c2b11"
_bearer = HTTPBearer(auto_error=False, scheme_name="token", bearerFormat="JWT", description="`points token`")


def _door(request: Request) -> Door:
    door = request.app.state.door
    if not isinstance(door, Door):
        raise TypeError("the application was made without its door")
    return door


UsingDoor = Annotated[Door, Depends(_door)]


async def _actor(
    request: Request, door: UsingDoor, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Actor:
    """Say who asks. Raises TokenMissing, TokenRefused."""
    if len(request.headers.getlist("authorization")) > 1:
        raise TokenRefused
    if given is None:
        raise TokenMissing
    return door.tokens.actor(given.credentials)


def may(operation: Operation) -> Callable[[Actor], Coroutine[Any, Any, Actor]]:
    """Give what lets through who may do an operation. Raises RoleNotAllowed."""

    async def check(actor: Annotated[Actor, Depends(_actor)]) -> Actor:
        if actor.role not in MAY[operation]:
            raise RoleNotAllowed
        return actor

    return check


AppendingOrgan = Annotated[Actor, Depends(may(Operation.APPEND))]
ReceivingOrgan = Annotated[Actor, Depends(may(Operation.RECEIPT))]
ReaderOfBatches = Annotated[Actor, Depends(may(Operation.BATCHES))]
UndoingOfficer = Annotated[Actor, Depends(may(Operation.UNDO))]
ReaderOfFeeds = Annotated[Actor, Depends(may(Operation.FEEDS))]
AgreeingOfficer = Annotated[Actor, Depends(may(Operation.AGREE))]
AuditingActor = Annotated[Actor, Depends(may(Operation.AUDIT))]
ReaderOfRules = Annotated[Actor, Depends(may(Operation.RULES))]
CountingActor = Annotated[Actor, Depends(may(Operation.COUNTS))]
RemindingOrgan = Annotated[Actor, Depends(may(Operation.REMINDERS))]


PolicyOffice = Annotated[Actor, Depends(may(Operation.PUBLISH))]
ReaderOfRounds = Annotated[Actor, Depends(may(Operation.ROUND))]
RunningOrgan = Annotated[Actor, Depends(may(Operation.RUN))]
Applying = Annotated[Actor, Depends(may(Operation.APPLY))]
ReaderOfApplications = Annotated[Actor, Depends(may(Operation.APPLICATIONS))]
ReaderOfOne = Annotated[Actor, Depends(may(Operation.APPLICATION))]
Assessing = Annotated[Actor, Depends(may(Operation.ASSESS))]
FindingOfficer = Annotated[Actor, Depends(may(Operation.FRAUD))]
Replaying = Annotated[Actor, Depends(may(Operation.REPLAY))]


async def spoken(
    request: Request,
    lang: Annotated[Literal["zh", "en"] | None, Query(description="before Accept-Language. 语言。")] = None,
) -> Language:
    """Say in which tongue to answer: `lang`, or what Accept-Language prefers."""
    return lang or language_of(request.scope)


Spoken = Annotated[Language, Depends(spoken)]
SPOKEN = [Depends(spoken)]
"""Every address takes `lang`: a refusal may have to be said there."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Somebody reads about one person. `purpose` None: it is the person."""

    door: Door
    actor: Actor
    subject: UUID
    purpose: str | None

    @property
    def by_staff(self) -> bool:
        """Say whether somebody reads about somebody else."""
        return self.purpose is not None

    def noted(self, of: UUID | None = None) -> "Reading":
        """Write a reading by staff down, before anything is given out: of the person, or `of` whom they are now.

        Whoever was found to be the same person (identities-merged) has one history, under one of the ids.
        """
        if self.purpose is not None and of != self.subject:
            though = self.actor.role is Role.AUDITOR
            self.door.staff.note(self.actor.id, self.purpose, of or self.subject, though_restricted=though)
        return self


PurposeSaid = Annotated[
    str | None,
    Header(
        alias="Reading-Purpose",
        description="why; required of staff: 1 to 200 characters, percent-encoded; the person sees it",
    ),
]


SubjectId = Annotated[str, Path(description="记账主体编号, a UUID")]


def reading(operation: Operation) -> Callable[..., Coroutine[Any, Any, Reading]]:
    """Give what lets somebody read about one person. Raises RoleNotAllowed, SubjectUnknown, PurposeMissing."""

    async def read(
        actor: Annotated[Actor, Depends(may(operation))],
        door: UsingDoor,
        subject: SubjectId,
        purpose: PurposeSaid = None,
    ) -> Reading:
        return Reading(door, actor, subject_of(actor, subject), why(actor, purpose))

    return read


def subject_of(actor: Actor, text: str) -> UUID:
    """Say whom an address is about: a resident about nobody but themselves. Raises SubjectUnknown."""
    if actor.role is not Role.RESIDENT:
        return _subject(text)
    # Before anything is looked up: for whom else the address may be cannot be told, nor timed.
    if text != actor.name or actor.subject is None:
        raise SubjectUnknown
    return actor.subject


def _subject(text: str) -> UUID:
    """Read a person's id: random, so that no other stream's id passes. Raises SubjectUnknown."""
    try:
        subject = UUID(text)
    except ValueError:
        raise SubjectUnknown from None
    if str(subject) != text or subject.version != 4:
        raise SubjectUnknown
    return subject


def _path_subject(
    subject: Annotated[str, Path(description="a resident's id 记账主体编号", examples=[_RESIDENT])],
) -> UUID:
    return _subject(subject)


OfSubject = Annotated[UUID, Depends(_path_subject)]


def _purpose(header: str | None) -> str:
    """Read why staff look. Raises PurposeMissing."""
    try:
        text = unquote(header or "", errors="strict").strip()
    except UnicodeDecodeError:
        raise PurposeMissing from None
    if not 0 < len(text) <= _PURPOSE_CHARACTERS_MAX or not text.isprintable() or holds_personal_digits(text):
        raise PurposeMissing
    return text


def why(actor: Actor, purpose: PurposeSaid = None) -> str | None:
    """Say why staff look; None of a person who looks at what is their own. Raises PurposeMissing."""
    return None if actor.role is Role.RESIDENT else _purpose(purpose)


def _round_name(
    round: Annotated[str, Path(description="the round's name", examples=["cx.school-2026"])],  # noqa: A002 - the path's own word
) -> str:
    """Read a round's name: one that could be somebody's number is none. Raises RoundUnknown."""
    if holds_personal_digits(round) or not round.isascii() or not round.isprintable():
        raise RoundUnknown
    return round


def _number(number: Annotated[str, Path(description="the application's number", examples=["A-001"])]) -> str:
    """Read an application's number: one that could be somebody's is none. Raises ApplicationUnknown."""
    if holds_personal_digits(number) or not number.isascii() or not number.isprintable():
        raise ApplicationUnknown
    return number


RoundName = Annotated[str, Depends(_round_name)]
Number = Annotated[str, Depends(_number)]
ReadingScore = Annotated[Reading, Depends(reading(Operation.SCORE))]
ReadingHistory = Annotated[Reading, Depends(reading(Operation.HISTORY))]
ReadingReaders = Annotated[Reading, Depends(reading(Operation.READERS))]
StatingResident = Annotated[Reading, Depends(reading(Operation.STATE))]


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Where, as of which civil day, as at which knowledge, for which use.

    None: where they are at home; everything known; for none in particular.
    """

    place: str | None
    as_of: date
    as_at: int | datetime | None
    use: str | None = None


Place = Annotated[str | None, Query(description="division code, GB/T 2260 or local. 辖区。", examples=["330212"])]
AsOf = Annotated[
    str | None, Query(description="civil day in Asia/Shanghai, today if left out", examples=["2026-01-31"])
]
AsAt = Annotated[
    str | None,
    Query(description="a position, or an instant with its zone", examples=["1024", "2026-01-05T00:00:00+08:00"]),
]
Use = Annotated[
    str | None,
    Query(
        description="programme 积分应用: deductions that are limited to programmes count for it",
        examples=["school"],
    ),
]
Wait = Annotated[
    str | None,
    Query(description="a position that the answer must include: read your own writes", examples=["1024"]),
]


def _waited(door: UsingDoor, wait: Wait = None) -> None:
    """Wait for a position. Raises BadCoordinate, PositionUnknown, ProjectionBehind."""
    if wait is not None:
        door.answering.wait(coordinates.position(wait, "wait"))


Waited = Annotated[None, Depends(_waited)]


def _coordinates(
    door: UsingDoor,
    place: Place = None,
    as_of: AsOf = None,
    as_at: AsAt = None,
    use: Use = None,
    _: Annotated[None, Depends(_waited)] = None,
) -> Coordinates:
    return Coordinates(
        None if place is None else coordinates.place_code(place),
        door.today() if as_of is None else coordinates.civil_day(as_of),
        None if as_at is None else coordinates.knowledge(as_at),
        None if use is None else coordinates.programme(use),
    )


AtCoordinates = Annotated[Coordinates, Depends(_coordinates)]


def _known(as_at: AsAt = None) -> int | datetime | None:
    return None if as_at is None else coordinates.knowledge(as_at)


KnownAt = Annotated[int | datetime | None, Depends(_known)]


class StrictRoute(APIRoute):
    """A route that refuses parameters it does not know, naming those it does, and any parameter given twice."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Check the names of the query, then go on."""
        handler = super().get_route_handler()
        known = frozenset(_query_names(self.dependant))
        listed = " | ".join(sorted(known))

        async def strict(request: Request) -> Response:
            names = [name for name, _ in request.query_params.multi_items()]
            if not known.issuperset(names):
                raise Faulty(ParameterUnknown(), [Fault(where="query", code="unknown", expected=listed)])
            if len(set(names)) != len(names):
                raise ParameterRepeated
            return await handler(request)

        return strict


def _query_names(dependant: Dependant) -> set[str]:
    names = {param.alias for param in dependant.query_params}
    return names.union(*(_query_names(inner) for inner in dependant.dependencies))
