"""What awards have in common."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, NamedTuple

from pydantic import Field

from domain.errors import Language
from domain.knowledge import FactRow, Ignored
from domain.made import made
from domain.notation import Number, Strict, Whole
from domain.view import Counted

Amount = Callable[[int], str]
NOTHING = Fraction(0)


class Awarded(NamedTuple):
    """The amount that an award gives points for, the facts that bring it and the facts that do not."""

    amount: int
    used: Sequence[FactRow]
    ignored: Sequence[Ignored]


class Band(Strict):
    """From this quantity on, these points, until the next band."""

    from_: Annotated[Whole, Field(alias="from")]
    points: Number


def reached(rows: Iterable[Band], quantity: int) -> Fraction:
    """Give the points of the last band that a quantity reaches; nothing below the first."""
    points = [band.points for band in rows if band.from_ <= quantity]
    return Fraction(points[-1]) if points else NOTHING


class OfQuantity(Strict, ABC):
    """An award that needs the quantity alone."""

    def award(self, counted: Counted) -> Awarded:
        """Take the counted quantity."""
        return made(Awarded, (counted.quantity or 0, counted.used, counted.ignored))

    @abstractmethod
    def points_for(self, quantity: int) -> Fraction:
        """Give exact points for a quantity."""

    @abstractmethod
    def edges(self) -> Iterable[int]:
        """Give the quantities at which points may begin, in rising order."""

    @abstractmethod
    def numbers(self) -> Iterable[Decimal]:
        """Give every number of points in this award, for the check of signs."""

    @abstractmethod
    def said(self, of: Amount, language: Language) -> str:
        """Say how it counts; `of` writes a quantity with its unit."""

    def wanted(self, quantity: int) -> int | None:
        """Give the next quantity at which a row without points would have some; None where more never helps."""
        return next((edge for edge in self.edges() if edge > quantity and self.points_for(edge)), None)
