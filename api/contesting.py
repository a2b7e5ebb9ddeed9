"""Who acts in a resident's dispute over HTTP, and what each may see of it.

A resident contests what is their own, through the ledger's keeper; officers answer for the keeper; an organ answers
the source check that asks it, and sees the disputes in which it was asked (decision 0200).
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path

from api.auth import Actor, Operation, Role
from api.door import Door
from api.office import day_of, hand_of
from api.wiring import Reading, SubjectId, UsingDoor, may, reading, subject_of
from domain.dispute import Dispute
from domain.dispute.refusals import DisputeUnknown
from domain.errors import SubjectUnknown
from domain.identifiers import holds_personal_digits
from ledger.opening import KEEPER_ORGAN
from ledger.said import head_of
from projections.office.disputes import Disputing, Reviewing


@dataclass(frozen=True, slots=True)
class Contesting:
    """Somebody acts in what is contested about one person."""

    door: Door
    actor: Actor
    subject: UUID

    def dispute(self, number: str, on: date | None) -> Disputing:
        """Give the dispute to act on. Raises DisputeUnknown to an organ that it does not ask, DayAhead, Faulty."""
        door, actor, subject = self.door, self.actor, self.subject
        organ = actor.name if actor.role is Role.ORGAN else KEEPER_ORGAN
        if actor.role is Role.ORGAN:
            dispute_for(door, actor, subject, number)
        return Disputing(door.office, subject, number, day_of(door, actor, on), hand_of(actor, organ))

    def review(self, decision: str, on: date | None) -> Reviewing:
        """Give the human review to act on. Raises DayAhead, Faulty."""
        hand = hand_of(self.actor, KEEPER_ORGAN)
        return Reviewing(self.door.office, self.subject, decision, day_of(self.door, self.actor, on), hand)


def dispute_for(door: Door, actor: Actor, subject: UUID, number: str) -> Dispute:
    """Find a dispute for who may see it. Raises DisputeUnknown, of what is not theirs as of nothing."""
    one = seen_by(actor, door.office.disputes.of(subject)).get(number)
    if one is None or one.filed is None:
        raise DisputeUnknown
    return one


def seen_by(actor: Actor, disputes: dict[str, Dispute]) -> dict[str, Dispute]:
    """Leave the disputes that somebody may see: an organ those in which it was asked."""
    if actor.role is not Role.ORGAN:
        return disputes
    return {number: one for number, one in disputes.items() if actor.name in {check.organ for check in one.checks}}


def known(read: Reading) -> Reading:
    """See that there is such a person. Raises SubjectUnknown."""
    if not head_of(read.door.desk.ledger, read.subject):
        raise SubjectUnknown
    return read


def contesting(operation: Operation) -> Callable[..., Coroutine[Any, Any, Contesting]]:
    """Give what lets somebody act about one person. Raises RoleNotAllowed, SubjectUnknown."""

    async def contest(
        actor: Annotated[Actor, Depends(may(operation))], door: UsingDoor, subject: SubjectId
    ) -> Contesting:
        return Contesting(door, actor, subject_of(actor, subject))

    return contest


def _number(number: Annotated[str, Path(description="the dispute's number", examples=["D-1"])]) -> str:
    """Read a dispute's number: one that could be somebody's is none. Raises DisputeUnknown."""
    if holds_personal_digits(number) or not number.isascii() or not number.isprintable():
        raise DisputeUnknown
    return number


DisputeNumber = Annotated[str, Depends(_number)]
ReadingDisputes = Annotated[Reading, Depends(reading(Operation.DISPUTES))]
ReadingPreview = Annotated[Reading, Depends(reading(Operation.PREVIEW))]
Disputant = Annotated[Contesting, Depends(contesting(Operation.CONTEST))]
AskedOrgan = Annotated[Contesting, Depends(contesting(Operation.CHECK))]
Ruler = Annotated[Contesting, Depends(contesting(Operation.RULE))]
