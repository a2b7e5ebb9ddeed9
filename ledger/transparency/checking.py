"""Checking the whole log against the entries: every tile, every signed head, and where they part.

Memory is bounded: entries are read in steps, and of the tree only its right edge is kept.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ledger.commit import tuples
from ledger.transparency.checkpoint import Checkpoint
from ledger.transparency.growing import Grown, grow
from ledger.transparency.log import LogReader
from ledger.transparency.merkle import Frontier
from ledger.transparency.notes import NoteRefused, Verifier, checked, read_note
from ledger.transparency.tiles import HASH_BYTES, WIDTH, NoSuchTile

STEP = 65_536
FINDINGS_MAX = 1_000
_HEADS = "SELECT size, root, after, note FROM tree_heads ORDER BY size"
_LEAVES = (
    "SELECT notification_id, leaf FROM entries WHERE notification_id > %s AND notification_id <= %s"
    " ORDER BY notification_id LIMIT %s"
)


class LogFault(StrEnum):
    """What differs."""

    LEAF = "leaf-not-in-the-log"
    """The log has another leaf at this index than the entry that stands there now."""
    SHORT = "entries-missing"
    """The log has more leaves than there are entries."""
    TILE = "tile-differs"
    ROOT = "signed-root-differs"
    SIGNATURE = "signature-does-not-hold"
    LINK = "head-out-of-order"


@dataclass(frozen=True, slots=True)
class LogFinding:
    """One difference: at which leaf's index, and which entry stands there now."""

    what: LogFault
    index: int
    position: int | None = None
    tile: str | None = None


@dataclass
class LogReport:
    """How much was compared, and the first FINDINGS_MAX differences. `unsigned` leaves are under no head yet."""

    leaves: int
    heads: int
    unsigned: int
    findings: list[LogFinding]


def check_log(
    reader: LogReader,
    log: Verifier | None = None,
    noted: Callable[[int], None] | None = None,
    step: int = STEP,
) -> LogReport:
    """Compare the log with the entries, `step` at a time.

    `log` checks signatures too; `noted` is told how many leaves were read.
    """
    return _Check(reader, log, noted, step).run()


class _Check:
    def __init__(
        self, reader: LogReader, log: Verifier | None, noted: Callable[[int], None] | None, step: int
    ) -> None:
        self._reader = reader
        self._log = log
        self._noted = noted
        self._leaves_a_step = step
        self._hashed = reader.suite.hash
        self._frontier = Frontier(self._hashed)
        self._lasts: dict[tuple[int, int], bytes] = {}
        self._findings: list[LogFinding] = []

    def run(self) -> LogReport:
        [[size, position]] = self._ask("SELECT size, position FROM tree_growth")
        heads = [(size, bytes(root), after, note) for size, root, after, note in self._ask(_HEADS)]
        self._check_links(heads)
        waiting = [(size, root) for size, root, _, _ in heads]
        for positions, leaves in self._steps(position):
            self._step(positions, leaves, waiting)
            if self._noted is not None:
                self._noted(self._frontier.size)
        if self._frontier.size < size:
            self._add(LogFault.SHORT, self._frontier.size)
        for at, _ in waiting:
            self._add(LogFault.ROOT, at - 1)
        signed = heads[-1][0] if heads else 0
        return LogReport(self._frontier.size, len(heads), max(0, size - signed), self._findings)

    def _steps(self, until: int) -> Iterator[tuple[list[int], list[bytes]]]:
        after = 0
        while page := self._ask(_LEAVES, after, until, self._leaves_a_step):
            yield [position for position, _ in page], [bytes(leaf) for _, leaf in page]
            after = page[-1][0]

    def _step(self, positions: Sequence[int], leaves: Sequence[bytes], waiting: list[tuple[int, bytes]]) -> None:
        start = self._frontier.size
        changed = grow(self._hashed, start, leaves, lambda level, tile: self._lasts[level, tile])
        for one in changed:
            self._lasts[one.tile.level, one.tile.index] = one.hashes
            self._lasts.pop((one.tile.level, one.tile.index - 1), None)
        for one in changed:
            self._check_tile(one, start, positions)
        done = 0
        while waiting and waiting[0][0] <= start + len(leaves):
            at, root = waiting.pop(0)
            self._frontier.append(leaves[done : at - start])
            done = at - start
            if self._frontier.root() != root:
                self._add(LogFault.ROOT, at - 1, positions[done - 1] if done else None)
        self._frontier.append(leaves[done:])

    def _check_tile(self, one: Grown, start: int, positions: Sequence[int]) -> None:
        try:
            kept = self._reader.tile(one.tile)
        except NoSuchTile:
            kept = b""
        first = one.tile.width - one.added  # what stood there before was compared when it came
        if kept[first * HASH_BYTES :] == one.hashes[first * HASH_BYTES :]:
            return
        if one.tile.level:
            self._add(LogFault.TILE, one.tile.index * WIDTH ** (one.tile.level + 1), tile=one.tile.path)
            return
        for at in range(first, one.tile.width):
            place = slice(at * HASH_BYTES, (at + 1) * HASH_BYTES)
            if kept[place] != one.hashes[place]:
                index = one.tile.index * WIDTH + at
                self._add(LogFault.LEAF, index, positions[index - start], one.tile.path)

    def _check_links(self, heads: Sequence[tuple[int, bytes, int, str]]) -> None:
        before = 0
        for size, root, after, text in heads:
            if after != before:
                self._add(LogFault.LINK, size - 1)
            if not self._is_signed(size, root, text):
                self._add(LogFault.SIGNATURE, size - 1)
            before = size

    def _is_signed(self, size: int, root: bytes, text: str) -> bool:
        try:
            note = read_note(text)
            checkpoint = Checkpoint.read(note.text)
            signed = self._log is None or bool(checked(note, [self._log]))
        except NoteRefused:
            return False
        return signed and (checkpoint.size, checkpoint.root) == (size, root)

    def _ask(self, question: str, *given: object) -> list[tuple[Any, ...]]:
        return tuples(self._reader.connection).execute(question.encode(), given).fetchall()

    def _add(self, what: LogFault, index: int, position: int | None = None, tile: str | None = None) -> None:
        if len(self._findings) < FINDINGS_MAX:
            self._findings.append(LogFinding(what, index, position, tile))
