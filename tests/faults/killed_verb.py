"""Run as a process: one verb of the command line, killed at its n-th append, before or after the commit."""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from api.cli import run
from ledger import bulk
from ledger.bulk import BulkAppender
from ledger.recorder import EntryRecorder

_APPENDS = {"left": 0}


def killing(work: Callable[..., Any], *, after: bool) -> Callable[..., Any]:
    """Give the work with a kill in it."""

    def killed(*given: Any, **named: Any) -> Any:
        _APPENDS["left"] -= 1
        if not _APPENDS["left"] and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = work(*given, **named)
        if not _APPENDS["left"]:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    return killed


if __name__ == "__main__":
    number, when, *arguments = sys.argv[1:]
    _APPENDS["left"] = int(number)
    bulk.CHUNK_ENTRIES_FIRST = bulk.CHUNK_ENTRIES_MAX = bulk.CHUNK_ENTRIES_MIN = 4
    for owner, name in ((BulkAppender, "append_block"), (EntryRecorder, "append")):
        setattr(owner, name, killing(getattr(owner, name), after=when == "after"))
    sys.exit(run(arguments))
