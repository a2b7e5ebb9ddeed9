"""What can be done with a dispute: from its state and a request to a fact, or a named refusal."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple

from domain.civil import add_months
from domain.dispute.clock import RULING_DAYS
from domain.dispute.refusals import (
    CheckPending,
    DisputeNotOpen,
    DisputeStands,
    NoSuchCheck,
    NothingCited,
    RulerRecordedTheFact,
)
from domain.dispute.state import Dispute, State
from domain.facts import (
    DisputeAccepted,
    DisputeDeclined,
    DisputeEscalated,
    DisputeOpened,
    DisputeRuled,
    DisputeWithdrawn,
    EvidenceAdded,
    RemedyDecided,
    RulingServed,
    SourceCheckAnswered,
    SourceCheckAsked,
)
from domain.workdays import WorkCalendar

RECONSIDERATION_DAYS, LAWSUIT_MONTHS = 60, 6
"""From service: 行政复议法 (2023) art. 20, 行政诉讼法 art. 46."""


class Ruling(NamedTuple):
    """What is ruled and why: the department that answers, the rulebooks and the position that were looked at."""

    outcome: Literal["maintained", "corrected"]
    reason: str
    department: str
    rulebooks: str
    as_at: int
    cites: tuple[int, ...] = ()


def file(
    disputes: Mapping[str, Dispute], number: str, place: str, item: str, opened_on: date, **said: object
) -> DisputeOpened:
    """Open a dispute; `said` are the other fields of DisputeOpened. Raises DisputeStands."""
    for name, other in disputes.items():
        if name != number and other.is_open and other.filed is not None and other.filed.item == item:
            raise DisputeStands(name)
    told = {"place": place, "dispute": number, "item": item, "opened_on": opened_on, **said}
    return DisputeOpened.model_validate(told)


def accept(dispute: Dispute, on: date, calendar: WorkCalendar, days: int = RULING_DAYS) -> DisputeAccepted:
    """Look into it. Raises DisputeNotOpen, CalendarEnds."""
    filed = _at(dispute, "opened")
    rule_by = calendar.after(on, days)
    return DisputeAccepted(place=filed.place, dispute=filed.dispute, accepted_on=on, days=days, rule_by=rule_by)


def decline(dispute: Dispute, on: date, reason: str) -> DisputeDeclined:
    """Decline it with a reason. Raises DisputeNotOpen."""
    filed = _at(dispute, "opened")
    return DisputeDeclined(place=filed.place, dispute=filed.dispute, declined_on=on, reason=reason)


def add_evidence(dispute: Dispute, on: date, digest: str, media_type: str, size: int) -> EvidenceAdded:
    """Bring a document. Raises DisputeNotOpen."""
    filed = _at(dispute, "opened", "accepted", "escalated")
    return EvidenceAdded(
        place=filed.place,
        dispute=filed.dispute,
        added_on=on,
        digest=digest,
        media_type=media_type,
        size=size,
    )


def ask_source(
    dispute: Dispute, check: str, organ: str, on: date, provisional_until: date | None = None
) -> SourceCheckAsked:
    """Ask the organ that vouched for the fact. Raises DisputeNotOpen."""
    filed = _at(dispute, "accepted", "escalated")
    return SourceCheckAsked(
        place=filed.place,
        dispute=filed.dispute,
        check=check,
        organ=organ,
        asked_on=on,
        provisional_until=provisional_until,
    )


def answer_source(
    dispute: Dispute, check: str, organ: str, on: date, corrections: Sequence[int] = ()
) -> SourceCheckAnswered:
    """Answer as the organ that was asked: corrected, with its own entries, or confirmed. Raises NoSuchCheck."""
    filed = _at(dispute, "accepted", "escalated")
    if not any(one.name == check and one.organ == organ for one in dispute.pending):
        raise NoSuchCheck(check)
    return SourceCheckAnswered(
        place=filed.place,
        dispute=filed.dispute,
        check=check,
        answered_on=on,
        outcome="corrected" if corrections else "confirmed",
        corrections=tuple(corrections),
    )


def rule(
    dispute: Dispute,
    on: date,
    ruling: Ruling,
    rulers: Collection[str],
    recorders: Collection[str],
) -> DisputeRuled:
    """Rule on it. `recorders`: who recorded what is contested, and who filed the dispute.

    Raises DisputeNotOpen, CheckPending, RulerRecordedTheFact, NothingCited.
    """
    filed = _at(dispute, "accepted", "escalated")
    if dispute.pending:
        raise CheckPending(dispute.pending[0].organ)
    if set(rulers) & set(recorders):
        raise RulerRecordedTheFact
    if ruling.outcome == "corrected" and not ruling.cites:
        raise NothingCited
    return DisputeRuled(place=filed.place, dispute=filed.dispute, ruled_on=on, **ruling._asdict())


def serve(dispute: Dispute, on: date) -> RulingServed:
    """Serve the ruling, which starts the clocks of the remedies. Raises DisputeNotOpen."""
    filed = _at(dispute, "ruled")
    return RulingServed(
        place=filed.place,
        dispute=filed.dispute,
        served_on=on,
        reconsideration_by=on + timedelta(days=RECONSIDERATION_DAYS),
        lawsuit_by=add_months(on, LAWSUIT_MONTHS),
    )


def withdraw(dispute: Dispute, on: date) -> DisputeWithdrawn:
    """Take it back. Raises DisputeNotOpen."""
    filed = _at(dispute, "opened", "accepted", "escalated")
    return DisputeWithdrawn(place=filed.place, dispute=filed.dispute, withdrawn_on=on)


def escalate(dispute: Dispute, on: date, to: str) -> DisputeEscalated:
    """Have the city look at it again. Raises DisputeNotOpen."""
    filed = _at(dispute, "ruled")
    return DisputeEscalated(place=filed.place, dispute=filed.dispute, escalated_on=on, to=to)


def _at(dispute: Dispute, *states: State) -> DisputeOpened:
    if dispute.filed is None or dispute.state not in states:
        raise DisputeNotOpen
    return dispute.filed


def decide_remedy(
    dispute: Dispute,
    body: Literal["reconsideration", "court"],
    on: date,
    outcome: Literal["upheld", "revoked", "changed", "unlawful", "redo"],
    document: str | None = None,
) -> RemedyDecided:
    """Record what another body decided of the ruling. Raises DisputeNotOpen."""
    filed = _at(dispute, "ruled")
    return RemedyDecided(
        place=filed.place, dispute=filed.dispute, body=body, decided_on=on, outcome=outcome, document=document
    )
