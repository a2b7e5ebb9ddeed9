"""Recomputing what reads say about themselves (ledger/reads.py), and naming what differs.

A read that was edited no longer fits its commitment, one that was taken out leaves a gap in its person's count, and
one that was to be hidden has no approval behind its day. What was made to fit again, the log of reads finds.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import psycopg

from ledger.commit import tuples
from ledger.database import refused
from ledger.deferrals import ACTION, Deferral
from ledger.reads import SELECT, Read, read_of
from ledger.suites import Suite
from ledger.verification.reading import snapshot

FINDINGS_MAX = 1_000
BATCH = 2_000
_GAPS = (
    "SELECT number, nth <> before + 1, read_at < earlier FROM ("
    " SELECT number, nth, lag(nth, 1, 0::bigint) OVER (PARTITION BY subject ORDER BY number) AS before, read_at,"
    " lag(read_at) OVER (ORDER BY number) AS earlier FROM read_log WHERE content_hash IS NOT NULL) AS ordered"
    " WHERE nth <> before + 1 OR read_at < earlier ORDER BY number LIMIT %s"
)
_BARE = (
    "SELECT number FROM read_log WHERE content_hash IS NULL"
    " AND number > (SELECT min(number) FROM read_log WHERE content_hash IS NOT NULL) ORDER BY number LIMIT %s"
)
_UNLAWFUL = (
    "SELECT r.number FROM read_log r WHERE r.shown_on IS NOT NULL AND NOT EXISTS (SELECT FROM read_deferrals d"
    " JOIN approvals a ON a.action = %s AND a.content = d.content AND a.approved_by IS NOT NULL"
    " WHERE d.subject = r.subject AND d.reader = r.reader AND d.shown_on = r.shown_on AND d.made_at <= r.read_at)"
    " ORDER BY r.number LIMIT %s"
)
_DEFERRALS = "SELECT subject, reader, shown_on, basis, content FROM read_deferrals ORDER BY number"


class ReadFault(StrEnum):
    """What differs."""

    CONTENT = "read-content-differs"
    """Person, reader, purpose or what was sealed is not what was committed to."""
    GAP = "reads-missing-before"
    """The person's read before this one is gone, or its count was changed."""
    TIME = "read-at-runs-backwards"
    BARE = "read-without-commitment"
    UNREADABLE = "read-unreadable"
    UNLAWFUL = "deferred-without-approval"


@dataclass(frozen=True, slots=True)
class ReadFinding:
    """One difference: the number of the read at which it shows."""

    number: int
    what: ReadFault


@dataclass
class ReadReport:
    """How many reads there are, and what differs: the first FINDINGS_MAX. `uncommitted` ones are from before."""

    reads: int = 0
    uncommitted: int = 0
    findings: list[ReadFinding] = field(default_factory=list)


def verify_reads(
    connection: psycopg.Connection[Any],
    suite: Suite,
    batch: int = BATCH,
    noted: Callable[[int], None] | None = None,
) -> ReadReport:
    """Check every read, in one snapshot, on a connection of the auditor's role. Raises DatabaseRefused."""
    try:
        with snapshot(connection):
            return _Check(connection, suite).run(batch, noted)
    except psycopg.Error as error:
        failure = refused(error)
    raise failure


class _Check:
    def __init__(self, connection: psycopg.Connection[Any], suite: Suite) -> None:
        self._connection = connection
        self._suite = suite
        self._report = ReadReport()

    def run(self, batch: int, noted: Callable[[int], None] | None) -> ReadReport:
        report = self._report
        for page in self._pages(batch):
            for read in page:
                self._check(read)
            if noted is not None:
                noted(report.reads)
        for number, gap, back in self._ask(_GAPS, FINDINGS_MAX):
            for found, what in ((gap, ReadFault.GAP), (back, ReadFault.TIME)):
                if found:
                    self._add(number, what)
        for (number,) in self._ask(_BARE, FINDINGS_MAX):
            self._add(number, ReadFault.BARE)
        self._check_deferrals()
        report.findings.sort(key=lambda one: one.number)
        return report

    def _pages(self, batch: int) -> Iterator[list[Read]]:
        after = 0
        while page := self._ask(f"{SELECT} WHERE number > %s ORDER BY number LIMIT %s", after, batch):
            yield [read_of(row) for row in page]
            after = page[-1][0]

    def _check(self, read: Read) -> None:
        self._report.reads += 1
        if read.content_hash is None:
            self._report.uncommitted += 1
            return
        try:
            content = read.content(self._suite)
        except (ValueError, TypeError):  # what no release can have written is named like any other difference
            self._add(read.number, ReadFault.UNREADABLE)
            return
        if content != read.content_hash:
            self._add(read.number, ReadFault.CONTENT)

    def _check_deferrals(self) -> None:
        """Name reads whose day nobody approved, or whose deferral says another thing than what was approved."""
        for (number,) in self._ask(_UNLAWFUL, ACTION, FINDINGS_MAX):
            self._add(number, ReadFault.UNLAWFUL)
        for subject, reader, shown_on, basis, content in self._ask(_DEFERRALS):
            if Deferral(subject, reader, shown_on, basis).content(self._suite) != content:
                question = "SELECT number FROM read_log WHERE subject = %s AND reader = %s AND shown_on = %s"
                for (number,) in self._ask(question, subject, reader, shown_on):
                    self._add(number, ReadFault.UNLAWFUL)

    def _ask(self, question: str, *given: object) -> list[tuple[Any, ...]]:
        return tuples(self._connection).execute(question.encode(), given).fetchall()

    def _add(self, number: int, what: ReadFault) -> None:
        if len(self._report.findings) < FINDINGS_MAX:
            self._report.findings.append(ReadFinding(number, what))
