"""The award by level."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from domain.awards.base import NOTHING, Amount, Awarded
from domain.errors import Language
from domain.knowledge import Ignored, InForce, Why
from domain.notation import Number, Strict
from domain.view import Counted


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

    def said(self, _of: Amount, language: Language) -> str:
        """Say whether the highest counts or all."""
        if language == "zh":
            return "按等级,取最高" if self.take == "max" else "按等级,逐项相加"
        return "by level, the highest" if self.take == "max" else "by level, added up"


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
