"""Which kinds of fact can be counted how: their levels, variants and units, read off the fact classes."""

from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from domain.civil import add_months
from domain.facts.base import Fact
from domain.facts.merit import EducationLevel, HonourReceived, SkillLevel
from domain.facts.restricted import RestrictedFact
from domain.facts.work import EmploymentStarted, HousingStarted
from domain.knowledge import FactRow
from domain.notation import Duration, Strict


def _words(fact: type[Fact], field: str) -> tuple[str, ...]:
    words = []
    for part in (fact.model_fields[field].annotation, *get_args(fact.model_fields[field].annotation)):
        words += [word for word in get_args(part) or (part,) if isinstance(word, str)]
    return tuple(dict.fromkeys(words))


LEVELS: dict[str, tuple[str, ...]] = {
    "education-awarded": get_args(EducationLevel),
    "skill-awarded": get_args(SkillLevel),
    "honour-received": _words(HonourReceived, "level"),
    "housing-started": _words(HousingStarted, "tenure"),
}
"""The levels a kind can have; the levels of other kinds are named by a scheme or by the organ that records them."""
VARIANTS: dict[str, tuple[str, ...]] = {
    "restricted-fact": _words(RestrictedFact, "category"),
    "employment-started": _words(EmploymentStarted, "basis"),
}
UNITS: dict[str, dict[str, int]] = {
    "volunteer-hours-served": {"minutes": 1, "hours": 60},
    "blood-donated": {"ml": 1},
    "attested": {"units": 1},
}
"""For each kind with a quantity: the units it can be summed in, and how much of the fact's own unit makes one."""
DATED = (
    "education-awarded",
    "skill-awarded",
    "honour-received",
    "volunteer-hours-served",
    "blood-donated",
    "attested",
    "restricted-fact",
)
SPELLS = ("residence-registered", "employment-started", "housing-started")
RESTRICTED = "restricted-fact"
SCHEME = "attested"
_NEEDS_VARIANT = (RESTRICTED, SCHEME)


def countable(*kinds: str) -> AfterValidator:
    """Accept `kind` or `kind/variant` of these kinds; a scheme's name is checked with the whole document."""

    def check(of: str) -> str:
        kind, _, variant = of.partition("/")
        if kind not in kinds:
            context = {"given": of, "known": ", ".join(kinds)}
            raise PydanticCustomError("unknown-fact", "{given} cannot be counted here; known: {known}", context)
        known = VARIANTS.get(kind, ())
        if (kind in _NEEDS_VARIANT and not variant) or (variant and kind != SCHEME and variant not in known):
            context = {"given": of, "known": ", ".join(f"{kind}/{word}" for word in known) or f"{kind}/<scheme>"}
            raise PydanticCustomError("unknown-variant", "{given} names no variant; known: {known}", context)
        return of

    return AfterValidator(check)


Step = Literal["acted_on", "decided_on", "effective_on", "completed_on"]


class Lapses(Strict):
    """After so many months from the named day a fact counts no more: on the day itself it has lapsed."""

    after: Duration
    from_: Annotated[Step, Field(alias="from")] = "acted_on"

    def lapsed(self, row: FactRow, as_of: date) -> bool:
        """Say whether the fact has lapsed on that day."""
        return add_months(day_of(row, self.from_), self.after) <= as_of


def day_of(row: FactRow, step: Step) -> date:
    """Give the named day of an act, or the nearest earlier step of its life that is known."""
    days = (row.starts_on, row.decided_on, row.effective_on, row.completed_on)
    upto = days[: get_args(Step).index(step) + 1]
    return next((day for day in reversed(upto) if day is not None), date.min)
