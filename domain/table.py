"""One table evaluated for one resident: awards, then year, item, category, tier caps; deductions and holds beside.

Every row is rounded once, at the table's own scale; what leaves the table is in units of the set's scale.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from domain.awards import NOTHING, Awarded, ByLevel
from domain.civil import add_months
from domain.countable import day_of
from domain.coverage import Coverage
from domain.family import ALONE, Family
from domain.knowledge import FactRow
from domain.measures import Age, Reading, own_day
from domain.measures.base import Subjects
from domain.notation import Label, half_up, units_of
from domain.places import Tier
from domain.rulebook.model import Category, Deduction, Hold, Item, Rulebook
from domain.score import Held, Line, LineState, Loss, LossLevel, Part
from domain.view import Counted, View

_HALF = Fraction(1, 2)
ELECTED = "item-elected"


@dataclass(frozen=True, slots=True)
class Result:
    """The lines of a table's items in their order, each followed by its losses, and its sums."""

    lines: list[Line | Loss]
    categories: list[Part]
    table: Part


class _Share(NamedTuple):
    """What one person's facts give a row: before and after the year's cap, exact; the years that it cut."""

    counted: Counted
    awarded: Awarded
    of_years: Fraction
    years: tuple[int, ...] = ()


class Views:
    """The knowledge of a resident and of the family, read at a place as of a day."""

    def __init__(self, own: View, family: Family = ALONE) -> None:
        self.own = own
        self._family = family
        self._others: dict[int, View] = {}

    def of(self, subjects: Subjects) -> list[View]:
        """Give the views of those whose facts a row counts; none where there is no such person."""
        if subjects == "self":
            return [self.own]
        if subjects == "spouse":
            spouse = self._family.spouse
            return [] if spouse is None else [self._view(spouse)]
        return [self._view(person) for person in self._family.couple(self.own.knowledge)]

    def _view(self, person: object) -> View:
        if person is self.own.knowledge:
            return self.own
        if id(person) not in self._others:
            self._others[id(person)] = View(person, self.own.place, self.own.as_of)  # type: ignore[arg-type]
        return self._others[id(person)]


