"""How soon scores are current after a month's file that touches everybody, sixty facts each.

What was known before the month lies in measures from the start: rows of every resident, copied in, at positions
below the ledger's first. The month itself is appended as an import appends it, measured, and scored by the runner.
"""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import psutil  # type: ignore[import-untyped] # it brings no types
from psycopg import Connection

from domain import facts
from domain.civil import month_text
from domain.facts import Fact
from ledger.bulk import BulkAppender
from ledger.database import Database, Role
from projections.measure_rows import COLUMNS, TYPES, RowMaker
from projections.measures import rows_at
from projections.reading import ReadEntry
from projections.runner import Runner
from projections.standing import standing
from tests.benchmarks.report import ROUNDS, Figure, figure
from tests.projections.given import TODAY, GivenLedger, subject
from tests.projections.tables import city, province

MONTHS = 53
FOLLOWED_GOAL = 50_000.0
SCORED_GOAL = 1_000_000 / 90
"""A million residents current 90 s after the import's end."""
_READ = 500
YINZHOU = "330212"
_WHEN = datetime(2025, 12, 1, tzinfo=UTC)


class Rate(NamedTuple):
    """How many a second, and how many a second of the processors' time, the server's process counted."""

    a_second: float
    a_processor_second: float


class Touched:
    """A town whose residents are all touched at once, month after month."""

    def __init__(self, ledger: GivenLedger, connection: Connection[Any], residents: int) -> None:
        self.ledger, self.connection, self.residents = ledger, connection, residents
        ledger.publish(province(), city())
        self.runners = {one.name: self._runner(one) for one in standing(ledger.schemas, lambda: TODAY)}
        for name in self.runners:
            self.runners[name].catch_up()
        self._copy_lives()
        with ledger.database.connect() as admin:
            admin.execute("VACUUM ANALYZE")
        self._months = iter(range(2025 * 12 + 5, 2025 * 12 + 12))

    def _runner(self, projection: Any) -> Runner:
        return self.ledger.runner(projection, self.connection)

    def _copy_lives(self) -> None:
        """Copy in what was known of everybody, in the order in which months arrive."""
        maker, position = RowMaker(), -self.residents * 70
        tables: dict[str, list[tuple[Any, ...]]] = {}
        for version, told in enumerate(_lives(), 1):
            for number in range(self.residents):
                position += 1
                entry = ReadEntry(
                    position,
                    subject(number),
                    version,
                    told.topic(),
                    None,
                    None,
                    _WHEN,
                    told,
                    not told.sealed_part(),
                )
                for made in maker.rows(entry):
                    tables.setdefault(made.table, []).append(made.columns)
            for table, rows in tables.items():
                self._copy(table, rows)
            tables.clear()

    def _copy(self, table: str, rows: list[tuple[Any, ...]]) -> None:
        statement = self.ledger.schemas.sql(
            "COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)",
            table=self.ledger.schemas.table(table),
            columns=COLUMNS,
        )
        with self.connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types(TYPES)
            for row in rows:
                copy.write_row(row)

    def swept(self) -> Rate:
        """Score everybody again as a new day does."""
        self.connection.execute(self.ledger.schemas.sql("DELETE FROM {projections}.sweeps"))
        return self._rate("scores")

    def arrive(self) -> None:
        """Append a month of everybody."""
        paid = facts.InsuranceMonthPaid(month=month_text(next(self._months)), place=YINZHOU)
        bulk = BulkAppender(self.ledger.application.entry_factory.ledger_datastore)
        entries = (self.ledger.stored(subject(number), paid) for number in range(self.residents))
        for _ in bulk.append(entries):
            pass

    def measured(self) -> Rate:
        """Let measures follow."""
        return self._rate("measures")

    def scored(self) -> Rate:
        """Let scores follow."""
        for name in ("feeds", "rulebooks", "ties"):
            self.runners[name].catch_up()
        return self._rate("scores")

    def read(self) -> Rate:
        """Read everybody's rows from measures and do nothing with them: what packs save."""

        def reading() -> None:
            subjects = sorted(subject(number) for number in range(self.residents))
            with self.connection.cursor(binary=True) as cursor:
                for first in range(0, self.residents, _READ):
                    rows_at(cursor, self.ledger.schemas, subjects[first : first + _READ])

        return self._timed(reading)

    def _rate(self, name: str) -> Rate:
        return self._timed(self.runners[name].catch_up)

    def _timed(self, job: Callable[[], object]) -> Rate:
        server = psutil.Process(self.connection.info.backend_pid)
        began, spent = time.perf_counter(), _spent(server)
        job()
        return Rate(
            self.residents / (time.perf_counter() - began), self.residents / max(_spent(server) - spent, 0.001)
        )


def _spent(server: psutil.Process) -> float:
    """Give the processor seconds of this process and of its server process."""
    times = server.cpu_times()
    return time.process_time() + float(times.user) + float(times.system)


def measure(database: Database, residents: int) -> list[Figure]:
    """Let month after month arrive; give the figures."""
    ledger = GivenLedger(database)
    try:
        with database.connect(Role.RUNNER) as connection:
            town = Touched(ledger, connection, residents)
            first = town.swept()
            rates: dict[str, list[Rate]] = {}
            for _ in range(ROUNDS):
                town.arrive()
                for job in (town.measured, town.scored, town.swept, town.read):
                    rates.setdefault(job.__name__, []).append(job())
    finally:
        ledger.close()
    told = [
        ("measures following a month's file", "measured", "entries", FOLLOWED_GOAL),
        ("scores following it, all touched", "scored", "residents", SCORED_GOAL),
        ("scores on a new day", "swept", "residents", None),
        ("measures of everybody read", "read", "residents", None),
    ]
    figures = [figure("scores of who was never packed", [first.a_processor_second], "residents/cpu s")]
    for metric, name, unit, goal in told:
        found = rates[name]
        figures += [
            figure(metric, [rate.a_second for rate in found], f"{unit}/s", goal=goal),
            figure(metric, [rate.a_processor_second for rate in found], f"{unit}/cpu s", goal=goal),
        ]
    return figures


def _lives() -> Iterator[Fact]:
    since = date(2021, 3, 1)
    yield facts.ParticularsCorrected(born_on=date(1985, 1, 1))
    yield facts.ResidenceRegistered(registered_on=since, place=YINZHOU, spell="R1")
    yield facts.PermitIssued(on=since, place=YINZHOU, permit="P1")
    yield facts.EducationAwarded(level="college", awarded_on=date(2012, 7, 1))
    for day in (1, 2):
        yield facts.VolunteerHoursServed(served_on=date(2025, 5, day), place=YINZHOU, minutes=120)
    for month in range(MONTHS):
        yield facts.InsuranceMonthPaid(month=month_text(2021 * 12 + month), place=YINZHOU)
