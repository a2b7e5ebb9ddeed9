"""How fast entries become measures, and measures scores, beside raw reads of the same rows in the same run.

A seeded town: every resident has a birth date, a permit, a registration, a degree, two services and 54 months of
insurance, which arrive month by month, as departments send them.

With `--subjects` only what follows a month's file is measured, for so many: of a million residents with sixty facts
each packs take 1.6 GB, their rows in measures 11 GB more (left out with `--packs-alone`).
"""

import argparse
import gc
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg import Connection, sql

from domain import facts
from domain.civil import month_text
from domain.factrow import FactRow
from domain.facts import Fact
from domain.knowledge import in_force
from domain.scoring import score
from ledger.bulk import BulkAppender
from ledger.database import Role
from ledger.installation import bundled
from projections.measures import Measures, rows_at
from projections.rules import Rules, RulesReader
from projections.runner import Pace, Runner
from projections.standing import standing
from tests.benchmarks import touched
from tests.benchmarks.report import ROUNDS, Figure, figure, interleaved, report
from tests.database import cluster, fresh_ledger
from tests.projections.given import TODAY, GivenLedger, subject
from tests.projections.tables import city, province

RESIDENTS = 2_000
TOUCHED = 20_000
MONTHS = 54
PAGE = 5_000
CHUNK = 500
YINZHOU = "330212"
SEED = 20_260_101
PLAIN_GOAL = 20_000.0


def months_of_everybody() -> Iterator[tuple[UUID, Fact]]:
    """Give the insurance months, month by month, residents in another order each month."""
    chance = random.Random(SEED)
    order = list(range(RESIDENTS))
    for month in range(MONTHS):
        chance.shuffle(order)
        paid = facts.InsuranceMonthPaid(month=month_text(2021 * 12 + month), place=YINZHOU)
        for number in order:
            yield subject(number), paid


def lives() -> Iterator[tuple[UUID, Fact]]:
    """Give what else is known of each resident."""
    chance = random.Random(SEED)
    for number in range(RESIDENTS):
        resident = subject(number)
        since = date(2021, chance.randint(1, 12), chance.randint(1, 28))
        yield resident, facts.ParticularsCorrected(born_on=date(chance.randint(1960, 2000), 1, 1))
        yield resident, facts.ResidenceRegistered(registered_on=since, place=YINZHOU, spell="R1")
        yield resident, facts.PermitIssued(on=since, place=YINZHOU, permit="P1")
        yield resident, facts.EducationAwarded(level="college", awarded_on=date(2012, 7, 1))
        for day in (1, 2):
            yield resident, facts.VolunteerHoursServed(served_on=date(2025, 5, day), place=YINZHOU, minutes=120)


class Town:
    """The ledger of the town, folded once, and what the jobs share."""

    def __init__(self, ledger: GivenLedger, connection: Connection[Any]) -> None:
        self.ledger, self.connection = ledger, connection
        self.append(months_of_everybody())
        self.plain_end = ledger.head()
        self.append(lives())
        ledger.publish(province(), city())
        ledger.run_all(connection)
        with ledger.database.connect() as admin:
            admin.execute("VACUUM ANALYZE")
        self.subjects = sorted(subject(number) for number in range(RESIDENTS))
        self.facts = self.count("SELECT count(*) FROM {projections}.measures") + RESIDENTS

    def append(self, told: Iterator[tuple[UUID, Fact]]) -> None:
        """Append by the bulk path."""
        bulk = BulkAppender(self.ledger.application.entry_factory.ledger_datastore)
        for _ in bulk.append(self.ledger.stored(stream, fact) for stream, fact in told):
            pass

    def count(self, text: Any) -> int:
        """Ask for one number."""
        found = self.connection.execute(self.ledger.schemas.sql(text)).fetchone()
        return int(found[0]) if found else 0

    def rules(self) -> Rules:
        """Give the rules in force."""
        with self.connection.cursor(binary=True) as cursor:
            return RulesReader(self.ledger.schemas).at(cursor)

    def chunks(self) -> Iterator[list[UUID]]:
        """Give the residents in chunks."""
        waiting = iter(self.subjects)
        while chunk := list(islice(waiting, CHUNK)):
            yield chunk


def timed(job: Callable[[], int]) -> float:
    """Give how many a second. The collector is kept out: it falls into one job or another."""
    gc.collect()
    gc.freeze()
    began = time.perf_counter()
    done = job()
    rate = done / (time.perf_counter() - began)
    gc.unfreeze()
    return rate


def read_entries(town: Town) -> int:
    """Read the plain entries' columns in pages, as binary tuples, and do nothing with them."""
    statement = town.ledger.schemas.sql(
        "SELECT notification_id, originator_id, originator_version, topic, refers_to_stream, refers_to_version,"
        " recorded_at, state, sealed, key, salt, suite FROM {ledger}.entries"
        " WHERE notification_id > %s AND notification_id <= %s ORDER BY notification_id LIMIT %s"
    )
    read, after = 0, 0
    with town.connection.cursor(binary=True) as cursor:
        while rows := cursor.execute(statement, [after, town.plain_end, PAGE]).fetchall():
            read, after = read + len(rows), rows[-1][0]
    return read


