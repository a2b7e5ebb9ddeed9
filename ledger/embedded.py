"""The PostgreSQL that needs no set-up: a real server in a data directory, shared by the processes that use it.

Every process that uses the server holds a shared lock (ledger/data_directory.py). The kernel lets go of it when a
process dies, so there is no list to go stale. The last user to leave stops the server; a process that dies leaves
it running for the next one.

Only a unix socket is opened. Whoever can reach the socket may be any role, so `run/` admits nobody but the server's
account and root.
"""

import os
import shutil
import signal
import socket
import struct
import time
import weakref
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from ledger.data_directory import SOCKET, DataDirectory, DataDirectoryError, WrongVersionError
from ledger.installation import (
    Installation,
    ServerError,
    bundled,
    installation_at,
    make_reachable,
    make_readable,
    quoted,
    server_account,
)

START_SECONDS_MAX = 120.0  # crash recovery replays at most max_wal_size
STOP_SECONDS_MAX = 120.0  # a fast stop writes a checkpoint
_POLL_SECONDS = 0.02
_LEFTOVER_SECONDS = 5.0
_ANSWER_SECONDS = 5.0
_SSL_REQUEST = struct.pack("!ii", 8, 80877103)


def _shared_mb() -> int:
    """Give an eighth of the machine's memory, from 128 to 1,024 MB: an import looks all over five indexes."""
    return max(128, min(1_024, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 8 // 2**20))


_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "200",
    "shared_buffers": f"{_shared_mb()}MB",
    "max_wal_size": "2GB",
    # What a statement carried stays out of the log: no DETAIL, no statement text, no parameters.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}


class Embedded:
    """A running server and our share in it. Leave it with `release`, or use it as a context."""

    def __init__(self, place: DataDirectory, installation: Installation, handle: int) -> None:
        self._place = place
        self._installation = installation
        self._leave = weakref.finalize(self, os.close, handle)
        self.url = self.url_of("postgres")

    @property
    def data_dir(self) -> Path:
        """Give the data directory this server keeps."""
        return self._place.root

    @property
    def log(self) -> Path:
        """Give the server's log file."""
        return self._place.log

    @property
    def pid(self) -> int | None:
        """Give the postmaster's process id, None when it is not running."""
        found = self._place.postmaster()
        return found[0] if found else None

    def url_of(self, database: str) -> str:
        """Give the URL of one database as the server's administrator."""
        return f"postgresql://postgres@/{quote(database)}?host={quote(str(self._place.run), safe='')}"

    def stop(self) -> None:
        """Stop the server now, whoever uses it: sessions are ended, what was committed stays."""
        self._leave()
        with self._place.locked():
            _stop(self._place, self._installation)

    def release(self) -> None:
        """Leave the server; the last user to leave stops it. Leaving twice is leaving once."""
        if self._leave.alive:
            self._leave()
            with self._place.locked():
                if not self._place.in_use():
                    _stop(self._place, self._installation)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def serve(data_dir: Path, installation: Installation | None = None) -> Embedded:
    """Start the server of `data_dir`, or join it where it runs already; a new directory gets a new cluster.

    Without `installation` the programs of the wheel are used. Raises a ServerError that says what helps.
    """
    programs = installation or bundled()
    place = DataDirectory(data_dir.expanduser().resolve())
    place.prepare()
    make_reachable(programs.bin_dir)
    make_readable(programs)
    with place.locked():
        if not place.cluster.exists():
            _initialise(place, programs)
        _refuse_other_version(place, programs)
        if _settled(place) is None:
            _start(place, programs)
        return Embedded(place, programs, place.join())


def running(data_dir: Path, installation: Installation | None = None) -> Embedded | None:
    """Join the server of `data_dir` if it runs; start nothing."""
    place = DataDirectory(data_dir.expanduser().resolve())
    if not place.cluster.exists():
        return None
    with place.locked():
        found = _settled(place)
        return Embedded(place, installation or bundled(), place.join()) if found else None


def system_server(bin_dir: Path, data_dir: Path) -> Embedded:
    """Serve `data_dir` with the PostgreSQL programs of `bin_dir` instead of the wheel's."""
    return serve(data_dir, installation_at(bin_dir))


def _initialise(place: DataDirectory, programs: Installation) -> None:
    """Make the cluster beside its place and move it there when whole: a start cut short leaves nothing half."""
    fresh = place.root / "cluster.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    account = server_account()
    if account is not None:
        os.chown(fresh, account.pw_uid, account.pw_gid)
    options = ["--auth-local=trust", "--auth-host=reject", "--username=postgres", "--data-checksums"]
    text = ["--encoding=UTF8", "--locale=C"]  # order and case never depend on the machine's locale
    programs.run("initdb", [*options, *text, "-D", str(fresh)], timeout_s=START_SECONDS_MAX)
    fresh.rename(place.cluster)


def _refuse_other_version(place: DataDirectory, programs: Installation) -> None:
    try:
        major = (place.cluster / "PG_VERSION").read_text(encoding="utf-8").strip()
    except OSError as error:
        raise DataDirectoryError(f"{place.cluster} is no readable PostgreSQL cluster: {error.strerror}") from None
    if major != str(programs.major):
        raise WrongVersionError(
            f"{place.cluster} was made by PostgreSQL {major} and {programs.bin_dir} holds {programs.major}: "
            "use another data directory, or upgrade this one with pg_upgrade"
        )


def _settled(place: DataDirectory) -> int | None:
    """Wait until the server either answers or is gone; give its process id."""
    until = time.monotonic() + START_SECONDS_MAX
    # The file goes on saying `ready` when a postmaster was killed, and the dead stay listed for a moment.
    while (found := place.postmaster()) and not (found[1] == "ready" and _answers(place)):
        if time.monotonic() > until:
            raise ServerError(f"the server of {place.root} is still {found[1]}; see {place.log}")
        time.sleep(_POLL_SECONDS)
    return found[0] if found else None


def _answers(place: DataDirectory) -> bool:
    """Ask the server whether it speaks TLS (protocol 3.0, SSLRequest): any answer shows that it is alive."""
    with socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(_ANSWER_SECONDS)
        try:
            caller.connect(str(place.run / SOCKET))
            caller.sendall(_SSL_REQUEST)
            return caller.recv(1) != b""
        except OSError:
            return False


def _start(place: DataDirectory, programs: Installation) -> None:
    _end_orphans(place)
    # A number in a lock file that by now is a stranger's, or a zombie's that nobody buried, would keep PostgreSQL
    # from starting. We hold the lock and no process carries this cluster's name: a crash left these files behind.
    for left in (place.cluster / "postmaster.pid", place.run / f"{SOCKET}.lock"):
        with suppress(FileNotFoundError):
            left.unlink()
    settings = _SETTINGS | {"unix_socket_directories": str(place.run), "cluster_name": place.name}
    options = quoted([word for key, value in settings.items() for word in ("-c", f"{key}={value}")])
    wait = ["-w", "-t", str(int(START_SECONDS_MAX))]
    arguments = [*wait, "-s", "-D", str(place.cluster), "-l", str(place.log), "-o", options, "start"]
    try:
        programs.run("pg_ctl", arguments, timeout_s=START_SECONDS_MAX + 5)
    except ServerError as error:
        raise ServerError(f"{error}\n{_last_words(place)}") from None


def _end_orphans(place: DataDirectory) -> None:
    """End what a killed postmaster left behind: PostgreSQL starts only when nobody uses the old shared memory."""
    until = time.monotonic() + _LEFTOVER_SECONDS
    while left := place.orphans():
        # They leave by themselves at their next wait; one in a long computation is told, then made to.
        late = time.monotonic() > until
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL if late else signal.SIGQUIT)
        time.sleep(_POLL_SECONDS)


def _stop(place: DataDirectory, programs: Installation) -> None:
    if _settled(place) is None:
        return
    wait = ["-w", "-t", str(int(STOP_SECONDS_MAX))]
    programs.run(
        "pg_ctl", [*wait, "-s", "-D", str(place.cluster), "-m", "fast", "stop"], timeout_s=STOP_SECONDS_MAX + 5
    )


def _last_words(place: DataDirectory) -> str:
    try:
        lines = place.log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return f"no log at {place.log}"
    return "\n".join([f"the end of {place.log}:", *lines[-5:]])