class Table:
    """A rulebook read for one resident. `scale` is that of the set the rulebook stands in.

    `use` is the programme for which points are asked; None: none, so that rows limited to some do not count.
    """

    def __init__(
        self, rulebook: Rulebook, scale: int, views: Views, coverage: Coverage, use: str | None = None
    ) -> None:
        self._book = rulebook
        self._up: int = 10 ** (scale - rulebook.scale)
        self._views = views
        self._view = views.own
        self._coverage = coverage
        self._use = use

    def items(self) -> Result:
        """Award every item, then cap items, categories and the table."""
        book = self._book
        lines: list[Line | Loss] = []
        points: dict[str, int] = {}
        for item in book.items:
            item_lines, points[item.id] = self._item(item)
            lines += item_lines
        categories = []
        for category in book.categories:
            rows = [item for item in book.items if item.category == category.id]
            if category.choose == "one":
                lines += self._choice(category, rows, points)
            earned = sum(points[item.id] for item in rows)
            part = self._part(category.id, category.label, earned, category.cap)
            lines += self._losses("category", category.id, category.label, earned, part.points)
            categories.append(part)
        free = sum(points[item.id] for item in book.items if item.category is None)
        earned = free + sum(part.points for part in categories)
        table = self._part(book.doc, book.label, earned, book.cap)
        lines += self._losses("tier", book.doc, book.label, earned, table.points)
        return Result(lines, categories, table)

    def deductions(self) -> list[Line | Loss]:
        """Award every deduction; a cap bounds what it can take, and one for other uses takes nothing."""
        lines: list[Line | Loss] = []
        for row in self._book.deductions:
            share = self._shared(row, row.follows or self._book.reach)
            earned = self._rounded(share.awarded.points)
            if row.applies_to and self._use not in row.applies_to:
                lines.append(self._line(row, share, earned, 0, LineState.OTHER_USE))
                continue
            points = earned if row.cap is None else max(earned, -self._units(row.cap))
            lines.append(self._line(row, share, earned, points))
            lines += self._losses("item", row.id, row.label, earned, points)
        return lines

    def holds(self) -> list[Held]:
        """Find the holds in force, one for each fact that causes one."""
        holds = (hold for hold in self._book.holds if not hold.applies_to or self._use in hold.applies_to)
        return [held for hold in holds for held in self._held(hold)]

    def _item(self, item: Item) -> tuple[list[Line | Loss], int]:
        share = self._shared(item, self._book.reach)
        earned = self._rounded(share.awarded.points)
        of_years = earned if item.cap_per_year is None else self._rounded(share.of_years)
        losses = self._losses("year", item.id, item.label, earned, of_years, share.years)
        points = of_years if item.cap is None else min(of_years, self._units(item.cap))
        losses += self._losses("item", item.id, item.label, of_years, points)
        return [self._line(item, share, earned, points), *losses], points

    def _choice(self, category: Category, rows: list[Item], points: dict[str, int]) -> list[Loss]:
        """Leave one item of a category: the elected one, otherwise the best, of equal ones the first."""
        elected = self._elected(category, rows)
        chosen = elected or max(rows, key=lambda item: points[item.id], default=None)
        losses = []
        for item in rows:
            if item is not chosen:
                losses += self._losses("choice", item.id, item.label, points[item.id], 0)
                points[item.id] = 0
        return losses

    def _elected(self, category: Category, rows: list[Item]) -> Item | None:
        """Give the item that the applicant chose last; a choice of what is not in the category is none."""
        by_id = {item.id: item for item in rows}
        selection = self._view.select(f"{ELECTED}/{self._book.doc}/{category.id}", self._book.reach)
        choices = [fact.row for fact in selection.facts if fact.row.level in by_id]
        newest = max(choices, key=_when, default=None)
        return None if newest is None else by_id[newest.level or ""]

    def _shared(self, row: Item | Deduction, scope: Tier) -> _Share:
        """Count and award a row for everybody whom it counts, and put their shares together."""
        measure = row.measure
        reading = Reading(scope, f"{self._book.doc}/{row.id}")
        if measure.subjects == "self":
            return self._one(row, self._on_its_day(measure.as_of, self._view), reading)
        shares = [
            self._one(row, self._on_its_day(measure.as_of, view), reading)
            for view in self._views.of(measure.subjects)
        ]
        if not shares:
            return _Share(Counted(None, ""), Awarded(NOTHING, [], []), NOTHING)
        return _TOGETHER[measure.subjects](sorted(shares, key=lambda share: abs(share.of_years), reverse=True))

    @staticmethod
    def _on_its_day(word: str | None, view: View) -> View:
        return view if word is None else view.on(own_day(word, view.as_of))

    def _one(self, row: Item | Deduction, view: View, reading: Reading) -> _Share:
        counted = row.measure.count(view, reading)
        if counted.quantity is None:
            return _Share(counted, Awarded(NOTHING, counted.used, counted.ignored), NOTHING)
        awarded = row.award.award(counted)
        by_year = self._by_year(row, counted)
        if by_year is None or not isinstance(row, Item) or row.cap_per_year is None:
            return _Share(counted, awarded, awarded.points)
        cap = Fraction(row.cap_per_year)
        of_years = sum((min(points, cap) for points in by_year.values()), NOTHING)
        years = tuple(sorted(year for year, points in by_year.items() if points > cap))
        return _Share(counted, awarded._replace(points=sum(by_year.values(), NOTHING)), of_years, years)

    @staticmethod
    def _by_year(row: Item | Deduction, counted: Counted) -> dict[int, Fraction] | None:
        award = row.award
        if isinstance(row, Deduction) or counted.by_year is None or isinstance(award, ByLevel):
            return None
        if row.cap_per_year is None:
            return None
        return {year: award.points_for(quantity) for year, quantity in counted.by_year.items()}

    def _line(
        self, row: Item | Deduction, share: _Share, earned: int, points: int, state: LineState | None = None
    ) -> Line:
        counted, awarded = share.counted, share.awarded
        return Line(
            rule=row,
            doc=self._book.doc,
            tier=self._book.tier,
            source=row.source or self._book.source,
            state=state or self._state(row, counted, earned),
            quantity=counted.quantity,
            unit=counted.unit,
            raw=awarded.points,
            earned=earned,
            points=points,
            used=tuple(awarded.used),
            ignored=tuple(awarded.ignored),
            periods=tuple(counted.periods) if counted.periods is not None else None,
        )

    def _state(self, row: Item | Deduction, counted: Counted, earned: int) -> LineState:
        if earned:
            return LineState.SCORED
        if counted.found:
            return LineState.ZERO
        if counted.quantity is None or isinstance(row.measure, Age):
            return LineState.NO_DATA
        kind = row.reads.partition("/")[0]
        covered = self._coverage.covers(kind, self._view.place, *row.measure.months_read(self._view.as_of))
        return LineState.ZERO if covered else LineState.NO_DATA

    def _held(self, hold: Hold) -> list[Held]:
        held = []
        for fact in self._view.select(hold.of, self._book.reach).facts:
            since, until = day_of(fact.row, hold.from_), self._until(hold, fact.row)
            if hold.levels is not None and fact.row.level not in hold.levels:
                continue
            if since <= self._view.as_of and (until is None or self._view.as_of < until):
                book, row = self._book.doc, fact.row
                held.append(
                    Held(book, hold.id, hold.clause, hold.label, hold.effect, row, since, until, hold.placeholder)
                )
        return held

    @staticmethod
    def _until(hold: Hold, row: FactRow) -> date | None:
        """Give the first day without the hold; None where it holds for ever, or until somebody settles it."""
        ends = []
        if hold.lasts is not None:
            ends.append(add_months(day_of(row, hold.from_), hold.lasts))
        if hold.until_completed and row.completed_on is not None:
            ends.append(row.completed_on)
        return min(ends, default=None)

    def _part(self, name: str, label: Label, earned: int, cap: Decimal | None) -> Part:
        limit = None if cap is None else self._units(cap)
        points = earned if limit is None else min(earned, limit)
        return Part(self._book.doc, self._book.tier, name, label, earned, points, limit)

    def _losses(
        self,
        level: LossLevel,
        of: str,
        label: Label,
        earned: int,
        counted: int,
        years: tuple[int, ...] = (),
    ) -> list[Loss]:
        return [] if earned == counted else [Loss(level, self._book.doc, of, label, earned, counted, years)]

    def _rounded(self, points: Fraction) -> int:
        return half_up(points, self._book.scale) * self._up

    def _units(self, cap: Decimal) -> int:
        return units_of(cap, self._book.scale) * self._up


