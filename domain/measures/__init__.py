"""Measures: what is counted. One small class each; a new kind is a class here and a name in `Measure`.

A measure reads a View and gives a Counted. A point in time counts from its day on, a month once it has begun, a
spell for the days of [start, min(end, as of)). `window` looks back whole months from the as-of day, `lapses`
forward from the fact: the two disagree on some days, so they are two words.
"""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from domain.civil import age_on
from domain.made import made
from domain.measures.base import OfFacts, OfSomebody, Reading, own_day
from domain.measures.dated import Count, Grants, Levels, Share, State, Sum
from domain.measures.months import Months
from domain.measures.spells import Spells
from domain.view import Counted, View

__all__ = [
    "Age",
    "Count",
    "Grants",
    "Levels",
    "Measure",
    "Months",
    "OfFacts",
    "OfSomebody",
    "Reading",
    "Share",
    "Spells",
    "State",
    "Sum",
    "own_day",
]


class Age(OfSomebody):
    """年龄: full years on the as-of day; unknown without a birth date. `part_year: counts` counts a year begun."""

    kind: Literal["age"]
    part_year: Literal["dropped", "counts"] = "dropped"

    def count(self, view: View, _reading: Reading) -> Counted:
        """Count full years."""
        born_on = view.knowledge.born_on
        if born_on is None:
            return Counted(None, "years")
        age = age_on(born_on, view.as_of)
        if self.part_year == "counts" and age == age_on(born_on, view.as_of - timedelta(days=1)):
            age += 1
        return made(Counted, (age, "years", (), (), True, None, False, None, None))


Measure = Annotated[
    Age | Count | Grants | Levels | Months | Share | Spells | State | Sum,
    Field(discriminator="kind"),
]
