"""Conditions of a programme 积分应用: a small closed language of data. Each names its clause.

A condition is asked of people (`who`, `need`) on days (`on`), and is met when it holds for enough of them on every
day. What is counted is a measure of a rulebook, so that months, spells and levels mean the same in both.
"""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from domain.countable import countable
from domain.facts.disputes import Item
from domain.measures import Measure
from domain.notation import CivilDay, Duration, Id, Label, Number, Strict, Text, TierName

Who = Literal["self", "spouse", "couple", "parents", "household"]
"""The applicant (a child, where the child is the subject), the spouse, both of them, the parents, or everybody."""
DAYS = ("counted_on", "applied_on", "check_day")


def _day_word(value: Any) -> Any:
    if value in DAYS:
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            pass
    known = {"known": ", ".join((*DAYS, "2026-03-31"))}
    raise PydanticCustomError("not-a-programme-day", "a day is one of {known}", known)


DayWord = Annotated[str, BeforeValidator(_day_word)]
"""计分截止日 counted_on, the day of application, the day of the check, or a fixed day."""


def _need(value: Any) -> Any:
    if value in ("any", "all") or (isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 9):
        return value
    raise PydanticCustomError("not-a-need", "any, all, or how many people", {})


Need = Annotated[Literal["any", "all"] | int, BeforeValidator(_need)]


StateName = Literal["none", "normal", "due", "suspended", "ended"]
IN_USE: tuple[StateName, ...] = ("normal", "due")


class Condition(Strict):
    """What every condition has: a name, its clause, whom it is asked of, and on which days."""

    id: Id
    clause: Text
    label: Label
    source: Text | None = None
    placeholder: bool = False
    who: Who = "self"
    need: Need = "any"
    on: list[DayWord] = Field(default_factory=lambda: ["counted_on"], min_length=1)


class PermitIs(Condition):
    """居住证: the permit is in one of these states, of this territory; `town` is the application's."""

    kind: Literal["permit"]
    is_: list[StateName] = Field(alias="is", default_factory=lambda: list(IN_USE), min_length=1)
    of: Literal["authority", "city", "province", "town"] = "authority"


class Measured(Condition):
    """计量: what a measure counts in the territory reaches `at_least`, or stays within `at_most`."""

    kind: Literal["measured"]
    measure: Measure
    at_least: Annotated[int, Field(ge=1)] | None = None
    at_most: Annotated[int, Field(ge=0)] | None = None


class TermIs(Condition):
    """合同期限: a spell that is in force was made for at least so long; one without an end is long enough."""

    kind: Literal["term"]
    of: Annotated[str, countable("employment-started", "housing-started")]
    at_least: Duration
    scope: TierName | None = None


class ScoreIs(Condition):
    """积分: the score of the programme (or some tiers of it) reaches a number."""

    kind: Literal["score"]
    at_least: Number
    tiers: Annotated[list[TierName], Field(min_length=1)] | None = None


class ByAge(Strict):
    """A number of years for men and one for women."""

    male: Annotated[int, Field(ge=1, le=150)]
    female: Annotated[int, Field(ge=1, le=150)]


class AgeIs(Condition):
    """年龄: full years below (or from) a number, which may differ by sex: 法定退休年龄."""

    kind: Literal["age"]
    below: ByAge | Annotated[int, Field(ge=1, le=150)] | None = None
    from_: Annotated[Annotated[int, Field(ge=0, le=150)] | None, Field(alias="from")] = None


class BornWithin(Condition):
    """出生日期: born on a day of [from, to): school age."""

    kind: Literal["born"]
    from_: Annotated[CivilDay, Field(alias="from")]
    to: CivilDay


class TookPart(Condition):
    """参加年度申评: took part in the assessment of a year in the authority's territory."""

    kind: Literal["took_part"]
    year: Annotated[int, Field(ge=2000, le=2199)]


class NeverGranted(Condition):
    """不重复享受: nobody asked about has ever had a grant of these programmes: 每户家庭只能享受一次."""

    kind: Literal["never_granted"]
    programmes: Annotated[list[Id], Field(min_length=1)]


class NotBarred(Condition):
    """不在弄虚作假处理期: nobody asked about is barred after fraud, from this use or every use of the place."""

    kind: Literal["not_barred"]


class NotHeld(Condition):
    """不在冻结期: no hold bars the use of points, and the score is a valid one."""

    kind: Literal["not_held"]


class NoOpenDispute(Condition):
    """无在办异议: nobody asked about has a dispute that is open on the day, of these items or of any."""

    kind: Literal["no_open_dispute"]
    items: Annotated[list[Item], Field(min_length=1)] | None = None


class NoLocalHukou(Condition):
    """非本地户籍: no local hukou was gained in the authority's territory."""

    kind: Literal["no_local_hukou"]


class HomeIs(Condition):
    """同镇(街道): the permit or the registration lies in the town that the application names."""

    kind: Literal["same_town"]
    by: Literal["permit", "registration"] = "permit"


class AnyOf(Condition):
    """任一: one of several conditions is met."""

    kind: Literal["any_of"]
    among: Annotated[list["ConditionKind"], Field(min_length=2)]


class AllOf(Condition):
    """同时: all of several conditions are met."""

    kind: Literal["all_of"]
    among: Annotated[list["ConditionKind"], Field(min_length=2)]


ConditionKind = Annotated[
    AgeIs
    | AllOf
    | AnyOf
    | BornWithin
    | HomeIs
    | Measured
    | NeverGranted
    | NoLocalHukou
    | NoOpenDispute
    | NotBarred
    | NotHeld
    | PermitIs
    | ScoreIs
    | TermIs
    | TookPart,
    Field(discriminator="kind"),
]
AnyOf.model_rebuild()
AllOf.model_rebuild()


def nested(conditions: list[ConditionKind]) -> list[ConditionKind]:
    """Give conditions with those inside them, in the order of the page."""
    found: list[ConditionKind] = []
    for condition in conditions:
        found.append(condition)
        if isinstance(condition, AnyOf | AllOf):
            found += nested(condition.among)
    return found
