"""Batches 批次: what deliveries brought, who took them in, and what became of them since.

A batch's stream tells its life: `full-file-compared` where it was a full file, `batch-committed` when every row had
its verdict, `batch-undone` when it was taken back. The entries that it brought carry its id and lie between the
first and the last position of its receipt.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection

from domain.errors import BatchUnknown
from domain.facts import (
    BatchCommitted,
    BatchUndone,
    FactCorrected,
    FactVoided,
    FullFileCompared,
    IdentityMinted,
    Ref,
    Stream,
)
from ledger.application import Ledger
from ledger.commit import tuples
from ledger.entry import Entry
from ledger.streams import named

LISTED = 50
PAGE = 2_000
_IN_LIFE = "topic IN ('batch-committed.v1', 'batch-undone.v1', 'full-file-compared.v1')"
"""As the index `entries_batches` says it."""
_STREAMS = (
    "SELECT originator_id, max(notification_id) FROM (SELECT originator_id, notification_id FROM entries"  # noqa: S608 - our own words
    f" WHERE {_IN_LIFE} AND notification_id < %s AND (%s::text IS NULL OR organ = %s)"
    " ORDER BY notification_id DESC LIMIT %s) AS newest GROUP BY originator_id ORDER BY 2 DESC"
)
_BROUGHT = (
    "SELECT e.notification_id, e.originator_id, e.originator_version, e.topic, v.ours, v.voided, v.corrected"
    " FROM entries e CROSS JOIN LATERAL (SELECT"
    "  coalesce(bool_or(r.topic = %(void)s AND r.batch_id = %(undo)s), false) AS ours,"
    # A void from a date on leaves the entry in force before it.
    "  coalesce(bool_or(r.topic = %(void)s AND position('\"from_the_start\"'::bytea IN r.state) > 0"
    "   AND r.batch_id IS DISTINCT FROM %(undo)s), false) AS voided,"
    "  coalesce(bool_or(r.topic = %(correction)s), false) AS corrected"
    "  FROM entries r WHERE r.refers_to_stream = e.originator_id"
    "  AND r.refers_to_version = e.originator_version) AS v"
    " WHERE e.notification_id > %(after)s AND e.notification_id <= %(until)s AND e.batch_id = %(batch)s"
    " AND e.topic <> %(minted)s"
)
_BY_TOPIC = f"SELECT topic, count(*) FROM ({_BROUGHT}) AS brought GROUP BY topic ORDER BY topic"  # noqa: S608 - our own words
_COUNTS = (
    "SELECT count(*), count(*) FILTER (WHERE ours), count(*) FILTER (WHERE NOT ours AND voided AND NOT corrected),"  # noqa: S608 - our own words
    " count(*) FILTER (WHERE NOT ours AND corrected), count(DISTINCT originator_id)"
    f" FROM ({_BROUGHT}) AS brought WHERE topic <> %(void)s"
)
_VOIDS = (
    "SELECT count(*), min(r.notification_id), max(r.notification_id) FROM entries e JOIN entries r"
    " ON r.refers_to_stream = e.originator_id AND r.refers_to_version = e.originator_version"
    " AND r.topic = %(void)s AND r.batch_id = %(undo)s"
    " WHERE e.notification_id > %(after)s AND e.notification_id <= %(until)s AND e.batch_id = %(batch)s"
)


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch. `receipt` None: it has begun and not ended. Instants are UTC, positions the ledger's.

    `by` is who sent it, `organ` who vouches for it, `position` that of the last entry in its life.
    """

    batch_id: UUID
    organ: str
    by: str
    channel: str
    recorded_at: datetime
    position: int
    receipt: BatchCommitted | None = None
    receipt_leaf: bytes = b""
    compared: FullFileCompared | None = None
    undone: BatchUndone | None = None


class Brought(NamedTuple):
    """An entry that a batch brought. `ours`: its own undoing has voided it; the others: something else."""

    position: int
    stream: UUID
    version: int
    topic: str
    ours: bool
    voided: bool
    corrected: bool

    @property
    def ref(self) -> Ref:
        """Name the entry."""
        return Ref(stream=self.stream, version=self.version)

    @property
    def stands(self) -> bool:
        """Say whether nothing has taken it back, the batch's own undoing apart."""
        return not self.voided and not self.corrected


