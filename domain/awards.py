"""Awards: how a count becomes points. One small class each; a new kind is a class here and a name in `Award`.

Points are exact fractions here; the row is rounded once, after its award. An award is asked for zero too, for a
resident without facts. Items give points of zero or more, deductions points of zero or less.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from domain.knowledge import FactRow, Ignored, InForce, Why
from domain.notation import Number, Positive, Strict, Whole
from domain.view import Counted

NOTHING = Fraction(0)


class Awarded(NamedTuple):
    """Exact points before rounding and caps, the facts that earned them and the facts that did not."""

    points: Fraction
    used: list[FactRow]
    ignored: list[Ignored]


class _OfQuantity(Strict, ABC):
    def award(self, counted: Counted) -> Awarded:
        """Give points for the counted quantity."""
        return Awarded(self.points_for(counted.quantity or 0), counted.used, counted.ignored)

    @abstractmethod
    def points_for(self, quantity: int) -> Fraction:
        """Give exact points for a quantity."""

    @abstractmethod
    def numbers(self) -> Iterable[Decimal]:
        """Give every number of points in this award, for the check of signs."""


class Per(_OfQuantity):
    """每: so many points for each full step; nothing below `min`."""

    as_: Annotated[Literal["per"], Field(alias="as")]
    points: Number
    step: Positive = 1
    min: Whole = 0

    @cached_property
    def _each(self) -> Fraction:
        return Fraction(self.points)

    def points_for(self, quantity: int) -> Fraction:
        """Count full steps."""
        return self._each * (quantity // self.step) if quantity >= self.min else NOTHING

    def numbers(self) -> Iterable[Decimal]:
        """Give the points of a step."""
        return (self.points,)


class Prorate(_OfQuantity):
    """按比例: so many points per so much, in proportion (3 per 12 months: 0.25 a month); nothing below `min`."""

    as_: Annotated[Literal["prorate"], Field(alias="as")]
    points: Number
    per: Positive
    min: Whole = 0

    @cached_property
    def _rate(self) -> Fraction:
        return Fraction(self.points) / self.per

    def points_for(self, quantity: int) -> Fraction:
        """Multiply by the exact rate."""
        return self._rate * quantity if quantity >= self.min else NOTHING

    def numbers(self) -> Iterable[Decimal]:
        """Give the points of the whole."""
        return (self.points,)


class Band(Strict):
    """From this quantity on, these points, until the next band."""

    from_: Annotated[Whole, Field(alias="from")]
    points: Number


class Bands(_OfQuantity):
    """分段: fixed points by band, rising or falling; nothing below the first band."""

    as_: Annotated[Literal["bands"], Field(alias="as")]
    rows: Annotated[list[Band], Field(min_length=1)]

    def points_for(self, quantity: int) -> Fraction:
        """Take the last band reached."""
        reached = [band.points for band in self.rows if band.from_ <= quantity]
        return Fraction(reached[-1]) if reached else NOTHING

    def numbers(self) -> Iterable[Decimal]:
        """Give each band's points."""
        return [band.points for band in self.rows]


