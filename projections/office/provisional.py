"""暂予认定 as the office does it: at a round's lock, and looked at afterwards: confirmed, ended, or waiting."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from domain import round as rounds
from domain.decision import Inputs
from domain.dispute.provisional import Standing, recognised, standing
from domain.errors import Refusal, SubjectErased, SubjectQuarantined, SubjectUnknown
from domain.factrow import FactRow
from domain.facts import DisputeOpened, ProvisionalMonthRecognised
from domain.knowledge import Knowledge, in_force
from domain.programme import ProgrammeDocument
from domain.round import Round
from ledger.entry import Hand
from ledger.provisional import Provisional, Recognition
from projections.cases import Asked, Snapshot
from projections.office.base import Office
from projections.rounds import applications_of, asked_of

_TOGETHER = 100
_OPENED, _RECOGNISED = DisputeOpened.kind_name(), ProvisionalMonthRecognised.kind_name()


@dataclass(frozen=True)
class Looked:
    """A recognition, and how it stands on the day on which it was looked at."""

    recognition: Recognition
    standing: Standing
    ended: bool = False

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON values."""
        fact = self.recognition.fact
        told = fact.model_dump(mode="json", include={"dispute", "check", "item", "month", "insurance", "until"})
        return {
            "subject": str(self.recognition.ref.stream),
            "version": self.recognition.ref.version,
            **told,
            "standing": self.standing,
            "ended": self.ended,
        }


def recognise(office: Office, current: Round, document: ProgrammeDocument, on: date, hand: Hand) -> int:
    """Recognise, before a round is locked, what its programme declares; give how many entries it took.

    If we stop before the lock, the lock that comes recognises what is left, and ends what is over by then:
    answered, recorded, or past its day.
    """
    rule = document.programme.provisional
    if rule is None:
        return 0
    try:
        rounds.lock(current, on, 0)
    except Refusal:  # it will be said when the lock is tried
        return 0
    months = rule.lasts
    kept = Provisional(office.desk.ledger)

    def look(snapshot: Snapshot) -> list[tuple[UUID, list[Looked], list[ProvisionalMonthRecognised]]]:
        tables = snapshot.tables(current.place, current.counted_on)
        measures = {f"{book.doc}/{item.id}": item.measure for book in tables.rulebooks for item in book.items}
        return [
            (
                subject,
                [
                    one
                    for one in _looked(office, kept, subject, current.name, known, on)
                    if one.standing != "waiting"
                ],
                recognised(office.disputes.of(subject), current.name, on, months, measures.get, known),
            )
            for subject, known in _people(snapshot, current, document, _OPENED)
        ]

    found = office.ask(look)
    for subject, over, facts in found:
        for each in over:
            kept.end(each.recognition, each.standing, on, hand)
        if facts:
            kept.recognise(subject, facts, hand)
    return sum(len(over) + len(facts) for _, over, facts in found)


def look(office: Office, name: str, on: date, hand: Hand, *, settle: bool = False) -> list[Looked]:
    """Say how the recognitions of a round stand on a day; with `settle` end those that are over.

    What ended makes the decisions that rest on it candidates to be determined again. Raises RoundUnknown,
    RoundOfAnother.
    """
    current = office.run_by(name, hand)
    kept = Provisional(office.desk.ledger)

    def people(snapshot: Snapshot) -> list[tuple[UUID, Knowledge]]:
        return list(_people(snapshot, current, snapshot.programme(current.content), _RECOGNISED))

    found = [
        replace(one, ended=settle and one.standing in ("not-confirmed", "expired"))
        for subject, known in office.ask(people)
        for one in _looked(office, kept, subject, name, known, on)
    ]
    for each in found:
        if each.ended:
            kept.end(each.recognition, each.standing, on, hand)
    return found


def _looked(
    office: Office, kept: Provisional, subject: UUID, name: str, known: Knowledge, on: date
) -> Iterator[Looked]:
    """Look at a subject's recognitions of a round that have not ended."""
    standing_now = kept.standing(subject, name)
    disputes = office.disputes.of(subject) if standing_now else {}
    for one in standing_now:
        yield Looked(one, standing(one.fact, disputes[one.fact.dispute], known, on))


def _people(
    snapshot: Snapshot, current: Round, document: ProgrammeDocument, kind: str
) -> Iterator[tuple[UUID, Knowledge]]:
    """Give the streams of applicants and relatives that hold a kind, each once, with what is known there."""
    seen: set[UUID] = set()
    filed = [one for one in applications_of(snapshot, current.name).values() if one.application.stands(current)]
    for inputs in _inputs(snapshot, document, [asked_of(current, one) for one in filed]):
        for _, rows, _ in inputs.known():
            for stream in _holding(rows, kind) - seen:
                seen.add(stream)
                yield stream, in_force(rows, inputs.as_at)


def _inputs(snapshot: Snapshot, document: ProgrammeDocument, asked: Sequence[Asked]) -> Iterator[Inputs]:
    """Read who applies, some hundred at a time; who is erased or stands still is passed over."""
    for start in range(0, len(asked), _TOGETHER):
        part = asked[start : start + _TOGETHER]
        try:
            yield from snapshot.inputs(document, part)
        except (SubjectErased, SubjectUnknown, SubjectQuarantined):
            if len(part) > 1:
                yield from (inputs for one in part for inputs in _inputs(snapshot, document, [one]))


def _holding(rows: list[FactRow], kind: str) -> set[UUID]:
    return {row.ref_stream for row in rows if row.kind == kind}
