"""Turning days: on which days the calendar alone can change what a row counts. A superset; evaluation decides.

Each kind of measure whose options are all known here declares its days. Of any other kind, or with an option that
is not known here, every day may be one: slower, never wrong.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from heapq import merge
from typing import Any, NamedTuple

from domain.awards import Bands, FirstThen, Marginal, Per, Prorate
from domain.civil import add_months, first_day, month_index
from domain.countable import INSURANCE, PERMIT, day_of
from domain.knowledge import InForce, Knowledge
from domain.measures.base import LAST_MONTH_END, LAST_MONTH_FIRST
from domain.measures.month_sets import REFUNDED
from domain.permit import permit_on
from domain.rulebook.model import Hold

DAY = timedelta(days=1)
_OWN_DAY_MONTHS = 2
"""By so many months at most the day of its own of a row lies before the as-of day."""
_GROWING = ("spells", "months")
Days = Iterator[date]
CLAMPED_DAYS_MAX = 3
"""By so many days at most month arithmetic moves a day: 31 January and a month is 28 February."""
HALF_MONTHS_BEGIN = (0, 1, 15)
"""Days after a full month on which a rest becomes nothing, a half, a whole month."""


def turning_days(measure: Any, people: Sequence[Knowledge], after: date, until: date) -> Days:
    """Give the days of (after, until) on which what a measure counts of these people can change, in order, once."""
    declared = _DECLARED.get(measure.kind)
    if declared is None or not measure.model_fields_set <= declared.options:
        return every_day(after, until)
    days: Iterable[date] = merge(*(declared.days(measure, person, after, until) for person in people))
    if measure.as_of in (LAST_MONTH_END, LAST_MONTH_FIRST):
        last = month_index(max([after, *days])) + _OWN_DAY_MONTHS if declared.ends(measure) else month_index(until)
        days = month_firsts(after, last)
    return _each_once(days, after, until)


def rises_from(measure: Any, award: Any, people: Sequence[Knowledge]) -> date | None:
    """Give a day from which on what a row earns never turns back: it only grows, or stands still. None: not known.

    Spells that go on bring more and more, once no fact of theirs lies ahead; so do the months that they touch.
    """
    declared = _DECLARED.get(measure.kind)
    if declared is None or not measure.model_fields_set <= declared.options or not _gives_no_less(award):
        return None
    sets = _month_sets(measure) if measure.kind == "months" else [measure]
    kinds = [each.of for each in sets if measure.kind in _GROWING]
    looks_back = measure.as_of is not None or getattr(measure, "window", None) is not None
    if not kinds or PERMIT in kinds or looks_back or _turns_back(measure) or declared.ends(measure):
        return None
    facts = [fact for person in people for of in (*kinds, REFUNDED) for fact in _facts(of, person)]
    return max((day + DAY for day in _days_of(facts)), default=date.min)


def _gives_no_less(award: Any) -> bool:
    """Say whether more never earns less. Points of a row have one sign: a deduction takes no less."""
    if isinstance(award, Bands):
        worth = [abs(band.points) for band in award.rows]
        return worth == sorted(worth)
    return isinstance(award, Per | Prorate | FirstThen | Marginal)


def _turns_back(measure: Any) -> bool:
    """Say whether a set of months can lose some: a run that breaks, months that others have."""
    return measure.kind == "months" and (measure.run != "all" or bool(measure.all_of or measure.minus))


def hold_days(hold: Hold, knowledge: Knowledge, after: date, until: date) -> Days:
    """Give the days of (after, until) on which a hold can begin or end."""
    found: set[date] = set()
    for fact in _facts(hold.of, knowledge):
        since = day_of(fact.row, hold.from_)
        found |= {*_fact_days(fact), since}
        found |= {add_months(since, hold.lasts)} if hold.lasts is not None else set()
    return _each_once(sorted(found), after, until)


def election_days(knowledge: Knowledge, after: date, until: date) -> Days:
    """Give the days of (after, until) on which a choice between items begins to count, or ceases to."""
    return _each_once(sorted(_days_of(_facts("item-elected", knowledge))), after, until)


def home_days(knowledge: Knowledge, after: date, until: date) -> Days:
    """Give the days of (after, until) on which a resident can come to be at home elsewhere."""
    facts = (*_facts("residence-registered", knowledge), *knowledge.permits)
    return _each_once(sorted(_days_of(facts)), after, until)


def permit_days(knowledge: Knowledge, after: date, until: date) -> Days:
    """Give the days of (after, until) on which the permit's state can change: its facts', and the calendar's."""
    facts = sorted(day for day in _days_of(knowledge.permits) if after < day < until)
    day = after
    while True:
        on_its_own = permit_on(knowledge.permits, day).changes_on(day)
        following = [next((fact for fact in facts if fact > day), None), on_its_own]
        days = [each for each in following if each is not None and day < each < until]
        if not days:
            return
        day = min(days)
        yield day


