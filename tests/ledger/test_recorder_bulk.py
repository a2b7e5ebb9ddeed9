"""Large appends: the same entries, keys and chains as one by one, in turns short enough for others."""

import gc
import random
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import ProgrammingError

from ledger import bulk, rows
from ledger.blocks import CONFLICT, KEPT, NEW, Block, Outcome
from ledger.bulk import (
    CHUNK_ENTRIES_FIRST,
    CHUNK_ENTRIES_MAX,
    CHUNK_ENTRIES_MIN,
    BulkAppender,
    collector_at_rest,
)
from ledger.database import Database
from ledger.datastore import LedgerDatastore
from ledger.entry import Receipt, StoredEntry
from ledger.recorder import EntryRecorder
from ledger.turn import KeyConflict
from tests.entries import ORGAN, OTHER_ORGAN, stored
from tests.ledger.chains import broken_chains


@pytest.fixture
def datastore(each_ledger_db: Database) -> Iterator[LedgerDatastore]:
    with LedgerDatastore(each_ledger_db) as own:
        yield own


@pytest.fixture
def recorder(datastore: LedgerDatastore) -> Iterator[EntryRecorder]:
    own = EntryRecorder(datastore)
    yield own
    own.close()


def appended(datastore: LedgerDatastore, entries: Iterable[StoredEntry]) -> list[Outcome]:
    return [outcome for chunk in BulkAppender(datastore).append(entries) for outcome in chunk]


def verdicts(outcomes: Iterable[Outcome]) -> list[str]:
    return [
        "conflict" if isinstance(outcome, KeyConflict) else "new" if outcome.new else "kept" for outcome in outcomes
    ]


def test_a_large_append_keeps_the_order_of_each_stream(datastore: LedgerDatastore, recorder: EntryRecorder) -> None:
    chance, streams = random.Random(7), [uuid4() for _ in range(40)]
    entries = [
        stored(chance.choice(streams), organ=chance.choice([ORGAN, OTHER_ORGAN]), content=f'{{"n": {n}}}')
        for n in range(1_300)
    ]
    outcomes = appended(datastore, entries)

    assert verdicts(outcomes) == ["new"] * 1_300
    for stream in streams:
        sent = [entry.state for entry in entries if entry.originator_id == stream]
        assert [entry.state for entry in recorder.select_events(stream)] == sent
    assert broken_chains(datastore.database) == []


def test_entries_of_all_lengths_get_positions_in_the_order_given(
    datastore: LedgerDatastore, recorder: EntryRecorder
) -> None:
    """A short row finds room in an earlier page of the stage, where a long one found none."""
    chance = random.Random(11)
    entries = [stored(content=f'{{"n": "{"x" * chance.randint(0, 1_500)}"}}') for _ in range(3_000)]
    appender = BulkAppender(datastore)
    appender.chunk_entries = len(entries)
    receipts = [one for chunk in appender.append(entries) for one in chunk if isinstance(one, Receipt)]
    kept = {one.originator_id: one.id for one in recorder.select_notifications(start=None, limit=len(entries))}

    assert [one.position for one in receipts] == [kept[entry.originator_id] for entry in entries]
    assert sorted(kept.values()) == [kept[entry.originator_id] for entry in entries]


def test_a_large_append_sent_again_gives_the_first_receipts(datastore: LedgerDatastore) -> None:
    entries = [stored() for _ in range(700)]
    first = appended(datastore, entries)
    again = appended(datastore, entries)

    assert again == [replace(one, new=False) for one in first if isinstance(one, Receipt)]


def test_a_conflict_fails_its_own_entry_only(datastore: LedgerDatastore, recorder: EntryRecorder) -> None:
    recorder.append([stored(key="kept"), stored(key="taken")])
    outcomes = appended(
        datastore,
        [
            stored(),
            stored(key="kept"),
            stored(key="taken", content='{"other": 1}'),
            stored(key="twice"),
            stored(key="twice"),
            stored(key="twice", content='{"other": 1}'),
            stored(),
        ],
    )

    assert verdicts(outcomes) == ["new", "kept", "conflict", "new", "kept", "conflict", "new"]


