"""What a benchmark says: figures beside a limit measured in the same run, medians of interleaved rounds."""

import os
import platform
import statistics
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROUNDS = 5
Rates = Sequence[float]


@dataclass(frozen=True, slots=True)
class Figure:
    """One metric: the median of the rounds, `spread` its least and greatest; `ratio` is the median to the limit's.

    `goal` is a number to reach, or None; `met` says whether it was.
    """

    metric: str
    value: float
    unit: str
    spread: tuple[float, float]
    limit: float | None = None
    ratio: float | None = None
    goal: float | None = None
    met: bool | None = None


def figure(
    metric: str,
    rates: Rates,
    unit: str,
    *,
    limit: Rates | None = None,
    goal: float | None = None,
    at_most: bool = False,
) -> Figure:
    """Make a figure of the rates of all rounds. `goal` is a least value, or with `at_most` a greatest one."""
    value = statistics.median(rates)
    most = None if limit is None else statistics.median(limit)
    return Figure(
        metric,
        _rounded(value),
        unit,
        (_rounded(min(rates)), _rounded(max(rates))),
        None if most is None else round(most, 1),
        None if most is None else round(value / most, 4),
        goal,
        None if goal is None else (value <= goal if at_most else value >= goal),
    )


def _rounded(value: float) -> float:
    return round(value, 1 if value >= 10 else 3)


def interleaved(jobs: Mapping[str, Callable[[], float]], rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Run every job once in each round, so that a busy minute meets them all; give each job's rates."""
    rates: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, job in jobs.items():
            rates[name].append(job())
    return rates


@contextmanager
def pinned(cores: int) -> Iterator[None]:
    """Keep this thread, and what it starts, to so many processor cores; where the system cannot, to none."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(allowed)[:cores])
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def report(name: str, figures: Sequence[Figure], server: str = "") -> dict[str, Any]:
    """Give the one object that a benchmark prints."""
    return {
        "name": name,
        "commit": _commit(),
        "machine": ", ".join(
            part
            for part in (
                platform.machine(),
                f"{os.cpu_count()} cores",
                f"Python {platform.python_version()}",
                server,
            )
            if part
        ),
        "figures": [asdict(one) for one in figures],
    }


def _commit() -> str:
    try:
        said = subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"],  # noqa: S607 - whichever git the machine has
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return said.stdout.strip()
