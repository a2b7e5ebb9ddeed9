"""A ledger of residents, and months' files about them, imported by a process of its own whose cost is counted.

With a folder that is kept, what was loaded stays: the next run goes on with the next month.
"""

import json
import multiprocessing
import os
import resource
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from datetime import date
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from random import Random
from typing import Self

import psycopg
from rich.console import Console

from domain.facts import OrganGranted
from domain.identifiers import resident_check_character
from domain.person import Person
from ledger.database import Database
from ledger.embedded import Embedded, serve
from ledger.entry import Hand
from ledger.ingest.job import ImportOrder, run_import
from ledger.ingest.ledger_desk import LedgerImportDesk
from ledger.ingest.receiving import open_delivery
from ledger.installation import bundled
from ledger.opening import KEEPER_ORGAN, at_work, found

ORGAN = "nb-hrss"
PREPARERS = 2
RECEIVED = date(2030, 1, 15)
FIRST_YEAR = 2000
_HEADER = "document_number,name,month,place,insurance,paid_on,base_fen\n"
_TICK = os.sysconf("SC_CLK_TCK")
_LOOK_SECONDS = 0.1
_MINTED_AT_ONCE = 5_000


def number_of(resident: int) -> str:
    """Give a number that passes GB 11643 and belongs to nobody: no place has the division code 100000."""
    day, sequence = divmod(resident, 900)
    year, rest = divmod(day, 336)
    body = f"100000{1930 + year:04d}{1 + rest // 28:02d}{1 + rest % 28:02d}{1 + sequence:03d}"
    return body + resident_check_character(body)


