"""The award by level."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Annotated, Literal

from pydantic import Field

from domain.awards.base import Amount, Awarded
from domain.errors import Language
from domain.knowledge import FactRow, Ignored, Why
from domain.made import made
from domain.notation import Number, Strict
from domain.view import Counted


class ByLevel(Strict):
    """按等级: each level its points. `take: max` counts the one worth most, `take: sum` adds all."""

    as_: Annotated[Literal["by_level"], Field(alias="as")]
    take: Literal["max", "sum"]
    points: Annotated[dict[str, Number], Field(min_length=1)]

    def award(self, counted: Counted) -> Awarded:
        """Value each fact's level, in parts of a point; a level that is not in the table gives nothing."""
        take, worth = self._taken_by
        ignored = counted.ignored
        valued = []
        for row in counted.levels or ():
            parts = worth.get(row.level)
            if parts is None:
                ignored = [*ignored, Ignored(row, Why.NO_POINTS)]
            else:
                valued.append((parts, row))
        if len(valued) < 2:
            return made(Awarded, (valued[0][0], [valued[0][1]], ignored) if valued else (0, (), ignored))
        ignored = list(ignored)
        if take == "max":
            valued = _largest(valued, ignored, lambda _: "all")
        elif counted.once_per_act:
            valued = _largest(valued, ignored, _act)
        amount = sum([parts for parts, _ in valued])
        return made(Awarded, (amount, [row for _, row in valued], ignored))

    def points_for(self, parts: int) -> Fraction:
        """Give exact points for so many parts of a point."""
        return Fraction(parts, self._whole)

    @cached_property
    def _whole(self) -> int:
        """Say into how many parts a point is cut, so that every level is worth a whole number of them."""
        return lcm(*(Fraction(points).denominator for points in self.points.values()))

    @cached_property
    def _taken_by(self) -> tuple[str, dict[str | None, int]]:
        """Give what is taken, and what each level is worth in parts."""
        return self.take, {level: int(Fraction(points) * self._whole) for level, points in self.points.items()}

    def numbers(self) -> Iterable[Decimal]:
        """Give each level's points."""
        return self.points.values()

    def said(self, _of: Amount, language: Language) -> str:
        """Say whether the highest counts or all."""
        if language == "zh":
            return "按等级,取最高" if self.take == "max" else "按等级,逐项相加"
        return "by level, the highest" if self.take == "max" else "by level, added up"


_Valued = tuple[int, FactRow]


def _act(row: FactRow) -> object:
    return row.act or (row.ref_stream, row.ref_version, row.part)


def _largest(valued: list[_Valued], ignored: list[Ignored], group: Callable[[FactRow], object]) -> list[_Valued]:
    best: dict[object, _Valued] = {}
    for parts, row in valued:
        name = group(row)
        other = best.get(name)
        if other is None or abs(parts) > abs(other[0]):
            best[name] = (parts, row)
    for _, row in valued:
        winner = best[group(row)][1]
        if winner is not row:
            ignored.append(Ignored(row, Why.SMALLER, winner))
    return list(best.values())
