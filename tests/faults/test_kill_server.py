"""The whole server killed, and an importer killed: everything acknowledged is there afterwards, once."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from ledger.database import Database
from ledger.datastore import LedgerDatastore
from ledger.embedded import Embedded, running, serve
from ledger.migrate import migrate
from ledger.recorder import EntryRecorder
from tests.entries import stored
from tests.ledger.chains import broken_chains

SEED = 20_260_101
IMPORTED = 6_000


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="pt-"))
    folder.chmod(0o711)
    yield folder
    left = running(folder)
    if left is not None:
        left.stop()
    shutil.rmtree(folder)


def kill(server: Embedded) -> None:
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + 10
    while server.pid == pid and time.monotonic() < until:
        time.sleep(0.01)


def test_a_killed_server_has_everything_it_acknowledged(home: Path) -> None:
    server, stop, streams = serve(home), threading.Event(), [uuid4() for _ in range(6)]
    ledger = Database(server.url, embedded=True)
    migrate(ledger)
    attempted: set[bytes] = set()

    def write(recorder: EntryRecorder, seed: int) -> set[bytes]:
        chance, acknowledged = random.Random(SEED + seed), set[bytes]()
        while not stop.is_set():
            entry = stored(chance.choice(streams))
            attempted.add(entry.key)
            [receipt] = recorder.append([entry])
            assert receipt.new
            acknowledged.add(entry.key)
        return acknowledged

    with LedgerDatastore(ledger) as datastore, ThreadPoolExecutor(4) as writers:
        recorder = EntryRecorder(datastore)
        jobs = [writers.submit(write, recorder, seed) for seed in range(4)]
        try:
            for _ in range(2):
                time.sleep(0.3)
                kill(server)
                server = serve(home)
            time.sleep(0.3)
        finally:
            stop.set()
        acknowledged = set[bytes]().union(*(job.result(60) for job in jobs))
        kept = [notification.key for notification in recorder.select_notifications(None, 1_000_000)]
        recorder.close()

    assert acknowledged
    assert acknowledged <= set(kept) <= attempted
    assert len(kept) == len(set(kept))
    assert broken_chains(ledger) == []
    server.stop()


def importer(url: str) -> str:
    """A program that imports the same file whenever it is run, and says how many entries were new."""
    return (
        "import sys, random, hashlib, uuid\n"
        "from ledger.bulk import BulkAppender\n"
        "from ledger.database import Database\n"
        "from ledger.datastore import LedgerDatastore\n"
        "from tests.entries import stored\n"
        f"chance = random.Random({SEED})\n"
        "streams = [uuid.UUID(int=chance.getrandbits(128)) for _ in range(200)]\n"
        f"file = [stored(chance.choice(streams), f'row {{n}}') for n in range({IMPORTED})]\n"
        f"with LedgerDatastore(Database({url!r}, embedded=True)) as datastore:\n"
        "    print('begun', flush=True)\n"
        "    outcomes = [outcome for chunk in BulkAppender(datastore).append(file) for outcome in chunk]\n"
        "    print(sum(outcome.new for outcome in outcomes), len(outcomes))\n"
    )


def run_importer(url: str, killed_after: float | None) -> str:
    process = subprocess.Popen([sys.executable, "-c", importer(url)], stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        if killed_after is not None:
            time.sleep(killed_after)
            process.kill()
        return process.stdout.read().strip()


def test_a_killed_importer_goes_on_where_it_was(ledger_db: Database) -> None:
    chance = random.Random(SEED)
    for _ in range(3):
        run_importer(ledger_db.url, chance.uniform(0.02, 0.15))
    last, again = run_importer(ledger_db.url, None), run_importer(ledger_db.url, None)
    with ledger_db.connect() as admin:
        [[rows, keys]] = admin.execute("SELECT count(*), count(DISTINCT key) FROM points.entries").fetchall()

    assert (rows, keys) == (IMPORTED, IMPORTED)
    assert last.endswith(str(IMPORTED))
    assert again == f"0 {IMPORTED}"
    assert broken_chains(ledger_db) == []
