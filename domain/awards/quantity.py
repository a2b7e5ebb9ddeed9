"""Awards that need a quantity alone."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from domain.awards.base import NOTHING, Amount, OfQuantity
from domain.errors import Language
from domain.notation import Number, Positive, Strict, Whole, decimal_text


def _from(of: Amount, least: int, language: Language) -> str:
    if not least:
        return ""
    return f",满 {of(least)}起计" if language == "zh" else f", from {of(least)} on"


class Per(OfQuantity):
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

    def said(self, of: Amount, language: Language) -> str:
        """Say the rate."""
        if language == "zh":
            return f"每 {of(self.step)} {decimal_text(self.points)} 分" + _from(of, self.min, language)
        return f"{decimal_text(self.points)} points per {of(self.step)}" + _from(of, self.min, language)


class Prorate(OfQuantity):
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

    def said(self, of: Amount, language: Language) -> str:
        """Say the rate."""
        if language == "zh":
            return f"每 {of(self.per)} {decimal_text(self.points)} 分,按比例计" + _from(of, self.min, language)
        return f"{decimal_text(self.points)} points per {of(self.per)}, in proportion" + _from(
            of, self.min, language
        )


class Band(Strict):
    """From this quantity on, these points, until the next band."""

    from_: Annotated[Whole, Field(alias="from")]
    points: Number


class Bands(OfQuantity):
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

    def said(self, of: Amount, language: Language) -> str:
        """Say each band."""
        form = "满 {0} {1} 分" if language == "zh" else "{1} points from {0}"
        return "; ".join(form.format(of(band.from_), decimal_text(band.points)) for band in self.rows)


class FirstThen(OfQuantity):
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

    def said(self, of: Amount, language: Language) -> str:
        """Say the threshold and the step."""
        first, then = decimal_text(self.points), decimal_text(self.more)
        if language == "zh":
            return f"满 {of(self.first)} {first} 分,其后每 {of(self.step)} {then} 分"
        return f"{first} points from {of(self.first)}, then {then} per {of(self.step)}"


class Ladder(OfQuantity):
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

    def said(self, of: Amount, language: Language) -> str:
        """Say the foot and the step."""
        foot, step = decimal_text(self.points), decimal_text(self.younger)
        if language == "zh":
            return f"{self.from_} 至 {of(self.to)} {foot} 分,每年轻 {of(1)}加 {step} 分"
        return f"{foot} points from {self.from_} to {of(self.to)}, {step} more for each year younger"


class ByOccurrence(OfQuantity):
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

    def said(self, _of: Amount, language: Language) -> str:
        """Say the list."""
        form = "第 {0} 次 {1} 分" if language == "zh" else "no. {0}: {1}"
        listed = ", ".join(form.format(n, decimal_text(points)) for n, points in enumerate(self.points, 1))
        if language == "zh":
            return listed + (",逐次相加" if self.take == "sum" else ",只计最近一次")
        return listed + (", added up" if self.take == "sum" else ", the newest alone")


class Granted(OfQuantity):
    """人工: the points that people granted, as they are."""

    as_: Annotated[Literal["granted"], Field(alias="as")]

    def points_for(self, quantity: int) -> Fraction:
        """Read 1/10000 points."""
        return Fraction(quantity, 10_000)

    def numbers(self) -> Iterable[Decimal]:
        """Give none: the numbers stand in the grants."""
        return ()

    def said(self, _of: Amount, language: Language) -> str:
        """Say that people granted them."""
        return "按人工赋分" if language == "zh" else "as granted by hand"
