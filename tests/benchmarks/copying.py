"""The limit of every import: COPY of ready rows into a table like `entries`, with its rows and indexes alone."""

import struct
import time
from datetime import UTC, datetime
from uuid import UUID, uuid4

from domain.facts import InsuranceMonthPaid, Stream
from ledger import rows
from ledger.entry import Entry, Hand, Request
from ledger.opening import Desk
from ledger.streams import named

_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
_END = b"\xff\xff"
_COLUMNS = struct.pack("!h", len(rows.COLUMNS))
_COPY = f"COPY twin ({rows.NAMES}) FROM STDIN (FORMAT BINARY)"
_COMMIT = 10_000


class Limit:
    """An identical table, and ready rows of the same residents' streams to copy into it. Keys are random."""

    def __init__(self, desk: Desk, size: int) -> None:
        self._desk = desk
        self._size = size
        self._admin = desk.database.connect()
        self._admin.execute(f"SET search_path = {desk.database.schema}")
        self._admin.execute("DROP TABLE IF EXISTS twin")
        self._admin.execute("CREATE TABLE twin (LIKE entries INCLUDING ALL)")
        # Row by row into the indexes, so that their pages are as full as those of `entries`.
        self._admin.execute(
            "INSERT INTO twin OVERRIDING SYSTEM VALUE SELECT * FROM entries ORDER BY notification_id"
        )
        position = (
            "SELECT setval(pg_get_serial_sequence('twin', 'notification_id'), max(notification_id)) FROM twin"
        )
        self._admin.execute(position)
        self._round = 0

    def copied(self) -> float:
        """Copy ready rows, 10,000 a commit; give rows a second. Only the copying is timed."""
        streams = [
            stream
            for (stream,) in self._admin.execute(
                f"SELECT subject FROM {self._desk.database.ledger}_vault.subjects LIMIT {self._size}"
            )
        ]
        self._round += 1
        seconds = 0.0
        for at in range(0, len(streams), _COMMIT):
            block = self._block(streams[at : at + _COMMIT])
            began = time.perf_counter()
            with self._admin.transaction(), self._admin.cursor() as cursor, cursor.copy(_COPY) as copy:
                copy.write(block)
            seconds += time.perf_counter() - began
        return len(streams) / seconds

    def close(self) -> None:
        """Drop the table."""
        self._admin.execute("DROP TABLE twin")
        self._admin.close()

    def _block(self, streams: list[UUID]) -> bytes:
        """Encode rows as an import would store them, one sealed fact copied under other streams and keys."""
        fact = InsuranceMonthPaid(month="2025-03", place="330212", base_fen=446_200)
        entry = Entry(named(Stream.ORGAN, "bench"), Hand("clerk:1", "nb-hrss", "file"), Request("bench", "1"), fact)
        ready = rows.ready(self._desk.ledger.entry_mapper.to_stored_event(entry))
        names, at = [name for name, _ in rows.EARLY], rows.recorded_at(datetime(2026, 1, 1, tzinfo=UTC))
        stream, key = names.index("originator_id"), names.index("key")
        parts = [_HEADER]
        for one in streams:
            columns = list(ready.columns)
            columns[stream] = b"\0\0\0\x10" + one.bytes
            random = uuid4().bytes + uuid4().bytes
            columns[key] = b"\0\0\0\x20" + random
            # A version that nobody has reached, and a prev as every later entry has one.
            parts += [_COLUMNS, *columns, *rows.late(1_000_000 + self._round, at, random, random)]
        return b"".join([*parts, _END])
