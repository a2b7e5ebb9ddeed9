"""One table evaluated for one resident: awards, then year, item, category, tier caps; deductions and holds beside.

Every row is rounded once, at the table's own scale; what leaves the table is in units of the set's scale.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from domain.awards import NOTHING, Awarded, ByLevel
from domain.civil import add_months
from domain.countable import day_of
from domain.coverage import Coverage
from domain.measures import Age, Reading
from domain.notation import Label, half_up, units_of
from domain.places import Tier
from domain.rulebook.model import Deduction, Hold, Item, Rulebook
from domain.score import Held, Line, LineState, Loss, Part
from domain.view import Counted, View


@dataclass(frozen=True, slots=True)
class Result:
    """The lines of a table's items in their order, each followed by its losses, and its sums."""

    lines: list[Line | Loss]
    categories: list[Part]
    table: Part


class Table:
    """A rulebook read for one resident. `scale` is that of the set the rulebook stands in."""

    def __init__(self, rulebook: Rulebook, scale: int, view: View, coverage: Coverage) -> None:
        self._book = rulebook
        self._up: int = 10 ** (scale - rulebook.scale)
        self._view = view
        self._coverage = coverage

    def items(self) -> Result:
        """Award every item, then cap items, categories and the table."""
        book = self._book
        lines: list[Line | Loss] = []
        sums: dict[str | None, int] = {}
        for item in book.items:
            item_lines, points = self._item(item)
            lines += item_lines
            sums[item.category] = sums.get(item.category, 0) + points
        categories = []
        for category in book.categories:
            earned = sums.get(category.id, 0)
            part = self._part(category.id, category.label, earned, category.cap)
            lines += self._losses("category", category.id, category.label, earned, part.points)
            categories.append(part)
        earned = sums.get(None, 0) + sum(part.points for part in categories)
        table = self._part(book.doc, book.label, earned, book.cap)
        lines += self._losses("tier", book.doc, book.label, earned, table.points)
        return Result(lines, categories, table)

    def deductions(self) -> list[Line | Loss]:
        """Award every deduction; a cap bounds what it can take."""
        lines: list[Line | Loss] = []
        for row in self._book.deductions:
            counted, awarded = self._awarded(row, row.follows or self._book.reach)
            earned = self._rounded(awarded.points)
            points = earned if row.cap is None else max(earned, -self._units(row.cap))
            lines.append(self._line(row, counted, awarded, earned, points))
            lines += self._losses("item", row.id, row.label, earned, points)
        return lines

    def holds(self) -> list[Held]:
        """Find the holds in force, one for each fact that causes one."""
        return [held for hold in self._book.holds for held in self._held(hold)]

    def _item(self, item: Item) -> tuple[list[Line | Loss], int]:
        counted, awarded = self._awarded(item, self._book.reach)
        by_year = self._by_year(item, counted)
        raw = awarded.points if by_year is None else sum(by_year.values(), NOTHING)
        awarded = awarded._replace(points=raw)
        earned = of_years = self._rounded(raw)
        losses: list[Loss] = []
        if by_year is not None and item.cap_per_year is not None:
            cap = Fraction(item.cap_per_year)
            of_years = self._rounded(sum((min(points, cap) for points in by_year.values()), NOTHING))
            years = tuple(sorted(year for year, points in by_year.items() if points > cap))
            losses += self._losses("year", item.id, item.label, earned, of_years, years)
        points = of_years if item.cap is None else min(of_years, self._units(item.cap))
        losses += self._losses("item", item.id, item.label, of_years, points)
        return [self._line(item, counted, awarded, earned, points), *losses], points

    def _awarded(self, row: Item | Deduction, scope: Tier) -> tuple[Counted, Awarded]:
        counted = row.measure.count(self._view, Reading(scope, f"{self._book.doc}/{row.id}"))
        if counted.quantity is None:
            return counted, Awarded(NOTHING, counted.used, counted.ignored)
        return counted, row.award.award(counted)

    @staticmethod
    def _by_year(item: Item, counted: Counted) -> dict[int, Fraction] | None:
        award = item.award
        if item.cap_per_year is None or counted.by_year is None or isinstance(award, ByLevel):
            return None
        return {year: award.points_for(quantity) for year, quantity in counted.by_year.items()}

    def _line(self, row: Item | Deduction, counted: Counted, awarded: Awarded, earned: int, points: int) -> Line:
        return Line(
            rule=row,
            doc=self._book.doc,
            tier=self._book.tier,
            source=row.source or self._book.source,
            state=self._state(row, counted, earned),
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
            since = day_of(fact.row, hold.from_)
            until = add_months(since, hold.lasts) if hold.lasts is not None else None
            if hold.levels is not None and fact.row.level not in hold.levels:
                continue
            if since <= self._view.as_of and (until is None or self._view.as_of < until):
                book, row = self._book.doc, fact.row
                held.append(
                    Held(book, hold.id, hold.clause, hold.label, hold.effect, row, since, until, hold.placeholder)
                )
        return held

    def _part(self, name: str, label: Label, earned: int, cap: Decimal | None) -> Part:
        limit = None if cap is None else self._units(cap)
        points = earned if limit is None else min(earned, limit)
        return Part(self._book.doc, self._book.tier, name, label, earned, points, limit)

    def _losses(
        self,
        level: Literal["year", "item", "category", "tier"],
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
