"""How fast a month's file is taken in, from the file to durable entries, beside COPY of ready rows in the same run.

Three earlier months of the same residents are loaded first. Each round copies ready rows into a table with the
columns, the indexes and the rows of `entries`, which is the limit, then imports one month in which everybody is
known, and one in which a share of the residents is not. `processor` figures count the seconds of the importer, its
preparers and the server: what a machine with nothing else to do would need.

`--long` imports months of the same people in one file of so many rows. `--entries` imports the same month into a
ledger that holds so many already, in turns with the other. `--kept` names a folder in which ledgers stay, so that
the next run need not load them: fifty million entries take 30 GB, and half an hour to make.
"""
# ruff: noqa: N999 - a benchmark is a module of its name, and this one is called import

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks.copying import Limit
from tests.benchmarks.large_ledger import grow_streams, warm
from tests.benchmarks.months import PREPARERS, Cost, Months, configure
from tests.benchmarks.report import ROUNDS, Figure, figure, report

ROWS = 1_000_000
EARLIER_MONTHS = 3
UNKNOWN_PERCENT = 10
RATE_GOAL, LIMIT_GOAL, MEMORY_GOAL_MB, LARGE_GOAL = 60_000, 0.35, 600, 0.85
_TOPIC = "insurance-month-paid.v1"


def options(parser: argparse.ArgumentParser) -> None:
    """Name what can be asked."""
    parser.add_argument("--rows", type=int, default=ROWS, help="rows, and residents, of a month's file")
    parser.add_argument("--unknown", type=int, default=UNKNOWN_PERCENT, help="percent of them whom nobody knows")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--long", type=int, default=0, help="import one file of so many rows too")
    parser.add_argument("--entries", type=int, default=0, help="measure in a ledger of so many entries too")
    parser.add_argument("--kept", type=Path, help="where the ledgers lie, or are to be made and kept")
    parser.add_argument("--only-make", action="store_true", help="make the ledgers of --kept and measure nothing")


def measure(asked: argparse.Namespace) -> dict[str, object]:
    """Measure on the embedded server, in interleaved rounds."""
    with ExitStack() as held:
        folder = asked.kept or Path(held.enter_context(tempfile.TemporaryDirectory(prefix="points-bench-")))
        folder.mkdir(exist_ok=True, parents=True)
        folder.chmod(0o711)
        large = None
        if asked.entries:
            make_large(folder / "large", asked.entries, asked.rows)
            large = held.enter_context(Months(folder / "large"))
            warm(large.database)
            large.say("its indexes were read once")
        months = held.enter_context(Months(folder / "months"))
        for month in range(months.loaded.month, EARLIER_MONTHS):
            months.imported(asked.rows, unknown=0 if month else asked.rows)
        figures = [] if asked.only_make else _measured(asked, months, large)
    return report(f"import of {asked.rows:,} rows", figures, "PostgreSQL 18")


def make_large(folder: Path, entries: int, residents: int) -> None:
    """Make a ledger of so many entries of so many residents, if it is not there yet."""
    if (folder / "whole").exists():
        return
    folder.mkdir(exist_ok=True, parents=True)
    folder.chmod(0o711)
    configure(folder, {"wal_level": "minimal", "max_wal_senders": "0", "autovacuum": "off"})
    with Months(folder) as months:
        months.known(residents)
        months.say(f"{residents:,} residents are known")
        months.imported(1)
        grow_streams(months.database, entries, _TOPIC)
        months.say(f"{entries:,} entries are there")
    configure(folder, {})
    (folder / "whole").touch()


def _measured(asked: argparse.Namespace, months: Months, large: Months | None) -> list[Figure]:
    rates, costs = _rounds(asked, months, large) if asked.rounds else ([], {})
    long = [months.imported(asked.rows, months=asked.long // asked.rows)] if asked.long else []
    found = _figures("everybody known", costs.get("known", []), rates)
    found += _figures(f"{asked.unknown} % unknown", costs.get("unknown", []), rates)
    found += _figures(f"{asked.long:,} rows in one file", long)
    if large is not None and rates:
        found += _figures(f"in a ledger of {asked.entries:,} entries", costs["large"])
        times = [one.rate / other.rate for one, other in zip(costs["large"], costs["known"], strict=True)]
        found.append(figure("the same, times the rate in the other ledger", times, "times", goal=LARGE_GOAL))
    limits = [figure("COPY of ready rows into an identical table: the limit", rates, "rows/s")] if rates else []
    return limits + found


def _rounds(
    asked: argparse.Namespace, months: Months, large: Months | None
) -> tuple[list[float], dict[str, list[Cost]]]:
    """Take turns; give the limit's rates, and what the imports cost."""
    rates: list[float] = []
    costs: dict[str, list[Cost]] = {"known": [], "unknown": [], "large": []}
    limit = Limit(months.desk, asked.rows)
    try:
        for _ in range(asked.rounds):
            rates.append(limit.copied())
            months.say(f"{asked.rows:,} ready rows copied: {rates[-1]:,.0f} rows/s")
            costs["known"].append(months.imported(asked.rows))
            if large is not None:
                costs["large"].append(large.imported(asked.rows))
            if asked.unknown:
                costs["unknown"].append(months.imported(asked.rows, asked.rows * asked.unknown // 100))
    finally:
        limit.close()
    return rates, costs


def _figures(what: str, costs: list[Cost], limit: list[float] | None = None) -> list[Figure]:
    if not costs:
        return []
    rates, memory = [one.rate for one in costs], [one.memory_mb for one in costs]
    found = [figure(what, rates, "rows/s", limit=limit, goal=RATE_GOAL)]
    if limit is not None:
        times = [one / most for one, most in zip(rates, limit, strict=True)]
        found.append(figure(f"{what}: times COPY in its round", times, "times", goal=LIMIT_GOAL))
    held = f"memory of the importer and {PREPARERS} preparers"
    return [
        *found,
        figure(f"{what}: processor time", [one.processor_us for one in costs], "µs a row"),
        figure(f"{what}: {held}", memory, "MB", goal=MEMORY_GOAL_MB, at_most=True),
        figure(f"{what}: memory of the server", [one.server_mb for one in costs], "MB"),
    ]
