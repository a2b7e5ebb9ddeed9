"""Ways of writing entries, each as fast as it can: ours, and the limits that they are measured against.

The limits write into `twin`: the columns and indexes of `entries`, as the administrator, with neither triggers nor
policies. What a limit writes lies ready beforehand; what is ours begins with facts, or entries where it says so.
"""

import struct
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

from domain.facts import InsuranceMonthPaid
from ledger import rows
from ledger.bulk import BulkAppender, collector_at_rest
from ledger.database import Database
from ledger.entry import Entry, Hand, Request, StoredEntry
from ledger.recorder import EntryRecorder
from ledger.rows import Ready
from tests.projections.given import ORGAN, GivenLedger, subject

READY = 10_000
SINGLES = 16_000
SINGLE_SECONDS = 1.5
THREADS = 32
AT = datetime(2026, 1, 1, tzinfo=UTC)
FACT = InsuranceMonthPaid(month="2025-03", place="330212")
_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
_COPY_END = b"\xff\xff"
_COLUMNS = struct.pack("!h", len(rows.COLUMNS))
_COPY = f"COPY twin ({rows.NAMES}) FROM STDIN (FORMAT BINARY)"
_INSERT = f"INSERT INTO twin ({rows.NAMES}) VALUES ({','.join('%b' for _ in rows.COLUMNS)})"


