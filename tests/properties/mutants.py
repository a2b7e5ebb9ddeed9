"""Planted errors: each a slip of the hand in one step of the engine or of the compiler.

A mutant is a function, a piece of its text and what stands there instead. `planted` puts the wrong step in the
place of the right one for everybody who calls it. A mutant that nothing kills is a step that the property cannot
see.
"""

import inspect
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any, NamedTuple

from domain.plan import awarding as compiled_awards
from domain.plan import compiler
from domain.plan import counting as compiled_measures
from projections.engines import (
    awarding,
    calendar,
    folding,
    levels,
    month_sets,
    periods,
    permits,
    selection,
    standing,
)


class Mutant(NamedTuple):
    """A wrong step: what it does, in which function, and which text became which."""

    name: str
    function: Callable[..., Any]
    right: str
    wrong: str


@contextmanager
def planted(mutant: Mutant) -> Iterator[None]:
    """Let a function do the wrong thing for a while."""
    function = mutant.function
    assert isinstance(function, FunctionType)
    right = function.__code__
    function.__code__ = _wrong_code(function, mutant)
    try:
        yield
    finally:
        function.__code__ = right


def _wrong_code(function: FunctionType, mutant: Mutant) -> Any:
    text = textwrap.dedent(inspect.getsource(function))
    assert text.count(mutant.right) == 1, f"{mutant.name}: the text is there {text.count(mutant.right)} times"
    made: dict[str, Any] = {}
    exec(text.replace(mutant.right, mutant.wrong), function.__globals__, made)  # noqa: S102 - the repository's own text
    wrong = made[function.__name__]
    wrong = getattr(wrong, "fget", wrong)
    return getattr(wrong, "__func__", wrong).__code__


FOLDER, CLOSING, READER = folding._Folder, standing.Closing, month_sets._Reader
LEVELS = levels.Levels