class FirstThen(_OfQuantity):
    """起点加步长: nothing below `first`, `points` there, and `more` for each further full step."""

    as_: Annotated[Literal["first_then"], Field(alias="as")]
    first: Positive
    points: Number
    step: Positive
    more: Number

    def points_for(self, quantity: int) -> Fraction:
        """Count full steps beyond the threshold."""
        if quantity < self.first:
            return NOTHING
        return Fraction(self.points) + Fraction(self.more) * ((quantity - self.first) // self.step)

    def numbers(self) -> Iterable[Decimal]:
        """Give the points of the threshold and of a step."""
        return (self.points, self.more)


class Ladder(_OfQuantity):
    """阶梯: `points` from `from` to `to`, `younger` more for each year below, nothing above or below `min`."""

    as_: Annotated[Literal["ladder"], Field(alias="as")]
    from_: Annotated[Whole, Field(alias="from")]
    to: Whole
    points: Number
    younger: Number
    min: Whole = 0

    def points_for(self, quantity: int) -> Fraction:
        """Climb by the year."""
        if not self.min <= quantity <= self.to:
            return NOTHING
        return Fraction(self.points) + Fraction(self.younger) * max(0, self.from_ - quantity)

    def numbers(self) -> Iterable[Decimal]:
        """Give the points at the foot and of a year."""
        return (self.points, self.younger)


class ByOccurrence(_OfQuantity):
    """按次: the 1st, 2nd, 3rd …, each worth its own; the last number stands for every further one.

    `take: sum` adds them (once -10, then another -20); `take: last` counts the newest alone (twice: -30).
    """

    as_: Annotated[Literal["by_occurrence"], Field(alias="as")]
    take: Literal["sum", "last"] = "sum"
    points: Annotated[list[Number], Field(min_length=1)]

    def points_for(self, quantity: int) -> Fraction:
        """Read the list."""
        if quantity < 1:
            return NOTHING
        if self.take == "last":
            return Fraction(self.points[min(quantity, len(self.points)) - 1])
        listed, further = self.points[:quantity], max(0, quantity - len(self.points))
        return Fraction(sum(listed)) + Fraction(self.points[-1]) * further

    def numbers(self) -> Iterable[Decimal]:
        """Give the list."""
        return self.points


class Granted(_OfQuantity):
    """人工: the points that people granted, as they are."""

    as_: Annotated[Literal["granted"], Field(alias="as")]

    def points_for(self, quantity: int) -> Fraction:
        """Read 1/10000 points."""
        return Fraction(quantity, 10_000)

    def numbers(self) -> Iterable[Decimal]:
        """Give none: the numbers stand in the grants."""
        return ()


class ByLevel(Strict):
    """按等级: each level its points. `take: max` counts the one worth most, `take: sum` adds all."""

    as_: Annotated[Literal["by_level"], Field(alias="as")]
    take: Literal["max", "sum"]
    points: Annotated[dict[str, Number], Field(min_length=1)]

    def award(self, counted: Counted) -> Awarded:
        """Value each fact's level; a level that is not in the table gives nothing."""
        ignored = list(counted.ignored)
        valued = []
        for fact in counted.levels or ():
            points = self._worth.get(fact.row.level or "")
            if points is None:
                ignored.append(Ignored(fact.row, Why.NO_POINTS))
            else:
                valued.append((points, fact))
        if self.take == "max":
            valued = _largest(valued, ignored, lambda _: "all")
        elif counted.once_per_act:
            valued = _largest(valued, ignored, _act)
        return Awarded(sum((points for points, _ in valued), NOTHING), [fact.row for _, fact in valued], ignored)

    @cached_property
    def _worth(self) -> dict[str, Fraction]:
        return {level: Fraction(points) for level, points in self.points.items()}

    def numbers(self) -> Iterable[Decimal]:
        """Give each level's points."""
        return self.points.values()


_Valued = tuple[Fraction, InForce]


def _act(fact: InForce) -> object:
    return fact.row.act or (fact.row.ref_stream, fact.row.ref_version, fact.row.part)


def _largest(valued: list[_Valued], ignored: list[Ignored], group: Callable[[InForce], object]) -> list[_Valued]:
    best: dict[object, _Valued] = {}
    for points, fact in valued:
        name = group(fact)
        other = best.get(name)
        if other is None or abs(points) > abs(other[0]):
            best[name] = (points, fact)
    for _, fact in valued:
        winner = best[group(fact)][1]
        if winner is not fact:
            ignored.append(Ignored(fact.row, Why.SMALLER, winner.row))
    return list(best.values())


Award = Annotated[
    Bands | ByLevel | ByOccurrence | FirstThen | Granted | Ladder | Per | Prorate,
    Field(discriminator="as_"),
]
FITS: dict[str, tuple[str, ...]] = {
    "age": ("ladder", "bands"),
    "months": ("per", "prorate", "bands", "first_then"),
    "spells": ("per", "prorate", "bands", "first_then"),
    "sum": ("per", "prorate", "bands", "first_then"),
    "count": ("per", "prorate", "bands", "first_then", "by_occurrence"),
    "levels": ("by_level",),
    "state": ("per",),
    "grants": ("granted",),
}
"""Which awards can follow which measure."""
