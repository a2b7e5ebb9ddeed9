"""Group commit: one thread takes turns for all callers; what queued up while it was committing is its next group.

A group goes when as many wait as were lately seen, or after a share of the last commit's time, whichever is sooner:
where commits are slow it pays to share them, where they are fast nobody waits, and one caller alone never does.
Callers wait each at a gate of their own, never on the thread's lock: who has been served does not queue behind the
next commit.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock, Thread

from eventsourcing.persistence import OperationalError, PersistenceError, ProgrammingError

from ledger.entry import Receipt
from ledger.rows import Ready

GROUP_ENTRIES_MAX = 500
WAITING_CALLS_MAX = 10_000
CLOSE_SECONDS_MAX = 60.0
GATHER_SECONDS_MAX = 0.002
GATHER_SHARE = 0.5
"""A group waits for this share of the last commit's time at most for those who were served by it to come again."""


class TooBusy(OperationalError):
    """More callers wait than the ledger has room for; nothing was stored. Try again later."""


class Call:
    """One caller's request, and where the caller waits for its answer: at a gate of its own."""

    __slots__ = ("_failure", "_gate", "_receipts", "answered", "exact", "request", "since")

    def __init__(self, request: Sequence[Ready], *, exact: bool) -> None:
        self.request = request
        self.exact = exact
        self.since = time.monotonic()
        self.answered = False
        self._receipts: list[Receipt] = []
        self._failure: Exception | None = None
        self._gate = Lock()  # a Future's condition costs ten times as much as the leaf of an entry
        self._gate.acquire()

    def answer(self, receipts: list[Receipt]) -> None:
        """Give the receipts. A call is answered once."""
        self._receipts, self.answered = receipts, True
        self._gate.release()

    def fail(self, failure: Exception) -> None:
        """Give what went wrong."""
        self._failure, self.answered = failure, True
        self._gate.release()

    def result(self) -> list[Receipt]:
        """Wait for the answer: the receipts, or raise what went wrong. Asked once, by the caller."""
        self._gate.acquire()
        if self._failure is not None:
            raise self._failure
        return self._receipts


class Sequencer:
    """Runs `commit` on groups of calls. `commit` answers every call whose fate it knows, and raises otherwise."""

    def __init__(self, commit: Callable[[Sequence[Call]], None]) -> None:
        self._commit = commit
        self._waiting: deque[Call] = deque()
        self._door = Lock()
        self._closed = False
        self._awaited: int | None = None
        """How many waiting calls the thread waits for; None while it does not wait."""
        self._bell = Lock()
        self._bell.acquire()
        self._thread = Thread(target=self._work, name="points-sequencer", daemon=True)
        self._thread.start()

    def submit(self, call: Call) -> list[Receipt]:
        """Wait for the call's turn and give its receipts. Raises what `commit` said, and TooBusy."""
        with self._door:  # who is let in before the door closes stands before the thread's last group
            if self._closed:
                raise ProgrammingError("the recorder is closed")
            if len(self._waiting) >= WAITING_CALLS_MAX:
                raise TooBusy("too many callers wait for their turn")
            self._waiting.append(call)
            self._ring()
        return call.result()

    def close(self) -> None:
        """Serve who waits, then end the thread."""
        with self._door:
            first, self._closed = not self._closed, True
            self._ring()
        if first:
            self._thread.join(CLOSE_SECONDS_MAX)

    def _ring(self) -> None:
        if self._awaited is not None and (self._closed or len(self._waiting) >= self._awaited):
            self._awaited = None
            self._bell.release()

    def _work(self) -> None:
        served, took = 0, 0.0
        while True:
            # Who has just been served is about to come again, and shares a commit with those who wait already.
            self._gather(served + len(self._waiting), min(GATHER_SECONDS_MAX, took * GATHER_SHARE))
            group = self._next_group()
            if not group:
                break
            began = time.monotonic()
            self._serve(group)
            served, took = len(group), time.monotonic() - began

    def _gather(self, expected: int, seconds_max: float) -> None:
        """Wait until somebody waits; and a little longer for as many as are expected."""
        self._await(1, -1)
        self._await(min(expected, GROUP_ENTRIES_MAX), seconds_max)

    def _await(self, calls: int, seconds_max: float) -> None:
        with self._door:
            if self._closed or len(self._waiting) >= calls or seconds_max == 0:
                return
            self._awaited = calls
        if not self._bell.acquire(timeout=seconds_max):
            with self._door:
                rung, self._awaited = self._awaited is None, None
            if rung:  # in the moment between
                self._bell.acquire()

    def _next_group(self) -> list[Call]:
        group: list[Call] = []
        entries = 0
        while self._waiting and entries < GROUP_ENTRIES_MAX:
            group.append(self._waiting.popleft())
            entries += len(group[-1].request)
        return group

    def _serve(self, calls: Sequence[Call]) -> None:
        """Commit a group; where it fails for another reason than the connection, find the call at fault."""
        try:
            self._commit(calls)
        except OperationalError as failure:
            _fail(calls, failure)
        except Exception as failure:  # noqa: BLE001 - whatever it is, a caller waits for it
            if len(calls) == 1:
                _fail(calls, failure)
            else:
                for call in calls:
                    self._serve([call])


def _fail(calls: Sequence[Call], failure: Exception) -> None:
    for call in calls:
        if not call.answered:
            # A copy each: an exception collects the frames of whoever raises it.
            copy = type(failure)(*failure.args) if isinstance(failure, PersistenceError) else failure
            call.fail(copy)
