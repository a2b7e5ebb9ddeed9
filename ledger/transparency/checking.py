"""Checking a whole log against its rows: every tile, every signed head, and where they part.

Memory is bounded: leaves are read in steps of whole tiles, and of the tree only its right edge is kept. Tiles are
hashed once, a level of a step at a time; the roots of heads come from the edge over them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import LiteralString, NamedTuple

from ledger.transparency.checkpoint import Checkpoint
from ledger.transparency.growing import Grown, grow
from ledger.transparency.log import LogReader
from ledger.transparency.merkle import Frontier
from ledger.transparency.notes import NoteRefused, Verifier, checked, read_note
from ledger.transparency.policy import Policy
from ledger.transparency.tiles import HASH_BYTES, HEIGHT, WIDTH, NoSuchTile, Tile, hashes_of

STEP = 65_536
FINDINGS_MAX = 1_000
_HEADS: LiteralString = "SELECT size, root, after, note FROM {heads} ORDER BY size"
_ROWS: LiteralString = (
    "SELECT {position},{content} FROM {rows} WHERE {position} > %s AND {position} <= %s AND {only}"
    " ORDER BY {position} LIMIT %s"
)
_LEAVES: LiteralString = (
    "SELECT bool_and(octet_length({content}) = %s) AND count({content}) = count(*), max({position}),"  # noqa: S608 - _ROWS
    " string_agg({content}, ''::bytea ORDER BY {position})"
    " FROM (" + _ROWS + ") AS step"
)
_TILES: LiteralString = "SELECT tile, hashes FROM {tiles} WHERE level = 0 AND tile BETWEEN %s AND %s"
_TILE_BYTES = WIDTH * HASH_BYTES


class LogFault(StrEnum):
    """What differs."""

    LEAF = "leaf-not-in-the-log"
    """The log has another leaf at this index than the row that stands there now."""
    SHORT = "entries-missing"
    """The log has more leaves than there are rows."""
    TILE = "tile-differs"
    ROOT = "signed-root-differs"
    KEPT = "kept-checkpoint-differs"
    """A head that somebody kept outside is not this tree's: a fork, a rewrite, or a log cut short."""
    UNWITNESSED = "no-head-with-enough-witnesses"
    SIGNATURE = "signature-does-not-hold"
    LINK = "head-out-of-order"


@dataclass(frozen=True, slots=True)
class LogFinding:
    """One difference: at which leaf's index, and the position of the row that stands there now.

    Of a root only this is known: it was `index` or a leaf before it, from `since` on, which an older root covers.
    """

    what: LogFault
    index: int
    position: int | None = None
    tile: str | None = None
    since: int | None = None


@dataclass
class LogReport:
    """How much was compared, and the first FINDINGS_MAX differences. `unsigned` leaves are under no head yet.

    The first `witnessed` leaves are under a head that the policy trusts; None where no policy was given.
    """

    leaves: int
    heads: int
    unsigned: int
    findings: list[LogFinding]
    witnessed: int | None = None


def check_log(
    reader: LogReader,
    log: Verifier | None = None,
    noted: Callable[[int], None] | None = None,
    step: int = STEP,
    *,
    policy: Policy | None = None,
    kept: Sequence[Checkpoint] = (),
) -> LogReport:
    """Compare a log with its rows, `step` at a time.

    `log` checks signatures too, `policy` also whether witnesses stand behind a head; `noted` is told how many
    leaves were read. `kept` are heads that somebody kept outside, and whose signatures the caller has checked:
    without one a log that was cut back to an older head shows nothing.
    """
    return _Check(reader, log, noted, step, policy, kept).run()


class _Awaited(NamedTuple):
    """A root that the tree must give when it has so many leaves."""

    size: int
    root: bytes
    fault: LogFault


