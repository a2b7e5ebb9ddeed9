"""The log of reads: what was looked at can be proven, and nobody takes a look back or hides one unseen."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, timedelta
from typing import LiteralString
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.database import Database, Role
from ledger.datastore import LedgerDatastore
from ledger.evidence.looks import check_read_receipt, read_receipt
from ledger.evidence.refusal import EvidenceRefused
from ledger.history import Reads
from ledger.reads import READS
from ledger.recorder import EntryRecorder
from ledger.suites import SUITES
from ledger.transparency.checking import LogFault, check_log
from ledger.transparency.keys import SIGNERS
from ledger.transparency.log import LogKeeper, LogReader
from ledger.transparency.notes import Ed25519Signer
from ledger.transparency.policy import Policy
from ledger.verification.looks import ReadFault, verify_reads
from tests.entries import stored
from tests.ledger.raw import refuses
from tests.projections.given import Keys

SUITE = SUITES["intl"]
SIGNER = Ed25519Signer("ledger.example/points/reads", SUITE.hash(b"reads"))
POLICY = Policy((SIGNER.verifier,), {}, {}, "none")
TODAY = date(2026, 1, 31)
WHO = [uuid4() for _ in range(3)]


@pytest.fixture
def reads(ledger_db: Database) -> Iterator[Reads]:
    with LedgerDatastore(ledger_db, Role.DESK) as store:
        yield Reads(store, Keys(), os.urandom)


@pytest.fixture
def keeper(ledger_db: Database) -> Iterator[LogKeeper]:
    own = LogKeeper.open(ledger_db, SUITE, SIGNER, READS)
    with closing(own.reader.connection):
        yield own


def sign(keeper: LogKeeper) -> None:
    while keeper.follow():
        pass
    keeper.sign()


def looked(reads: Reads, count: int) -> None:
    for number in range(count):
        reads.note("auditor:a", f"audit {number}", WHO[number % len(WHO)])


def tamper(database: Database, *statements: LiteralString) -> None:
    """Change what nobody may change, as whoever owns the machine can."""
    with database.connect() as connection:
        connection.execute(f"SET search_path = {database.schema}".encode())
        connection.execute("ALTER TABLE read_log DISABLE TRIGGER ALL")
        for statement in statements:
            connection.execute(statement)


def found_in(database: Database) -> tuple[set[tuple[int, str]], set[tuple[str, int | None]]]:
    """Verify rows and log; give each finding with its number, and the log's with the position that it names."""
    with closing(database.connect(Role.AUDITOR)) as connection:
        rows = verify_reads(connection, SUITE, batch=7)
        log = check_log(LogReader(connection, SUITE, READS), SIGNER.verifier, policy=POLICY)
    return {(one.number, one.what) for one in rows.findings}, {(one.what, one.position) for one in log.findings}


def test_every_read_can_be_proven_and_its_receipt_says_who_when_and_why(reads: Reads, keeper: LogKeeper) -> None:
    looked(reads, 300)
    sign(keeper)
    [first, *_] = reads.of(WHO[0], TODAY, limit=1).reads
    told = check_read_receipt(read_receipt(first, SUITE, keeper.reader.proof(first.number)), POLICY)

    assert (told.index, told.checkpoint.size, told.read.reader, told.read.purpose) == (
        297,
        300,
        "auditor:a",
        "audit",
    )
    assert told.read.header["nth"] == first.nth == 100


def test_a_receipt_that_says_another_thing_is_refused(reads: Reads, keeper: LogKeeper) -> None:
    looked(reads, 2)
    sign(keeper)
    [read] = reads.of(WHO[0], TODAY).reads
    right = keeper.reader.proof(read.number)
    for changed in (
        {"reader": "auditor:b"},
        {"purpose": "court"},
        {"subject": WHO[1]},
        {"nth": 2},
        {"read_at": read.read_at + timedelta(seconds=1)},
        {"salt": bytes(16)},
    ):
        fields = {name: getattr(read, name) for name in type(read).__slots__} | changed
        with pytest.raises(EvidenceRefused):
            check_read_receipt(read_receipt(type(read)(**fields), SUITE, right), POLICY)


