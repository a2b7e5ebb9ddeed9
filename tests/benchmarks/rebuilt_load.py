"""Readers and writers at a steady pace, in a process of their own, and how long they wait."""

import multiprocessing
import random
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection as Pipe

from domain.facts import InsuranceMonthPaid
from ledger.database import Database
from tests.projections.given import GivenLedger, subject

READS_A_SECOND, APPENDS_A_SECOND = 200, 50
_WARM_SECONDS = 1.0


def steadily(database: Database, residents: int, seconds: float) -> dict[str, float]:
    """Read scores by primary key, and append single facts, for so long; give the 99th percentiles in ms."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_work, args=(database, residents, seconds, there))
    process.start()
    found: dict[str, float] = here.recv()
    process.join()
    return found


def _work(database: Database, residents: int, seconds: float, pipe: Pipe) -> None:
    ledger = GivenLedger(database)
    ledger._drawn = time.time_ns()  # part of idempotency keys: no run comes with those of another
    chance = random.Random(1)
    paid = InsuranceMonthPaid(month="2025-12", place="330212")
    with ledger.connect() as connection:
        text = ledger.schemas.sql(
            "SELECT total, usable, validity, items FROM {projections}.scores WHERE subject = %s"
        )

        def read() -> None:
            connection.execute(text, [subject(chance.randrange(residents))]).fetchall()

        def append() -> None:
            ledger.append(subject(chance.randrange(residents)), paid)

        waited: dict[str, list[float]] = {"reads": [], "appends": []}
        threads = [
            threading.Thread(target=_paced, args=(read, READS_A_SECOND, seconds, waited["reads"])),
            threading.Thread(target=_paced, args=(append, APPENDS_A_SECOND, seconds, waited["appends"])),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    ledger.close()
    pipe.send({name: _percentile(times, 99) * 1_000 for name, times in waited.items()})


def _paced(job: Callable[[], None], a_second: int, seconds: float, waited: list[float]) -> None:
    """Do it so often a second. What begins late because the one before took long has waited since it was due."""
    began = time.perf_counter()
    for number in range(int(seconds * a_second)):
        due = began + number / a_second
        time.sleep(max(0.0, due - time.perf_counter()))
        job()
        if due > began + _WARM_SECONDS:
            waited.append(time.perf_counter() - due)


def _percentile(values: list[float], of_hundred: int) -> float:
    return sorted(values)[min(len(values) * of_hundred // 100, len(values) - 1)]
