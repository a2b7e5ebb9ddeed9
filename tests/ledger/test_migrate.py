"""Migrations: forward only, remembered with their bytes, safe when several start at once."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from psycopg import conninfo

from ledger.database import BadLedgerName, Database, DatabaseRefused, Role
from ledger.embedded import Embedded
from ledger.migrate import MIGRATIONS, MigrationRefused, State, dry_run, load, migrate, status
from tests.database import fresh_database

HEADER = "-- what: a table\n-- why: a test\n-- undo: DROP TABLE\n"


@pytest.fixture
def empty(server: Embedded) -> Iterator[Database]:
    with fresh_database(server) as url:
        yield Database(url, embedded=True)


@pytest.fixture
def each_empty(each_server: Embedded) -> Iterator[Database]:
    with fresh_database(each_server) as url:
        yield Database(url, embedded=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    own = tmp_path / "migrations"
    own.mkdir()
    for path in MIGRATIONS.glob("000[1-6]_*.sql"):
        shutil.copy(path, own)
    return own


def states(database: Database, folder: Path) -> set[State]:
    return {one.state for one in status(database, folder)}


def test_every_migration_opens_with_what_why_and_undo() -> None:
    names = [migration.name for migration in load()]

    assert names == sorted(names)
    assert names[:2] == ["0001_roles", "0002_entries"]


def test_a_fresh_database_is_migrated_once(each_empty: Database) -> None:
    applied = migrate(each_empty)

    assert applied == [migration.name for migration in load()]
    assert migrate(each_empty) == []
    assert states(each_empty, MIGRATIONS) == {State.APPLIED}


def test_status_and_dry_run_change_nothing(empty: Database, folder: Path) -> None:
    printed = dry_run(empty, folder)

    assert [name for name, _ in printed] == [migration.name for migration in load(folder)]
    assert "CREATE TABLE points.entries" in dict(printed)["0002_entries"]
    assert states(empty, folder) == {State.PENDING}
    with empty.connect() as connection:
        assert connection.execute("SELECT to_regnamespace('points')").fetchone() == (None,)


def test_eight_starts_at_once_migrate_once(each_empty: Database) -> None:
    with ThreadPoolExecutor(8) as starts:
        applied = list(starts.map(lambda _: migrate(each_empty), range(8)))

    assert sorted(map(len, applied)) == [0] * 7 + [len(load())]


def test_databases_of_one_cluster_may_migrate_at_the_same_time(each_server: Embedded) -> None:
    with fresh_database(each_server) as one, fresh_database(each_server) as other, ThreadPoolExecutor(2) as starts:
        applied = list(starts.map(lambda url: migrate(Database(url, "shared_name", embedded=True)), [one, other]))

    assert list(map(len, applied)) == [len(load())] * 2


def test_a_migration_that_changed_after_it_was_applied_is_refused(empty: Database, folder: Path) -> None:
    migrate(empty, folder)
    with (folder / "0002_entries.sql").open("a") as file:
        file.write("-- one more line\n")

    assert State.CHANGED in states(empty, folder)
    with pytest.raises(MigrationRefused, match="0002_entries was applied with other bytes"):
        migrate(empty, folder)


def test_a_database_of_a_newer_release_is_refused(empty: Database, folder: Path) -> None:
    migrate(empty, folder)
    (folder / "0006_read-log.sql").unlink()

    assert State.UNKNOWN in states(empty, folder)
    with pytest.raises(MigrationRefused, match="0006_read-log was applied by a newer release"):
        migrate(empty, folder)


def test_a_migration_is_whole_or_absent(empty: Database, folder: Path) -> None:
    (folder / "0007_halves.sql").write_text(
        HEADER + "CREATE TABLE ${schema}.halves (n int); INSERT INTO ${schema}.halves VALUES (1/0);"
    )
    with pytest.raises(DatabaseRefused, match="0007_halves: division by zero"):
        migrate(empty, folder)

    pending = [one.name for one in status(empty, folder) if one.state is State.PENDING]
    assert pending == ["0007_halves"]
    with empty.connect() as connection:
        assert connection.execute("SELECT to_regclass('points.halves')").fetchone() == (None,)


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("7_short.sql", HEADER, "not NNNN_name.sql"),
        ("0007_no-header.sql", "CREATE TABLE t (n int);", "first three lines"),
        ("0006_taken.sql", HEADER, "taken by another file"),
    ],
)
def test_a_file_outside_the_rules_is_refused(name: str, text: str, complaint: str, folder: Path) -> None:
    (folder / name).write_text(text)

    with pytest.raises(MigrationRefused, match=complaint):
        load(folder)


def test_a_migration_between_two_that_were_applied_is_refused(empty: Database, folder: Path) -> None:
    (folder / "0009_late.sql").write_text(HEADER)
    migrate(empty, folder)
    (folder / "0008_between.sql").write_text(HEADER)

    with pytest.raises(MigrationRefused, match="0008 comes before 0009"):
        migrate(empty, folder)


def test_an_unknown_placeholder_is_refused(empty: Database, folder: Path) -> None:
    (folder / "0007_typing.sql").write_text(HEADER + "SELECT 1 FROM ${shema}.entries;")

    with pytest.raises(MigrationRefused, match=r"unknown placeholders: \['shema'\]"):
        dry_run(empty, folder)


@pytest.mark.parametrize("name", ["Points", "1points", "points;drop", "p" * 32, "", 'po"ints', "积分"])
def test_a_ledgers_name_is_checked_before_it_becomes_sql(name: str) -> None:
    with pytest.raises(BadLedgerName):
        Database("postgresql:///postgres", name)


def test_two_ledgers_live_in_one_database(empty: Database) -> None:
    migrate(empty)
    second = Database(empty.url, "second", embedded=True)
    migrate(second)

    assert states(second, MIGRATIONS) == {State.APPLIED}
    with second.connect(Role.APPENDER) as connection:
        assert connection.execute("SELECT current_user, count(*) FROM second.entries").fetchone() == (
            "second_appender",
            0,
        )


def test_roles_are_the_same_whether_logged_in_or_taken(each_ledger_db: Database) -> None:
    asked = "SELECT current_user, current_setting('statement_timeout'), current_setting('lock_timeout'), "
    asked += "current_setting('idle_in_transaction_session_timeout'), current_setting('search_path')"
    by_url = Database(each_ledger_db.url)
    for role in set(Role) - {Role.OWNER}:
        with each_ledger_db.connect(role) as itself, by_url.connect(role) as taken:
            assert itself.execute(asked).fetchone() == taken.execute(asked).fetchone()


def test_nobody_logs_in_as_the_owner(each_ledger_db: Database) -> None:
    with pytest.raises(DatabaseRefused):
        each_ledger_db.connect(Role.OWNER)


def test_a_login_works_as_the_roles_it_was_given(each_ledger_db: Database) -> None:
    with each_ledger_db.connect() as admin:
        admin.execute("DROP ROLE IF EXISTS app")
        admin.execute("CREATE ROLE app LOGIN; GRANT points_appender, points_runner TO app")
    by_url = Database(conninfo.make_conninfo(each_ledger_db.url, user="app"))
    with by_url.connect(Role.APPENDER) as connection:
        as_whom = connection.execute("SELECT current_user").fetchone()

    assert as_whom == ("points_appender",)
    with pytest.raises(DatabaseRefused, match="points_auditor"):
        by_url.connect(Role.AUDITOR)


def test_an_administrator_without_superuser_migrates_a_managed_server(each_empty: Database) -> None:
    with each_empty.connect() as superuser:
        superuser.execute("DROP ROLE IF EXISTS manager")
        superuser.execute("CREATE ROLE manager LOGIN CREATEROLE")
        superuser.execute("GRANT CREATE ON DATABASE " + str(superuser.info.dbname) + " TO manager")
    managed = Database(conninfo.make_conninfo(each_empty.url, user="manager"), "managed")
    migrate(managed)
    with managed.connect(Role.APPENDER) as connection:
        as_whom = connection.execute("SELECT current_user, session_user").fetchone()

    assert as_whom == ("managed_appender", "manager")
    with each_empty.connect() as superuser:
        superuser.execute("DROP OWNED BY manager CASCADE")


def test_a_silent_peer_is_given_up_unless_the_url_says_otherwise() -> None:
    given = Database("postgresql://h/d?connect_timeout=60").conninfo(Role.APPENDER)

    assert "connect_timeout=60" in given
    assert "keepalives_idle=30" in given


def test_an_old_server_is_refused(empty: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.migrate.MINIMUM_VERSION", 990000)

    with pytest.raises(MigrationRefused, match="too old: 99 or newer"):
        migrate(empty)
