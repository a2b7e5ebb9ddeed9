"""An application to a round: its items, each in a state of its own, and the place that was offered."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, NamedTuple

from domain.facts import (
    ApplicationFiled,
    ApplicationWithdrawn,
    Fact,
    ItemReviewed,
    ItemSupplemented,
    PlaceAnswered,
    PlaceOffered,
    PlaceTransferred,
)
from domain.round.state import Round

ItemWord = Literal["done", "under_review", "returned", "lapsed"]


class ItemState(NamedTuple):
    """One item: reviewed, under review again, or returned with a reason and the day by which it is supplemented."""

    word: Literal["done", "under_review", "returned"]
    reason: str | None = None
    due_on: date | None = None

    def on(self, day: date) -> ItemWord:
        """Give the state on a day: returned and not supplemented in time, it has lapsed and scores nothing."""
        if self.word == "returned" and self.due_on is not None and self.due_on < day:
            return "lapsed"
        return self.word


class Offer(NamedTuple):
    """A place offered, and the answer to it. Unanswered after its day it has lapsed, and is passed on.

    `taken_on` is the day on which it was offered, or exchanged for another.
    """

    unit: str
    answer_by: date
    answer: Literal["accepted", "declined"] | None = None
    taken_on: date = date.min

    def stands(self, on: date) -> bool:
        """Say whether the place is taken or still waits for an answer."""
        return self.answer == "accepted" or (self.answer is None and on <= self.answer_by)


@dataclass(frozen=True, slots=True)
class Application:
    """An application after the facts so far."""

    number: str = ""
    filed_on: date | None = None
    town: str | None = None
    zone: str | None = None
    choices: tuple[str, ...] = ()
    withdrawn_on: date | None = None
    items: Mapping[str, ItemState] = field(default_factory=dict)
    offers: tuple[Offer, ...] = ()

    def stands(self, within: Round) -> bool:
        """Say whether it counts: filed within the window as it is known, and not withdrawn."""
        return self.filed_on is not None and within.takes(self.filed_on) and self.withdrawn_on is None

    def lapsed(self, on: date) -> frozenset[str]:
        """Name the items that score nothing any more; the others go on."""
        return frozenset(item for item, state in self.items.items() if state.on(on) == "lapsed")

    def place(self, on: date) -> Offer | None:
        """Give the offer that stands on a day."""
        standing = [offer for offer in self.offers if offer.stands(on)]
        return standing[-1] if standing else None

    def is_out(self, on: date) -> bool:
        """Say whether a place was offered and given up: declined, or not answered in time."""
        return bool(self.offers) and self.place(on) is None


def evolve_application(state: Application, fact: Fact) -> Application:
    """Take one fact about this application. It refuses nothing; what does not fit changes nothing."""
    match fact:
        case ApplicationFiled() if state.filed_on is None:
            return replace(
                state,
                number=fact.application,
                filed_on=fact.filed_on,
                town=fact.town,
                zone=fact.zone,
                choices=tuple(fact.choices),
            )
        case ApplicationWithdrawn() if state.withdrawn_on is None:
            return replace(state, withdrawn_on=fact.withdrawn_on)
        case ItemReviewed(item=item):
            return replace(state, items={**state.items, item: ItemState(fact.outcome, fact.reason, fact.due_on)})
        case ItemSupplemented(item=item) if _supplements(state.items.get(item), fact.supplemented_on):
            return replace(state, items={**state.items, item: ItemState("under_review")})
        case _:
            return _placed(state, fact)


def _supplements(item: ItemState | None, on: date) -> bool:
    return item is not None and item.word == "returned" and item.due_on is not None and on <= item.due_on


def _placed(state: Application, fact: Fact) -> Application:
    match fact:
        case PlaceOffered():
            return replace(
                state, offers=(*state.offers, Offer(fact.unit, fact.answer_by, taken_on=fact.offered_on))
            )
        case PlaceAnswered(unit=unit, answered_on=on) if state.offers:
            last = state.offers[-1]
            if last.unit == unit and last.answer is None and on <= last.answer_by:
                return replace(state, offers=(*state.offers[:-1], last._replace(answer=fact.answer)))
            return state
        case PlaceTransferred(from_unit=from_unit) if state.offers and state.offers[-1].unit == from_unit:
            moved = state.offers[-1]._replace(unit=fact.unit, answer="accepted", taken_on=fact.transferred_on)
            return replace(state, offers=(*state.offers[:-1], moved))
        case _:
            return state
