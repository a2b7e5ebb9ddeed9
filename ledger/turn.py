"""What happens inside a turn: every entry gets its version, its prev and its leaf, or an answer that needs no row.

Pure: the turn is told what the database read under the lock, and says what is to be inserted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from eventsourcing.persistence import IntegrityError, InternalError

from ledger import rows, wire
from ledger.entry import Receipt
from ledger.rows import Ready


class KeyConflict(IntegrityError):
    """The key was used before for other content."""


class VersionConflict(IntegrityError):
    """The version that was asked for is not the next of its stream."""


@dataclass(slots=True, eq=False)
class Placed:
    """A new entry in its place. The receipt comes with the position."""

    ready: Ready
    version: int
    prev: bytes | None
    leaf: bytes
    receipt: Receipt | None = None

    @property
    def request_hash(self) -> bytes:
        """Give what tells a repeated request from another."""
        return self.ready.entry.request_hash


@dataclass(slots=True, eq=False)
class Kept:
    """An entry that was stored before this turn."""

    request_hash: bytes
    receipt: Receipt


@dataclass(slots=True, eq=False)
class Answer:
    """What one entry of a request gets: a place of its own, or what stands under its key already."""

    standing: Placed | Kept
    new: bool

    def receipt(self) -> Receipt:
        """Give the receipt, after the commit."""
        if self.standing.receipt is None:
            raise InternalError("a receipt was asked for before the commit")
        return self.standing.receipt if self.new else replace(self.standing.receipt, new=False)


@dataclass(slots=True)
class Turn:
    """One turn: its instant, the heads of its streams, and the keys that were used before."""

    instant: datetime
    heads: dict[bytes, tuple[int, bytes]]
    kept: dict[bytes, Placed | Kept]
    placed: list[Placed] = field(default_factory=list)

    @classmethod
    def read(cls, answer: Sequence[Sequence[Any]], early: Iterable[Sequence[Any]] = ()) -> Self:
        """Read the rows of open_turn, or those of open_turn_after and what was known `early`: the instant first."""
        turn = cls(answer[0][5], {}, {})
        turn._learn(early)
        turn._learn(answer[1:])
        return turn

    def _learn(self, answer: Iterable[Sequence[Any]]) -> None:
        """Learn heads (no key) and entries that stand (with their key)."""
        for key, request_hash, position, stream, version, at, leaf in answer:
            if key is not None:
                self.kept[key] = Kept(request_hash, Receipt(position, stream, version, at, leaf))
            encoded = wire.uuid(stream)
            head = self.heads.get(encoded)
            if head is None or head[0] < version:
                self.heads[encoded] = version, leaf

    def settle(self, request: Sequence[Ready], *, exact: bool = False) -> list[Answer]:
        """Place the entries of one request, all or none. `exact`: version 0 means 0, not next.

        Raises KeyConflict, VersionConflict.
        """
        heads: dict[bytes, tuple[int, bytes]] = {}
        keys: dict[bytes, Placed | Kept] = {}
        answers = []
        for one in request:
            entry = one.entry
            standing = keys.get(entry.key) or self.kept.get(entry.key)
            # The key comes before the version: a repeated request gets its receipt though its stream has moved on.
            if standing is not None:
                if standing.request_hash != entry.request_hash:
                    raise KeyConflict("the key was used before for other content")
                answers.append(Answer(standing, new=_is_own(standing, one)))
                continue
            placed = self._place(one, heads.get(one.stream) or self.heads.get(one.stream), exact=exact)
            heads[one.stream] = placed.version, placed.leaf
            keys[entry.key] = placed
            answers.append(Answer(placed, new=True))
        self.heads.update(heads)
        self.kept.update(keys)
        self.placed.extend(placed for placed in keys.values() if isinstance(placed, Placed))
        return answers

    def _place(self, one: Ready, head: tuple[int, bytes] | None, *, exact: bool) -> Placed:
        asked = one.entry.originator_version
        following, prev = (1, None) if head is None else (head[0] + 1, head[1])
        version = asked if asked or exact else following
        # The library's own streams may begin with 0.
        if version != following and not (head is None and version == 0):
            raise VersionConflict("the version is not the next of its stream")
        return Placed(one, version, prev, one.head.leaf(version, prev, self.instant))

    def statements(self) -> list[tuple[str, list[Placed]]]:
        """Share the placed entries out to inserts: (organ, entries in order)."""
        ready = [placed.ready for placed in self.placed]
        groups = by_organ([(one.entry.hand.organ, one.stream) for one in ready])
        return [(ready[group[0]].entry.hand.organ, [self.placed[index] for index in group]) for group in groups]

    def rows(self, placed: Iterable[Placed]) -> list[bytes]:
        """Give the rows of one insert, and remember the leaves that are sent."""
        at = rows.recorded_at(self.instant)
        whole = []
        for one in placed:
            one.ready.sent += (one.leaf,)
            whole.append(rows.row(one.ready.columns + rows.late(one.version, at, one.prev, one.leaf)))
        return whole

    def receive(self, placed: Iterable[Placed], positions: Iterable[int]) -> None:
        """Write the receipts of one insert."""
        for one, position in zip(placed, positions, strict=True):
            one.receipt = Receipt(position, one.ready.entry.originator_id, one.version, self.instant, one.leaf)


def by_organ(entries: Sequence[tuple[str, bytes]]) -> list[list[int]]:
    """Share entries (organ, stream) out to groups of one organ each, by their indexes.

    An organ has a second group only where streams weave between organs: an entry never precedes its stream's
    previous one.
    """
    groups: list[list[int]] = []
    last: dict[bytes, int] = {}
    newest: dict[str, int] = {}
    for index, (organ, stream) in enumerate(entries):
        at = newest.get(organ, -1)
        if at < last.get(stream, 0):
            at = newest[organ] = len(groups)
            groups.append([])
        last[stream] = at
        groups[at].append(index)
    return groups


def _is_own(standing: Placed | Kept, one: Ready) -> bool:
    """Say whether what stands is this very entry, stored by an attempt whose answer was lost."""
    return isinstance(standing, Kept) and standing.receipt.leaf in one.sent
