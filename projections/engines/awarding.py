"""Awards, caps, totals and validity for columns, from what was folded: integers only, in the order of scoring.py.

A number that might not fit 64 bits is computed with Python's integers, column by column, so that nothing overflows.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from domain.civil import month_index
from domain.coverage import Coverage
from domain.permit import PermitState
from domain.plan import NOT_COMPILED, Award, Counting, NotCompiled, Plan, Row, Segment
from projections.engines.calendar import Bools, Ints
from projections.engines.coordinates import Coordinates
from projections.engines.folding import NOT_ELECTED, Counted, Folded
from projections.engines.permits import STATES, Permits
from projections.engines.results import VALIDITY, Lines, RowState, Scores

_MOST = 2**52
"""What a number may be at most so that sums of many still fit 64 bits."""
_LOOKED_UP = 1 << 16


Fallback = Callable[[Row], Lines]


def award(
    plan: Plan, folded: Folded, at: Coordinates, coverage: Coverage, fallback: Fallback | None = None
) -> Scores:
    """Score what was folded. `fallback` scores a row that is not compiled; without it, NotCompiled is raised."""
    lines = []
    for row in plan.rows:
        if row.measure != NOT_COMPILED:
            counting = plan.measures[row.measure]
            lines.append(_line(row, counting, folded, at, coverage))
        elif fallback is None:
            raise NotCompiled(row.why)
        else:
            lines.append(fallback(row))
    categories, tables = _tables(plan, lines, folded)
    before = _added(tables, folded.residents)
    deducted = [line.points for row, line in zip(plan.rows, lines, strict=True) if row.block == "deduction"]
    deductions = _added(deducted, folded.residents)
    held = {
        effect: _anything([folded.held[hold] for hold in plan.holds if hold.effect == effect], folded.residents)
        for effect in ("zero", "suspend", "ineligible")
    }
    total = before + deductions
    is_valid = np.ones(folded.residents, np.bool_)
    for bound in plan.above:
        is_valid &= (total > bound).astype(np.bool_)
    total = np.where(is_valid & ~held["zero"], np.maximum(total, 0), 0)
    return Scores(
        plan,
        lines,
        categories,
        tables,
        before,
        deductions,
        total,
        is_valid,
        held["ineligible"],
        _validity(plan, folded.permits, held["suspend"]),
        folded.permits,
        folded.names,
    )


def _tables(plan: Plan, lines: Sequence[Lines], folded: Folded) -> tuple[dict[tuple[int, int], Ints], list[Ints]]:
    """Choose where one item of a category counts, cap categories, then tables."""
    nothing = np.zeros(folded.residents, np.int64)
    by_category: dict[tuple[int, int], Ints] = {}
    for row, line in zip(plan.rows, lines, strict=True):
        if row.block == "item":
            place = row.table, row.category
            by_category[place] = by_category.get(place, nothing) + line.points
    for choice in plan.choices:
        points = np.stack([lines[n].points for n in choice.rows])
        elected = folded.elected[choice]
        chosen = np.where(elected == NOT_ELECTED, points.argmax(axis=0), elected)
        by_category[choice.table, choice.category] = np.take_along_axis(points, chosen[None, :], axis=0)[0]
    categories, tables = {}, []
    for number, table in enumerate(plan.tables):
        points = by_category.get((number, -1), nothing)
        for index, (_, cap) in enumerate(table.categories):
            categories[number, index] = capped(by_category.get((number, index), nothing), cap)
            points = points + categories[number, index]
        tables.append(capped(points, table.cap))
    return categories, tables


def _added(parts: Sequence[Ints], residents: int) -> Ints:
    total = np.zeros(residents, np.int64)
    for part in parts:
        total = total + part
    return total


def _anything(masks: Sequence[Bools], residents: int) -> Bools:
    found = np.zeros(residents, np.bool_)
    for mask in masks:
        found |= mask
    return found


def capped(points: Ints, cap: int | None) -> Ints:
    """Bound points from above."""
    return points if cap is None else np.minimum(points, cap)


def _line(row: Row, counting: Counting, folded: Folded, at: Coordinates, coverage: Coverage) -> Lines:
    counted = folded.counted[counting]
    earned, of_years = _earned(row, counted, folded)
    if counted.known is not None:
        earned = of_years = np.where(counted.known, earned, 0)
    if row.block == "item":
        points = capped(of_years, row.cap)
    else:
        points = earned if row.cap is None else np.maximum(earned, -row.cap)
    state = _states(earned, counted, counting, folded, at, coverage)
    if not row.counts:
        points, state = points * 0, np.full_like(state, RowState.OTHER_USE)
    return Lines(counted.quantity, counted.known, earned, points, state)


def _earned(row: Row, counted: Counted, folded: Folded) -> tuple[Ints, Ints]:
    """Give the rounded points, and what the cap by year leaves of them."""
    plan = row.award
    if plan.take:
        earned = rounded(level_points(plan, counted, folded), plan.den, row)
        return earned, earned
    if plan.year_cap is None or counted.years is None:
        earned = looked_up(lambda quantity: rounded(_segments(plan, quantity), plan.den, row), counted.quantity)
        return earned, earned
    by_resident = counted.years.by_resident
    points = looked_up(lambda hours: _segments(plan, hours), counted.years.quantity)
    whole = by_resident.sums(points)
    bounded = by_resident.sums(np.minimum(points, plan.year_cap))
    return rounded(whole, plan.den, row), rounded(bounded, plan.den, row)


def looked_up(of: Callable[[Ints], Ints], numbers: Ints) -> Ints:
    """Work a function of small numbers out once for each number, not for each resident."""
    least, most = int(numbers.min(initial=0)), int(numbers.max(initial=0))
    if least >= 0 and most < _LOOKED_UP and most < len(numbers) + 1024:
        return of(np.arange(most + 1, dtype=np.int64)).take(numbers)
    return of(numbers)


def _segments(plan: Award, quantity: Ints) -> Ints:
    most = int(quantity.max(initial=0))
    exact = quantity if _fits(plan.segments, most) else quantity.astype(object)
    points = exact * 0
    for segment in plan.segments:
        steps = np.maximum(exact - segment.origin, 0) // segment.step
        points = np.where(quantity >= segment.lo, segment.base + steps * segment.points, points)
    return points


def _fits(segments: Sequence[Segment], most: int) -> bool:
    return all(abs(one.base) + (most // one.step + 1) * abs(one.points) < _MOST for one in segments)


def level_points(plan: Award, counted: Counted, folded: Folded) -> Ints:
    """Give the points of each resident's levels: the greatest, or all, of one act only the greatest."""
    if counted.levels is None:
        raise ValueError("levels")
    worth = np.zeros(len(folded.words["level"]) + 1, np.int64)
    sign = -1 if any(points < 0 for _, points in plan.levels) else 1
    for name, points in plan.levels:
        code = folded.words["level"].find(name)
        if code < len(worth) - 1:
            worth[code] = abs(points)
    find = counted.levels.greatest if plan.take == "max" else counted.levels.added
    return sign * find(worth)


