"""Blocks: many entries of one organ, prepared for their turn in any process, and what becomes of them.

A block is plain lists of bytes, so that worker processes can make it and hand it over. What only the turn can say
(version, recorded_at, prev, leaf) is added by a `Draft`: pure, and soon done, for it is made once before the turn
under an instant that was promised, and only where the promise broke a second time in the turn.
"""

import struct
from binascii import hexlify
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from ledger import rows, wire
from ledger.entry import AT, LEAF_PREFIX, Frame, Receipt, frame, instant_text
from ledger.rows import Ready
from ledger.suites import SUITES, SuiteName
from ledger.turn import KeyConflict

Outcome = Receipt | KeyConflict
"""What becomes of one entry. A conflict is a value here: it is one row's verdict."""

NEW, KEPT, CONFLICT = range(3)
"""What becomes of one row: stored; kept before for the same request; its key was used before for other content."""

_FIELDS = (len(rows.COLUMNS) + 1).to_bytes(2, "big")
_PLACE = (4).to_bytes(4, "big")
_VERSION = (8).to_bytes(4, "big")
_DIGEST_BYTES = 32
_DIGEST = _DIGEST_BYTES.to_bytes(4, "big")
_CONTENT = slice(-2 * _DIGEST_BYTES - 4, -_DIGEST_BYTES - 4)
"""Where a row has the content hash: the binding, the last of the early columns, follows it with its length."""
_UUID_TEXT = struct.Struct("8s4s4s4s12s")
_HEAD = struct.Struct("!16sq32s")
"""A head as heads_packed writes it: stream, version, leaf (migrations/0110)."""


@dataclass(slots=True)
class Block:
    """Entries of one organ, one place in each list for each entry. Header texts are in UTF-8."""

    suite: SuiteName
    organ: str
    rows: list[bytes]
    """The early columns (ledger/rows.py, in that order) in wire form, joined."""
    streams: list[bytes]
    keys: list[bytes]
    request_hashes: list[bytes]
    frames: list[Frame]
    """The texts between the values of each header, one object for all that share it: it is handed over once."""

    @classmethod
    def of(cls, ready: Sequence[Ready]) -> Self:
        """Make a block of entries of one organ and suite."""
        first = ready[0].entry
        entries = [one.entry for one in ready]
        return cls(
            suite=first.suite,
            organ=first.hand.organ,
            rows=[b"".join(one.columns) for one in ready],
            streams=[entry.originator_id.bytes for entry in entries],
            keys=[entry.key for entry in entries],
            request_hashes=[entry.request_hash for entry in entries],
            frames=[frame(entry.suite, entry.format, entry.topic, entry.hand) for entry in entries],
        )

    def __len__(self) -> int:
        return len(self.rows)

    def part(self, first: int, end: int) -> "Block":
        """Give the entries from `first` up to but without `end`."""
        return Block(
            self.suite,
            self.organ,
            self.rows[first:end],
            self.streams[first:end],
            self.keys[first:end],
            self.request_hashes[first:end],
            self.frames[first:end],
        )


@dataclass(slots=True)
class Outcomes:
    """What became of a block's entries, in their order. Of a conflict only the code says something."""

    streams: list[bytes] = field(default_factory=list)
    codes: bytearray = field(default_factory=bytearray)
    positions: list[int] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)
    instants: list[datetime] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.codes)

    def extend(self, more: "Outcomes") -> None:
        """Add what became of the entries that follow."""
        self.streams += more.streams
        self.codes += more.codes
        self.positions += more.positions
        self.versions += more.versions
        self.instants += more.instants
        self.leaves += more.leaves

    def receipts(self) -> list[Outcome]:
        """Give them one by one."""
        return [
            KeyConflict("the key was used before for other content")
            if code == CONFLICT
            else Receipt(position, UUID(bytes=stream), version, at, leaf, new=code == NEW)
            for code, position, stream, version, at, leaf in zip(
                self.codes, self.positions, self.streams, self.versions, self.instants, self.leaves, strict=True
            )
        ]


@dataclass(slots=True)
class Known:
    """What the database said of a block's streams and keys: `heads` (version, leaf) and `kept` entries."""

    heads: dict[bytes, tuple[int, bytes]] = field(default_factory=dict)
    kept: dict[bytes, Sequence[Any]] = field(default_factory=dict)

    @classmethod
    def of_heads(cls, packed: bytes) -> Self:
        """Read the value of heads_packed."""
        return cls({stream: (version, leaf) for stream, version, leaf in _HEAD.iter_unpack(packed)})

    def learn(self, answer: Iterable[Sequence[Any]]) -> None:
        """Read rows of kept_bytes, or those of open_turn_at after the first."""
        heads, kept = self.heads, self.kept
        for row in answer:
            key, _, _, stream, version, _, leaf = row
            kept[key] = row
            head = heads.get(stream)
            if head is None or head[0] < version:
                heads[stream] = version, leaf

    def touches(self, block: Block, later: Iterable[Sequence[Any]]) -> bool:
        """Say whether entries that came later concern the block."""
        came = list(later)
        return bool(came) and not (
            {row[0] for row in came}.isdisjoint(block.keys) and {row[3] for row in came}.isdisjoint(block.streams)
        )


