"""What can be done with a rights request: from its state and what is asked to a fact, or a named refusal."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from domain.civil import add_months
from domain.dispute.deciding import LAWSUIT_MONTHS
from domain.facts import (
    AfterDeathArranged,
    RightsAnswered,
    RightsRefused,
    RightsRequested,
    RightsWithdrawn,
)
from domain.facts.rights import Because, Relation, Right
from domain.rights.refusals import (
    AnsweredBeforeAsked,
    ArrangedOtherwise,
    InterestMissing,
    NoKin,
    NotDeceased,
    NothingDone,
    NumberTaken,
    RequestNotOpen,
    RequestStands,
)
from domain.rights.state import RightsRequest
from domain.rights.terms import Term
from domain.workdays import WorkCalendar

REMEDY = "可向人民法院起诉(个人信息保护法第五十条),或向履行个人信息保护职责的部门投诉举报(第六十五条)"
"""To court, or to the department that protects personal data; told with every refusal."""


class Asked(NamedTuple):
    """What is asked for: which right, where, of which entries (none: all), and what is said of it."""

    number: str
    place: str
    right: Right
    versions: tuple[int, ...] = ()
    statement: str | None = None


class Kinsman(NamedTuple):
    """A near relative who asks, what shows it, and what the deceased had arranged."""

    relative: UUID
    relation: Relation | None
    died_on: date | None
    arranged: AfterDeathArranged | None = None


def ask(
    requests: Mapping[str, RightsRequest],
    asked: Asked,
    on: date,
    term: Term,
    calendar: WorkCalendar,
    kinsman: Kinsman | None = None,
) -> RightsRequested:
    """Receive a request. Raises NumberTaken, RequestStands, CalendarEnds, and for a relative as `permit` does."""
    if asked.number in requests:
        raise NumberTaken(asked.number)
    if kinsman is not None:
        permit(kinsman, asked)
    who = None if kinsman is None else kinsman.relative
    for number, other in requests.items():
        if other.is_open and (other.asked.right, other.asked.relative) == (asked.right, who):
            raise RequestStands(number)
    return RightsRequested(
        place=asked.place,
        request=asked.number,
        right=asked.right,
        asked_on=on,
        days=term.days,
        counted=term.counted,
        answer_by=term.last_day(on, calendar),
        source=term.source,
        versions=asked.versions,
        relative=who,
        relation=None if kinsman is None else kinsman.relation,
        statement=asked.statement,
    )


def permit(kinsman: Kinsman, asked: Asked) -> None:
    """Let a near relative ask. Raises NotDeceased, NoKin, ArrangedOtherwise, InterestMissing."""
    if kinsman.died_on is None:
        raise NotDeceased
    if kinsman.relation is None:
        raise NoKin
    if kinsman.arranged is not None and asked.right in kinsman.arranged.rights:
        raise ArrangedOtherwise
    if not asked.statement:
        raise InterestMissing


def answer(request: RightsRequest | None, on: date, by: str, since: int, **told: Any) -> RightsAnswered:
    """Say that it was done. `since`: the request's version; what is cited came later.

    Raises RequestNotOpen, AnsweredBeforeAsked, NothingDone.
    """
    asked = waiting(request, on).asked
    cites = tuple(told.pop("cites", ()))
    if asked.right == "correct" and (not cites or min(cites) <= since):
        raise NothingDone
    return RightsAnswered(
        place=asked.place, request=asked.request, answered_on=on, decided_by=by, cites=cites, **told
    )


def refuse(request: RightsRequest | None, on: date, by: str, because: Because, reason: str) -> RightsRefused:
    """Refuse it, with the reason and the remedy. Raises RequestNotOpen, AnsweredBeforeAsked."""
    asked = waiting(request, on).asked
    return RightsRefused(
        place=asked.place,
        request=asked.request,
        refused_on=on,
        decided_by=by,
        because=because,
        reason=reason,
        remedy=REMEDY,
        lawsuit_by=add_months(on, LAWSUIT_MONTHS),
    )


def withdraw(request: RightsRequest | None, on: date) -> RightsWithdrawn:
    """Take it back. Raises RequestNotOpen, AnsweredBeforeAsked."""
    asked = waiting(request, on).asked
    return RightsWithdrawn(place=asked.place, request=asked.request, withdrawn_on=on)


def waiting(request: RightsRequest | None, on: date) -> RightsRequest:
    """Give a request that may be answered on a day. Raises RequestNotOpen, AnsweredBeforeAsked."""
    if request is None or not request.is_open:
        raise RequestNotOpen
    if on < request.asked.asked_on:
        raise AnsweredBeforeAsked
    return request