def rounded(points: Ints, den: int, row: Row) -> Ints:
    """Round a half away from zero at the table's scale, in units of the set."""

    def units(magnitude: Ints) -> Ints:
        whole: Ints = (magnitude * (2 * 10**row.scale) + den) // (2 * den) * row.up
        return whole

    least, most = int(points.min(initial=0)), int(points.max(initial=0))
    if max(most, -least) * 2 * 10**row.scale + den >= _MOST:
        points = points.astype(object)
    if least >= 0:
        return looked_up(units, points) if points.dtype != object else units(points)
    return np.where(points < 0, -units(np.abs(points)), units(np.abs(points)))


def _states(
    earned: Ints, counted: Counted, counting: Counting, folded: Folded, at: Coordinates, coverage: Coverage
) -> NDArray[np.int8]:
    known_zero = counted.found
    if counting.how != "age" and not known_zero.all():
        known_zero = known_zero | _covered(counting, folded, at, coverage)
    # SCORED is 0, ZERO 1 and NO_DATA 2, so that the state is counted rather than chosen; in bytes, many at once.
    unpaid, known = (earned == 0).view(np.int8), known_zero.view(np.int8)
    state: NDArray[np.int8] = unpaid * (np.int8(RowState.NO_DATA) - known)
    return state


def _covered(counting: Counting, folded: Folded, at: Coordinates, coverage: Coverage) -> Bools:
    """Say for whom complete feeds cover the months that the measure reads."""
    last = month_index(at.as_of) - 1
    first = last - (counting.window or 1) + 1
    places = folded.words["place"].names
    covers = np.zeros(len(places) + 1, np.bool_)
    for code in folded.places:
        covers[code] = coverage.covers(counting.fact, places[code], first, last)
    covered: Bools = covers.take(folded.place) if covers.any() else np.zeros(folded.residents, np.bool_)
    return covered


def _validity(plan: Plan, permits: Permits, suspended: Bools) -> NDArray[np.int8]:
    """Give the number of what the permit's state means for the points; a hold may pause what is in effect."""
    block = plan.validity
    if block is None:
        return np.full(len(permits.state), -1, np.int8)
    names = {
        PermitState.NONE: block.none,
        PermitState.NORMAL: block.normal,
        PermitState.DUE: block.due,
        PermitState.SUSPENDED: block.suspended,
        PermitState.ENDED: block.ended,
    }
    meaning = np.array([VALIDITY.index(names[state]) for state in STATES], np.int8)
    validity = meaning.take(permits.state)
    if block.on_request:
        in_use = (permits.state == STATES.index(PermitState.NORMAL)) | (
            permits.state == STATES.index(PermitState.DUE)
        )
        validity[in_use & permits.awaits_request] = VALIDITY.index(block.suspended)
    paused = suspended & (validity == VALIDITY.index("effective"))
    validity[paused] = VALIDITY.index("paused")
    return validity
