"""Keeps the runners of a process running: a thread each, started again after a failure, with growing pauses.

Two failures are not tried again, since trying cannot help: the ledger under the projection was replaced, and a
projection that folds no entry. They stop that projection alone and say so.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from domain.errors import LedgerReplaced
from ledger.database import DatabaseRefused
from projections.heartbeats import State
from projections.projection import ProjectionBroken
from projections.runner import Runner, Stop

_log = logging.getLogger(__name__)


class Failure(NamedTuple):
    """What is told of a failure: no text of an error, which may hold what was in a row."""

    projection: str
    reason: str
    again_in_s: float | None


@dataclass(frozen=True, slots=True)
class Pauses:
    """How long to wait before starting again; a run of `sound_s` seconds makes the next pause the first one."""

    first_s: float = 0.5
    most_s: float = 30.0
    sound_s: float = 60.0


class Supervisor:
    """Runs one runner for each name. `make` opens a connection of its own for each start."""

    def __init__(
        self,
        names: Sequence[str],
        make: Callable[[str], Runner],
        *,
        tell: Callable[[Failure], None] | None = None,
        pauses: Pauses | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._names = names
        self._make = make
        self._tell = tell or _logged
        self._pauses = pauses or Pauses()
        self._monotonic = monotonic
        self.stopped: dict[str, str] = {}

    def run(self, stop: threading.Event) -> None:
        """Run until told to end, or until every projection has stopped."""
        threads = [
            threading.Thread(target=self._keep, args=(name, stop), name=f"projection-{name}")
            for name in self._names
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _keep(self, name: str, stop: Stop) -> None:
        pause_s = self._pauses.first_s
        while not stop.is_set():
            began = self._monotonic()
            reason = self._attempt(name, stop)
            if reason is None:
                return
            if self._monotonic() - began >= self._pauses.sound_s:
                pause_s = self._pauses.first_s
            self._tell(Failure(name, reason, pause_s))
            self._beat(name, "failed", reason)
            stop.wait(pause_s)
            pause_s = min(pause_s * 2, self._pauses.most_s)

    def _attempt(self, name: str, stop: Stop) -> str | None:
        """Run until told to end or until it fails; give the failure, None where there is nothing to try again."""
        try:
            with self._make(name) as runner:
                runner.run(stop)
        except (LedgerReplaced, ProjectionBroken) as error:
            reason = type(error).__name__
            self.stopped[name] = reason
            self._tell(Failure(name, reason, None))
            self._beat(name, "stopped", reason)
        except DatabaseRefused as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - a projection's failure must not take the others with it
            return type(error).__name__
        return None

    def _beat(self, name: str, state: State, reason: str) -> None:
        """Say so in the database too, where there is one to say it in."""
        try:
            with self._make(name) as runner:
                runner.say(state, reason)
        except Exception as error:  # noqa: BLE001 - the database may be what failed
            _log.warning("projection %s cannot write its heartbeat: %s", name, type(error).__name__)


def _logged(failure: Failure) -> None:
    if failure.again_in_s is None:
        _log.error("projection %s has stopped: %s", failure.projection, failure.reason)
    else:
        _log.warning(
            "projection %s failed: %s; again in %.1f s", failure.projection, failure.reason, failure.again_in_s
        )