class Writers:
    """A ledger and its twin table. `subjects`: among how many streams the entries are spread."""

    def __init__(self, database: Database, subjects: int) -> None:
        self.ledger = GivenLedger(database)
        recorder = self.ledger.application.recorder
        assert isinstance(recorder, EntryRecorder)
        self.recorder = recorder
        self.bulk = BulkAppender(recorder.datastore)
        self.admin = database.connect()
        self.admin.execute(f"SET search_path = {database.schema}")
        self.admin.execute("CREATE TABLE IF NOT EXISTS twin (LIKE entries INCLUDING ALL)")
        self.held: list[float] = []
        self.costs: dict[str, list[float]] = {}
        """Microseconds of processor time for each single fact, ours and the server's."""
        [[backend]] = self.admin.execute("SELECT pg_backend_pid()").fetchall()
        self._postmaster = int((Path("/proc") / str(backend) / "stat").read_text().rpartition(")")[2].split()[1])
        self._chance = Random(uuid4().int)
        self._subjects = subjects
        self._library = _library(database)

    def close(self) -> None:
        self._library.datastore.close()
        self.admin.close()
        self.ledger.close()

    def entries(self, count: int) -> list[Entry]:
        """Give new facts of some of the subjects."""
        hand = Hand(recorded_by="system:bench", organ=ORGAN)
        return [
            Entry(subject(self._chance.randrange(self._subjects)), hand, Request("bench", uuid4().hex), FACT)
            for _ in range(count)
        ]

    def stored(self, count: int) -> list[StoredEntry]:
        """Seal new facts."""
        return [self.ledger.mapper.to_stored_event(one) for one in self.entries(count)]

    def copy(self) -> float:
        """The limit of ready entries: COPY of rows that were encoded beforehand, one commit."""
        block = _block([rows.ready(one) for one in self.stored(READY)])
        began = time.perf_counter()
        with self.admin.transaction(), self.admin.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.write(block)
        return READY / (time.perf_counter() - began)

    def ready(self) -> float:
        """Ready entries through our recorder, under row-level security; `held` gets the same per second of turn."""
        stored = self.stored(READY)
        self.bulk.turn_seconds.clear()
        began = time.perf_counter()
        for _ in self.bulk.append(stored):
            pass
        took = time.perf_counter() - began
        self.held.append(READY / sum(self.bulk.turn_seconds))
        return READY / took

    def whole(self) -> float:
        """From facts: canonical bytes, seals and commitments too, one thread."""
        entries = self.entries(READY)
        began = time.perf_counter()
        for _ in self.bulk.append(self.ledger.mapper.to_stored_event(one) for one in entries):
            pass
        return READY / (time.perf_counter() - began)

    def record(self, threads: int = THREADS) -> float:
        """Single facts through the use case."""
        return self._costed("record", self.entries(SINGLES), self.ledger.application.record, threads)

    def insert(self) -> float:
        """The limit of single facts: one INSERT a commit into the twin, of ready rows, a connection a thread."""
        place, opened = threading.local(), list[psycopg.Connection]()
        ready = [_values(one) for one in self.stored(SINGLES)]

        def insert(values: tuple[Any, ...]) -> None:
            if not hasattr(place, "connection"):
                place.connection = self.ledger.database.connect()
                place.connection.execute(f"SET search_path = {self.ledger.database.schema}")
                opened.append(place.connection)
            place.connection.execute(_INSERT, values, prepare=True)

        try:
            return self._costed("insert", ready, insert, THREADS)
        finally:
            for connection in opened:
                connection.close()

    def library(self) -> float:
        """The library's own recorder with its own table: ready events, a connection a thread."""
        ready = [[StoredEvent(uuid4(), 1, one.topic, one.state)] for one in self.stored(SINGLES)]
        return _rate(ready, self._library.insert_events, THREADS)[0]

    def _costed(self, name: str, things: Sequence[Any], work: Callable[[Any], object], threads: int) -> float:
        before = self._processor_seconds()
        rate, done = _rate(things, work, threads)
        if threads == THREADS:
            self.costs.setdefault(name, []).append((self._processor_seconds() - before) / done * 1e6)
        return rate

    def _processor_seconds(self) -> float:
        """Give the processor time of this process and of the server's that are alive."""
        spent = time.process_time()
        for pid in (int(place.name) for place in Path("/proc").iterdir() if place.name.isdecimal()):
            with suppress(OSError):  # it has just ended
                parent = (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[1]
                if int(parent) == self._postmaster:
                    spent += int((Path("/proc") / str(pid) / "schedstat").read_text().split()[0]) / 1e9
        return spent

    def syncs(self) -> float:
        """Give how often the log was forced to the disk for each single fact, 32 threads."""
        before = self._forced()
        _, done = _rate(self.entries(SINGLES), self.ledger.application.record, THREADS)
        return (self._forced() - before) / done

    def _forced(self) -> int:
        # A session tells what it counted once a second at most, when it ends a transaction.
        time.sleep(1.1)
        self.ledger.application.record(*self.entries(1))
        [[forced]] = self.admin.execute("SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal'").fetchall()
        return int(forced)


def waits(writers: Writers, seconds: float, each_second: int, threads: int = 8) -> list[float]:
    """Append single facts at a steady pace; give for each the seconds from when it was due to its receipt."""
    entries = writers.entries(int(seconds * each_second))
    began, taken = time.perf_counter(), iter(enumerate(entries))
    waited: list[float] = []

    def loop() -> None:
        for number, entry in taken:
            due = began + number / each_second
            time.sleep(max(0.0, due - time.perf_counter()))
            writers.ledger.application.record(entry)
            waited.append(time.perf_counter() - due)

    with ThreadPoolExecutor(threads) as pool:
        for job in [pool.submit(loop) for _ in range(threads)]:
            job.result()
    return waited


def keep_importing(database: Database, subjects: int, told: Pipe) -> None:
    """Import block after block until told to stop, in a process of its own; tell the seconds of all turns."""
    writers = Writers(database, subjects)
    with collector_at_rest():
        told.send("ready")
        while not told.poll():
            for _ in writers.bulk.append(writers.stored(5_000)):
                pass
    told.send(writers.bulk.turn_seconds)
    writers.close()


def _rate(things: Sequence[Any], work: Callable[[Any], object], threads: int) -> tuple[float, int]:
    """Work things off by threads that share them, for SINGLE_SECONDS at most; give the rate and how many."""
    taken, ends = iter(things), time.perf_counter() + SINGLE_SECONDS

    def loop() -> int:
        done = 0
        for thing in taken:
            work(thing)
            done += 1
            if time.perf_counter() > ends:
                break
        return done

    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        done = sum(future.result() for future in [pool.submit(loop) for _ in range(threads)])
    return done / (time.perf_counter() - began), done


def _block(ready: list[Ready]) -> bytes:
    """Encode rows for COPY, each as the first of a stream of its own."""
    at = rows.recorded_at(AT)
    parts = [_COPY_HEADER]
    for one in ready:
        stream = b"\0\0\0\x10" + uuid4().bytes
        parts += [_COLUMNS, stream, *one.columns[1:], *rows.late(1, at, None, one.entry.key)]
    return b"".join([*parts, _COPY_END])


def _values(one: StoredEntry) -> tuple[Any, ...]:
    """Give a row as the driver takes it, as the first of a stream of its own."""
    hand = one.hand
    envelope = (
        hand.recorded_by,
        hand.organ,
        hand.channel,
        hand.source_class,
        None,
        None,
        None,
        None,
        None,
        None,
        None,
    )
    seal = (one.key, one.request_hash, one.salt, one.sealed, one.content_hash, one.binding)
    return (uuid4(), one.topic, one.state, one.format, one.suite, *envelope, *seal, 1, AT, None, one.key)


def _library(database: Database) -> PostgresApplicationRecorder:
    asked = urlsplit(database.url)
    [host] = parse_qs(asked.query)["host"]
    name, user = unquote(asked.path.removeprefix("/")), asked.username or ""
    datastore = PostgresDatastore(
        name, host, 5432, user, "", pool_size=THREADS, connect_timeout=30, schema="public"
    )
    recorder = PostgresApplicationRecorder(datastore, events_table_name="library_events")
    recorder.create_table()
    return recorder