class Draft:
    """A block in its places, if the turn is given `instant` and nobody came in between.

    `sent` holds the leaves, by row, of attempts whose answer was lost: an entry that stands with the leaf of its
    row is this block's own, and new to its caller (docs/decisions/0013).
    """

    def __init__(
        self, block: Block, known: Known, instant: datetime, sent: Sequence[dict[int, bytes]] = ()
    ) -> None:
        self.block = block
        self.instant = instant
        size = len(block)
        self.outcomes = Outcomes(
            block.streams, bytearray(size), [0] * size, [0] * size, [instant] * size, [b""] * size
        )
        self.placed: list[int] = []
        self.copy: list[bytes] = []
        """The rows to insert, each as COPY BINARY wants it; its place among them is the last field."""
        self._settle(known, sent)

    @property
    def leaves(self) -> dict[int, bytes]:
        """Give the leaves that are sent, by row."""
        leaves = self.outcomes.leaves
        return {index: leaves[index] for index in self.placed}

    def receive(self, positions: Iterable[int]) -> Outcomes:
        """Write the positions of what was inserted into the outcomes; those of siblings with the same key too."""
        outcomes = self.outcomes
        for index, position in zip(self.placed, positions, strict=True):
            outcomes.positions[index] = position
        if len(self.placed) < len(outcomes):
            outcomes.positions = [at if at >= 0 else outcomes.positions[~at] for at in outcomes.positions]
        return outcomes

    def _settle(self, known: Known, sent: Sequence[dict[int, bytes]]) -> None:
        """Give each row its version, prev and leaf, or find what stands under its key. Once around for each row."""
        block, outcomes, here = self.block, self.outcomes, dict[bytes, int]()
        digest, fresh = SUITES[block.suite].hash, dict[bytes, tuple[int, bytes]]()
        at, wire_at = AT + instant_text(self.instant).encode(), rows.recorded_at(self.instant)
        joined, heads, versions, leaves = b"".join, known.heads, outcomes.versions, outcomes.leaves
        for index, (key, stream, row, values) in enumerate(
            zip(block.keys, block.streams, block.rows, _values(block), strict=True)
        ):
            if key in here or key in known.kept:
                self._find(index, key, known, here, sent)
                continue
            version, prev = fresh.get(stream) or heads.get(stream) or (0, None)
            version += 1
            link, wire_prev = (b"null", wire.NULL) if prev is None else (b'"%b"' % hexlify(prev), _DIGEST + prev)
            (one, two, three, four, five, six, seven), binding, content, name, request, whose = values
            before = (LEAF_PREFIX, one, binding, two, content, three, name, four, link)
            leaf = digest(joined((*before, at, five, request, six, whose, seven, b"%d}" % version)))
            here[key] = index
            fresh[stream] = version, leaf
            self.placed.append(index)
            counted, place = version.to_bytes(8, "big"), index.to_bytes(4, "big")
            self.copy.append(
                joined((_FIELDS, row, _VERSION, counted, wire_at, wire_prev, _DIGEST, leaf, _PLACE, place))
            )
            versions[index], leaves[index] = version, leaf

    def _find(
        self, index: int, key: bytes, known: Known, here: dict[bytes, int], sent: Sequence[dict[int, bytes]]
    ) -> None:
        block, outcomes, first, at = self.block, self.outcomes, here.get(key), self.instant
        if first is not None:
            kept = block.request_hashes[first]
            # The sibling's position is not known yet: what is noted is where it will be found.
            position, version, leaf = ~first, outcomes.versions[first], outcomes.leaves[first]
        else:
            _, kept, position, _, version, at, leaf = known.kept[key]
        if kept != block.request_hashes[index]:
            outcomes.codes[index] = CONFLICT
            return
        own = first is None and any(leaves.get(index) == leaf for leaves in sent)
        outcomes.codes[index] = NEW if own else KEPT
        outcomes.positions[index], outcomes.versions[index] = position, version
        outcomes.instants[index], outcomes.leaves[index] = at, leaf


def _values(block: Block) -> Iterator[tuple[Frame, bytes, bytes, bytes, bytes, bytes]]:
    """Give each header's frame and its values as text: binding, content, key, request and stream."""
    bindings = _hexed([row[-_DIGEST_BYTES:] for row in block.rows])
    contents = _hexed([row[_CONTENT] for row in block.rows])
    streams = map(b"-".join, _UUID_TEXT.iter_unpack(hexlify(b"".join(block.streams))))
    return zip(
        block.frames, bindings, contents, _hexed(block.keys), _hexed(block.request_hashes), streams, strict=True
    )


def _hexed(digests: Sequence[bytes]) -> list[bytes]:
    text, size = hexlify(b"".join(digests)), 2 * _DIGEST_BYTES
    return [text[at : at + size] for at in range(0, len(text), size)]