class BatchCounts(NamedTuple):
    """How the entries of a batch stand. entries = voided + void_before + corrected_before + those that stand.

    `by_topic` counts all of them; `voids`, which no void can take back, are in none of the other counts. `voided`:
    by the batch's own undoing. `subjects`: whose streams they stand in.
    """

    by_topic: dict[str, int]
    entries: int
    voided: int
    void_before: int
    corrected_before: int
    voids: int
    subjects: int

    @property
    def standing(self) -> int:
        """Count those that would be voided now."""
        return self.entries - self.voided - self.void_before - self.corrected_before


class Batches:
    """Reads what is known of batches."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def listed(self, most: int = LISTED, before: int | None = None, organ: str | None = None) -> list[Batch]:
        """List batches by what last happened to them, newest first; `before` that position, of one organ."""
        above = 2**63 - 1 if before is None else before
        with self._ledger.connection() as connection:
            found = tuples(connection).execute(_STREAMS, [above, organ, organ, most]).fetchall()
        batches = (batch_of(self._ledger.history(stream)) for stream, _ in found)
        return [batch for batch in batches if batch is not None]

    def of(self, batch_id: UUID) -> Batch:
        """Give one. Raises BatchUnknown."""
        found = batch_of(self._ledger.history(named(Stream.BATCH, str(batch_id))))
        if found is None:
            raise BatchUnknown(str(batch_id))
        return found


def batch_of(entries: Sequence[Entry]) -> Batch | None:
    """Fold a batch's stream. None where it tells of no batch."""
    batch: Batch | None = None
    for entry in entries:
        position = entry.position or 0
        match entry.fact:
            case FullFileCompared() as compared:
                batch = replace(batch or _begun(entry, compared.batch_id), compared=compared, position=position)
            case BatchCommitted() as receipt:
                begun = _begun(entry, receipt.batch_id)
                full = None if batch is None else batch.compared
                batch = replace(begun, receipt=receipt, receipt_leaf=entry.leaf or b"", compared=full)
            case BatchUndone() as undone if batch is not None:
                batch = replace(batch, undone=undone, position=position)
            case _:
                continue
    return batch


def _begun(entry: Entry, batch_id: UUID) -> Batch:
    hand = entry.hand
    if entry.recorded_at is None or entry.position is None:
        raise TypeError("an entry that was read has its place")
    return Batch(batch_id, hand.organ, hand.recorded_by, hand.channel, entry.recorded_at, entry.position)


class BatchEntries:
    """What one batch brought, in one connection of the auditor's role. `undo` is the batch of its undoing."""

    def __init__(self, connection: Connection[Any], receipt: BatchCommitted, undo: UUID) -> None:
        self._connection = connection
        first, last = receipt.first_position or 1, receipt.last_position or 0
        self._asked = {
            "minted": IdentityMinted.topic(),
            "void": FactVoided.topic(),
            "correction": FactCorrected.topic(),
            "undo": undo,
            "batch": receipt.batch_id,
            "after": first - 1,
            "until": last,
        }

    def pages(self, size: int = PAGE) -> Iterator[list[Brought]]:
        """Give the entries in the order of positions, some at a time; each page as things stand when it is read."""
        asked = {**self._asked, "size": size}
        while page := self._read(f"{_BROUGHT} ORDER BY 1 LIMIT %(size)s", asked):
            yield [Brought(*row) for row in page]
            asked["after"] = page[-1][0]

    def counts(self) -> BatchCounts:
        """Count them in one query."""
        by_topic = dict(self._read(_BY_TOPIC, self._asked))
        [[entries, voided, before, corrected, subjects]] = self._read(_COUNTS, self._asked)
        voids = by_topic.get(FactVoided.topic(), 0)
        return BatchCounts(by_topic, entries, voided, before, corrected, voids, subjects)

    def voids(self) -> tuple[int, int | None, int | None]:
        """Count the voids of its undoing that stand, and give the first and the last position of them."""
        [found] = self._read(_VOIDS, self._asked)
        return found[0], found[1], found[2]

    def _read(self, statement: str, asked: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        return tuples(self._connection).execute(statement.encode(), asked).fetchall()
