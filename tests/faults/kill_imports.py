"""`python -m tests.faults.kill_imports --times 200 [--seed N]`: kill an importer at random moments, many times.

Each time a copy of one ledger takes a file of one sort (tests/faults/month_files.py). `points import` is killed
(SIGKILL) at a random moment, and again, then left to end. As the copies have the same keys, one row has the same
idempotency key in each: every run must end with the streams, the receipts, the queue, the persons and the scores of
an import that nobody disturbed. Where each kill struck is told by what it left, and counted.
"""

import argparse
import json
import multiprocessing
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from api import composition
from api.settings import Settings
from ledger.database import Database
from ledger.embedded import Embedded
from ledger.installation import bundled
from projections.schemas import Schemas
from tests.database import TEMPLATE, cluster, fresh_database
from tests.faults.importing import work
from tests.faults.month_files import SORTS, Sort, first
from tests.ledger.deliveries import ORGAN

KILLS = 2
_SECONDS_MAX = 300
_WHEN = (0.1, 1.05)
"""A kill comes after so much of the time that an undisturbed import takes: until then it opens the ledger."""
_LOADED = (
    "tests.faults.kill_imports",
    "api.cli.importing",
    "api.cli.keeping",
    "api.cli.rulebooks",
    "api.cli.granting",
)
"""Loaded once: importers are copies of a process that has them."""
_PROVINCE = Path(__file__).parents[2] / "rulebooks" / "330000" / "2023-07-26.yaml"
_FOUNDING = (
    ("init",),
    ("grant", ORGAN, "*", "33", "--since", "2020-01-01"),
    ("rulebook", "propose", str(_PROVINCE), "--by", "officer:a"),
    ("rulebook", "approve", "zj.common", "--by", "officer:b"),
)
_SCORED = "subject, place, total, usable, before_deductions, deductions, validity, is_valid"


@dataclass(frozen=True)
class Ended:
    """What an import left: each stream's entries in order with its scores, receipts, rows that wait, persons."""

    streams: tuple[Any, ...]
    receipts: tuple[Any, ...]
    held: tuple[Any, ...]
    persons: tuple[Any, ...]


class Bench:
    """Ledgers to be copied, and importers to be killed. `folder` is this run's own."""

    def __init__(self, server: Embedded, folder: Path, seed: int) -> None:
        self._server = server
        self._folder = folder
        self._drawn = random.Random(seed)
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload([*_LOADED])
        self.files = {sort.name: sort.write(folder, random.Random(seed)) for sort in SORTS}
        self.took: dict[str, float] = {}
        self.wanted: dict[str, Ended] = {}

    @contextmanager
    def ledgers(self) -> Iterator[dict[bool, str]]:
        """Found the ledger that is copied, without and with a first month in it; give the databases' names."""
        with fresh_database(self._server, TEMPLATE) as empty:
            for call in _FOUNDING:
                self._run(empty, list(call))
            with fresh_database(self._server, _name(empty)) as begun:
                month = first(self._folder, self._drawn)
                self._run(begun, ["import", str(month), "--organ", ORGAN])
                yield {False: _name(empty), True: _name(begun)}

    def _settings(self, url: str) -> Settings:
        key = self._folder / "keys" / "key-encryption.key"
        return Settings(self._folder, url, "points", key, "en")

    def _run(self, url: str, call: list[str], crew: bool = False, killed_after: float | None = None) -> float:  # noqa: FBT001, FBT002 - of one file
        """Run a verb, and kill it so many seconds after it began; give how long it ran."""
        environment = {
            "POINTS_DATABASE_URL": url,
            "POINTS_DATA": str(self._folder),
            "POINTS_KEY_FILE": str(self._settings(url).key_file),
            "POINTS_LANG": "en",
        }
        here, there = self._processes.Pipe()
        process = self._processes.Process(target=work, args=(there, environment, call), kwargs={"crew": crew})
        process.start()
        there.close()
        here.recv_bytes()
        here.close()
        began = time.monotonic()
        process.join(_SECONDS_MAX if killed_after is None else killed_after)
        took = time.monotonic() - began
        if process.is_alive():
            process.kill()
            process.join()
            if killed_after is None:
                raise AssertionError(f"{call[0]} did not end")
        elif process.exitcode not in {0, 2}:
            raise AssertionError(f"{call[0]} ended with {process.exitcode}")
        process.close()
        return took

    def undisturbed(self, sort: Sort, ledgers: dict[bool, str]) -> None:
        """Import one file without a kill: what every other run of it must come to."""
        with fresh_database(self._server, ledgers[sort.known]) as url:
            self.took[sort.name] = self._run(url, sort.call(self.files[sort.name]), sort.crew)
            self.wanted[sort.name] = self._left(url)

    def disturbed(self, sort: Sort, ledgers: dict[bool, str], phases: Counter[str]) -> bool:
        """Import it with kills; say whether it ended as it should."""
        call = sort.call(self.files[sort.name])
        with fresh_database(self._server, ledgers[sort.known]) as url:
            for _ in range(KILLS):
                self._run(url, call, sort.crew, self._drawn.uniform(*_WHEN) * self.took[sort.name])
                phases[f"{sort.name}: {self._phase(url, sort)}"] += 1
            self._run(url, call, sort.crew)
            return self._left(url) == self.wanted[sort.name]

    def _phase(self, url: str, sort: Sort) -> str:
        """Say where an import was stopped, by what it left."""
        rows = self.wanted[sort.name].receipts[-1]["accepted"]
        with psycopg.connect(url, row_factory=tuple_row) as connection:
            [found] = connection.execute(_LEFT, {"known": int(sort.known)}).fetchall()
        receipts, batch, voids, compared, unrecorded = found
        if receipts:
            return "after the receipt"
        if unrecorded:
            return "between minting and its entry"
        if compared and not batch:
            return "among the voids" if voids else "after the comparison"
        if not batch:
            return "before the first row"
        return "between rows" if batch < rows else "before the receipt"

    def _left(self, url: str) -> Ended:
        """Read what is there, after the projections have read it."""
        settings, database = self._settings(url), Database(url)
        composition.follow(database, settings, composition.head(database))
        scores = Schemas.of(database).projections
        with psycopg.connect(url, row_factory=tuple_row) as connection:
            entries = connection.execute(_ENTRIES, {"organ": ORGAN}).fetchall()
            asked = sql.SQL("SELECT {} FROM {}.scores ORDER BY subject, place")
            scored = connection.execute(asked.format(sql.SQL(_SCORED), sql.Identifier(scores))).fetchall()
            receipts = connection.execute(_RECEIPTS).fetchall()
            held = connection.execute("SELECT held_id, why, organ FROM points_vault.held ORDER BY 1").fetchall()
            persons = connection.execute(_PERSONS).fetchall()
        by_subject = {subject: [row[1:] for row in rows] for subject, rows in groupby(scored, lambda row: row[0])}
        streams = [
            ([row[1:] for row in rows], by_subject.get(stream, []))
            for stream, rows in groupby(entries, lambda row: row[0])
        ]
        told = [json.loads(state) for (state,) in receipts]
        kept = [{name: value for name, value in one.items() if "position" not in name} for one in told]
        return Ended(tuple(sorted(streams, key=repr)), tuple(kept), tuple(held), tuple(persons))


