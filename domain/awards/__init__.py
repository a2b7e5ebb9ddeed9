"""Awards: how a count becomes points. One small class each; a new kind is a class here and a name in `Award`.

Points are exact fractions here; the row is rounded once, after its award. An award is asked for zero too, for a
resident without facts. Items give points of zero or more, deductions points of zero or less.
"""

from typing import Annotated

from pydantic import Field

from domain.awards.base import NOTHING, Amount, Awarded, Band, OfQuantity
from domain.awards.levels import ByLevel
from domain.awards.quantity import (
    Bands,
    ByOccurrence,
    FirstThen,
    Granted,
    Ladder,
    Marginal,
    Parts,
    Per,
    Prorate,
    Rate,
    Retro,
)

__all__ = [
    "FITS",
    "NOTHING",
    "Amount",
    "Award",
    "Awarded",
    "Band",
    "Bands",
    "ByLevel",
    "ByOccurrence",
    "FirstThen",
    "Granted",
    "Ladder",
    "Marginal",
    "OfQuantity",
    "Parts",
    "Per",
    "Prorate",
    "Rate",
    "Retro",
]

Award = Annotated[
    Bands | ByLevel | ByOccurrence | FirstThen | Granted | Ladder | Marginal | Parts | Per | Prorate | Retro,
    Field(discriminator="as_"),
]
_OF_A_LENGTH = ("per", "prorate", "bands", "first_then", "marginal", "retro")
FITS: dict[str, tuple[str, ...]] = {
    "age": ("ladder", "bands"),
    "months": _OF_A_LENGTH,
    "spells": _OF_A_LENGTH,
    "sum": _OF_A_LENGTH,
    "count": (*_OF_A_LENGTH, "by_occurrence"),
    "levels": ("by_level",),
    "share": ("parts",),
    "state": ("per",),
    "grants": ("granted",),
}
"""Which awards can follow which measure."""