def name_of(resident: int) -> str:
    """Give a name that is nobody's: "resident" and two characters."""
    return "居民" + chr(0x4E00 + resident % 20_000) + chr(0x4E00 + resident // 20_000)


def month_file(folder: Path, month: int, residents: Iterable[int], months: int = 1) -> Path:
    """Write the insurance of these residents for one month or several; `month` counts from FIRST_YEAR."""
    path, drawn = folder / f"month-{month}.csv", Random(month)
    people = list(residents)
    with path.open("w", encoding="utf-8") as file:
        file.write(_HEADER)
        for one_month in range(month, month + months):
            period = f"{FIRST_YEAR + one_month // 12}-{1 + one_month % 12:02d}"
            for one in people:
                paid, base = f"{period}-{1 + one % 28:02d}", drawn.randrange(4_462, 24_930) * 100
                file.write(f"{number_of(one)},{name_of(one)},{period},3302{12 + one % 10},pension,{paid},{base}\n")
    return path


@dataclass(frozen=True, slots=True)
class Cost:
    """What one import took. `memory_mb` is the greatest sum at one time of what importer and preparers hold (RSS).

    `server_mb` is what the server's processes hold of their own, and its shared memory once, at its greatest.
    """

    rows: int
    seconds: float
    processor_us: float
    memory_mb: float
    server_mb: float

    @property
    def rate(self) -> float:
        """Give rows a second."""
        return self.rows / self.seconds


@dataclass
class Loaded:
    """How far a kept ledger is: residents known, and the next month."""

    residents: int = 0
    month: int = 0


class Months:
    """A ledger, its server, and months that follow each other. Use as a context."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._held = ExitStack()
        self._console = Console(stderr=True, highlight=False)

    def __enter__(self) -> Self:
        self.folder.mkdir(exist_ok=True, parents=True)
        self.folder.chmod(0o711)
        self.server = self._held.enter_context(serve(self.folder / "server", bundled()))
        with psycopg.connect(self.server.url, autocommit=True) as admin:
            if admin.execute("SELECT FROM pg_database WHERE datname = 'months'").fetchone() is None:
                admin.execute("CREATE DATABASE months")
        self.database = database_of(self.server)
        found(self.database, self.folder / "key", "intl", "keeper:1", os.urandom)
        self.desk = self._held.enter_context(at_work(self.database, self.folder / "key", os.urandom))
        granted = OrganGranted(
            organ=ORGAN, fact_kind="*", place_prefix="", valid_from=date(FIRST_YEAR, 1, 1), basis="试点方案"
        )
        self.desk.competences.grant(granted, Hand("keeper:1", KEEPER_ORGAN))
        state = self.folder / "loaded.json"
        self.loaded = Loaded(**json.loads(state.read_text())) if state.exists() else Loaded()
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def say(self, words: str) -> None:
        """Tell whoever waits what was done."""
        self._console.print(words)

    def keep(self) -> None:
        """Note how far the ledger is."""
        (self.folder / "loaded.json").write_text(json.dumps(asdict(self.loaded)))

    def known(self, residents: int) -> None:
        """Make residents known to the vault without any entry."""
        for first in range(self.loaded.residents, residents, _MINTED_AT_ONCE):
            numbers = range(first, min(residents, first + _MINTED_AT_ONCE))
            persons = [Person("resident-card", number_of(one), name_of(one)) for one in numbers]
            subjects = [one.subject for one in self.desk.identities.resolve(persons)]
            self.desk.identities.recorded([one for one in subjects if one is not None])
        self.loaded.residents = max(self.loaded.residents, residents)

    def imported(self, rows: int, unknown: int = 0, months: int = 1) -> Cost:
        """Import the next month of `rows` residents, so many of them unknown, or several months in one file."""
        last = self.loaded.residents + unknown
        path = month_file(self.folder, self.loaded.month, range(last - rows, last), months)
        cost = self._costed(path, rows * months)
        path.unlink()
        self.loaded = Loaded(last, self.loaded.month + months)
        self.keep()
        self.say(
            f"{cost.rows:,} rows, {unknown:,} people unknown: {cost.seconds:,.1f} s, {cost.rate:,.0f} rows/s,"
            f" {cost.processor_us:.1f} µs of a processor a row, {cost.memory_mb:,.0f} MB"
        )
        return cost

    def _costed(self, path: Path, rows: int) -> Cost:
        here, there = multiprocessing.Pipe()
        importer = multiprocessing.get_context("spawn").Process(
            target=import_file, args=(self.folder, path, there), daemon=False
        )
        importer.start()
        here.recv()
        memory = _Memory(importer.pid or 0, self.server.pid or 0)
        with memory:
            here.send("go")
            accepted, seconds, spent = here.recv()
        here.send("end")
        importer.join()
        if accepted != rows:
            raise AssertionError(f"{rows - accepted} rows were not accepted")
        return Cost(rows, seconds, spent / rows * 1e6, memory.ours, memory.servers)


def import_file(folder: Path, path: Path, told: Pipe) -> None:
    """Import one file, as `points import` would: its own process. Tells rows, seconds and processor seconds."""
    server = serve(folder / "server", bundled())
    with server, at_work(database_of(server), folder / "key", os.urandom) as desk:
        told.send("ready")
        told.recv()
        before, began = processor_seconds(server), time.perf_counter()
        delivery = open_delivery(path, kind="insurance-month-paid")
        order = ImportOrder(ORGAN, "clerk:1", RECEIVED, preparers=PREPARERS)
        receipt = run_import(LedgerImportDesk(desk), delivery, order).receipt
        seconds = time.perf_counter() - began
        told.send((receipt.accepted, seconds, processor_seconds(server) - before))
        told.recv()


def database_of(server: Embedded) -> Database:
    """Give the ledger."""
    return Database(server.url_of("months"), embedded=True)


def processor_seconds(server: Embedded) -> float:
    """Give the processor seconds of this process, of those it waited for, and of the server with its children."""
    own = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    ticks = 0
    for pid, said in _processes():
        user, system, ended_user, ended_system = map(int, said[11:15])
        if pid == server.pid:
            ticks += user + system + ended_user + ended_system
        elif int(said[1]) == server.pid:
            ticks += user + system
    return own + ticks / _TICK


def _processes() -> Iterator[tuple[int, list[str]]]:
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has just ended
            said = (process / "stat").read_text(encoding="ascii", errors="replace")
            yield int(process.name), said.rpartition(")")[2].split()


class _Memory:
    """Looks, ten times a second, at what an importer with its children, and a server, hold."""

    def __init__(self, importer: int, postmaster: int) -> None:
        self.ours = self.servers = 0.0
        self._importer = importer
        self._postmaster = postmaster
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(_LOOK_SECONDS):
            ours, servers = [_held(self._importer)], [_held(self._postmaster)]
            for pid, said in _processes():
                if int(said[1]) == self._importer:
                    ours.append(_held(pid))
                elif int(said[1]) == self._postmaster:
                    servers.append(_held(pid))
            self.ours = max(self.ours, sum(one["VmRSS"] for one in ours) / 1024)
            shared = max(one["RssShmem"] for one in servers)
            self.servers = max(self.servers, (sum(one["RssAnon"] for one in servers) + shared) / 1024)


def _held(pid: int) -> dict[str, int]:
    """Read the kilobytes a process holds."""
    found = {"VmRSS": 0, "RssAnon": 0, "RssShmem": 0}
    with suppress(OSError):
        for line in (Path("/proc") / str(pid) / "status").read_text(errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name in found:
                found[name] = int(value.split()[0])
    return found


def configure(folder: Path, settings: dict[str, str]) -> None:
    """Settings for the next start of a folder's server, instead of those it had."""
    with serve(folder / "server", bundled()) as server, psycopg.connect(server.url, autocommit=True) as admin:
        admin.execute("ALTER SYSTEM RESET ALL")
        for name, value in settings.items():
            admin.execute(f"ALTER SYSTEM SET {name} = '{value}'")
