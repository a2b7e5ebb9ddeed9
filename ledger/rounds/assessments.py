"""The year's assessment 年度申评: opened in its own stream, joined and answered in subjects' streams."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from domain import assessment as assessments
from domain.assessment import Claim, NoSuchClaim, Year
from domain.byhand import grant_by_hand, is_by_hand
from domain.facts import (
    AssessmentJoined,
    AssessmentOpened,
    ClaimAnswered,
    ClaimFiled,
    Fact,
    ManualGrant,
    ScoreCertified,
    Stream,
)
from domain.facts.governance import Action
from domain.rulebook.resolution import RulebookSet
from domain.score import Score
from ledger.application import Ledger
from ledger.approvals import Approvals
from ledger.canonical import canonical
from ledger.entry import Entry, Hand, Receipt, Request
from ledger.mapper import idempotency_key
from ledger.rounds.refusals import AssessmentUnknown
from ledger.rounds.rounds import request_of
from ledger.said import said_of
from ledger.streams import named

GRANT: Action = "manual-grant"
KINDS = tuple(fact.kind_name() for fact in (AssessmentJoined, ClaimFiled, ClaimAnswered, ScoreCertified))
Answered = Literal["granted", "refused", "returned"]


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said to a claim: why, by when it is supplemented, or how many points are granted by hand."""

    says: Answered
    reason: str | None = None
    due_on: date | None = None
    points: Decimal | None = None


