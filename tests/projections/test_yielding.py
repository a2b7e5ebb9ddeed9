"""Who rebuilds leaves readers and writers what they need."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import psycopg
import pytest

from projections.rebuild.yielding import LISTENED_S, NICE, OTHERS_A_SECOND, QUIET_S, Courtesy, server_processes
from tests.projections.given import GivenLedger


class Told(Courtesy):
    """Is told how many transactions there were, and what the clock says."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.now, self.count = 0.0, 0
        super().__init__(connection, os.cpu_count() or 1, lambda: self.now)

    def _transactions(self) -> int:
        return self.count

    def passes(self, seconds: float, transactions: float) -> None:
        self.now, self.count = self.now + seconds, self.count + int(transactions)


@pytest.fixture
def working() -> Iterator[int]:
    """A process that works."""
    with subprocess.Popen(["sleep", "60"]) as process:  # noqa: S607 - whichever the machine has
        yield process.pid
        process.kill()


def test_a_processor_is_left_free_while_others_are_at_work(
    runner_connection: psycopg.Connection, working: int
) -> None:
    courtesy, everything = Told(runner_connection), os.sched_getaffinity(0)
    left = everything - {min(everything)} or everything
    courtesy.heed([working])
    at_first = os.sched_getaffinity(working)
    courtesy.passes(LISTENED_S, 0)
    courtesy.heed([working])
    alone = os.sched_getaffinity(working)
    courtesy.passes(LISTENED_S, 2 * OTHERS_A_SECOND)
    courtesy.heed([working])
    together = os.sched_getaffinity(working)
    courtesy.passes(QUIET_S, OTHERS_A_SECOND)
    courtesy.heed([working])

    assert (at_first, alone, together) == (left, everything, left)
    assert os.sched_getaffinity(working) == everything


def test_what_is_started_leaves_a_processor_free_and_who_starts_it_does_not(
    runner_connection: psycopg.Connection,
) -> None:
    everything = os.sched_getaffinity(0)
    with Told(runner_connection).small():
        inherited = os.sched_getaffinity(0)

    assert inherited == (everything - {min(everything)} or everything)
    assert os.sched_getaffinity(0) == everything


def test_transactions_of_others_are_counted(ledger: GivenLedger, runner_connection: psycopg.Connection) -> None:
    courtesy = Courtesy(runner_connection, 1)
    before = courtesy._transactions()
    with ledger.connect() as other:
        for _ in range(_MANY):
            other.execute("SELECT")
    for _ in range(100):  # a session is counted when it has ended, which is after it was closed
        counted = courtesy._transactions() - before
        if counted >= _MANY:
            break
        time.sleep(0.1)

    assert _MANY <= counted < 2 * _MANY


_MANY = 300


def test_a_process_that_fills_is_nice_as_a_session() -> None:
    asked = (
        "import os; from projections.rebuild.yielding import yields; yields();"
        " print(os.getpriority(os.PRIO_PROCESS, 0), os.getsid(0) == os.getpid())"
    )
    told = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)

    assert told.stdout.split() == [str(NICE), "True"]


def test_the_servers_process_is_one_that_we_may_govern(ledger: GivenLedger) -> None:
    with ledger.connect() as connection:
        [server] = server_processes(ledger.database, connection)

        assert os.sched_getaffinity(server)
