"""Decisions about a permit: each reads what is known and gives the fact that follows, or refuses.

The day is an argument; numbers of permits come from the police. Evolution (domain/permit.py) refuses nothing.
"""

from datetime import date
from typing import Literal

from domain.facts.life import PermitConverted
from domain.facts.permit import (
    PermitEnded,
    PermitEndorsed,
    PermitIssued,
    PermitRestored,
    PermitSuspended,
    PointsReinstatementRequested,
)
from domain.knowledge import Knowledge
from domain.permit import Permit, PermitState, permit_on
from domain.residency.conditions import entitlement, registered_months, registered_since, terms_at
from domain.residency.refusals import (
    EndorsementTooEarly,
    NoPermit,
    NothingToConvert,
    NothingToReinstate,
    NotRegisteredHere,
    PermitAlreadyHeld,
    PermitConditionsUnmet,
    PermitIsOver,
    PermitIsSuspended,
    PermitNotSuspended,
)
from domain.view import View

_VALID = (PermitState.NORMAL, PermitState.DUE, PermitState.SUSPENDED)


def apply_for_permit(knowledge: Knowledge, place: str, on: date, number: str) -> PermitIssued:
    """Issue a permit to who meets the conditions. A permit of another place is replaced: one is valid at a time.

    Raises PermitAlreadyHeld, PermitConditionsUnmet.
    """
    permit = permit_on(knowledge.permits, on)
    if _is_of(permit, place) and permit.state(on) in _VALID:
        raise PermitAlreadyHeld
    found = entitlement(knowledge, place, on)
    if not found.is_met:
        raise PermitConditionsUnmet(", ".join(found.lacks))
    return PermitIssued(on=on, place=place, permit=number)


def convert(knowledge: Knowledge, place: str, on: date, number: str) -> PermitConverted:
    """Convert at once, on the day of the move: an existing permit, or registered months anywhere in the province.

    A suspended permit is no existing one; its registered months may still convert.
    Raises NotRegisteredHere, PermitAlreadyHeld, NothingToConvert.
    """
    if registered_since(View(knowledge, place, on)) is None:
        raise NotRegisteredHere
    permit = permit_on(knowledge.permits, on)
    state = permit.state(on)
    if _is_of(permit, place) and state in _VALID:
        raise PermitAlreadyHeld
    same_province = permit.place is not None and permit.place[:2] == place[:2]
    if same_province and state in (PermitState.NORMAL, PermitState.DUE):
        return PermitConverted(
            on=on,
            place=place,
            permit=number,
            by="existing-permit",
            from_place=permit.place,
            from_permit=permit.number,
        )
    if registered_months(knowledge, place, on) < terms_at(place).registered_months:
        raise NothingToConvert
    return PermitConverted(on=on, place=place, permit=number, by="registered-months")


def endorse(permit: Permit, on: date) -> PermitEndorsed:
    """Endorse for a further year; after the full year it is late, and restores use from that day.

    A permit suspended by a fact is restored first. Raises NoPermit, PermitIsOver, PermitIsSuspended,
    EndorsementTooEarly.
    """
    number, place = _held(permit, on)
    if permit.suspended_on is not None:
        raise PermitIsSuspended
    state = permit.state(on)
    if state is PermitState.NORMAL:
        raise EndorsementTooEarly
    return PermitEndorsed(on=on, place=place, permit=number, late=state is PermitState.SUSPENDED)


def suspend(permit: Permit, on: date) -> PermitSuspended:
    """Suspend use. Raises NoPermit, PermitIsOver, PermitIsSuspended."""
    number, place = _held(permit, on)
    if permit.state(on) is PermitState.SUSPENDED:
        raise PermitIsSuspended
    return PermitSuspended(on=on, place=place, permit=number)


def restore(permit: Permit, on: date) -> PermitRestored:
    """Restore use. In Ningbo the points stay paused until the resident asks (request_points).

    Raises NoPermit, PermitIsOver, PermitNotSuspended.
    """
    number, place = _held(permit, on)
    if permit.state(on) is not PermitState.SUSPENDED:
        raise PermitNotSuspended
    return PermitRestored(on=on, place=place, permit=number)


def end(
    permit: Permit, on: date, reason: Literal["conditions-lost", "local-hukou", "death", "left", "other"]
) -> PermitEnded:
    """End the permit. Raises NoPermit, PermitIsOver."""
    number, place = _held(permit, on)
    return PermitEnded(on=on, place=place, permit=number, reason=reason)


def request_points(permit: Permit, on: date) -> PointsReinstatementRequested:
    """Ask in writing that points count again after a suspension: at the points office, not the police.

    Raises NoPermit, PermitIsOver, PermitIsSuspended, NothingToReinstate.
    """
    number, place = _held(permit, on)
    if permit.state(on) is PermitState.SUSPENDED:
        raise PermitIsSuspended
    if not permit.awaits_request:
        raise NothingToReinstate
    return PointsReinstatementRequested(on=on, place=place, permit=number)


def _held(permit: Permit, on: date) -> tuple[str, str]:
    if permit.number is None or permit.place is None:
        raise NoPermit
    if permit.state(on) is PermitState.ENDED:
        raise PermitIsOver
    return permit.number, permit.place


def _is_of(permit: Permit, place: str) -> bool:
    return permit.place is not None and permit.place[:6] == place[:6]
