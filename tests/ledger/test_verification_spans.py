"""A ledger checked in spans of streams, by several processes, shows what it shows when it is read in one piece."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import Any

import psycopg
import pytest

import ledger.verification
from domain.facts import InsuranceMonthPaid
from ledger.database import Database, Role
from ledger.mapper import EntryMapper
from ledger.verification import Others, verify_entries
from ledger.verification.walking import Span, check_span, parted, whole
from tests.projections.given import GivenLedger, subject

PEOPLE, MONTHS = 40, 3


@contextmanager
def opened(database: Database) -> Iterator[tuple[psycopg.Connection[Any], EntryMapper | None]]:
    """Connect as an auditor in a process of one's own."""
    with database.connect(Role.AUDITOR) as connection:
        yield connection, None


@pytest.fixture
def auditor(ledger_db: Database) -> Iterator[psycopg.Connection[Any]]:
    """A ledger of forty people, and an auditor who reads it."""
    with closing(GivenLedger(ledger_db)) as given, ledger_db.connect(Role.AUDITOR) as connection:
        for month in range(1, MONTHS + 1):
            paid = InsuranceMonthPaid(month=f"2025-{month:02d}", place="330212")
            given.append_all((subject(number), paid) for number in range(PEOPLE))
        yield connection


def tampered(database: Database) -> None:
    """Change what two entries say, as a superuser."""
    with database.connect() as admin:
        admin.execute(f"ALTER TABLE {database.schema}.entries DISABLE TRIGGER ALL".encode())
        admin.execute(f"UPDATE {database.schema}.entries SET organ = 'x' WHERE notification_id IN (7, 95)".encode())


def test_spans_together_hold_every_stream_once(auditor: psycopg.Connection[Any]) -> None:
    reports = [check_span(auditor, None, span) for span in parted(7)]

    assert sum(one.entries for one in reports) == PEOPLE * MONTHS
    assert sum(one.streams for one in reports) == PEOPLE


@pytest.mark.parametrize("size", [1, 2, 7, 1_000])
def test_pages_of_any_size_show_the_same(auditor: psycopg.Connection[Any], ledger_db: Database, size: int) -> None:
    assert check_span(auditor, None, whole(), size).sound
    tampered(ledger_db)

    assert {one.position for one in check_span(auditor, None, whole(), size).findings} == {7, 95}


def test_other_processes_see_the_same_and_name_the_same(
    auditor: psycopg.Connection[Any], ledger_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger.verification, "ALONE_MAX", 1)
    others, told = Others(partial(opened, ledger_db), 2), list[int]()
    clean = verify_entries(auditor, None, others=others, noted=told.append)
    tampered(ledger_db)
    found = verify_entries(auditor, None, others=others)

    assert (clean.entries, clean.streams, told[-1], clean.sound) == (120, PEOPLE, 120, True)
    assert found == verify_entries(auditor, None)
    assert {one.position for one in found.findings} == {7, 95}


def test_the_span_of_the_last_stream_ends_nowhere() -> None:
    last = subject(1).__class__(int=2**128 - 1)

    assert Span.of(last) == Span(last, None)
