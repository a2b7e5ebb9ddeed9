"""Appending: one order, once for each key, and each caller its own answer."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from eventsourcing.persistence import (
    DataError,
    IntegrityError,
    PersistenceError,
    ProgrammingError,
    StoredEvent,
    Tracking,
)

from ledger import sequencer
from ledger.database import Database, Role
from ledger.datastore import LedgerDatastore
from ledger.entry import Head, Receipt, StoredEntry
from ledger.factory import EntryFactory
from ledger.recorder import EntryRecorder
from ledger.sequencer import TooBusy
from ledger.turn import KeyConflict, VersionConflict
from tests.entries import ORGAN, OTHER_ORGAN, stored
from tests.ledger.raw import opened


@pytest.fixture
def recorder(ledger_db: Database) -> Iterator[EntryRecorder]:
    with LedgerDatastore(ledger_db) as datastore:
        own = EntryRecorder(datastore)
        yield own
        own.close()


@contextmanager
def turn_held(database: Database) -> Iterator[None]:
    """Hold the turn, so that callers gather in one group behind it."""
    with database.connect(Role.APPENDER, autocommit=False) as holder:
        opened(holder)
        yield
        holder.rollback()


def submit(recorder: EntryRecorder, *calls: list[StoredEntry]) -> list["Future[list[Receipt]]"]:
    """Send calls from threads of their own, in their order."""
    futures: list[Future[list[Receipt]]] = []
    for call in calls:
        answer: Future[list[Receipt]] = Future()
        threading.Thread(target=_answer, args=(answer, recorder, call), daemon=True).start()
        futures.append(answer)
        time.sleep(0.02)
    return futures


def _answer(answer: "Future[list[Receipt]]", recorder: EntryRecorder, call: list[StoredEntry]) -> None:
    try:
        answer.set_result(recorder.append(call))
    except PersistenceError as refusal:
        answer.set_exception(refusal)


def count(recorder: EntryRecorder) -> int:
    return len(recorder.select_notifications(None, 10_000))


def test_entries_get_the_next_versions_of_their_streams(recorder: EntryRecorder) -> None:
    one, other = uuid4(), uuid4()
    receipts = recorder.append([stored(one), stored(other), stored(one)])
    [later] = recorder.append([stored(one)])

    assert [(receipt.stream, receipt.version) for receipt in [*receipts, later]] == [
        (one, 1),
        (other, 1),
        (one, 2),
        (one, 3),
    ]
    assert all(receipt.new for receipt in receipts)


def test_what_is_read_is_what_was_written(recorder: EntryRecorder) -> None:
    stream = uuid4()
    written = [stored(stream), stored(stream, content='{"月": "2025-03"}')]
    receipts = recorder.append(written)
    read = recorder.select_events(stream)

    assert [replace(one, originator_version=0) for one in read] == written
    assert [(one.position, one.recorded_at, one.leaf) for one in read] == [
        (receipt.position, receipt.recorded_at, receipt.leaf) for receipt in receipts
    ]


def test_each_leaf_is_the_header_of_the_stored_row_and_each_prev_the_leaf_before(recorder: EntryRecorder) -> None:
    stream = uuid4()
    recorder.append([stored(stream) for _ in range(3)])
    recorder.append([stored(stream)])
    read = recorder.select_events(stream)

    assert [one.prev for one in read] == [None, *(one.leaf for one in read[:-1])]
    for one in read:
        assert one.recorded_at is not None
        assert one.leaf == Head.of(one).leaf(one.originator_version, one.prev, one.recorded_at)


def test_every_part_of_the_envelope_is_kept(recorder: EntryRecorder) -> None:
    [cause] = recorder.append([stored()])
    [target] = recorder.append([stored()])
    written = stored()
    full = replace(
        written,
        sealed=b"sealed",
        hand=replace(
            written.hand,
            channel="file",
            source_class="manual",
            source_time=cause.recorded_at,
            legal_basis="a clause",
            batch_id=uuid4(),
            causation=cause.ref,
            refers_to=target.ref,
        ),
    )
    recorder.append([full])

    [read] = recorder.select_events(full.originator_id)
    assert replace(read, originator_version=0) == full


def test_a_repeated_request_gets_its_first_receipt(recorder: EntryRecorder) -> None:
    entry = stored(key="k")
    [first] = recorder.append([entry])
    [again] = recorder.append([replace(entry, salt=b"another salt 16b")])

    assert again == replace(first, new=False)
    assert count(recorder) == 1


def test_a_used_key_with_other_content_is_a_conflict(recorder: EntryRecorder) -> None:
    recorder.append([stored(key="k")])
    with pytest.raises(KeyConflict):
        recorder.append([stored(), stored(key="k", content='{"other": 1}')])

    assert count(recorder) == 1


def test_the_key_is_looked_at_before_the_version(recorder: EntryRecorder) -> None:
    stream = uuid4()
    entry = stored(stream, "k", version=1)
    [first] = recorder.append([entry])
    recorder.append([stored(stream)])

    [again] = recorder.append([entry])
    assert again == replace(first, new=False)


@pytest.mark.parametrize("version", [1, 3, 9])
def test_a_given_version_is_checked(version: int, recorder: EntryRecorder) -> None:
    stream = uuid4()
    recorder.append([stored(stream)])
    with pytest.raises(VersionConflict):
        recorder.append([stored(stream, version=version)])

    [second] = recorder.append([stored(stream, version=2)])
    assert second.version == 2


def test_a_key_twice_in_one_call_is_stored_once(recorder: EntryRecorder) -> None:
    entry = stored(key="k")
    first, second = recorder.append([entry, entry])

    assert second == replace(first, new=False)
    assert count(recorder) == 1


def test_a_call_is_stored_whole_or_not_at_all(recorder: EntryRecorder) -> None:
    recorder.append([stored(key="k")])
    with pytest.raises(KeyConflict):
        recorder.append([*(stored() for _ in range(20)), stored(key="k", content="{ }")])

    assert count(recorder) == 1


def test_streams_may_weave_between_organs(recorder: EntryRecorder) -> None:
    one, other = uuid4(), uuid4()
    woven = [
        stored(stream, organ=organ)
        for stream, organ in [
            (one, ORGAN),
            (one, OTHER_ORGAN),
            (other, OTHER_ORGAN),
            (one, ORGAN),
            (other, ORGAN),
            (other, ORGAN),
            (one, OTHER_ORGAN),
        ]
    ]
    receipts = recorder.append(woven)

    assert [receipt.version for receipt in receipts] == [1, 2, 1, 3, 2, 3, 4]
    for stream in (one, other):
        read = recorder.select_events(stream)
        assert [entry.position for entry in read] == sorted(entry.position or 0 for entry in read)


def test_callers_of_one_group_each_get_their_own_answer(ledger_db: Database, recorder: EntryRecorder) -> None:
    stream = uuid4()
    recorder.append([stored(stream, "kept"), stored(key="taken")])
    with turn_held(ledger_db):
        fine, duplicate, conflict, stale, last = submit(
            recorder,
            [stored(stream)],
            [stored(stream, "kept")],
            [stored(key="taken", content='{"other": 1}')],
            [stored(stream, version=2)],
            [stored(stream)],
        )

    assert [fine.result(9)[0].version, duplicate.result(9)[0].version, last.result(9)[0].version] == [2, 1, 3]
    assert isinstance(conflict.exception(9), KeyConflict)
    assert isinstance(stale.exception(9), VersionConflict)


def test_siblings_with_one_key_are_one_entry_or_a_conflict(ledger_db: Database, recorder: EntryRecorder) -> None:
    entry = stored(key="k")
    with turn_held(ledger_db):
        first, same, other = submit(recorder, [entry], [entry], [stored(key="k", content='{"other": 1}')])

    assert same.result(9) == [replace(first.result(9)[0], new=False)]
    assert isinstance(other.exception(9), KeyConflict)
    assert count(recorder) == 1


def test_a_sibling_that_the_database_refuses_takes_nobody_along(
    ledger_db: Database, recorder: EntryRecorder
) -> None:
    # Its conflict was with this sibling alone: when the sibling is refused, the key is free.
    broken = replace(stored(key="k"), binding=b"too short")
    with turn_held(ledger_db):
        fine, refused, freed = submit(recorder, [stored()], [broken], [stored(key="k", content='{"other": 1}')])

    assert fine.result(9)[0].new
    assert isinstance(refused.exception(9), IntegrityError)
    assert freed.result(9)[0].new


def test_an_error_says_no_value(recorder: EntryRecorder) -> None:
    canary = "canary-310101199001011234"
    broken = replace(stored(content=canary), binding=b"short", key=b"k" * 32)
    with pytest.raises(IntegrityError) as refusal:
        recorder.append([replace(broken, hand=replace(broken.hand, organ=canary))])

    chain: list[BaseException | None] = [refusal.value, refusal.value.__cause__, refusal.value.__context__]
    assert "entries_lengths" in str(refusal.value)
    assert chain[1:] == [None, None]
    assert canary not in repr(chain)


@pytest.mark.parametrize("text", ["nul \0 inside", "lone \ud800 surrogate"])
def test_text_that_postgresql_cannot_hold_is_refused_before_its_turn(text: str, recorder: EntryRecorder) -> None:
    entry = stored()
    with pytest.raises(DataError):
        recorder.append([replace(entry, hand=replace(entry.hand, channel=text))])

    assert count(recorder) == 0


def test_an_event_without_its_envelope_is_refused(recorder: EntryRecorder) -> None:
    with pytest.raises(ProgrammingError):
        recorder.insert_events([StoredEvent(uuid4(), 1, "topic", b"{}")])


def test_statements_that_the_driver_has_done_away_with_are_prepared_again(recorder: EntryRecorder) -> None:
    recorder.append([stored()])
    with recorder.datastore.borrowed() as connection:
        connection.execute("SELECT 1", prepare=True)
        with connection.transaction(force_rollback=True):
            connection.execute("SELECT 1")
        connection.execute("DEALLOCATE ALL")

    assert recorder.append([stored()])[0].new


def test_nothing_appended_is_no_turn(recorder: EntryRecorder) -> None:
    assert recorder.append([]) == []
    assert recorder.insert_events([]) is None


def test_more_callers_than_there_is_room_for_are_refused_early(
    ledger_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequencer, "WAITING_CALLS_MAX", 2)
    with LedgerDatastore(ledger_db) as datastore:
        recorder = EntryRecorder(datastore)
        with turn_held(ledger_db):
            answers = submit(recorder, *[[stored()] for _ in range(5)])
            refused = [answer for answer in answers if answer.done()]
            assert refused
            assert all(isinstance(answer.exception(), TooBusy) for answer in refused)
        served = [answer.result(9) for answer in answers if answer not in refused]
        recorder.close()

    assert len(served) + len(refused) == 5


def test_closing_serves_who_waits_and_refuses_who_comes_later(ledger_db: Database) -> None:
    others = set(threading.enumerate())
    with LedgerDatastore(ledger_db) as datastore:
        recorder = EntryRecorder(datastore)
        with turn_held(ledger_db):
            [waiting] = submit(recorder, [stored()])
        recorder.close()
        served = waiting.result(9)

        assert served[0].new
        with pytest.raises(ProgrammingError, match="closed"):
            recorder.append([stored()])
        mine = set(threading.enumerate()) - others
        assert not [thread for thread in mine if thread.name == "points-sequencer"]


def test_tracking_is_refused(recorder: EntryRecorder) -> None:
    with pytest.raises(ProgrammingError, match="tracking"):
        recorder.insert_events([stored()], tracking=Tracking("upstream", 1))


def test_the_libraries_shortcuts_are_refused(ledger_db: Database) -> None:
    with pytest.raises(ProgrammingError, match="POSTGRES_ENABLE_DB_FUNCTIONS"):
        EntryFactory({"POSTGRES_ENABLE_DB_FUNCTIONS": "y"}, ledger_db)
    with LedgerDatastore(ledger_db) as datastore:
        datastore.enable_db_functions = True
        with pytest.raises(ProgrammingError, match="POSTGRES_ENABLE_DB_FUNCTIONS"):
            EntryRecorder(datastore)


def test_a_factory_makes_recorders_and_no_tables(ledger_db: Database) -> None:
    with EntryFactory({}, ledger_db) as factory:
        recorder = factory.application_recorder()

        assert recorder.append([stored()])[0].version == 1
        with pytest.raises(ProgrammingError, match="migrations"):
            recorder.create_table()
    factory.close()


def test_streams_are_read_in_parts(recorder: EntryRecorder) -> None:
    stream = uuid4()
    recorder.append([stored(stream) for _ in range(5)])

    def versions(**part: Any) -> list[int]:
        return [entry.originator_version for entry in recorder.select_events(stream, **part)]

    assert versions() == [1, 2, 3, 4, 5]
    assert versions(gt=1, lte=4) == [2, 3, 4]
    assert versions(desc=True, limit=2) == [5, 4]


def test_a_notification_carries_the_whole_entry(recorder: EntryRecorder) -> None:
    [receipt] = recorder.append([stored()])
    [notification] = recorder.select_notifications(None, 10)

    assert (notification.id, notification.leaf, notification.hand.organ) == (receipt.position, receipt.leaf, ORGAN)


def test_a_subscription_waits_until_something_comes(recorder: EntryRecorder) -> None:
    with recorder.subscribe(topics=["wanted.v1"]) as subscription, ThreadPoolExecutor(1) as follower:
        awaited = follower.submit(next, subscription)
        recorder.append([stored() for _ in range(3)])
        time.sleep(0.05)
        assert not awaited.done()
        [receipt] = recorder.append([stored(topic="wanted.v1")])

        assert awaited.result(9).id == receipt.position


def test_a_subscription_stops_while_it_waits(recorder: EntryRecorder) -> None:
    with recorder.subscribe() as subscription, ThreadPoolExecutor(1) as follower:
        awaited = follower.submit(list, subscription)
        time.sleep(0.05)
        subscription.stop()

        assert awaited.result(9) == []


def test_many_threads_share_few_transactions(ledger_db: Database, recorder: EntryRecorder) -> None:
    recorder.append([stored()])
    asked = "SELECT count(DISTINCT xmin::text) FROM points.entries"
    with ThreadPoolExecutor(32) as callers:
        list(callers.map(lambda _: recorder.append([stored()]), range(320)))
    with ledger_db.connect() as admin:
        [[transactions]] = admin.execute(asked).fetchall()

    assert count(recorder) == 321
    assert transactions < 160
