"""The programme 积分应用: one document of one authority. Who may apply, in which order places go, what is given.

Python holds the kinds, the document the numbers; each number names its clause. A programme says nothing about how
points are earned: that is the rulebooks' business.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from domain.measures import Measure
from domain.notation import CivilDay, Duration, Id, Label, Positive, Strict, Text, TierName
from domain.programme.conditions import ConditionKind
from domain.programme.ranking import ALL
from domain.rulebook.model import AuthorityCode, DocId, Effective, Facts, Scheme, Untranslatable

Fen = Annotated[int, Field(ge=1, le=10**12)]


class ScoreUse(Strict):
    """Which points are used: whose, and the live score or the one certified for a year (核定积分).

    `who`: the applicant's, the better of two (`best_of_couple`, `best_parent`), or two added. A certified score of
    who did not take part counts 0, shown 未参评.
    """

    who: Literal["self", "best_of_couple", "best_parent", "both_parents"] = "self"
    kind: Literal["live", "certified"] = "live"
    year: Annotated[int, Field(ge=2000, le=2199)] | None = None
    clause: Text
    placeholder: bool = False


class Exemption(Strict):
    """免除: who meets `when` need not meet the conditions named in `from`. `first` puts them before all others."""

    id: Id
    clause: Text
    label: Label
    source: Text | None = None
    placeholder: bool = False
    when: Annotated[list[ConditionKind], Field(min_length=1)]
    from_: Annotated[list[Id], Field(alias="from", min_length=1)]
    first: bool = False


class TierOf(Strict):
    """顺位: a group that goes before the next; the first whose conditions are met is the applicant's."""

    id: Id
    clause: Text
    label: Label
    when: Annotated[list[ConditionKind], Field(min_length=1)]


class ByTier(Strict):
    """The group, earlier first."""

    by: Literal["tier"]


class ByExempt(Strict):
    """Those of an exemption that goes first."""

    by: Literal["exempt"]


class ByScore(Strict):
    """The score, or the sum of some tiers of it, higher first."""

    by: Literal["score"]
    tiers: Annotated[list[TierName], Field(min_length=1)] | None = None
    clause: Text | None = None


class ByItems(Strict):
    """The points of some items together (四项分数之和), higher first. An item is `doc/item`, or an id alone."""

    by: Literal["items"]
    items: Annotated[
        list[Annotated[str, Field(pattern=r"^([a-z][a-z0-9._-]*/)?[a-z][a-z0-9_]*$")]], Field(min_length=1)
    ]
    clause: Text | None = None


class ByMeasure(Strict):
    """What a measure counts, more first (or fewer)."""

    by: Literal["measure"]
    measure: Measure
    order: Literal["desc", "asc"] = "desc"
    clause: Text | None = None


OrderKey = Annotated[ByExempt | ByItems | ByMeasure | ByScore | ByTier, Field(discriminator="by")]


class Merged(Strict):
    """Towns or schools that are ranked as one: 三个街道合并排名."""

    id: Id
    of: Annotated[list[Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]], Field(min_length=2)]


class Quota(Strict):
    """名额: how many places, per what, and what happens to a tie at the line.

    `admit_all`: all tied are admitted; `lottery`: the order of a draw whose seed is published after the cut-off;
    `shared_rank`: one rank, and all who share a rank that begins within the quota have the same right.
    """

    per: Literal["programme", "town", "school"] = "programme"
    places: Positive | Literal["from_round"]
    ties_at_line: Literal["admit_all", "lottery", "shared_rank"]
    merged: list[Merged] = Field(default_factory=list)
    clause: Text
    placeholder: bool = False

    def units(self, wished: Sequence[str]) -> tuple[str, ...]:
        """Give the units for which an application stands: its wishes, those of a merged group as the group."""
        if self.per == "programme":
            return (ALL,)
        group = {unit: merged.id for merged in self.merged for unit in merged.of}
        return tuple(dict.fromkeys(group.get(unit, unit) for unit in wished)) or (ALL,)


