"""Fixtures for every altitude: fresh ledgers on the embedded PostgreSQL, and on the machine's own where it has one.

One server of each kind serves a whole run, shared by its worker processes; every test has a database of its own,
copied from a migrated template.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.database import Database
from ledger.embedded import Embedded
from ledger.installation import Installation, bundled, installed
from tests.database import cluster, fresh_ledger, new_run_folder, remove_run_folder

RUN_FOLDER = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    workerinput = getattr(config, "workerinput", None)
    config.stash[RUN_FOLDER] = Path(workerinput["run_folder"]) if workerinput else new_run_folder()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell a worker where the run's servers are."""
    node.workerinput["run_folder"] = str(node.config.stash[RUN_FOLDER])  # type: ignore[attr-defined] # pytest-xdist


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        remove_run_folder(config.stash[RUN_FOLDER])


def system_installation() -> list[Installation]:
    """Give the oldest PostgreSQL of the machine that the ledger supports, in a list, or nothing."""
    return [one for one in installed() if one.major >= 15][:1]


@pytest.fixture(scope="session")
def run_folder(pytestconfig: pytest.Config) -> Path:
    return pytestconfig.stash[RUN_FOLDER]


@pytest.fixture(scope="session")
def server(run_folder: Path) -> Iterator[Embedded]:
    """The run's embedded server."""
    with cluster(run_folder, bundled()) as running_server:
        yield running_server


@pytest.fixture
def ledger_db(server: Embedded) -> Iterator[Database]:
    """A fresh migrated ledger on the embedded server."""
    with fresh_ledger(server) as database:
        yield database


@pytest.fixture(
    scope="session", params=[bundled(), *system_installation()], ids=lambda one: f"postgresql-{one.major}"
)
def each_server(request: pytest.FixtureRequest, run_folder: Path) -> Iterator[Embedded]:
    """The embedded server, then the machine's own PostgreSQL where it has one."""
    with cluster(run_folder, request.param) as running_server:
        yield running_server


@pytest.fixture
def each_ledger_db(each_server: Embedded) -> Iterator[Database]:
    """A fresh migrated ledger on each of those servers."""
    with fresh_ledger(each_server) as database:
        yield database
