"""Awards: how a count becomes points. One small class each; a new kind is a class here and a name in `Award`.

Points are exact fractions here; the row is rounded once, after its award. An award is asked for zero too, for a
resident without facts. Items give points of zero or more, deductions points of zero or less.
"""

from typing import Annotated

from pydantic import Field

from domain.awards.base import NOTHING, Amount, Awarded
from domain.awards.levels import ByLevel
from domain.awards.quantity import Bands, ByOccurrence, FirstThen, Granted, Ladder, Per, Prorate

__all__ = [
    "FITS",
    "NOTHING",
    "Amount",
    "Award",
    "Awarded",
    "Bands",
    "ByLevel",
    "ByOccurrence",
    "FirstThen",
    "Granted",
    "Ladder",
    "Per",
    "Prorate",
]

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