def test_a_read_waits_for_no_entry_and_no_entry_for_a_read(ledger_db: Database, reads: Reads) -> None:
    with closing(ledger_db.connect(Role.APPENDER)) as appender, appender.transaction():
        appender.execute("SELECT * FROM open_turn('{}', '{}')")
        reads.note("auditor:a", "audit", WHO[0])  # would wait for the turn's ten seconds, and fail
    with closing(ledger_db.connect()) as desk, desk.transaction():
        desk.execute(f"SET LOCAL search_path = {ledger_db.schema}".encode())
        desk.execute("LOCK TABLE read_log IN SHARE MODE")
        with LedgerDatastore(ledger_db) as store:
            recorder = EntryRecorder(store)
            assert recorder.append([stored()])
            recorder.close()

    assert len(reads.of(WHO[0], TODAY).reads) == 1


def test_reads_that_come_at_once_are_counted_without_a_gap_and_none_is_missed(
    reads: Reads, keeper: LogKeeper, ledger_db: Database
) -> None:
    stop = threading.Event()

    def follow() -> None:
        while not stop.is_set():
            keeper.follow()

    following = threading.Thread(target=follow)
    following.start()
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: reads.note(f"auditor:a{n % 6}", "audit", WHO[n % 2], WHO[2]), range(120)))
    stop.set()
    following.join()
    sign(keeper)

    assert found_in(ledger_db) == (set(), set())
    assert [one.nth for one in reads.of(WHO[2], TODAY).reads] == list(range(120, 0, -1))


EDITS: list[tuple[LiteralString, ReadFault | None, bool]] = [
    ("UPDATE read_log SET reader = 'auditor:b' WHERE number = 11", ReadFault.CONTENT, False),
    ("UPDATE read_log SET purpose = 'court' WHERE number = 11", ReadFault.CONTENT, False),
    ("UPDATE read_log SET sealed = sealed || '\\x00' WHERE number = 11", ReadFault.CONTENT, False),
    ("UPDATE read_log SET subject = gen_random_uuid() WHERE number = 11", ReadFault.CONTENT, False),
    ("UPDATE read_log SET read_at = read_at - interval '1 hour' WHERE number = 11", ReadFault.TIME, True),
    ("UPDATE read_log SET entries = 99 WHERE number = 11", None, True),
    ("UPDATE read_log SET shown_on = '2199-01-01' WHERE number = 11", ReadFault.UNLAWFUL, True),
    ("UPDATE read_log SET content_hash = sha256(content_hash) WHERE number = 11", ReadFault.CONTENT, True),
    ("UPDATE read_log SET content_hash = NULL WHERE number = 11", ReadFault.BARE, True),
]