_ENTRIES = (
    "SELECT originator_id, topic, CASE WHEN organ = %(organ)s THEN key END, CASE WHEN organ = %(organ)s"
    " THEN request_hash END FROM points.entries WHERE organ = %(organ)s OR topic = 'identity-minted.v1'"
    " ORDER BY originator_id, originator_version"
)
"""Who mints names the subject, which is drawn: its entries have other keys in every run."""
_RECEIPTS = "SELECT state FROM points.entries WHERE topic = 'batch-committed.v1' ORDER BY notification_id"
_PERSONS = (
    "SELECT (SELECT count(*) FROM points_vault.subjects), (SELECT count(*) FROM points_vault.names),"
    " (SELECT count(*) FROM points_vault.unrecorded)"
)
_LEFT = (
    "WITH receipts AS (SELECT batch_id, originator_id FROM points.entries WHERE topic = 'batch-committed.v1')"
    " SELECT (SELECT count(*) FROM receipts) - %(known)s,"
    " (SELECT count(*) FROM points.entries WHERE batch_id IS NOT NULL AND topic IN"
    "  ('insurance-month-paid.v1', 'residence-registered.v1') AND (%(known)s = 0 OR notification_id >"
    "  (SELECT max(notification_id) FROM points.entries WHERE topic = 'batch-committed.v1'))),"
    " (SELECT count(*) FROM points.entries WHERE topic = 'fact-voided.v1'),"
    " (SELECT count(*) FROM points.entries WHERE topic = 'full-file-compared.v1'),"
    " (SELECT count(*) FROM points_vault.unrecorded)"
)


def _name(url: str) -> str:
    return str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])


def runs(server: Embedded, times: int, seed: int, *, say: bool = False) -> tuple[list[str], Counter[str]]:
    """Do it so many times, the sorts in turn; give the runs that ended otherwise, and where the kills struck."""
    failed: list[str] = []
    phases: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="points-kill-") as name:
        bench = Bench(server, Path(name), seed)
        with bench.ledgers() as ledgers:
            for number in range(times):
                sort = SORTS[number % len(SORTS)]
                if sort.name not in bench.wanted:
                    bench.undisturbed(sort, ledgers)
                if not bench.disturbed(sort, ledgers, phases):
                    failed.append(f"{number + 1} {sort.name}")
                if say:
                    print(f"{number + 1}/{times}: {len(failed)} failed", file=sys.stderr)  # noqa: T201 - progress
    return failed, phases


def main() -> int:
    """Run as a command: exit 0 where every run ended as it should."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kill_imports", description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="points-kill-") as name:
        Path(name).chmod(0o711)
        with cluster(Path(name), bundled()) as server:
            failed, phases = runs(server, asked.times, asked.seed, say=True)
    for phase, count in sorted(phases.items()):
        print(f"{count:5} {phase}")  # noqa: T201 - its answer
    print(f"{asked.times - len(failed)} passed, {len(failed)} failed {failed} (seed {asked.seed})")  # noqa: T201 - its answer
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
