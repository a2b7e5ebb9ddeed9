"""Staff read a person's history in one way, and it is written down."""

import os
from collections.abc import Iterator
from datetime import date
from functools import partial
from uuid import uuid4

import pytest
from eventsourcing.persistence import IntegrityError, ProgrammingError

from ledger.database import Database, Role
from ledger.datastore import LedgerDatastore
from ledger.history import Reads
from ledger.recorder import EntryRecorder
from tests.entries import stored
from tests.ledger.raw import refuses
from tests.projections.given import Keys

TODAY = date(2026, 1, 31)
SAME_PERSON = (
    "INSERT INTO points.approvals (action, content, proposed_by, approved_by, approved_at)"
    " VALUES ('ruling', sha256('other'), 'officer:1', 'officer:1', now())"
)


@pytest.fixture
def desk(ledger_db: Database) -> Iterator[LedgerDatastore]:
    with LedgerDatastore(ledger_db, Role.DESK) as datastore:
        yield datastore


@pytest.fixture
def reads(desk: LedgerDatastore) -> Reads:
    return Reads(desk, Keys(), os.urandom)


@pytest.fixture
def recorder(ledger_db: Database) -> Iterator[EntryRecorder]:
    with LedgerDatastore(ledger_db) as datastore:
        own = EntryRecorder(datastore)
        yield own
        own.close()


def test_a_history_that_is_read_is_written_down(reads: Reads, recorder: EntryRecorder) -> None:
    subject = uuid4()
    recorder.append([stored(subject), stored(subject), stored()])

    history = reads.history(subject, "officer:7", "dispute D-17")

    assert history == recorder.select_events(subject)
    [one] = reads.of(subject, TODAY).reads
    assert (one.reader, one.purpose, one.entries, one.last_version, one.nth) == ("officer:7", "dispute", 2, 2, 1)
    assert reads.opened(one) == {"reference": "D-17"}


def test_looking_for_somebody_without_a_history_is_written_down_too(reads: Reads) -> None:
    subject = uuid4()

    assert reads.history(subject, "officer:7", "inquiry") == []
    assert [one.entries for one in reads.of(subject, TODAY).reads] == [0]


@pytest.mark.parametrize(
    ("reader", "purpose"),
    [("", "why"), ("officer:7", ""), ("officer:7", "  "), ("officer:7", "x" * 201), ("Officer 7", "why")],
)
def test_a_reader_without_a_name_or_a_purpose_reads_nothing(reader: str, purpose: str, reads: Reads) -> None:
    subject = uuid4()
    for read in (partial(reads.history, subject), lambda *why: reads.note(*why, subject)):
        with pytest.raises(IntegrityError):
            read(reader, purpose)

    assert reads.of(subject, TODAY).reads == []


def test_the_desk_has_no_other_way(desk: LedgerDatastore) -> None:
    for statement in ("SELECT * FROM entries", "SELECT * FROM heads('{}')", "SELECT * FROM kept('{}')"):
        with pytest.raises(ProgrammingError, match="InsufficientPrivilege"):
            desk.ask(lambda connection, asked=statement: connection.execute(asked).fetchall())  # type: ignore[misc]


@pytest.mark.parametrize(
    "change",
    ["UPDATE points.read_log SET purpose = 'x'", "DELETE FROM points.read_log", "TRUNCATE points.read_log"],
)
def test_the_log_is_never_changed(change: str, ledger_db: Database) -> None:
    with ledger_db.connect() as superuser, refuses("PL001"):
        superuser.execute("SET session_replication_role = replica")
        superuser.execute(change)


@pytest.mark.parametrize(
    ("change", "sqlstate"),
    [
        ("UPDATE points.approvals SET proposed_by = 'officer:3'", "PL001"),
        ("UPDATE points.approvals SET approved_by = NULL, approved_at = NULL", "PL001"),
        ("DELETE FROM points.approvals", "PL001"),
        ("TRUNCATE points.approvals", "PL001"),
        (SAME_PERSON, "23514"),
    ],
)
def test_an_approval_stays_as_it_was_given(change: str, sqlstate: str, ledger_db: Database) -> None:
    with ledger_db.connect(Role.APPENDER) as appender:
        appender.execute("SELECT propose('ruling', sha256('this'), 'officer:1')")
        with refuses("PL010"):
            appender.execute("SELECT approve('ruling', sha256('this'), 'officer:1')")
        appender.execute("SELECT approve('ruling', sha256('this'), 'officer:2')")
        with refuses("42501"):
            appender.execute(change)
    with ledger_db.connect() as superuser, refuses(sqlstate):
        superuser.execute("SET session_replication_role = replica")
        superuser.execute(change)


def test_an_approval_serves_one_entry(ledger_db: Database) -> None:
    use = "SELECT use_approval('expunge-entry', sha256('this'), sha256(%s))"
    with ledger_db.connect(Role.APPENDER) as appender:
        appender.execute("SELECT propose('expunge-entry', sha256('this'), 'officer:1')")
        with refuses("PL011"):
            appender.execute(use, [b"entry"])
        appender.execute("SELECT approve('expunge-entry', sha256('this'), 'officer:2')")
        appender.execute(use, [b"entry"])
        appender.execute(use, [b"entry"])  # the answer was lost, the same entry asks again
        with refuses("PL013"):
            appender.execute(use, [b"another"])


def test_the_second_of_two_who_approve_is_told(ledger_db: Database) -> None:
    with ledger_db.connect(Role.APPENDER) as one:
        one.execute("SELECT propose('ruling', sha256('this'), 'officer:1')")
        one.execute("SELECT approve('ruling', sha256('this'), 'officer:2')")
        with refuses("PL012"):
            one.execute("SELECT approve('ruling', sha256('this'), 'officer:3')")
