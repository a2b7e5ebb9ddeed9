"""Measures compiled: from a row's measure to what is counted, in names and integers."""

from collections.abc import Iterable
from typing import get_args

from domain import measures
from domain.countable import INSURANCE, RESTRICTED, UNITS, Match, Step
from domain.factrow import KEY_COLUMNS
from domain.measures.month_sets import MonthSet
from domain.plan.model import Counting, Meant, MonthsOf, TierWord
from domain.plan.understood import NotCompiled, check
from domain.rulebook.model import Deduction, Item, Rulebook


def counting_of(row: Item | Deduction, book: Rulebook) -> Counting:
    """Compile a row's measure. Raises NotCompiled."""
    measure = row.measure
    check(measure)
    day = measure.as_of or ""
    if isinstance(measure, measures.Age):
        return Counting(how="age", day=day, part_year=measure.part_year == "counts")
    reach = (row.follows if isinstance(row, Deduction) else None) or book.reach
    scope: TierWord = (measure.scope or reach).value
    if isinstance(measure, measures.Grants):
        fact, variant = "manual-grant", f"{book.doc}/{row.id}"
    else:
        fact, _, variant = measure.of.partition("/")
    base = Counting(how="count", day=day, fact=fact, variant=variant, scope=scope)
    if measure.window is not None:
        check(measure.window)
        base = _with(base, window=measure.window.last, window_step=step_number(measure.window.from_))
    if isinstance(measure, measures.Months):
        return _months(measure, base)
    base = _with(base, fits=_meant(measure.only), exclude=_match(measure.exclude), key=KEY_COLUMNS.get(fact, ()))
    if isinstance(measure, measures.Spells):
        return _with(base, how="spells", unit=measure.count_, join=measure.join, run=measure.run)
    return _dated(row, measure, base)


def step_number(step: Step) -> int:
    """Number a step of an act's life."""
    return get_args(Step).index(step)


def _months(measure: measures.Months, base: Counting) -> Counting:
    def sets(parts: Iterable[MonthSet] | None) -> tuple[MonthsOf, ...]:
        return tuple(_month_set(part, base.scope) for part in parts or ())

    return _with(
        base,
        how="months",
        run=measure.run,
        joined=(_month_set(measure, base.scope), *sets(measure.any_of)),
        all_of=sets(measure.all_of),
        minus=sets(measure.minus),
    )


def _month_set(part: MonthSet, scope: TierWord) -> MonthsOf:
    check(part)
    fact, _, variant = part.of.partition("/")
    fits = _meant(part.only)
    if part.of == INSURANCE:
        fits += tuple(
            meant
            for meant in (Meant(variant=_sorted(part.insurance)), Meant(mark=_sorted(part.standing)))
            if meant != Meant()
        )
    return MonthsOf(
        fact=fact,
        variant=variant,
        scope=part.scope.value if part.scope else scope,
        part=part.part,
        fits=fits,
        exclude=_match(part.exclude),
    )


def _sorted(words: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if words is None else tuple(sorted(words))


def _match(match: Match | None) -> Meant | None:
    if match is None:
        return None
    check(match)
    return Meant(level=_sorted(match.level), variant=_sorted(match.variant), mark=_sorted(match.mark))


def _meant(match: Match | None) -> tuple[Meant, ...]:
    meant = _match(match)
    return () if meant is None else (meant,)


def _dated(row: Item | Deduction, measure: measures.Measure, base: Counting) -> Counting:
    lapses = getattr(measure, "lapses", None)
    if lapses is not None:
        check(lapses)
        base = _with(base, lapse_after=lapses.after, lapse_step=step_number(lapses.from_))
    by_year = isinstance(row, Item) and row.cap_per_year is not None
    match measure:
        case measures.Sum():
            units = UNITS[base.fact]
            size = units[measure.unit] if measure.unit else next(iter(units.values()))
            most = measure.most_per_year or 0
            return _with(base, how="sum", size=size, paid=measure.paid, most_per_year=most, by_year=by_year)
        case measures.Grants():
            return _with(base, how="sum", always_found=True)
        case measures.Count():
            return _with(base, how="count", once_per_act=measure.distinct == "acts", by_year=by_year)
        case measures.Levels():
            return _with(base, how="levels", once_per_act=measure.same_act == "largest_only")
        case measures.Share():
            return _with(base, how="share", holders=measure.holders, by_year=by_year)
        case measures.State():
            return _with(base, how="state", until_completed=base.fact == RESTRICTED)
        case _:
            raise NotCompiled(type(measure).__name__)


def _with(counting: Counting, **fields: object) -> Counting:
    return counting.model_copy(update=fields)