MUTANTS = [
    # what is known, and what is void
    Mutant("the entry at the cut is not known", standing.known, "<= as_at", "< as_at"),
    Mutant("the cut is forgotten", standing.known, "if as_at is None", "if True"),
    Mutant("a void from a day begins a day late", standing.has_effect, "stops_on <= as_of", "stops_on < as_of"),
    Mutant("a void from a day is no void", standing.has_effect, " | (stops_on <= as_of)", ""),
    Mutant(
        "a void from a day is one from the start",
        standing.has_effect,
        "(stops_on == NO_DAY) | (stops_on <= as_of)",
        "stops_on == stops_on",
    ),
    Mutant(
        "voids are read before the cut",
        standing.standing,
        "batch.voids.take(known(batch.voids, as_at))",
        "batch.voids",
    ),
    Mutant(
        "a birth that is void from a later day counts",
        standing.standing,
        '("births", voids)',
        '("births", effective)',
    ),
    Mutant(
        "a void takes the next entry too", standing.named, "marked[targets] = True", "marked[targets + 1] = True"
    ),
    Mutant(
        "a void closer ends a spell",
        standing.standing,
        'batch.closers.take(alive["closers"], _CLOSER)',
        "batch.closers",
    ),
    Mutant("a void move of the permit counts", standing.standing, 'alive["permits"] & (', "("),
    # spells and their ends
    Mutant(
        "closers are forgotten",
        CLOSING.ends,
        "np.where(closed, np.minimum(ends, self._earliest[place]), ends)",
        "ends",
    ),
    Mutant(
        "a closer beats an earlier end",
        CLOSING.ends,
        "np.minimum(ends, self._earliest[place])",
        "self._earliest[place]",
    ),
    Mutant("the latest closer ends the spell", CLOSING.__init__, "np.minimum.reduceat", "np.maximum.reduceat"),
    Mutant("a closer ends every spell of that number", CLOSING._keys, "self._words + word", "self._words"),
    Mutant(
        "spells are not merged",
        periods.merged,
        "person_start[1:] > reached[:-1]",
        "person_start[1:] == person_start[1:]",
    ),
    Mutant(
        "touching spells are not merged",
        periods.merged,
        "person_start[1:] > reached",
        "person_start[1:] >= reached",
    ),
    Mutant(
        "a short spell shortens a long one",
        periods.merged,
        "np.maximum.accumulate((person_start & ~low) | until)",
        "(person_start & ~low) | until",
    ),
    Mutant(
        "an ended month counts before its day",
        calendar.full_months,
        "<= ends, months, months - 1",
        "<= ends + 1, months, months - 1",
    ),
    Mutant("a month is full a day late", calendar.full_months, "<= ends", "< ends"),
    Mutant(
        "a day that the month lacks runs over",
        calendar.add_months,
        "np.minimum(tables.day.take(place), tables.length.take(target))",
        "tables.day.take(place)",
    ),
    Mutant("pooled days are dropped", periods.pooled, "months + rest // MONTH_DAYS", "months"),
    Mutant(
        "fifteen days are less than half a month", periods._of_months, ">= HALF_MONTH_DAYS", "> HALF_MONTH_DAYS"
    ),
    Mutant(
        "the last spell need not reach the day", FOLDER._spells, 'counting.run == "last"', 'counting.run == "never"'
    ),
    Mutant("the longest spell is all of them", FOLDER._spells, "greatest if", "sums if"),
    Mutant(
        "a spell goes on after the day",
        FOLDER._periods,
        "np.minimum(ends, np.int32(self._as_of))",
        "np.minimum(ends, np.int32(self._as_of + 40))",
    ),
    Mutant("a spell is not cut at the window", FOLDER._periods, "np.maximum(starts, np.int32(since))", "starts"),
    Mutant(
        "one spell reported twice counts twice", FOLDER._spells, "first_reports(picked, counting.key)", "picked"
    ),
    # months
    Mutant("the run counts the month of the day", month_sets.run_lengths, "sets[:, 1:]", "sets[:, 0:]"),
    Mutant("the longest run is the last", month_sets.run_lengths, "_longest(sets)", "sets[:, 1:].argmin(axis=1)"),
    Mutant(
        "a month reported twice is two", READER.bits, "= True", "= ~bits[resident.astype(np.int64) * width + ago]"
    ),
    Mutant("the window holds the month of the day", READER.months, "ago >= 1", "ago >= 0"),
    Mutant("the window is a month short", READER.months, "ago <= window", "ago < window"),
    Mutant(
        "months common to both sets are either's",
        month_sets.month_sets,
        "sets &= reader.bits",
        "sets |= reader.bits",
    ),
    Mutant("the months taken off stay", month_sets.month_sets, "sets &= ~reader.bits", "sets &= reader.bits"),
    Mutant("refunded months count", READER._insured, "~self._refunded(picked)", "self._refunded(picked) | True"),
    Mutant("a refund counts before its day", READER._refunded, " & (effective <= self._as_of)", ""),
    Mutant(
        "a month begun by a spell is filled", READER._lived, "first_days(first) < starts", "first_days(first) < 0"
    ),
    Mutant("the day a spell ends belongs to it", READER._lived, "months_of(until - 1)", "months_of(until)"),
    # facts of a day
    Mutant(
        "the window's first day counts",
        FOLDER._fitting,
        "> self._since(counting.window)",
        ">= self._since(counting.window)",
    ),
    Mutant(
        "a fact lapses a day late", FOLDER._fitting, "counting.lapse_after) > self", "counting.lapse_after) >= self"
    ),
    Mutant(
        "lapsed is what lies before the window",
        FOLDER._fitting,
        "add_months(day_of(picked, counting.lapse_step), counting.lapse_after) > self._as_of",
        "day_of(picked, counting.lapse_step) > self._since(counting.lapse_after)",
    ),
    Mutant(
        "a fact holds on the day it ends",
        FOLDER._fitting,
        "self._selection.ends(picked) > self._as_of",
        "self._selection.ends(picked) >= self._as_of",
    ),
    Mutant(
        "a lapse is always counted from the act",
        selection.day_of,
        "np.where(picked[name] == NO_DAY, day, picked[name])",
        "day",
    ),
    Mutant(
        "a step that is not known is the beginning of time",
        selection.day_of,
        "np.where(picked[name] == NO_DAY, day, picked[name])",
        "picked[name]",
    ),
    Mutant("reports of one fact all count", selection.first_reports, "if not key", "if key"),
    Mutant(
        "the newest report of a fact counts",
        selection._first_known,
        'picked["version"], picked["position"]',
        '-picked["version"], -picked["position"]',
    ),
    Mutant("facts that name no act are one act", folding.acts, "_OWN_ACT - np.arange(len(act))", "_OWN_ACT"),
    Mutant("every fact is an act", FOLDER._count, "if counting.once_per_act", "if False"),
    Mutant(
        "part of a unit counts", FOLDER._sum, "self._residents) // size, self", "self._residents) * 2 // size, self"
    ),
    Mutant(
        "each year's part of a unit counts nothing",
        FOLDER._sum,
        "sums(resident, in_year, self._residents) // size",
        "sums(resident, in_year // size, self._residents)",
    ),
    Mutant("paid service counts in full", FOLDER._sum, '(counting.paid == "half")', "False"),
    Mutant("a listing that was settled holds on", FOLDER._state, "if counting.until_completed", "if False"),
    Mutant("more than a whole home counts", FOLDER._share, "np.minimum(total, WHOLE)", "total"),
    Mutant("the first holder has one share", FOLDER._share, "np.where(is_first, 2, 1)", "1"),
    Mutant(
        "a fact counts on the day before it begins",
        selection.Selection.__init__,
        '["starts_on"] <= as_of',
        '["starts_on"] <= as_of + 1',
    ),
    Mutant(
        "facts of a place count everywhere",
        selection._Territories._inside,
        "place.startswith(here) for",
        "True for",
    ),
    Mutant(
        "the province is the city",
        selection._Territories._inside,
        "territory(self._places[code], tier)",
        "self._places[code][:4]",
    ),
    Mutant("one turns a year older a day late", calendar.ages, "this_day < day", "this_day <= day"),
    Mutant("a year begun does not count", FOLDER._age, "if counting.part_year", "if False"),
    # awards, caps, totals
    Mutant(
        "a segment begins above its border", awarding._segments, "quantity >= segment.lo", "quantity > segment.lo"
    ),
    Mutant("points are cut off, not rounded", awarding.rounded, "+ den) //", "+ 0) //"),
    Mutant("a half is rounded down", awarding.rounded, "+ den) //", "+ den - 1) //"),
    Mutant(
        "a half of a deduction is rounded up",
        awarding.rounded,
        "np.where(points < 0, -units(np.abs(points)), units(np.abs(points)))",
        "units(points)",
    ),
    Mutant(
        "an award is not asked for zero",
        awarding.looked_up,
        "return of(np.arange(most + 1, dtype=np.int64)).take(numbers)",
        "return np.where(numbers > 0, of(np.arange(most + 1, dtype=np.int64)).take(numbers), 0)",
    ),
    Mutant("the cap by year is forgotten", awarding._earned, "np.minimum(points, plan.year_cap)", "points"),
    Mutant(
        "the cap by year is one for all years",
        awarding._earned,
        "by_resident.sums(np.minimum(points, plan.year_cap))",
        "np.minimum(by_resident.sums(points), plan.year_cap)",
    ),
    Mutant("every record of an act is deducted", levels.acts_of, "(act[1:] == act[:-1])", "False"),
    Mutant("acts of two residents are one", levels.acts_of, "(resident[1:] == resident[:-1]) & ", ""),
    Mutant("of one act the least counts", LEVELS.added, "np.maximum.at", "np.minimum.at"),
    Mutant("of all levels the last counts", LEVELS.greatest, "np.maximum(of_set, (", "((of_set * 0) + ("),
    Mutant("a cap on a deduction is forgotten", awarding._line, "np.maximum(earned, -row.cap)", "earned"),
    Mutant("an item has no cap", awarding._line, "capped(of_years, row.cap)", "of_years"),
    Mutant(
        "a category has no cap",
        awarding._tables,
        "capped(by_category.get((number, index), nothing), cap)",
        "by_category.get((number, index), nothing)",
    ),
    Mutant("a table has no cap", awarding._tables, "capped(points, table.cap)", "points"),
    Mutant(
        "of a choice the last item counts",
        awarding._tables,
        "points.argmax(axis=0)",
        "points.argmax(axis=0) * 0 + len(points) - 1",
    ),
    Mutant(
        "an election is not heard",
        awarding._tables,
        "np.where(elected == NOT_ELECTED, points.argmax(axis=0), elected)",
        "points.argmax(axis=0)",
    ),
    Mutant(
        "the first election counts",
        FOLDER.elected,
        '(picked["version"], picked["position"], picked["starts_on"]',
        '(-picked["version"], -picked["position"], -picked["starts_on"]',
    ),
    Mutant("a total may fall below zero", awarding.award, "np.maximum(total, 0)", "total"),
    Mutant("a bound belongs to what is valid", awarding.award, "total > bound", "total >= bound"),
    Mutant("a deduction for other uses is taken", awarding._line, "if not row.counts", "if False"),
    Mutant(
        "a feed is read a month too far",
        awarding._covered,
        "last - (counting.window or 1) + 1",
        "last - (counting.window or 1) - 200",
    ),
    # holds, permits, validity
    Mutant("a hold runs out a day late", FOLDER.held, "hold.lasts) > self", "hold.lasts) >= self"),
    Mutant("a hold outlives its settlement", FOLDER.held, "if hold.until_completed", "if False"),
    Mutant("a hold is for every level", FOLDER.held, "if hold.levels is not None", "if False"),
    Mutant("a hold begins with the act", FOLDER.held, "day_of(picked, hold.step)", "day_of(picked, 0)"),
    Mutant("a permit is due a month late", permits._state, "np.int32), -1)", "np.int32), 0)"),
    Mutant("the calendar suspends a day late", permits._state, "day >= covered", "day > covered"),
    Mutant(
        "an endorsement is always for the running year",
        permits._covered_by_endorsement,
        "np.where(early, full_year,",
        "np.where(early | True, full_year,",
    ),
    Mutant(
        "a restoration asks for no request", permits._use, 'permit["requested_on"][who[resumed]] = NO_DAY', "pass"
    ),
    Mutant(
        "moves of another permit count",
        permits._move,
        'is_held & (permit["number"][who] == spell)',
        "is_held & True",
    ),
    Mutant("a death ends no permit", permits._move, "(is_held & (spell == NO_WORD))", "(is_held & False)"),
    Mutant("a suspended permit keeps its points", awarding._validity, "if block.on_request", "if False"),
    Mutant(
        "a permit's period goes on over a suspension", permits.periods_in_use, "(~used | (", "((~used & False) | ("
    ),
    # the compiler
    Mutant("a bonus counts alone", compiled_awards._with_bonus, "each.points if lo >= each.lo else _ZERO", "_ZERO"),
    Mutant(
        "a band's rate counts for what lies below",
        compiled_awards._marginal,
        "_Piece(rate.from_, rate.from_, base",
        "_Piece(rate.from_, 0, base",
    ),
    Mutant(
        "a ladder goes on to its end", compiled_awards._ladder, "_Piece(award.to + 1)]", "_Piece(award.to + 2)]"
    ),
    Mutant(
        "further occurrences are worth nothing",
        compiled_awards._occurrences,
        "sum(points[:n], _ZERO), points=worth)",
        "sum(points[:n], _ZERO))",
    ),
    Mutant(
        "a row's own territory is its table's",
        compiled_measures.counting_of,
        "measure.scope or reach",
        "reach or measure.scope",
    ),
    Mutant(
        "hours are minutes",
        compiled_measures._dated,
        "units[measure.unit] if measure.unit else",
        "1 if measure.unit else",
    ),
    Mutant("a row's own day is the as-of day", compiled_measures.counting_of, 'measure.as_of or ""', '""'),
    Mutant(
        "a finer table is not brought to scale", compiler._Compiler._row, "10 ** (self.scale - book.scale)", "1"
    ),
]
