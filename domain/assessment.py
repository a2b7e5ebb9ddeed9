"""The year's assessment 年度申评: who takes part, claims and rechecks with their clocks, and the certified score.

State, then decisions, then evolution. A claim (积分申请) brings a new item with evidence, a recheck (复核申请) asks
that an automatic item be looked at again. Who does not take part counts 0, shown 未参评.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from domain.errors import Refusal
from domain.facts import (
    AssessmentJoined,
    AssessmentOpened,
    CertifiedItem,
    ClaimAnswered,
    ClaimFiled,
    Fact,
    ScoreCertified,
)
from domain.measures import own_day
from domain.notation import E4
from domain.score import Score
from domain.workdays import WorkCalendar


class AssessmentNotOpen(Refusal):
    """年度申评不在受理期。| The assessment is not open on this day."""

    hint = (
        "points assessment show 显示受理期;--on 写事情发生的日期。",
        "`points assessment show` says from when to when; --on names the day on which it happened.",
    )
    status = 409


class ClaimStandsAlready(Refusal):
    """该指标已有一件在办的申请。| A claim about this item is open already; one at a time."""

    status = 409


class NoSuchClaim(Refusal):
    """没有这件在办的申请。| No such claim is open."""

    status = 409


class OneExaminer(Refusal):
    """人工赋分须由两人审核。| What is granted by hand is examined by two different people."""

    status = 403


class ClaimsAreOpen(Refusal):
    """还有未办结的申请,不能核定。| Claims are still open; the score cannot be certified."""

    status = 409


class DidNotTakePart(Refusal):
    """未参评,不予核定。| Who did not take part is not certified in a place where taking part is asked for."""

    status = 409


ClaimState = Literal["open", "granted", "refused", "returned"]
YearState = Literal["not_taken_part", "open", "certified"]


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim: about which item, since when, and how it stands."""

    number: str
    item: str
    asks: Literal["claim", "recheck"]
    filed_on: date
    state: ClaimState = "open"
    answered_on: date | None = None
    due_on: date | None = None

    def is_open(self, on: date) -> bool:
        """Say whether it waits: for an answer, or for what was asked when it was returned, until its day."""
        if self.state == "returned":
            return self.due_on is not None and on <= self.due_on
        return self.state == "open"


@dataclass(frozen=True, slots=True)
class Year:
    """A resident's year in a place, after the facts so far."""

    joined_on: date | None = None
    claims: Mapping[str, Claim] = field(default_factory=dict)
    certified: tuple[ScoreCertified, ...] = ()

    @property
    def state(self) -> YearState:
        """Say how the year stands: 未参评, in progress, or certified."""
        if self.certified:
            return "certified"
        return "not_taken_part" if self.joined_on is None else "open"

    def open_claims(self, on: date) -> list[Claim]:
        """Give the claims that wait on a day."""
        return [claim for claim in self.claims.values() if claim.is_open(on)]


def join(assessment: AssessmentOpened, on: date) -> AssessmentJoined:
    """Take part. Raises AssessmentNotOpen."""
    _in_window(assessment, on)
    return AssessmentJoined(year=assessment.year, place=assessment.place, joined_on=on)


def claim(
    assessment: AssessmentOpened,
    year: Year,
    number: str,
    item: str,
    asks: Literal["claim", "recheck"],
    on: date,
    evidence: str | None = None,
    months: list[str] | None = None,
) -> ClaimFiled:
    """File a claim or a recheck; one open at a time for an item. Raises AssessmentNotOpen, ClaimStandsAlready."""
    _in_window(assessment, on)
    if any(other.item == item for other in year.open_claims(on)):
        raise ClaimStandsAlready(item)
    return ClaimFiled(
        year=assessment.year,
        place=assessment.place,
        claim=number,
        item=item,
        asks=asks,
        filed_on=on,
        evidence=evidence,
        months=months,
    )


def answer_by(assessment: AssessmentOpened, filed: Claim, calendar: WorkCalendar) -> date:
    """Give the last day for an answer: 10 working days for a claim, 5 for a recheck, as the place declares.

    Source: Ningbo's clocks. Raises CalendarEnds.
    """
    days = assessment.review_days if filed.asks == "claim" else assessment.recheck_days
    return calendar.after(filed.filed_on, days)


def answer(
    assessment: AssessmentOpened,
    year: Year,
    number: str,
    on: date,
    says: Literal["granted", "refused", "returned"],
    examiners: tuple[str, str | None],
    reason: str | None = None,
    due_on: date | None = None,
) -> ClaimAnswered:
    """Answer a claim. A new item is granted by two different examiners. Raises NoSuchClaim, OneExaminer."""
    found = year.claims.get(number)
    if found is None or not found.is_open(on):
        raise NoSuchClaim(number)
    first, second = examiners
    if found.asks == "claim" and says == "granted" and second in (None, first):
        raise OneExaminer
    return ClaimAnswered(
        year=assessment.year,
        place=assessment.place,
        claim=number,
        answered_on=on,
        answer=says,
        first_examiner=first,
        second_examiner=second,
        reason=reason,
        due_on=due_on,
    )


def certify(
    assessment: AssessmentOpened, year: Year, score: Score, on: date, as_at: int, valid_to: date | None = None
) -> ScoreCertified:
    """Certify the score of the counting day, or certify it again; the later one counts.

    Raises DidNotTakePart, ClaimsAreOpen.
    """
    if assessment.opt_in and year.joined_on is None:
        raise DidNotTakePart
    if year.open_claims(on):
        raise ClaimsAreOpen
    up = int(10 ** (E4 - score.scale))
    return ScoreCertified(
        year=assessment.year,
        place=assessment.place,
        counted_on=assessment.counted_on,
        as_at=as_at,
        rulebooks=score.rulebooks,
        points_e4=score.usable_e4,
        certified_on=on,
        valid_to=valid_to,
        items=[
            CertifiedItem(
                item=f"{line.doc}/{line.item}",
                counted_on=own_day(line.rule.measure.as_of, assessment.counted_on),
                points_e4=line.points * up,
            )
            for line in score.rows
        ],
    )


def _in_window(assessment: AssessmentOpened, on: date) -> None:
    if not assessment.opens_on <= on <= assessment.closes_on:
        raise AssessmentNotOpen


def evolve(year: Year, fact: Fact) -> Year:
    """Take one fact of the resident's year. It refuses nothing; an answer to no claim changes nothing."""
    match fact:
        case AssessmentJoined() if year.joined_on is None:
            return replace(year, joined_on=fact.joined_on)
        case ClaimFiled():
            filed = Claim(fact.claim, fact.item, fact.asks, fact.filed_on)
            return replace(year, claims={**year.claims, fact.claim: filed})
        case ClaimAnswered(claim=number) if number in year.claims:
            answered = replace(
                year.claims[number], state=fact.answer, answered_on=fact.answered_on, due_on=fact.due_on
            )
            return replace(year, claims={**year.claims, number: answered})
        case ScoreCertified():
            return replace(year, certified=(*year.certified, fact))
        case _:
            return year


def fold(facts: Iterable[Fact]) -> Year:
    """Fold the facts of one resident's year in a place."""
    year = Year()
    for fact in facts:
        year = evolve(year, fact)
    return year
