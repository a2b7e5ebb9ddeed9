"""Takings: a unit's places are taken one after another, each under the number after the last.

An offer, an acceptance or a transfer first asks for the next number, then looks at what is free, then takes a place
under that number. The number is the key of the entry: of two that looked at the same places the database keeps one,
and the other looks again. Nothing is locked, and a number is never given back: what was voided was taken too.
"""

from collections.abc import Callable
from functools import partial
from typing import TypeVar
from uuid import UUID

from psycopg.rows import tuple_row

from domain.errors import RequestConflict
from domain.facts import Fact
from ledger.application import Ledger
from ledger.entry import Entry, Hand, Receipt, Request
from ledger.mapper import idempotency_key
from ledger.rounds.refusals import PlaceTakenMeanwhile
from ledger.turn import VersionConflict

T = TypeVar("T")
_SOURCE, _PART = "rounds", "place-taken"
_MOST = 1 << 20
"""More takings than a unit can have places, whatever is declined and passed on."""
_STEPS = 128
_LOOKS = 40


class TakenMeanwhile(Exception):
    """Somebody took a place under this number, or something else became known of the applicant: look again."""


class Takings:
    """The takings of one round by the organ that runs it."""

    def __init__(self, ledger: Ledger, round_name: str, hand: Hand) -> None:
        self._ledger, self._round, self._hand = ledger, round_name, hand

    def next(self, unit: str) -> int:
        """Give the number of a unit's next taking, the first being 1."""
        taken, free = 0, _MOST
        while free - taken > 1:
            step = max(1, (free - taken) // _STEPS)
            asked = range(taken + step, free, step)
            count = self._count_taken(unit, asked)  # the numbers are taken in order, so these are the first ones
            taken, free = (asked[count - 1] if count else taken), (asked[count] if count < len(asked) else free)
        return free

    def take(self, subject: UUID, unit: str, number: int, fact: Fact, version: int = 0) -> Receipt:
        """Record what takes a place, under a number and at a version (0: the next). Raises TakenMeanwhile."""
        request = self._request(unit, number, str(subject))
        try:
            [receipt] = self._ledger.record(Entry(subject, self._hand, request, fact, version))
        except (RequestConflict, VersionConflict):
            raise TakenMeanwhile from None
        return receipt

    def _count_taken(self, unit: str, numbers: range) -> int:
        keys = self._ledger.keys
        make = partial(idempotency_key, keys.suite, keys.ledger_key, self._hand.organ)
        asked = [make(self._request(unit, number)) for number in numbers]
        with self._ledger.connection() as connection:
            cursor = connection.cursor(row_factory=tuple_row)
            row = cursor.execute("SELECT count(*) FROM entries WHERE key = ANY(%s)", [asked]).fetchone()
        return int(row[0]) if row else 0

    def _request(self, unit: str, number: int, subject: str = "") -> Request:
        return Request(_SOURCE, f"{self._round}/{unit}/{number}", _PART, subject)


def looking_again(act: Callable[[], T]) -> T:
    """Act on a look, and again on a new one while others take places. Raises PlaceTakenMeanwhile, as `act` does."""
    for _ in range(_LOOKS):
        try:
            return act()
        except TakenMeanwhile:
            continue
    raise PlaceTakenMeanwhile
