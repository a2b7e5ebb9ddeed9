"""Run as a process: fold one batch, then be killed before it is committed."""

import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

import psycopg

from ledger.database import Database
from projections.measures import Measures
from projections.reading import ReadEntry
from tests.projections.given import GivenLedger


class Killed(Measures):
    """Kills its process after it has folded."""

    def fold(self, batch: Sequence[ReadEntry], cursor: psycopg.Cursor[Any]) -> None:
        super().fold(batch, cursor)
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    url, name = sys.argv[1:]
    ledger = GivenLedger(Database(url, name, embedded=True))
    with ledger.connect() as connection:
        ledger.runner(Killed(ledger.schemas), connection).step()
