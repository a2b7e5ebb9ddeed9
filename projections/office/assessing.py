"""The year's assessment 年度申评: claims answered, scores certified, what waits. Both doors call these."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from domain.assessment import Year
from domain.errors import Refusal
from domain.facts import AssessmentOpened, ClaimAnswered, ManualGrant, ScoreCertified
from domain.notation import E4
from domain.score import Score
from domain.workdays import WorkCalendar
from ledger.entry import Entry, Hand, Receipt
from ledger.rounds import Reply
from ledger.said import said_of
from projections.assessments import Waiting, residents_at, waiting, years_at
from projections.cases import Cases, Snapshot
from projections.office.base import Office, once, once_by_two

_TOGETHER = 200
"""Residents scored in one snapshot."""


@dataclass(frozen=True)
class Certified:
    """A score that was certified: 核定积分, as text."""

    subject: UUID
    points: str
    receipt: Receipt


@dataclass(frozen=True)
class Left:
    """Who was not certified, and the refusal that says why."""

    subject: UUID
    why: Refusal


@dataclass(frozen=True)
class Shown:
    """A year in a place on a day: everybody's, and the claims that wait, those due first."""

    opened: AssessmentOpened
    years: Mapping[UUID, Year]
    waiting: Sequence[Waiting]

    @property
    def counts(self) -> dict[str, int]:
        """Count residents by the state of their year."""
        counts: dict[str, int] = {}
        for each in self.years.values():
            counts[each.state] = counts.get(each.state, 0) + 1
        return counts

    def as_json(self) -> dict[str, Any]:
        """Give everything as JSON values but the single years."""
        return {
            "opened": self.opened.model_dump(mode="json", exclude={"kind"}),
            "counts": self.counts,
            "waiting": [waiting_json(each) for each in self.waiting],
        }


def answer(
    office: Office, place: str, year: int, subject: UUID, number: str, reply: Reply, on: date, hand: Hand
) -> Receipt | None:
    """Answer a claim. None: one person examined it, and another must. The same again gives the first receipt.

    Raises what Assessments.answer does.
    """
    opened = office.assessments.current(place, year)
    books = office.ask(lambda snapshot: snapshot.tables(place, opened.counted_on))

    def said() -> list[Entry]:
        claim = office.assessments.of(subject, place, year).claims.get(number)
        grants = [] if claim is None or reply.says != "granted" else _granted(office, subject, claim.item, on)
        wanted = [] if reply.points is None else [int(reply.points.scaleb(E4))]
        return said_of(office.desk.ledger, subject, [ClaimAnswered.kind_name()]) if grants == wanted else []

    told = {"place": place, "year": year, "claim": number, "answered_on": on}
    told |= {"answer": reply.says, "reason": reply.reason, "due_on": reply.due_on}
    answering = partial(office.assessments.answer, opened, subject, number, reply, on, hand, books)
    return once_by_two(answering, said, ClaimAnswered, **told)


def _granted(office: Office, subject: UUID, item: str, on: date) -> list[int]:
    """Give the points to 1/10000 that were granted by hand for an item on a day."""
    return [
        entry.fact.points_e4
        for entry in said_of(office.desk.ledger, subject, [ManualGrant.kind_name()])
        if isinstance(entry.fact, ManualGrant)
        and (f"{entry.fact.doc}/{entry.fact.item}", entry.fact.granted_on) == (item, on)
    ]


def certify(
    office: Office,
    place: str,
    year: int,
    subjects: Sequence[UUID],
    on: date,
    hand: Hand,
    valid_to: date | None = None,
) -> Iterator[Certified | Left]:
    """Certify the scores of the counting day as they are known now; certified again, the later one counts.

    On one day there is one certificate: the same points under the same tables once more give the first receipt.

    Raises AssessmentUnknown. What is refused of one is given in its place, and the others go on.
    """
    opened, as_at = office.assessments.current(place, year), office.knowing.follow()
    for start in range(0, len(subjects), _TOGETHER):
        part = subjects[start : start + _TOGETHER]
        scores = office.knowing.ask(partial(_scored, part, opened), as_at)
        for subject, score in zip(part, scores, strict=True):
            if isinstance(score, Refusal):
                yield Left(subject, score)
                continue
            try:
                receipt = once(
                    partial(office.assessments.certify, opened, subject, score, as_at, on, hand, valid_to),
                    partial(said_of, office.desk.ledger, subject, [ScoreCertified.kind_name()]),
                    ScoreCertified,
                    place=opened.place,
                    year=year,
                    certified_on=on,
                    valid_to=valid_to,
                    points_e4=score.usable_e4,
                    rulebooks=score.rulebooks,
                )
            except Refusal as refusal:
                yield Left(subject, refusal)
            else:
                yield Certified(subject, score.points(score.usable), receipt)


def everybody(office: Office, place: str, year: int) -> list[UUID]:
    """Name who takes part; where nobody need apply, whoever is at home there too. Raises AssessmentUnknown."""
    opened = office.assessments.current(place, year)
    years = _years(office, opened)
    joined = {who for who, one in years.items() if one.joined_on is not None}
    if opened.opt_in:
        return sorted(joined)
    return sorted(joined | set(office.ask(lambda s: residents_at(s.cursor, s.schemas, opened.place))))


def shown(
    office: Office, place: str, year: int, on: date, calendar: WorkCalendar, subject: UUID | None = None
) -> Shown:
    """Show a year, everybody's or one's: 未参评 where nothing was said of them. Raises AssessmentUnknown."""
    opened = office.assessments.current(place, year)
    years = _years(office, opened)
    if subject is not None:
        years = {subject: years.get(subject, Year())}
    return Shown(opened, years, list(waiting(opened, years, calendar, on)))


def year_json(year: Year) -> dict[str, Any]:
    """Give one resident's year as JSON values: not_taken_part counts 0."""
    newest = year.certified[-1] if year.certified else None
    return {
        "state": year.state,
        "joined_on": year.joined_on,
        "claims": {number: {"item": each.item, "state": each.state} for number, each in year.claims.items()},
        "certified": None if newest is None else newest.model_dump(mode="json", exclude={"kind"}),
    }


def waiting_json(each: Waiting) -> dict[str, Any]:
    """Give a claim that waits as JSON values."""
    return {
        "subject": str(each.subject),
        "claim": each.claim.number,
        "item": each.claim.item,
        "asks": each.claim.asks,
        "state": each.claim.state,
        "answer_by": each.answer_by,
        "overdue": each.overdue,
    }


def _scored(
    subjects: Sequence[UUID], opened: AssessmentOpened, cases: Cases, snapshot: Snapshot
) -> list[Score | Refusal]:
    found: list[Score | Refusal] = []
    for subject in subjects:
        try:
            found.append(cases.scored(snapshot, subject, opened.place, opened.counted_on).score)
        except Refusal as refusal:
            found.append(refusal)
    return found


def _years(office: Office, opened: AssessmentOpened) -> dict[UUID, Year]:
    def look(snapshot: Snapshot) -> dict[UUID, Year]:
        return dict(years_at(snapshot.cursor, snapshot.schemas, snapshot.opener, opened.place, opened.year))

    return office.ask(look)