def fold_measures(town: Town) -> float:
    """Fold the plain entries into an empty table by the runner."""
    schemas = town.ledger.laid_out()
    runner = Runner(Measures(schemas), town.connection, schemas, town.ledger.opener, pace=Pace(batch=PAGE))
    return timed(lambda: runner.catch_up(town.plain_end))


def read_measures(town: Town) -> int:
    """Read the measures of everybody as binary tuples."""
    statement = sql.SQL(
        "SELECT * FROM {} WHERE subject = ANY(%s) UNION ALL SELECT * FROM {} WHERE subject = ANY(%s)"
    )
    tables = [town.ledger.schemas.table(name) for name in ("measures", "measures_restricted")]
    with town.connection.cursor(binary=True) as cursor:
        for chunk in town.chunks():
            cursor.execute(statement.format(*tables), [chunk, chunk]).fetchall()
    return RESIDENTS


def score_from_table(town: Town, rules: Rules) -> int:
    """Read everybody's measures and score them by the reference evaluator."""
    with town.connection.cursor(binary=True) as cursor:
        for chunk in town.chunks():
            score_rows(rows_at(cursor, town.ledger.schemas, chunk), rules)
    return RESIDENTS


def score_rows(known: dict[UUID, list[FactRow]], rules: Rules) -> int:
    """Score rows that are in memory."""
    rulebooks = rules.under(YINZHOU, TODAY)
    for rows in known.values():
        score(in_force(rows), rulebooks, YINZHOU, TODAY, rules.coverage)
    return len(known)


def sweep(town: Town) -> int:
    """Score everybody again by the projection, rows written."""
    town.connection.execute(town.ledger.schemas.sql("DELETE FROM {projections}.sweeps"))
    *_, scores = standing(town.ledger.schemas, lambda: TODAY)
    town.ledger.runner(scores, town.connection).catch_up()
    return RESIDENTS


def options(parser: argparse.ArgumentParser) -> None:
    """Name what can be asked."""
    parser.add_argument("--subjects", type=int, help="residents whom the month's file touches; nothing else then")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="months that arrive, seven at most")
    parser.add_argument("--packs-alone", action="store_true", help="leave earlier rows out of measures")
    parser.add_argument("--folder", type=Path, help="where the server's data lies while it runs")


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Build the town and measure it."""
    with (
        tempfile.TemporaryDirectory(prefix="points-benchmark-", dir=asked.folder) as folder,
        cluster(Path(folder), bundled()) as server,
        fresh_ledger(server) as database,
    ):
        if asked.subjects:
            figures = touched.measure(database, asked.subjects, asked.rounds, rows=not asked.packs_alone)
            return report("score", figures, f"PostgreSQL {bundled().major}")
        ledger = GivenLedger(database)
        try:
            with database.connect(Role.RUNNER) as connection:
                version = connection.info.server_version
                figures = _measured(Town(ledger, connection))
        finally:
            ledger.close()
        with fresh_ledger(server) as other:
            figures += touched.measure(other, TOUCHED, asked.rounds)
    return report("score", figures, f"PostgreSQL {version // 10_000}.{version % 10_000}")


def _measured(town: Town) -> list[Figure]:
    rules = town.rules()
    with town.connection.cursor(binary=True) as cursor:
        known = rows_at(cursor, town.ledger.schemas, town.subjects)
    rates = interleaved(
        {
            "raw entries": lambda: timed(partial(read_entries, town)),
            "measures": lambda: fold_measures(town),
            "raw measures": lambda: timed(partial(read_measures, town)),
            "scored from the table": lambda: timed(partial(score_from_table, town, rules)),
            "scored in memory": lambda: timed(partial(score_rows, known, rules)),
            "swept": lambda: timed(partial(sweep, town)),
        }
    )
    each = town.facts / RESIDENTS

    def in_facts(name: str) -> list[float]:
        return [rate * each for rate in rates[name]]

    raw, table = rates["raw entries"], rates["raw measures"]
    return [
        figure("measures, plain insurance months", rates["measures"], "entries/s", limit=raw, goal=PLAIN_GOAL),
        figure("reference evaluator from measures", rates["scored from the table"], "residents/s", limit=table),
        figure(
            "reference evaluator from measures, facts",
            in_facts("scored from the table"),
            "facts/s",
            limit=in_facts("raw measures"),
        ),
        figure("reference evaluator in memory", rates["scored in memory"], "residents/s", limit=table),
        figure("scores, sweep with rows written", rates["swept"], "residents/s", limit=table),
    ]
