"""When a programme must be asked again: the next day on which the calendar alone can change what it says.

A superset: nothing differs on most of these days, and on no other day anything does. It never looks further than
the first of the next month, so that what is counted in months needs no days of its own.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from domain.civil import birthday, first_day, month_index
from domain.knowledge import InForce, Knowledge
from domain.programme.checks import every_condition
from domain.programme.conditions import DAYS, Measured
from domain.programme.model import ByMeasure, Programme
from domain.rulebook.resolution import RulebookSet
from domain.turning import DAY, election_days, hold_days, permit_days, turning_days


def due_after(
    own: Knowledge,
    asked: Iterable[tuple[Programme, RulebookSet, Sequence[Knowledge]]],
    on: date,
    turns: Iterable[date] = (),
) -> date:
    """Give the first day after `on` on which one of the programmes may say something else of its people.

    `own` says where the resident is at home, and so which programmes are asked. `turns` are days on which something
    else turns: ties, and which programmes and tables are in force.
    """
    until = first_day(month_index(on) + 1)
    days = [until, *(day for day in turns if on < day < until), *_own_days(own, on, until)]
    seen = {id(own)}
    for programme, rulebooks, people in asked:
        for person in people:
            if id(person) not in seen:
                seen.add(id(person))
                days += _own_days(person, on, until)
        days += _fixed_days(programme, on, until)
        days += _counted_days(programme, people, on, until)
        if programme.score is not None and programme.score.kind == "live":
            days += _score_days(rulebooks, people, on, until)
    return min(days)


def _own_days(person: Knowledge, on: date, until: date) -> Iterator[date]:
    """Give the days of facts and those after them, of the permit, and birthdays."""
    facts: list[InForce] = [*person.permits, *(fact for kind in person.rows for fact in person.of(kind))]
    for row, ends_on, void_from, _, passing in facts:
        told = (row.starts_on, row.ends_on, row.decided_on, row.effective_on, row.completed_on, ends_on, void_from)
        for day in (*told, *(each for pair in passing for each in pair)):
            if day is not None and on <= day < until:
                yield from (each for each in (day, day + DAY) if on < each < until)
    yield from permit_days(person, on, until)
    if person.born_on is not None:
        for year in (on.year, until.year):
            day = birthday(person.born_on, year - person.born_on.year)
            yield from (each for each in (day, day + DAY) if on < each < until)


def _fixed_days(programme: Programme, on: date, until: date) -> Iterator[date]:
    told: list[date | str | None] = [programme.effective.from_, programme.effective.to, programme.counted_on.day]
    told += [day for _, condition in every_condition(programme) for day in condition.on if day not in DAYS]
    for day in told:
        fixed = date.fromisoformat(day) if isinstance(day, str) and day not in DAYS else day
        if isinstance(fixed, date):
            yield from (each for each in (fixed, fixed + DAY) if on < each < until)


def _counted_days(programme: Programme, people: Sequence[Knowledge], on: date, until: date) -> Iterator[date]:
    measures = [c.measure for _, c in every_condition(programme) if isinstance(c, Measured)]
    measures += [key.measure for key in programme.order_by if isinstance(key, ByMeasure)]
    for measure in measures:
        first = next(turning_days(measure, people, on, until), None)
        if first is not None:
            yield first


def _score_days(rulebooks: RulebookSet, people: Sequence[Knowledge], on: date, until: date) -> Iterator[date]:
    for book in rulebooks.rulebooks:
        for row in (*book.items, *book.deductions):
            first = next(turning_days(row.measure, people, on, until), None)
            if first is not None:
                yield first
        for hold in book.holds:
            yield from (day for person in people for day in hold_days(hold, person, on, until))
    yield from (day for person in people for day in election_days(person, on, until))
