"""The limit of every import: COPY of ready rows into a table like `entries`, with its indexes and nothing else."""

import struct
import time
from datetime import UTC, datetime
from uuid import uuid4

from domain.facts import InsuranceMonthPaid, Stream
from ledger import rows
from ledger.entry import Entry, Hand, Request
from ledger.opening import Desk
from ledger.streams import named

_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
_END = b"\xff\xff"
_COLUMNS = struct.pack("!h", len(rows.COLUMNS))
_COPY = f"COPY twin ({rows.NAMES}) FROM STDIN (FORMAT BINARY)"
_READY_MOST = 100_000
_COMMIT = 10_000


class Limit:
    """An identical table, and ready rows to copy into it. Streams and keys are random, as real ones are."""

    def __init__(self, desk: Desk, size: int) -> None:
        self._desk = desk
        self._size = min(size, _READY_MOST)
        self._admin = desk.database.connect()
        self._admin.execute(f"SET search_path = {desk.database.schema}")
        self._admin.execute("CREATE TABLE twin (LIKE entries INCLUDING ALL)")

    def copied(self) -> float:
        """Copy ready rows, 10,000 a commit; give rows a second."""
        blocks = [self._block(min(_COMMIT, self._size - at)) for at in range(0, self._size, _COMMIT)]
        began = time.perf_counter()
        for block in blocks:
            with self._admin.transaction(), self._admin.cursor() as cursor, cursor.copy(_COPY) as copy:
                copy.write(block)
        return self._size / (time.perf_counter() - began)

    def close(self) -> None:
        """Drop the table."""
        self._admin.execute("DROP TABLE twin")
        self._admin.close()

    def _block(self, size: int) -> bytes:
        """Encode rows as an import would store them, one sealed fact copied under keys and streams of its own."""
        fact = InsuranceMonthPaid(month="2025-03", place="330212", base_fen=446_200)
        entry = Entry(named(Stream.ORGAN, "bench"), Hand("clerk:1", "nb-hrss", "file"), Request("bench", "1"), fact)
        ready = rows.ready(self._desk.ledger.entry_mapper.to_stored_event(entry))
        names, late = [name for name, _ in rows.EARLY], rows.recorded_at(datetime(2026, 1, 1, tzinfo=UTC))
        stream, key = names.index("originator_id"), names.index("key")
        parts = [_HEADER]
        for number in range(size):
            columns = list(ready.columns)
            columns[stream] = b"\0\0\0\x10" + uuid4().bytes
            random = uuid4().bytes + uuid4().bytes
            columns[key] = b"\0\0\0\x20" + random
            parts += [_COLUMNS, *columns, *rows.late(number, late, None, random)]
        return b"".join([*parts, _END])
