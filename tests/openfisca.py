"""OpenFisca core beside the plan, in an environment of its own: it is AGPL and no part of this project.

OpenFisca computes variables from arrays; it neither folds facts nor knows voids, cuts or spells. So the arrays that
it needs are prepared from the same columns by numpy, and that is counted: an array for each month of insurance in
each of three senses, and one for everything else that is counted. It then adds up months, awards, caps and sums.
"""

import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from domain.plan import Counting, Plan, compile_plan
from projections.engines.batch import Array, Batch
from projections.engines.calendar import day_number
from projections.engines.coordinates import Coordinates
from projections.engines.folding import Years, fold
from projections.engines.levels import Levels
from projections.engines.month_sets import month_sets
from projections.engines.population import Population
from projections.engines.selection import Selection
from projections.engines.standing import standing
from tests.benchmarks.report import Figure, figure, pinned
from tests.population_rulebooks import benchmark_rulebooks

_PACKAGE = "OpenFisca-Core>=44"
_INSTALL_SECONDS_MAX = 240
_RUN_SECONDS_MAX = 300
ROUNDS = 3


@dataclass(frozen=True)
class Turn:
    """What was measured on so many cores: seconds of the plan, of preparing arrays, of OpenFisca, in each round."""

    cores: int
    plan: tuple[float, ...]
    prepared: tuple[float, ...]
    computed: tuple[float, ...]

    def rates(self, facts: float) -> list[float]:
        """Give the facts for each second of the whole job."""
        return [facts / (one + other) for one, other in zip(self.prepared, self.computed, strict=True)]


@dataclass(frozen=True)
class Fisca:
    """What was measured on one core and on two, over how many arrays; whether the sums agreed."""

    turns: tuple[Turn, ...] = ()
    arrays: int = 0
    agrees: bool = False

    def figures(self, facts: float) -> list[Figure]:
        """Give figures, or one that says that it could not be installed."""
        if not self.turns:
            return [figure("OpenFisca core could be installed", [0.0], "times")]
        found = []
        for turn in self.turns:
            on, rates = f"{turn.cores} core" + "s" * (turn.cores > 1), turn.rates(facts)
            plan = [facts / one for one in turn.plan]
            ahead = [one / other for one, other in zip(plan, rates, strict=True)]
            found += [
                figure(f"OpenFisca core with its arrays prepared, {on}", rates, "facts/s", limit=plan),
                figure(f"OpenFisca core, preparing its arrays, {on}", [one * 1e3 for one in turn.prepared], "ms"),
                figure(f"OpenFisca core, its own part, {on}", [one * 1e3 for one in turn.computed], "ms"),
                figure(f"plan to OpenFisca core, {on}", ahead, "times", goal=1),
            ]
        return [
            *found,
            figure("OpenFisca core, arrays", [float(self.arrays)], "arrays"),
            figure("OpenFisca core, same points before deductions", [float(self.agrees)], "times", goal=1),
        ]


def against_openfisca(parts: Sequence[Batch], at: Coordinates, plan: Callable[[int], float]) -> Fisca:
    """Prepare arrays and let OpenFisca compute, on one core and on two; compare the points before deductions.

    `plan` scores everybody on so many threads and gives the seconds: each round begins with it, on the same cores.
    """
    with tempfile.TemporaryDirectory(prefix="points-openfisca-") as folder:
        python = _installed(Path(folder))
        if python is None:
            return Fisca()
        turns, points, arrays = [], [], 0
        for cores in (1, 2):
            with pinned(cores):
                rounds = [(plan(cores), *_prepare(parts, at, cores, Path(folder))) for _ in range(ROUNDS)]
                computed = _compute(python, Path(folder), at)
            arrays = rounds[-1][2]
            turns.append(
                Turn(cores, tuple(one for one, _, _ in rounds), tuple(one for _, one, _ in rounds), computed)
            )
            points.append(np.load(Path(folder) / "points.npy"))
    expected = [scores.before_deductions for scores in Population(benchmark_rulebooks()).score(parts, at)]
    wanted = np.concatenate(expected)
    agrees = all(np.array_equal(np.rint(one * 100).astype(np.int64), wanted) for one in points)
    return Fisca(tuple(turns), arrays, agrees)


