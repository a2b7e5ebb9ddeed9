"""Disputes 异议 as the office does them: each step once, however often it is called."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Literal, NamedTuple
from uuid import UUID

from domain import dispute as disputes
from domain.dispute import Dispute, Ruling
from domain.dispute.refusals import DisputeUnknown, ItemNotInForce
from domain.facts import (
    DisputeAccepted,
    DisputeDeclined,
    DisputeEscalated,
    DisputeOpened,
    DisputeRuled,
    DisputeWithdrawn,
    EvidenceAdded,
    Fact,
    HumanReviewAsked,
    HumanReviewed,
    RemedyDecided,
    RulingServed,
    SourceCheckAnswered,
    SourceCheckAsked,
)
from domain.workdays import WorkCalendar
from ledger.entry import Hand, Receipt
from ledger.said import head_position_of
from projections.cases import Snapshot
from projections.office.base import Office, again, once
from projections.office.contested import day_of, rule_of

RemedyBody = Literal["reconsideration", "court"]
RemedyOutcome = Literal["upheld", "revoked", "changed", "unlawful", "redo"]
Finding = Literal["upheld", "to-be-revised"]
RulingOutcome = Literal["maintained", "corrected"]


class Said(NamedTuple):
    """What two people rule, and why."""

    outcome: RulingOutcome
    reason: str
    department: str
    cites: tuple[int, ...] = ()


@dataclass(frozen=True)
class Disputing:
    """One dispute of one resident, or one about to be opened: who acts, and on which day.

    Every act may be repeated: just the same again gives the first receipt.
    """

    office: Office
    subject: UUID
    number: str
    on: date
    hand: Hand

    def open(self, place: str, item: str, **said: Any) -> Receipt:
        """Contest an item of a certified score (`year`) or of a decision (`decision`).

        Raises NothingToDispute, ItemNotInForce, DisputeStands.
        """

        def act() -> Receipt:
            contested = self.office.disputes.contested(self.subject, place, said.get("year"), said.get("decision"))
            if self.office.ask(lambda snapshot: rule_of(snapshot, item, contested)) is None:
                raise ItemNotInForce
            return self.office.disputes.open(self.subject, self.number, place, item, self.on, self.hand, **said)

        return self._once(act, DisputeOpened, place=place, item=item, opened_on=self.on, **said)

    def bring(self, digest: str, media_type: str, size: int) -> Receipt:
        """Add a document by its digest. Raises DisputeNotOpen."""
        told: dict[str, Any] = {"digest": digest, "media_type": media_type, "size": size}
        return self._step(partial(disputes.add_evidence, on=self.on, **told), EvidenceAdded, **told)

    def accept(self, calendar: WorkCalendar, days: int) -> Receipt:
        """Look into it: the clock starts. Raises DisputeNotOpen, CalendarEnds."""
        decide = partial(disputes.accept, on=self.on, calendar=calendar, days=days)
        return self._step(decide, DisputeAccepted, accepted_on=self.on, days=days)

    def decline(self, reason: str) -> Receipt:
        """Decline it with a reason. Raises DisputeNotOpen."""
        decide = partial(disputes.decline, on=self.on, reason=reason)
        return self._step(decide, DisputeDeclined, declined_on=self.on, reason=reason)

    def ask(self, check: str, organ: str, provisional_until: date | None = None) -> Receipt:
        """Ask the organ that vouched for the fact; the clock stands still. Raises DisputeNotOpen."""
        told: dict[str, Any] = {"check": check, "organ": organ, "provisional_until": provisional_until}
        return self._step(
            partial(disputes.ask_source, on=self.on, **told), SourceCheckAsked, asked_on=self.on, **told
        )

    def answer(self, check: str, corrections: Sequence[int] = ()) -> Receipt:
        """Answer as the organ that was asked. Raises NoSuchCheck, CorrectionNotTheirs, DisputeNotOpen."""
        act = partial(
            self.office.disputes.answer, self.subject, self.number, check, self.on, self.hand, corrections
        )
        told: dict[str, Any] = {"check": check, "answered_on": self.on, "corrections": tuple(corrections)}
        return self._once(act, SourceCheckAnswered, **told)

    def rule(self, said: Said) -> Receipt | None:
        """Rule: the first person's call asks, another person's same call records. None: one has asked.

        Raises what Disputes.rule does.
        """
        subject, number = self.subject, self.number
        known = head_position_of(self.office.desk.ledger, subject)
        filed = self.office.disputes.of(subject).get(number, Dispute()).filed
        rulebooks = "" if filed is None else self.office.ask(partial(self._tables, filed), known)
        ruling = Ruling(said.outcome, said.reason, said.department, rulebooks, known, said.cites)
        asked: list[None] = []

        def act() -> Receipt:
            receipt = self.office.disputes.rule(subject, number, ruling, self.on, self.hand)
            if receipt is None:
                asked.append(None)
                raise DisputeUnknown
            return receipt

        try:
            return self._once(act, DisputeRuled, ruled_on=self.on, **said._asdict())
        except DisputeUnknown:
            if asked:
                return None
            raise

    def serve(self) -> Receipt:
        """Serve the ruling: the clocks of the remedies start. Raises DisputeNotOpen."""
        return self._step(partial(disputes.serve, on=self.on), RulingServed, served_on=self.on)

    def withdraw(self) -> Receipt:
        """Take it back. Raises DisputeNotOpen."""
        return self._step(partial(disputes.withdraw, on=self.on), DisputeWithdrawn, withdrawn_on=self.on)

    def escalate(self, to: str) -> Receipt:
        """Have the city look again. Raises DisputeNotOpen."""
        return self._step(
            partial(disputes.escalate, on=self.on, to=to), DisputeEscalated, escalated_on=self.on, to=to
        )

    def remedy(self, body: RemedyBody, outcome: RemedyOutcome, document: str | None = None) -> Receipt:
        """Record what another body decided of the ruling. Raises DisputeNotOpen."""
        told: dict[str, Any] = {"body": body, "outcome": outcome, "document": document}
        return self._step(
            partial(disputes.decide_remedy, on=self.on, **told), RemedyDecided, decided_on=self.on, **told
        )

    def _tables(self, filed: DisputeOpened, snapshot: Snapshot) -> str:
        contested = self.office.disputes.contested(self.subject, filed.place, filed.year, filed.decision)
        return snapshot.tables(contested.place, day_of(contested)).hash

    def _step(self, decide: Callable[[Dispute], Fact], kind: type[Fact], **told: Any) -> Receipt:
        act = partial(self.office.disputes.step, self.subject, self.number, decide, self.hand)
        return self._once(act, kind, **told)

    def _once(self, act: Callable[[], Receipt], kind: type[Fact], **told: Any) -> Receipt:
        said = partial(self.office.disputes.said, self.subject)
        return once(lambda: again(act), said, kind, dispute=self.number, **told)


@dataclass(frozen=True)
class Reviewing:
    """人工复核 of one decision: who acts, and on which day."""

    office: Office
    subject: UUID
    decision: str
    on: date
    hand: Hand

    def ask(self) -> Receipt:
        """Refuse a decision that only a program made (PIPL 24). Raises NothingToDispute."""
        act = partial(self.office.disputes.ask_review, self.subject, self.decision, self.on, self.hand)
        return self._once(act, HumanReviewAsked)

    def find(self, outcome: Finding, reason: str) -> Receipt:
        """Record what somebody found who looked. Raises NothingToDispute."""
        act = partial(self.office.disputes.review, self.subject, self.decision, self.on, self.hand, outcome, reason)
        return self._once(act, HumanReviewed, reviewed_on=self.on, outcome=outcome, reason=reason)

    def _once(self, act: Callable[[], Receipt], kind: type[Fact], **told: Any) -> Receipt:
        said = partial(self.office.disputes.said, self.subject)
        return once(lambda: again(act), said, kind, decision=self.decision, **told)
