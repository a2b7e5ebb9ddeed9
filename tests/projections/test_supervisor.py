"""The supervisor: a projection that fails is started again; one that cannot go on stops alone and says so."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from domain import facts
from projections.heartbeats import pulses
from projections.measures import Measures
from projections.reading import ReadEntry
from projections.rebuild import Comparison
from projections.runner import Runner
from projections.standing import NAMES, catch_up, maker
from projections.supervisor import Failure, Pauses, Supervisor
from tests.projections.given import TODAY, GivenLedger, subject

PAUSES = Pauses(first_s=0.001, most_s=0.004)


class Flaky(Measures):
    """Loses its connection a few times."""

    left = 3

    def fold(self, batch: Sequence[ReadEntry], cursor: psycopg.Cursor[Any]) -> None:
        if Flaky.left:
            Flaky.left -= 1
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        super().fold(batch, cursor)


@pytest.fixture
def given(ledger: GivenLedger) -> GivenLedger:
    ledger.append(subject(1), facts.InsuranceMonthPaid(month="2025-01", place="330212"))
    return ledger


def run_until(supervisor: Supervisor, reached: Any, timeout_s: float = 30.0) -> None:
    """Run in a thread until something has come about."""
    stop = threading.Event()
    thread = threading.Thread(target=supervisor.run, args=(stop,))
    thread.start()
    pause = threading.Event()
    for _ in range(int(timeout_s / 0.01)):
        if reached() or not thread.is_alive():
            break
        pause.wait(0.01)
    stop.set()
    thread.join(timeout_s)
    assert not thread.is_alive()


def test_a_projection_that_fails_is_started_again_with_growing_pauses(
    given: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    told: list[Failure] = []
    Flaky.left = 3

    def make(_name: str) -> Runner:
        return given.runner(Flaky(given.schemas), given.connect())

    supervisor = Supervisor(["measures"], make, tell=told.append, pauses=PAUSES, monotonic=lambda: 0.0)

    def folded() -> bool:
        statement = given.schemas.sql("SELECT count(*) FROM {projections}.measures")
        return runner_connection.execute(statement).fetchone() == (1,)

    run_until(supervisor, folded)
    assert [(one.reason, one.again_in_s) for one in told] == [
        ("AdminShutdown 57P01", 0.001),
        ("AdminShutdown 57P01", 0.002),
        ("AdminShutdown 57P01", 0.004),
    ]


def test_a_projection_of_another_ledger_stops_alone(
    given: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    make = maker(given.database, lambda: given.opener, lambda: TODAY, instance="test:1")
    catch_up(make)
    runner_connection.execute(
        given.schemas.sql("UPDATE {projections}.checkpoints SET leaf = '\\x00' WHERE projection = 'feeds'")
    )
    told: list[Failure] = []
    supervisor = Supervisor(NAMES, make, tell=told.append, pauses=PAUSES)

    run_until(supervisor, lambda: len(pulses(runner_connection, given.schemas)) == len(NAMES))
    assert (told, supervisor.stopped) == ([Failure("feeds", "LedgerReplaced", None)], {"feeds": "LedgerReplaced"})
    assert {pulse.projection: pulse.state for pulse in pulses(runner_connection, given.schemas)} == {
        "measures": "running",
        "feeds": "stopped",
        "rulebooks": "running",
        "ties": "running",
        "uses": "running",
        "assessments": "running",
        "eligibility": "running",
        "scores": "running",
    }


def test_every_projection_follows_what_is_appended_meanwhile(
    given: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    make = maker(given.database, lambda: given.opener, lambda: TODAY)
    last = given.append(subject(2), facts.InsuranceMonthPaid(month="2025-01", place="330212"))
    told: list[Failure] = []

    def reached() -> bool:
        statement = given.schemas.sql("SELECT count(*) FROM {projections}.checkpoints WHERE position = %s")
        return runner_connection.execute(statement, [given.head()]).fetchone() == (len(NAMES),)

    run_until(Supervisor(NAMES, make, tell=told.append), reached)
    assert (reached(), told, last.version) == (True, [], 1)


def test_rebuilds_under_running_projections_and_writers_lose_nothing(
    given: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    make = maker(given.database, lambda: given.opener, lambda: TODAY)
    told: list[Failure] = []
    rebuild = given.rebuild()

    def rebuild_while_writing() -> list[Comparison]:
        compared = []
        for number in range(3):
            for month in range(1, 13):
                paid = facts.InsuranceMonthPaid(month=f"2025-{month:02d}", place="330212")
                given.append_all((subject(resident), paid) for resident in range(number * 20, number * 20 + 20))
            compared += rebuild.run()
        return compared

    with ThreadPoolExecutor(1) as threads:
        rebuilt = threads.submit(rebuild_while_writing)

        def reached() -> bool:
            statement = given.schemas.sql("SELECT count(*) FROM {projections}.measures")
            return rebuilt.done() and runner_connection.execute(statement).fetchone() == (721,)

        run_until(Supervisor(NAMES, make, tell=told.append), reached)

    assert all(one.same for one in rebuilt.result())
    assert (reached(), told) == (True, [])
