"""The entry: a fact in its place in the ledger, its envelope, its header and its leaf.

This format is for ever: docs/entry-format.md.

An `Entry` is what use cases save and read. A `StoredEntry` is the same as one row of `entries`: the library's four
fields and our columns. The header covers every stored column (text as hashes; state and sealed through
`content_hash`), and the leaf is the RFC 6962 leaf hash of the header.
"""

from binascii import hexlify
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal, NamedTuple, Self
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from domain.facts import Fact, Known, Ref
from ledger.suites import SUITES, Suite, SuiteName, text_hash

FORMAT = 1
LEAF_PREFIX = b"\x00"
"""RFC 6962, 2.1: a leaf's hash begins with a zero byte, an inner node's with a one."""

SourceClass = Literal["automatic", "manual", "agency", "self"]


@dataclass(frozen=True, slots=True)
class Hand:
    """The envelope: whose hand wrote the entry, through which door, on what basis.

    `person` is what a token says of whom the account belongs to. It is part of no entry; approvals look at it.
    """

    recorded_by: str
    organ: str
    channel: str = "api"
    source_class: SourceClass = "automatic"
    source_time: datetime | None = None
    legal_basis: str | None = None
    batch_id: UUID | None = None
    causation: Ref | None = None
    refers_to: Ref | None = None
    person: str | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Request:
    """What makes a request itself: its idempotency key's parts and the subject as the sender named it.

    A natural key may hold a document number, so the id and the subject are never printed.
    """

    source: str
    source_id: str = field(repr=False)
    part: str = ""
    subject: str = field(default="", repr=False)


@dataclass(frozen=True)
class Entry:
    """A fact with its envelope. `originator_version` 0 means next, wherever that is.

    `topic`, `position`, `recorded_at` and `leaf` are filled on reading; `fact` is None where it can no longer be
    opened (expunged, key destroyed, or a kind this release does not know).
    """

    originator_id: UUID
    hand: Hand
    request: Request | None
    fact: Fact | None
    originator_version: int = 0
    topic: str = field(default="", compare=False)
    position: int | None = field(default=None, compare=False)
    recorded_at: datetime | None = field(default=None, compare=False)
    leaf: bytes | None = field(default=None, compare=False)

    def known(self) -> Known | None:
        """Give what the rules are given, or None where the fact cannot be opened or has no place yet."""
        if self.fact is None or self.position is None:
            return None
        ref = Ref(stream=self.originator_id, version=self.originator_version)
        return Known(self.fact, self.position, ref, self.hand.refers_to)


@dataclass(frozen=True)
class StoredEntry(StoredEvent):
    """One row. The last four fields are the database's answer, so they take no part in equality."""

    originator_id: UUID
    hand: Hand
    suite: SuiteName
    key: bytes
    request_hash: bytes
    salt: bytes
    sealed: bytes | None
    content_hash: bytes
    binding: bytes
    format: int = FORMAT
    position: int | None = field(default=None, compare=False)
    recorded_at: datetime | None = field(default=None, compare=False)
    prev: bytes | None = field(default=None, compare=False)
    leaf: bytes | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The ledger's answer to one request. `new` False: the key had been kept before, this is its receipt."""

    position: int
    stream: UUID
    version: int
    recorded_at: datetime
    leaf: bytes
    new: bool = True

    @property
    def ref(self) -> Ref:
        """Name the entry."""
        return Ref(stream=self.stream, version=self.version)


class Frame(NamedTuple):
    """The texts of a header between its values: what entries of one hand, topic and suite have in common.

    Each is named by the value that follows it; the last is followed by the version and a closing brace. Between
    `prev` and `request` stand `prev`'s value, `AT`, and the instant.
    """

    binding: bytes
    content: bytes
    key: bytes
    prev: bytes
    request: bytes
    stream: bytes
    version: bytes


AT = b',"recorded_at":"'
"""The text between the values of `prev` and `recorded_at`."""


@lru_cache(maxsize=4_096)
def frame(suite_name: SuiteName, form: int, topic: str, hand: Hand) -> Frame:
    """Write the texts between a header's values, keys in canonical order."""
    suite = SUITES[suite_name]
    batch = "null" if hand.batch_id is None else f'"{hand.batch_id}"'
    basis = "null" if hand.legal_basis is None else f'"{text_hash(suite, hand.legal_basis)}"'
    told_at = "null" if hand.source_time is None else f'"{instant_text(hand.source_time)}"'
    # Digests, ids, instants and numbers only: written as `canonical` would, which a property proves.
    texts = (
        f'{chr(form)}{{"batch":{batch},"binding":"',
        f'","causation":{_ref(hand.causation)},"channel":"{text_hash(suite, hand.channel)}","content":"',
        f'","format":{form},"key":"',
        f'","legal_basis":{basis},"organ":"{text_hash(suite, hand.organ)}","prev":',
        f'","recorded_by":"{text_hash(suite, hand.recorded_by)}","refers_to":{_ref(hand.refers_to)},"request":"',
        f'","source_class":"{text_hash(suite, hand.source_class)}","source_time":{told_at},"stream":"',
        f'","suite":"{suite_name}","topic":"{text_hash(suite, topic)}","version":',
    )
    return Frame(*(text.encode() for text in texts))


@dataclass(frozen=True, slots=True)
class Head:
    """A header without what only the turn knows: the text before the value of `prev`, and after `recorded_at`."""

    suite: Suite
    before: bytes
    after: bytes

    @classmethod
    def of(cls, entry: StoredEntry) -> Self:
        """Put an entry's values into its frame."""
        binding, content, key, prev, request, stream, version = frame(
            entry.suite, entry.format, entry.topic, entry.hand
        )
        bound, sealed, named = hexlify(entry.binding), hexlify(entry.content_hash), hexlify(entry.key)
        asked, whose = hexlify(entry.request_hash), str(entry.originator_id).encode()
        return cls(
            SUITES[entry.suite],
            b"%b%b%b%b%b%b%b" % (binding, bound, content, sealed, key, named, prev),
            b"%b%b%b%b%b" % (request, asked, stream, whose, version),
        )

    def header(self, version: int, prev: bytes | None, recorded_at: datetime) -> bytes:
        """Give the whole header: the format byte, then canonical JSON."""
        link = b"null" if prev is None else b'"%b"' % hexlify(prev)
        at = instant_text(recorded_at).encode()
        return b"%b%b%b%b%b%d}" % (self.before, link, AT, at, self.after, version)

    def leaf(self, version: int, prev: bytes | None, recorded_at: datetime) -> bytes:
        """Give the leaf: the hash of a zero byte and the header."""
        return self.suite.hash(LEAF_PREFIX + self.header(version, prev, recorded_at))


def _ref(ref: Ref | None) -> str:
    return "null" if ref is None else f'["{ref.stream}",{ref.version}]'


@lru_cache(maxsize=64)
def instant_text(instant: datetime) -> str:
    """Write an aware instant in UTC with six digits of the second: 2026-01-31T16:00:00.000000Z."""
    # Not strftime: whether %Y writes the year 999 with four digits depends on the C library.
    return instant.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def content_hash(suite: Suite, salt: bytes, state: bytes, sealed: bytes | None) -> bytes:
    """Commit to what is stored: hash of salt ‖ length of state (8 bytes, big-endian) ‖ state ‖ sealed."""
    return suite.hash(salt + len(state).to_bytes(8, "big") + state + (sealed or b""))
