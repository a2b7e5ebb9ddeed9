"""Blocks: many entries of one organ, prepared for their turn in any process, and what becomes of them.

A block is plain lists of bytes, so that worker processes can make it and hand it over. What only the turn can say
(version, recorded_at, prev, leaf) is added by a `Draft`: pure, and soon done, for it is made once before the turn
under an instant that was promised, and only where the promise broke a second time in the turn.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from ledger import rows, wire
from ledger.entry import LEAF_PREFIX, Receipt, instant_text
from ledger.rows import Ready
from ledger.suites import SUITES, SuiteName
from ledger.turn import KeyConflict

Outcome = Receipt | KeyConflict
"""What becomes of one entry. A conflict is a value here: it is one row's verdict."""

NEW, KEPT, CONFLICT = range(3)
"""What becomes of one row: stored; kept before for the same request; its key was used before for other content."""

_FIELDS = len(rows.COLUMNS).to_bytes(2, "big")
_VERSION = (8).to_bytes(4, "big")
_DIGEST = (32).to_bytes(4, "big")


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
    before: list[bytes]
    """The header before `prev` (ledger/entry.py)."""
    after: list[bytes]
    """The header from the end of `recorded_at` up to the version."""

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
            before=[one.head.before.encode() for one in ready],
            after=[one.head.after.encode() for one in ready],
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
            self.before[first:end],
            self.after[first:end],
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

    def learn(self, answer: Iterable[Sequence[Any]]) -> None:
        """Read rows of known_bytes, or those of open_turn_at after the first: heads have no key."""
        heads, kept = self.heads, self.kept
        for row in answer:
            key, _, _, stream, version, _, leaf = row
            if key is not None:
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
        self.outcomes = Outcomes(block.streams, bytearray(len(block)))
        self.placed: list[int] = []
        self.copy: list[bytes] = []
        """The rows to insert, each as COPY BINARY wants it."""
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
        at, wire_at = b',"recorded_at":"' + instant_text(self.instant).encode(), rows.recorded_at(self.instant)
        for index, (key, stream) in enumerate(zip(block.keys, block.streams, strict=True)):
            if key in here or key in known.kept:
                self._find(index, key, known, here, sent)
                continue
            version, prev = fresh.get(stream) or known.heads.get(stream) or (0, None)
            version += 1
            link, wire_prev = (
                (b"null", wire.NULL) if prev is None else (b'"%b"' % prev.hex().encode(), _DIGEST + prev)
            )
            leaf = digest(
                b"%b%b%b%b%b%d}" % (LEAF_PREFIX, block.before[index], link, at, block.after[index], version)
            )
            here[key] = index
            fresh[stream] = version, leaf
            self.placed.append(index)
            self.copy.append(
                b"%b%b%b%b%b%b%b%b"
                % (
                    _FIELDS,
                    block.rows[index],
                    _VERSION,
                    version.to_bytes(8, "big"),
                    wire_at,
                    wire_prev,
                    _DIGEST,
                    leaf,
                )
            )
            _add(outcomes, 0, version, self.instant, leaf)

    def _find(
        self, index: int, key: bytes, known: Known, here: dict[bytes, int], sent: Sequence[dict[int, bytes]]
    ) -> None:
        block, outcomes, first = self.block, self.outcomes, here.get(key)
        if first is not None:
            kept = block.request_hashes[first]
            # The sibling's position is not known yet: what is noted is where it will be found.
            position, version, at, leaf = ~first, outcomes.versions[first], self.instant, outcomes.leaves[first]
        else:
            _, kept, position, _, version, at, leaf = known.kept[key]
        if kept != block.request_hashes[index]:
            outcomes.codes[index] = CONFLICT
            _add(outcomes, 0, 0, at, b"")
            return
        own = first is None and any(leaves.get(index) == leaf for leaves in sent)
        outcomes.codes[index] = NEW if own else KEPT
        _add(outcomes, position, version, at, leaf)


def _add(outcomes: Outcomes, position: int, version: int, at: datetime, leaf: bytes) -> None:
    outcomes.positions.append(position)
    outcomes.versions.append(version)
    outcomes.instants.append(at)
    outcomes.leaves.append(leaf)