def every_day(after: date, until: date) -> Days:
    """Give each day of (after, until)."""
    while (after := after + DAY) < until:
        yield after


def month_firsts(after: date, last: int) -> Days:
    """Give the first days of the months after a day, up to a numbered month."""
    return (first_day(index) for index in range(month_index(after) + 1, last + 1))


def _each_once(days: Iterable[date], after: date, until: date) -> Days:
    last = after
    for day in days:
        if day >= until:
            return
        if day > last:
            last = day
            yield day


def _facts(of: str, knowledge: Knowledge) -> list[InForce]:
    """Give the facts of a kind and variant; for the permit the facts that move it."""
    kind, _, variant = of.partition("/")
    if kind == PERMIT:
        return knowledge.permits
    return [fact for fact in knowledge.of(kind) if not variant or fact.row.variant == variant]


def _fact_days(fact: InForce) -> set[date]:
    return _days_of((fact,))


def _days_of(facts: Iterable[InForce]) -> set[date]:
    days: set[date | None] = set()
    for row, ends_on, void_from, _, passing_ends in facts:
        days.update((row.starts_on, row.ends_on, row.decided_on, row.effective_on, row.completed_on))
        days.update((ends_on, void_from, *(day for ends in passing_ends for day in ends)))
    return {day for day in days if day is not None}


def _length(measure: Any) -> int:
    """Give the months of a window, 0 without one."""
    return 0 if measure.window is None else measure.window.last


def _age(measure: Any, knowledge: Knowledge, after: date, until: date) -> Iterable[date]:
    """Birthdays, and where a year begun counts the days after; born on 29 February, one turns on 1 March."""
    born = knowledge.born_on
    if born is None:
        return
    for year in range(after.year, until.year + 1):
        try:
            birthday = born.replace(year=year)
        except ValueError:
            birthday = date(year, 3, 1)
        yield birthday
        if measure.part_year == "counts":
            yield birthday + DAY


def _months(measure: Any, knowledge: Knowledge, after: date, until: date) -> Iterable[date]:
    """Firsts of months while a window or a run still passes over the newest month, days of voids and refunds.

    A spell brings its months on their second day, or as whole months on the first of the next, while it goes on.
    """
    kinds = {each.of for each in _month_sets(measure)}
    facts = [fact for of in kinds for fact in _facts(of, knowledge)]
    days = _days_of(facts) | _days_of(knowledge.of(REFUNDED))
    if kinds != {INSURANCE}:
        days |= {*permit_days(knowledge, after, until)} if PERMIT in kinds else set()
        begun = month_firsts(first_day(month_index(after)) - DAY, month_index(until))  # today may be a first itself
        firsts = (each for day in begun for each in (day, day + DAY))
        return merge(sorted(days | {day + DAY for day in days}), firsts)
    newest = max((month_index(day) for day in days), default=0)
    return merge(sorted(days), month_firsts(after, newest + _length(measure) + 2))


def _dated(measure: Any, knowledge: Knowledge, after: date, until: date) -> Iterable[date]:
    """Days of the facts, of their lapses, and around the days on which they leave the window."""
    of = getattr(measure, "of", "manual-grant")
    found: set[date] = set()
    for fact in _facts(of, knowledge):
        found |= _fact_days(fact)
        if measure.lapses is not None:
            found.add(add_months(day_of(fact.row, measure.lapses.from_), measure.lapses.after))
        if measure.window is not None:
            found |= _around(add_months(day_of(fact.row, measure.window.from_), _length(measure)))
    if of == PERMIT:
        found |= {*permit_days(knowledge, after, until)}
    return sorted(found)


