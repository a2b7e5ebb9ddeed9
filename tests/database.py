"""Servers and fresh ledgers for tests: one cluster for a whole run, one database for a test."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

from ledger.database import Database
from ledger.embedded import Embedded, running, serve
from ledger.installation import Installation, ServerError
from ledger.migrate import migrate

TEMPLATE = "ledger_template"
PREFIX = "points-tests-"


def new_run_folder() -> Path:
    """Make the folder of this run's clusters; its name carries our process id. Clear away what dead runs left."""
    home = Path(tempfile.gettempdir())
    for old in home.glob(f"{PREFIX}*"):
        number = old.name.removeprefix(PREFIX)
        if number.isdecimal() and not _alive(int(number)):
            remove_run_folder(old)
    folder = home / f"{PREFIX}{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o711)
    return folder


def remove_run_folder(folder: Path) -> None:
    """Stop what still runs in it and remove it."""
    for place in folder.iterdir() if folder.exists() else ():
        if place.is_dir() and (place / "cluster").exists():
            left = running(place)
            if left is not None:
                left.stop()
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def cluster(folder: Path, installation: Installation) -> Iterator[Embedded]:
    """Start or join the run's server of this installation, with a migrated template in it."""
    try:
        server = serve(folder / f"postgres-{installation.major}", installation)
    except ServerError as error:
        raise AssertionError(f"no server for the tests: {error}") from None
    with server:
        with (folder / f"template-{installation.major}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _make_template(server)
        yield server


@contextmanager
def fresh_ledger(server: Embedded) -> Iterator[Database]:
    """Give a migrated ledger in a database of its own."""
    with fresh_database(server, TEMPLATE) as url:
        yield Database(url, embedded=True)


@contextmanager
def fresh_database(server: Embedded, template: str = "template0") -> Iterator[str]:
    """Give the URL of a database of its own, and drop it afterwards with whoever is still connected."""
    name = f"test_{uuid4().hex[:12]}"
    with psycopg.connect(server.url, autocommit=True) as admin:
        admin.execute(
            # Copied as files: faster than through the log for a database of this size.
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    try:
        yield server.url_of(name)
    finally:
        with psycopg.connect(server.url, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _make_template(server: Embedded) -> None:
    with psycopg.connect(server.url, autocommit=True) as admin:
        if admin.execute("SELECT FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone() is None:
            unready = f"{TEMPLATE}_unready"
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(unready)))
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unready)))
            migrate(Database(server.url_of(unready), embedded=True))
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            admin.execute(rename.format(sql.Identifier(unready), sql.Identifier(TEMPLATE)))


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
