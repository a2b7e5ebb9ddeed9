"""Decisions about a round and its applications: each gives the fact that follows, or refuses."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

from domain.facts import (
    ApplicationFiled,
    ApplicationWithdrawn,
    ItemReviewed,
    ItemSupplemented,
    PlaceAnswered,
    PlaceOffered,
    PlaceTransferred,
    RoundExtended,
    RoundLocked,
    SeedPublished,
    WindowClosed,
)
from domain.round.application import Application
from domain.round.refusals import (
    AnswerBeforeOffer,
    ApplicationNotStanding,
    ApplicationStands,
    ClosedAlready,
    FeedIncomplete,
    ItemNotReturned,
    NoPlaceFree,
    NothingOffered,
    NotLater,
    RoundClosed,
    RoundIsCancelled,
    RoundIsLocked,
    RoundNotLocked,
    RoundNotOpen,
    SeedTooEarly,
    SupplementTooLate,
    UnitUnknown,
    WindowStillOpen,
)
from domain.round.state import Round, RoundState

_LOCKED = (RoundState.LOCKED, RoundState.PUBLISHED)


def extend(current: Round, closes_on: date, reason: str, on: date) -> RoundExtended:
    """Extend the window, also when it has closed. Raises NotLater, RoundIsLocked, RoundIsCancelled."""
    _alive(current, on)
    if closes_on <= current.closes_on:
        raise NotLater
    return RoundExtended(round=current.name, closes_on=closes_on, reason=reason)


def close(current: Round, applications: Iterable[Application], on: date) -> WindowClosed:
    """Say that the window is over, and how many stand. Raises WindowStillOpen, ClosedAlready, and as extend does.

    An extension opens it again: then it is closed once more.
    """
    _alive(current, on)
    if on <= current.closes_on:
        raise WindowStillOpen
    if current.closed_on is not None:
        raise ClosedAlready
    filed = [each for each in applications if each.filed_on is not None and each.withdrawn_on is None]
    standing = sum(each.stands(current) for each in filed)
    return WindowClosed(round=current.name, closed_on=on, standing=standing, void=len(filed) - standing)


def file(
    current: Round,
    number: str,
    on: date,
    choices: Sequence[str] = (),
    town: str | None = None,
    zone: str | None = None,
) -> ApplicationFiled:
    """File an application. Raises RoundNotOpen, RoundClosed, RoundIsLocked, RoundIsCancelled, UnitUnknown."""
    _alive(current, on)
    if on < current.opens_on:
        raise RoundNotOpen
    if on > current.closes_on:
        raise RoundClosed
    unknown = [choice for choice in choices if current.places and choice not in current.places]
    if unknown:
        raise UnitUnknown("choices")
    return ApplicationFiled(
        round=current.name, application=number, filed_on=on, town=town, zone=zone, choices=list(choices)
    )


def withdraw(current: Round, application: Application, on: date) -> ApplicationWithdrawn:
    """Take an application back before the lock. Raises ApplicationNotStanding, RoundIsLocked, RoundIsCancelled."""
    _alive(current, on)
    _standing(current, application)
    return ApplicationWithdrawn(round=current.name, application=application.number, withdrawn_on=on)


def review_item(current: Round, application: Application, item: str, on: date) -> ItemReviewed:
    """Find an item in order. Raises ApplicationNotStanding, RoundIsLocked, RoundIsCancelled."""
    _alive(current, on)
    _standing(current, application)
    return ItemReviewed(
        round=current.name, application=application.number, item=item, reviewed_on=on, outcome="done"
    )


def return_item(
    current: Round, application: Application, item: str, on: date, reason: str, due_on: date
) -> ItemReviewed:
    """Return an item with a reason. Raises ApplicationNotStanding, RoundIsLocked, RoundIsCancelled."""
    _alive(current, on)
    _standing(current, application)
    return ItemReviewed(
        round=current.name,
        application=application.number,
        item=item,
        reviewed_on=on,
        outcome="returned",
        reason=reason,
        due_on=due_on,
    )


def supplement(current: Round, application: Application, item: str, on: date) -> ItemSupplemented:
    """Supplement a returned item in time. Raises ItemNotReturned, SupplementTooLate, ApplicationNotStanding."""
    _standing(current, application)
    state = application.items.get(item)
    if state is None or state.word != "returned":
        raise ItemNotReturned(item)
    if state.on(on) == "lapsed":
        raise SupplementTooLate(item)
    return ItemSupplemented(round=current.name, application=application.number, item=item, supplemented_on=on)


def lock(
    current: Round,
    on: date,
    as_at: int,
    incomplete: Sequence[str] = (),
    overridden_by: Sequence[str] = (),
    reason: str | None = None,
) -> RoundLocked:
    """Lock after the window has closed. `incomplete` names the feeds that the round needs and that are not in.

    Two different people may override that, with a reason.
    Raises WindowStillOpen, FeedIncomplete, RoundIsLocked, RoundIsCancelled.
    """
    _alive(current, on)
    if on <= current.closes_on:
        raise WindowStillOpen
    if incomplete and (len(set(overridden_by)) != 2 or not reason):
        raise FeedIncomplete(", ".join(sorted(incomplete)))
    return RoundLocked(
        round=current.name,
        locked_on=on,
        as_at=as_at,
        incomplete=sorted(incomplete),
        overridden_by=sorted(set(overridden_by)) if incomplete else [],
        reason=reason if incomplete else None,
    )


def publish_seed(current: Round, seed: str, drawn_from: str, on: date) -> SeedPublished:
    """Publish the seed of the draw, once: whoever files knows no seed. Raises SeedTooEarly."""
    if on <= current.closes_on or current.seed is not None:
        raise SeedTooEarly
    return SeedPublished(round=current.name, seed=seed, drawn_from=drawn_from, published_on=on)


def offer_place(current: Round, application: Application, unit: str, on: date, answer_by: date) -> PlaceOffered:
    """Offer a place. Raises RoundNotLocked, ApplicationNotStanding, AnswerBeforeOffer."""
    if answer_by < on:
        raise AnswerBeforeOffer
    if current.state(on) not in _LOCKED:
        raise RoundNotLocked
    _standing(current, application)
    return PlaceOffered(
        round=current.name, application=application.number, unit=unit, offered_on=on, answer_by=answer_by
    )


def answer_place(
    current: Round, application: Application, on: date, answer: Literal["accepted", "declined"]
) -> PlaceAnswered:
    """Answer the offer that waits. Raises NothingOffered."""
    offer = application.place(on)
    if offer is None or offer.answer is not None:
        raise NothingOffered
    return PlaceAnswered(
        round=current.name, application=application.number, unit=offer.unit, answered_on=on, answer=answer
    )


def transfer(current: Round, application: Application, unit: str, free: int, on: date) -> PlaceTransferred:
    """Exchange an accepted place for a free one. Raises NothingOffered, NoPlaceFree, UnitUnknown."""
    offer = application.place(on)
    if offer is None or offer.answer != "accepted":
        raise NothingOffered
    if unit not in current.places:
        raise UnitUnknown("unit")
    if free < 1 or unit == offer.unit:
        raise NoPlaceFree
    return PlaceTransferred(
        round=current.name, application=application.number, from_unit=offer.unit, unit=unit, transferred_on=on
    )


def stands_already(application: Application | None) -> None:
    """Refuse a second application of one number. Raises ApplicationStands."""
    if application is not None and application.filed_on is not None and application.withdrawn_on is None:
        raise ApplicationStands


def _alive(current: Round, on: date) -> None:
    state = current.state(on)
    if state is RoundState.CANCELLED:
        raise RoundIsCancelled
    if state in _LOCKED:
        raise RoundIsLocked


def _standing(current: Round, application: Application) -> None:
    if not application.stands(current):
        raise ApplicationNotStanding
