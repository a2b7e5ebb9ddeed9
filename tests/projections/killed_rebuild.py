"""Run as a process: rebuild, and be killed where one function ends for the n-th time."""

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from ledger.database import Database
from projections.rebuild.filling import Filler
from projections.rebuild.generation import Books
from projections.rebuild.layout import Layout
from projections.rebuild.scores import ScoresFill
from projections.runner import Runner
from tests.projections.given import GivenLedger

POINTS: dict[str, tuple[type, str]] = {
    "begun": (Books, "begin"),
    "laid out": (Layout, "lay_out"),
    "followed": (Runner, "step"),
    "anchored": (Books, "anchor"),
    "claimed": (Books, "claim"),
    "range written": (ScoresFill, "fill"),
    "range committed": (Filler, "fill"),
    "indexed": (Layout, "index_all"),
    "finished": (ScoresFill, "finish"),
    "compared": (Books, "compared"),
    "locked": (Layout, "lock"),
    "exchanged": (Layout, "exchange"),
    "turned": (Books, "turn"),
}
"""The points at which a rebuild may be killed: when this function has done its work."""


def kill_at(point: str, times: int) -> None:
    """Kill this process where the function of a point ends for the n-th time."""
    owner, name = POINTS[point]
    whole: Callable[..., Any] = getattr(owner, name)
    left = [times]

    def ending(*given: Any, **named: Any) -> Any:
        result = whole(*given, **named)
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, ending)


if __name__ == "__main__":
    url, ledger_name, asked, point, times = sys.argv[1:]
    kill_at(point, int(times))
    ledger = GivenLedger(Database(url, ledger_name, embedded=True))
    ledger.keys.salts = {bytes.fromhex(key): bytes.fromhex(salt) for key, salt in json.load(sys.stdin).items()}
    rebuild = ledger.rebuild(rows_in_a_part=3)
    if asked == "start":
        rebuild.start()
    elif asked == "switch":
        rebuild.switch()
    else:
        rebuild.rollback()
