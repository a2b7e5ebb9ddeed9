"""Ids of events: whose they are, and what becomes of one whose event never came."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from ledger.database import Database
from ledger.datastore import LedgerDatastore
from ledger.event_ids import Claim, EventIds
from ledger.recorder import EntryRecorder
from tests.entries import digest, stored

MINE = Claim(digest("id"), digest("key"), digest("content"))
OTHER = replace(MINE, key=digest("another key"), request_hash=digest("another content"))


@pytest.fixture
def datastore(ledger_db: Database) -> Iterator[LedgerDatastore]:
    store = LedgerDatastore(ledger_db)
    yield store
    store.close()


@pytest.fixture
def ids(datastore: LedgerDatastore) -> EventIds:
    return EventIds(datastore)


def a_minute_passes(database: Database) -> None:
    with database.connect() as admin:
        admin.execute(f"UPDATE {database.schema}.event_ids SET claimed_at = claimed_at - interval '61 seconds'")


def appended(datastore: LedgerDatastore, claim: Claim) -> None:
    recorder = EntryRecorder(datastore)
    recorder.append([replace(stored(), key=claim.key, request_hash=claim.request_hash)])
    recorder.close()


def test_an_id_is_whose_claims_it_first(ids: EventIds) -> None:
    first, second = ids.claim([MINE]), ids.claim([OTHER])

    assert (first, second) == ({MINE.id: MINE}, {MINE.id: MINE})


def test_the_same_claim_again_stands(ids: EventIds) -> None:
    ids.claim([MINE])

    assert ids.claim([MINE]) == {MINE.id: MINE}


def test_a_claim_whose_entry_never_came_is_taken_over_after_a_minute(ids: EventIds, ledger_db: Database) -> None:
    ids.claim([MINE])
    a_minute_passes(ledger_db)

    assert ids.claim([OTHER]) == {MINE.id: OTHER}


def test_a_claim_whose_entry_is_there_stands_for_ever(
    ids: EventIds, datastore: LedgerDatastore, ledger_db: Database
) -> None:
    ids.claim([MINE])
    appended(datastore, MINE)
    a_minute_passes(ledger_db)
    ids.release([MINE.id])

    assert ids.claim([OTHER]) == {MINE.id: MINE}


def test_a_claim_beside_an_entry_of_other_content_leads_to_nothing(
    ids: EventIds, datastore: LedgerDatastore, ledger_db: Database
) -> None:
    ids.claim([MINE])
    appended(datastore, replace(MINE, request_hash=digest("what came first")))
    a_minute_passes(ledger_db)

    assert ids.claim([OTHER]) == {MINE.id: OTHER}


def test_a_claim_that_is_let_go_may_be_made_again_at_once(ids: EventIds) -> None:
    ids.claim([MINE])
    ids.release([MINE.id])

    assert ids.claim([OTHER]) == {MINE.id: OTHER}


def test_of_many_claims_at_once_one_stands(ids: EventIds) -> None:
    asked = [replace(MINE, key=digest(f"key {index}")) for index in range(16)]
    with ThreadPoolExecutor(16) as callers:
        told = list(callers.map(lambda claim: ids.claim([claim])[MINE.id], asked))

    assert len(set(told)) == 1


def test_claims_of_many_ids_in_any_order_never_wait_in_a_ring(ids: EventIds) -> None:
    asked = [Claim(digest(f"id {index}"), digest(f"key {index}"), digest("content")) for index in range(200)]
    with ThreadPoolExecutor(8) as callers:
        told = list(callers.map(lambda index: ids.claim(asked[:: 1 if index % 2 else -1]), range(16)))

    assert all(one == {claim.id: claim for claim in asked} for one in told)
