"""The composition root: where settings, clock and randomness become a database, a desk, answers and runners.

Everything is a context: what it opens ends with it, whatever happens inside.
"""

import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime

import psycopg
from eventsourcing.persistence import JSONTranscoder
from psycopg import conninfo

from api import clock
from api.refusals import SettingMisread
from api.settings import Settings
from domain.errors import DatabaseUnavailable, LedgerNotOpened, RulebookNotSound
from ledger.data_directory import DataDirectory
from ledger.database import BadLedgerName, Database, DatabaseRefused, Role, checked_ledger_name
from ledger.embedded import serve
from ledger.installation import ServerError
from ledger.mapper import EntryMapper
from ledger.opening import Desk, at_work, runner_keys, suite_of
from ledger.retention import HOUSE, schedule_in
from ledger.transparency.log import LogReader
from ledger.transparency.tree import ENTRIES, Tree
from projections.answers import Answers
from projections.audits import Audits
from projections.cases import Cases
from projections.changes import Changes
from projections.effects import Effects
from projections.exports.ledger import Opened, opened
from projections.projection import ProjectionBroken
from projections.prospects import Prospects
from projections.reading import Opener
from projections.rules import RulesReader
from projections.runner import Runner
from projections.schemas import Schemas
from projections.simulation.population import PART
from projections.standing import FOLLOWED, maker
from projections.traces import Traces
from projections.waiting import wait_for

FOLLOW_SECONDS_MAX = 120.0
random_bytes = os.urandom


@contextmanager
def database(settings: Settings, *, new: bool = False) -> Iterator[Database]:
    """Give the database of the URL, or the embedded one in the data directory; only `new` makes an embedded one.

    Raises DatabaseUnavailable, LedgerNotOpened, SettingMisread.
    """
    try:
        checked_ledger_name(settings.ledger)
    except BadLedgerName:
        raise SettingMisread("POINTS_LEDGER") from None
    if settings.database_url is not None:
        try:
            conninfo.conninfo_to_dict(settings.database_url)
        except psycopg.Error:  # its words quote the URL, which may hold a password
            raise SettingMisread("POINTS_DATABASE_URL") from None
        found = Database(settings.database_url, settings.ledger)
        try:
            found.connect().close()
        except DatabaseRefused as refused:
            raise DatabaseUnavailable(str(refused)) from None
        yield found
        return
    if not new and not DataDirectory(settings.data).cluster.exists():
        raise LedgerNotOpened(str(settings.data))
    try:
        server = serve(settings.data)
    except ServerError as error:
        raise DatabaseUnavailable(str(error)) from None
    with server:
        yield Database(server.url, settings.ledger, embedded=True)


@contextmanager
def desk(settings: Settings) -> Iterator[Desk]:
    """Open the ledger as appender and vault. Raises ScheduleUnsound and what `at_work` and `database` raise."""
    schedule = schedule_in(settings.retention or HOUSE)
    with (
        database(settings) as found,
        at_work(
            found, settings.key_file, random_bytes, settings.old_key_file, schedule, settings.erasure_log
        ) as opened,
    ):
        yield opened


@contextmanager
def openers(found: Database, settings: Settings) -> Iterator[Callable[[], Opener]]:
    """Give what makes openers of entries for the runner."""
    sessions, keys = runner_keys(found, settings.key_file, random_bytes, settings.old_key_file)
    try:
        mapper = EntryMapper(JSONTranscoder(), keys, random_bytes)
        yield lambda: Opener(mapper, keys.prepare)
    finally:
        sessions.close()


@contextmanager
def runners(
    found: Database, settings: Settings, today: Callable[[], date] | None = None
) -> Iterator[Callable[[str], Runner]]:
    """Give what makes the runner of a projection by its name. `today` None: the clock's civil day."""
    with openers(found, settings) as opener:
        yield maker(found, opener, today or clock.today, instance=socket.gethostname())


