"""A population scored by Apache Spark: a task takes the number of a part and scores that part, whole.

Spark hands out parts and collects what came of them. A task reads the Parquet of its part itself, as columns and
not through the virtual machine: no row is shuffled, no family divided. The folder must be the same path for every
worker, a shared disk or a mounted bucket.
"""

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
from pyspark.sql import SparkSession

from projections.spark.parts import Job, PartScore, PopulationScore, parts_of, score_part, together

SCHEMA = "part int, residents long, rows long, total long, sha256 string"
_ROW = pa.schema(
    [
        *(("part", pa.int32()), ("residents", pa.int64()), ("rows", pa.int64())),
        *(("total", pa.int64()), ("sha256", pa.string())),
    ]
)


def session(master: str, python: str = sys.executable, **settings: str) -> SparkSession:
    """Connect to a cluster, whose workers run `python`: by default where this one lies.

    `settings` are Spark's own, their dots written as two underscores.
    """
    builder = SparkSession.builder.master(master).appName("points")
    for name, value in settings.items():
        builder = builder.config(name.replace("__", "."), value)
    found = builder.getOrCreate()
    found.sparkContext.pythonExec = python  # the setting spark.pyspark.python is read by spark-submit alone
    return found


def score_there(spark: SparkSession, job: Job) -> PopulationScore:
    """Score every part, a task for each. Raises Py4JJavaError where a task fails for good."""
    numbers = parts_of(job)
    frame = spark.range(0, len(numbers), 1, len(numbers)).withColumnRenamed("id", "part")
    rows = frame.mapInArrow(_scored_by(job), SCHEMA).collect()
    return together(PartScore(*row) for row in rows)


def _scored_by(job: Job) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    told: Any = tuple(job)

    def scored(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                yield _one(score_part(Job(*told), number))

    return scored


def _one(score: PartScore) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(
        [pa.array([value], field.type) for value, field in zip(score, _ROW, strict=True)], schema=_ROW
    )
