"""Eight writers whose saves fail now and then, and a reader that follows: nothing is missed, nothing comes late."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID, uuid4

from eventsourcing.persistence import IntegrityError

from ledger.database import Database, Role
from ledger.datastore import LedgerDatastore
from ledger.recorder import EntryRecorder
from tests.entries import stored
from tests.ledger.chains import broken_chains
from tests.ledger.raw import insert, opened, place

WRITERS = 8
SAVES = 60


def writer(recorder: EntryRecorder, streams: list[UUID], seed: int) -> set[int]:
    """Save, with a conflict, a stale version or a row that the database refuses in every fourth save."""
    chance, acknowledged = random.Random(seed), set[int]()
    for number in range(SAVES):
        entries = [
            stored(chance.choice(streams), f"{seed}/{number}/{part}") for part in range(chance.randint(1, 4))
        ]
        match chance.randrange(12):
            case 0:
                entries.append(stored(key=f"{seed}/0/0", content='{"other": 1}'))
            case 1:
                entries.append(stored(chance.choice(streams), version=10_000))
            case 2:
                entries.append(replace(stored(), binding=b"short"))
            case _:
                pass
        try:
            acknowledged |= {receipt.position for receipt in recorder.append(entries)}
        except IntegrityError:
            continue
    return acknowledged


def foreign_writer(database: Database, seed: int) -> set[int]:
    """Another program's writer: takes positions and gives half of them back, which leaves holes."""
    chance, acknowledged = random.Random(seed), set[int]()
    with database.connect(Role.APPENDER, autocommit=False) as connection:
        for _ in range(SAVES):
            at = opened(connection)
            positions = insert(connection, at, place(stored(), 1, None, at))
            if chance.random() < 0.5:
                connection.rollback()
            else:
                connection.commit()
                acknowledged |= set(positions)
    return acknowledged


def follow(recorder: EntryRecorder, finished: Callable[[], bool]) -> list[int]:
    """Read on from the last position seen, as a projection does."""
    seen: list[int] = []
    while True:
        last_round = finished()
        page = recorder.select_notifications(seen[-1] if seen else None, 7, inclusive_of_start=False)
        seen += [notification.id for notification in page]
        if last_round and not page:
            return seen


def test_a_reader_that_follows_misses_nothing_and_sees_nothing_late(each_ledger_db: Database) -> None:
    written, streams = threading.Event(), [uuid4() for _ in range(10)]
    with (
        LedgerDatastore(each_ledger_db) as one,
        LedgerDatastore(each_ledger_db) as other,
        ThreadPoolExecutor(WRITERS + 3) as threads,
    ):
        recorders = EntryRecorder(one), EntryRecorder(other)  # as of two processes
        reader = threads.submit(follow, recorders[0], written.is_set)
        jobs = [threads.submit(writer, recorders[seed % 2], streams, seed) for seed in range(WRITERS)]
        jobs += [threads.submit(foreign_writer, each_ledger_db, seed) for seed in (98, 99)]
        try:
            acknowledged = set[int]().union(*(job.result(120) for job in jobs))
        finally:
            written.set()
        seen = reader.result(60)
        in_ledger = [entry.id for entry in recorders[1].select_notifications(None, 100_000)]
        for recorder in recorders:
            recorder.close()

    assert seen == in_ledger
    assert acknowledged == set(in_ledger)
    assert in_ledger[-1] - in_ledger[0] + 1 > len(in_ledger)  # there were holes
    assert broken_chains(each_ledger_db) == []