def _prepare(parts: Sequence[Batch], at: Coordinates, threads: int, folder: Path) -> tuple[float, int]:
    """Prepare the arrays and save them. Give the seconds of preparing, and how many arrays there are."""
    began = time.perf_counter()
    arrays = _prepared(parts, at, threads)
    spent = time.perf_counter() - began
    np.savez(folder / "arrays.npz", **arrays)  # type: ignore[arg-type] # a name is no option
    return spent, len(arrays)


def _compute(python: Path, folder: Path, at: Coordinates) -> tuple[float, ...]:
    """Let OpenFisca compute from the saved arrays, in a process that is pinned as we are. Give the seconds."""
    program = Path(__file__).with_name("openfisca_program.txt")
    told = subprocess.run(
        [str(python), str(program), str(folder), str(ROUNDS), at.as_of.isoformat()],
        check=True,
        capture_output=True,
        text=True,
        timeout=_RUN_SECONDS_MAX,
    )
    return tuple(float(one) for one in told.stdout.split())


def _installed(folder: Path) -> Path | None:
    """Install OpenFisca into an environment that goes with the folder; None where it cannot be fetched."""
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    try:
        subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", _PACKAGE],
            check=True,
            capture_output=True,
            timeout=_INSTALL_SECONDS_MAX,
        )
    except subprocess.SubprocessError:
        return None
    return python


def _prepared(parts: Sequence[Batch], at: Coordinates, threads: int) -> dict[str, Array]:
    plan = compile_plan(benchmark_rulebooks())
    with ThreadPoolExecutor(threads) as pool:
        pieces = list(pool.map(lambda part: _of_part(plan, part, at), parts))
    names = dict.fromkeys(name for piece in pieces for name in piece)
    return {
        name: np.concatenate(
            [piece.get(name, np.zeros(part.residents)) for piece, part in zip(pieces, parts, strict=True)]
        )
        for name in names
    }


def _of_part(plan: Plan, part: Batch, at: Coordinates) -> dict[str, Array]:
    """Give one array for each month in each sense, and one for everything else that is counted."""
    other = plan.model_copy(update={"measures": tuple(one for one in plan.measures if one.how != "months")})
    folded = fold(other, part, at)
    as_of = day_number(at.as_of)
    selection = Selection(part, standing(part, as_of, at.as_at), as_of)
    arrays: dict[str, Array] = {}
    for row in plan.rows:
        counting: Counting = plan.measures[row.measure]
        if counting.how == "months":
            sets, _ = month_sets(counting, selection, as_of)
            arrays |= {f"{row.id}_{ago}": sets[:, ago].astype(np.float32) for ago in range(sets.shape[1])}
        elif counting.how == "levels":
            arrays |= _levels(row.id, folded.counted[counting].levels, row.award.levels, part)
        elif row.id == "volunteer":
            arrays |= _years(folded.counted[counting].years, part)
        else:
            arrays[row.id] = folded.counted[counting].quantity.astype(np.float32)
    return arrays


def _levels(name: str, found: Levels | None, points: Sequence[tuple[str, int]], part: Batch) -> dict[str, Array]:
    """Give how many acts of each level there are; of one act the largest alone."""
    if found is None:
        return {}
    resident, level, act = found.resident, found.level, found.act
    worth = {part.words["level"].find(word): abs(value) for word, value in points}
    value = np.array([worth.get(code, 0) for code in range(len(part.words["level"]) + 1)])[level]
    order = np.lexsort((value, act, resident))
    last = np.append((np.diff(resident[order]) != 0) | (np.diff(act[order]) != 0), True)[: len(order)]
    kept = order[last]
    return {
        f"{name}_{word}": np.bincount(
            resident[kept][level[kept] == part.words["level"].find(word)], minlength=part.residents
        ).astype(np.float32)
        for word, _ in points
    }


def _years(found: Years | None, part: Batch) -> dict[str, Array]:
    """Give the hours of each year, the first of a resident's years first."""
    if found is None:
        return {}
    resident, hours, _ = found
    turn = np.arange(len(resident)) - np.searchsorted(resident, resident)
    arrays = {}
    for n in range(4):
        arrays[f"volunteer_{n}"] = np.zeros(part.residents, np.float32)
        arrays[f"volunteer_{n}"][resident[turn == n]] = hours[turn == n]
    return arrays
