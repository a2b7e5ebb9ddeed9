"""How long an entry waits until a head over it is signed and cosigned, as anybody can read it.

The log and its witness are processes of their own, as `points log run` and `points witness serve` start them. Both
instants are the database's: when the entry had its turn, and when the cosignature was kept; the entry's commit lies
between them, so that the figure is a little too large, never too small.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from domain.facts import InsuranceMonthPaid
from ledger.entry import Entry, Hand, Request
from tests.benchmarks.months import ORGAN, Months
from tests.benchmarks.report import Figure, figure

THREADS, PAUSE_SECONDS, LOADED_SECONDS = 4, 0.02, 30
IMPORTED = 60_000
GOAL_MS = 2_000.0
_FACT = InsuranceMonthPaid(month="2025-03", place="330212")
_WAITED = (
    "SELECT extract(epoch FROM c.received_at - e.recorded_at)::float8 * 1000 FROM points.entries e"
    " JOIN LATERAL (SELECT size FROM points.tree_heads WHERE position >= e.notification_id ORDER BY size LIMIT 1) h"
    " ON true JOIN points.tree_cosignatures c USING (size) WHERE e.recorded_by = 'system:bench'"
    " AND e.notification_id > %s"
)


def measure(folder: Path, people: int = IMPORTED) -> list[Figure]:
    """Append single facts for half a minute, then beside an import; give how long they waited."""
    with Months(folder) as town:
        town.known(people)
        with _log_and_witness(town, folder):
            alone = _waited(town, lambda: time.sleep(LOADED_SECONDS))
            beside = _waited(town, lambda: _import(town, people))
    return [
        figure("entry to witnessed head, half of them", [_share(alone, 0.5)], "ms"),
        figure("entry to witnessed head, 99 of 100", [_share(alone, 0.99)], "ms", goal=GOAL_MS, at_most=True),
        figure("the same beside an import, half of them", [_share(beside, 0.5)], "ms"),
        figure("the same beside an import, 99 of 100", [_share(beside, 0.99)], "ms", goal=GOAL_MS, at_most=True),
    ]


def _import(town: Months, people: int) -> None:
    town.imported(people, months=2)


def _share(waited: list[float], share: float) -> float:
    return sorted(waited)[int(share * (len(waited) - 1))]


def _waited(town: Months, meanwhile: Any) -> list[float]:
    """Append facts from a few threads, while something else is done; give the milliseconds that each waited."""
    with town.database.connect() as admin:
        [[before]] = admin.execute("SELECT max(notification_id) FROM points.entries").fetchall()
        stop = threading.Event()
        threads = [threading.Thread(target=_append, args=(town, stop)) for _ in range(THREADS)]
        for one in threads:
            one.start()
        meanwhile()
        stop.set()
        for one in threads:
            one.join()
        _all_witnessed(admin)
        return [waited for (waited,) in admin.execute(_WAITED, [before]).fetchall()]


def _append(town: Months, stop: threading.Event) -> None:
    hand = Hand("system:bench", ORGAN)
    while not stop.wait(PAUSE_SECONDS):
        stream = UUID(bytes=os.urandom(16), version=5)  # nobody's: what is sealed is sealed under the ledger's key
        town.desk.ledger.record(Entry(stream, hand, Request("bench", uuid4().hex), _FACT))


def _all_witnessed(admin: Any) -> None:
    question = (
        "SELECT (SELECT max(notification_id) FROM points.entries) <= coalesce((SELECT max(position)"
        " FROM points.tree_heads JOIN points.tree_cosignatures USING (size)), 0)"
    )
    until = time.monotonic() + 60
    while not admin.execute(question).fetchone()[0]:
        if time.monotonic() > until:
            raise AssertionError("the log does not follow")
        time.sleep(0.1)


@contextmanager
def _log_and_witness(town: Months, folder: Path) -> Iterator[None]:
    """Run both until the end."""
    environment = {
        "PATH": os.defpath,
        "POINTS_DATA": str(folder / "log"),
        "POINTS_DATABASE_URL": town.server.url_of("months"),
        "POINTS_KEY_FILE": str(folder / "key"),
    }

    def points(*words: str) -> list[str]:
        return [sys.executable, "-m", "api.cli", *words, "--json"]

    def asked(*words: str) -> dict[str, Any]:
        told = subprocess.run(points(*words), env=environment, capture_output=True, text=True, check=True)
        return dict(json.loads(told.stdout))

    store, policy = str(folder / "witness"), folder / "policy.txt"
    log = asked("log", "key", "ledger.example/points")["vkey"]
    witness = asked("witness", "key", "witness.example/w1", "--store", store)["vkey"]
    serving = points("witness", "serve", "--store", store, "--log", log, "--port", "0")
    with _running(serving, environment) as first:
        url = json.loads(first)["url"]
        policy.write_text(f"log {log}\nwitness w1 {witness} {url}\nquorum w1\n")
        with _running(points("log", "run", "--policy", str(policy)), environment):
            yield


@contextmanager
def _running(command: list[str], environment: dict[str, str]) -> Iterator[str]:
    """Run a program; give the first line that it says, and end it."""
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline()
    finally:
        process.terminate()
        process.communicate(timeout=60)
