"""Which kinds of fact can be counted how: their levels, variants and units, read off the fact classes."""

from datetime import date
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from domain.civil import add_months
from domain.facts.base import Fact
from domain.facts.effort import DonationMade, PatentGranted, TaxPaid
from domain.facts.merit import BloodDonated, EducationLevel, HonourReceived, SkillLevel
from domain.facts.restricted import RestrictedFact
from domain.facts.work import EmploymentStarted, HousingStarted
from domain.knowledge import FactRow
from domain.notation import Duration, Strict, Text


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
    "patent-granted": _words(PatentGranted, "level"),
}
"""The levels a kind can have; the levels of other kinds are named by a scheme or by the organ that records them."""
VARIANTS: dict[str, tuple[str, ...]] = {
    "restricted-fact": _words(RestrictedFact, "category"),
    "employment-started": _words(EmploymentStarted, "basis"),
    "blood-donated": _words(BloodDonated, "component"),
    "donation-made": _words(DonationMade, "gift"),
    "tax-paid": _words(TaxPaid, "tax"),
}
_MINUTES = {"minutes": 1, "hours": 60}
_FEN = {"fen": 1, "yuan": 100}
UNITS: dict[str, dict[str, int]] = {
    "volunteer-hours-served": _MINUTES,
    "training-attended": _MINUTES,
    "patrol-attended": _MINUTES,
    "blood-donated": {"ml": 1},
    "tax-paid": _FEN,
    "donation-made": _FEN,
    "attested": {"units": 1},
}
"""For each kind with a quantity: the units it can be summed in, and how much of the fact's own unit makes one."""
DATED = (
    "education-awarded",
    "skill-awarded",
    "honour-received",
    "volunteer-hours-served",
    "blood-donated",
    "donation-made",
    "tax-paid",
    "patent-granted",
    "training-attended",
    "patrol-attended",
    "attested",
    "restricted-fact",
)
PERMIT = "permit"
"""Not a kind of fact: the periods in which the residence permit was in use, folded from the permit's facts."""
SPELLS = ("residence-registered", "employment-started", "housing-started", "post-held", "attested", PERMIT)
INSURANCE = "insurance-month-paid"
SHARED = ("housing-started", "patent-granted")
RESTRICTED = "restricted-fact"
SCHEME = "attested"
_NEEDS_VARIANT = (RESTRICTED, SCHEME)
_OPEN_VARIANT = (SCHEME, "post-held", "training-attended")
"""Kinds whose variants are named by schemes, or by the organs that record them."""


def countable(*kinds: str) -> AfterValidator:
    """Accept `kind` or `kind/variant` of these kinds; a scheme's name is checked with the whole document."""

    def check(of: str) -> str:
        kind, _, variant = of.partition("/")
        if kind not in kinds:
            context = {"given": of, "known": ", ".join(kinds)}
            raise PydanticCustomError("unknown-fact", "{given} cannot be counted here; known: {known}", context)
        known = VARIANTS.get(kind, ())
        named = not variant or kind in _OPEN_VARIANT or variant in known
        if (kind in _NEEDS_VARIANT and not variant) or not named:
            context = {"given": of, "known": ", ".join(f"{kind}/{word}" for word in known) or f"{kind}/<scheme>"}
            raise PydanticCustomError("unknown-variant", "{given} names no variant; known: {known}", context)
        return of

    return AfterValidator(check)


Step = Literal["acted_on", "decided_on", "effective_on", "completed_on"]


class Lapses(Strict):
    """After so many months from the named day a fact counts no more: on the day itself it has lapsed."""

    after: Duration
    from_: Annotated[Step, Field(alias="from")] = "acted_on"


class LookBack(Strict):
    """Only facts whose named day lies within so many months before the as-of day. Written `36mo` for short."""

    last: Duration
    from_: Annotated[Step, Field(alias="from")] = "acted_on"

    def since(self, as_of: date) -> date:
        """Give the last day that is too early."""
        return add_months(as_of, -self.last)


def _look_back(value: object) -> object:
    return {"last": value} if isinstance(value, str) else value


Window = Annotated[LookBack, BeforeValidator(_look_back)]


class Match(Strict):
    """Which facts are meant, by the words they carry. A fact fits when each list that is given names its word."""

    level: Annotated[list[Text], Field(min_length=1)] | None = None
    variant: Annotated[list[Text], Field(min_length=1)] | None = None
    mark: Annotated[list[Text], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.level is self.variant is self.mark is None:
            raise PydanticCustomError("empty-match", "one of level, variant, mark is wanted")
        return self

    def fits(self, row: FactRow) -> bool:
        """Say whether a row is meant."""
        return (
            (self.level is None or row.level in self.level)
            and (self.variant is None or row.variant in self.variant)
            and (self.mark is None or row.mark in self.mark)
        )


def day_of(row: FactRow, step: Step) -> date:
    """Give the named day of an act, or the nearest earlier step of its life that is known."""
    if step == "acted_on":
        return row.starts_on or date.min
    days = (row.starts_on, row.decided_on, row.effective_on, row.completed_on)
    upto = days[: get_args(Step).index(step) + 1]
    return next((day for day in reversed(upto) if day is not None), date.min)
