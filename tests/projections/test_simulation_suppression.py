"""Small counts are withheld, and none of them can be worked out from what is told."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from projections.simulation.sheets import sheets
from projections.simulation.suppression import LEAST, Equation, withheld
from tests.projections.populations import POINT, drafted, simulated, written

Counts = dict[str, int]


def crossed(rows: list[list[int]]) -> tuple[Counts, list[Equation]]:
    """Make a table with its totals, and the equations that everybody knows."""
    height, width = len(rows), len(rows[0])
    counts = {f"{r}/{c}": rows[r][c] for r, c in product(range(height), range(width))}
    equations = []
    for r in range(height):
        counts[f"{r}/all"] = sum(rows[r])
        equations.append(Equation(f"{r}/all", [f"{r}/{c}" for c in range(width)]))
    for c in range(width):
        counts[f"all/{c}"] = sum(row[c] for row in rows)
        equations.append(Equation(f"all/{c}", [f"{r}/{c}" for r in range(height)]))
    counts["all"] = sum(map(sum, rows))
    equations.append(Equation("all", [f"{r}/all" for r in range(height)]))
    equations.append(Equation("all", [f"all/{c}" for c in range(width)]))
    return counts, equations


def determined(hidden: set[str], equations: list[Equation]) -> set[str]:
    """Say what an outsider can compute, by linear algebra of another kind than the program's: ranks."""
    names = sorted(hidden)
    matrix = np.array(
        [[(name in one.parts) - (name == one.total) for name in names] for one in equations], np.float64
    )
    rank = np.linalg.matrix_rank(matrix)
    unit = np.eye(len(names))
    return {name for n, name in enumerate(names) if np.linalg.matrix_rank(np.vstack([matrix, unit[n]])) == rank}


tables = st.integers(2, 5).flatmap(
    lambda width: st.lists(
        st.lists(st.one_of(st.integers(0, 12), st.integers(0, 300)), min_size=width, max_size=width),
        min_size=2,
        max_size=6,
    )
)


@settings(max_examples=300, deadline=None)
@given(tables)
@example([[0, 3, 0], [0, 7, 1], [2, 0, 8]])  # all around the last of the middle row is withheld, and it follows
def test_no_withheld_count_follows_from_the_others(rows: list[list[int]]) -> None:
    counts, equations = crossed(rows)
    hidden = withheld(counts, equations)

    assert not hidden or not determined(hidden, equations)


@settings(max_examples=300, deadline=None)
@given(tables)
def test_every_small_count_is_withheld_and_zero_is_told(rows: list[list[int]]) -> None:
    counts, equations = crossed(rows)
    hidden = withheld(counts, equations)

    assert {name for name, count in counts.items() if 0 < count < LEAST} <= hidden
    assert all(counts[name] for name in hidden)


@settings(max_examples=300, deadline=None)
@given(tables)
def test_what_is_withheld_beside_a_told_total_is_never_fewer_than_ten(rows: list[list[int]]) -> None:
    counts, equations = crossed(rows)
    hidden = withheld(counts, equations)
    sums = [
        sum(counts[part] for part in one.parts if part in hidden)
        for one in equations
        if one.total not in hidden and any(part in hidden for part in one.parts)
    ]

    assert all(total >= LEAST for total in sums)


def test_a_single_small_count_takes_another_with_it_in_its_row_and_column() -> None:
    counts, equations = crossed([[3, 50, 60], [40, 70, 80], [90, 100, 110]])

    assert withheld(counts, equations) == {"0/0", "0/1", "1/0", "1/1"}


def test_two_single_people_are_not_told_by_their_sum() -> None:
    counts = {"all": 102, "a": 1, "b": 1, "c": 100}

    assert withheld(counts, [Equation("all", ["a", "b", "c"])]) == {"a", "b", "c"}


def test_large_counts_are_all_told() -> None:
    counts, equations = crossed([[10, 20], [30, 0]])

    assert withheld(counts, equations) == set()


@pytest.mark.parametrize("people", [3, 9, 12, 40, 150])
def test_a_whole_report_gives_no_small_count_away(tmp_path: Path, people: int) -> None:
    found = simulated(
        written(tmp_path, people),
        drafted(points="0.4"),
        thresholds={"school": 60 * POINT, "housing": 45 * POINT},
        quota=max(1, people // 3),
        vary=("insurance.award.points=0.3,0.4,0.5",),
    )
    hidden, equations = set(found.counts.hidden), found.counts.equations

    assert {name for name, count in found.counts.people.items() if 0 < count < LEAST} <= hidden
    assert not determined(hidden, equations)


def test_every_sheet_adds_up_by_the_equations(tmp_path: Path) -> None:
    counts = simulated(
        written(tmp_path, 60), drafted(points="0.4"), thresholds={"school": 60 * POINT}, quota=9
    ).counts

    assert all(
        counts.people[one.total] == sum(counts.people[part] for part in one.parts) for one in counts.equations
    )


def test_points_are_withheld_with_the_people_who_gain_them(tmp_path: Path) -> None:
    found = simulated(written(tmp_path, 60), drafted(points="0.4"))
    [districts] = [sheet for sheet in sheets(found) if sheet.name == "districts"]
    names = [column.name for column in districts.columns[1:]]
    rows = [dict(zip(names, row.values, strict=True)) for row in districts.rows]

    assert any(row["lose"] is None for row in rows)
    assert all((row["lose"] is None) == (row["points_lose"] is None) for row in rows)