def test_what_comes_between_the_snapshot_and_the_turn_is_seen(
    datastore: LedgerDatastore, recorder: EntryRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream: UUID = uuid4()
    repeated = stored(stream, "repeated")
    between = [stored(stream), stored(key="taken", content='{"other": 1}'), repeated]
    read_early = bulk._read_early

    def then_others_come(*asked: object) -> object:
        early = read_early(*asked)  # type: ignore[arg-type]
        recorder.append(between)
        return early

    monkeypatch.setattr("ledger.bulk._read_early", then_others_come)
    outcomes = appended(datastore, [stored(stream), stored(key="taken"), repeated])

    assert verdicts(outcomes) == ["new", "conflict", "kept"]
    assert [entry.originator_version for entry in recorder.select_events(stream)] == [1, 2, 3]
    assert broken_chains(datastore.database) == []


def test_what_comes_between_without_concerning_us_breaks_no_promise(
    datastore: LedgerDatastore, recorder: EntryRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    large, fill = BulkAppender(datastore), bulk._fill

    def while_others_append(*asked: object) -> None:
        recorder.append([stored()])
        fill(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr("ledger.bulk._fill", while_others_append)
    monkeypatch.setattr(large, "_ahead_seconds", 0.2)
    outcomes = [one for chunk in large.append(stored() for _ in range(20)) for one in chunk]

    assert verdicts(outcomes) == ["new"] * 20
    assert large.promises_broken == 0
    assert broken_chains(datastore.database) == []


def test_an_instant_that_others_have_passed_is_not_kept(
    datastore: LedgerDatastore, recorder: EntryRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    large, fill, later = BulkAppender(datastore), bulk._fill, list[Receipt]()

    def while_others_append(*asked: object) -> None:
        if not later:
            later.extend(recorder.append([stored()]))
        fill(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr("ledger.bulk._fill", while_others_append)
    [outcomes] = large.append(stored() for _ in range(20))

    assert large.promises_broken == 1
    assert all(isinstance(one, Receipt) and one.recorded_at > later[0].recorded_at for one in outcomes)
    assert broken_chains(datastore.database) == []


def test_an_insert_that_takes_too_long_is_cancelled_and_its_chunk_halved(
    datastore: LedgerDatastore, recorder: EntryRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.bulk.INSERT_SECONDS_MAX", 0.001)
    large = BulkAppender(datastore)
    outcomes = [one for chunk in large.append(stored() for _ in range(600)) for one in chunk]

    assert verdicts(outcomes) == ["new"] * 600
    assert large.chunk_entries < CHUNK_ENTRIES_FIRST
    assert len(recorder.select_notifications(None, 10_000)) == 600
    assert broken_chains(datastore.database) == []


def test_a_block_comes_back_in_the_order_of_its_rows(datastore: LedgerDatastore, recorder: EntryRecorder) -> None:
    [kept] = recorder.append([stored(key="kept")])
    recorder.append([stored(key="taken")])
    requests = [
        stored(key="kept"),
        stored(key="new"),
        stored(key="taken", content="{ }"),
        stored(key="new"),
        stored(key="new", content="{ }"),
    ]
    outcomes = BulkAppender(datastore).append_block(Block.of([rows.ready(one) for one in requests]))
    [new] = recorder.select_notifications(kept.position + 2, 1)

    assert list(outcomes.codes) == [KEPT, NEW, CONFLICT, KEPT, CONFLICT]
    assert outcomes.positions == [kept.position, new.id, 0, new.id, 0]
    assert outcomes.leaves == [kept.leaf, new.leaf, b"", new.leaf, b""]


def test_a_position_is_told_as_it_is_stored_where_positions_have_holes(
    datastore: LedgerDatastore, recorder: EntryRecorder
) -> None:
    with datastore.database.connect() as admin:
        table = f"{datastore.database.schema}.entries"
        admin.execute(f"ALTER TABLE {table} ALTER COLUMN notification_id SET INCREMENT BY 3")
    streams = [uuid4() for _ in range(30)]
    outcomes = appended(datastore, [stored(stream) for stream in streams])

    stands = [event.position or 0 for stream in streams for event in recorder.select_events(stream)]
    assert [one.position for one in outcomes if isinstance(one, Receipt)] == stands
    assert stands == list(range(stands[0], stands[0] + 90, 3))


def test_large_and_small_appends_side_by_side_keep_every_chain(
    datastore: LedgerDatastore, recorder: EntryRecorder
) -> None:
    streams = [uuid4() for _ in range(20)]

    def small(seed: int) -> int:
        chance = random.Random(seed)
        return sum(len(recorder.append([stored(chance.choice(streams))])) for _ in range(60))

    def large(seed: int) -> int:
        chance = random.Random(seed)
        with LedgerDatastore(datastore.database) as own:
            return len(appended(own, [stored(chance.choice(streams)) for _ in range(1_200)]))

    with ThreadPoolExecutor(6) as writers:
        jobs = [
            *(writers.submit(small, seed) for seed in range(4)),
            *(writers.submit(large, seed) for seed in (8, 9)),
        ]
        stored_count = sum(job.result(60) for job in jobs)

    assert len(recorder.select_notifications(None, 10_000)) == stored_count == 2_640
    assert broken_chains(datastore.database) == []


def test_a_turn_held_too_long_is_followed_by_a_smaller_chunk(ledger_db: Database) -> None:
    with LedgerDatastore(ledger_db) as datastore:
        slow = BulkAppender(datastore, turn_seconds_max=0.0)
        sizes = [len(chunk) for chunk in slow.append(stored() for _ in range(1_200))]

    assert sizes[:4] == [CHUNK_ENTRIES_FIRST, CHUNK_ENTRIES_FIRST // 2, CHUNK_ENTRIES_FIRST // 4, 62]
    assert slow.chunk_entries == CHUNK_ENTRIES_MIN


def test_short_turns_are_followed_by_larger_chunks_up_to_a_bound(ledger_db: Database) -> None:
    with LedgerDatastore(ledger_db) as datastore:
        swift = BulkAppender(datastore, turn_seconds_max=3_600.0)
        sizes = [len(chunk) for chunk in swift.append(stored() for _ in range(3_000))]
        for _ in range(9):
            swift._adapt(0.0, swift.chunk_entries)

    assert sizes == [500, 750, 1_125, 625]
    assert swift.chunk_entries == CHUNK_ENTRIES_MAX


def test_without_the_right_to_a_stage_the_refusal_names_the_grant(each_ledger_db: Database) -> None:
    with each_ledger_db.connect() as admin:
        name = admin.info.dbname
        admin.execute(f'REVOKE TEMPORARY ON DATABASE "{name}" FROM PUBLIC')
    with (
        LedgerDatastore(each_ledger_db) as own,
        pytest.raises(ProgrammingError, match="GRANT TEMPORARY ON DATABASE"),
    ):
        appended(own, [stored()])


def test_a_large_append_takes_no_versions(ledger_db: Database) -> None:
    with LedgerDatastore(ledger_db) as datastore, pytest.raises(ProgrammingError):
        appended(datastore, [stored(version=3)])


def test_the_collector_is_as_it_was_after_resting() -> None:
    before = gc.get_freeze_count()
    with collector_at_rest():
        assert gc.get_freeze_count() > before
    assert gc.get_freeze_count() == 0
