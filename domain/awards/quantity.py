"""Awards that need a quantity alone."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from domain.awards.base import NOTHING, Amount, Band, OfQuantity, reached
from domain.errors import Language
from domain.notation import Number, Positive, Strict, Whole, decimal_text
from domain.view import WHOLE


def _from(of: Amount, least: int, language: Language) -> str:
    if not least:
        return ""
    return f",满 {of(least)}起计" if language == "zh" else f", from {of(least)} on"


def _bonus(rows: list[Band] | None, of: Amount, language: Language) -> str:
    if not rows:
        return ""
    form = "满 {0}加 {1} 分" if language == "zh" else "{1} more from {0}"
    told = "、" if language == "zh" else ", "
    listed = told.join(form.format(of(band.from_), decimal_text(band.points)) for band in rows)
    return f",另{listed}" if language == "zh" else f", and {listed}"


Bonus = Annotated[list[Band], Field(min_length=1)]


class Per(OfQuantity):
    """每: so many points for each full step; nothing below `min`.

    `bonus` adds the points of the last band reached.
    """

    as_: Annotated[Literal["per"], Field(alias="as")]
    points: Number
    step: Positive = 1
    min: Whole = 0
    bonus: Bonus | None = None

    @cached_property
    def _each(self) -> Fraction:
        return Fraction(self.points)

    def points_for(self, quantity: int) -> Fraction:
        """Count full steps."""
        own = self._each * (quantity // self.step) if quantity >= self.min else NOTHING
        return own + reached(self.bonus, quantity) if self.bonus else own

    def edges(self) -> Iterable[int]:
        """Begin with the first full step from `min` on, or with a bonus."""
        return sorted({max(self.step, self.min), *(band.from_ for band in self.bonus or ())})

    def numbers(self) -> Iterable[Decimal]:
        """Give the points of a step and of each bonus."""
        return (self.points, *(band.points for band in self.bonus or ()))

    def said(self, of: Amount, language: Language) -> str:
        """Say the rate."""
        if language == "zh":
            told = f"每 {of(self.step)} {decimal_text(self.points)} 分"
        else:
            told = f"{decimal_text(self.points)} points per {of(self.step)}"
        return told + _from(of, self.min, language) + _bonus(self.bonus, of, language)


class Prorate(OfQuantity):
    """按比例: so many points per so much, in proportion (3 per 12 months: 0.25 a month); nothing below `min`."""

    as_: Annotated[Literal["prorate"], Field(alias="as")]
    points: Number
    per: Positive
    min: Whole = 0
    bonus: Bonus | None = None

    @cached_property
    def _rate(self) -> Fraction:
        return Fraction(self.points) / self.per

    def points_for(self, quantity: int) -> Fraction:
        """Multiply by the exact rate."""
        own = self._rate * quantity if quantity >= self.min else NOTHING
        return own + reached(self.bonus, quantity) if self.bonus else own

    def edges(self) -> Iterable[int]:
        """Begin with `min`, or with a bonus."""
        return sorted({max(1, self.min), *(band.from_ for band in self.bonus or ())})

    def numbers(self) -> Iterable[Decimal]:
        """Give the points of the whole and of each bonus."""
        return (self.points, *(band.points for band in self.bonus or ()))

    def said(self, of: Amount, language: Language) -> str:
        """Say the rate."""
        if language == "zh":
            told = f"每 {of(self.per)} {decimal_text(self.points)} 分,按比例计"
        else:
            told = f"{decimal_text(self.points)} points per {of(self.per)}, in proportion"
        return told + _from(of, self.min, language) + _bonus(self.bonus, of, language)


class Bands(OfQuantity):
    """分段: fixed points by band, rising or falling; nothing below the first band."""

    as_: Annotated[Literal["bands"], Field(alias="as")]
    rows: Annotated[list[Band], Field(min_length=1)]

    def points_for(self, quantity: int) -> Fraction:
        """Take the last band reached."""
        return reached(self.rows, quantity)

    def edges(self) -> Iterable[int]:
        """Begin with a band."""
        return [band.from_ for band in self.rows]

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

    def edges(self) -> Iterable[int]:
        """Begin with the threshold, or a step beyond it where the threshold itself is worth nothing."""
        return (self.first, self.first + self.step)

    def numbers(self) -> Iterable[Decimal]:
        """Give the points of the threshold and of a step."""
        return (self.points, self.more)

    def said(self, of: Amount, language: Language) -> str:
        """Say the threshold and the step."""
        first, then = decimal_text(self.points), decimal_text(self.more)
        if language == "zh":
            return f"满 {of(self.first)} {first} 分,其后每 {of(self.step)} {then} 分"
        return f"{first} points from {of(self.first)}, then {then} per {of(self.step)}"


class Rate(Strict):
    """From this quantity on, so many points for each full step."""

    from_: Annotated[Whole, Field(alias="from")] = 0
    points: Number
    step: Positive = 1


class Marginal(OfQuantity):
    """分段累进: what lies in each band counts at that band's own rate; full steps within the band."""

    as_: Annotated[Literal["marginal"], Field(alias="as")]
    rows: Annotated[list[Rate], Field(min_length=1)]

    def points_for(self, quantity: int) -> Fraction:
        """Add up the bands, each up to where the next begins."""
        ends = [*(rate.from_ for rate in self.rows[1:]), quantity]
        parts = (
            Fraction(rate.points) * ((min(quantity, end) - rate.from_) // rate.step)
            for rate, end in zip(self.rows, ends, strict=True)
            if quantity > rate.from_
        )
        return sum(parts, NOTHING)

    def edges(self) -> Iterable[int]:
        """Begin with the first full step of a band."""
        return [rate.from_ + rate.step for rate in self.rows]

    def numbers(self) -> Iterable[Decimal]:
        """Give each band's points."""
        return [rate.points for rate in self.rows]

    def said(self, of: Amount, language: Language) -> str:
        """Say each band's rate."""
        form = "超过 {0} 的部分每 {1} {2} 分" if language == "zh" else "above {0}: {2} points per {1}"
        return "; ".join(
            form.format(of(rate.from_), of(rate.step), decimal_text(rate.points)) for rate in self.rows
        )


class Retro(OfQuantity):
    """全额分档: the rate of the band that is reached counts for the whole quantity, from nothing on."""

    as_: Annotated[Literal["retro"], Field(alias="as")]
    rows: Annotated[list[Rate], Field(min_length=1)]

    def points_for(self, quantity: int) -> Fraction:
        """Take the rate of the last band reached."""
        rates = [rate for rate in self.rows if rate.from_ <= quantity]
        return Fraction(rates[-1].points) * (quantity // rates[-1].step) if rates else NOTHING

    def edges(self) -> Iterable[int]:
        """Begin with the first full step of a band."""
        return [max(rate.from_, rate.step) for rate in self.rows]

    def numbers(self) -> Iterable[Decimal]:
        """Give each band's points."""
        return [rate.points for rate in self.rows]

    def said(self, of: Amount, language: Language) -> str:
        """Say each band's rate."""
        form = "满 {0} 全部按每 {1} {2} 分" if language == "zh" else "from {0}: {2} points per {1} for all"
        return "; ".join(
            form.format(of(rate.from_), of(rate.step), decimal_text(rate.points)) for rate in self.rows
        )


class Ladder(OfQuantity):
    """阶梯: `points` from `from` to `to`, `younger` more for each year below; nothing below `min`.

    Above `to` there is nothing, or with `older` so much less for each year, and never less than nothing.
    """

    as_: Annotated[Literal["ladder"], Field(alias="as")]
    from_: Annotated[Whole, Field(alias="from")]
    to: Whole
    points: Number
    younger: Number = Decimal(0)
    older: Number | None = None
    min: Whole = 0

    def points_for(self, quantity: int) -> Fraction:
        """Climb by the year."""
        if quantity < self.min or (quantity > self.to and self.older is None):
            return NOTHING
        if self.older is not None and quantity > self.to:
            return max(NOTHING, Fraction(self.points) - Fraction(self.older) * (quantity - self.to))
        return Fraction(self.points) + Fraction(self.younger) * max(0, self.from_ - quantity)

    def edges(self) -> Iterable[int]:
        """Begin with the least age."""
        return (self.min,)

    def numbers(self) -> Iterable[Decimal]:
        """Give the points at the foot and of a year."""
        return (self.points, self.younger, *(() if self.older is None else (self.older,)))

    def said(self, of: Amount, language: Language) -> str:
        """Say the foot and the steps."""
        foot, step = decimal_text(self.points), decimal_text(self.younger)
        if language == "zh":
            told = f"{self.from_} 至 {of(self.to)} {foot} 分"
            told += f",每年轻 {of(1)}加 {step} 分" if self.younger else ""
            return told + (f",每年长 {of(1)}减 {decimal_text(self.older)} 分" if self.older is not None else "")
        told = f"{foot} points from {self.from_} to {of(self.to)}"
        told += f", {step} more for each year younger" if self.younger else ""
        return told + (f", {decimal_text(self.older)} less for each year older" if self.older is not None else "")


class Parts(OfQuantity):
    """按份额: so many points for a whole, and of a part its share (20 for an own home: half a home gives 10)."""

    as_: Annotated[Literal["parts"], Field(alias="as")]
    points: Number

    def points_for(self, quantity: int) -> Fraction:
        """Multiply by the exact share."""
        return Fraction(self.points) * Fraction(quantity, WHOLE)

    def edges(self) -> Iterable[int]:
        """Begin with any part."""
        return ()

    def numbers(self) -> Iterable[Decimal]:
        """Give the points of a whole."""
        return (self.points,)

    def said(self, _of: Amount, language: Language) -> str:
        """Say the points of a whole."""
        whole = decimal_text(self.points)
        return f"每份 {whole} 分,按份额计" if language == "zh" else f"{whole} points for a whole, in shares"


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

    def edges(self) -> Iterable[int]:
        """Begin with the first time that is worth anything."""
        return range(1, len(self.points) + 1)

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

    def edges(self) -> Iterable[int]:
        """Begin with a grant."""
        return ()

    def numbers(self) -> Iterable[Decimal]:
        """Give none: the numbers stand in the grants."""
        return ()

    def said(self, _of: Amount, language: Language) -> str:
        """Say that people granted them."""
        return "按人工赋分" if language == "zh" else "as granted by hand"
