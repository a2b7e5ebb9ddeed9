"""When a score changes by itself: the first day on which the calendar alone moves it.

Same knowledge, same published rulebooks. Candidates come from domain/turning.py; each row is evaluated alone on its
own, so that a day is only reported when something really differs on it, and on no day before it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from heapq import merge
from itertools import repeat
from typing import Any, NamedTuple

from domain.coverage import Coverage
from domain.family import ALONE, Family
from domain.knowledge import Knowledge
from domain.measures import Age
from domain.places import Tier
from domain.rulebook.document import Document
from domain.rulebook.model import Deduction, Item, Rulebook
from domain.rulebook.resolution import Published, RulebookSet, resolve
from domain.score import Score
from domain.scoring import score
from domain.turning import (
    DAY,
    election_days,
    every_day,
    hold_days,
    month_firsts,
    permit_days,
    rises_from,
    turning_days,
)

HORIZON_YEARS = 80
_SCALE_MAX = 4
_LOOKED_AT_FIRST = 12
"""So many days of a row that only rises are looked at one by one, a year of months, before its end is looked at."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """The published rulebooks as known at a position: which are in force changes with the day."""

    published: Sequence[Published]
    as_at: int | None = None

    def under(self, place: str, day: date) -> RulebookSet:
        """Give the documents in force at a place on a day."""
        return resolve(self.published, place, day, self.as_at)

    def switches(self) -> list[date]:
        """Give the days on which some document comes into force or leaves."""
        days = {version.effective_from for version in self.published}
        days |= {end for version in self.published if (end := version.ends_on(self.as_at)) is not None}
        return sorted(days)


def next_change_on(
    knowledge: Knowledge,
    rulebooks: RulebookSet | Timetable,
    place: str,
    as_of: date,
    coverage: Coverage | None = None,
    family: Family = ALONE,
    use: str | None = None,
) -> date | None:
    """Give the first day after `as_of` on which the score differs from that of `as_of`; None within 80 years.

    It differs where the total, the usable points, a tier, the points or the state of a row, or the validity does,
    or the permit's state. `rulebooks` is a set that stays, or the timetable of what is published; `family` and
    `use` are those of domain/scoring.py, and stay.
    """
    return _Outlook(knowledge, rulebooks, place, coverage or Coverage(), family, use).next_after(as_of)


def may_change_on(
    knowledge: Knowledge,
    rulebooks: RulebookSet,
    place: str,
    as_of: date,
    coverage: Coverage | None = None,
    family: Family = ALONE,
) -> date | None:
    """Give the first day after `as_of` on which a score may differ: never later than the day on which it does.

    Cheap, since nothing is scored: until that day every number of the score stays, also each quantity. The set and
    the relatives are those of `as_of` and must stay; None within 80 years.
    """
    outlook = _Outlook(knowledge, rulebooks, place, coverage or Coverage(), family, None)
    until = horizon(as_of)
    rows = (one for document in rulebooks.documents for one in _rows(document, restricted=rulebooks.restricted))
    each = (
        every_day(as_of, until) if alone is None else outlook.row_days(row, as_of, until) for row, alone in rows
    )
    return next(merge(outlook.whole_days(rulebooks, as_of, until), *each), None)


def row_may_change_on(
    row: Item | Deduction, knowledge: Knowledge, as_of: date, coverage: Coverage, family: Family = ALONE
) -> date | None:
    """Give the first day after `as_of` on which what one row counts may differ; None within 80 years."""
    outlook = _Outlook(knowledge, RulebookSet(()), "", coverage, family, None)
    days = outlook.row_days if row.model_fields_set <= _OF_ITSELF else _any_day
    return next(days(row, as_of, horizon(as_of)), None)


def horizon(as_of: date) -> date:
    """Give the day at which looking ahead ends."""
    return date(min(as_of.year + HORIZON_YEARS, date.max.year - 1), 12, 31)


def _any_day(_row: Item | Deduction, after: date, until: date) -> Iterator[date]:
    return every_day(after, until)


class _Watch(NamedTuple):
    """Something that can move: on which days between two it can, and whether it has on a day."""

    days: Callable[[date, date], Iterator[date]]
    differs: Callable[[date], bool]


_OF_ITSELF = frozenset(
    {
        *("id", "clause", "label", "owner", "source", "measure", "award", "cap", "placeholder"),
        *("category", "cap_per_year", "follows", "applies_to"),
    }
)
"""The fields of a row that concern the row alone. A row with any other is evaluated with its whole table."""


@dataclass(frozen=True, slots=True)
class _Outlook:
    knowledge: Knowledge
    rulebooks: RulebookSet | Timetable
    place: str
    coverage: Coverage
    family: Family
    use: str | None

    def next_after(self, as_of: date) -> date | None:
        """Go from one switch of the rulebooks to the next."""
        limit = horizon(as_of)
        switches = self.rulebooks.switches() if isinstance(self.rulebooks, Timetable) else []
        present = self._outcome(self._under(as_of), as_of)
        begins = as_of
        for until in [*(day for day in switches if as_of < day < limit), limit]:
            found = self._within(begins, until, present)
            if found is not None:
                return found
            if until < limit and self._outcome(self._under(until), until) != present:
                return until
            begins = until
        return None

    def _under(self, day: date) -> RulebookSet:
        return self.rulebooks.under(self.place, day) if isinstance(self.rulebooks, Timetable) else self.rulebooks

    def _within(self, after: date, until: date, present: object) -> date | None:
        """Find the first day of (after, until) that differs, under one set: day after day, what can move on it."""
        watches = list(self._watches(self._under(after), after, present))
        streams = [zip(watch.days(after, until), repeat(index)) for index, watch in enumerate(watches)]
        return next((day for day, index in merge(*streams) if watches[index].differs(day)), None)

    def _watches(self, books: RulebookSet, after: date, present: object) -> Iterator[_Watch]:
        """Give what can move: holds, permit and choices with the whole score, then each row by itself."""

        def whole(day: date) -> bool:
            return self._outcome(books, day) != present

        yield _Watch(partial(self.whole_days, books), whole)
        for document in books.documents:
            for row, alone in _rows(document, restricted=books.restricted):
                if alone is None:
                    yield _Watch(every_day, whole)
                else:
                    moved = self._moved(alone)
                    yield _Watch(partial(self._watched_days, row, moved), partial(moved, after))

    def whole_days(self, books: RulebookSet, after: date, until: date) -> Iterator[date]:
        """Give the days on which holds, the permit and choices can change."""
        known = self.knowledge
        of_holds = (hold_days(hold, known, after, until) for book in books.rulebooks for hold in book.holds)
        return merge(permit_days(known, after, until), election_days(known, after, until), *of_holds)

    def _moved(self, alone: Callable[[], RulebookSet]) -> Callable[[date, date], bool]:
        """Say of two days whether the points or the state of a row differ between them."""

        @cache
        def on(day: date) -> object:
            scored = score(self.knowledge, alone(), self.place, day, self.coverage, self.family, self.use)
            return [(row.points, row.state) for row in scored.rows]

        return lambda first, second: on(first) != on(second)

    def _watched_days(
        self, row: Item | Deduction, moved: Callable[[date, date], bool], after: date, until: date
    ) -> Iterator[date]:
        """Give the days of a row, without those between which what only rises earns nothing more."""
        settled = rises_from(row.measure, row.award, self._counted(row))
        if settled is None:
            return self.row_days(row, after, until)
        since = max(settled, after)
        return self.row_days(
            row, after, until, lambda days: _while_it_moves(days, partial(moved, since, until - DAY), since)
        )

    def _counted(self, row: Item | Deduction) -> list[Knowledge]:
        people = (self.knowledge, self.family.spouse, *self.family.parents)
        known = [person for person in people if person is not None]
        return known[:1] if row.measure.subjects == "self" else known

    def row_days(
        self,
        row: Item | Deduction,
        after: date,
        until: date,
        passing: Callable[[Iterator[date]], Iterator[date]] = iter,
    ) -> Iterator[date]:
        """Give the days on which a row's count can change, and the months in which what was delivered runs out.

        `passing` leaves out some of the first.
        """
        days = passing(turning_days(row.measure, self._counted(row), after, until))
        covered = self.coverage.last_month(row.reads.partition("/")[0])
        if covered is None or isinstance(row.measure, Age):
            return days
        first, last = row.measure.months_read(after)
        firsts = month_firsts(after, covered + (last - first) + 2)
        return merge(days, (day for day in firsts if day < until))

    def _outcome(self, books: RulebookSet, day: date) -> object:
        return outcome(score(self.knowledge, books, self.place, day, self.coverage, self.family, self.use))


def _while_it_moves(days: Iterator[date], moves: Callable[[], bool], settled: date) -> Iterator[date]:
    """Pass days on; after some of them beyond the settled day ask once whether anything moves until the end."""
    looked_at = 0
    for day in days:
        if day > settled:
            if looked_at == _LOOKED_AT_FIRST and not moves():
                return
            looked_at += 1
        yield day


def _rows(
    document: Document, *, restricted: bool
) -> Iterator[tuple[Item | Deduction, Callable[[], RulebookSet] | None]]:
    """Give each row of a document, and what makes a set of that row alone; None for a row that may read others."""
    book = document.rulebook if restricted else document.rulebook.without_restricted()
    for block, rows in (("items", book.items), ("deductions", book.deductions)):
        for row in rows:
            by_itself = row.model_fields_set <= _OF_ITSELF
            yield row, cache(partial(_alone, document.hash, book, block, row)) if by_itself else None


def _alone(name: str, book: Rulebook, block: str, row: Item | Deduction) -> RulebookSet:
    bare: dict[str, Any] = {"items": [], "deductions": [], "holds": [], "categories": []}
    only = book.model_copy(update={**bare, "cap": None, "validity": None, "valid_if": None, block: [row]})
    return RulebookSet((Document(only, {}, name),))


def outcome(scored: Score) -> dict[str, Any]:
    """Give what must differ for a score to have changed; points in 1/10000, whatever the scale."""
    unit = 10 ** (_SCALE_MAX - scored.scale)
    return {
        "total": scored.total * unit,
        "usable": scored.usable * unit,
        "tiers": {tier: scored.tier(tier) * unit for tier in Tier},
        "rows": {(row.block, row.doc, row.item): (row.points * unit, row.state) for row in scored.rows},
        "validity": (scored.validity, scored.is_valid, scored.ineligible, scored.permit_state),
    }
