"""Applications 申请 in their subjects' streams: filed, withdrawn, item by item reviewed, offered a place, answered.

An application is found by its number: its key in the ledger is made of the round's name and the number, so that a
number belongs to one subject for ever.
"""

from collections.abc import Sequence
from datetime import date
from functools import partial, reduce
from typing import NamedTuple
from uuid import UUID

from psycopg.rows import tuple_row

from domain import round as rounds
from domain.errors import RequestConflict
from domain.facts import ApplicationFiled, Fact, FraudFound
from domain.fraud import BarredAfterFraud, barred_until
from domain.round import Application, Round, evolve_application
from domain.round.decisions import stands_already
from ledger.application import Ledger
from ledger.entry import Entry, Hand, Receipt
from ledger.mapper import idempotency_key
from ledger.rounds.refusals import ApplicationOfAnother, ApplicationUnknown
from ledger.rounds.rounds import Rounds, request_of
from ledger.rounds.takings import Takings
from ledger.said import head_of, said_of
from ledger.turn import VersionConflict

KINDS = (
    *("application-filed", "application-withdrawn", "item-reviewed", "item-supplemented"),
    *("place-offered", "place-answered", "place-transferred"),
)
_ATTEMPTS = 5
_READ = (*KINDS, FraudFound.kind_name())


class Filed(NamedTuple):
    """An application, whose it is, and the round it belongs to."""

    subject: UUID
    round: Round
    application: Application


