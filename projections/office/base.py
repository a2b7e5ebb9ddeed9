"""What the use cases of the office stand on: a ledger, what is known of it, receipts for what was done before."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from domain.errors import Refusal
from domain.facts import Fact
from domain.round import Round
from ledger.disputes import Disputes
from ledger.entry import Entry, Hand, Receipt
from ledger.opening import Desk
from ledger.rights import Rights
from ledger.rounds import Applications, Assessments, Benefits, Decisions, Frauds, Rounds
from ledger.rounds.refusals import RoundOfAnother
from ledger.turn import VersionConflict
from projections.cases import Cases, Snapshot
from projections.rounds import Outcome, determined

T = TypeVar("T")
_LOCKED_MAX = 4
"""Locked rounds whose outcomes are remembered, the last ones that were asked for first."""
_ATTEMPTS = 5


class Knowing(Protocol):
    """What is known: the projections at a position."""

    def follow(self) -> int:
        """Bring the projections to where the ledger is, or wait; give that position. Raises ProjectionBehind."""

    def ask(self, question: Callable[[Cases, Snapshot], T], as_at: int | datetime | None = None) -> T:
        """Ask in one snapshot, as known at a position; None: as far as the projections are."""


class Office:
    """A ledger at work, with the use cases of its rounds."""

    def __init__(self, desk: Desk, knowing: Knowing) -> None:
        self.desk = desk
        self.knowing = knowing
        self.rounds = Rounds(desk.ledger, desk.approvals)
        self.applications = Applications(desk.ledger, self.rounds)
        self.decisions = Decisions(desk.ledger)
        self.benefits = Benefits(desk.ledger)
        self.frauds = Frauds(desk.approvals)
        self.assessments = Assessments(desk.ledger, desk.approvals)
        self._locked: dict[tuple[str, str, int, int], list[Outcome]] = {}
        self.disputes = Disputes(desk.ledger, desk.approvals)
        self.rights = Rights(desk.ledger)

    def outcomes(self, current: Round) -> list[Outcome]:
        """Give what each application of a round came to. What was locked came to it for ever, and is decided once.

        Before the lock it is what the application would come to now. Raises as `determined` does.
        """

        def decide(snapshot: Snapshot) -> list[Outcome]:
            found = determined(snapshot, current, snapshot.programme(current.content))
            return [each.outcome() for each in found]

        if current.as_at is None:
            return self.ask(decide)
        # Who was erased since, or what was expunged, is in no answer from memory: it is decided again, and says so.
        locked = (current.name, current.content, current.as_at, self.ask(lambda snapshot: snapshot.erasures()))
        known = self._locked.get(locked)
        if known is None:
            known = self.ask(decide, current.as_at)
            for oldest in list(self._locked)[: max(0, len(self._locked) + 1 - _LOCKED_MAX)]:
                self._locked.pop(oldest, None)
            self._locked[locked] = known
        return known

    def ask(self, question: Callable[[Snapshot], T], as_at: int | None = None) -> T:
        """Ask what is known now, or was at a position, the newest entries among it."""
        self.knowing.follow()
        return self.knowing.ask(lambda _, snapshot: question(snapshot), as_at)

    def run_by(self, name: str, hand: Hand) -> Round:
        """Give a round to the organ that opened it. Raises RoundUnknown, RoundOfAnother."""
        current = self.rounds.current(name)
        if self.rounds.organ(name) != hand.organ:
            raise RoundOfAnother
        return current


def again(act: Callable[[], T]) -> T:
    """Act; where somebody wrote in the stream between the look and the entry, look again, a few times.

    Raises VersionConflict, and what `act` raises.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return act()
        except VersionConflict:
            continue
    return act()


def once(act: Callable[[], Receipt], said: Callable[[], Iterable[Entry]], kind: type[Fact], **told: Any) -> Receipt:
    """Act; refused because just this was done before, give the receipt of then. Raises what `act` raises.

    A call that is repeated after a lost answer meets the state that it made itself.
    """
    try:
        return act()
    except Refusal:
        for entry in said():
            if isinstance(entry.fact, kind) and all(getattr(entry.fact, n) == value for n, value in told.items()):
                return receipt_of(entry)
        raise


class _OneAsked(Exception):
    """One of two people has asked, and nothing is recorded yet."""


def once_by_two(
    act: Callable[[], Receipt | None], said: Callable[[], Iterable[Entry]], kind: type[Fact], **told: Any
) -> Receipt | None:
    """Do as `once` what may take two people. None: one has asked. Raises what `act` raises."""

    def recorded() -> Receipt:
        receipt = act()
        if receipt is None:
            raise _OneAsked
        return receipt

    try:
        return once(recorded, said, kind, **told)
    except _OneAsked:
        return None


def receipt_of(entry: Entry) -> Receipt:
    """Give the receipt of an entry that stands."""
    return Receipt(
        entry.position or 0,
        entry.originator_id,
        entry.originator_version,
        entry.recorded_at or datetime.min.replace(tzinfo=UTC),
        entry.leaf or b"",
        new=False,
    )
