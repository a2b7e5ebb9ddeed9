"""Run as a process: import one file into a ledger, in small pieces, prepared by two other processes."""

import os
import sys
from pathlib import Path

from ledger.database import Database
from ledger.ingest import by_columns
from ledger.ingest.delivery import CsvDelivery
from ledger.ingest.job import ImportOrder, run_import
from ledger.ingest.ledger_desk import LedgerImportDesk
from ledger.ingest.receiving import open_delivery
from ledger.opening import at_work
from tests.ledger.deliveries import ORGAN, RECEIVED

if __name__ == "__main__":
    url, key, file = sys.argv[1:]
    by_columns.SMALL_BYTES = 0
    delivery = open_delivery(Path(file), kind="insurance-month-paid")
    if not isinstance(delivery, CsvDelivery):
        raise SystemExit("not a CSV file")
    delivery.piece_bytes = 1_500
    with at_work(Database(url, embedded=True), Path(key), os.urandom) as desk:
        sys.stdout.write("begun\n")
        sys.stdout.flush()
        run_import(LedgerImportDesk(desk), delivery, ImportOrder(ORGAN, "clerk:1", RECEIVED), None)
