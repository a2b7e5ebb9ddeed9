"""Measures: what is counted. One small class each; a new kind is a class here and a name in `Measure`.

A measure reads a View and gives a Counted. A point in time counts from its day on, a month once it has begun, a
spell for the days of [start, min(end, as of)). `window` looks back whole months from the as-of day, `lapses`
forward from the fact: the two disagree on some days, so they are two words.
"""

from typing import Annotated, Literal

from pydantic import Field

from domain.civil import age_on
from domain.measures.base import Reading
from domain.measures.dated import Count, Grants, Levels, State, Sum
from domain.measures.months import Months
from domain.measures.spells import Spells
from domain.notation import Strict
from domain.view import Counted, View

__all__ = [
    "Age",
    "Count",
    "Grants",
    "Levels",
    "Measure",
    "Months",
    "Reading",
    "Spells",
    "State",
    "Sum",
]


class Age(Strict):
    """年龄: full years on the as-of day; unknown without a birth date."""

    kind: Literal["age"]

    def count(self, view: View, _reading: Reading) -> Counted:
        """Count full years."""
        born_on = view.knowledge.born_on
        if born_on is None:
            return Counted(None, "years")
        return Counted(age_on(born_on, view.as_of), "years", found=True)


Measure = Annotated[
    Age | Count | Grants | Levels | Months | Spells | State | Sum,
    Field(discriminator="kind"),
]
