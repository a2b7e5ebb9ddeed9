"""Small counts are withheld, and as many others as are needed so that no withheld one can be computed back.

Counts of fewer than ten people are withheld; zero is told, it speaks of nobody. Then, while some equation between
the published counts (a total and its parts, over all tables of a report at once) gives a withheld one away, the
smallest further count in that equation goes too. Two ways of giving away are looked for: what is withheld in one
equation is one count alone, or adds up to fewer than ten; or the equations taken together determine a count.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

LEAST = 10
"""The fewest people that a published count may speak of."""

Row = dict[int, Fraction]


class Equation(NamedTuple):
    """A count that is the sum of others."""

    total: str
    parts: Sequence[str]


def withheld(counts: Mapping[str, int], equations: Sequence[Equation], least: int = LEAST) -> set[str]:
    """Say which counts may not be published. Every key of the equations is one of the counts."""
    hidden = {key for key, count in counts.items() if 0 < count < least}
    search = _Search(counts, equations, least)
    while hidden:
        more = search.given_away(hidden) or search.determined(hidden)
        if not more:
            break
        hidden |= more
    return hidden


class _Search:
    def __init__(self, counts: Mapping[str, int], equations: Sequence[Equation], least: int) -> None:
        self._counts = counts
        self._equations = equations
        self._least = least

    def given_away(self, hidden: set[str]) -> set[str]:
        """Find a further count for every equation that alone tells what is withheld in it."""
        more: set[str] = set()
        for equation in self._equations:
            cells = [equation.total, *equation.parts]
            known = hidden | more
            inside = [cell for cell in cells if cell in known]
            if not inside:
                continue
            open_total = equation.total not in known
            small = open_total and sum(self._counts[cell] for cell in inside) < self._least
            if len(inside) == 1 or small:
                more |= self._next(equation, known)
        return more

    def determined(self, hidden: set[str]) -> set[str]:
        """Find a further count for one that all equations together determine."""
        unknowns = sorted(hidden, key=str)
        place: Mapping[str, int] = {key: column for column, key in enumerate(unknowns)}
        rows = [row for equation in self._equations if (row := _row(equation, place))]
        alone = {next(iter(row)) for row in _reduced(rows) if len(row) == 1}
        for column in sorted(alone):
            for equation in self._equations:
                if unknowns[column] == equation.total or unknowns[column] in equation.parts:
                    more: set[str] = self._next(equation, hidden)
                    if more:
                        return more
        # All around it is withheld already: what gives it away is told farther off.
        return self._next_of_all(hidden) if alone else set()

    def _next_of_all(self, hidden: set[str]) -> set[str]:
        """Give the smallest count that is still told in any equation with a withheld one.

        Once nothing is told but zeros, nothing follows: with every solution each multiple of it is one.
        """
        cells = [{equation.total, *equation.parts} for equation in self._equations]
        told = {cell for near in cells if near & hidden for cell in near - hidden if self._counts[cell]}
        return {min(told, key=lambda cell: (self._counts[cell], cell))} if told else set()

    def _next(self, equation: Equation, hidden: set[str]) -> set[str]:
        """Give the smallest count of an equation that is still told; the total only when no part is left."""
        parts = [part for part in equation.parts if part not in hidden and self._counts[part]]
        if parts:
            return {min(parts, key=lambda part: (self._counts[part], str(part)))}
        total = equation.total
        return {total} if total not in hidden and self._counts[total] else set()


def _row(equation: Equation, place: Mapping[str, int]) -> Row:
    row: Row = {}
    for cell, sign in [(equation.total, Fraction(-1)), *((part, Fraction(1)) for part in equation.parts)]:
        if cell in place:
            row[place[cell]] = row.get(place[cell], Fraction(0)) + sign
    return {column: value for column, value in row.items() if value}


def _reduced(rows: Sequence[Row]) -> Iterator[Row]:
    """Bring a system of equations to its reduced echelon form (Gauss and Jordan, exactly)."""
    pivots: dict[int, Row] = {}
    for start in rows:
        row = _without(start, pivots)
        if not row:
            continue
        column = min(row)
        row = {other: value / row[column] for other, value in row.items()}
        for name, pivot in pivots.items():
            if column in pivot:
                pivots[name] = _minus(pivot, row, pivot[column])
        pivots[column] = row
    yield from pivots.values()


def _without(row: Row, pivots: Mapping[int, Row]) -> Row:
    for column in [column for column in row if column in pivots]:
        if column in row:
            row = _minus(row, pivots[column], row[column])
    return row


def _minus(row: Row, other: Row, times: Fraction) -> Row:
    result = dict(row)
    for column, value in other.items():
        left = result.get(column, Fraction(0)) - times * value
        if left:
            result[column] = left
        else:
            result.pop(column, None)
    return result
