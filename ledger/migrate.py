"""The runner of migrations: SQL files applied in order, forward only, each in one transaction, each remembered.

A file is `migrations/NNNN_name.sql` and opens with three comment lines: `-- what:`, `-- why:`, `-- undo:`.
`${ledger}` and `${schema}` in it stand for the ledger's name, which is checked before it becomes SQL. What was
applied is remembered with the SHA-256 of the raw file: a file that has changed since is refused, not applied again.
"""

import hashlib
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from ledger.database import MINIMUM_VERSION, Database, DatabaseRefused, refused

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
LOCK_SECONDS_MAX = 60
_NAME = re.compile(r"(\d{4})_([a-z0-9][a-z0-9_-]*)\.sql")
_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
_HEADER = re.compile(r"-- what: \S.*\n-- why: \S.*\n-- undo: \S.*\n")
# Roles are shared by the whole cluster: another database's migration may touch the same row in the same moment.
_CROSSED = {"XX000", "40001", "40P01", "23505", "42710"}
_ATTEMPTS = 8


class MigrationRefused(Exception):
    """The migrations cannot be applied as they are; the message says which file and why."""


class State(StrEnum):
    """What is known of one migration."""

    APPLIED = "applied"
    PENDING = "pending"
    CHANGED = "changed"
    """Applied, but the file's bytes are others now."""
    UNKNOWN = "unknown"
    """Applied by a newer release: this one has no such file."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file."""

    number: int
    name: str
    text: str
    digest: str

    def rendered(self, database: Database) -> str:
        """Put the ledger's name where the placeholders are. An unknown placeholder is an error."""
        names = {"ledger": database.ledger, "schema": database.schema}
        unknown = set(_PLACEHOLDER.findall(self.text)) - names.keys()
        if unknown:
            raise MigrationRefused(f"{self.name}: unknown placeholders: {sorted(unknown)}")
        return _PLACEHOLDER.sub(lambda found: names[found[1]], self.text)


@dataclass(frozen=True, slots=True)
class Status:
    """One migration's standing. `digest` is the file's, or the remembered one where there is no file."""

    number: int
    name: str
    state: State
    digest: str


