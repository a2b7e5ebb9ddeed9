"""The office behind the HTTP door: what is known, from a pool; who acts, on which day, and who may look at whom."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar
from uuid import UUID

from api.auth import Actor, Role
from api.door import Door
from api.problems import Fault, Faulty
from api.refusals import ParametersInvalid
from domain.competence import competent
from domain.errors import OrganNotCompetent
from ledger.entry import Hand
from ledger.rounds import Filed
from ledger.rounds.refusals import ApplicationUnknown, DayAhead, RoundOfAnother

T = TypeVar("T")
CHANNEL = "api"
RUNS = "round-opened"
"""The kind for which an organ is granted to run rounds in a place."""


def hand_of(actor: Actor, organ: str) -> Hand:
    """Give the envelope of an act: an organ's own, or a resident's through the organ that runs the round."""
    return Hand(
        actor.id,
        organ,
        CHANNEL,
        source_class="self" if actor.role is Role.RESIDENT else "manual",
        person=actor.person,
    )


def running(door: Door, actor: Actor, name: str) -> Hand:
    """Let the organ that runs a round act. Raises RoundUnknown, RoundOfAnother."""
    if door.office.rounds.organ(name) != actor.name:
        raise RoundOfAnother
    return hand_of(actor, actor.name)


def may_run(door: Door, actor: Actor, on: date) -> Callable[[str], None]:
    """Give what asks for a grant of `round-opened` in a place, as for an event. Raises OrganNotCompetent."""
    return lambda place: may_act(door, actor, RUNS, place, on)


def may_act(door: Door, actor: Actor, kind: str, place: str, on: date) -> None:
    """Ask for a grant of a kind in a place, as for an event. Raises OrganNotCompetent."""
    if not competent(door.desk.competences.of(actor.name), actor.name, kind, place, on):
        raise OrganNotCompetent


def application_of(door: Door, actor: Actor, name: str, number: str) -> tuple[Filed, Hand]:
    """Find an application for who may see it: its round's organ, an auditor, the applicant.

    Raises ApplicationUnknown of another's as of nobody's, RoundUnknown, RoundOfAnother.
    """
    organ = door.office.rounds.organ(name)
    if actor.role is Role.ORGAN and actor.name != organ:
        raise RoundOfAnother
    hand = hand_of(actor, organ)
    filed = door.office.applications.of(name, number, hand)
    if actor.role is Role.RESIDENT and filed.subject != actor.subject:
        raise ApplicationUnknown
    return filed, hand


def looked(door: Door, actor: Actor, purpose: str | None, *subjects: UUID) -> None:
    """Write down that staff looked at persons, before anything is given out; of the person nothing is written."""
    if purpose is not None:
        door.staff.note(actor.id, purpose, *subjects, though_restricted=actor.role is Role.AUDITOR)


def day_of(door: Door, actor: Actor, on: date | None) -> date:
    """Say on which day an act happened: not after today; a resident acts today. Raises DayAhead, Faulty."""
    today = door.today()
    if on is not None and on > today:
        raise DayAhead("on")
    if actor.role is Role.RESIDENT and on not in (None, today):
        raise Faulty(ParametersInvalid(), [Fault(where="body.on", code="today-only", expected="today")])
    return on or today
