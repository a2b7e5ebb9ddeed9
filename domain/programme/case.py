"""A case: who applies, with whom, where and when; and the points that count for them."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from domain.coverage import Coverage
from domain.family import Family
from domain.knowledge import Knowledge
from domain.notation import points_text, units_of
from domain.places import Tier
from domain.rulebook.resolution import RulebookSet
from domain.score import Score

Sex = Literal["male", "female"]
PointsState = Literal["scored", "not_taken_part", "not_in_effect", "given"]


@dataclass(frozen=True, slots=True)
class Points:
    """Points that a programme uses, in units of 10^-scale; `items` by `doc/item` and by the item's id alone.

    `state` says why they may be 0: 未参评, or paused, accruing or lost.
    """

    total: int
    scale: int
    tiers: dict[Tier, int]
    items: dict[str, int]
    state: PointsState
    held: bool = False

    @property
    def text(self) -> str:
        """Print them."""
        return points_text(self.total, self.scale)


NOTHING = Points(0, 2, {}, {}, "not_taken_part")


def points_of(score: Score) -> Points:
    """Give the points of a live score that can be used on its day."""
    usable = score.usable
    in_effect = usable == score.total
    items: dict[str, int] = {}
    for line in score.rows:
        items[f"{line.doc}/{line.item}"] = line.points
        items[line.item] = items.get(line.item, 0) + line.points
    tiers = {tier: score.tier(tier) if in_effect else 0 for tier in Tier}
    held = score.ineligible or not score.is_valid
    return Points(usable, score.scale, tiers, items, "scored" if in_effect else "not_in_effect", held)


def given_points(value: Any, scale: int = 2) -> Points:
    """Take points worked out elsewhere: a number, or `{province: 40, city: 30, items: {residence: 10}}`."""
    if not isinstance(value, dict):
        return Points(_units(value, scale), scale, {}, {}, "given")
    tiers = {tier: _units(value[tier.value], scale) for tier in Tier if tier.value in value}
    items = {name: _units(number, scale) for name, number in value.get("items", {}).items()}
    total = _units(value["total"], scale) if "total" in value else sum(tiers.values())
    return Points(total, scale, tiers, items, "given")


def _units(value: Any, scale: int) -> int:
    """Read a number as a document or JSON has it. Raises ValueError."""
    try:
        return units_of(Decimal(str(value)), scale)
    except ArithmeticError:
        raise ValueError("points") from None


@dataclass(frozen=True, slots=True)
class Person:
    """One person of a case. `points` stands in for a score where it was worked out elsewhere.

    `knowledge` holds what counts provisionally too; `recorded` is the same without it, where there is any.
    """

    knowledge: Knowledge = field(default_factory=Knowledge)
    sex: Sex | None = None
    points: Points | None = None
    recorded: Knowledge | None = None


@dataclass(frozen=True)
class Case:
    """An application as it stands: people, place, days.

    `place` is the district, or the town, at which measures count; `town` the one that the application names, `zone`
    the zone of the money. `check_day` is None until it has come: then conditions of that day are asked for the
    counting day.
    """

    applicant: Person
    place: str
    counted_on: date
    applied_on: date
    check_day: date | None = None
    spouse: Person | None = None
    parents: tuple[Person, ...] = ()
    town: str | None = None
    zone: str | None = None
    rulebooks: RulebookSet = field(default_factory=lambda: RulebookSet(()))
    coverage: Coverage = field(default_factory=Coverage)
    lapsed: frozenset[str] = frozenset()

    def people(self, who: str) -> tuple[Person, ...]:
        """Give the people that a condition is asked of."""
        spouse = () if self.spouse is None else (self.spouse,)
        match who:
            case "spouse":
                return spouse
            case "couple":
                return (self.applicant, *spouse)
            case "parents":
                return self.parents
            case "household":
                return (self.applicant, *spouse, *self.parents)
            case _:
                return (self.applicant,)

    def family_of(self, person: Person) -> Family:
        """Give the relatives that a person's score may count."""
        if person is self.applicant:
            spouse = self.spouse.knowledge if self.spouse else None
            return Family(spouse, tuple(parent.knowledge for parent in self.parents))
        peers = self.parents if any(person is parent for parent in self.parents) else self.people("couple")
        other = next((peer.knowledge for peer in peers if peer is not person), None)
        return Family(other)

    def day(self, word: str) -> date:
        """Give the day that a word names."""
        match word:
            case "counted_on":
                return self.counted_on
            case "applied_on":
                return self.applied_on
            case "check_day":
                return self.check_day or self.counted_on
            case fixed:
                return date.fromisoformat(fixed)

    @cached_property
    def memory(self) -> dict[Any, Any]:
        """Keep what was worked out once for this case."""
        return {}
