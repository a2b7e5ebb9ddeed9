"""How fast a month's file is taken in, from the file to durable entries, beside COPY of ready rows in the same run.

Three earlier months of the same residents are loaded first. Each round imports one month in which everybody is
known, one in which every tenth resident is not, and copies ready rows into a table with the same columns and
indexes: the limit. `processor` figures count the seconds of this process, its preparers and the server: what a
machine with nothing else to do would need.
"""
# ruff: noqa: N999 - a benchmark is a module of its name, and this one is called import

import os
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from random import Random

from domain.facts import OrganGranted
from domain.identifiers import resident_check_character
from ledger.entry import Hand
from ledger.ingest.job import ImportOrder, run_import
from ledger.ingest.ledger_desk import LedgerImportDesk
from ledger.ingest.receiving import open_delivery
from ledger.installation import bundled
from ledger.opening import KEEPER_ORGAN, Desk, at_work, found
from tests.benchmarks.copying import Limit
from tests.benchmarks.report import ROUNDS, Figure, figure, report
from tests.database import cluster, fresh_ledger

ROWS = 1_000_000
EARLIER_MONTHS = 3
ORGAN = "nb-hrss"
PREPARERS = 2
RECEIVED = date(2030, 1, 15)
_HEADER = "document_number,name,month,place,insurance,paid_on,base_fen\n"
_TICK = os.sysconf("SC_CLK_TCK")


def number_of(resident: int) -> str:
    """Give a number that passes GB 11643 and belongs to nobody: no place has the division code 100000."""
    day, sequence = divmod(resident, 900)
    year, rest = divmod(day, 336)
    body = f"100000{1930 + year:04d}{1 + rest // 28:02d}{1 + rest % 28:02d}{1 + sequence:03d}"
    return body + resident_check_character(body)


def month_file(folder: Path, month: int, residents: Iterator[int] | range) -> Path:
    """Write one month's insurance of these residents; `month` counts from January 2025."""
    period, drawn = f"{2025 + month // 12}-{1 + month % 12:02d}", Random(month)
    path = folder / f"{period}.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write(_HEADER)
        for one in residents:
            name = "居民" + chr(0x4E00 + one % 20_000) + chr(0x4E00 + one // 20_000)
            paid, base = f"{period}-{1 + one % 28:02d}", drawn.randrange(4_462, 24_930) * 100
            file.write(f"{number_of(one)},{name},{period},3302{12 + one % 10},pension,{paid},{base}\n")
    return path


class Bench:
    """One ledger with its residents, and the processor seconds of everybody who works for it."""

    def __init__(self, desk: Desk, folder: Path, rows: int) -> None:
        self.desk = desk
        self.folder = folder
        self.rows = rows
        self.residents = rows
        self.month = 0
        self.limit = Limit(desk, rows)
        self.processor: dict[str, list[float]] = {"known": [], "unknown": []}

    def imported(self, unknown: int = 0) -> float:
        """Import the next month of `rows` residents, so many of them unknown; give rows a second."""
        last = self.residents + unknown
        path = month_file(self.folder, self.month, range(last - self.rows, last))
        self.month, self.residents = self.month + 1, last
        began, before = time.perf_counter(), processor_seconds(self.folder)
        delivery = open_delivery(path, kind="insurance-month-paid")
        order = ImportOrder(ORGAN, "clerk:1", RECEIVED, preparers=PREPARERS)
        receipt = run_import(LedgerImportDesk(self.desk), delivery, order).receipt
        took = time.perf_counter() - began
        self.processor["unknown" if unknown else "known"].append(
            (processor_seconds(self.folder) - before) / self.rows * 1e6
        )
        path.unlink()
        if receipt.accepted != self.rows:
            raise AssertionError(f"{self.rows - receipt.accepted} rows were not accepted")
        return self.rows / took


def processor_seconds(folder: Path) -> float:
    """Give the processor seconds of this process, of those it waited for, and of the server with its children."""
    own = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    server = int(next(folder.rglob("postmaster.pid")).read_text(encoding="ascii").split()[0])
    ticks = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            said = (process / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        user, system, ended_user, ended_system = map(int, said[11:15])
        if int(process.name) == server:
            ticks += user + system + ended_user + ended_system
        elif int(said[1]) == server:
            ticks += user + system
    return own + ticks / _TICK


@contextmanager
def ledger_at_work(folder: Path) -> Iterator[Desk]:
    """Found a ledger on the embedded server, with a grant for the organ."""
    with cluster(folder, bundled()) as server, fresh_ledger(server) as database:
        found(database, folder / "key", "intl", "keeper:1", os.urandom)
        with at_work(database, folder / "key", os.urandom) as desk:
            granted = OrganGranted(
                organ=ORGAN, fact_kind="*", place_prefix="", valid_from=date(2020, 1, 1), basis="试点方案"
            )
            desk.competences.grant(granted, Hand("keeper:1", KEEPER_ORGAN))
            yield desk


def measure(rows: int = ROWS, rounds: int = ROUNDS) -> dict[str, object]:
    """Measure on the embedded server, in interleaved rounds."""
    with tempfile.TemporaryDirectory(prefix="points-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with ledger_at_work(folder) as desk:
            bench = Bench(desk, folder, rows)
            for month in range(EARLIER_MONTHS):
                bench.imported(unknown=rows if month == 0 else 0)
            bench.processor = {"known": [], "unknown": []}
            rates: dict[str, list[float]] = {"copy": [], "known": [], "unknown": []}
            for _ in range(rounds):
                rates["copy"].append(bench.limit.copied())
                rates["known"].append(bench.imported())
                rates["unknown"].append(bench.imported(unknown=rows // 10))
            return report(f"import of {rows:,} rows", _figures(rates, bench), "PostgreSQL 18")


def _figures(rates: dict[str, list[float]], bench: Bench) -> list[Figure]:
    unit, copy, processor = "rows/s", rates["copy"], bench.processor
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + PREPARERS * children) / 1024
    return [
        figure("COPY of ready rows into an identical table: the limit", copy, unit),
        figure("a month's file, everybody known", rates["known"], unit, limit=copy, goal=60_000),
        figure("a month's file, every tenth unknown", rates["unknown"], unit, limit=copy, goal=60_000),
        figure("processor time, everybody known", processor["known"], "µs a row"),
        figure("processor time, every tenth unknown", processor["unknown"], "µs a row"),
        figure(f"peak memory of the importer and its {PREPARERS} preparers together, at most", [memory], "MB"),
    ]
