"""A standalone cluster on this machine: one master and two workers, on loopback alone, stopped by their ids.

    python -m projections.spark.cluster --folder cluster --seconds 600

Each is tied to this process: when it ends, killed or not, they end too. It is for trying and testing; a real
cluster is started as Spark's own documents say.
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pyspark

from projections.spark import tether

LOOPBACK = "127.0.0.1"
STARTS_WITHIN = 60.0
STOPS_WITHIN = 20.0
_TETHER = str(Path(tether.__file__))
_MASTER = "org.apache.spark.deploy.master.Master"
_WORKER = "org.apache.spark.deploy.worker.Worker"
_OPENED = [
    f"--add-opens=java.base/{package}=ALL-UNNAMED"
    for package in ("java.lang", "java.lang.invoke", "java.nio", "java.util", "java.util.concurrent", "sun.nio.ch")
]


class ClusterNotStarted(Exception):
    """A process of the cluster ended, or did not come up in time; the message names its log."""


@dataclass
class Cluster:
    """A running cluster: the master's address, and the processes."""

    master: str
    web: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def ids(self) -> list[int]:
        """Give the processes' ids."""
        return [process.pid for process in self.processes]


@contextmanager
def cluster(folder: Path, workers: int = 2, cores: int = 1, memory: str = "1g") -> Iterator[Cluster]:
    """Start a master and its workers, with their logs and scratch in `folder`; stop them when the block ends.

    Raises ClusterNotStarted.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port, web = _free_port(), _free_port()
    running = Cluster(f"spark://{LOOPBACK}:{port}", web)
    with ExitStack() as stack:
        master = ["--host", LOOPBACK, "--port", str(port), "--webui-port", str(web)]
        _start(stack, running, folder, "master", _MASTER, master)
        _wait(running, folder, port)
        for number in range(workers):
            place = folder / f"worker-{number}"
            options = ["--host", LOOPBACK, "--port", str(_free_port()), "--webui-port", str(_free_port())]
            options += ["--cores", str(cores), "--memory", memory, "--work-dir", str(place), running.master]
            _start(stack, running, folder, f"worker-{number}", _WORKER, options)
        _wait_for_workers(running, folder, workers)
        yield running


def _start(stack: ExitStack, running: Cluster, folder: Path, name: str, main: str, options: list[str]) -> None:
    """Start one process in a group of its own, so that the executors it starts end with it, and it with us."""
    java = shutil.which("java")
    if java is None:
        raise ClusterNotStarted("java")
    home = Path(next(iter(pyspark.__path__)))
    scratch = folder / f"{name}-scratch"
    environment = {"PATH": os.defpath, "SPARK_HOME": str(home), "SPARK_SCALA_VERSION": "2.13"}
    environment |= {"SPARK_LOCAL_IP": LOOPBACK, "SPARK_LOCAL_DIRS": str(scratch)}
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, _TETHER, java, "-Xmx512m", *_OPENED, "-cp", str(home / "jars" / "*"), main, *options],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    running.processes.append(process)
    stack.callback(_stop, process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and the executors of its group."""
    if process.stdin is not None:
        process.stdin.close()
    for sent in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sent)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOPS_WITHIN)
            break


def _wait(running: Cluster, folder: Path, port: int) -> None:
    """Wait until the master answers."""
    ends = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < ends:
        _check(running, folder)
        with suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
            return
        time.sleep(0.2)
    raise ClusterNotStarted(str(folder))


def _wait_for_workers(running: Cluster, folder: Path, workers: int) -> None:
    """Wait until the master has registered every worker, as its log says."""
    ends = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < ends:
        _check(running, folder)
        if (folder / "master.log").read_text(encoding="utf-8", errors="replace").count(
            "Registering worker"
        ) >= workers:
            return
        time.sleep(0.2)
    raise ClusterNotStarted(str(folder))


def _check(running: Cluster, folder: Path) -> None:
    if any(process.poll() is not None for process in running.processes):
        raise ClusterNotStarted(str(folder))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


def main() -> None:
    """Run a cluster for so many seconds, or until interrupted."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    arguments.add_argument("--folder", type=Path, required=True, help="for logs and scratch")
    arguments.add_argument("--workers", type=int, default=2)
    arguments.add_argument("--seconds", type=float, default=600)
    given = arguments.parse_args()
    with cluster(given.folder, given.workers) as running, suppress(KeyboardInterrupt):
        sys.stdout.write(f"{running.master}  processes {running.ids}\n")
        sys.stdout.flush()
        time.sleep(given.seconds)


if __name__ == "__main__":
    main()
