"""Every decision of a ledger recomputed, span by span: bounded in memory, in as many processes as are asked for.

A span is so many decisions by position; what decisions of one position and one programme read is read at once.
Spans come back in their order, so that a run that was stopped goes on after the last one.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from datetime import date
from itertools import groupby
from multiprocessing import get_context
from typing import NamedTuple

from domain.decision import Replayed, replay
from domain.errors import SubjectErased, SubjectQuarantined, SubjectUnknown
from domain.programme import ProgrammeDocument
from ledger.rounds.refusals import ProgrammeUnknown
from projections.cases import Cases, Snapshot
from projections.decisions import Kept, asked_by, kept, replayed
from projections.uses import decision_count, decision_positions

SPAN = 500
"""Decisions in a span: some megabytes of records."""
_LOST = (SubjectErased, SubjectUnknown, SubjectQuarantined)
OpenCases = Callable[[], AbstractContextManager[Cases]]


class Span(NamedTuple):
    """The decisions at positions (after, until], as the ledger was at `as_at`."""

    after: int
    until: int
    as_at: int
    round_name: str | None = None


class Other(NamedTuple):
    """A decision that was not recomputed to the same bytes, and why."""

    name: str
    found: Replayed


class Done(NamedTuple):
    """What became of a span: how many of each verdict, and which are not the same."""

    until: int
    counts: Counter[str]
    others: tuple[Other, ...]


def spans(snapshot: Snapshot, after: int = 0, round_name: str | None = None, size: int = SPAN) -> Iterator[Span]:
    """Part the decisions that are known at the snapshot's position and stand after a position."""
    while True:
        found = decision_positions(snapshot.cursor, snapshot.schemas, after, snapshot.position, round_name, size)
        if not found:
            return
        yield Span(after, found[-1], snapshot.position, round_name)
        after = found[-1]


def count(snapshot: Snapshot, after: int = 0, round_name: str | None = None) -> int:
    """Count the decisions that stand after a position."""
    return decision_count(snapshot.cursor, snapshot.schemas, after, snapshot.position, round_name)


def replay_span(cases: Cases, span: Span) -> Done:
    """Recompute the decisions of a span."""
    with cases.at(span.as_at) as snapshot:
        wanted = kept(snapshot, round_name=span.round_name, after=span.after, until=span.until)
        verdicts = [
            (each, found)
            for _, group in groupby(sorted(wanted, key=_read_with), key=_read_with)
            for each, found in _together(cases, snapshot, list(group))
        ]
    others = tuple(Other(each.name, found) for each, found in verdicts if found.verdict != "same")
    return Done(span.until, Counter(found.verdict for _, found in verdicts), others)


def _read_with(each: Kept) -> tuple[int, str]:
    """Say with which others a decision is read: of one position, one programme."""
    return (-1, "") if each.fact is None else (each.fact.as_at, each.fact.content)


def _together(cases: Cases, snapshot: Snapshot, group: Sequence[Kept]) -> Iterator[tuple[Kept, Replayed]]:
    """Read what a group of decisions binds at once; where one cannot be read, each by itself."""
    as_at, content = _read_with(group[0])
    try:
        known = cases.within(snapshot.cursor, max(as_at, 0))
        document = known.programme(content)
        found = _computed(known, document, group)
    except (ProgrammeUnknown, *_LOST):
        found = [replayed(cases, snapshot, each) for each in group]
    yield from zip(group, found, strict=True)


def _computed(known: Snapshot, document: ProgrammeDocument, group: Sequence[Kept]) -> list[Replayed]:
    asked = [asked_by(each.decision, each.subject) for each in group]
    found = []
    for each, one, inputs in zip(group, asked, known.inputs(document, asked), strict=True):
        decision = each.decision
        tables = known.tables(one.town or one.place, date.fromisoformat(decision.record["as_of"]))
        named = each.fact is not None and decision.hash == each.fact.decision
        found.append(replay(decision, document, tables, inputs) if named else Replayed("differs", ("decision",)))
    return found


def replay_all(opening: OpenCases, wanted: Iterable[Span], processes: int) -> Iterator[Done]:
    """Recompute spans in processes of their own, each with what `opening` opens; give them in their order.

    With one process everything is done in this one. Raises what opening and reading raise.
    """
    if processes < 2:
        with opening() as cases:
            yield from (replay_span(cases, span) for span in wanted)
        return
    context = get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_opened, initargs=(opening,)) as pool:
        under_way: deque[Future[Done]] = deque()
        for span in wanted:
            under_way.append(pool.submit(_of_worker, span))
            if len(under_way) > 2 * processes:  # no more results wait than these, however long the ledger is
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()


class _Worker:
    """What a process keeps open until it ends."""

    cases: Cases
    stack = ExitStack()


def _opened(opening: OpenCases) -> None:
    _Worker.cases = _Worker.stack.enter_context(opening())


def _of_worker(span: Span) -> Done:
    return replay_span(_Worker.cases, span)
