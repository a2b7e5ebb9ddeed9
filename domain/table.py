"""One table evaluated for one resident: awards, then year, item, category, tier caps; deductions and holds beside.

Every row is rounded once, at the table's own scale; what leaves the table is in units of the set's scale.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from domain.awards import NOTHING, Awarded, ByLevel, OfQuantity
from domain.civil import add_months
from domain.countable import day_of
from domain.coverage import Coverage
from domain.knowledge import FactRow
from domain.measures import Age, OfFacts, own_day
from domain.measures.base import Subjects
from domain.notation import Label, half_up, units_of
from domain.ready import Book, Row, Views
from domain.rulebook.model import Category, Deduction, Hold, Item
from domain.score import Held, Line, LineState, Loss, LossLevel, Part
from domain.view import Counted, View

_HALF = Fraction(1, 2)
ELECTED = "item-elected"
_QUANTITIES_KEPT = 4096


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


class Table:
    """A rulebook read for one resident.

    `use` is the programme for which points are asked; None: none, so that rows limited to some do not count.
    """

    def __init__(self, book: Book, views: Views, coverage: Coverage, use: str | None = None) -> None:
        self._ready = book
        self._book = book.rulebook
        self._up = book.up
        self._views = views
        self._view = views.own
        self._coverage = coverage
        self._use = use

    def items(self) -> Result:
        """Award every item, then cap items, categories and the table."""
        book = self._book
        lines: list[Line | Loss] = []
        points: dict[str, int] = {}
        for row in self._ready.items:
            points[row.rule.id] = self._item(row, lines)
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
        for row in self._ready.deductions:
            rule = row.rule
            other_use = isinstance(rule, Deduction) and rule.applies_to and self._use not in rule.applies_to
            if self._reads_nothing(row) and not other_use:
                lines.append(self._nothing(row))
                continue
            share, earned = self._shared(row)
            if other_use:
                lines.append(self._line(row, share, earned, 0, LineState.OTHER_USE))
                continue
            points = earned if row.cap is None else max(earned, -row.cap)
            lines.append(self._line(row, share, earned, points))
            lines += self._losses("item", rule.id, rule.label, earned, points)
        return lines

    def holds(self) -> list[Held]:
        """Find the holds in force, one for each fact that causes one."""
        holds = (hold for hold in self._book.holds if not hold.applies_to or self._use in hold.applies_to)
        return [held for hold in holds for held in self._held(hold)]

    def _item(self, row: Row, lines: list[Line | Loss]) -> int:
        """Add an item's line and losses; give its points after its own caps."""
        if self._reads_nothing(row):
            lines.append(self._nothing(row))
            return 0
        rule, cap = row.rule, row.cap
        share, earned = self._shared(row)
        by_year = isinstance(rule, Item) and rule.cap_per_year is not None
        of_years = self._rounded(share.of_years) if by_year else earned
        points = of_years if cap is None or of_years <= cap else cap
        lines.append(self._line(row, share, earned, points))
        if points != earned:
            lines += self._losses("year", rule.id, rule.label, earned, of_years, share.years)
            lines += self._losses("item", rule.id, rule.label, of_years, points)
        return points

    def _reads_nothing(self, row: Row) -> bool:
        """Say whether a row rests on one kind of fact of the resident alone, of which nothing is known."""
        knowledge = self._view.knowledge
        return row.lone and row.kind not in knowledge.facts and not knowledge.ignored

    def _nothing(self, row: Row) -> Line:
        """Give the line of a row for somebody without facts, which gives nothing: the same for everybody."""
        measure = row.rule.measure
        first, last = measure.months_read(self._view.as_of) if isinstance(measure, OfFacts) else (0, 0)
        covered = self._coverage.covers(row.kind, self._view.place, first, last)
        found = row.nothing.get(covered)
        if found is None:
            state = LineState.ZERO if covered else LineState.NO_DATA
            found = row.nothing[covered] = self._line(row, self._shared(row)[0], 0, 0, state)
        return found

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

    def _shared(self, row: Row) -> tuple[_Share, int]:
        """Count and award a row for everybody whom it counts; give what it is worth, and that rounded."""
        measure = row.rule.measure
        if row.plain:
            return self._plain(row, self._on_its_day(measure.as_of, self._view))
        if measure.subjects == "self":
            share = self._one(row, self._on_its_day(measure.as_of, self._view))
            return share, self._rounded(share.awarded.points)
        shares = [
            self._one(row, self._on_its_day(measure.as_of, view)) for view in self._views.of(measure.subjects)
        ]
        if not shares:
            return _Share(Counted(None, ""), Awarded(NOTHING, [], []), NOTHING), 0
        largest_first = sorted(shares, key=lambda share: abs(share.of_years), reverse=True)
        share = _TOGETHER[measure.subjects](largest_first)
        return share, self._rounded(share.awarded.points)

    def _plain(self, row: Row, view: View) -> tuple[_Share, int]:
        """Count a row whose award needs the quantity alone; what a quantity earns is remembered."""
        counted = row.rule.measure.count(view, row.reading)
        quantity, award = counted.quantity, row.rule.award
        if quantity is None or not isinstance(award, OfQuantity):
            return _Share(counted, Awarded(NOTHING, counted.used, counted.ignored), NOTHING), 0
        known = row.worth.get(quantity)
        if known is None:
            if len(row.worth) > _QUANTITIES_KEPT:
                row.worth.clear()
            points = award.points_for(quantity)
            known = row.worth[quantity] = (points, self._rounded(points))
        return _Share(counted, Awarded(known[0], counted.used, counted.ignored), known[0]), known[1]

    @staticmethod
    def _on_its_day(word: str | None, view: View) -> View:
        return view if word is None else view.on(own_day(word, view.as_of))

    def _one(self, row: Row, view: View) -> _Share:
        rule = row.rule
        counted = rule.measure.count(view, row.reading)
        if counted.quantity is None:
            return _Share(counted, Awarded(NOTHING, counted.used, counted.ignored), NOTHING)
        awarded = rule.award.award(counted)
        by_year = self._by_year(rule, counted)
        if by_year is None or not isinstance(rule, Item) or rule.cap_per_year is None:
            return _Share(counted, awarded, awarded.points)
        cap = Fraction(rule.cap_per_year)
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

    def _line(self, row: Row, share: _Share, earned: int, points: int, state: LineState | None = None) -> Line:
        counted, awarded = share.counted, share.awarded
        return Line(
            row.rule,
            self._book.doc,
            self._book.tier,
            row.source,
            state or (LineState.SCORED if earned else self._state(row.rule, counted)),
            counted.quantity,
            counted.unit,
            awarded.points,
            earned,
            points,
            tuple(awarded.used),
            tuple(awarded.ignored),
            None if counted.periods is None else tuple(counted.periods),
        )

    def _state(self, rule: Item | Deduction, counted: Counted) -> LineState:
        """Tell zero by rule from no data, for a row that gives nothing."""
        if counted.found:
            return LineState.ZERO
        if counted.quantity is None or isinstance(rule.measure, Age):
            return LineState.NO_DATA
        kind = rule.reads.partition("/")[0]
        covered = self._coverage.covers(kind, self._view.place, *rule.measure.months_read(self._view.as_of))
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
        key = (points.numerator, points.denominator)
        rounded = self._ready.rounded.get(key)
        if rounded is None:
            if len(self._ready.rounded) > _QUANTITIES_KEPT:
                self._ready.rounded.clear()
            rounded = self._ready.rounded[key] = half_up(points, self._book.scale) * self._up
        return rounded

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
