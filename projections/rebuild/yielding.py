"""Letting others work first: a rebuild takes what processor time readers and writers leave over, and no more.

Niceness alone does nothing where the kernel shares processors out by session first (sched(7), "The autogroup
feature"): every server process is a session of its own. There the session is made nice, which only its one process
feels. Nothing here is refused or waited for: where the system forbids it, work goes on as it is.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from psycopg import Connection

from ledger.database import Database

NICE = 10
"""A tenth of the share of whoever is not nice: slow while others work, never stopped."""


def yields() -> None:
    """Let others work before this process, which becomes a session of its own."""
    with suppress(OSError):
        os.setsid()
    _make_nice(os.getpid())


def server_yields(database: Database, connection: Connection[Any]) -> None:
    """Let others work before the server's process of a connection, where the server is ours and on this machine."""
    if database.embedded:
        _make_nice(connection.info.backend_pid)


def _make_nice(process: int) -> None:
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, process, NICE)
    with suppress(OSError):
        if os.getsid(process) == process:
            Path(f"/proc/{process}/autogroup").write_text(str(NICE), encoding="ascii")
