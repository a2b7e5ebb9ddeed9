"""What awards have in common."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from domain.errors import Language
from domain.knowledge import FactRow, Ignored
from domain.notation import Strict
from domain.view import Counted

Amount = Callable[[int], str]
NOTHING = Fraction(0)


class Awarded(NamedTuple):
    """Exact points before rounding and caps, the facts that earned them and the facts that did not."""

    points: Fraction
    used: list[FactRow]
    ignored: list[Ignored]


class OfQuantity(Strict, ABC):
    """An award that needs the quantity alone."""

    def award(self, counted: Counted) -> Awarded:
        """Give points for the counted quantity."""
        return Awarded(self.points_for(counted.quantity or 0), counted.used, counted.ignored)

    @abstractmethod
    def points_for(self, quantity: int) -> Fraction:
        """Give exact points for a quantity."""

    @abstractmethod
    def numbers(self) -> Iterable[Decimal]:
        """Give every number of points in this award, for the check of signs."""

    @abstractmethod
    def said(self, of: Amount, language: Language) -> str:
        """Say how it counts; `of` writes a quantity with its unit."""
