"""A ledger to write to and a connection to run projections on."""

from collections.abc import Iterator

import psycopg
import pytest

from ledger.database import Database
from tests.projections.given import GivenLedger


@pytest.fixture
def ledger(ledger_db: Database) -> Iterator[GivenLedger]:
    given = GivenLedger(ledger_db)
    yield given
    given.close()


@pytest.fixture
def runner_connection(ledger: GivenLedger) -> Iterator[psycopg.Connection]:
    with ledger.connect() as connection:
        yield connection
