"""What the shape of a programme cannot say: names that must exist, bounds, orders, tiers that can be reached."""

from collections.abc import Iterator, Sequence
from typing import Any

from domain.measures import Months
from domain.measures.month_sets import MonthSet
from domain.programme.conditions import AgeIs, AllOf, AnyOf, BornWithin, ConditionKind, Measured, PermitIs, ScoreIs
from domain.programme.model import Benefit, ByItems, ByMeasure, ByScore, ByTier, Programme
from domain.rulebook.problems import Path, Problem

_NOT_HERE = ("grants", "share")
_SCHEME = "attested/"
_TELLING = ("id", "clause", "label", "source", "placeholder", "need")


def programme_problems(programme: Programme) -> Iterator[Problem]:
    """Find everything that is wrong with a programme as a whole."""
    yield from _life(programme)
    yield from _ids(programme)
    for path, condition in every_condition(programme):
        yield from _condition(programme, condition, path)
    yield from _exemptions(programme)
    yield from _tiers(programme)
    yield from _order(programme)
    if programme.benefit is not None:
        yield from _benefit(programme, programme.benefit)


def every_condition(programme: Programme) -> Iterator[tuple[Path, ConditionKind]]:
    """Give each condition with its place, those inside others too."""
    blocks: list[tuple[Path, Sequence[ConditionKind]]] = [(("require",), programme.require)]
    blocks += [(("exempt", index, "when"), each.when) for index, each in enumerate(programme.exempt)]
    blocks += [(("tiers", index, "when"), tier.when) for index, tier in enumerate(programme.tiers)]
    for path, conditions in blocks:
        yield from _nested(path, conditions)


def _nested(path: Path, conditions: Sequence[ConditionKind]) -> Iterator[tuple[Path, ConditionKind]]:
    for index, condition in enumerate(conditions):
        here = (*path, index)
        yield here, condition
        if isinstance(condition, AnyOf | AllOf):
            yield from _nested((*here, "among"), condition.among)


def _life(programme: Programme) -> Iterator[Problem]:
    effective, window = programme.effective, programme.window
    if effective.to is not None and effective.to <= effective.from_:
        yield Problem("effective-order", ("effective", "to"))
    if window is not None and window.to < window.from_:
        yield Problem("days-order", ("window", "to"))
    for index, gap in enumerate(programme.untranslatable):
        if not gap.accepted:
            yield Problem("not-accepted", ("untranslatable", index), context={"clause": gap.clause})


def _ids(programme: Programme) -> Iterator[Problem]:
    benefit = programme.benefit
    blocks: list[tuple[Path, Sequence[Any]]] = [
        (("require",), programme.require),
        (("exempt",), programme.exempt),
        (("tiers",), programme.tiers),
        (("schemes",), programme.schemes),
        (("benefit", "money"), benefit.money if benefit else ()),
        (("benefit", "in_kind"), benefit.in_kind if benefit else ()),
    ]
    for path, rows in blocks:
        seen: set[str] = set()
        for index, row in enumerate(rows):
            if row.id in seen:
                yield Problem("duplicate-id", (*path, index, "id"), context={"id": row.id})
            seen.add(row.id)


def _condition(programme: Programme, condition: ConditionKind, path: Path) -> Iterator[Problem]:
    match condition:
        case Measured(measure=measure):
            if (condition.at_least is None) == (condition.at_most is None):
                yield Problem("bound-missing", path)
            yield from _measure(programme, measure, (*path, "measure"))
        case AgeIs() if (condition.below is None) == (condition.from_ is None):
            yield Problem("bound-missing", path)
        case BornWithin() if condition.to <= condition.from_:
            yield Problem("days-order", (*path, "to"))
        case ScoreIs() if programme.score is None:
            yield Problem("score-missing", path)
        case _:
            pass


def _measure(programme: Programme, measure: Any, path: Path) -> Iterator[Problem]:
    if measure.kind in _NOT_HERE or measure.subjects != "self":
        yield Problem("measure-not-here", path, context={"measure": measure.kind})
    declared = {f"{_SCHEME}{scheme.id}" for scheme in programme.schemes}
    sets: list[MonthSet | Any] = [measure]
    if isinstance(measure, Months):
        sets += [part for name in ("any_of", "all_of", "minus") for part in getattr(measure, name) or ()]
    for part in sets:
        of = getattr(part, "of", "")
        if of.startswith(_SCHEME) and of not in declared:
            yield Problem("unknown-scheme", (*path, "of"), context={"scheme": of.removeprefix(_SCHEME)})


