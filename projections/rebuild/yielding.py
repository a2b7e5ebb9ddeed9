"""Letting others work first: a rebuild takes what processor time readers and writers leave over.

The processes that fill are nice, as sessions: Linux shares processors out by session before it looks at niceness
(sched(7), "The autogroup feature"). The server's processes that work for them are not made nice: one that was put
aside while it held a lock would keep everybody waiting. But whoever wants an answer in a millisecond waits some
milliseconds for a processor that is in use: so while others are at work, all of these are kept off one processor.

Where the system forbids any of this, or the server is somewhere else, the rebuild goes on as it is.
"""

import os
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from psycopg import Connection

from ledger.database import Database

NICE = 10
"""A tenth of the share of whoever is not nice: slow while others work, never stopped."""
OTHERS_A_SECOND = 50.0
"""Transactions a second from which on others are at work; idle runners looking for entries come to some thirty."""
LISTENED_S = 1.2
"""So long it is listened before anything is known: the server counts a session's transactions once a second."""
QUIET_S = 3.0
"""Others have gone when so long nothing was heard of them."""


def yields() -> None:
    """Let others work before this process, which becomes a session of its own."""
    with suppress(OSError):
        os.setsid()
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, NICE)
    with suppress(OSError):
        if os.getsid(0) == os.getpid():
            Path("/proc/self/autogroup").write_text(str(NICE), encoding="ascii")


def server_processes(database: Database, connection: Connection[Any]) -> list[int]:
    """Give the server's process of a connection, where the server is ours to govern."""
    return [connection.info.backend_pid] if database.embedded else []


class Courtesy:
    """Keeps processes off one processor for as long as others are at work in the database.

    `connection` is for asking how many transactions there were. With more than two processors for each pair of a
    process and its server's, one is free anyway.
    """

    def __init__(
        self, connection: Connection[Any], pairs: int, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._connection, self._monotonic = connection, monotonic
        self._all = _allowed()
        self._few = sorted(self._all)[1:] if 1 < len(self._all) <= 2 * pairs else sorted(self._all)
        self._counted: tuple[float, int] | None = None
        self._known, self._heard = monotonic() + LISTENED_S, float("-inf")
        self._kept: dict[int, bool] = {}

    @contextmanager
    def small(self) -> Iterator[None]:
        """Start processes that leave a processor free until it is known that nobody needs it."""
        _keep_to(0, self._few)
        try:
            yield
        finally:
            _keep_to(0, self._all)

    def heed(self, processes: Collection[int]) -> bool:
        """Look whether others are at work, and let these processes use what is left; say whether they are."""
        now, count = self._monotonic(), self._transactions()
        began, before = self._counted = self._counted or (now, count)
        if now - began >= LISTENED_S:
            if count - before > OTHERS_A_SECOND * (now - began):
                self._heard = now
            self._counted = now, count
        busy = now < max(self._known, self._heard + QUIET_S)
        for process in processes:
            if self._kept.get(process) != busy:
                self._kept[process] = busy
                _keep_to(process, self._few if busy else self._all)
        return busy

    def _transactions(self) -> int:
        found = self._connection.execute(
            "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone()
        return int(found[0]) if found else 0


def _keep_to(process: int, processors: Collection[int]) -> None:
    if processors:
        with suppress(OSError):
            os.sched_setaffinity(process, processors)


def _allowed() -> set[int]:
    """Give the processors that we may use; none where the system cannot say."""
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