class Applications:
    """The use cases of whoever takes applications and looks through them."""

    def __init__(self, ledger: Ledger, all_rounds: Rounds) -> None:
        self.ledger = ledger
        self.rounds = all_rounds

    def file(
        self,
        name: str,
        subject: UUID,
        number: str,
        on: date,
        hand: Hand,
        *,
        choices: Sequence[str] = (),
        town: str | None = None,
        zone: str | None = None,
    ) -> Receipt:
        """File an application. The same once more gives the first receipt.

        The version that was seen goes with it: of two that are filed at once for somebody one is refused.
        Raises what domain.round.file does, BarredAfterFraud, ApplicationStands, ApplicationOfAnother, RoundUnknown.
        """
        act = partial(self._file, name, subject, number, on, hand, choices=choices, town=town, zone=zone)
        for _ in range(_ATTEMPTS - 1):
            try:
                return act()
            except VersionConflict:  # something else became known of the subject: look again
                continue
        return act()

    def _file(
        self,
        name: str,
        subject: UUID,
        number: str,
        on: date,
        hand: Hand,
        *,
        choices: Sequence[str],
        town: str | None,
        zone: str | None,
    ) -> Receipt:
        current, seen = self.rounds.current(name), head_of(self.ledger, subject)
        fact = rounds.file(current, number, on, choices, town, zone)
        said = [entry.fact for entry in self.said(subject)]
        until = barred_until(said, current.place, current.programme, on)
        if until is not None:
            raise BarredAfterFraud(until.isoformat())
        for other, application in _folded(said, name).items():
            if other != number and application.stands(current):
                stands_already(application)
        request = request_of(fact, name, number, subject=str(subject))
        try:
            [receipt] = self.ledger.record(Entry(subject, hand, request, fact, seen + 1))
        except RequestConflict:
            owner = self._owner(name, number, hand)
            if owner != subject:
                raise ApplicationOfAnother(number) from None
            raise
        return receipt

    def of(self, name: str, number: str, hand: Hand) -> Filed:
        """Find an application. Raises ApplicationUnknown, RoundUnknown."""
        current = self.rounds.current(name)
        subject = self._owner(name, number, hand)
        if subject is None:
            raise ApplicationUnknown(number)
        return Filed(subject, current, self._applications(subject, name).get(number, Application()))

    def withdraw(self, name: str, number: str, on: date, hand: Hand) -> Receipt:
        """Take an application back. Raises what domain.round.withdraw does, ApplicationUnknown."""
        filed = self.of(name, number, hand)
        return self._record(filed, rounds.withdraw(filed.round, filed.application, on), (), hand)

    def review(self, name: str, number: str, item: str, on: date, hand: Hand) -> Receipt:
        """Find an item in order. Raises what domain.round.review_item does, ApplicationUnknown."""
        filed = self.of(name, number, hand)
        return self._record(filed, rounds.review_item(filed.round, filed.application, item, on), (item, on), hand)

    def return_item(
        self, name: str, number: str, item: str, on: date, hand: Hand, *, reason: str, due_on: date
    ) -> Receipt:
        """Return an item with a reason and a day. Raises as domain.round.return_item does, ApplicationUnknown."""
        filed = self.of(name, number, hand)
        fact = rounds.return_item(filed.round, filed.application, item, on, reason, due_on)
        return self._record(filed, fact, (item, on), hand)

    def supplement(self, name: str, number: str, item: str, on: date, hand: Hand) -> Receipt:
        """Take what an item lacked. Raises as domain.round.supplement does, ApplicationUnknown."""
        filed = self.of(name, number, hand)
        return self._record(filed, rounds.supplement(filed.round, filed.application, item, on), (item, on), hand)

    def offer(self, filed: Filed, unit: str, taking: int, on: date, answer_by: date, hand: Hand) -> Receipt:
        """Offer a place as the unit's taking of this number. Raises as domain.round.offer_place, TakenMeanwhile."""
        fact = rounds.offer_place(filed.round, filed.application, unit, on, answer_by)
        return self.takings(filed.round.name, hand).take(filed.subject, unit, taking, fact)

    def accept(self, filed: Filed, taking: int, seen: int, on: date, hand: Hand) -> Receipt:
        """Record, at the version seen, that an offer was accepted. Raises NothingOffered, TakenMeanwhile."""
        fact = rounds.answer_place(filed.round, filed.application, on, "accepted")
        return self.takings(filed.round.name, hand).take(filed.subject, fact.unit, taking, fact, seen + 1)

    def decline(self, filed: Filed, seen: int, on: date, hand: Hand) -> Receipt:
        """Record, at the version seen, that an offer was declined. Raises NothingOffered, VersionConflict."""
        fact = rounds.answer_place(filed.round, filed.application, on, "declined")
        return self._record(filed, fact, (fact.unit, on), hand, seen + 1)

    def transfer(self, filed: Filed, unit: str, free: int, taking: int, seen: int, on: date, hand: Hand) -> Receipt:
        """Exchange an accepted place for one of the `free` ones of another unit.

        Raises what domain.round.transfer does, TakenMeanwhile.
        """
        fact = rounds.transfer(filed.round, filed.application, unit, free, on)
        return self.takings(filed.round.name, hand).take(filed.subject, unit, taking, fact, seen + 1)

    def takings(self, name: str, hand: Hand) -> Takings:
        """Give the takings of a round's places."""
        return Takings(self.ledger, name, hand)

    def _record(self, filed: Filed, fact: Fact, names: Sequence[object], hand: Hand, version: int = 0) -> Receipt:
        number, subject = filed.application.number, filed.subject
        request = request_of(fact, filed.round.name, number, *names, subject=str(subject))
        [receipt] = self.ledger.record(Entry(subject, hand, request, fact, version))
        return receipt

    def _owner(self, name: str, number: str, hand: Hand) -> UUID | None:
        """Name whose an application is; its key says nothing of whom."""
        filed = ApplicationFiled(round=name, application=number, filed_on=date.min.replace(year=1900))
        keys = self.ledger.keys
        key = idempotency_key(keys.suite, keys.ledger_key, hand.organ, request_of(filed, name, number))
        with self.ledger.connection() as connection:
            cursor = connection.cursor(row_factory=tuple_row)
            row = cursor.execute("SELECT originator_id FROM entries WHERE key = %s", [key]).fetchone()
        return None if row is None else row[0]

    def _applications(self, subject: UUID, name: str) -> dict[str, Application]:
        """Fold a subject's applications to a round from its own stream; of nothing else is anything read."""
        return _folded([entry.fact for entry in self.said(subject)], name)

    def said(self, subject: UUID) -> list[Entry]:
        """Read what was said of a subject's applications and is not void, in order."""
        return said_of(self.ledger, subject, _READ)


def _folded(facts: Sequence[Fact | None], name: str) -> dict[str, Application]:
    found: dict[str, Application] = {}
    for fact in facts:
        if fact is not None and getattr(fact, "round", None) == name:
            number = str(getattr(fact, "application", ""))
            found[number] = evolve_application(found.get(number, Application()), fact)
    return found


def fold(facts: Sequence[Fact]) -> Application:
    """Fold the facts of one application, in their order."""
    return reduce(evolve_application, facts, Application())
