"""The runner: batches, checkpoints that prove the ledger, leaders, and what a crash leaves."""

import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, LiteralString
from uuid import UUID

import psycopg
import pytest

from domain import facts
from domain.errors import LedgerReplaced, ProjectionBehind
from ledger.database import DatabaseRefused
from projections.checkpoints import Checkpoints
from projections.heartbeats import pulses
from projections.measures import Measures
from projections.reading import ReadEntry
from projections.waiting import wait_for
from tests.projections.given import GivenLedger, subject

MONTHS = [f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13)]


def give_months(ledger: GivenLedger, residents: Sequence[int] = (1, 2, 3)) -> None:
    ledger.append_all(
        (subject(number), facts.InsuranceMonthPaid(month=month, place="330212"))
        for month in MONTHS
        for number in residents
    )


def measured(connection: psycopg.Connection, ledger: GivenLedger) -> list[tuple[int, UUID]]:
    return connection.execute(
        ledger.schemas.sql("SELECT position, subject FROM {projections}.measures ORDER BY position")
    ).fetchall()


def reached(connection: psycopg.Connection, ledger: GivenLedger) -> int:
    with connection.cursor() as cursor:
        return Checkpoints(ledger.schemas, "measures").peek(cursor).position


def admin(ledger: GivenLedger, text: LiteralString, *values: Any) -> None:
    with ledger.database.connect() as connection:
        connection.execute(ledger.schemas.sql(text), values)


def touched(connection: psycopg.Connection, ledger: GivenLedger) -> list[tuple[str, ...]]:
    """Name the transactions that have written or locked the rows of checkpoints."""
    return connection.execute(
        ledger.schemas.sql(
            "SELECT projection, xmin::text, xmax::text FROM {projections}.checkpoints ORDER BY projection"
        )
    ).fetchall()


