"""Draw what a benchmark with goals measured: `python -m tests.benchmarks.bars MEASURED.json docs/append.svg`.

A bar for each figure that has a goal, on a scale of its own, with the goal as a line across them all.
"""

import json
import sys
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

WIDTH, ROW, LEFT, RIGHT, TOP = 860, 34, 430, 90, 46
_INK, _MET, _MISSED, _GOAL = "#1f2933", "#0b6e99", "#b4690e", "#c0392b"
_WHOLE_FROM = 100


def drawn(figures: Sequence[dict[str, Any]], title: str) -> str:
    """Draw the figures that have a goal, each on a scale in which its goal stands at half of the width."""
    chosen = [one for one in figures if one["goal"] is not None]
    height = TOP + ROW * len(chosen) + 34
    goal = LEFT + (WIDTH - LEFT - RIGHT) / 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}"',
        f' font-family="sans-serif" font-size="12" fill="{_INK}">',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        f'<text x="16" y="26" font-size="15" font-weight="600">{escape(title)}</text>',
    ]
    for number, one in enumerate(chosen):
        parts += _bar(one, TOP + ROW * number)
    bottom = TOP + ROW * len(chosen)
    parts.append(
        f'<line x1="{goal}" x2="{goal}" y1="{TOP}" y2="{bottom}" stroke="{_GOAL}" stroke-dasharray="4 3"/>'
    )
    parts.append(f'<text x="{goal}" y="{bottom + 18}" text-anchor="middle" fill="{_GOAL}">goal</text></svg>')
    return "\n".join(parts)


def _bar(one: dict[str, Any], top: int) -> list[str]:
    width = min(1.0, one["value"] / one["goal"] / 2) * (WIDTH - LEFT - RIGHT)
    colour = _MET if one["met"] else _MISSED
    value = f"{one['value']:,.0f}" if one["value"] >= _WHOLE_FROM else f"{one['value']:.3g}"
    said = f"{value} {one['unit']} (goal {one['goal']:,g})"
    return [
        f'<text x="{LEFT - 10}" y="{top + 20}" text-anchor="end">{escape(one["metric"])}</text>',
        f'<rect x="{LEFT}" y="{top + 5}" width="{width:.1f}" height="{ROW - 14}" fill="{colour}"/>',
        f'<text x="{LEFT + width + 6:.1f}" y="{top + 20}">{escape(said)}</text>',
    ]


def main() -> None:
    """Read what was measured, write the drawing."""
    measured, target = map(Path, sys.argv[1:])
    found = json.loads(measured.read_text())
    target.write_text(drawn(found["figures"], f"{found['name'].capitalize()}, {found['machine']}") + "\n")


if __name__ == "__main__":
    main()
