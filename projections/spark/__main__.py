"""Score an export on a cluster: `python -m projections.spark --master spark://… --export DIR --rulebooks DIR`."""

import argparse
import json
import sys
import time
from datetime import date
from pathlib import Path

from ledger.rulebooks import load_directory
from projections.exports.layout import read_manifest
from projections.spark.parts import Job
from projections.spark.scoring import score_there, session


def main() -> None:
    """Print what came of it, as one JSON object."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--master", required=True, help="spark://HOST:PORT, or local[*]")
    arguments.add_argument("--export", type=Path, required=True, help="the same path for every worker")
    arguments.add_argument("--rulebooks", type=Path, required=True, help="a folder of YAML files")
    arguments.add_argument("--as-of", type=date.fromisoformat, help="default: the day of the export")
    arguments.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of Spark")
    given = arguments.parse_args()
    as_of = given.as_of or read_manifest(given.export).day
    job = Job(str(given.export.resolve()), load_directory(given.rulebooks).documents, as_of)
    settings = dict(one.partition("=")[::2] for one in given.set)
    spark = session(given.master, **settings)
    try:
        began = time.monotonic()
        scored = score_there(spark, job)
        seconds = time.monotonic() - began
    finally:
        spark.stop()
    sys.stdout.write(json.dumps({**scored._asdict(), "seconds": round(seconds, 3)}) + "\n")


if __name__ == "__main__":
    main()
