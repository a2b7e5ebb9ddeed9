"""Recomputing everything that entries say about themselves, and naming what differs.

Two passes over one snapshot, each in batches and with memory for one batch: by stream, where every entry's hashes,
its link to the one before and its content are computed again; and by position, where time must not run backwards.
What this alone cannot find: the end of a stream cut off, a position moved within a hole, and a suffix that somebody
who can write to the table hashed anew. docs/vault.md says what finds those.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg

from ledger.database import refused
from ledger.mapper import EntryMapper
from ledger.verification.check import EntryCheck
from ledger.verification.findings import IN_HEADER, OUTSIDE_HEADER, Fault, Finding, Report
from ledger.verification.reading import by_stream, check_time, said, snapshot

BATCH = 2_000


def verify_entries(
    connection: psycopg.Connection[Any],
    mapper: EntryMapper | None,
    *,
    stream: UUID | None = None,
    batch: int = BATCH,
    noted: Callable[[int], None] | None = None,
) -> Report:
    """Check the whole ledger, or one stream, in one snapshot. `mapper` None: without keys, as an auditor can.

    `noted` is told how many entries were checked, once a batch. Raises DatabaseRefused.
    """
    try:
        with snapshot(connection):
            check = EntryCheck(mapper)
            for entries in by_stream(connection, stream, batch, check.report):
                check.batch(entries)
                if mapper is not None:
                    check.unsaid(said(connection, mapper.keys.suite, check.taken_away))
                if noted is not None:
                    noted(check.report.entries)
            check.finish()
            check_time(connection, stream, batch, check.report)
            return check.report
    except psycopg.Error as error:
        failure = refused(error)
    raise failure


__all__ = ["IN_HEADER", "OUTSIDE_HEADER", "Fault", "Finding", "Report", "verify_entries"]
