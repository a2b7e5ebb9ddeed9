"""Recomputing everything that entries say about themselves, and naming what differs.

Two passes over one snapshot, with memory for a page of entries: by stream, where every entry's hashes, its link to
the one before and its content are computed again; and by position, where time must not run backwards.
What this alone cannot find: the end of a stream cut off, a position moved within a hole, and a suffix that somebody
who can write to the table hashed anew. docs/vault.md says what finds those.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg

from ledger.database import refused
from ledger.mapper import EntryMapper
from ledger.verification.findings import IN_HEADER, OUTSIDE_HEADER, Fault, Finding, Report
from ledger.verification.reading import check_time, last_position, snapshot
from ledger.verification.walking import PAGE, Others, Span, check_spans, whole

Noted = Callable[[int], None]


def verify_entries(
    connection: psycopg.Connection[Any],
    mapper: EntryMapper | None,
    *,
    stream: UUID | None = None,
    batch: int = PAGE,
    noted: Noted | None = None,
    contents: bool = True,
    others: Others | None = None,
) -> Report:
    """Check the whole ledger, or one stream, in one snapshot. `mapper` None: without keys, as an auditor can.

    Without `contents` only hashes, links and time are checked. `noted` is told how many entries were checked, now
    and then. `others` says which processes help with a large ledger. Raises DatabaseRefused.
    """
    try:
        with snapshot(connection):
            span = whole() if stream is None else Span.of(stream)
            last = last_position(connection, stream)
            helped = others if stream is None and last >= ALONE_MAX else None
            report = check_spans(connection, mapper, span, batch, noted, contents=contents, others=helped)
            check_time(connection, stream, batch, report)
            report.last_position = last
            return report
    except psycopg.Error as error:
        failure = refused(error)
    raise failure


ALONE_MAX = 50_000
"""Entries up to which other processes would take longer to start than to help."""
__all__ = ["IN_HEADER", "OUTSIDE_HEADER", "Fault", "Finding", "Others", "Report", "verify_entries"]
