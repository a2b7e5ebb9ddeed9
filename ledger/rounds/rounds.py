"""A round's own stream: opened, extended, given places, locked, drawn, published, cancelled.

What follows a look at the stream carries the version that was seen: of two who decide at once one is refused.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import reduce

from domain import round as rounds
from domain.facts import (
    Fact,
    NoticeStarted,
    PlacesDeclared,
    RankingPublished,
    RoundCancelled,
    RoundExtended,
    RoundLocked,
    RoundOpened,
    Stream,
)
from domain.facts.governance import Action
from domain.round import Application, Round, RoundState, evolve_round
from domain.round.refusals import RoundIsCancelled, RoundNotLocked
from ledger.approvals import Approvals, Records
from ledger.canonical import canonical
from ledger.entry import Entry, Hand, Receipt, Request
from ledger.mapper import idempotency_key
from ledger.rounds.refusals import RoundUnknown
from ledger.streams import named

LOCK: Action = "lock-round"
SOURCE = "rounds"


class Rounds:
    """The use cases of whoever runs a round."""

    def __init__(self, records: Records, approvals: Approvals) -> None:
        self.records = records
        self.approvals = approvals

    def current(self, name: str) -> Round:
        """Fold a round. Raises RoundUnknown."""
        return self._read(name)[0]

    def said(self, name: str) -> list[Entry]:
        """Read what was said of a round, in order. Raises RoundUnknown."""
        entries = self.records.history(named(Stream.ROUND, name))
        if not entries:
            raise RoundUnknown(name)
        return entries

    def organ(self, name: str) -> str:
        """Name the organ that opened a round: no other runs it. Raises RoundUnknown."""
        return self.said(name)[0].hand.organ

    def open(self, fact: RoundOpened, hand: Hand) -> Receipt:
        """Open a round. Doing it again changes nothing. Raises RequestConflict for another window of that name."""
        return self._record(fact, fact.round, (fact.round,), hand, 1)

    def extend(self, name: str, closes_on: date, reason: str, on: date, hand: Hand) -> Receipt:
        """Extend the window. Raises what domain.round.extend does, RoundUnknown."""
        current, version = self._read(name)
        if closes_on == current.closes_on:  # said before, perhaps by this very call
            repeated = RoundExtended(round=name, closes_on=closes_on, reason=reason)
            if self._is_kept(repeated, (name, closes_on), hand):
                return self._record(repeated, name, (name, closes_on), hand, version + 1)
        fact = rounds.extend(current, closes_on, reason, on)
        return self._record(fact, name, (name, closes_on), hand, version + 1)

    def close(self, name: str, applications: Iterable[Application], on: date, hand: Hand) -> Receipt:
        """Say that the window is over. Raises what domain.round.close does, RoundUnknown."""
        current, version = self._read(name)
        fact = rounds.close(current, applications, on)
        return self._record(fact, name, (name, on), hand, version + 1)

    def declare(self, name: str, unit: str, places: int, on: date, hand: Hand) -> Receipt:
        """Declare places of a unit before the ranking is published. Raises RoundIsCancelled, RoundUnknown."""
        current, version = self._read(name)
        if current.state(on) in (RoundState.CANCELLED, RoundState.PUBLISHED):
            raise RoundIsCancelled
        fact = PlacesDeclared(round=name, unit=unit, places=places, declared_on=on)
        return self._record(fact, name, (name, unit, on), hand, version + 1)

    def lock(
        self, name: str, on: date, as_at: int, incomplete: Sequence[str], reason: str | None, hand: Hand
    ) -> Receipt | None:
        """Lock a round. With feeds incomplete and a reason the first person's call asks, another person's locks.

        Gives None while only one has asked. Raises what domain.round.lock does, RoundUnknown, ApprovalTaken.
        """
        current, version = self._read(name)
        if not incomplete or not reason:
            fact = rounds.lock(current, on, as_at, incomplete)
            return self._record(fact, name, (name,), hand, version + 1)
        digest = self.records.keys.suite.hash(canonical([LOCK, name, sorted(incomplete), reason]))
        rounds.lock(current, on, as_at)  # what two people cannot override is refused before one is asked
        if not self.approvals.by_two(LOCK, digest, hand, reason):
            return None
        people = [each for each in self.approvals.people(LOCK, digest) if each is not None]
        fact = rounds.lock(current, on, as_at, incomplete, people, reason)
        self.approvals.use(LOCK, digest, self._key(fact, (name,), hand))
        # If we stop here, locking again by either person finds the approval used for just this entry.
        return self._record(fact, name, (name,), hand, version + 1)

    def publish_seed(self, name: str, seed: str, drawn_from: str, on: date, hand: Hand) -> Receipt:
        """Publish the seed of the draw. Raises SeedTooEarly, RoundUnknown."""
        current, version = self._read(name)
        fact = rounds.publish_seed(current, seed, drawn_from, on)
        return self._record(fact, name, (name,), hand, version + 1)

    def publish(self, name: str, content: str, on: date, hand: Hand) -> Receipt:
        """Publish a ranking by the hash of its bytes; the same once more changes nothing. Raises RoundNotLocked."""
        current, version = self._read(name)
        if current.state(on) not in (RoundState.LOCKED, RoundState.PUBLISHED):
            raise RoundNotLocked
        fact = RankingPublished(round=name, content=content, published_on=on)
        return self._record(fact, name, (name, content), hand, version + 1)

    def notice(self, name: str, starts_on: date, removed_on: date, hand: Hand) -> Receipt:
        """Hang out the ranking that was published last. Raises RoundNotLocked where none was."""
        current, version = self._read(name)
        if not current.published:
            raise RoundNotLocked
        content = current.published[-1]
        fact = NoticeStarted(round=name, content=content, starts_on=starts_on, removed_on=removed_on)
        return self._record(fact, name, (name, starts_on), hand, version + 1)

    def cancel(self, name: str, on: date, reason: str, hand: Hand) -> Receipt:
        """Cancel a round. Raises RoundUnknown."""
        _, version = self._read(name)
        return self._record(RoundCancelled(round=name, on=on, reason=reason), name, (name,), hand, version + 1)

    def _read(self, name: str) -> tuple[Round, int]:
        entries = self.said(name)
        current = reduce(evolve_round, (entry.fact for entry in entries if entry.fact is not None), Round())
        return current, entries[-1].originator_version

    def _is_kept(self, fact: Fact, names: Sequence[object], hand: Hand) -> bool:
        with self.records.connection() as connection:
            key = self._key(fact, names, hand)
            return connection.execute("SELECT 1 FROM entries WHERE key = %s", [key]).fetchone() is not None

    def _record(self, fact: Fact, name: str, names: Sequence[object], hand: Hand, version: int) -> Receipt:
        entry = Entry(named(Stream.ROUND, name), hand, request_of(fact, *names), fact, version)
        [receipt] = self.records.record(entry)
        return receipt

    def _key(self, fact: RoundLocked | Fact, names: Sequence[object], hand: Hand) -> bytes:
        keys = self.records.keys
        return idempotency_key(keys.suite, keys.ledger_key, hand.organ, request_of(fact, *names))


def request_of(fact: Fact, *names: object, subject: str = "") -> Request:
    """Name what a use case records: the same fact of the same names is the same request."""
    return Request(SOURCE, "/".join(map(str, names)), fact.kind_name(), subject)
