"""A plan over a population: batches in parts that fit a processor's cache, several at once; one digest for all.

Rows that have no plan are scored by the reference evaluator, item by item, and join the others before the caps.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from domain.coverage import Coverage
from domain.family import ALONE, Family
from domain.knowledge import in_force
from domain.next_change import row_may_change_on
from domain.plan import Plan, Row, compile_plan
from domain.rulebook import RulebookSet
from domain.rulebook.model import Deduction, Item
from domain.score import LineState
from domain.scoring import score
from projections.engines.awarding import Fallback, award
from projections.engines.batch import Array, Batch
from projections.engines.calendar import Days, day_number
from projections.engines.coordinates import Coordinates
from projections.engines.folding import Folded, fold
from projections.engines.reading_back import histories
from projections.engines.results import Lines, Scores
from projections.engines.standing import FOREVER
from projections.engines.turning import run_out

PART = 16_384
"""Residents in a part: a million facts in columns stay in the processor's cache."""


Families = Callable[[Any], Family]
"""What is known of a resident's relatives, by the resident's name in the batch."""
OF_RELATIVES = ".subjects"
"""How a row that counts relatives says why it has no plan."""


Load = Batch | Callable[[], Batch]
"""A batch, or how to get it."""
Result = TypeVar("Result")


class Population:
    """A set of rulebooks ready to score batches. `threads` parts are folded at once: numpy lets go of the lock.

    With `ahead` scores say until when they stay.
    """

    def __init__(
        self,
        rulebooks: RulebookSet,
        coverage: Coverage | None = None,
        threads: int = 1,
        use: str | None = None,
        families: Families | None = None,
        *,
        ahead: bool = False,
    ) -> None:
        self.rulebooks = rulebooks
        self.plan: Plan = compile_plan(rulebooks, use)
        self._coverage = coverage or Coverage()
        self._threads = threads
        self._use = use
        self._families = families
        self._ahead = ahead

    def score(self, batches: Iterable[Load], at: Coordinates) -> Iterator[Scores]:
        """Score batches in their order. What is to be loaded is loaded where it is scored, few at a time."""
        return self._each(lambda part: self._scored(part, at), batches)

    def fold(self, batches: Iterable[Load], at: Coordinates) -> Iterator[Folded]:
        """Count the measures alone: variants of awards and caps are then scored without counting again."""
        return self._each(lambda part: fold(self.plan, part, at), batches)

    def _each(self, job: Callable[[Batch], Result], batches: Iterable[Load]) -> Iterator[Result]:
        def done(load: Load) -> list[Result]:
            batch = load if isinstance(load, Batch) else load()
            return [job(part) for part in batch.parts(PART)]

        if self._threads <= 1:
            for load in batches:
                yield from done(load)
            return
        with ThreadPoolExecutor(self._threads) as pool:
            waiting: deque[Future[list[Result]]] = deque()
            for load in batches:
                waiting.append(pool.submit(done, load))
                if len(waiting) > self._threads:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()

    def _scored(self, batch: Batch, at: Coordinates) -> Scores:
        folded = fold(self.plan, batch, at, ahead=self._ahead)
        scores = award(self.plan, folded, at, self._coverage, self._reference(batch, at))
        return replace(scores, turns=self._turns(batch, folded, at)) if self._ahead else scores

    def _turns(self, batch: Batch, folded: Folded, at: Coordinates) -> Days:
        """Add what the plan does not see ahead: feeds that run out, and rows that have no plan."""
        turns = np.full(batch.residents, FOREVER, np.int32) if folded.turns is None else folded.turns
        for counting, counted in folded.counted.items():
            day = run_out(self._coverage, counting, at.as_of)
            if day is not None:
                turns = np.where(counted.found, turns, np.minimum(turns, np.int32(day_number(day))))
        if not self.plan.left_out:
            return turns
        rows = [rule_of(self.rulebooks, row) for row in self.plan.left_out]
        names = batch.names or range(batch.residents)
        families = [self._families(name) if self._families else ALONE for name in names]
        for number, ((_, known), family) in enumerate(zip(histories(batch), families, strict=True)):
            knowledge = in_force(known, at.as_at)
            for row in rows:
                found = row_may_change_on(row, knowledge, at.as_of, self._coverage, family)
                if found is not None:
                    turns[number] = min(int(turns[number]), day_number(found))
        return turns

    def _reference(self, batch: Batch, at: Coordinates) -> Fallback | None:
        """Score one row of every resident by the reference evaluator."""
        if not self.plan.left_out:
            return None
        if self._families is None and any(row.why.endswith(OF_RELATIVES) for row in self.plan.left_out):
            return None
        names = batch.names or range(batch.residents)
        families = [self._families(name) if self._families else ALONE for name in names]
        knowledge = [(place, in_force(rows, at.as_at)) for place, rows in histories(batch)]

        def fallback(row: Row) -> Lines:
            alone = only(self.rulebooks, row)
            found = [
                score(known, alone, place, at.as_of, self._coverage, family, self._use)
                for (place, known), family in zip(knowledge, families, strict=True)
            ]
            lines = [next(line for line in one.rows) for one in found]
            states = [list(LineState).index(line.state) for line in lines]
            return Lines(
                np.array([line.quantity or 0 for line in lines], np.int64),
                np.array([line.quantity is not None for line in lines], np.bool_),
                np.array([line.earned * row.up for line in lines], np.int64),
                np.array([line.points * row.up for line in lines], np.int64),
                np.array(states, np.int8),
            )

        return fallback


def rule_of(rulebooks: RulebookSet, row: Row) -> Item | Deduction:
    """Give the item or the deduction that a row of a plan stands for."""
    [alone] = only(rulebooks, row).rulebooks
    return alone.items[0] if row.block == "item" else alone.deductions[0]


def only(rulebooks: RulebookSet, row: Row) -> RulebookSet:
    """Give a set of the one table of a row, with nothing in it but the row."""
    [document] = [document for document in rulebooks.documents if document.rulebook.doc == row.doc]
    book = document.rulebook
    is_item = row.block == "item"
    update = {
        "items": [item for item in book.items if is_item and item.id == row.id],
        "deductions": [deduction for deduction in book.deductions if not is_item and deduction.id == row.id],
        "holds": [],
    }
    return RulebookSet.of([replace(document, rulebook=book.model_copy(update=update))])


class Digest:
    """SHA-256 over what scores say: each resident's quantities, points, states, sums and validity, in order."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.residents = 0

    def add(self, scores: Scores) -> None:
        """Take the scores of some more residents."""
        columns: list[Array] = []
        for line in scores.lines:
            known = np.ones(len(line.points), np.bool_) if line.known is None else line.known
            columns += [np.where(known, line.quantity, -1), line.earned, line.points, line.state]
        columns += [*scores.tables, scores.before_deductions, scores.deductions, scores.total, scores.is_valid]
        columns += [scores.ineligible, scores.validity, scores.permits.state]
        self._hash.update(np.stack([np.asarray(column, "<i8") for column in columns], axis=1).tobytes())
        self.residents += len(scores.total)

    def hex(self) -> str:
        """Give the digest so far."""
        return self._hash.hexdigest()
