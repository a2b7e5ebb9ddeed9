"""Run as a process: one verb of the command line on small pieces, so that an import has many moments."""

import io
import os
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from typing import Any

from api.cli import run
from ledger import bulk
from ledger.ingest import by_columns
from ledger.ingest.delivery import CsvDelivery

PIECE_BYTES = 1_500


def work(begun: Connection, environment: Mapping[str, str], arguments: Sequence[str], *, crew: bool) -> None:
    """Be `points` with these arguments. `crew`: rows are prepared by two other processes, as of a large file."""
    os.environ.update(environment)  # noqa: TID251 - in the place of the shell that would have started it
    sys.stdout = sys.stderr = io.StringIO()
    _cut_small()
    by_columns.SMALL_BYTES = 0 if crew else 1 << 40
    bulk.CHUNK_ENTRIES_FIRST = bulk.CHUNK_ENTRIES_MAX = bulk.CHUNK_ENTRIES_MIN = 16
    begun.send_bytes(b"")
    os._exit(run(list(arguments)))


def _cut_small() -> None:
    """Give every file small pieces of its own: preparers of other processes are told them with the file."""
    begin = CsvDelivery.__init__

    def small(delivery: CsvDelivery, *given: Any) -> None:
        begin(delivery, *given)
        delivery.piece_bytes = PIECE_BYTES

    CsvDelivery.__init__ = small  # type: ignore[method-assign, assignment] # in this process alone
