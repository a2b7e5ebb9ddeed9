"""What the database itself refuses, whoever asks: changes, wrong order, wrong time, entries of another organ."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest

from ledger.database import Database, Role
from ledger.embedded import Embedded
from ledger.migrate import migrate
from ledger.turn import Placed
from tests.database import fresh_ledger
from tests.entries import OTHER_ORGAN, stored
from tests.ledger.raw import insert, opened, place, refuses

NOT_ALLOWED = "42501"
CHANGED, VERSION, PREV, INSTANT, POSITION = "PL001", "PL002", "PL003", "PL004", "PL005"
TAKEN = "23505"


@pytest.fixture(scope="module")
def begun(each_server: Embedded) -> Iterator[tuple[Database, Placed]]:
    """A ledger with one entry in it. What these tests try in it is refused or rolled back."""
    with fresh_ledger(each_server) as database:
        with database.connect(Role.APPENDER, autocommit=False) as writer:
            at = opened(writer)
            one = place(stored(), 1, None, at)
            insert(writer, at, one)
        yield database, one


@pytest.fixture
def database(begun: tuple[Database, Placed]) -> Database:
    return begun[0]


@pytest.fixture
def first(begun: tuple[Database, Placed]) -> Placed:
    return begun[1]


@pytest.fixture
def appender(database: Database) -> Iterator[psycopg.Connection]:
    """A writer in its transaction."""
    with database.connect(Role.APPENDER, autocommit=False) as connection:
        yield connection
        connection.rollback()


@pytest.fixture(params=["superuser", "superuser as a replica", "owner"])
def mighty(request: pytest.FixtureRequest, database: Database) -> Iterator[psycopg.Connection]:
    """Those whom grants do not bind."""
    with database.connect() as connection:
        connection.execute("SET search_path = points")
        if "replica" in request.param:
            connection.execute("SET session_replication_role = replica")
        if request.param == "owner":
            connection.execute("SET ROLE points_owner")
        yield connection


CHANGES = [
    "UPDATE entries SET state = ''",
    "UPDATE entries SET organ = organ WHERE false",
    "DELETE FROM entries",
    "TRUNCATE entries",
    "TRUNCATE entries CASCADE",
]


def test_nobody_changes_an_entry(mighty: psycopg.Connection) -> None:
    for change in CHANGES:
        with refuses(CHANGED):
            mighty.execute(change)

    assert mighty.execute("SELECT count(*) FROM entries").fetchone() == (1,)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OWNER}))
def test_no_role_is_even_allowed_to_try(role: Role, database: Database) -> None:
    with database.connect(role) as connection:
        for change in CHANGES:
            with refuses(NOT_ALLOWED):
                connection.execute(change)


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.APPENDER, {"SELECT", "INSERT"}),
        (Role.RUNNER, {"SELECT"}),
        (Role.AUDITOR, {"SELECT"}),
        (Role.DESK, set()),
        (Role.VAULT, set()),
    ],
)
def test_each_role_reads_and_writes_what_it_should(role: Role, may: set[str], database: Database) -> None:
    with database.connect(role) as connection:
        asked = "SELECT p FROM unnest(%s::text[]) p WHERE has_column_privilege('points.entries', 'state', p)"
        found = connection.execute(asked, [["SELECT", "INSERT", "UPDATE", "REFERENCES"]]).fetchall()

        assert {privilege for (privilege,) in found} == may


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OWNER, Role.APPENDER}))
def test_only_the_appender_opens_a_turn(role: Role, database: Database) -> None:
    with database.connect(role) as connection, refuses(NOT_ALLOWED):
        opened(connection)


def test_an_entry_speaks_for_the_organ_of_its_connection_only(appender: psycopg.Connection) -> None:
    at = opened(appender)
    mine, theirs = place(stored(), 1, None, at), place(stored(organ=OTHER_ORGAN), 1, None, at)
    with refuses(NOT_ALLOWED):
        insert(appender, at, mine, theirs)


def test_an_entry_of_no_organ_is_refused(database: Database) -> None:
    with database.connect(Role.APPENDER) as writer, refuses(NOT_ALLOWED):
        at = opened(writer)
        # Outside a transaction the setting ends with its own statement: the insert has none.
        insert(writer, at, place(stored(), 1, None, at))


def test_the_owner_of_the_table_appends_nothing_either(database: Database) -> None:
    with database.connect(autocommit=False) as owner:
        owner.execute("SET search_path = points")
        at = opened(owner)
        owner.execute("SET LOCAL ROLE points_owner")
        with refuses(NOT_ALLOWED):
            insert(owner, at, place(stored(), 1, None, at))


def test_an_appender_does_not_choose_its_position(appender: psycopg.Connection) -> None:
    with refuses(NOT_ALLOWED):
        appender.execute("INSERT INTO entries (notification_id) OVERRIDING SYSTEM VALUE VALUES (7)")


def test_an_appender_does_not_touch_the_sequence_of_positions(appender: psycopg.Connection) -> None:
    with refuses(NOT_ALLOWED):
        appender.execute("SELECT nextval('entries_notification_id_seq')")


def test_a_position_among_earlier_ones_is_refused(mighty: psycopg.Connection) -> None:
    mighty.execute("RESET ROLE")
    with refuses(POSITION), mighty.transaction():
        mighty.execute("ALTER SEQUENCE entries_notification_id_seq MINVALUE -10 RESTART WITH -5")
        at = opened(mighty)
        insert(mighty, at, place(stored(), 1, None, at))


@pytest.mark.parametrize("version", [3, 4, 100])
def test_a_version_that_leaves_a_gap_is_refused(version: int, appender: psycopg.Connection, first: Placed) -> None:
    at = opened(appender)
    with refuses(VERSION):
        insert(appender, at, place(stored(first.ready.entry.originator_id), version, first.leaf, at))


@pytest.mark.parametrize("version", [2, 3, 7])
def test_a_stream_does_not_begin_in_its_middle(version: int, appender: psycopg.Connection) -> None:
    at = opened(appender)
    with refuses(VERSION):
        insert(appender, at, place(stored(), version, None, at))


def test_a_version_before_the_first_is_refused(appender: psycopg.Connection, first: Placed) -> None:
    at = opened(appender)
    with refuses(VERSION):
        insert(appender, at, place(stored(first.ready.entry.originator_id), 0, None, at))


def test_a_version_that_stands_is_refused(appender: psycopg.Connection, first: Placed) -> None:
    at = opened(appender)
    with refuses(TAKEN):
        insert(appender, at, place(stored(first.ready.entry.originator_id), 1, None, at))


def test_a_key_is_unique_for_ever(appender: psycopg.Connection) -> None:
    at = opened(appender)
    insert(appender, at, place(stored(key="same"), 1, None, at))
    with refuses(TAKEN):
        insert(appender, at, place(stored(key="same"), 1, None, at))


def test_versions_of_one_statement_come_in_order(appender: psycopg.Connection) -> None:
    at, stream = opened(appender), uuid4()
    one = place(stored(stream), 1, None, at)
    two = place(stored(stream), 2, one.leaf, at)
    with refuses(VERSION):
        insert(appender, at, two, one)


@pytest.mark.parametrize("prev", [None, b"x" * 32])
def test_prev_is_the_leaf_of_the_streams_previous_entry(
    prev: bytes | None, appender: psycopg.Connection, first: Placed
) -> None:
    at = opened(appender)
    with refuses(PREV):
        insert(appender, at, place(stored(first.ready.entry.originator_id), 2, prev, at))


def test_a_first_entry_has_no_prev(appender: psycopg.Connection, first: Placed) -> None:
    at = opened(appender)
    with refuses(PREV):
        insert(appender, at, place(stored(), 1, first.leaf, at))


def test_a_row_by_hand_that_is_right_is_stored(appender: psycopg.Connection, first: Placed) -> None:
    at, stream = opened(appender), first.ready.entry.originator_id
    two = place(stored(stream), 2, first.leaf, at)
    three = place(stored(stream), 3, two.leaf, at)

    earlier, later = insert(appender, at, two, three)

    assert 1 < earlier < later


@pytest.mark.parametrize(
    "away", [timedelta(days=-1), timedelta(seconds=-5), timedelta(minutes=1), timedelta(days=1)]
)
def test_an_instant_outside_the_turn_is_refused(away: timedelta, appender: psycopg.Connection) -> None:
    at = opened(appender) + away
    with refuses(INSTANT):
        insert(appender, at, place(stored(), 1, None, at))


def test_a_backdated_entry_is_refused_though_nothing_was_stored_since(mighty: psycopg.Connection) -> None:
    mighty.execute("RESET ROLE")
    with mighty.transaction():
        opened(mighty)
        [[last]] = mighty.execute("SELECT max(recorded_at) FROM entries").fetchall()
        at = last + timedelta(microseconds=1)
        with refuses(INSTANT), mighty.transaction():
            insert(mighty, at, place(stored(), 1, None, at))


def test_one_statement_has_one_instant(appender: psycopg.Connection) -> None:
    at = opened(appender)
    later = at + timedelta(microseconds=1)
    with refuses(INSTANT):
        insert(appender, [at, later], place(stored(), 1, None, at), place(stored(), 1, None, later))


def test_a_foreign_writer_waits_for_its_turn(database: Database, appender: psycopg.Connection) -> None:
    opened(appender)
    with database.connect(Role.APPENDER, autocommit=False) as foreign:
        foreign.execute("SET LOCAL lock_timeout = '100ms'")
        at = datetime.now(UTC)  # noqa: TID251 - a foreign writer looks at its own clock
        with refuses("55P03"):
            insert(foreign, at, place(stored(), 1, None, at))


def test_a_superuser_waits_too(database: Database, appender: psycopg.Connection) -> None:
    opened(appender)
    with database.connect(autocommit=False) as foreign:
        foreign.execute("SET LOCAL search_path = points")
        foreign.execute("SET LOCAL session_replication_role = replica")
        foreign.execute("SET LOCAL lock_timeout = '100ms'")
        at = datetime.now(UTC)  # noqa: TID251 - a foreign writer looks at its own clock
        with refuses("55P03"):
            insert(foreign, at, place(stored(), 1, None, at))


def test_two_ledgers_of_one_database_do_not_wait_for_each_other(each_ledger_db: Database) -> None:
    second = Database(each_ledger_db.url, "second", embedded=True)
    migrate(second)
    with (
        each_ledger_db.connect(Role.APPENDER, autocommit=False) as one,
        second.connect(Role.APPENDER) as other,
    ):
        opened(one)
        other.execute("SET lock_timeout = '100ms'")

        assert opened(other) is not None


def test_a_turn_that_waited_sees_what_was_stored_meanwhile(each_ledger_db: Database) -> None:
    stream = uuid4()
    asked = "SELECT version, recorded_at FROM open_turn(%s, '{}')"
    with (
        each_ledger_db.connect(Role.APPENDER, autocommit=False) as storing,
        each_ledger_db.connect(Role.APPENDER, autocommit=False) as waiting,
        ThreadPoolExecutor(1) as beside,
    ):
        at = opened(storing)
        answer = beside.submit(lambda: waiting.execute(asked, [[stream]]).fetchall())
        wait_for_a_waiter(each_ledger_db)
        insert(storing, at, place(stored(stream), 1, None, at))
        storing.commit()
        (_, instant), (head, _) = answer.result(timeout=10)

    assert head == 1
    assert instant > at


def wait_for_a_waiter(database: Database) -> None:
    asked = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = "
    asked += "(SELECT oid FROM pg_database WHERE datname = current_database())"
    until = time.monotonic() + 10
    with database.connect() as admin:
        while admin.execute(asked).fetchone() == (0,) and time.monotonic() < until:
            time.sleep(0.01)


def test_a_clock_that_was_set_back_does_not_stop_the_ledger(each_ledger_db: Database) -> None:
    with each_ledger_db.connect(Role.APPENDER, autocommit=False) as writer:
        at = opened(writer)
        insert(writer, at, place(stored(), 1, None, at))
    # The last entry lies ahead of the clock: what follows has its instant until the clock has caught up.
    with each_ledger_db.connect() as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("ALTER TABLE points.entries DISABLE TRIGGER USER")
        admin.execute("UPDATE points.entries SET recorded_at = recorded_at + interval '1 hour'")
        for trigger in ("turn", "order_checked", "never_changed", "never_emptied"):
            admin.execute(f"ALTER TABLE points.entries ENABLE ALWAYS TRIGGER {trigger}")
        [[ahead]] = admin.execute("SELECT max(recorded_at) FROM points.entries").fetchall()
    with each_ledger_db.connect(Role.APPENDER, autocommit=False) as writer:
        at = opened(writer)
        insert(writer, at, place(stored(), 1, None, at))

    assert at == ahead
