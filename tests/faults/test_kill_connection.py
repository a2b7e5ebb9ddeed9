"""Connections that die at the worst moment: what was acknowledged is stored, once, and every answer is right."""

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest
from eventsourcing.persistence import OperationalError

from ledger.bulk import BulkAppender
from ledger.commit import OutcomeUnknown
from ledger.database import Database
from ledger.datastore import PAUSE_SECONDS_MAX, LedgerDatastore
from ledger.embedded import Embedded
from ledger.entry import Receipt
from ledger.recorder import READ_SECONDS_MAX, EntryRecorder
from tests.entries import stored
from tests.faults.proxy import CuttingProxy
from tests.ledger.chains import broken_chains


@pytest.fixture
def proxy(server: Embedded) -> Iterator[CuttingProxy]:
    with CuttingProxy(server.data_dir / "run") as own:
        yield own


@pytest.fixture
def datastore(proxy: CuttingProxy, server: Embedded, ledger_db: Database) -> Iterator[LedgerDatastore]:
    """The ledger through the proxy."""
    own, through = (quote(str(folder), safe="") for folder in (server.data_dir / "run", proxy.folder))
    with LedgerDatastore(replace(ledger_db, url=ledger_db.url.replace(own, through))) as own_datastore:
        yield own_datastore


@pytest.fixture
def recorder(datastore: LedgerDatastore) -> Iterator[EntryRecorder]:
    own = EntryRecorder(datastore)
    own.append([stored()])
    yield own
    own.close()


def test_a_lost_answer_to_a_commit_ends_with_the_receipt_of_what_was_stored(
    proxy: CuttingProxy, recorder: EntryRecorder, ledger_db: Database
) -> None:
    stream, receipts = uuid4(), list[Receipt]()
    for _ in range(10):
        proxy.arm("after the commit")
        receipts += recorder.append([stored(stream)])
    kept = recorder.select_events(stream)

    assert proxy.cuts == 10
    assert [receipt.version for receipt in receipts] == list(range(1, 11))
    assert [(receipt.position, receipt.leaf) for receipt in receipts] == [(one.position, one.leaf) for one in kept]
    assert all(receipt.new for receipt in receipts)  # to its caller it is the first time
    assert broken_chains(ledger_db) == []


def test_a_connection_cut_before_the_commit_is_tried_again(
    proxy: CuttingProxy, recorder: EntryRecorder, ledger_db: Database
) -> None:
    stream = uuid4()
    for _ in range(5):
        # Prepared statements are named, not spelled out: a fresh connection spells its insert.
        proxy.arm("after the commit")
        recorder.append([stored(stream)])
        proxy.arm("before the commit")
        recorder.append([stored(stream)])
    kept = recorder.select_events(stream)

    assert proxy.cuts == 10
    assert [one.originator_version for one in kept] == list(range(1, 11))
    assert broken_chains(ledger_db) == []


def test_a_caller_who_asks_again_gets_the_first_receipt(proxy: CuttingProxy, recorder: EntryRecorder) -> None:
    entry = stored()
    proxy.arm("after the commit")
    [first] = recorder.append([entry])
    [again] = recorder.append([entry])

    assert again == replace(first, new=False)


def test_a_given_version_survives_a_lost_answer(proxy: CuttingProxy, recorder: EntryRecorder) -> None:
    stream = uuid4()
    proxy.arm("after the commit")
    [first] = recorder.append([stored(stream, version=1)])
    proxy.arm("after the commit")

    assert (first.version, recorder.insert_events([stored(stream, version=2)])) == (1, [first.position + 1])


def test_a_large_append_survives_lost_answers(
    proxy: CuttingProxy, recorder: EntryRecorder, datastore: LedgerDatastore, ledger_db: Database
) -> None:
    entries, outcomes = [stored() for _ in range(1_500)], []
    for chunk in BulkAppender(datastore).append(entries):
        outcomes += chunk
        proxy.arm("after the commit")

    assert proxy.cuts >= 1
    assert [isinstance(outcome, Receipt) and outcome.new for outcome in outcomes] == [True] * 1_500
    assert len(recorder.select_notifications(None, 10_000)) == 1_501
    assert broken_chains(ledger_db) == []


def test_a_database_that_stays_away_is_an_unknown_outcome(
    proxy: CuttingProxy, recorder: EntryRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.commit.RETRY_SECONDS_MAX", 0.2)
    recorder.datastore.pool.timeout = 0.2
    proxy.refuse()
    with pytest.raises(OutcomeUnknown) as unknown:
        recorder.append([stored(content="canary")])

    assert "canary" not in str(unknown.value)
    assert unknown.value.__context__ is None


def test_readers_of_a_database_that_stays_away_are_told_within_seconds(
    proxy: CuttingProxy, recorder: EntryRecorder
) -> None:
    proxy.refuse()
    began = time.monotonic()
    with pytest.raises(OperationalError) as refusal:
        recorder.max_notification_id()

    assert refusal.value.__context__ is None
    assert time.monotonic() - began < READ_SECONDS_MAX + 2 * PAUSE_SECONDS_MAX


def test_a_reader_waits_for_a_connection_that_comes_back(proxy: CuttingProxy, recorder: EntryRecorder) -> None:
    proxy.cut_all()

    assert recorder.max_notification_id() is not None


def test_terminated_backends_lose_nothing(ledger_db: Database) -> None:
    stop, streams = threading.Event(), [uuid4() for _ in range(6)]

    def write(recorder: EntryRecorder, seed: int) -> list[int]:
        chance = random.Random(seed)
        acknowledged: list[int] = []
        while not stop.is_set():
            acknowledged += [receipt.position for receipt in recorder.append([stored(chance.choice(streams))])]
        return acknowledged

    terminate = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE usename = 'points_appender' AND datname = current_database()"
    )
    with LedgerDatastore(ledger_db) as datastore, ThreadPoolExecutor(4) as writers, ledger_db.connect() as admin:
        recorder = EntryRecorder(datastore)
        jobs = [writers.submit(write, recorder, seed) for seed in range(4)]
        terminated, until = 0, time.monotonic() + 30
        try:
            while terminated < 6 and time.monotonic() < until:
                time.sleep(0.15)
                [[count]] = admin.execute(terminate).fetchall()
                terminated += count
        finally:
            stop.set()
        acknowledged = [position for job in jobs for position in job.result(60)]
        positions = [notification.id for notification in recorder.select_notifications(None, 1_000_000)]
        recorder.close()

    assert terminated >= 6
    assert sorted(acknowledged) == positions
    assert broken_chains(ledger_db) == []


def test_the_proxy_leaves_nothing_behind(server: Embedded) -> None:
    with CuttingProxy(server.data_dir / "run") as own:
        folder = own.folder

    assert not Path(folder).exists()
