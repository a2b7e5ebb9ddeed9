"""How soon scores are current after a month's file that touches everybody, sixty facts each.

What was known before the month lies in measures from the start, at positions below the ledger's first: two thousand
lives are put into rows, measured and packed by the projections' own code, and the server copies rows and packs for
everybody else (copies.py). The month itself is appended as an import does it, measured, and scored by the runner.
"""

import random
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
from tests.benchmarks import copies
from tests.benchmarks.population import peak_mb
from tests.benchmarks.report import ROUNDS, Figure, figure
from tests.projections.given import TODAY, GivenLedger, subject
from tests.projections.tables import city, province

MONTHS = 53
DISTINCT = 2_000
"""Lives that are told; everybody else has one of them."""
CURRENT_GOAL_S = 90.0
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

    def __init__(self, ledger: GivenLedger, connection: Connection[Any], residents: int, *, rows: bool) -> None:
        self.ledger, self.connection, self.residents = ledger, connection, residents
        self.distinct = min(residents, DISTINCT)
        ledger.publish(province(), city())
        self.runners = {one.name: self._runner(one) for one in standing(ledger.schemas, lambda: TODAY)}
        for name in self.runners:
            self.runners[name].catch_up()
        self._tell_lives()
        self.first = self.swept()
        with ledger.database.connect() as admin:
            copies.number_copied(admin, self.distinct)
            copies.copy_packs(admin, ledger.schemas, self.distinct, residents)
            if rows:
                copies.copy_measures(admin, ledger.schemas, self.distinct, residents)
            admin.execute("VACUUM ANALYZE")
            admin.execute("CHECKPOINT")
        self._months = iter(range(2025 * 12 + 5, 2025 * 12 + 12))

    def _runner(self, projection: Any) -> Runner:
        return self.ledger.runner(projection, self.connection)

    def _tell_lives(self) -> None:
        """Put into rows what is known of those whom others resemble, in the order in which months arrive."""
        maker = RowMaker()
        lives = [_life(number) for number in range(self.distinct)]
        for version, told in enumerate(zip(*lives, strict=True), 1):
            tables: dict[str, list[tuple[Any, ...]]] = {}
            first = (version - 70) * self.residents  # room for a row of everybody between two of these
            for number, fact in enumerate(told):
                plain = not fact.sealed_part()
                entry = ReadEntry(
                    first + number, subject(number), version, fact.topic(), None, None, _WHEN, fact, plain
                )
                for made in maker.rows(entry):
                    tables.setdefault(made.table, []).append(made.columns)
            for table, rows in tables.items():
                self._copy(table, rows)

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


def measure(database: Database, residents: int, rounds: int = ROUNDS, *, rows: bool = True) -> list[Figure]:
    """Let month after month arrive; give the figures. Without `rows` nothing lies in measures but the months."""
    ledger = GivenLedger(database)
    try:
        with database.connect(Role.RUNNER) as connection:
            town = Touched(ledger, connection, residents, rows=rows)
            rates: dict[str, list[Rate]] = {}
            for _ in range(rounds):
                town.arrive()
                for job in (town.measured, town.scored, town.swept, *((town.read,) if rows else ())):
                    rates.setdefault(job.__name__, []).append(job())
            peak = peak_mb()
    finally:
        ledger.close()
    told = [
        ("measures following a month's file", "measured", "entries", FOLLOWED_GOAL),
        ("scores following it, all touched", "scored", "residents", SCORED_GOAL),
        ("everybody swept", "swept", "residents", None),
        ("measures of everybody read", "read", "residents", None),
    ]
    figures = [figure("scores of who was never packed", [town.first.a_processor_second], "residents/cpu s")]
    for metric, name, unit, goal in told:
        found = rates.get(name)
        if found:
            figures += [
                figure(metric, [rate.a_second for rate in found], f"{unit}/s", goal=goal),
                figure(metric, [rate.a_processor_second for rate in found], f"{unit}/cpu s", goal=goal),
            ]
    current = [residents / one.a_second + residents / two.a_second for one, two in _pairs(rates)]
    figures.append(figure("scores current after the file", current, "s", goal=CURRENT_GOAL_S, at_most=True))
    figures.append(figure("peak memory of the runner", [peak], "MB"))
    return figures


def _pairs(rates: dict[str, list[Rate]]) -> Iterator[tuple[Rate, Rate]]:
    yield from zip(rates["measured"], rates["scored"], strict=True)


def _life(number: int) -> list[Fact]:
    """Tell of a life of sixty facts; each has a birth date, days and a month more or less of its own."""
    chance = random.Random(number)
    since = date(2021, chance.randint(1, 12), chance.randint(1, 28))
    told: list[Fact] = [
        facts.ParticularsCorrected(born_on=date(chance.randint(1960, 2000), chance.randint(1, 12), 1)),
        facts.ResidenceRegistered(registered_on=since, place=YINZHOU, spell="R1"),
        facts.PermitIssued(on=since, place=YINZHOU, permit="P1"),
        facts.EducationAwarded(level=chance.choice(["college", "bachelor"]), awarded_on=date(2012, 7, 1)),
    ]
    for _ in range(2):
        served = date(2025, chance.randint(1, 12), chance.randint(1, 28))
        told.append(facts.VolunteerHoursServed(served_on=served, place=YINZHOU, minutes=120))
    begun = 2021 * 12 + chance.randint(0, 3)
    return [*told, *(facts.InsuranceMonthPaid(month=month_text(begun + n), place=YINZHOU) for n in range(MONTHS))]
