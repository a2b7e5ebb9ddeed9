"""The embedded PostgreSQL: started without set-up, shared, stopped by its last user, started again after a kill."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from ledger.data_directory import DataDirectoryError, SocketPathTooLongError, WrongVersionError
from ledger.embedded import running, serve, system_server
from ledger.installation import Installation, ServerError, bundled, installation_at, processes
from tests.conftest import system_installation


@pytest.fixture
def home() -> Iterator[Path]:
    """A short path: a socket's has 107 bytes at most. What still runs in it afterwards is stopped."""
    folder = Path(tempfile.mkdtemp(prefix="pt-"))
    folder.chmod(0o711)
    yield folder
    left = running(folder)
    if left is not None:
        left.stop()
    shutil.rmtree(folder)


def ask(url: str, question: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(question).fetchone()
    return row[0] if row else None


def write(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement)


@pytest.mark.parametrize("installation", [bundled(), *system_installation()], ids=lambda one: f"{one.major}")
def test_a_new_directory_becomes_a_durable_server_without_set_up(home: Path, installation: Installation) -> None:
    with serve(home, installation) as server:
        settings = {
            name: ask(server.url, f"SHOW {name}")
            for name in ("fsync", "synchronous_commit", "full_page_writes", "listen_addresses", "data_checksums")
        }
        version = str(ask(server.url, "SHOW server_version_num"))

    assert settings == {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "listen_addresses": "",
        "data_checksums": "on",
    }
    assert version.startswith(str(installation.major))


def test_the_last_user_stops_the_server_and_what_was_written_stays(home: Path) -> None:
    first, second = serve(home), serve(home)
    write(first.url, "CREATE TABLE kept AS SELECT 7 AS n")
    first.release()
    still_there = ask(second.url, "SELECT n FROM kept")
    second.release()

    assert still_there == 7
    assert second.pid is None
    with serve(home) as again:
        assert ask(again.url, "SELECT n FROM kept") == 7


def test_leaving_twice_is_leaving_once(home: Path) -> None:
    first, second = serve(home), serve(home)
    first.release()
    first.release()

    assert second.pid is not None
    second.release()


def test_stop_ends_it_for_everybody(home: Path) -> None:
    first, second = serve(home), serve(home)
    first.stop()

    assert second.pid is None
    second.release()
    assert running(home) is None


def test_running_joins_but_never_starts(home: Path) -> None:
    assert running(home) is None
    with serve(home) as server:
        joined = running(home)

        assert joined is not None
        assert joined.pid == server.pid
        joined.release()


def test_processes_that_start_at_once_share_one_server(home: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from ledger.embedded import serve\n"
        "with serve(Path(sys.argv[1])) as server: print(server.pid); sys.stdin.read()"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    assert all(process.stdout for process in started)
    pids = {process.stdout.readline() for process in started if process.stdout}
    for process in started:
        process.communicate(timeout=60)

    assert len(pids) == 1
    assert running(home) is None


def test_a_user_that_dies_leaves_the_server_to_the_next(home: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from ledger.embedded import serve\n"
        "server = serve(Path(sys.argv[1])); print(server.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    died = subprocess.run(
        [sys.executable, "-c", script, str(home)], capture_output=True, text=True, check=False, timeout=60
    )
    next_user = serve(home)

    assert died.returncode == -signal.SIGKILL
    assert next_user.pid == int(died.stdout)
    next_user.release()
    assert running(home) is None


def test_a_killed_postmaster_is_started_again_beside_a_child_that_will_not_leave(home: Path) -> None:
    server = serve(home)
    write(server.url, "CREATE TABLE kept AS SELECT 7 AS n")
    # A child deep in a computation does not notice that its postmaster died: it holds the old shared memory.
    with ThreadPoolExecutor(1) as busy, psycopg.connect(server.url) as connection:
        asked = busy.submit(connection.execute, "DO $$ BEGIN FOR i IN 1..2000000000 LOOP NULL; END LOOP; END $$")
        wait_until_active(server.url)
        first = server.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        again = serve(home)

        assert again.pid not in {None, first}
        assert ask(again.url, "SELECT n FROM kept") == 7
        assert isinstance(asked.exception(timeout=30), psycopg.Error)
    server.release()
    again.release()


def wait_until_active(url: str) -> None:
    until = time.monotonic() + 20
    busy = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DO %'"
    while ask(url, busy) == 0 and time.monotonic() < until:
        time.sleep(0.01)


def test_a_number_in_the_lock_file_that_belongs_to_a_stranger_does_not_matter(home: Path) -> None:
    with serve(home):
        pass
    stale = home / "cluster" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{home / 'cluster'}\n1\n5432\n{home / 'run'}\n\n  1 1\nready   \n")

    with serve(home) as server:
        assert ask(server.url, "SELECT 1") == 1


def test_an_initialisation_cut_short_is_begun_anew(home: Path) -> None:
    half = home / "cluster.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")

    with serve(home) as server:
        assert ask(server.url, "SELECT 1") == 1
    assert not half.exists()


def test_a_directory_of_another_version_is_refused(home: Path) -> None:
    with serve(home):
        pass
    (home / "cluster" / "PG_VERSION").write_text("14\n")

    with pytest.raises(WrongVersionError, match="was made by PostgreSQL 14"):
        serve(home)


def test_a_path_too_long_for_a_socket_is_refused(home: Path) -> None:
    with pytest.raises(SocketPathTooLongError, match="longer than 103 bytes"):
        serve(home / ("p" * 90))


def test_a_directory_that_cannot_be_made_is_refused(home: Path) -> None:
    (home / "file").write_text("in the way")

    with pytest.raises(DataDirectoryError, match="not writable"):
        serve(home / "file")


def test_a_folder_without_programs_is_refused(home: Path) -> None:
    with pytest.raises(ServerError, match="no PostgreSQL programs"):
        system_server(home, home / "d")


def test_the_bundled_programs_are_of_the_version_they_are_said_to_be() -> None:
    assert installation_at(bundled().bin_dir) == bundled()


def test_nobody_but_the_servers_account_passes_to_the_socket(home: Path) -> None:
    with serve(home):
        assert (home / "run").stat().st_mode & 0o077 == 0


def test_a_path_with_spaces_and_quotes_is_a_path(home: Path) -> None:
    with serve(home / "it's a place") as server:
        assert ask(server.url, "SELECT 1") == 1


def test_an_ordinary_user_is_served_too(home: Path) -> None:
    home.chmod(0o777)
    # As root, it becomes `nobody` once its modules are loaded: the interpreter may lie where only root looks.
    script = (
        "import os, sys; from pathlib import Path; import psycopg; from ledger.embedded import serve\n"
        "if os.geteuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "with serve(Path(sys.argv[1])) as server, psycopg.connect(server.url) as connection:\n"
        "    print(connection.execute('SELECT 7').fetchone()[0], os.geteuid())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(home / "own")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.stdout.split() == ["7", str(os.geteuid() or 65534)], done.stderr


def test_no_server_of_ours_is_left_without_its_postmaster(home: Path) -> None:
    with serve(home) as server:
        assert server.pid in processes()
        name = server._place.name

    assert not [words for words in processes().values() if name in words]
