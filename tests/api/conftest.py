"""One house for a run: founding a ledger costs more than most tests of the door."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.embedded import Embedded
from tests.api.house import House, house
from tests.database import fresh_ledger


@pytest.fixture(scope="session")
def home(server: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("house")
    with fresh_ledger(server) as database, house(database, folder) as running_house:
        yield running_house
