"""Whatever stops between a look and its line: nothing is handed on that is not written down."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import PersistenceError

from ledger.database import Database, Role
from ledger.datastore import LedgerDatastore
from ledger.history import Reads
from ledger.recorder import EntryRecorder
from tests.entries import stored
from tests.projections.given import Keys

TODAY = date(2026, 1, 31)


@pytest.fixture
def reads(ledger_db: Database) -> Iterator[Reads]:
    with LedgerDatastore(ledger_db, Role.DESK) as store:
        yield Reads(store, Keys(), os.urandom)


CUT = """
    CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON read_log DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION cut();
"""


def at_the_commit(database: Database, does: str) -> None:
    """Let something happen when the history has been read and the line is not committed yet."""
    with closing(database.connect()) as connection:
        connection.execute(f"SET search_path = {database.schema}".encode())
        connection.execute(CUT.format(does).encode())


@pytest.fixture
def known(ledger_db: Database) -> UUID:
    with LedgerDatastore(ledger_db) as store:
        recorder, subject = EntryRecorder(store), uuid4()
        recorder.append([stored(subject), stored(subject)])
        recorder.close()
        return subject


def test_a_history_whose_line_cannot_be_committed_is_not_handed_on(
    ledger_db: Database, reads: Reads, known: UUID
) -> None:
    at_the_commit(ledger_db, "RAISE EXCEPTION 'no';")
    with pytest.raises(PersistenceError):
        reads.history(known, "auditor:a", "audit")

    assert reads.of(known, TODAY).reads == []


def test_a_server_process_that_is_killed_at_the_commit_hands_nothing_on(
    ledger_db: Database, reads: Reads, known: UUID
) -> None:
    at_the_commit(ledger_db, "PERFORM pg_sleep(20);")
    with ThreadPoolExecutor(1) as pool, closing(ledger_db.connect()) as admin:
        asked = pool.submit(reads.history, known, "auditor:a", "audit")
        os.kill(sleeping(admin), signal.SIGTERM)
        with pytest.raises(PersistenceError):
            asked.result(20)

    assert reads.of(known, TODAY).reads == []


def sleeping(admin: psycopg.Connection) -> int:
    """Wait for the server process that has read and sleeps before its commit; give its number."""
    question = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
    for _ in range(2_000):
        row = admin.execute(question).fetchone()
        if row is not None:
            return int(row[0])
        admin.execute("SELECT pg_sleep(0.005)")
    raise AssertionError("nobody reads")
