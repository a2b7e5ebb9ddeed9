"""Before anything is taken away: what bars it on a day; and holds and restrictions, placed and lifted by two."""

from collections.abc import Callable
from datetime import date
from functools import reduce
from uuid import UUID

from domain import retention
from domain.civil import civil_day
from domain.facts import (
    ApplicationFiled,
    Fact,
    LegalHoldLifted,
    LegalHoldPlaced,
    RestrictionLifted,
    Stream,
    SubjectRestricted,
)
from domain.facts.governance import Action
from domain.retention import Obstacle, Said, Schedule, Story
from domain.round import Round, evolve_round
from ledger.application import Ledger
from ledger.approvals import Approvals
from ledger.canonical import canonical
from ledger.entry import Entry, Hand, Receipt
from ledger.mapper import idempotency_key
from ledger.rounds.rounds import request_of
from ledger.streams import named


class Retaining:
    """The use cases of whoever keeps what is recorded, under one schedule."""

    def __init__(self, ledger: Ledger, approvals: Approvals, schedule: Schedule) -> None:
        self.ledger = ledger
        self.approvals = approvals
        self.schedule = schedule

    def obstacles(self, subject: UUID, on: date, entry: int | None = None) -> list[Obstacle]:
        """Give all that bars destroying a subject's key on a day, or expunging their `entry` of that version."""
        return retention.obstacles(self.schedule, self.story(subject)[0], on, entry)

    def check(self, subject: UUID, on: date, entry: int | None = None) -> int:
        """Refuse what is barred, by its name; give the version of the stream that was looked at.

        Raises LegalHoldBars, DisputeRuns, RemedyRuns, BenefitRuns, RoundRuns, RetentionRuns.
        """
        story, seen = self.story(subject)
        retention.refuse(retention.obstacles(self.schedule, story, on, entry))
        return seen

    def story(self, subject: UUID) -> tuple[Story, int]:
        """Read a subject's stream and the rounds that it names; give its last version too."""
        entries = self.ledger.history(subject)
        said = [_said(entry) for entry in entries]
        names = {one.fact.round for one in said if isinstance(one.fact, ApplicationFiled)}
        rounds = {name: self._round(name) for name in names}
        return Story(said, rounds), entries[-1].originator_version if entries else 0

    def place_hold(
        self, subject: UUID, number: str, basis: str, on: date, hand: Hand, case: str | None = None
    ) -> Receipt | None:
        """Place a legal hold: the first person's call asks, another's same call places. None: one has asked.

        Raises SubjectUnknown, HoldStands, ApprovalTaken.
        """
        return self._by_two(
            "place-hold",
            subject,
            [number, basis, case],
            lambda story, approval: retention.place_hold(story, number, basis, case, on, approval),
            hand,
            basis,
        )

    def lift_hold(self, subject: UUID, number: str, basis: str, on: date, hand: Hand) -> Receipt | None:
        """Lift a legal hold, by two. Raises SubjectUnknown, HoldUnknown, ApprovalTaken."""
        return self._by_two(
            "lift-hold",
            subject,
            [number, basis],
            lambda story, approval: retention.lift_hold(story, number, basis, on, approval),
            hand,
            basis,
        )

    def restrict(self, subject: UUID, basis: str, on: date, hand: Hand) -> Receipt | None:
        """Restrict the processing of a subject's data, by two. Raises RestrictionStands, ApprovalTaken."""
        return self._by_two(
            "restrict-subject",
            subject,
            [],
            lambda story, approval: retention.restrict(story, basis, on, approval),
            hand,
            basis,
        )

    def lift_restriction(self, subject: UUID, basis: str, on: date, hand: Hand) -> Receipt | None:
        """Lift the restriction that stands, by two. Raises NotUnderRestriction, ApprovalTaken."""
        return self._by_two(
            "lift-restriction",
            subject,
            [],
            lambda story, approval: retention.lift_restriction(story, basis, on, approval),
            hand,
            basis,
        )

    def _by_two(
        self,
        action: Action,
        subject: UUID,
        named_by: list[str | None],
        decide: Callable[[Story, str], Fact],
        hand: Hand,
        basis: str,
    ) -> Receipt | None:
        keys = self.ledger.keys
        keys.owner_key(subject)  # nobody is asked about somebody who is unknown
        story, seen = self.story(subject)
        number = _number(decide(story, "0" * 64))
        digest = keys.suite.mac(keys.ledger_key, canonical([action, str(subject), number, *named_by]))
        fact = decide(story, digest.hex())
        if not self.approvals.by_two(action, digest, hand, basis):
            return None
        request = request_of(fact, subject, number, subject=str(subject))
        self.approvals.use(action, digest, idempotency_key(keys.suite, keys.ledger_key, hand.organ, request))
        # If we stop here, the same call by either person finds the approval used for just this entry.
        [receipt] = self.ledger.record(Entry(subject, hand, request, fact, seen + 1))
        return receipt

    def _round(self, name: str) -> Round:
        entries = self.ledger.history(named(Stream.ROUND, name))
        return reduce(evolve_round, (entry.fact for entry in entries if entry.fact is not None), Round())


def _number(fact: Fact) -> str:
    match fact:
        case LegalHoldPlaced(hold=number) | LegalHoldLifted(hold=number):
            return number
        case SubjectRestricted(restriction=number) | RestrictionLifted(restriction=number):
            return number
        case _:
            raise TypeError("a hold or a restriction has a number")


def _said(entry: Entry) -> Said:
    refers_to = entry.hand.refers_to
    here = refers_to is not None and refers_to.stream == entry.originator_id
    if entry.recorded_at is None:
        raise TypeError("an entry that was read has its instant")
    return Said(
        entry.originator_version,
        entry.topic.rpartition(".")[0],
        civil_day(entry.recorded_at),
        entry.fact,
        refers_to.version if here and refers_to is not None else None,
    )
