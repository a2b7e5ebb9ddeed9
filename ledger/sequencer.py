"""Group commit: one thread takes turns for all callers; what queued up while it was committing is its next group.

Callers wait on futures, never on the thread's lock: who has been served does not queue behind the next commit.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import Empty, Queue
from threading import Lock, Thread

from eventsourcing.persistence import OperationalError, PersistenceError, ProgrammingError

from ledger.entry import Receipt
from ledger.rows import Ready

GROUP_ENTRIES_MAX = 500
WAITING_CALLS_MAX = 10_000
CLOSE_SECONDS_MAX = 60.0


class TooBusy(OperationalError):
    """More callers wait than the ledger has room for; nothing was stored. Try again later."""


class Call:
    """One caller's request and its future."""

    __slots__ = ("done", "exact", "request", "since")

    def __init__(self, request: Sequence[Ready], *, exact: bool) -> None:
        self.request = request
        self.exact = exact
        self.done: Future[list[Receipt]] = Future()
        self.since = time.monotonic()


class Sequencer:
    """Runs `commit` on groups of calls. `commit` answers every call whose fate it knows, and raises otherwise."""

    def __init__(self, commit: Callable[[Sequence[Call]], None]) -> None:
        self._commit = commit
        self._waiting: Queue[Call | None] = Queue(WAITING_CALLS_MAX)
        self._door = Lock()
        self._closed = False
        self._thread = Thread(target=self._work, name="points-sequencer", daemon=True)
        self._thread.start()

    def submit(self, call: Call) -> list[Receipt]:
        """Wait for the call's turn and give its receipts. Raises what `commit` said, and TooBusy."""
        with self._door:  # who is let in before the door closes stands before the thread's last call
            if self._closed:
                raise ProgrammingError("the recorder is closed")
            if self._waiting.full():
                raise TooBusy("too many callers wait for their turn")
            self._waiting.put_nowait(call)
        return call.done.result()

    def close(self) -> None:
        """Serve who waits, then end the thread."""
        with self._door:
            first, self._closed = not self._closed, True
        if first:
            self._waiting.put(None)
            self._thread.join(CLOSE_SECONDS_MAX)

    def _work(self) -> None:
        while group := self._next_group():
            self._serve([call for call in group if call is not None])
            if group[-1] is None:
                break

    def _next_group(self) -> list[Call | None]:
        group = [self._waiting.get()]
        entries = 0
        while (last := group[-1]) is not None and (entries := entries + len(last.request)) < GROUP_ENTRIES_MAX:
            try:
                group.append(self._waiting.get_nowait())
            except Empty:
                break
        return group

    def _serve(self, calls: Sequence[Call]) -> None:
        """Commit a group; where it fails for another reason than the connection, find the call at fault."""
        if not calls:
            return
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
        if not call.done.done():
            # A copy each: an exception collects the frames of whoever raises it.
            copy = type(failure)(*failure.args) if isinstance(failure, PersistenceError) else failure
            call.done.set_exception(copy)
