"""Reading the ledger forward: windows of positions, the entries in them, and opening what they hold.

Appends are serialised by the ledger's lock, so a reader sees a prefix of positions and nothing appears below what
it has seen. Positions may have holes: nothing here counts on the next number.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import starmap
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Cursor

from domain.errors import SubjectUnknown
from domain.facts import BY_TOPIC, Fact, FactCorrected, RestrictedFact
from ledger.entry import Hand, StoredEntry
from ledger.mapper import EntryMapper
from ledger.suites import SuiteName
from projections.schemas import Schemas

MOST = 2**63 - 1
_PLAIN_FACTS_KEPT = 16_384
_NOBODY = Hand(recorded_by="", organ="")
_MAY_BE_RESTRICTED = frozenset({RestrictedFact.topic(), FactCorrected.topic()})
_NO_STREAM = UUID(int=0)
_NO_INSTANT = datetime.fromtimestamp(0, UTC)


class Poison(Exception):
    """An entry that cannot be folded. Its stream is quarantined; the class is all that is recorded."""


class UnknownKind(Poison):
    """The topic names a kind, or a version of one, that this release does not know."""


class DoesNotOpen(Poison):
    """The bytes do not open though nothing was erased, or they are not the fact that the topic names."""


class Row(NamedTuple):
    """One entry as it is read: what opening needs, and the references that name other streams."""

    position: int
    stream: UUID
    version: int
    topic: str
    refers_stream: UUID | None
    refers_version: int | None
    recorded_at: datetime
    state: bytes = b""
    sealed: bytes | None = None
    key: bytes = b""
    salt: bytes = b""
    suite: SuiteName = "intl"


class ReadEntry(NamedTuple):
    """What a projection folds. `fact` None: erased for ever, or not asked for.

    `plain`: the fact depends on topic and stored bytes alone, so that one object stands for all that are equal.
    `left`: of an erased fact the open part, which stays: canonical JSON.
    """

    position: int
    stream: UUID
    version: int
    topic: str
    refers_stream: UUID | None
    refers_version: int | None
    recorded_at: datetime
    fact: Fact | None
    plain: bool = False
    left: bytes = b""


class Window(NamedTuple):
    """The end of a batch: the last position in it and the leaf there."""

    position: int
    leaf: bytes


@dataclass(frozen=True, slots=True)
class Reader:
    """Entries in the order of positions. `kinds` narrows what is read, not how far; `whole` reads the content."""

    schemas: Schemas
    kinds: Sequence[str] | None = None
    whole: bool = True

    def window(self, cursor: Cursor[Any], after: int, count: int, until: int = MOST) -> Window | None:
        """Give the end of the next `count` entries after a position, up to `until`; None where there is none."""
        found = cursor.execute(
            self.schemas.sql(
                "SELECT notification_id, leaf FROM {ledger}.entries WHERE notification_id ="
                " (SELECT max(position) FROM (SELECT notification_id AS position FROM {ledger}.entries"
                " WHERE notification_id > %s AND notification_id <= %s ORDER BY notification_id LIMIT %s) AS next)"
            ),
            [after, until, count],
        ).fetchone()
        return None if found is None else Window(*found)

    def last(self, cursor: Cursor[Any], after: int, until: int) -> Window | None:
        """Give the last entry after a position and up to `until`; None where there is none."""
        found = cursor.execute(
            self.schemas.sql(
                "SELECT notification_id, leaf FROM {ledger}.entries"
                " WHERE notification_id > %s AND notification_id <= %s ORDER BY notification_id DESC LIMIT 1"
            ),
            [after, until],
        ).fetchone()
        return None if found is None else Window(*found)

    def rows(self, cursor: Cursor[Any], after: int, until: int) -> list[Row]:
        """Read the entries after one position up to and including another."""
        return self._read(cursor, b"notification_id > %s AND notification_id <= %s", [after, until])

    def rows_of(self, cursor: Cursor[Any], streams: Sequence[UUID], until: int) -> list[Row]:
        """Read the entries of some streams up to and including a position, in the order of positions."""
        return self._read(cursor, b"originator_id = ANY(%s) AND notification_id <= %s", [list(streams), until])

    def _read(self, cursor: Cursor[Any], where: bytes, parameters: list[Any]) -> list[Row]:
        columns = (
            "SELECT notification_id, originator_id, originator_version, topic,"
            " refers_to_stream, refers_to_version, recorded_at"
        )
        text = self.schemas.sql(columns)
        if self.whole:
            text += b", state, sealed, key, salt, suite"
        text += self.schemas.sql(" FROM {ledger}.entries WHERE ") + where
        if self.kinds is not None:
            # By kind, not by topic: a version that is not known must be met, not passed over.
            text += b" AND split_part(topic, '.', 1) = ANY(%s)"
            parameters = [*parameters, list(self.kinds)]
        return list(starmap(Row, cursor.execute(text + b" ORDER BY notification_id", parameters).fetchall()))


class Opener:
    """Opens entries. Facts that have no sealed part depend on topic and state alone and are remembered.

    `prepare` is the key ring's: it reads the keys of many subjects, and the kept salts of many entries, at once.
    """

    def __init__(self, mapper: EntryMapper, prepare: Callable[[set[UUID], set[bytes]], None] | None = None) -> None:
        self._mapper = mapper
        self._prepare = prepare
        self._plain = lru_cache(maxsize=_PLAIN_FACTS_KEPT)(self._plain_fact)

    def prepare(self, rows: Sequence[Row]) -> None:
        """Read the keys that opening these rows will ask for."""
        if self._prepare is not None:
            sealed = [row for row in rows if row.sealed is not None]
            kept = {row.key for row in sealed if row.topic in _MAY_BE_RESTRICTED}
            self._prepare({row.stream for row in sealed}, kept)

    def opened(self, row: Row) -> Fact | None:
        """Give the fact, or None where it was erased. Raises UnknownKind, DoesNotOpen."""
        if row.sealed is None:
            return self._plain(row.topic, row.state)
        kind = BY_TOPIC.get(row.topic)
        if kind is None:
            raise UnknownKind
        stored = _stored(row)
        try:
            fact = self._mapper.opened(stored)
            erased = fact is None and self._erased(stored)
        except SubjectUnknown:
            raise DoesNotOpen from None
        if fact is None and not erased:
            raise DoesNotOpen
        return fact

    def _plain_fact(self, topic: str, state: bytes) -> Fact:
        if topic not in BY_TOPIC:
            raise UnknownKind
        fact = self._mapper.opened(_stored(Row(0, _NO_STREAM, 1, topic, None, None, _NO_INSTANT, state)))
        if fact is None:
            raise DoesNotOpen
        return fact

    def _erased(self, stored: StoredEntry) -> bool:
        if self._mapper.owner_key(stored.originator_id) is None:
            return True
        try:
            return self._mapper.sealing_salt(stored) is None
        except (ValueError, KeyError, TypeError):  # what should name a replacement is no JSON that we wrote
            return False


def _stored(row: Row) -> StoredEntry:
    """Put on what opening asks for; the commitments are the verifier's business, not a reader's."""
    return StoredEntry(
        originator_id=row.stream,
        originator_version=row.version,
        topic=row.topic,
        state=row.state,
        hand=_NOBODY,
        suite=row.suite,
        key=row.key,
        request_hash=b"",
        salt=row.salt,
        sealed=row.sealed,
        content_hash=b"",
        binding=b"",
    )
