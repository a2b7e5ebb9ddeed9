"""保存期限表: how many years each kind of entry is kept, from which day, and by what source."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from domain.civil import add_months
from domain.errors import Refusal
from domain.facts import ALL
from domain.facts.base import KindName
from domain.notation import Id, Strict, Text

_MONTHS_OF_A_YEAR = 12
ANY = "*"


class ScheduleUnsound(Refusal):
    """保存期限表不能读懂。| The retention schedule cannot be read."""

    hint = ("格式见 docs/vault.md。", "docs/vault.md tells its form.")


class Source(Strict):
    """What a period rests on: a law that was read, or the house's own default where none is known."""

    basis: Literal["law", "house"]
    text: Text


class Period(Strict):
    """保存期限: entries of some kinds are kept for `years` from a day.

    `counted_from`: the day on which the entry was recorded, or on which the last entry of its case was (a dispute,
    an application, a benefit). `kinds` are without version; `*` is every kind that no other period names.
    `of` `reads`: the log of who read a history. It stays when a key is destroyed, and bars nothing.
    """

    id: Id
    label: Text
    of: Literal["entries", "reads"] = "entries"
    kinds: list[KindName | Literal["*"]] = Field(default_factory=list, max_length=200)
    years: Annotated[int, Field(ge=0, le=100)]
    counted_from: Literal["recorded", "case"] = "recorded"
    source: Source

    def ends(self, day: date) -> date:
        """Give the first day on which what was counted from a day need not be kept."""
        return add_months(day, self.years * _MONTHS_OF_A_YEAR)


class Schedule(Strict):
    """The periods. `released_by`: reasons of a void after which an entry need not, or must not, be kept."""

    schedule: Id
    label: Text
    periods: list[Period] = Field(default_factory=list, max_length=200)
    released_by: list[str] = Field(default_factory=list, max_length=20)

    def period(self, kind: str) -> Period | None:
        """Give the period of a kind (without its version), None where it may go at any time."""
        return self._by_kind.get(kind) or self._by_kind.get(ANY)

    @cached_property
    def _by_kind(self) -> Mapping[str, Period]:
        return {kind: period for period in self.periods if period.of == "entries" for kind in period.kinds}


NOTHING_KEPT = Schedule(schedule="nothing_kept", label="nothing is kept for a period")
"""A schedule without periods: disputes, benefits, rounds and holds bar an erasure all the same."""


def read_schedule(tree: Any) -> Schedule:
    """Read a schedule from its tree. Raises ScheduleUnsound, with the place in it."""
    try:
        schedule = Schedule.model_validate(tree)
    except ValidationError as error:
        raise ScheduleUnsound(".".join(map(str, error.errors()[0]["loc"]))) from None
    _check([kind for period in schedule.periods for kind in period.kinds])
    return schedule


def _check(kinds: Sequence[str]) -> None:
    known = {fact.kind_name() for fact in ALL} | {ANY}
    for kind in kinds:
        if kind not in known:
            raise ScheduleUnsound(f"no such kind: {kind}")
        if kinds.count(kind) > 1:
            raise ScheduleUnsound(f"twice: {kind}")