def _exemptions(programme: Programme) -> Iterator[Problem]:
    known = [condition.id for condition in programme.require]
    wanted: list[tuple[Path, str]] = [
        (("exempt", index, "from"), name) for index, e in enumerate(programme.exempt) for name in e.from_
    ]
    benefit = programme.benefit
    wanted += [(("benefit", "recheck_of"), name) for name in (benefit.recheck_of if benefit else ())]
    for path, name in wanted:
        if name not in known:
            yield Problem("unknown-condition", path, context={"id": name, "known": ", ".join(known) or "-"})


def _tiers(programme: Programme) -> Iterator[Problem]:
    for index, tier in enumerate(programme.tiers):
        if _contradicts(tier.when):
            yield Problem("tier-impossible", ("tiers", index), context={"id": tier.id})
        for earlier in programme.tiers[:index]:
            if all(any(_implies(own, other) for own in tier.when) for other in earlier.when):
                context = {"id": tier.id, "earlier": earlier.id}
                yield Problem("tier-never-reached", ("tiers", index), context=context)
                break


def _implies(own: ConditionKind, other: ConditionKind) -> bool:
    """Say whether who meets one condition surely meets another: the same, asked of no more people."""
    same = {name: value for name, value in own.model_dump().items() if name not in _TELLING}
    if type(own) is not type(other) or same != {n: v for n, v in other.model_dump().items() if n not in _TELLING}:
        return False
    return (
        own.need == other.need
        or other.need in ("any", 1)
        or (isinstance(own.need, int) and isinstance(other.need, int) and own.need >= other.need)
    )


def _contradicts(conditions: Sequence[ConditionKind]) -> bool:
    """Say whether two conditions ask for different states of the same person's permit."""
    own = [c for c in conditions if isinstance(c, PermitIs) and c.who == "self"]
    return any(
        not set(first.is_) & set(second.is_) and first.on == second.on
        for index, first in enumerate(own)
        for second in own[index + 1 :]
    )


def _order(programme: Programme) -> Iterator[Problem]:
    by_tier = any(isinstance(key, ByTier) for key in programme.order_by)
    if by_tier != bool(programme.tiers):
        yield Problem("tiers-not-ordered", ("order_by",))
    if programme.quota is not None and not programme.order_by:
        yield Problem("order-missing", ("quota",))
    if programme.score is None and any(isinstance(key, ByScore | ByItems) for key in programme.order_by):
        yield Problem("score-missing", ("order_by",))
    if programme.score is not None and (programme.score.kind == "certified") != (programme.score.year is not None):
        yield Problem("year-missing", ("score",))
    for index, key in enumerate(programme.order_by):
        if isinstance(key, ByMeasure):
            yield from _measure(programme, key.measure, ("order_by", index, "measure"))


def _benefit(programme: Programme, benefit: Benefit) -> Iterator[Problem]:
    if benefit.money and None in (benefit.starts, benefit.months, benefit.pays):
        yield Problem("benefit-incomplete", ("benefit",))
    zones: set[str | None] = set()
    for index, row in enumerate(benefit.money):
        of_rent = (row.square_metres, row.fen_per_square_metre, row.percent)
        whole = all(part is not None for part in of_rent)
        if (row.fen_per_month is None) != whole or (not whole and any(part is not None for part in of_rent)):
            yield Problem("money-incomplete", ("benefit", "money", index))
        if row.zone in zones:
            yield Problem("zone-twice", ("benefit", "money", index, "zone"), context={"zone": row.zone or "-"})
        zones.add(row.zone)
    last = 0
    for index, gift in enumerate(benefit.in_kind):
        if gift.from_rank is None and gift.to_rank is None:
            continue
        first, until = gift.from_rank or 1, gift.to_rank or 10**9
        if first <= last or until < first:
            yield Problem("ranks-overlap", ("benefit", "in_kind", index))
        last = until
    if benefit.in_kind and last and programme.quota is None:
        yield Problem("order-missing", ("benefit", "in_kind"))