def _around(day: date) -> set[date]:
    return {day + n * DAY for n in range(-CLAMPED_DAYS_MAX, CLAMPED_DAYS_MAX + 1)}


def _spells(measure: Any, knowledge: Knowledge, after: date, until: date) -> Iterable[date]:
    """Days of the facts and the day after; each further month, or day, of what goes on; every day of a window."""
    facts = _facts(measure.of, knowledge)
    days = _days_of(facts)
    if measure.of == PERMIT:
        days |= {*permit_days(knowledge, after, until)}
    streams: list[Iterable[date]] = [sorted(days | {day + DAY for day in days})]
    if measure.window is not None:
        streams.append(every_day(after, min(until, _moves_until(measure, days, after, until))))
    ends = [fact.ends_on for fact in facts]
    last = min(until, max((end + DAY if end is not None else until for end in ends), default=after))
    starts = [fact.row.starts_on for fact in facts]
    streams += [_going_on(start, after, last, measure) for start in starts if start is not None]
    return merge(*streams)


def _moves_until(measure: Any, days: set[date], after: date, until: date) -> date:
    """Give a day from which on what goes on fills the window with the same number of months, for ever.

    With days left over beside the months it is never the same: from 30 November to 31 December is a day more.
    """
    if measure.count_ in ("days", "half_months") or measure.join == "pooled":
        return until if days else after
    filled = max((add_months(day, _length(measure)) for day in days), default=after)
    return filled + (CLAMPED_DAYS_MAX + 1) * DAY


def _going_on(start: date, after: date, last: date, measure: Any) -> Days:
    """Count on from a start to the last end of all: spells that touch go on as one."""
    if measure.count_ == "days" or measure.join == "pooled":
        yield from every_day(max(after, start), last)
        return
    steps = HALF_MONTHS_BEGIN if measure.count_ == "half_months" else (0,)
    months = max(0, month_index(after) - month_index(start) - 1)
    while (full := add_months(start, months)) < last:
        yield from (full + step * DAY for step in steps)
        months += 1


class _Declared(NamedTuple):
    """The options under which a kind's days are known, the days, and whether they ever end."""

    options: frozenset[str]
    days: Callable[[Any, Knowledge, date, date], Iterable[date]]
    ends: Callable[[Any], bool]


def _always(_measure: Any) -> bool:
    return True


def _never(_measure: Any) -> bool:
    return False


def _insured(measure: Any) -> bool:
    """Say whether a set of months is of insurance alone: its days end, those of spells that go on do not."""
    return all(each.of == INSURANCE for each in _month_sets(measure))


def _month_sets(measure: Any) -> list[Any]:
    return [measure, *(measure.any_of or ()), *(measure.all_of or ()), *(measure.minus or ())]


_OF_SOMEBODY = frozenset({"kind", "as_of", "subjects"})
_OF_FACTS = _OF_SOMEBODY | {"of", "scope", "window", "only", "exclude"}
_OF_DATED = _OF_FACTS | {"lapses"}
_DECLARED: dict[str, _Declared] = {
    "age": _Declared(_OF_SOMEBODY | {"part_year"}, _age, _never),
    "months": _Declared(
        _OF_FACTS | {"run", "standing", "insurance", "part", "any_of", "all_of", "minus"}, _months, _insured
    ),
    "spells": _Declared(_OF_FACTS | {"run", "count_", "join"}, _spells, _never),
    "sum": _Declared(_OF_DATED | {"unit", "paid", "most_per_year"}, _dated, _always),
    "count": _Declared(_OF_DATED | {"distinct"}, _dated, _always),
    "levels": _Declared(_OF_DATED | {"same_act"}, _dated, _always),
    "share": _Declared(_OF_DATED | {"holders"}, _dated, _always),
    "state": _Declared(_OF_DATED, _dated, _always),
    "grants": _Declared(_OF_DATED, _dated, _always),
}
