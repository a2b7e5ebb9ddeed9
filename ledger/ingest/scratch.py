"""What a dry run remembers of its own file, on disk: memory does not grow with it.

A private database of SQLite without a name: it is removed by the system as soon as it is made, and nobody else can
open it. At most CACHE_KIB of it are in memory.
"""

import sqlite3
import weakref
from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from domain.facts import Ref
from ledger.ingest.desk import Spell, Standing

CACHE_KIB = 16 * 1024
_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE names (subject BLOB PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE added (
  key BLOB PRIMARY KEY, stream BLOB, version INTEGER, topic TEXT, request_hash BLOB, batch_id BLOB
) WITHOUT ROWID;
CREATE TABLE opened (subject BLOB, word TEXT, number TEXT, start TEXT, PRIMARY KEY (subject, word, number))
  WITHOUT ROWID;
"""


class Scratch:
    """Names, entries and spells that the file would have brought. For one thread."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        weakref.finalize(self, self._database.close)
        self._database.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self._database.executescript(_TABLES)
        self.entries = 0

    def name(self, subject: UUID) -> str | None:
        """Give the name under which a subject would have been minted."""
        asked = "SELECT name FROM names WHERE subject = ?"
        row = self._database.execute(asked, [subject.bytes]).fetchone()
        return None if row is None else row[0]

    def mint(self, subject: UUID, name: str) -> None:
        """Remember a subject that would be minted."""
        self._database.execute("INSERT INTO names VALUES (?, ?)", [subject.bytes, name])

    def add(self, key: bytes, entry: Standing) -> None:
        """Remember an entry that would be appended."""
        batch = None if entry.batch_id is None else entry.batch_id.bytes
        told = [key, entry.ref.stream.bytes, entry.ref.version, entry.topic, entry.request_hash, batch]
        self._database.execute("INSERT INTO added VALUES (?, ?, ?, ?, ?, ?)", told)
        self.entries += 1

    def added(self, keys: Iterable[bytes]) -> dict[bytes, Standing]:
        """Give the entries under these keys that would have been appended."""
        asked = "SELECT stream, version, topic, request_hash, batch_id FROM added WHERE key = ?"
        found = {}
        for key in keys:
            row = self._database.execute(asked, [key]).fetchone()
            if row is not None:
                stream, version, topic, request_hash, batch = row
                ref = Ref(stream=UUID(bytes=stream), version=version)
                found[key] = Standing(ref, topic, request_hash, None if batch is None else UUID(bytes=batch))
        return found

    def open(self, spell: Spell, start: date) -> None:
        """Remember a spell that would be begun; the first that begins it counts."""
        subject, word, number = spell
        told = [subject.bytes, word, number, start.isoformat()]
        self._database.execute("INSERT OR IGNORE INTO opened VALUES (?, ?, ?, ?)", told)

    def opened(self, subjects: Collection[UUID]) -> dict[Spell, date]:
        """Give the spells that these subjects would have begun."""
        asked = "SELECT word, number, start FROM opened WHERE subject = ?"
        return {
            (subject, word, number): date.fromisoformat(start)
            for subject in subjects
            for word, number, start in self._database.execute(asked, [subject.bytes])
        }
