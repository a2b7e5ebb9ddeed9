"""A population scored on a real cluster of one master and two workers: the same digest as in this process.

Run by `make check-spark`: it wants Java 17 and pyspark, which the default run has not.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped] # it brings no types
import pytest
from pyspark.sql import SparkSession

from projections.spark.cluster import Cluster, cluster
from projections.spark.parts import Job, score_here
from projections.spark.scoring import score_there
from tests.domain.given import library
from tests.projections.populations import DAY, exported
from tests.spark.sessions import connected

# pyspark leaves the sockets of its results to the garbage collector: they are its own, and closed there.
pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"
)
RESIDENTS, PARTS = 2_000, 8
LOOPBACK = {"127.0.0.1", "::1", "::ffff:127.0.0.1"}


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    return Job(str(exported(tmp_path_factory.mktemp("export"), RESIDENTS, PARTS)), library().documents, DAY)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster"), workers=2) as found:
        started = family(found.ids)
        yield found
    assert len(started) == 2 * 3
    assert not [one for one in started if one.is_running()]


@pytest.fixture(scope="module")
def spark(running: Cluster) -> Iterator[SparkSession]:
    with connected(running) as found:
        yield found


def family(ids: list[int]) -> list[psutil.Process]:
    """Give these processes and all that they started."""
    found = [psutil.Process(one) for one in ids if psutil.pid_exists(one)]
    return [*found, *(child for one in found for child in one.children(recursive=True))]


def test_a_cluster_gives_the_digest_of_one_process(spark: SparkSession, job: Job) -> None:
    began = time.monotonic()
    here = score_here(job)
    middle = time.monotonic()
    there = score_there(spark, job)
    ended = time.monotonic()
    print(f"\nin process {middle - began:.2f} s, on the cluster {ended - middle:.2f} s")  # noqa: T201 - the figure asked for

    assert there == here
    assert there.residents == RESIDENTS


def test_both_workers_took_parts(spark: SparkSession, running: Cluster) -> None:
    executors = spark.sparkContext._jsc.sc().getExecutorMemoryStatus().size() - 1

    assert executors == 2
    assert len(running.ids) == 3


def test_nothing_listens_beyond_loopback(spark: SparkSession, running: Cluster) -> None:
    gateway = spark.sparkContext._gateway.proc.pid
    listening = {
        connection.laddr.ip
        for process in family([*running.ids, gateway])
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }

    assert listening
    assert listening <= LOOPBACK


def test_a_second_run_on_the_same_cluster_says_the_same(spark: SparkSession, job: Job) -> None:
    assert score_there(spark, job) == score_there(spark, job)


def test_a_cluster_ends_with_the_process_that_started_it_even_when_that_is_killed(tmp_path: Path) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-m", "projections.spark.cluster", "--folder", str(tmp_path)], stdout=subprocess.PIPE
    )
    with starter:
        assert starter.stdout is not None
        assert starter.stdout.readline().startswith(b"spark://127.0.0.1:")
        started = psutil.Process(starter.pid).children(recursive=True)
        starter.send_signal(signal.SIGKILL)

    _gone, alive = psutil.wait_procs(started, timeout=30)
    assert len(started) == 2 * 3
    assert not alive
