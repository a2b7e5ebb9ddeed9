"""A population of 200,000 residents with sixty facts each scored three ways in one run: the same digest each time.

The reference evaluator goes through everybody once, on one core. The set-based plan is run on one thread and on
two, interleaved, on as many cores; then only awards and caps are varied over what was folded. OpenFisca core, where
it can be had for the run, does the arithmetic of the same items, on one core and on two; preparing its arrays,
which it cannot do itself, is counted.
"""

import gc
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import numpy as np

from domain.coverage import Coverage
from domain.knowledge import Knowledge, in_force
from domain.plan import Plan, compile_plan
from domain.score import LineState, Score
from domain.scoring import score
from projections.engines.awarding import award
from projections.engines.batch import Batch
from projections.engines.calendar import NO_DAY
from projections.engines.coordinates import Coordinates
from projections.engines.permits import STATES, Permits
from projections.engines.population import Digest, Population
from projections.engines.reading_back import histories
from projections.engines.results import VALIDITY, Lines, Scores
from tests.benchmarks.report import Figure, figure, interleaved, pinned, report
from tests.benchmarks.resident import explained
from tests.openfisca import ROUNDS, against_openfisca
from tests.population_rulebooks import benchmark_rulebooks
from tests.populations import town

RESIDENTS = 200_000
AT = Coordinates(date(2026, 10, 1))
RULEBOOKS = benchmark_rulebooks()
_VARIANTS = 21
_AT_ONCE = 2_048
"""Residents whose facts are objects at one time."""
RESIDENT_GOAL_MS = 10.0
PLAN_GOAL, REFERENCE_GOAL, MEMORY_GOAL_MB, WHAT_IF_GOAL_MS = 15e6, 1e6, 2_560.0, 50.0


