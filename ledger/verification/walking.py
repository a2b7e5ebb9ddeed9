"""Walking through streams, page by page, here or in several processes that see the same snapshot."""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from multiprocessing import get_context
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg import sql

from ledger.mapper import EntryMapper
from ledger.verification.check import EntryCheck
from ledger.verification.findings import Report
from ledger.verification.pages import PageCheck, place_of, read_page
from ledger.verification.reading import read_entries, said

PAGE = 8_192
SPANS_A_PROCESS = 16
_BEFORE_ALL = -(2**63)
_STREAMS = 2**128
Connection = psycopg.Connection[Any]
Open = Callable[[], AbstractContextManager[tuple[Connection, EntryMapper | None]]]


class Span(NamedTuple):
    """Streams from `first` on, below `end`; None: to the last."""

    first: UUID
    end: UUID | None

    @classmethod
    def of(cls, stream: UUID) -> "Span":
        """Give the span of one stream."""
        return cls(stream, None if stream.int + 1 == _STREAMS else UUID(int=stream.int + 1))


class Others(NamedTuple):
    """So many other processes, each of which opens a connection, and the keys that it needs, by itself."""

    opening: Open
    processes: int


def whole() -> Span:
    """Give the span of all streams."""
    return Span(UUID(int=0), None)


def parted(count: int) -> Iterator[Span]:
    """Part all streams into so many spans. Their ids are random or hashes: spans are about alike."""
    bounds = [UUID(int=number * _STREAMS // count) for number in range(count)]
    return map(Span, bounds, [*bounds[1:], None])


def check_spans(
    connection: Connection,
    mapper: EntryMapper | None,
    span: Span,
    size: int,
    noted: Callable[[int], None] | None,
    *,
    contents: bool,
    others: Others | None,
) -> Report:
    """Check a span here, or everything with others."""
    if others is None or others.processes < 2:
        return check_span(connection, mapper, span, size, noted, contents=contents)
    [[seen]] = connection.execute("SELECT pg_export_snapshot()").fetchall()
    # The snapshot lives as long as this transaction: nothing else is asked on the connection meanwhile.
    reports = dict[int, Report]()
    pool = ProcessPoolExecutor(
        others.processes, mp_context=get_context("spawn"), initializer=_opened, initargs=(others.opening, seen)
    )
    with pool:
        spans = parted(others.processes * SPANS_A_PROCESS)
        asked = {pool.submit(_of_worker, one, size, contents): number for number, one in enumerate(spans)}
        for done in as_completed(asked):
            reports[asked[done]] = done.result()
            if noted is not None:
                noted(sum(one.entries for one in reports.values()))
    whole = Report()
    for number in sorted(reports):
        whole.join(reports[number])
    return whole


def check_span(
    connection: Connection,
    mapper: EntryMapper | None,
    span: Span,
    size: int = PAGE,
    noted: Callable[[int], None] | None = None,
    *,
    contents: bool = True,
) -> Report:
    """Check the streams of a span, `size` entries at a time."""
    check, pages = EntryCheck(mapper), PageCheck()
    after: tuple[UUID, int] | None = (span.first, _BEFORE_ALL)
    while after is not None and (page := read_page(connection, after, span.end, size)):
        read = partial(read_entries, connection, after, span.end, size, check.report)
        sound = pages.sound(page, check.before)
        if sound is None:
            entries, after = read()
            check.batch(entries)
        else:
            check.passed(sound[0], len(page), sound[1])
            after = place_of(page[-1])
            if contents and (mapper is not None or not pages.contents_sound(page)):
                check.contents(read()[0])
        if mapper is not None:
            check.unsaid(said(connection, mapper.keys.suite, check.taken_away))
        if noted is not None:
            noted(check.report.entries)
    check.finish()
    return check.report


class _Worker:
    """What a process keeps open until it ends."""

    stack = ExitStack()
    connection: Connection
    mapper: EntryMapper | None


def _opened(opening: Open, seen: str) -> None:
    connection, mapper = _Worker.stack.enter_context(opening())
    _Worker.stack.enter_context(connection.transaction())
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    connection.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(seen))
    _Worker.connection, _Worker.mapper = connection, mapper


def _of_worker(span: Span, size: int, contents: bool) -> Report:  # noqa: FBT001 - sent to another process in order
    return check_span(_Worker.connection, _Worker.mapper, span, size, contents=contents)
