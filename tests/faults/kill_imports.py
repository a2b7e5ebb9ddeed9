"""`python -m tests.faults.kill_imports --times 200 [--seed N]`: kill an importer at random moments, many times.

Each time a ledger of its own takes the same file. The importer, with its preparing processes, is killed (SIGKILL)
at a random moment, then once more, then left to end. All ledgers are founded with the same keys, so that one row
has the same idempotency key and the same request hash in each: every run must end with the keys, the versions, the
receipt and the queue of an import that nobody disturbed. The same facts in the same order score the same.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg.rows import tuple_row

from domain.facts import OrganGranted
from ledger.database import Database
from ledger.embedded import Embedded
from ledger.entry import Hand
from ledger.installation import bundled
from ledger.opening import KEEPER_ORGAN, at_work, found
from tests.database import cluster, fresh_ledger
from tests.ledger.deliveries import GRANTS, ORGAN, resident

ROWS = 400
_PERSONS = 90
_KILLS = 2
_SECONDS_MAX = 120


@dataclass(frozen=True)
class Ended:
    """What an import left behind: keys with request hash and version; the receipt's numbers; rows that wait."""

    entries: tuple[tuple[Any, ...], ...]
    receipt: tuple[Any, ...]
    minted: int
    held: int


def month_file(path: Path, seed: int) -> None:
    """Write a dirty file: persons come again, some rows are broken, repeated, or under another name."""
    drawn = random.Random(seed)
    rows = ["document_number,name,month,place,base_fen"]
    for _ in range(ROWS):
        person = drawn.randrange(1, _PERSONS)
        name = f"居民{person}" if drawn.random() < 0.95 else "居民乙"
        place = "330212" if drawn.random() < 0.95 else "33"
        rows.append(f"{resident(person)},{name},2025-{drawn.randrange(1, 13):02d},{place},{person}00")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def founded(database: Database, key: Path) -> None:
    """Found a ledger whose keys are the same every time."""
    bytes_of = random.Random(1)
    found(database, key, "intl", "keeper:1", bytes_of.randbytes)
    with at_work(database, key, bytes_of.randbytes) as desk:
        for grant in GRANTS:
            fact = OrganGranted(
                organ=ORGAN,
                fact_kind=grant.kind,
                place_prefix=grant.place_prefix,
                valid_from=grant.valid_from,
                basis="试点方案",
            )
            desk.competences.grant(fact, Hand("keeper:1", KEEPER_ORGAN))


def run(database: Database, key: Path, file: Path, killed_after: float | None) -> float:
    """Run the importer, and kill it so many seconds after it began; give how long it ran."""
    command = [sys.executable, "-m", "tests.faults.importing", database.url, str(key), str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None or process.stdout.readline() != "begun\n":
            raise AssertionError("the importer did not begin")
        began = time.monotonic()
        try:
            process.wait(killed_after if killed_after is not None else _SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        if killed_after is None and process.returncode:
            raise AssertionError(f"the importer ended with {process.returncode}")
        return time.monotonic() - began


def left_by(database: Database, key: Path) -> Ended:
    """Read what is there."""
    with at_work(database, key, random.Random(2).randbytes) as desk, desk.ledger.connection() as connection:
        cursor = connection.cursor(row_factory=tuple_row)
        entries = cursor.execute(
            "SELECT key, request_hash, originator_version, topic FROM entries"
            " WHERE organ = %s AND topic <> 'batch-committed.v1' ORDER BY key",
            [ORGAN],
        ).fetchall()
        receipts = cursor.execute("SELECT state FROM entries WHERE topic = 'batch-committed.v1'").fetchall()
        minted = cursor.execute("SELECT count(*) FROM entries WHERE topic = 'identity-minted.v1'").fetchall()
        return Ended(tuple(entries), tuple(receipts), minted[0][0], len(desk.held.waiting(limit=10_000)))


def numbers_of(ended: Ended) -> tuple[Any, ...]:
    """Leave the positions out: attempts that were cut off leave holes."""
    told = [json.loads(state) for (state,) in ended.receipt]
    kept = [{k: v for k, v in one.items() if not k.endswith("_position")} for one in told]
    return ended.entries, kept, ended.minted, ended.held


def disturbed(server: Embedded, times: int, seed: int, *, say: bool = False) -> list[int]:
    """Do it so many times; give the numbers of the runs that ended otherwise."""
    drawn, failed = random.Random(seed), []
    with tempfile.TemporaryDirectory(prefix="points-kill-") as name:
        folder = Path(name)
        month_file(folder / "month.csv", seed)
        with fresh_ledger(server) as database:
            founded(database, folder / "key-0")
            took = run(database, folder / "key-0", folder / "month.csv", None)
            wanted = numbers_of(left_by(database, folder / "key-0"))
        for number in range(1, times + 1):
            key = folder / f"key-{number}"
            with fresh_ledger(server) as database:
                founded(database, key)
                for _ in range(_KILLS):
                    run(database, key, folder / "month.csv", drawn.uniform(0, took))
                run(database, key, folder / "month.csv", None)
                if numbers_of(left_by(database, key)) != wanted:
                    failed.append(number)
            if say:
                print(f"{number}/{times}: {len(failed)} failed", file=sys.stderr)  # noqa: T201 - the command's progress
    return failed


def main() -> int:
    """Run as a command: exit 0 where every run ended as it should."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kill_imports", description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="points-kill-") as name:
        Path(name).chmod(0o711)
        with cluster(Path(name), bundled()) as server:
            failed = disturbed(server, asked.times, asked.seed, say=True)
    print(f"{asked.times - len(failed)} passed, {len(failed)} failed (seed {asked.seed})")  # noqa: T201 - its answer
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
