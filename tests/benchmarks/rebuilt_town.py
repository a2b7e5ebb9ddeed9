"""A town whose ledger is filled for rebuilds: sixty entries for each resident, sealed where facts are."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from psycopg import Connection

from domain import facts
from domain.civil import month_text
from domain.facts import Fact, ParticularsCorrected
from ledger.database import Database
from ledger.embedded import Embedded, serve
from ledger.migrate import migrate
from projections.standing import standing
from tests.benchmarks.rebuilt_entries import grow_town
from tests.projections.given import TODAY, GivenLedger
from tests.projections.tables import city, province

LIFE = 60
_MONTHS_FROM = 6
_DISTRICTS = tuple(f"3302{number:02d}" for number in (3, 5, 6, 11, 12, 13, 25, 26, 81, 82))
_LEVELS: tuple[Literal["college", "bachelor", "below"], ...] = ("college", "bachelor", "below")
_STEP = 7_919
"""Residents arrive in another order in each round: a prime step apart."""
_VOIDS_ONE_IN = 100


class Town:
    """The ledger of a town of so many entries."""

    def __init__(self, database: Database, entries: int) -> None:
        self.ledger = GivenLedger(database)
        self.residents = max(1, entries // LIFE)
        if self.ledger.head() == 0:
            self.ledger.publish(province(), city())
        with database.connect() as admin:
            of = f"FROM {database.schema}.entries WHERE topic = '{ParticularsCorrected.topic()}'"
            self._there = _count(admin, f"SELECT count(*) {of}")

    def fill(self, tell: Callable[[str], None]) -> None:
        """Make the entries where there are none, and bring every source of the scores to where the ledger is.

        Raises ValueError where there is a town of another size.
        """
        entries = self.residents * LIFE
        if self._there == 0:
            tell(f"{entries:,} entries are made")
            grow_town(self.ledger, self.residents, LIFE, _STEP, _told)
        elif self._there != self.residents:
            raise ValueError(
                "the folder keeps a ledger of another size: ask for its --entries, or for another folder"
            )
        self.follow(tell)

    def follow(self, tell: Callable[[str], None] = lambda _text: None) -> None:
        """Bring every source of the scores to where the ledger is."""
        with self.ledger.connect() as connection:
            for projection in standing(self.ledger.schemas, lambda: TODAY):
                if projection.upstream:
                    continue
                runner = self.ledger.runner(projection, connection, batch=20_000)
                began = time.monotonic()
                while (step := runner.step()).busy:
                    if time.monotonic() > began + 10:
                        began = time.monotonic()
                        tell(f"{projection.name} {step.position:,}")


def _told(who: int, turn: int) -> tuple[Fact, int | None]:
    """Give what is told of a resident in a round, and the version that it refers to: an entry a round."""
    if turn < _MONTHS_FROM:
        return _life(who)[turn], None
    if turn > _MONTHS_FROM and (who + turn) % _VOIDS_ONE_IN == 0:
        return facts.FactVoided(reason="source-error"), turn
    paid_in = _DISTRICTS[(who + ((who + turn) % 20 == 0)) % len(_DISTRICTS)]
    return facts.InsuranceMonthPaid(month=month_text(2021 * 12 + turn - _MONTHS_FROM), place=paid_in), None


def _life(who: int) -> tuple[Fact, ...]:
    home = _DISTRICTS[who % len(_DISTRICTS)]
    since = date(2021, 1, 1) + timedelta(days=who % 700)
    return (
        facts.ParticularsCorrected(born_on=date(1960 + who % 45, 1 + who % 12, 1 + who % 28)),
        facts.ResidenceRegistered(registered_on=since, place=home, spell="R1"),
        facts.PermitIssued(on=since, place=home, permit="P1"),
        facts.EducationAwarded(level=_LEVELS[who % 3], awarded_on=date(2012, 7, 1)),
        facts.BloodDonated(donated_on=since + timedelta(days=90), place=home, millilitres=200),
        facts.VolunteerHoursServed(served_on=since + timedelta(days=120), place=home, minutes=120),
    )


def opened(folder: Path) -> tuple[Embedded, Database]:
    """Open, or make, a server of our own in a folder that is kept, with a migrated ledger in it."""
    folder.mkdir(parents=True, exist_ok=True)
    server = serve(folder)
    database = Database(server.url, embedded=True)
    migrate(database)
    return server, database


def yielding() -> None:
    """Let everybody else work first."""
    with suppress(OSError):
        os.nice(5)


def _count(connection: Connection, text: str) -> int:
    found = connection.execute(text.encode()).fetchone()
    return int(found[0]) if found else 0
