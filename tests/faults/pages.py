"""Somebody stops the server, changes a byte of a table's file, stamps the checksum anew, and starts it again.

`pg_checksums` finds nothing afterwards. What the log and its witnesses hold does.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg import sql

from ledger.embedded import Embedded, serve
from ledger.installation import bundled
from ledger.transparency.checkpoint import Checkpoint
from tests.bundles import Decided, decided
from tests.database import cluster, fresh_ledger
from tests.faults.tampering import Found, Place, Victim

FACTS = 24
_SECONDS_MAX = 60.0


def paged(folder: Path, times: int, seed: int) -> list[str]:
    """Edit so many pages, each on its own, and put each back; give what was not found or not located."""
    failed, chance = [], random.Random(seed)
    place = folder / f"postgres-{bundled().major}"
    last: Embedded | None = None
    with cluster(folder, bundled()) as server, fresh_ledger(server) as database, decided(database, FACTS) as given:
        kept = given.keeper.reader.head().checkpoint
        with _verifying(given, kept, chance) as victim:
            entries = victim.entries()
            row = victim.admin.execute("SELECT pg_relation_filepath('entries')").fetchone()
        file = place / "cluster" / str(row[0] if row else "")
        for number in range(times):
            index = chance.randrange(len(entries))
            (last or server).stop()
            whole = file.read_bytes()
            _stamped(place, file, _edited(whole, entries[index].content_hash))
            last = serve(place, bundled())
            with _verifying(given, kept, chance) as victim:
                found: Found = victim.verified()
            where = Place(index, index, (entries[index].position or 0,))
            if found.sound or not found.names(where):
                failed.append(f"page {number} {where}")
            last.stop()
            _stamped(place, file, whole)
            last = serve(place, bundled())
    if last is not None:
        last.release()
    return failed


def _edited(whole: bytes, hashed: bytes) -> bytes:
    at = whole.find(hashed)
    if at < 0 or whole.find(hashed, at + 1) >= 0:
        raise AssertionError("the entry's hash stands once in the table's file")
    return whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]


def _stamped(place: Path, file: Path, content: bytes) -> None:
    """Write the file of a stopped cluster, and give every page the checksum of what it holds now."""
    data = str(place / "cluster")
    bundled().run("pg_checksums", ["--disable", "-D", data], timeout_s=_SECONDS_MAX)
    file.write_bytes(content)
    bundled().run("pg_checksums", ["--enable", "-D", data], timeout_s=_SECONDS_MAX)


@contextmanager
def _verifying(given: Decided, kept: Checkpoint, chance: random.Random) -> Iterator[Victim]:
    with given.ledger.database.connect() as admin:
        admin.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(given.ledger.database.schema)))
        yield Victim(given, admin, kept, chance)
