"""What a count is worth to a row: exact points, rounded, after the caps by year and of the row.

All of this follows from the rulebook and a number. It is worked out once for each number and remembered.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from domain.notation import Label, half_up, units_of
from domain.places import Tier
from domain.rulebook.model import Category, Deduction, Item, Rulebook
from domain.score import Loss, LossLevel, Part

Exact = Fraction | int
"""Exact points: a whole number of points is an int, which adds up faster."""
_KEPT = 4096


class Worth(NamedTuple):
    """Exact points, rounded ones in units of the set's scale, what the row's own caps leave, and what they took."""

    raw: Fraction
    earned: int
    points: int
    losses: tuple[Loss, ...]


class Years(NamedTuple):
    """Exact points of all calendar years, the same with each year capped, and the years that the cap cut."""

    raw: Exact
    of_years: Exact
    cut: tuple[int, ...] = ()


class Worths:
    """What a row gives for an amount."""

    __slots__ = ("_amounts", "_book", "_cap", "_exact", "_points", "_rule", "_up", "cap_per_year")

    def __init__(self, rule: Item | Deduction, book: Rulebook, up: int) -> None:
        per_year = rule.cap_per_year if isinstance(rule, Item) else None
        self.cap_per_year: Exact | None = None if per_year is None else _plainest(Fraction(per_year))
        self._rule = rule
        self._book = book
        self._up = up
        self._cap = None if rule.cap is None else units_of(rule.cap, book.scale) * up
        self._amounts: dict[int, Worth] = {}
        self._exact: dict[Years, Worth] = {}
        self._points: dict[int, Exact] = {}

    def of(self, amount: int) -> Worth:
        """Give the worth of an amount, as the row's award understands it."""
        found = self._amounts.get(amount)
        if found is None:
            if len(self._amounts) > _KEPT:
                self._amounts.clear()
            points = self._rule.award.points_for(amount)
            found = self._amounts[amount] = self._worth(Years(points, points))
        return found

    def of_years(self, years: Years) -> Worth:
        """Give the worth of exact points, before and after the caps of their years."""
        found = self._exact.get(years)
        if found is None:
            if len(self._exact) > _KEPT:
                self._exact.clear()
            found = self._exact[years] = self._worth(years)
        return found

    def by_year(self, amounts: Mapping[int, int], cap: Exact) -> Years:
        """Award each calendar year by itself and cap it."""
        raw: Exact = 0
        of_years: Exact = 0
        cut = []
        for year, amount in amounts.items():
            points = self.points(amount)
            raw += points
            if points > cap:
                cut.append(year)
                points = cap
            of_years += points
        return Years(raw, of_years, tuple(sorted(cut)))

    def points(self, amount: int) -> Exact:
        """Give the exact points of an amount."""
        found = self._points.get(amount)
        if found is None:
            if len(self._points) > _KEPT:
                self._points.clear()
            found = self._points[amount] = _plainest(self._rule.award.points_for(amount))
        return found

    def _worth(self, years: Years) -> Worth:
        raw = Fraction(years.raw)
        earned, of_years, cap = self._rounded(raw), self._rounded(Fraction(years.of_years)), self._cap
        if isinstance(self._rule, Deduction):
            points = of_years if cap is None else max(of_years, -cap)
        else:
            points = of_years if cap is None else min(of_years, cap)
        losses = (
            *self._loss("year", earned, of_years, years.cut),
            *self._loss("item", of_years, points),
        )
        return Worth(raw, earned, points, losses)

    def _rounded(self, points: Fraction) -> int:
        return half_up(points, self._book.scale) * self._up

    def _loss(self, level: LossLevel, earned: int, counted: int, years: tuple[int, ...] = ()) -> tuple[Loss, ...]:
        rule = self._rule
        lost = Loss(level, self._book.doc, rule.id, rule.label, earned, counted, years)
        return () if earned == counted else (lost,)


def _plainest(points: Fraction) -> Exact:
    return points.numerator if points.denominator == 1 else points


class Limit:
    """What the cap of a category or of a table leaves of the points under it."""

    __slots__ = ("_cap", "_doc", "_id", "_label", "_level", "_parts", "_tier")

    def __init__(self, of: Category | Rulebook, book: Rulebook, up: int) -> None:
        self._level: LossLevel = "category" if isinstance(of, Category) else "tier"
        self._id = of.id if isinstance(of, Category) else of.doc
        self._doc: str = book.doc
        self._tier: Tier = book.tier
        self._label: Label = of.label
        self._cap = None if of.cap is None else units_of(of.cap, book.scale) * up
        self._parts: dict[int, tuple[Part, tuple[Loss, ...]]] = {}

    def part(self, earned: int) -> tuple[Part, tuple[Loss, ...]]:
        """Give the points before and after the cap, and the loss where there is one."""
        found = self._parts.get(earned)
        if found is None:
            if len(self._parts) > _KEPT:
                self._parts.clear()
            points = earned if self._cap is None else min(earned, self._cap)
            part = Part(self._doc, self._tier, self._id, self._label, earned, points, self._cap)
            loss = Loss(self._level, self._doc, self._id, self._label, earned, points)
            found = self._parts[earned] = part, () if points == earned else (loss,)
        return found
