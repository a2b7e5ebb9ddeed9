"""One resident with five hundred facts, explained: the score, both texts, and the next day on which it moves.

A long life under the tables of the population: 25 years of insurance with months reported again, moves from one
district to another and back, two jobs at a time, services and donations through all the years, a late endorsement.
"""

import gc
import time
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from domain import facts
from domain.civil import add_months, month_index, month_text
from domain.explanation import explain
from domain.factrow import FactRow, rows_of
from domain.facts import Fact, Known, Ref
from domain.knowledge import in_force
from domain.next_change import next_change_on
from domain.score import Line
from domain.scoring import score
from tests.population_rulebooks import benchmark_rulebooks

FACTS = 500
ROUNDS = 15
TODAY = date(2026, 10, 1)
YINZHOU, HAISHU, ELSEWHERE = "330212", "330203", "330106"
_PLACES = (YINZHOU, YINZHOU, HAISHU, YINZHOU, ELSEWHERE)
_STREAM = UUID(int=1)


def _month(ago: int) -> str:
    return month_text(month_index(TODAY) - ago)


def _day(ago: int) -> date:
    return TODAY - timedelta(days=ago)


def _life() -> Iterator[Fact]:
    """Tell the facts in the order of their kinds."""
    yield facts.ParticularsCorrected(born_on=date(1975, 3, 8))
    yield facts.PermitIssued(on=date(2014, 5, 6), place=YINZHOU, permit="P1")
    for year in range(1, 12):
        late = 40 if year == 7 else -10
        endorsed = add_months(date(2014, 5, 6), 12 * year) + timedelta(days=late)
        yield facts.PermitEndorsed(on=endorsed, place=YINZHOU, permit="P1")
    for number in range(12):
        place, since = _PLACES[number % 5], add_months(date(2003, 1, 31), 23 * number)
        yield facts.ResidenceRegistered(registered_on=since, place=place, spell=f"R{number}")
        yield facts.EmploymentStarted(started_on=since, place=place, spell=f"E{number}")
        if number < 11:
            ended = add_months(since, 22 + number % 2)
            yield facts.ResidenceEnded(ended_on=ended, place=place, spell=f"R{number}")
            yield facts.EmploymentEnded(ended_on=ended + timedelta(days=20), place=place, spell=f"E{number}")
    for level in ("high_school", "college", "bachelor"):
        yield facts.EducationAwarded(level=level, awarded_on=date(2010, 7, 1))
    for number in range(60):
        yield facts.VolunteerHoursServed(
            served_on=_day(11 + 25 * number), place=YINZHOU, minutes=90, paid=not number % 4
        )
    for number in range(20):
        yield facts.BloodDonated(donated_on=_day(40 + 190 * number), place=HAISHU, millilitres=200)
    for number in range(5):
        yield facts.HonourReceived(level="city", received_on=_day(400 * number + 5), place=YINZHOU)
    for ago in range(1, FACTS):
        month = _month((ago - 1) % 300 + 1)
        place = _PLACES[ago % 7 % 5] if ago <= 300 else HAISHU
        yield facts.InsuranceMonthPaid(
            month=month, place=place, standing="back-paid" if ago % 31 == 0 else "normal"
        )


def rows() -> list[FactRow]:
    """Give the rows of the life."""
    told = [fact for fact, _ in zip(_life(), range(FACTS), strict=False)]
    entries = [Known(fact, number, Ref(stream=_STREAM, version=number)) for number, fact in enumerate(told, 1)]
    return [row for entry in entries for row in rows_of(entry)]


def explained() -> list[float]:
    """Score and explain the resident, every round from the rows on; give the milliseconds of processor time."""
    known, rulebooks, spent = rows(), benchmark_rulebooks(), []
    for _ in range(ROUNDS):
        gc.collect()
        began = time.process_time()
        knowledge = in_force(known)
        scored = score(knowledge, rulebooks, YINZHOU, TODAY)
        texts = [*explain(scored, "zh"), *explain(scored, "en")]
        moves_on = next_change_on(knowledge, rulebooks, YINZHOU, TODAY)
        spent.append((time.process_time() - began) * 1000)
        told = sum(len(line.used) + len(line.ignored) for line in scored.lines if isinstance(line, Line))
        if told < FACTS or not texts or moves_on is None:
            raise AssertionError("the resident is not explained")
    return spent
