"""The rulebook 积分办法: one document of one authority, as data. Python holds the kinds, the document the numbers.

`item = measure × award × limits`; items stand in categories, categories in a tier, tiers in a total. Deductions,
holds and validity are blocks of their own.
"""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from domain.awards import Award
from domain.countable import RESTRICTED, Step
from domain.measures import Measure
from domain.notation import CivilDay, Duration, Id, Label, Number, Strict, Text, TierName
from domain.places import Tier

DocId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9._-]{1,59}$")]
AuthorityCode = Annotated[str, Field(pattern=r"^\d{4}(\d{2}|[A-Z][A-Z0-9])$")]


def _uses(value: object) -> object:
    return [] if value == "all" else value


Uses = Annotated[list[Id], BeforeValidator(_uses)]
"""Programmes 积分应用 by their ids, or `all`."""


class Effective(Strict):
    """In force on the days of [from, to); when `to` passes, no older version revives."""

    from_: Annotated[CivilDay, Field(alias="from")]
    to: CivilDay | None = None

    def holds_on(self, day: date) -> bool:
        """Say whether the day lies in [from, to)."""
        return self.from_ <= day and (self.to is None or day < self.to)


class Rounding(Strict):
    """Half-up, once per item row: the only rounding that reproduces published lists."""

    mode: Literal["half_up"] = "half_up"
    at: Literal["item"] = "item"


class Scheme(Strict):
    """A local indicator 个性指标 as data: facts of kind attested under this name, vouched for by the owner."""

    id: Id
    label: Label
    owner: Text
    unit: Text | None = None
    levels: Annotated[list[Id], Field(min_length=1)] | None = None
    sensitive: bool = False


class Category(Strict):
    """A group of items 类别 with a cap of its own.

    `choose: one` 择一: of its items one counts: the elected one (item-elected), or else the best.
    """

    id: Id
    label: Label
    cap: Number | None = None
    choose: Literal["all", "one"] = "all"


class _Row(Strict):
    id: Id
    clause: Text
    label: Label
    owner: Text | None = None
    source: Text | None = None
    measure: Measure
    award: Award
    cap: Number | None = None
    placeholder: bool = False

    @property
    def is_restricted(self) -> bool:
        """Say whether the row reads restricted facts, which can be switched off as a group."""
        return self.reads.partition("/")[0] == RESTRICTED

    @property
    def reads(self) -> str:
        """Name what the row reads: a kind of fact, with its variant, or nothing (the birth date)."""
        return getattr(self.measure, "of", "")


class Item(_Row):
    """An item 指标: a measure, an award, limits. `placeholder` says that the numbers are not the real policy's."""

    category: Id | None = None
    cap_per_year: Number | None = None


class Deduction(_Row):
    """A deduction 扣分: outside every tier and cap. `follows` is the territory whose facts count.

    `applies_to` limits it to some uses of points (积分应用) by their ids; empty: to all.
    """

    follows: TierName | None = None
    applies_to: Uses = Field(default_factory=list)


class Hold(Strict):
    """A hold 冻结: while it lasts (None: for ever) the total is zero, validity is paused, or use is barred.

    `until_completed` holds no longer than until the fact is completed (a listing that was settled).
    """

    id: Id
    clause: Text
    label: Label | None = None
    of: Annotated[str, Field(pattern=r"^restricted-fact/(offence|credit)$")]
    levels: Annotated[list[Id], Field(min_length=1)] | None = None
    lasts: Duration | None
    from_: Annotated[Step, Field(alias="from")] = "acted_on"
    until_completed: bool = False
    applies_to: Uses = Field(default_factory=list)
    effect: Literal["zero", "suspend", "ineligible"]
    placeholder: bool = False


ValidityName = Literal["accruing", "effective", "paused", "lost"]


class Suspended(Strict):
    """What a suspended permit does to points, and how they resume: at once, or on the holder's request."""

    state: ValidityName
    resumes: Literal["at_once", "on_request"] = "at_once"


class Ended(Strict):
    """What an ended permit does to points."""

    state: ValidityName


class ValidityBlock(Strict):
    """效力: what each state of the permit means for the points: 累计中, 有效, 暂停, 失效."""

    none: ValidityName
    normal: ValidityName
    due: ValidityName
    suspended: Suspended
    ended: Ended


class ValidIf(Strict):
    """Beside the floor: a total that is not above this number is no valid score (总分为零及以下无效)."""

    above: Number


class Untranslatable(Strict):
    """A clause that no rule kind expresses; somebody accepted it by name and says how it is handled."""

    clause: Text
    text: Text
    accepted: bool = False
    handled_by: Literal["manual-grant", "not-modelled"]


class Difference(Strict):
    """A place where a disputed transcription differs from the authoritative document, accepted by name."""

    path: Text
    text: Text
    accepted: bool = False


class Disputed(Strict):
    """A second published transcription: evaluated on request, never resolved."""

    of: DocId
    differs: Annotated[list[Difference], Field(min_length=1)]


Facts = list[str | dict[str, Any]]


class Relative(Strict):
    """A relative in an example: born when, with which facts."""

    born: CivilDay | None = None
    facts: Facts = Field(default_factory=list)


class ExampleFamily(Strict):
    """The relatives of an example, for rows that count them."""

    spouse: Relative | None = None
    parents: list[Relative] = Field(default_factory=list)


class Example(Strict):
    """A worked example: facts in short notation or whole, and what rows and totals they must give."""

    as_of: CivilDay
    born: CivilDay | None = None
    place: AuthorityCode | None = None
    label: Text | None = None
    facts: Facts = Field(default_factory=list)
    family: ExampleFamily | None = None
    use: Id | None = None
    expect: Annotated[dict[str, Any], Field(min_length=1)]


class Rulebook(Strict):
    """One document of one authority."""

    doc: DocId
    label: Label
    authority: AuthorityCode
    tier: TierName
    scope: TierName | None = None
    effective: Effective
    transition: Literal["reassess"] = "reassess"
    scale: Annotated[int, Field(ge=0, le=4)]
    rounding: Rounding = Rounding()
    cap: Number | None
    source: Text | None = None
    note: Text | None = None
    transcription: Literal["authoritative", "disputed"] = "authoritative"
    disputed: Disputed | None = None
    schemes: list[Scheme] = Field(default_factory=list)
    categories: list[Category] = Field(default_factory=list)
    items: Annotated[list[Item], Field(min_length=1)]
    deductions: list[Deduction] = Field(default_factory=list)
    holds: list[Hold] = Field(default_factory=list)
    validity: ValidityBlock | None = None
    valid_if: ValidIf | None = None
    untranslatable: list[Untranslatable] = Field(default_factory=list)
    examples: list[Example] = Field(default_factory=list)

    @property
    def reach(self) -> Tier:
        """Give the territory whose facts count: the tier's own unless `scope` says otherwise."""
        return self.scope or self.tier

    def without_restricted(self) -> "Rulebook":
        """Give the same table without the rows and holds that read restricted facts."""
        return self.model_copy(
            update={
                "items": [item for item in self.items if not item.is_restricted],
                "deductions": [deduction for deduction in self.deductions if not deduction.is_restricted],
                "holds": [],
            },
        )
