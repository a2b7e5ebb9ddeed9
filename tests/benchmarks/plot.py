"""Draw what `ningbo --json` measured: `python -m tests.benchmarks.plot MEASURED.json docs/ningbo.svg`.

Two panels over the number of residents (logarithmic): what each costs, and the most memory held.
"""

import json
import math
import sys
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

WIDTH, HEIGHT, MARGIN = 720, 250, 60
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_LINES = 5
_INK, _FAINT, _LINE = "#1f2933", "#d5dbe1", "#0b6e99"


class Panel(NamedTuple):
    """One curve: its title, unit and points (residents, value), and the place of its upper edge."""

    title: str
    unit: str
    points: Sequence[tuple[float, float]]
    top: int

    @property
    def most(self) -> float:
        """Give a round number above all values, so that the axis begins at zero and ends there."""
        value = max(value for _, value in self.points) / _LINES
        size = 10.0 ** math.floor(math.log10(value))
        return next(step * size for step in _STEPS if step * size >= value) * _LINES

    def across(self, residents: float) -> float:
        """Give the place of a number of residents."""
        low, high = (math.log10(self.points[end][0]) for end in (0, -1))
        return MARGIN + (math.log10(residents) - low) / (high - low) * (WIDTH - 2 * MARGIN)

    def down(self, value: float) -> float:
        """Give the place of a value."""
        return self.top + HEIGHT - MARGIN - value / self.most * (HEIGHT - 2 * MARGIN)

    def drawn(self) -> str:
        """Draw the panel."""
        rules = []
        for number in range(_LINES + 1):
            value = self.most * number / _LINES
            height = self.down(value)
            rules.append(
                f'<line x1="{MARGIN}" x2="{WIDTH - MARGIN}" y1="{height:.1f}" y2="{height:.1f}" stroke="{_FAINT}"/>'
            )
            rules.append(_text(MARGIN - 8, height + 4, f"{value:,.4g}", "end"))
        places = [(self.across(residents), self.down(value)) for residents, value in self.points]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        marks = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{_LINE}"/>' for x, y in places)
        values = "".join(
            _text(x, y - 9, f"{value:,.3g}" if value < _THOUSAND else f"{value:,.0f}")
            for (x, y), (_, value) in zip(places, self.points, strict=True)
        )
        below = self.top + HEIGHT - MARGIN + 18
        names = "".join(_text(self.across(residents), below, _short(residents)) for residents, _ in self.points)
        title = _text(MARGIN, self.top + 30, f"{self.title} ({self.unit})", "start", bold=True)
        curve = f'<polyline points="{line}" fill="none" stroke="{_LINE}" stroke-width="2"/>'
        return "".join([title, *rules, curve, marks, values, names])


_THOUSAND, _MILLION = 1_000, 1_000_000


def _short(residents: float) -> str:
    """Write 114,688 as 115 k and 5,113,100 as 5.1 M."""
    return f"{residents / _MILLION:.1f} M" if residents >= _MILLION else f"{residents / _THOUSAND:.0f} k"


def _text(x: float, y: float, text: str, anchor: str = "middle", *, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'


def plot(measured: dict[str, Any]) -> str:
    """Draw the series of a measurement."""
    series = measured["series"]
    cost = [(one["residents"], one["processor_s"] / one["residents"] * 1e6) for one in series]
    memory = [(one["residents"], float(one["memory_mb"])) for one in series]
    panels = [
        Panel("What a resident costs", "µs of a processor", cost, 0),
        Panel("The most memory held", "MB", memory, HEIGHT),
    ]
    size = HEIGHT * len(panels) + 30
    source = f"residents with 60 facts each; {measured['machine']}; commit {measured['commit']}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {size}" role="img" '
        f'font-family="sans-serif" font-size="11" fill="{_INK}">'
        "<title>Cost of a resident and memory, by the size of the population</title>"
        f'<rect width="{WIDTH}" height="{size}" fill="#ffffff"/>'
        + "".join(panel.drawn() for panel in panels)
        + _text(WIDTH / 2, size - 14, source)
        + "</svg>\n"
    )


def main() -> None:
    """Read the measurement and write the drawing."""
    measured, drawing = (Path(name) for name in sys.argv[1:3])
    drawing.write_text(plot(json.loads(measured.read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main()