class Money(Strict):
    """An amount: a month's fen in a zone, or a share of a rent, rounded up to whole `round_up_to_fen`."""

    id: Id
    label: Label
    clause: Text
    source: Text | None = None
    zone: Id | None = None
    fen_per_month: Fen | None = None
    square_metres: Positive | None = None
    fen_per_square_metre: Fen | None = None
    percent: Annotated[int, Field(ge=1, le=100)] | None = None
    round_up_to_fen: Positive | None = None
    placeholder: bool = False


class InKind(Strict):
    """What is given, not in money, to ranks [from, to]; without ranks to everybody who is in."""

    id: Id
    label: Label
    clause: Text
    from_rank: Positive | None = None
    to_rank: Positive | None = None


class Benefit(Strict):
    """待遇: what an admitted applicant gets.

    Money begins in the month after the application, or on a fixed day, for so many months; `fixed` says that the
    amount stays as granted. `recheck` is done before each payment.
    """

    money: list[Money] = Field(default_factory=list)
    in_kind: list[InKind] = Field(default_factory=list)
    starts: Literal["month_after_application"] | CivilDay | None = None
    months: Positive | None = None
    pays: Literal["monthly", "quarterly", "yearly", "once"] | None = None
    fixed: bool = True
    recheck: Literal["before_each_payment", "none"] = "none"
    recheck_of: list[Id] = Field(default_factory=list)
    once_per: Literal["household", "resident"] | None = None
    clause: Text
    placeholder: bool = False


class Window(Strict):
    """受理期: the published days [from, to], both inside; a round may be extended. Filed late is void."""

    from_: Annotated[CivilDay, Field(alias="from")]
    to: CivilDay
    clause: Text


class Provisional(Strict):
    """暂予认定: what a dispute claims counts at the lock, where the organ that was asked has not answered by then.

    It counts for so many months after the lock at most; without this block only what is recorded counts.
    """

    lasts: Duration
    clause: Text
    placeholder: bool = False


class CountedOn(Strict):
    """计分截止日: a fixed day, or the day of application. Conditions may name days of their own (`on`)."""

    day: CivilDay | Literal["applied_on"]
    clause: Text
    placeholder: bool = False


class Example(Strict):
    """A worked example: one applicant, or several to be ranked, and what must come out."""

    label: Text
    applied_on: CivilDay
    check_day: CivilDay | None = None
    place: AuthorityCode | None = None
    places: Positive | None = None
    seed: Text | None = None
    applicants: Annotated[list["Applicant"], Field(min_length=1)]
    expect: Annotated[dict[str, Any], Field(min_length=1)]


class Relative(Strict):
    """A relative in an example."""

    born: CivilDay | None = None
    sex: Literal["male", "female"] | None = None
    points: Any = None
    facts: Facts = Field(default_factory=list)


class Applicant(Relative):
    """An applicant in an example. `points` stands for a score worked out elsewhere, by tier or as a whole."""

    name: Id = "a"
    town: str | None = None
    zone: Id | None = None
    spouse: Relative | None = None
    parents: list[Relative] = Field(default_factory=list)


Example.model_rebuild()


class Programme(Strict):
    """One document of one authority: conditions, order, quota, benefit."""

    doc: DocId
    programme: Id
    label: Label
    authority: AuthorityCode
    effective: Effective
    source: Text
    note: Text | None = None
    subject: Literal["resident", "child"] = "resident"
    counted_on: CountedOn
    window: Window | None = None
    score: ScoreUse | None = None
    require: list[ConditionKind] = Field(default_factory=list)
    exempt: list[Exemption] = Field(default_factory=list)
    tiers: list[TierOf] = Field(default_factory=list)
    order_by: list[OrderKey] = Field(default_factory=list)
    quota: Quota | None = None
    benefit: Benefit | None = None
    provisional: Provisional | None = None
    schemes: list[Scheme] = Field(default_factory=list)
    untranslatable: list[Untranslatable] = Field(default_factory=list)
    examples: list[Example] = Field(default_factory=list)

    @property
    def is_ranked(self) -> bool:
        """Say whether places go by rank; otherwise everybody who meets the conditions is in."""
        return self.quota is not None