def peak_mb() -> float:
    """Give the most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def digest_of(scores: Iterator[Scores]) -> str:
    found = Digest()
    for some in scores:
        found.add(some)
    return found.hex()


def by_reference(parts: Sequence[Batch]) -> tuple[float, str]:
    """Score everybody by the reference evaluator. Give the seconds of its one core, and the digest.

    Every line is built with the facts that it uses and those that it ignores. Processor time: it is one thread, and
    waiting for another's turn is no cost of its own.
    """
    plan, found, seconds = compile_plan(RULEBOOKS), Digest(), 0.0
    for part in (piece for whole in parts for piece in whole.parts(_AT_ONCE)):
        lives = list(histories(part))
        gc.collect()
        gc.disable()
        began = time.process_time()
        scored = [(one, score(one, RULEBOOKS, place, AT.as_of)) for place, one in _known(lives)]
        seconds += time.process_time() - began
        gc.enable()
        found.add(as_columns(plan, scored))
    return seconds, found.hex()


def _known(lives: Sequence[tuple[str, Any]]) -> Iterator[tuple[str, Knowledge]]:
    return ((place, in_force(rows)) for place, rows in lives)


def as_columns(plan: Plan, scored: Sequence[tuple[Knowledge, Score]]) -> Scores:
    """Put scores of the reference evaluator into the columns that a plan fills."""
    scores = [one for _, one in scored]
    rows = [list(one.rows) for one in scores]
    states = list(LineState)

    def column(of: Callable[[Score], Any], kind: type = np.int64) -> Any:
        return np.array([of(one) for one in scores], kind)

    lines = [
        Lines(
            np.array([own[number].quantity or 0 for own in rows], np.int64),
            np.array([own[number].quantity is not None for own in rows], np.bool_),
            np.array([own[number].earned for own in rows], np.int64),
            np.array([own[number].points for own in rows], np.int64),
            np.array([states.index(own[number].state) for own in rows], np.int8),
        )
        for number in range(len(plan.rows))
    ]
    tables = [np.array([one.tables[n].points for one in scores], np.int64) for n in range(len(plan.tables))]
    permits = Permits(
        column(lambda one: STATES.index(one.permit_state), np.int8),
        np.zeros(len(scores), np.int32),
        column(lambda one: one.permit.awaits_request, np.bool_),
        np.full(len(scores), NO_DAY, np.int32),
    )
    return Scores(
        plan,
        lines,
        {},
        tables,
        column(lambda one: one.before_deductions),
        column(lambda one: one.deductions),
        column(lambda one: one.total),
        column(lambda one: one.is_valid, np.bool_),
        column(lambda one: one.ineligible, np.bool_),
        column(lambda one: VALIDITY.index(one.validity), np.int8),
        permits,
        (),
    )


def by_plan(parts: Sequence[Batch], threads: int, digests: set[str]) -> float:
    """Score everybody by the plan, on as many cores as threads; give the residents scored in a second."""
    population = Population(RULEBOOKS, threads=threads)
    with pinned(threads):
        began = time.perf_counter()
        scores = list(population.score(parts, AT))
        rate = RESIDENTS / (time.perf_counter() - began)
    digests.add(digest_of(iter(scores)))
    return rate


def what_if(parts: Sequence[Batch]) -> list[float]:
    """Fold once, then vary awards and caps; give the milliseconds of each variant. Every row is awarded anew."""
    population = Population(RULEBOOKS, threads=2)
    folded = list(population.fold(parts, AT))
    spent = []
    for number in range(_VARIANTS):
        variant = compile_plan(benchmark_rulebooks(f"0.{30 + number}", 25 + number))
        if variant.measures != population.plan.measures:
            raise AssertionError("the variant counts otherwise")
        began = time.perf_counter()
        total = sum(int(award(variant, one, AT, Coverage()).total.sum()) for one in folded)
        spent.append((time.perf_counter() - began) * 1000)
        if not total:
            raise AssertionError("nobody has any points")
    return spent


def measure() -> dict[str, Any]:
    """Make the city and score it."""
    parts = list(town(RESIDENTS))
    facts = sum(part.rows for part in parts)
    each = facts / RESIDENTS
    digests: set[str] = set()
    rates = interleaved(
        {
            "one": lambda: by_plan(parts, 1, digests),
            "two": lambda: by_plan(parts, 2, digests),
        },
        ROUNDS,
    )
    variants = what_if(parts)
    plan_memory = peak_mb()
    fisca = against_openfisca(parts, AT, lambda threads: RESIDENTS / by_plan(parts, threads, digests))
    seconds, digest = by_reference(parts)
    digests.add(digest)
    figures = [
        figure("plan, two threads, facts", _times(rates["two"], each), "facts/s", goal=PLAN_GOAL),
        figure("plan, one thread, facts", _times(rates["one"], each), "facts/s"),
        figure("plan, two threads", rates["two"], "residents/s"),
        figure("reference evaluator, one core, facts", [facts / seconds], "facts/s", goal=REFERENCE_GOAL),
        figure("reference evaluator, one core", [RESIDENTS / seconds], "residents/s"),
        at_most("digests of all runs that differ", [float(len(digests) - 1)], "digests", 0),
        at_most("a variant of awards and caps", variants, "ms", WHAT_IF_GOAL_MS),
        at_most("one resident with 500 facts, explained", explained(), "ms", RESIDENT_GOAL_MS),
        at_most("peak memory of the plan", [plan_memory], "MB", MEMORY_GOAL_MB),
        at_most("peak memory of everything", [peak_mb()], "MB", MEMORY_GOAL_MB),
        figure("facts of a resident", [each], "facts"),
        *fisca.figures(facts),
    ]
    return report("population", figures)


def _times(rates: Sequence[float], each: float) -> list[float]:
    return [rate * each for rate in rates]


def at_most(metric: str, values: Sequence[float], unit: str, most: float) -> Figure:
    """Make a figure whose goal is an upper bound."""
    found = figure(metric, values, unit)
    return Figure(found.metric, found.value, unit, found.spread, goal=most, met=found.value <= most)
