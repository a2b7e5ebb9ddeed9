"""Disputes 异议 looked at: what is contested and under which rule, the clock on a day, the written reasons."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from domain.dispute import Cited, Clock, Dispute, Reasons, Rule, clock
from domain.errors import RulebookNotSound
from domain.facts import DecisionMade, HumanReviewAsked, HumanReviewed, ScoreCertified
from domain.programme.checks import every_condition
from domain.workdays import WorkCalendar
from ledger.disputes import NothingToDispute
from ledger.entry import Entry
from ledger.rounds.refusals import ProgrammeUnknown
from projections.cases import Snapshot
from projections.office.base import Office, receipt_of

Contested = ScoreCertified | DecisionMade


class Step(NamedTuple):
    """One act of a dispute: where its entry stands, so that its receipt can be asked for."""

    kind: str
    position: int
    recorded_at: datetime


class Seen(NamedTuple):
    """A dispute as it is on a day: its clock while it runs, the reasons of its ruling, its acts one by one."""

    number: str
    dispute: Dispute
    waits: Clock | None
    reasons: Reasons | None
    steps: tuple[Step, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON values."""
        dispute, waits = self.dispute, self.waits
        filed, ruling, served = dispute.filed, dispute.ruling, dispute.served
        told = {"kind", "dispute", "place"}
        return {
            "number": self.number,
            "state": dispute.state,
            **({} if filed is None else filed.model_dump(mode="json", exclude={"kind", "dispute"})),
            "clock": None if waits is None else waits._asdict(),
            "due_on": None if waits is None else waits.due_on,
            "declined": dispute.declined and dispute.declined.reason,
            "evidence": [
                one.model_dump(mode="json", include={"digest", "media_type", "size"}) for one in dispute.evidence
            ],
            "checks": [one._asdict() for one in dispute.checks],
            "ruling": ruling and ruling.model_dump(mode="json", exclude=told),
            "reasons": None if self.reasons is None else self.reasons.as_json(),
            "served": served and served.model_dump(mode="json", exclude=told),
            "remedies": [
                one.model_dump(mode="json", include={"body", "decided_on", "outcome"}) for one in dispute.remedies
            ],
            "steps": [
                {"kind": step.kind, "position": step.position, "recorded_at": step.recorded_at.isoformat()}
                for step in self.steps
            ],
        }


def reviews(office: Office, subject: UUID) -> list[dict[str, Any]]:
    """Give each decision for which a human review was asked, with what was found, as JSON values."""
    found: dict[str, dict[str, Any]] = {}
    for entry in office.disputes.said(subject):
        match entry.fact:
            case HumanReviewAsked(decision=decision, asked_on=day):
                bare = {"reviewed_on": None, "outcome": None, "reason": None}
                found.setdefault(decision, {"decision": decision, "asked_on": day, **bare})
            case HumanReviewed(decision=decision) as done if decision in found:
                found[decision] |= {
                    "reviewed_on": done.reviewed_on,
                    "outcome": done.outcome,
                    "reason": done.reason,
                }
            case _:
                continue
    return list(found.values())


def listed(found: Mapping[str, Dispute], on: date, calendar: WorkCalendar) -> list[Seen]:
    """Give disputes with their clocks, without reasons. Raises CalendarEnds."""
    return [Seen(number, one, _clock(one, on, calendar), None) for number, one in found.items() if one.filed]


def seen(office: Office, subject: UUID, number: str, one: Dispute, on: date, calendar: WorkCalendar) -> Seen:
    """Look at one dispute on a day, with the reasons of its ruling and its acts. Raises CalendarEnds."""
    told = (_clock(one, on, calendar), reasons(office, subject, one), tuple(steps(office, subject, number)))
    return Seen(number, one, *told)


def steps(office: Office, subject: UUID, number: str) -> list[Step]:
    """Give the acts of one dispute in order."""
    return [
        Step(entry.fact.kind_name(), receipt.position, receipt.recorded_at)
        for entry in office.disputes.said(subject)
        if entry.fact is not None and getattr(entry.fact, "dispute", None) == number
        for receipt in [receipt_of(entry)]
    ]


def reasons(office: Office, subject: UUID, dispute: Dispute) -> Reasons | None:
    """Give the written reasons of a ruling: the clause and its version as known then, the entries cited."""
    filed, ruling = dispute.filed, dispute.ruling
    if filed is None or ruling is None:
        return None
    try:
        contested = office.disputes.contested(subject, filed.place, filed.year, filed.decision)
        rule = office.ask(lambda snapshot: rule_of(snapshot, filed.item, contested), ruling.as_at)
    except (NothingToDispute, ProgrammeUnknown, RulebookNotSound):
        # The result was erased, or its rules can no longer be read: the rest is told all the same.
        rule = None
    cited = office.disputes.cited(subject, ruling.cites) if ruling.cites else []
    return Reasons(ruling, rule, tuple(_cited(entry) for entry in cited))


def rule_of(snapshot: Snapshot, item: str, contested: Contested) -> Rule | None:
    """Find the row of a table, or the condition of the programme, that an item (document/id) names."""
    found = _row_of(snapshot, item, contested)
    if found is None:
        return None
    row, version, start = found
    return Rule(item, row.label, row.clause, row.source, version, start)


def measure_of(snapshot: Snapshot, item: str, contested: Contested) -> Any:
    """Give what the item counts; None where it counts nothing, or is not known."""
    found = _row_of(snapshot, item, contested)
    return None if found is None else getattr(found[0], "measure", None)


def _row_of(snapshot: Snapshot, item: str, contested: Contested) -> tuple[Any, str, date] | None:
    tables = snapshot.tables(contested.place, day_of(contested))
    for document, table in zip(tables.documents, tables.rulebooks, strict=True):
        for row in (*table.items, *table.deductions):
            if f"{table.doc}/{row.id}" == item:
                return row, document.hash, table.effective.from_
    if isinstance(contested, DecisionMade):
        programme = snapshot.programme(contested.content)
        for _, condition in every_condition(programme.programme):
            if f"{programme.doc}/{condition.id}" == item:
                return condition, programme.hash, programme.effective.from_
    return None


def day_of(contested: Contested) -> date:
    """Give the day whose rules the contested result stands on."""
    return contested.as_of if isinstance(contested, DecisionMade) else contested.counted_on


def _clock(dispute: Dispute, on: date, calendar: WorkCalendar) -> Clock | None:
    return clock(dispute, on, calendar) if dispute.accepted is not None and dispute.is_open else None


def _cited(entry: Entry) -> Cited:
    receipt = receipt_of(entry)
    kind = (entry.topic or "").partition(".")[0]
    return Cited(receipt.ref, receipt.position, kind, entry.hand.organ, receipt.recorded_at, entry.fact)
