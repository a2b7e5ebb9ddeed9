"""Charts as inline SVG: bars on one axis, drawn from the rows that the table below each chart tells in numbers."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from projections.simulation.report.markup import Text, both_in_svg

WIDTH = 900
_LABEL = 250
_FIGURE = 76
_ROW = 26
_BAR = 16


class Bar(NamedTuple):
    """A bar: how long (None: withheld), what it says at its end, and the class that colours it."""

    length: int | None
    says: Text
    kind: str


class Pair(NamedTuple):
    """A row: what it is about, and the bars to the left (losses) and to the right (gains), if there are any."""

    label: Text
    left: Bar | None
    right: Bar | None


def chart(pairs: Sequence[Pair], title: Text) -> str:
    """Draw bars to both sides of one axis, or to the right alone. The longest bar fills its side."""
    lengths = [bar.length or 0 for pair in pairs for bar in (pair.left, pair.right) if bar is not None]
    longest = max([*lengths, 1])
    two_sided = any(pair.left is not None for pair in pairs)
    axis = _LABEL + ((WIDTH - _LABEL) // 2 if two_sided else 8)
    room = WIDTH - axis - _FIGURE
    height = len(pairs) * _ROW + 8
    drawn = "".join(_row(pair, n, axis, room, longest) for n, pair in enumerate(pairs))
    line = f'<line class="axis" x1="{axis}" x2="{axis}" y1="0" y2="{height}"/>'
    name = escape(f"{title[0]} / {title[1]}")
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{name}">{line}{drawn}</svg>'


def _row(pair: Pair, number: int, axis: int, room: int, longest: int) -> str:
    top = number * _ROW + 4
    middle = top + _ROW // 2
    label = both_in_svg(_cut(pair.label), f'x="{_LABEL - 10}" y="{middle + 1}" text-anchor="end"')
    left = "" if pair.left is None else _bar(pair.left, axis, top, room, longest, way=-1)
    right = "" if pair.right is None else _bar(pair.right, axis, top, room, longest, way=1)
    return label + left + right


def _bar(bar: Bar, axis: int, top: int, room: int, longest: int, *, way: int) -> str:
    y = top + (_ROW - _BAR) // 2 - 4
    hidden = bar.length is None
    length = 18 if bar.length is None else round(bar.length * room / longest)
    if bar.length and not length:
        length = 1
    x = axis if way > 0 else axis - length
    box = f'<rect class="{"outline" if hidden else bar.kind}" x="{x}" y="{y}" width="{length}" height="{_BAR}"/>'
    end, anchor = axis + way * (length + 6), "start" if way > 0 else "end"
    says = both_in_svg(bar.says, f'x="{end}" y="{y + 13}" text-anchor="{anchor}"')
    return (box if length else "") + says


_SHORT = 32


def _cut(label: Text) -> Text:
    """Shorten a label that would run out of its room; the table has it whole. A Chinese sign is two wide."""
    return _shortened(label[0]), _shortened(label[1])


def _shortened(text: str) -> str:
    room = _SHORT
    for place, sign in enumerate(text):
        room -= 2 if ord(sign) > 0x2E7F else 1
        if room < 0:
            return text[:place] + "…"
    return text