@contextmanager
def prospects(found: Database) -> Iterator[Prospects]:
    """Give what says what lies ahead, of one resident and of everybody."""
    with found.connect(Role.RUNNER) as connection:
        yield Prospects(connection, Schemas.of(found))


@contextmanager
def answers(found: Database) -> Iterator[Answers]:
    """Give what answers for scores at any coordinate."""
    with found.connect(Role.RUNNER) as connection:
        yield Answers(connection, Schemas.of(found))


@contextmanager
def whole_population(
    found: Database, settings: Settings, as_of: date, as_at: int | datetime | None, size: int = PART
) -> Iterator[Opened]:
    """Give everybody, part by part, in one snapshot of the runner's role, with the rules known there.

    Raises what `opened` raises.
    """
    with (
        openers(found, settings) as opener,
        found.connect(Role.RUNNER) as connection,
        opened(connection, Schemas.of(found), opener(), as_of, as_at, size) as everybody,
    ):
        yield everybody


@contextmanager
def changes(found: Database) -> Iterator[Changes]:
    """Give what says why scores differ between coordinates."""
    with found.connect(Role.RUNNER) as connection:
        yield Changes(connection, Schemas.of(found), clock.SHANGHAI)


@contextmanager
def traces(found: Database) -> Iterator[Traces]:
    """Give what traces how scores came to be."""
    with found.connect(Role.RUNNER) as connection:
        yield Traces(connection, Schemas.of(found), clock.SHANGHAI)


@contextmanager
def audits(found: Database) -> Iterator[Audits]:
    """Give what auditors look through, in one snapshot of their role."""
    with found.connect(Role.AUDITOR) as connection, connection.transaction(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield Audits(cursor, Schemas.of(found), clock.AHEAD_OF_UTC)


@contextmanager
def cases(found: Database, settings: Settings) -> Iterator[Cases]:
    """Give what decisions read, at any coordinate."""
    with openers(found, settings) as opener, found.connect(Role.RUNNER) as connection:
        yield Cases(connection, Schemas.of(found), opener())


@contextmanager
def effects(found: Database, settings: Settings, as_of: date, place: str | None = None) -> Iterator[Effects]:
    """Give what says how scores would move, on all that the ledger holds. `place` None: where each is at home.

    Raises ProjectionBehind, RulebookNotSound.
    """
    follow(found, settings, head(found))
    schemas = Schemas.of(found)
    with (
        found.connect(Role.RUNNER) as connection,
        connection.transaction(),
        connection.cursor(binary=True) as cursor,
    ):
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            rules = RulesReader(schemas).at(cursor)
        except ProjectionBroken:
            raise RulebookNotSound from None
        yield Effects(cursor, schemas, rules, as_of, place)


def follow(found: Database, settings: Settings, position: int, names: Sequence[str] = FOLLOWED) -> None:
    """Bring projections to a position: by running them here, or by waiting for the worker that runs them.

    Raises ProjectionBehind.
    """
    with runners(found, settings) as make:
        for name in names:
            with make(name) as runner:
                if runner.lead():
                    runner.catch_up()
    with found.connect(Role.RUNNER) as connection:
        wait_for(connection, Schemas.of(found), names, position, FOLLOW_SECONDS_MAX)


@contextmanager
def log_reader(settings: Settings, tree: Tree = ENTRIES) -> Iterator[LogReader]:
    """Open one of the transparency logs to read it. Raises what `database` and `suite_of` raise."""
    with database(settings) as found:
        suite = suite_of(found)
        with found.connect(Role.AUDITOR) as connection:
            yield LogReader(connection, suite, tree)


def head(found: Database) -> int:
    """Give the ledger's last position."""
    with found.connect(Role.AUDITOR) as connection:
        return _number(connection, "SELECT coalesce(max(notification_id), 0) FROM entries")


def _number(connection: psycopg.Connection, question: str) -> int:
    row = connection.execute(question.encode()).fetchone()
    return int(row[0]) if row else 0