class Dying(Measures):
    """Loses its connection after it has folded, before anything is committed."""

    def fold(self, batch: Sequence[ReadEntry], cursor: psycopg.Cursor[Any]) -> None:
        super().fold(batch, cursor)
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def test_every_entry_is_folded_once_whatever_the_batch(
    ledger: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    give_months(ledger)

    assert ledger.runner(Measures(ledger.schemas), runner_connection, batch=7).catch_up() == 72
    assert [position for position, _ in measured(runner_connection, ledger)] == list(range(1, 73))


def test_holes_in_the_positions_are_no_loss(ledger: GivenLedger, runner_connection: psycopg.Connection) -> None:
    runner = ledger.runner(Measures(ledger.schemas), runner_connection, batch=2)
    for number in range(1, 6):
        ledger.append(subject(number), facts.InsuranceMonthPaid(month="2025-01", place="330212"))
        ledger.skip_positions(number)

    assert runner.catch_up() == 5
    assert [position for position, _ in measured(runner_connection, ledger)] == [1, 3, 6, 10, 15]


def test_a_connection_lost_between_fold_and_commit_leaves_neither_rows_nor_checkpoint(
    ledger: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    give_months(ledger)
    with ledger.connect() as doomed, pytest.raises(DatabaseRefused):
        ledger.runner(Dying(ledger.schemas), doomed).step()

    assert (measured(runner_connection, ledger), reached(runner_connection, ledger)) == ([], 0)
    assert ledger.runner(Measures(ledger.schemas), runner_connection).catch_up() == 72


def test_a_process_killed_between_fold_and_commit_leaves_neither_rows_nor_checkpoint(
    ledger: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    give_months(ledger)
    command = [sys.executable, "-m", "tests.projections.killed", ledger.database.url, ledger.database.ledger]
    killed = subprocess.run(command, check=False, timeout=60, capture_output=True)

    assert killed.returncode == -signal.SIGKILL
    assert (measured(runner_connection, ledger), reached(runner_connection, ledger)) == ([], 0)
    assert ledger.runner(Measures(ledger.schemas), runner_connection).catch_up() == 72


def test_of_two_runners_one_leads(ledger: GivenLedger) -> None:
    with ledger.connect() as one, ledger.connect() as two:
        first, second = (ledger.runner(Measures(ledger.schemas), connection) for connection in (one, two))

        assert (first.lead(), second.lead()) == (True, False)


def test_the_next_runner_leads_when_the_leader_is_gone(ledger: GivenLedger) -> None:
    with ledger.connect() as two:
        with ledger.connect() as one:
            ledger.runner(Measures(ledger.schemas), one).lead()
        # The server ends a session a moment after its client has gone.
        second = ledger.runner(Measures(ledger.schemas), two)

        assert any(second.lead() for _ in range(2_000))


def test_two_runners_that_step_at_once_fold_every_entry_once(
    ledger: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    give_months(ledger)
    with ledger.connect() as one, ledger.connect() as two, ThreadPoolExecutor(2) as threads:
        runners = [ledger.runner(Measures(ledger.schemas), connection, batch=3) for connection in (one, two)]
        read = list(threads.map(lambda runner: runner.catch_up(), runners))

    assert sum(read) == 72
    assert len(measured(runner_connection, ledger)) == 72


@pytest.mark.parametrize(
    "replaced",
    [
        "UPDATE {projections}.checkpoints SET leaf = '\\x00'",
        "UPDATE {projections}.checkpoints SET position = position + 1000",
        "UPDATE {projections}.checkpoints SET epoch = epoch + 1",
    ],
    ids=["another leaf", "a ledger that ends earlier", "another epoch"],
)
def test_a_checkpoint_of_another_ledger_is_refused(
    ledger: GivenLedger, runner_connection: psycopg.Connection, replaced: LiteralString
) -> None:
    give_months(ledger)
    runner = ledger.runner(Measures(ledger.schemas), runner_connection)
    runner.catch_up()
    admin(ledger, replaced)

    with pytest.raises(LedgerReplaced) as refused:
        runner.step()
    assert "points rebuild" in refused.value.remedy("en")


class Counted:
    """A stop that ends after so many pauses and remembers them."""

    def __init__(self, pauses: int) -> None:
        self.left, self.waited = pauses, list[float]()

    def is_set(self) -> bool:
        return self.left <= 0

    def wait(self, timeout: float) -> bool:
        self.left -= 1
        self.waited.append(timeout)
        return self.is_set()


def test_polling_slows_while_nothing_comes(ledger: GivenLedger, runner_connection: psycopg.Connection) -> None:
    stop = Counted(6)
    ledger.runner(Measures(ledger.schemas), runner_connection).run(stop)

    assert stop.waited == [0.001, 0.002, 0.004, 0.008, 0.01, 0.01]


def test_a_poll_that_finds_nothing_locks_nothing(
    ledger: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    give_months(ledger)
    ledger.run_all(runner_connection)
    before = touched(runner_connection, ledger)
    ledger.run_all(runner_connection)

    assert touched(runner_connection, ledger) == before


def test_a_runner_that_does_not_lead_stands_by(ledger: GivenLedger, runner_connection: psycopg.Connection) -> None:
    give_months(ledger)
    stop = Counted(3)
    with ledger.connect() as other:
        ledger.runner(Measures(ledger.schemas), other).lead()
        ledger.runner(Measures(ledger.schemas), runner_connection).run(stop)

    assert (stop.waited, reached(runner_connection, ledger)) == ([0.01] * 3, 0)


def test_a_leader_says_where_it_is_and_how_far_behind(
    ledger: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    give_months(ledger)
    runner = ledger.runner(Measures(ledger.schemas), runner_connection, batch=30)
    runner.step()
    runner.say("running")

    [pulse] = pulses(runner_connection, ledger.schemas)
    assert (pulse.instance, pulse.state, pulse.position, pulse.lag) == ("test:1", "running", 30, 42)


def test_waiting_ends_when_the_position_is_reached(
    ledger: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    give_months(ledger)
    runner = ledger.runner(Measures(ledger.schemas), runner_connection, batch=30)

    with ledger.connect() as waiting:
        ends = wait_for(waiting, ledger.schemas, ["measures"], 45, 10, sleep=lambda _: runner.step() and None)
    assert ends == 60


def test_waiting_too_long_is_refused(ledger: GivenLedger, runner_connection: psycopg.Connection) -> None:
    give_months(ledger)

    with pytest.raises(ProjectionBehind):
        wait_for(runner_connection, ledger.schemas, ["measures"], 1, 0.0)