class _Check:
    def __init__(
        self,
        reader: LogReader,
        log: Verifier | None,
        noted: Callable[[int], None] | None,
        step: int,
        policy: Policy | None,
        kept: Sequence[Checkpoint],
    ) -> None:
        self._reader = reader
        self._log = log
        self._policy = policy
        self._kept = kept
        self._agreed = dict.fromkeys((LogFault.ROOT, LogFault.KEPT), 0)
        self._noted = noted
        self._leaves_a_step = max(1, step // WIDTH) * WIDTH
        self._hashed = reader.suite.hash
        self._size = 0
        self._whole = Frontier(self._hashed)
        """The edge over tiles of leaves."""
        self._open = Frontier(self._hashed)
        """The edge over the leaves of the tile after those, up to the last head that was looked at."""
        self._lasts: dict[tuple[int, int], bytes] = {}
        self._findings: list[LogFinding] = []

    def run(self) -> LogReport:
        reader = self._reader
        [[size, position]] = reader.asked("SELECT size, position FROM {growth}")
        heads = [(size, bytes(root), after, note) for size, root, after, note in reader.asked(_HEADS)]
        self._check_links(heads)
        waiting = [_Awaited(size, root, LogFault.ROOT) for size, root, _, _ in heads]
        waiting += [_Awaited(one.size, one.root, LogFault.KEPT) for one in self._kept]
        waiting.sort(key=lambda one: one.size, reverse=True)
        witnessed = None if self._policy is None else self._witnessed(heads, self._policy)
        for after, leaves in self._steps(position):
            self._step(after, leaves, waiting)
            if self._noted is not None:
                self._noted(self._size)
        if self._size < size:
            self._add(LogFault.SHORT, self._size)
        for one in reversed(waiting):
            self._add(one.fault, one.size - 1, since=self._size)
        if witnessed == 0 and self._size:
            self._add(LogFault.UNWITNESSED, self._size - 1, since=0)
        signed = heads[-1][0] if heads else 0
        left = max(0, self._size - signed)
        return LogReport(self._size, len(heads), left, self._findings, witnessed)

    def _steps(self, until: int) -> Iterator[tuple[int, bytes]]:
        """Give the leaves of a step in one piece, and the position that it comes after."""
        after = 0
        while True:
            last, leaves = self._piece((after, until, self._leaves_a_step))
            if last is None:
                return
            yield after, leaves
            after = last

    def _piece(self, given: tuple[int, int, int]) -> tuple[int | None, bytes]:
        """Give the last position of a step, None where there is none, and its leaves in one piece."""
        if self._reader.of.leaves_are_kept:
            # Each by itself: leaves of other lengths may be as long together as theirs were.
            [[whole, last, leaves]] = self._reader.asked(_LEAVES, (HASH_BYTES, *given))
            if whole is not False:
                return last, bytes(leaves or b"")
        rows = self._reader.leaves(_ROWS, given)
        # A leaf of another length is none: whatever stands in the log, it differs.
        pieces = [leaf if len(leaf) == HASH_BYTES else bytes(HASH_BYTES) for _, leaf in rows]
        return rows[-1][0] if rows else None, b"".join(pieces)

    def _step(self, after: int, leaves: bytes, waiting: list[_Awaited]) -> None:
        start, count = self._size, len(leaves) // HASH_BYTES
        self._check_leaves(after, leaves)
        tiles = self._tile_roots(leaves[: count // WIDTH * _TILE_BYTES])
        for one in grow(self._hashed, start // WIDTH, tiles, lambda level, tile: self._lasts[level, tile], 1):
            self._lasts[one.tile.level, one.tile.index] = one.hashes
            self._lasts.pop((one.tile.level, one.tile.index - 1), None)
            self._check_tile(one)
        while waiting and waiting[-1].size <= start + count:
            self._check_head(waiting.pop(), start, after, leaves, tiles)
        self._size += count
        self._close(tiles, start // WIDTH, self._size // WIDTH)

    def _close(self, tiles: Sequence[bytes], first: int, until: int) -> None:
        """Take tiles up to one into the edge; `tiles` begin with the tile `first`."""
        if until > self._whole.size:
            self._whole.append(tiles[self._whole.size - first : until - first])
            self._open = Frontier(self._hashed)

    def _check_head(self, one: _Awaited, start: int, after: int, leaves: bytes, tiles: Sequence[bytes]) -> None:
        """Compare a root with what the leaves give; heads come by their sizes."""
        whole, within = divmod(one.size, WIDTH)
        self._close(tiles, start // WIDTH, whole)
        first = (whole * WIDTH - start) * HASH_BYTES
        place = slice(first + self._open.size * HASH_BYTES, first + within * HASH_BYTES)
        self._open.append(hashes_of(leaves[place]))
        if Frontier(self._hashed, one.size, [*self._whole.edge, *self._open.edge]).root() == one.root:
            self._agreed[one.fault] = one.size
            return
        position = self._position(after, one.size - 1 - start) if one.size > start else None
        self._add(one.fault, one.size - 1, position, since=self._since(one.fault))

    def _since(self, fault: LogFault) -> int:
        """Say up to where an older root covers: whoever can sign heads anew moves none that was kept outside."""
        return self._agreed[fault] if fault is LogFault.KEPT else max(self._agreed.values())

    def _tile_roots(self, leaves: bytes) -> list[bytes]:
        """Hash full tiles, a level of all of them at a time."""
        hashed, hashes = self._hashed, leaves
        for _ in range(HEIGHT):
            pairs = range(0, len(hashes), 2 * HASH_BYTES)
            hashes = b"".join([hashed(b"\x01" + hashes[at : at + 2 * HASH_BYTES]) for at in pairs])
        return hashes_of(hashes)

    def _check_leaves(self, after: int, leaves: bytes) -> None:
        """Compare leaves with the tiles in which the log keeps them."""
        first, count = self._size // WIDTH, -(-len(leaves) // _TILE_BYTES)
        kept = {tile: bytes(hashes) for tile, hashes in self._reader.asked(_TILES, [first, first + count - 1])}
        for number in range(count):
            found, here = kept.get(first + number, b""), leaves[number * _TILE_BYTES : (number + 1) * _TILE_BYTES]
            if found[: len(here)] == here:
                continue
            tile = Tile(0, first + number, len(here) // HASH_BYTES)
            for at in range(tile.width):
                place = slice(at * HASH_BYTES, (at + 1) * HASH_BYTES)
                if (len(found) < len(here) or found[place] != here[place]) and len(self._findings) < FINDINGS_MAX:
                    index = number * WIDTH + at
                    self._add(LogFault.LEAF, self._size + index, self._position(after, index), tile.path)

    def _position(self, after: int, number: int) -> int | None:
        """Give the position of a row by its number behind another."""
        question: LiteralString = (
            "SELECT {position} FROM {rows} WHERE {position} > %s AND {only} ORDER BY 1 LIMIT 1 OFFSET %s"
        )
        found = self._reader.asked(question, [after, number])
        return found[0][0] if found else None

    def _check_tile(self, one: Grown) -> None:
        try:
            kept = self._reader.tile(one.tile)
        except NoSuchTile:
            kept = b""
        first = one.tile.width - one.added  # what stood there before was compared when it came
        if kept[first * HASH_BYTES :] != one.hashes[first * HASH_BYTES :]:
            self._add(LogFault.TILE, one.tile.index * WIDTH ** (one.tile.level + 1), tile=one.tile.path)

    def _check_links(self, heads: Sequence[tuple[int, bytes, int, str]]) -> None:
        before = 0
        for size, root, after, text in heads:
            if after != before:
                self._add(LogFault.LINK, size - 1)
            if not self._is_signed(size, root, text):
                self._add(LogFault.SIGNATURE, size - 1)
            before = size

    def _witnessed(self, heads: Sequence[tuple[int, bytes, int, str]], policy: Policy) -> int:
        """Give the size of the largest head that the policy trusts, 0 where there is none."""
        for size, _, _, _ in reversed(heads):
            try:
                policy.check(self._reader.head(size).note)
            except NoteRefused:
                continue
            return size
        return 0

    def _is_signed(self, size: int, root: bytes, text: str) -> bool:
        try:
            note = read_note(text)
            checkpoint = Checkpoint.read(note.text)
            signed = self._log is None or bool(checked(note, [self._log]))
        except NoteRefused:
            return False
        return signed and (checkpoint.size, checkpoint.root) == (size, root)

    def _add(
        self,
        what: LogFault,
        index: int,
        position: int | None = None,
        tile: str | None = None,
        since: int | None = None,
    ) -> None:
        if len(self._findings) < FINDINGS_MAX:
            self._findings.append(LogFinding(what, index, position, tile, since))
