"""Applications: withdrawn, looked through item by item, answered, exchanged. Repeated calls give first receipts."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, Literal

from domain.facts import ApplicationWithdrawn, Fact, ItemSupplemented, PlaceAnswered, PlaceTransferred
from domain.programme import ProgrammeDocument
from domain.programme.checks import every_condition
from domain.round.outcome import is_passed_on
from domain.round.refusals import NothingOffered, PlacePassedOn, ReturnUnexplained
from domain.rulebook.resolution import RulebookSet
from ledger.entry import Hand, Receipt
from ledger.rounds import Filed
from ledger.rounds.refusals import ItemUnknown
from ledger.rounds.takings import looking_again
from ledger.said import head_of
from projections.cases import Snapshot
from projections.office.base import Office, again, once
from projections.rounds import applications_of, free_now


def withdraw(office: Office, name: str, number: str, on: date, hand: Hand) -> Receipt:
    """Take an application back. Raises what Applications.withdraw does."""
    act = partial(office.applications.withdraw, name, number, on, hand)
    return _once(office, office.applications.of(name, number, hand), act, ApplicationWithdrawn, withdrawn_on=on)


def review(
    office: Office,
    name: str,
    number: str,
    item: str,
    on: date,
    hand: Hand,
    *,
    reason: str | None = None,
    due_on: date | None = None,
) -> Receipt:
    """Find an item in order, or return it with a reason and a day.

    Raises ItemUnknown, ReturnUnexplained, and what Applications.review and return_item do.
    """
    current = office.rounds.current(name)
    if (reason is None) != (due_on is None):
        raise ReturnUnexplained

    def look(snapshot: Snapshot) -> None:
        _known_item(snapshot.programme(current.content), snapshot.tables(current.place, current.counted_on), item)

    office.ask(look)
    if reason is None or due_on is None:
        return office.applications.review(name, number, item, on, hand)
    return office.applications.return_item(name, number, item, on, hand, reason=reason, due_on=due_on)


def supplement(office: Office, name: str, number: str, item: str, on: date, hand: Hand) -> Receipt:
    """Take what a returned item lacked. Raises what Applications.supplement does."""
    act = partial(office.applications.supplement, name, number, item, on, hand)
    filed = office.applications.of(name, number, hand)
    return _once(office, filed, act, ItemSupplemented, item=item, supplemented_on=on)


def answer(
    office: Office,
    name: str,
    number: str,
    word: Literal["accepted", "declined"],
    on: date,
    hand: Hand,
    *,
    today: date,
) -> Receipt:
    """Record the answer to an offer.

    Raises NothingOffered, PlacePassedOn, PlaceTakenMeanwhile, ApplicationUnknown.
    """
    filed = office.applications.of(name, number, hand)
    looked: list[int] = []

    def accept() -> Receipt:
        seen = head_of(office.desk.ledger, filed.subject)
        now = office.applications.of(name, number, hand)
        offer = now.application.place(on)
        if offer is None:
            raise NothingOffered
        taking = office.applications.takings(name, hand).next(offer.unit)
        if on < today or looked:  # an offer that stands today was passed on to nobody yet
            others = office.ask(lambda snapshot: applications_of(snapshot, name))
            rest = [other.application for other in others.values() if other.subject != now.subject]
            if is_passed_on(now.round, offer, rest, today):
                raise PlacePassedOn
        looked.append(taking)
        return office.applications.accept(now, taking, seen, on, hand)

    def decline() -> Receipt:
        seen = head_of(office.desk.ledger, filed.subject)
        return office.applications.decline(office.applications.of(name, number, hand), seen, on, hand)

    act = partial(looking_again, accept) if word == "accepted" else partial(again, decline)
    return _once(office, filed, act, PlaceAnswered, answer=word, answered_on=on)


def transfer(office: Office, name: str, number: str, unit: str, on: date, hand: Hand) -> Receipt:
    """Exchange an accepted place for a free one of another unit: of two who want the last one, one is refused.

    Raises what domain.round.transfer does, PlaceTakenMeanwhile, ApplicationUnknown.
    """
    filed = office.applications.of(name, number, hand)

    def exchange() -> Receipt:
        seen = head_of(office.desk.ledger, filed.subject)
        taking = office.applications.takings(name, hand).next(unit)
        now = office.applications.of(name, number, hand)
        free = office.ask(lambda snapshot: free_now(snapshot, now.round, on)).get(unit, 0)
        return office.applications.transfer(now, unit, free, taking, seen, on, hand)

    act = partial(looking_again, exchange)
    return _once(office, filed, act, PlaceTransferred, unit=unit, transferred_on=on)


def _once(office: Office, filed: Filed, act: Callable[[], Receipt], kind: type[Fact], **told: Any) -> Receipt:
    named = {"round": filed.round.name, "application": filed.application.number}
    return once(act, lambda: office.applications.said(filed.subject), kind, **named, **told)


def _known_item(document: ProgrammeDocument, tables: RulebookSet, item: str) -> None:
    known = {condition.id for _, condition in every_condition(document.programme)}
    for table in tables.rulebooks:
        for row in table.items:
            known |= {row.id, f"{table.doc}/{row.id}"}
    if item not in known:
        raise ItemUnknown(item)