class Assessments:
    """The use cases of a year in a place."""

    def __init__(self, ledger: Ledger, approvals: Approvals) -> None:
        self.ledger = ledger
        self.approvals = approvals

    def open(self, fact: AssessmentOpened, hand: Hand) -> Receipt:
        """Open a year. Doing it again changes nothing. Raises RequestConflict for other days of that year."""
        request = request_of(fact, fact.place, fact.year)
        [receipt] = self.ledger.record(Entry(_stream(fact.place, fact.year), hand, request, fact, 1))
        return receipt

    def current(self, place: str, year: int) -> AssessmentOpened:
        """Give a year as it was opened. Raises AssessmentUnknown."""
        return self._opened(place, year)[0]

    def organ(self, place: str, year: int) -> str:
        """Name the organ that opened a year: no other runs it. Raises AssessmentUnknown."""
        return self._opened(place, year)[1]

    def _opened(self, place: str, year: int) -> tuple[AssessmentOpened, str]:
        for entry in self.ledger.history(_stream(place, year)):
            if isinstance(entry.fact, AssessmentOpened):
                return entry.fact, entry.hand.organ
        raise AssessmentUnknown(f"{place} {year}")

    def of(self, subject: UUID, place: str, year: int) -> Year:
        """Fold a subject's year in a place."""
        return assessments.fold(
            fact
            for fact in self._said(subject, KINDS)
            if (getattr(fact, "place", None), getattr(fact, "year", None)) == (place, year)
        )

    def join(self, place: str, year: int, subject: UUID, on: date, hand: Hand) -> Receipt:
        """Take part; again it is the same day's. Raises AssessmentNotOpen, AssessmentUnknown."""
        opened, before = self.current(place, year), self.of(subject, place, year)
        fact = assessments.join(opened, before.joined_on or on)
        return self._record(subject, hand, fact)

    def claim(
        self,
        place: str,
        year: int,
        subject: UUID,
        asked: ClaimFiled,
        hand: Hand,
    ) -> Receipt:
        """File a claim or a recheck; who had not joined takes part by it.

        Raises AssessmentNotOpen, ClaimStandsAlready, AssessmentUnknown.
        """
        opened, before = self.current(place, year), self.of(subject, place, year)
        joined = [] if before.joined_on else [assessments.join(opened, asked.filed_on)]
        if asked.claim in before.claims and before.claims[asked.claim].filed_on == asked.filed_on:
            return self._record(subject, hand, asked)  # said before, perhaps by this very call
        assessments.claim(opened, before, asked.claim, asked.item, asked.asks, asked.filed_on)
        return self._record(subject, hand, *joined, asked)

    def answer(
        self,
        opened: AssessmentOpened,
        subject: UUID,
        number: str,
        reply: Reply,
        on: date,
        hand: Hand,
        books: RulebookSet,
    ) -> Receipt | None:
        """Answer a claim under the tables given. A new item takes two people: the first one's call asks (None).

        Raises NoSuchClaim, NotByHand, AboveMaximum, EvidenceWanted, ApprovalTaken.
        """
        before = self.of(subject, opened.place, opened.year)
        found = before.claims.get(number)
        if found is None or not found.is_open(on):
            raise NoSuchClaim(number)
        if found.asks == "recheck" or reply.says != "granted":
            return self._answered(opened, before, subject, number, reply, on, (hand.recorded_by, None), hand)
        return self._granted(opened, before, subject, found, reply, on, hand, books)

    def certify(
        self,
        opened: AssessmentOpened,
        subject: UUID,
        score: Score,
        as_at: int,
        on: date,
        hand: Hand,
        valid_to: date | None,
    ) -> Receipt:
        """Certify the score of the counting day. Raises DidNotTakePart, ClaimsAreOpen."""
        year = self.of(subject, opened.place, opened.year)
        return self._record(subject, hand, assessments.certify(opened, year, score, on, as_at, valid_to))

    def _answered(
        self,
        opened: AssessmentOpened,
        before: Year,
        subject: UUID,
        number: str,
        reply: Reply,
        on: date,
        examiners: tuple[str, str | None],
        hand: Hand,
        *more: Fact,
    ) -> Receipt:
        fact = assessments.answer(opened, before, number, on, reply.says, examiners, reply.reason, reply.due_on)
        return self._record(subject, hand, *more, fact)

    def _granted(
        self,
        opened: AssessmentOpened,
        before: Year,
        subject: UUID,
        found: Claim,
        reply: Reply,
        on: date,
        hand: Hand,
        books: RulebookSet,
    ) -> Receipt | None:
        keys = self.ledger.keys
        points = None if reply.points is None else str(reply.points)
        content = canonical([GRANT, opened.place, opened.year, str(subject), found.number, found.item, points])
        digest = keys.suite.mac(keys.ledger_key, content)
        grants: list[ManualGrant] = []
        if reply.points is not None or is_by_hand(books, found.item):
            filed = self._evidence(subject, opened, found.number)
            wanted = reply.points or Decimal(0)
            grants = [grant_by_hand(books, found.item, wanted, on, opened.place, filed, digest.hex())]
        if not self.approvals.by_two(GRANT, digest, hand, "points by hand"):
            return None
        pair = self.approvals.people(GRANT, digest)
        fact = assessments.answer(opened, before, found.number, on, "granted", pair, reply.reason)
        key = idempotency_key(keys.suite, keys.ledger_key, hand.organ, _request(subject, fact))
        self.approvals.use(GRANT, digest, key)
        # If we stop here, the same call on the same day finds the approval used for just this answer.
        return self._record(subject, hand, *grants, fact)

    def _evidence(self, subject: UUID, opened: AssessmentOpened, number: str) -> str | None:
        for fact in self._said(subject, [ClaimFiled.kind_name()]):
            if isinstance(fact, ClaimFiled) and (fact.place, fact.year, fact.claim) == (
                opened.place,
                opened.year,
                number,
            ):
                return fact.evidence
        return None

    def _said(self, subject: UUID, kinds: Sequence[str]) -> list[Fact]:
        return [entry.fact for entry in said_of(self.ledger, subject, kinds) if entry.fact is not None]

    def _record(self, subject: UUID, hand: Hand, *facts: Fact) -> Receipt:
        """Record facts in one turn; give the last one's receipt."""
        entries = [Entry(subject, hand, _request(subject, fact), fact) for fact in facts]
        return self.ledger.record(*entries)[-1]


def _request(subject: UUID, fact: Fact) -> Request:
    names: Sequence[object] = [getattr(fact, name) for name in fact.about.key]
    return request_of(fact, subject, *names, subject=str(subject))


def _stream(place: str, year: int) -> UUID:
    return named(Stream.ROUND, f"assessment/{place}/{year}")
