"""The database is killed under the door: it says so, keeps its own process alive, and goes on when it is back."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.database import Database
from ledger.embedded import Embedded, running, serve
from tests.api.house import HRSS, house, month, person

WHO = person(1)


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="pt-"))
    made.chmod(0o711)
    yield made
    left = running(made)
    if left is not None:
        left.stop()
    shutil.rmtree(made)


def kill(server: Embedded) -> None:
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + 10
    while server.pid == pid and time.monotonic() < until:
        time.sleep(0.01)


def test_without_its_database_the_door_says_so_and_goes_on_when_it_is_back(folder: Path, tmp_path: Path) -> None:
    server = serve(folder)
    with house(Database(server.url, embedded=True), tmp_path) as home:
        first = home.post(month("acknowledged", WHO))
        kill(server)
        alive, ready = home.get("/livez"), home.get("/readyz")
        receipt = home.get("/v1/receipts?source=/tests&id=acknowledged", f"organ:{HRSS}")
        serve(folder)
        again = home.post(month("acknowledged", WHO))

    assert (alive.status_code, ready.status_code, ready.json()["code"]) == (200, 503, "not-ready")
    assert (receipt.status_code, receipt.json()["code"], receipt.headers["retry-after"]) == (
        503,
        "database-unavailable",
        "2",
    )
    assert (again.status_code, again.json()) == (200, {**first.json(), "duplicate": True})