@pytest.mark.parametrize(("edit", "in_the_row", "in_the_log"), EDITS)
def test_a_read_that_was_edited_is_found_where_it_stands(
    reads: Reads,
    keeper: LogKeeper,
    ledger_db: Database,
    edit: LiteralString,
    in_the_row: ReadFault | None,
    in_the_log: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    looked(reads, 20)
    sign(keeper)
    assert found_in(ledger_db) == (set(), set())
    tamper(ledger_db, "ALTER TABLE read_log DROP CONSTRAINT read_log_committed", edit)
    rows, log = found_in(ledger_db)

    assert in_the_row is None or (11, in_the_row) in rows
    assert not in_the_log or {LogFault.LEAF, LogFault.ROOT} & {what for what, _ in log}
    assert not in_the_log or {11, 12} & {position for _, position in log}


def test_a_read_that_is_gone_leaves_a_gap_and_the_log_names_the_place(
    reads: Reads, keeper: LogKeeper, ledger_db: Database
) -> None:
    looked(reads, 20)
    sign(keeper)
    tamper(ledger_db, "DELETE FROM read_log WHERE number = 11")
    rows, log = found_in(ledger_db)

    assert rows == {(14, ReadFault.GAP)}
    assert (LogFault.LEAF, 12) in log


def test_the_last_reads_cut_off_are_missing_from_the_log(
    reads: Reads, keeper: LogKeeper, ledger_db: Database
) -> None:
    looked(reads, 20)
    sign(keeper)
    tamper(ledger_db, "DELETE FROM read_log WHERE number > 15")

    assert {what for what, _ in found_in(ledger_db)[1]} == {LogFault.SHORT, LogFault.ROOT}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    looks=st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from(["audit 7", "court", "words"])), min_size=3, max_size=9
    ),
    at=st.floats(0, 0.999),
)
def test_whatever_was_looked_at_no_single_look_can_be_taken_out(
    reads: Reads, keeper: LogKeeper, ledger_db: Database, looks: list[tuple[int, str]], at: float
) -> None:
    for who, why in looks:
        reads.note("auditor:a", why, WHO[who])
    sign(keeper)
    assert found_in(ledger_db) == (set(), set())
    with closing(ledger_db.connect()) as connection, connection.transaction(force_rollback=True):
        connection.execute(f"SET search_path = {ledger_db.schema}".encode())
        connection.execute("ALTER TABLE read_log DISABLE TRIGGER ALL")
        numbers = [number for (number,) in connection.execute("SELECT number FROM read_log ORDER BY number")]
        gone = numbers[int(at * len(numbers))]
        connection.execute("DELETE FROM read_log WHERE number = %s", [gone])
        report = check_log(LogReader(connection, SUITE, READS), SIGNER.verifier)

    assert min(one.index for one in report.findings) == numbers.index(gone)


def test_a_destroyed_key_leaves_every_proof_as_it_was(ledger_db: Database, keeper: LogKeeper) -> None:
    keys = Keys()
    with LedgerDatastore(ledger_db, Role.DESK) as store:
        reads = Reads(store, keys, os.urandom)
        reads.note("auditor:a", "dispute D-17", WHO[0])
        sign(keeper)
        [read] = reads.of(WHO[0], TODAY).reads
        receipt = read_receipt(read, SUITE, keeper.reader.proof(read.number))
        assert reads.opened(read) == {"reference": "D-17"}
        keys.destroyed.add(WHO[0])
        reads.note("auditor:a", "audit D-18", WHO[0])
        [after, before] = reads.of(WHO[0], TODAY).reads

        assert (reads.opened(before), reads.opened(after), after.sealed) == ({}, {}, None)
    assert check_read_receipt(receipt, POLICY).index == 0
    assert found_in(ledger_db)[0] == set()


def test_a_ledger_of_the_other_suite_logs_its_reads_too(ledger_db: Database) -> None:
    suite = SUITES["gm"]
    signer = SIGNERS["gm"]("ledger.example/points/reads", b"reads".ljust(32, b"1"))
    own = LogKeeper.open(ledger_db, suite, signer, READS)
    with LedgerDatastore(ledger_db, Role.DESK) as store, closing(own.reader.connection):
        reads = Reads(store, Keys(suite), os.urandom)
        looked(reads, 3)
        sign(own)
        [read] = reads.of(WHO[1], TODAY).reads
        text = read_receipt(read, suite, own.reader.proof(read.number))

    assert check_read_receipt(text, Policy((signer.verifier,), {}, {}, "none")).read.reader == "auditor:a"


def test_the_logs_role_sees_neither_whom_nor_by_whom_nor_why(ledger_db: Database) -> None:
    with closing(ledger_db.connect(Role.LOG)) as connection:
        for column in ("subject", "reader", "purpose", "sealed", "salt"):
            with refuses("42501"):
                connection.execute(f"SELECT {column} FROM read_log".encode())
