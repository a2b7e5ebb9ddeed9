"""Rights requests 个人信息权利请求 as they are sent and given out; what is said in words is never given out."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from api.bodies.acts import On
from api.bodies.base import Body, Digest, Position
from api.sending import Sent
from domain.facts.base import PlainText, SpellId, Text
from domain.facts.disputes import Versions
from domain.facts.rights import Because, Relation, Right
from domain.places import PlaceCode
from domain.rights import RightsRequest
from domain.rights.state import State


class Asking(Sent):
    """A request. `versions` none: the whole history. `relative`: whose kin died; by an officer."""

    request: SpellId
    right: Right
    place: PlaceCode
    versions: Versions = ()
    statement: Text | None = None
    relative: Annotated[UUID | None, Field(strict=False)] = None
    on: On = None


class Answering(Sent):
    """The answer: a correction cites its entries, a deletion says on what basis."""

    cites: Versions = ()
    reason: PlainText | None = None
    on: On = None


class Refusing(Sent):
    """The refusal, with its ground and its reason."""

    because: Because
    reason: PlainText
    on: On = None


class AnsweredBody(Body):
    """What was done, and who decided it."""

    answered_on: date
    decided_by: str
    cites: list[int]
    entries: int | None
    readings: int | None
    digest: Digest | None
    as_of: date | None
    as_at: Position | None
    reason: str | None


class RefusedBody(Body):
    """Why not, who decided it, and what can be done until when."""

    refused_on: date
    decided_by: str
    because: Because
    reason: str
    remedy: str
    lawsuit_by: date


class RequestBody(Body):
    """A request with its clock. `days_over`: days since its answer was due. `erased`: all was destroyed."""

    request: str
    state: State
    right: Right
    place: str
    asked_on: date
    answer_by: date
    source: str
    days_over: int
    versions: list[int]
    relative: UUID | None
    relation: Relation | None
    answered: AnsweredBody | None
    refused: RefusedBody | None
    withdrawn_on: date | None
    erased: bool

    @classmethod
    def of(cls, one: RightsRequest, today: date) -> Self:
        """Describe a request."""
        asked, beside = one.asked, {"kind", "place", "request"}
        return cls(
            request=asked.request,
            state=one.state,
            right=asked.right,
            place=asked.place,
            asked_on=asked.asked_on,
            answer_by=asked.answer_by,
            source=asked.source,
            days_over=one.days_over(today),
            versions=list(asked.versions),
            relative=asked.relative,
            relation=asked.relation,
            answered=None
            if one.answered is None
            else AnsweredBody(**{**one.answered.model_dump(exclude=beside), "cites": list(one.answered.cites)}),
            refused=None if one.refused is None else RefusedBody(**one.refused.model_dump(exclude=beside)),
            withdrawn_on=one.withdrawn_on,
            erased=one.erased,
        )


class RequestsBody(Body):
    """A person's requests in their order."""

    subject: UUID
    requests: list[RequestBody]
