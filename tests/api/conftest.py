"""One house for a run: founding a ledger costs more than most tests of the door."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.embedded import Embedded
from tests.api.canary import CANARIES
from tests.api.house import House, house
from tests.api.life import Life, lived
from tests.database import TEMPLATE, fresh_database, fresh_ledger


@pytest.fixture(scope="session")
def home(server: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("house")
    with fresh_ledger(server) as database, house(database, folder) as running_house:
        yield running_house


@pytest.fixture(scope="session")
def life(home: House) -> Life:
    return lived(home)


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Look at all that was logged, by anybody."""
    caplog.set_level(logging.DEBUG)
    yield caplog
    ours = [record for record in caplog.get_records("call") if not record.name.startswith(("httpx", "httpcore"))]
    logged = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in ours)
    assert not [canary for canary in CANARIES if canary in logged]


@pytest.fixture
def points(server: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty database, and a folder to work in."""
    with fresh_database(server, TEMPLATE) as url:
        monkeypatch.setenv("POINTS_DATABASE_URL", url)
        monkeypatch.setenv("POINTS_DATA", str(tmp_path / "data"))
        monkeypatch.setenv("POINTS_LANG", "en")
        monkeypatch.setenv("POINTS_BY", "officer:keeper")
        monkeypatch.setenv("POINTS_PURPOSE", "a test")
        monkeypatch.chdir(tmp_path)
        (tmp_path / "nothing.yaml").write_text("schedule: nothing\nlabel: nothing is kept\n", encoding="utf-8")
        monkeypatch.setenv("POINTS_RETENTION", "nothing.yaml")  # nothing that a test records is five years old
        yield tmp_path