def _when(row: FactRow) -> tuple[date, int, int]:
    return row.starts_on or date.min, row.position, row.part


def _best(shares: list[_Share]) -> _Share:
    """Take the largest alone; of equal ones the first, which is the resident's own where it is among them."""
    return shares[0]


def _added(shares: list[_Share]) -> _Share:
    return _sum(shares, [Fraction(1)] * len(shares))


def _second_at_half(shares: list[_Share]) -> _Share:
    return _sum(shares, [Fraction(1), *[_HALF] * (len(shares) - 1)])


def _sum(shares: list[_Share], weights: list[Fraction]) -> _Share:
    pairs = list(zip(shares, weights, strict=True))
    known = [share for share in shares if share.counted.quantity is not None]
    first = (known or shares)[0].counted
    counted = Counted(
        sum(share.counted.quantity or 0 for share in known) if known else None,
        first.unit,
        found=any(share.counted.found for share in shares),
    )
    awarded = Awarded(
        sum((share.awarded.points * weight for share, weight in pairs), NOTHING),
        [row for share in shares for row in share.awarded.used],
        [other for share in shares for other in share.awarded.ignored],
    )
    of_years = sum((share.of_years * weight for share, weight in pairs), NOTHING)
    return _Share(counted, awarded, of_years, tuple(sorted({year for share in shares for year in share.years})))


_TOGETHER: dict[Subjects, Callable[[list[_Share]], _Share]] = {
    "spouse": _best,
    "best_parent": _best,
    "both": _added,
    "second_at_half": _second_at_half,
}
