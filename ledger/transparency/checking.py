"""Checking the whole log against the entries: every tile, every signed head, and where they part.

Memory is bounded: entries are read in steps, and of the tree only its right edge is kept.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from ledger.commit import tuples
from ledger.transparency.checkpoint import Checkpoint
from ledger.transparency.growing import Grown, grow
from ledger.transparency.log import LogReader
from ledger.transparency.merkle import Frontier
from ledger.transparency.notes import NoteRefused, Verifier, checked, read_note
from ledger.transparency.policy import Policy
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
    KEPT = "kept-checkpoint-differs"
    """A head that somebody kept outside is not this tree's: a fork, a rewrite, or a log cut short."""
    UNWITNESSED = "no-head-with-enough-witnesses"
    SIGNATURE = "signature-does-not-hold"
    LINK = "head-out-of-order"


@dataclass(frozen=True, slots=True)
class LogFinding:
    """One difference: at which leaf's index, and which entry stands there now.

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
    """Compare the log with the entries, `step` at a time.

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
        self._agreed = 0
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
        waiting = [_Awaited(size, root, LogFault.ROOT) for size, root, _, _ in heads]
        waiting += [_Awaited(one.size, one.root, LogFault.KEPT) for one in self._kept]
        waiting.sort(key=lambda one: one.size)
        witnessed = None if self._policy is None else self._witnessed(heads, self._policy)
        for positions, leaves in self._steps(position):
            self._step(positions, leaves, waiting)
            if self._noted is not None:
                self._noted(self._frontier.size)
        if self._frontier.size < size:
            self._add(LogFault.SHORT, self._frontier.size)
        for one in waiting:
            self._add(one.fault, one.size - 1, since=self._frontier.size)
        if witnessed == 0 and self._frontier.size:
            self._add(LogFault.UNWITNESSED, self._frontier.size - 1, since=0)
        signed = heads[-1][0] if heads else 0
        left = max(0, self._frontier.size - signed)
        return LogReport(self._frontier.size, len(heads), left, self._findings, witnessed)

    def _steps(self, until: int) -> Iterator[tuple[list[int], list[bytes]]]:
        after = 0
        while page := self._ask(_LEAVES, after, until, self._leaves_a_step):
            yield [position for position, _ in page], [bytes(leaf) for _, leaf in page]
            after = page[-1][0]

    def _step(self, positions: Sequence[int], leaves: Sequence[bytes], waiting: list[_Awaited]) -> None:
        start = self._frontier.size
        changed = grow(self._hashed, start, leaves, lambda level, tile: self._lasts[level, tile])
        for one in changed:
            self._lasts[one.tile.level, one.tile.index] = one.hashes
            self._lasts.pop((one.tile.level, one.tile.index - 1), None)
        for one in changed:
            self._check_tile(one, start, positions)
        done = 0
        while waiting and waiting[0].size <= start + len(leaves):
            at, root, fault = waiting.pop(0)
            self._frontier.append(leaves[done : at - start])
            done = at - start
            if self._frontier.root() == root:
                self._agreed = at
            else:
                self._add(fault, at - 1, positions[done - 1] if done else None, since=self._agreed)
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

    def _ask(self, question: str, *given: object) -> list[tuple[Any, ...]]:
        return tuples(self._reader.connection).execute(question.encode(), given).fetchall()

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