def load(folder: Path = MIGRATIONS) -> list[Migration]:
    """Read the files in order; refuse a name, a header or a numbering that does not follow the rules."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        raw = path.read_bytes()
        named = _NAME.fullmatch(path.name)
        if named is None:
            raise MigrationRefused(f"{path.name}: the name is not NNNN_name.sql")
        text = raw.decode("utf-8")
        if _HEADER.match(text) is None:
            raise MigrationRefused(f"{path.name}: the first three lines are not -- what:, -- why:, -- undo:")
        found.append(Migration(int(named[1]), path.stem, text, hashlib.sha256(raw).hexdigest()))
    twice = [after.name for before, after in pairwise(found) if after.number == before.number]
    if twice:
        raise MigrationRefused(f"the number of {twice[0]} is taken by another file")
    return found


def status(database: Database, folder: Path = MIGRATIONS) -> list[Status]:
    """Compare the files with what the database remembers. Changes nothing."""
    with _connected(database) as connection:
        return _compare(load(folder), _remembered(connection, database))


def dry_run(database: Database, folder: Path = MIGRATIONS) -> list[tuple[str, str]]:
    """Give what `migrate` would run: (name, SQL) of every pending file. Changes nothing."""
    files = load(folder)
    with _connected(database) as connection:
        pending = _pending(files, _remembered(connection, database))
    return [(migration.name, migration.rendered(database)) for migration in pending]


def migrate(database: Database, folder: Path = MIGRATIONS) -> list[str]:
    """Apply what is pending and give the names. Several may start at once: one works, the others find it done.

    The URL's user must be allowed to create roles and schemas. Raises MigrationRefused or DatabaseRefused.
    """
    files = load(folder)
    with _connected(database) as connection, _alone(connection, database):
        _remember_from_now(connection, database)
        applied = []
        for migration in _pending(files, _remembered(connection, database)):
            _apply(connection, database, migration)
            applied.append(migration.name)
        return applied


@contextmanager
def _connected(database: Database) -> Iterator[psycopg.Connection]:
    with database.connect() as connection:
        version = connection.info.server_version
        if version < MINIMUM_VERSION:
            raise MigrationRefused(f"PostgreSQL {version // 10000} is too old: {MINIMUM_VERSION // 10000} or newer")
        try:
            yield connection
        except psycopg.Error as error:
            raise refused(error) from None


@contextmanager
def _alone(connection: psycopg.Connection, database: Database) -> Iterator[None]:
    """Hold the right to migrate this ledger in this database."""
    key = int.from_bytes(
        hashlib.sha256(f"points-ledger/migrate/{database.schema}".encode()).digest()[:8], signed=True
    )
    connection.execute(f"SET lock_timeout = '{LOCK_SECONDS_MAX}s'")
    try:
        connection.execute("SELECT pg_advisory_lock(%s)", [key])
    except psycopg.errors.LockNotAvailable:
        held = True
    else:
        held = False
    if held:
        raise MigrationRefused(f"another migration of {database.ledger} has been running for {LOCK_SECONDS_MAX} s")
    try:
        yield
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", [key])


def _remember_from_now(connection: psycopg.Connection, database: Database) -> None:
    schema = sql.Identifier(database.schema)
    with connection.transaction():
        _run(connection, sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema), "the schema")
        table = sql.SQL(
            "CREATE TABLE IF NOT EXISTS {}.migrations (number int PRIMARY KEY, name text NOT NULL,"
            " sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),"
            " applied_by text NOT NULL DEFAULT session_user)"
        )
        _run(connection, table.format(schema), "the table of migrations")


def _remembered(connection: psycopg.Connection, database: Database) -> dict[int, tuple[str, str]]:
    table = f'"{database.schema}".migrations'
    row = connection.execute("SELECT to_regclass(%s)", [table]).fetchone()
    if row is None or row[0] is None:
        return {}
    rows = connection.execute(
        sql.SQL("SELECT number, name, sha256 FROM {}.migrations ORDER BY number").format(
            sql.Identifier(database.schema)
        )
    )
    return {number: (name, digest) for number, name, digest in rows}


def _compare(files: Sequence[Migration], remembered: dict[int, tuple[str, str]]) -> list[Status]:
    known = []
    for migration in files:
        was = remembered.get(migration.number)
        state = State.PENDING if was is None else State.APPLIED
        if was is not None and was != (migration.name, migration.digest):
            state = State.CHANGED
        known.append(Status(migration.number, migration.name, state, migration.digest))
    newer = sorted(remembered.keys() - {migration.number for migration in files})
    return known + [Status(number, remembered[number][0], State.UNKNOWN, remembered[number][1]) for number in newer]


def _pending(files: Sequence[Migration], remembered: dict[int, tuple[str, str]]) -> list[Migration]:
    states = _compare(files, remembered)
    for one in states:
        if one.state is State.CHANGED:
            raise MigrationRefused(
                f"{one.name} was applied with other bytes: put the file back, add a new one instead"
            )
        if one.state is State.UNKNOWN:
            raise MigrationRefused(f"{one.name} was applied by a newer release: use that one")
    waiting = {one.number for one in states if one.state is State.PENDING}
    if waiting and remembered and min(waiting) < max(remembered):
        raise MigrationRefused(f"migration {min(waiting):04} comes before {max(remembered):04}, which was applied")
    return [migration for migration in files if migration.number in waiting]


def _apply(connection: psycopg.Connection, database: Database, migration: Migration) -> None:
    text = migration.rendered(database)
    memory = sql.SQL("INSERT INTO {}.migrations (number, name, sha256) VALUES (%s, %s, %s)").format(
        sql.Identifier(database.schema)
    )
    for attempt in range(1, _ATTEMPTS + 1):
        # The file and its memory in one transaction: if we stop here, either both stand or neither.
        try:
            with connection.transaction():
                _run(connection, text, migration.name)
                connection.execute("RESET ROLE")
                connection.execute(memory, [migration.number, migration.name, migration.digest])
        except DatabaseRefused as error:
            if error.sqlstate not in _CROSSED or attempt == _ATTEMPTS:
                raise
            time.sleep(0.05 * attempt)
        else:
            return


def _run(connection: psycopg.Connection, statement: Any, name: str) -> None:
    """Run our own SQL: its errors name tables and roles, so the primary message may be shown, the detail never."""
    try:
        connection.execute(statement)
    except psycopg.Error as error:
        words = f"{name}: {error.diag.message_primary or refused(error)}"
        failure = DatabaseRefused(words, error.sqlstate)
    else:
        return
    raise failure
