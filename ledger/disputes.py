"""Disputes 异议 in their subjects' streams: each step is decided on what stands, and carries the version it saw."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Literal
from uuid import UUID

from psycopg.rows import tuple_row

from domain import dispute as disputes
from domain.dispute import Dispute, Ruling
from domain.errors import EntryUnknown, Refusal, RequestConflict
from domain.facts import (
    DecisionMade,
    DisputeOpened,
    Fact,
    FactCorrected,
    FactVoided,
    HumanReviewAsked,
    HumanReviewed,
    ScoreCertified,
)
from domain.facts.disputes import KINDS
from domain.workdays import WorkCalendar
from ledger import rows
from ledger.application import Ledger
from ledger.approvals import Approvals
from ledger.canonical import canonical
from ledger.entry import Entry, Hand, Receipt, Request
from ledger.mapper import idempotency_key
from ledger.rounds.rounds import request_of
from ledger.said import head_of, said_of

_STEPS = tuple(kind.kind_name() for kind in KINDS)
_RESULTS = (ScoreCertified.kind_name(), DecisionMade.kind_name())
_VOIDS = (FactVoided.topic(), FactCorrected.topic())
_RULING: Literal["ruling"] = "ruling"
_CHECK = "source-check"


class NothingToDispute(Refusal):
    """没有核定或公布的结果可以提出异议。| There is no certified or published result to dispute."""

    hint = (
        "未核定的指标请提出积分申请或复核申请。",
        "Before a score is certified, file a claim or a recheck.",
    )
    status = 409


class CorrectionNotTheirs(Refusal):
    """援引的更正不是该部门在校核期间作出的。| The corrections cited are not entries of the organ that was asked."""

    hint = ("写该部门更正条目的版本号。", "Name the versions of the entries by which the organ corrected.")


class Disputes:
    """The use cases of residents who dispute and of officers who answer."""

    def __init__(self, ledger: Ledger, approvals: Approvals) -> None:
        self.ledger = ledger
        self.approvals = approvals

    def of(self, subject: UUID) -> dict[str, Dispute]:
        """Give a subject's disputes by number."""
        return disputes.fold(entry.fact for entry in self.said(subject))

    def open(self, subject: UUID, number: str, place: str, item: str, on: date, hand: Hand, **said: Any) -> Receipt:
        """Open a dispute against a certified score (`year`) or a decision (`decision`).

        Raises NothingToDispute, DisputeStands, RequestConflict where the number is another dispute's; a decision or
        a year that is not the subject's is none.
        """
        self.contested(subject, place, said.get("year"), said.get("decision"))
        seen = head_of(self.ledger, subject)
        before = self.of(subject)
        fact = disputes.file(before, number, place, item, on, **said)
        if (
            number in before and before[number].filed != fact
        ):  # the place is in its key, and is no part of its number
            raise RequestConflict
        return self._record(subject, fact, hand, seen, number)

    def said(self, subject: UUID) -> list[Entry]:
        """Read what was said in disputes of a subject, in order."""
        return said_of(self.ledger, subject, _STEPS)

    def contested(
        self, subject: UUID, place: str, year: int | None, decision: str | None
    ) -> ScoreCertified | DecisionMade:
        """Give the result that is contested: the decision, or what was certified last. Raises NothingToDispute."""
        for entry in reversed(said_of(self.ledger, subject, _RESULTS)):
            match entry.fact:
                case DecisionMade() as made if decision is not None and made.decision == decision:
                    return made
                case ScoreCertified() as certified if certified.year == year and certified.place[:6] == place[:6]:
                    return certified
                case _:
                    continue
        raise NothingToDispute

    def cited(self, subject: UUID, versions: Sequence[int]) -> list[Entry]:
        """Read the entries of a subject that have these versions, in order; of what was voided only the kind."""
        text = (
            f"{rows.SELECT} WHERE originator_id = %s AND (originator_version = ANY(%s) OR topic = ANY(%s))"
            " ORDER BY originator_version"
        )
        with self.ledger.connection() as connection:
            cursor = connection.cursor(binary=True, row_factory=tuple_row)
            found = cursor.execute(text.encode(), [subject, list(versions), list(_VOIDS)]).fetchall()
        read = [rows.stored_entry(row) for row in found]
        gone = {row.hand.refers_to.version for row in read if row.topic in _VOIDS and row.hand.refers_to}
        entries = [row for row in read if row.originator_version in set(versions)]
        opened = [self.ledger.entry_mapper.to_domain_event(row) for row in entries]
        return [replace(one, fact=None) if one.originator_version in gone else one for one in opened]

    def step(self, subject: UUID, number: str, decide: Callable[[Dispute], Fact], hand: Hand) -> Receipt:
        """Take one step of a dispute as it stands. Raises what the decision does.

        The version that was seen goes with it: of two steps that are decided at once one is refused.
        """
        seen = head_of(self.ledger, subject)
        dispute = self.of(subject).get(number, Dispute())
        fact = decide(dispute)
        names = [str(getattr(fact, name)) for name in fact.about.key]
        return self._record(subject, fact, hand, seen, *names, *_instance(dispute))

    def accept(
        self, subject: UUID, number: str, on: date, hand: Hand, calendar: WorkCalendar, days: int
    ) -> Receipt:
        """Accept a dispute: the clock starts. Raises DisputeNotOpen, CalendarEnds."""
        return self.step(subject, number, lambda one: disputes.accept(one, on, calendar, days), hand)

    def answer(
        self, subject: UUID, number: str, check: str, on: date, hand: Hand, corrections: Sequence[int] = ()
    ) -> Receipt:
        """Answer a source check as the organ that was asked (`hand.organ`), naming its own correcting entries.

        Raises NoSuchCheck, CorrectionNotTheirs.
        """
        if corrections and not self._theirs(subject, hand.organ, corrections):
            raise CorrectionNotTheirs
        return self.step(
            subject, number, lambda one: disputes.answer_source(one, check, hand.organ, on, corrections), hand
        )

    def rule(self, subject: UUID, number: str, ruling: Ruling, on: date, hand: Hand) -> Receipt | None:
        """Rule: the first person's call asks, another person's same call records. None: one has asked.

        Raises what `domain.dispute.rule` does, EntryUnknown where no entry has a version that is cited,
        ApprovalTaken, SamePerson, AccountWithoutPerson.
        """
        seen = head_of(self.ledger, subject)
        dispute = self.of(subject).get(number, Dispute())
        recorders = self._recorders(subject) | self._ruled_before(subject, dispute)
        rulers = self.approvals.accounts_like(hand)  # what one's other account recorded one has recorded
        fact = disputes.rule(dispute, on, ruling, rulers, recorders)
        if len(self.cited(subject, ruling.cites)) != len(set(ruling.cites)):
            raise EntryUnknown
        keys, digest = self.ledger.keys, self._digest(subject, fact)
        if not self.approvals.by_two(_RULING, digest, hand, ruling.reason):
            return None
        request = _request(subject, fact, fact.dispute, *_instance(dispute))
        self.approvals.use(_RULING, digest, idempotency_key(keys.suite, keys.ledger_key, hand.organ, request))
        # If we stop here, the same call by either person finds the approval used for just this entry.
        [receipt] = self.ledger.record(Entry(subject, hand, request, fact, seen + 1))
        return receipt

    def ask_review(self, subject: UUID, decision: str, on: date, hand: Hand) -> Receipt:
        """Refuse a decision that only a program made (PIPL 24). Raises NothingToDispute."""
        self.contested(subject, "", None, decision)
        fact = HumanReviewAsked(decision=decision, asked_on=on)
        return self._record(subject, fact, hand, head_of(self.ledger, subject), decision)

    def review(
        self,
        subject: UUID,
        decision: str,
        on: date,
        hand: Hand,
        outcome: Literal["upheld", "to-be-revised"],
        reason: str,
    ) -> Receipt:
        """Record what somebody found who looked at the decision. Raises NothingToDispute."""
        asked = said_of(self.ledger, subject, [HumanReviewAsked.kind_name()])
        if not any(getattr(entry.fact, "decision", None) == decision for entry in asked):
            raise NothingToDispute
        fact = HumanReviewed(decision=decision, reviewed_on=on, outcome=outcome, reason=reason)
        return self._record(subject, fact, hand, head_of(self.ledger, subject), decision, on)

    def _record(self, subject: UUID, fact: Fact, hand: Hand, seen: int, *names: object) -> Receipt:
        request = _request(subject, fact, *names)
        [receipt] = self.ledger.record(Entry(subject, hand, request, fact, seen + 1))
        return receipt

    def _theirs(self, subject: UUID, organ: str, versions: Sequence[int]) -> bool:
        text = (
            "SELECT count(*) FROM entries WHERE originator_id = %s AND originator_version = ANY(%s) AND organ = %s"
        )
        return bool(self._one(text, subject, list(versions), organ) == len(set(versions)))

    def _recorders(self, subject: UUID) -> set[str]:
        """Name who recorded by hand what is known of the subject, and who filed disputes: they rule on none."""
        steps = [kind for kind in _STEPS if kind != DisputeOpened.kind_name()]
        text = (
            "SELECT array_agg(DISTINCT recorded_by) FROM entries WHERE originator_id = %s"
            " AND (source_class <> 'automatic') AND NOT split_part(topic, '.', 1) = ANY(%s)"
        )
        return set(self._one(text, subject, steps) or ())

    def _ruled_before(self, subject: UUID, dispute: Dispute) -> set[str]:
        """Name the two who ruled before an escalation: others look again."""
        if dispute.ruling is None:
            return set()
        return {one for one in self.approvals.people(_RULING, self._digest(subject, dispute.ruling)) if one}

    def _digest(self, subject: UUID, ruling: Fact) -> bytes:
        """Give the hash that two people approve."""
        content = canonical([_RULING, str(subject), ruling.model_dump(mode="json")])
        return self.ledger.keys.suite.mac(self.ledger.keys.ledger_key, content)

    def _one(self, text: str, *values: object) -> Any:
        with self.ledger.connection() as connection:
            row = connection.cursor(row_factory=tuple_row).execute(text.encode(), values).fetchone()
        return row and row[0]


def _request(subject: UUID, fact: Fact, *names: object) -> Request:
    """Name a step by the resident too: everybody numbers their disputes from the first."""
    return request_of(fact, subject, getattr(fact, "place", ""), *names, subject=str(subject))


def _instance(dispute: Dispute) -> tuple[str, ...]:
    """Tell a step of the office that looks again from the same step of the first."""
    return () if dispute.instance == 1 else (f"instance-{dispute.instance}",)
