"""`python -m tests.benchmarks NAME [--json] [...]`: measure, print, exit 0 whatever was measured.

A benchmark is a module in this folder with `measure() -> dict`, as `report` of report.py makes it. One that takes
options has `options(parser)` to name them, and `measure` takes what was asked.
"""

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

_PARTS = {
    "bars",
    "copies",
    "copying",
    "large_ledger",
    "large_tree",
    "months",
    "plot",
    "rebuilt_entries",
    "rebuilt_library",
    "rebuilt_load",
    "rebuilt_town",
    "report",
    "resident",
    "touched",
    "witnessed",
    "writers",
}
"""Modules in this folder that are part of benchmarks and none themselves."""


def names() -> list[str]:
    """List the benchmarks."""
    return sorted({path.stem for path in Path(__file__).parent.glob("[a-z]*.py")} - _PARTS)


def shown(found: dict[str, Any]) -> Table:
    """Lay the figures out for people."""
    table = Table(title=f"{found['name']} at {found['commit']} on {found['machine']}")
    for heading in ("metric", "median", "spread", "unit", "limit", "of the limit", "goal"):
        table.add_column(heading, justify="left" if heading in {"metric", "unit"} else "right")
    for one in found["figures"]:
        low, high = one["spread"]
        goal = "" if one["goal"] is None else f"{one['goal']:,g} {'met' if one['met'] else 'not met'}"
        limit, ratio = ("" if one[key] is None else one[key] for key in ("limit", "ratio"))
        table.add_row(
            one["metric"],
            _short(one["value"]),
            f"{_short(low)} to {_short(high)}",
            one["unit"],
            f"{limit:,.0f}" if limit else "",
            f"{ratio:.3f}" if ratio else "",
            goal,
        )
    return table


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.3g}"


def _no_options(_parser: argparse.ArgumentParser) -> None:
    """Take nothing but the name."""


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("name", choices=names())
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    for name in set(sys.argv[1:]) & set(names()):  # before --help is heard, so that it tells of the options too
        getattr(import_module(f"tests.benchmarks.{name}"), "options", _no_options)(parser)
    asked = parser.parse_args()
    module = import_module(f"tests.benchmarks.{asked.name}")
    found = module.measure(asked) if hasattr(module, "options") else module.measure()
    if asked.json:
        Console(soft_wrap=True, highlight=False).print_json(json.dumps(found))
    else:
        Console().print(shown(found))


if __name__ == "__main__":
    main()
