"""A session on a cluster of this machine, as tests and benchmarks want it: on loopback, without pages."""

from collections.abc import Iterator
from contextlib import contextmanager

from pyspark.sql import SparkSession

from projections.spark.cluster import LOOPBACK, Cluster
from projections.spark.scoring import session
from tests.domain.given import HOUSE


@contextmanager
def connected(running: Cluster) -> Iterator[SparkSession]:
    """Connect to a cluster, whose workers import this checkout; let go of it when the block ends."""
    found = session(
        running.master,
        spark__executorEnv__PYTHONPATH=str(HOUSE),
        spark__executor__memory="512m",
        spark__driver__host=LOOPBACK,
        spark__driver__bindAddress=LOOPBACK,
        spark__ui__enabled="false",
        spark__ui__showConsoleProgress="false",
    )
    try:
        yield found
    finally:
        found.stop()
