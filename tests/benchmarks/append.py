"""How fast entries are appended, beside COPY and INSERT into an identical table in the same run.

The identical table has the columns and indexes of `entries`, and neither triggers nor policies: what PostgreSQL can
do at best with such rows. `held` counts the seconds of turns alone, in which other writers wait.
"""

import gc
import struct
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import local
from uuid import uuid4

import psycopg

from domain.facts import InsuranceMonthPaid
from ledger import rows, wire
from ledger.bulk import BulkAppender
from ledger.entry import Entry, Hand, Request, StoredEntry
from ledger.installation import bundled
from ledger.rows import Ready
from tests.benchmarks.report import Figure, figure, interleaved, report
from tests.database import cluster, fresh_ledger
from tests.projections.given import ORGAN, GivenLedger, subject

READY = 10_000
SINGLE_SECONDS = 1.5
SUBJECTS = 20_000
THREADS = 32
AT = datetime(2026, 1, 1, tzinfo=UTC)
FACT = InsuranceMonthPaid(month="2025-03", place="330212")
_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
_COPY_END = b"\xff\xff"
_COLUMNS = struct.pack("!h", len(rows.COLUMNS))
_COPY = f"COPY twin ({rows.NAMES}) FROM STDIN (FORMAT BINARY)"
_INSERT = rows.INSERT.replace("INTO entries", "INTO twin")


class Bench:
    """A ledger, its twin table, and what the jobs share."""

    def __init__(self, ledger: GivenLedger) -> None:
        self.ledger = ledger
        self.datastore = ledger.application.entry_factory.ledger_datastore
        self.admin = ledger.database.connect()
        self.admin.execute(f"SET search_path = {ledger.database.schema}")
        self.admin.execute("CREATE TABLE twin (LIKE entries INCLUDING ALL)")
        self.held: list[float] = []
        self.number = 0

    def entry(self) -> Entry:
        """Give a new fact of one of the subjects."""
        self.number += 1
        hand = Hand(recorded_by="system:bench", organ=ORGAN)
        request = Request("bench", uuid4().hex, "", "")
        return Entry(subject(self.number % SUBJECTS), hand, request, FACT)

    def stored(self, count: int) -> list[StoredEntry]:
        """Seal new facts."""
        return [self.ledger.mapper.to_stored_event(self.entry()) for _ in range(count)]

    def block(self, ready: list[Ready]) -> bytes:
        """Encode rows for COPY with a place of their own, as if a turn had given it."""
        at = rows.recorded_at(AT)
        parts = [_COPY_HEADER]
        for one in ready:
            self.number += 1
            parts += [_COLUMNS, *one.columns, *rows.late(self.number, at, None, one.entry.key)]
        return b"".join([*parts, _COPY_END])

    def copy(self) -> float:
        """The limit: COPY of encoded rows, one commit."""
        block = self.block([rows.ready(one) for one in self.stored(READY)])
        began = time.perf_counter()
        with self.admin.transaction(), self.admin.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.write(block)
        return READY / (time.perf_counter() - began)

    def ready(self) -> float:
        """Ready entries through our recorder, under row-level security; also per second of turn held."""
        bulk, stored = BulkAppender(self.datastore), self.stored(READY)
        began = time.perf_counter()
        for _ in bulk.append(stored):
            pass
        took = time.perf_counter() - began
        self.held.append(READY / sum(bulk.turn_seconds))
        return READY / took

    def whole(self) -> float:
        """From facts: canonical bytes, seals and commitments too, one thread."""
        bulk, entries = BulkAppender(self.datastore), [self.entry() for _ in range(READY)]
        began = time.perf_counter()
        for _ in bulk.append(self.ledger.mapper.to_stored_event(one) for one in entries):
            pass
        return READY / (time.perf_counter() - began)

    def record(self, threads: int) -> float:
        """Single facts through the use case."""
        return self._threads(threads, lambda: self.ledger.application.record(self.entry()))

    def insert(self) -> float:
        """One INSERT a commit into the twin, of ready rows, a connection a thread."""
        place = local()
        opened: list[psycopg.Connection] = []
        at = rows.recorded_at(AT)

        def insert() -> None:
            if not hasattr(place, "connection"):
                place.connection = self.ledger.database.connect()
                place.connection.execute(f"SET search_path = {self.ledger.database.schema}")
                wire.learn(place.connection)
                opened.append(place.connection)
            one = rows.ready(self.ledger.mapper.to_stored_event(self.entry()))
            values = rows.arrays([one.columns + rows.late(1, at, None, one.entry.key)])
            values[rows.NAMES.split(",").index("originator_id")] = wire.array("uuid", [wire.uuid(uuid4())])
            place.connection.execute(_INSERT, values, prepare=True)

        try:
            return self._threads(THREADS, insert)
        finally:
            for connection in opened:
                connection.close()

    def _threads(self, threads: int, work: Callable[[], object]) -> float:
        ends = time.perf_counter() + SINGLE_SECONDS

        def loop() -> int:
            done = 0
            while time.perf_counter() < ends:
                work()
                done += 1
            return done

        began = time.perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            done = sum(future.result() for future in [pool.submit(loop) for _ in range(threads)])
        return done / (time.perf_counter() - began)


def measure() -> dict[str, object]:
    """Measure on the embedded server, five interleaved rounds."""
    with tempfile.TemporaryDirectory(prefix="points-bench-") as folder:
        Path(folder).chmod(0o711)
        with cluster(Path(folder), bundled()) as server, fresh_ledger(server) as database:
            ledger = GivenLedger(database)
            bench = Bench(ledger)
            bench.ready()
            bench.held.clear()
            gc.collect()
            gc.freeze()
            try:
                found = interleaved(
                    {
                        "copy": bench.copy,
                        "ready": bench.ready,
                        "whole": bench.whole,
                        "insert": bench.insert,
                        "record": lambda: bench.record(THREADS),
                        "record 1": lambda: bench.record(1),
                    }
                )
            finally:
                gc.unfreeze()
                bench.admin.close()
                ledger.close()
    return report("append", _figures(found, bench.held), "PostgreSQL 18")


def _figures(found: dict[str, list[float]], held: list[float]) -> list[Figure]:
    unit, copy, insert = "entries/s", found["copy"], found["insert"]
    return [
        figure("COPY of ready blocks into an identical table: the limit", copy, unit),
        figure("ready entries through the recorder, per second of turn held", held, unit, limit=copy),
        figure("ready entries through the recorder", found["ready"], unit, limit=copy),
        figure("from facts, seals and commitments included, one thread", found["whole"], unit, limit=copy),
        figure(f"raw INSERT a commit into an identical table, {THREADS} threads", insert, unit),
        figure(f"single facts through the use case, {THREADS} threads", found["record"], unit, limit=insert),
        figure("single facts through the use case, 1 thread", found["record 1"], unit, limit=insert),
    ]
