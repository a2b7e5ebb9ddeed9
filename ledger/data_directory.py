"""The data directory of an embedded server: its paths, its locks, and who lives in it.

`cluster/` is PostgreSQL's own directory, `run/` holds the socket and the log, `lock` is held while the server is
started or stopped, and `users` is held, shared, by every process that uses the server.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ledger.installation import ServerError, make_reachable, processes, server_account

SOCKET = ".s.PGSQL.5432"
SOCKET_PATH_BYTES_MAX = 103  # sun_path holds 108 bytes on Linux, 104 on macOS, one of them the closing NUL


class DataDirectoryError(ServerError):
    """The data directory cannot be used."""


class WrongVersionError(DataDirectoryError):
    """The data directory belongs to another major version of PostgreSQL."""


class SocketPathTooLongError(DataDirectoryError):
    """The data directory's path leaves no room for the name of a socket."""


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """The paths of one data directory, and the name its processes carry in the process list."""

    root: Path

    @property
    def cluster(self) -> Path:
        """Give PostgreSQL's own directory."""
        return self.root / "cluster"

    @property
    def run(self) -> Path:
        """Give the folder of the socket and the log."""
        return self.root / "run"

    @property
    def log(self) -> Path:
        """Give the server's log file."""
        return self.run / "server.log"

    @property
    def name(self) -> str:
        """Give the cluster's name: it stands in every process title."""
        return "points-" + hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]

    def prepare(self) -> None:
        """Make the folders, or say why they cannot be made."""
        if len(os.fsencode(self.run / SOCKET)) > SOCKET_PATH_BYTES_MAX:
            raise SocketPathTooLongError(
                f"the socket {self.run / SOCKET} would be longer than {SOCKET_PATH_BYTES_MAX} bytes: "
                "choose a data directory with a shorter path"
            )
        account = server_account()
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700 if account is None else 0o711)
            self.run.mkdir(exist_ok=True, mode=0o700)
            if account is not None:
                os.chown(self.run, account.pw_uid, account.pw_gid)
            (self.root / "lock").touch(mode=0o600)
        except OSError as error:
            raise DataDirectoryError(f"the data directory {self.root} is not writable: {error.strerror}") from None
        make_reachable(self.run)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the right to start and stop."""
        handle = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def join(self) -> int:
        """Become a user of the server: a shared lock for as long as the handle lives."""
        handle = os.open(self.root / "users", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(handle, fcntl.LOCK_SH)
        return handle

    def in_use(self) -> bool:
        """Say whether any process is a user. Ask while holding `locked`."""
        handle = self.join()
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

    def postmaster(self) -> tuple[int, str] | None:
        """Give the living server's process id and state (`ready`, `starting`, `stopping`), or None."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            pid = int(lines[0])
        except (OSError, ValueError, IndexError):
            return None
        # The number alone proves nothing: after a crash it may belong to any other process by now.
        if f"cluster_name={self.name}" not in processes().get(pid, ""):
            return None
        return pid, lines[7].strip() if len(lines) > 7 else "starting"

    def orphans(self) -> list[int]:
        """List server processes whose postmaster is dead: their titles carry the cluster's name."""
        return [pid for pid, words in processes().items() if words.startswith(f"postgres: {self.name}: ")]
