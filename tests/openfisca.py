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
from collections.abc import Sequence
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
from tests.benchmarks.report import Figure, figure
from tests.population_rulebooks import benchmark_rulebooks

_PACKAGE = "OpenFisca-Core>=44"
_INSTALL_SECONDS_MAX = 240
_RUN_SECONDS_MAX = 300
_ROUNDS = 3


@dataclass(frozen=True)
class Fisca:
    """What was measured: seconds of preparing arrays and of each round in OpenFisca; whether the sums agreed."""

    prepared: float = 0.0
    arrays: int = 0
    rounds: tuple[float, ...] = ()
    agrees: bool = False

    def figures(self, residents: int, facts_each: float, plan: Sequence[float]) -> list[Figure]:
        """Give figures, or one that says that it could not be installed."""
        if not self.rounds:
            return [figure("OpenFisca core could be installed", [0.0], "times")]
        rates = [residents * facts_each / (self.prepared + one) for one in self.rounds]
        limit = [rate * facts_each for rate in plan]
        return [
            figure("OpenFisca core with its arrays prepared, one core, facts", rates, "facts/s", limit=limit),
            figure("OpenFisca core, preparing its arrays", [self.prepared], "s"),
            figure("OpenFisca core, its own part", self.rounds, "s"),
            figure("OpenFisca core, arrays", [float(self.arrays)], "arrays"),
            figure("OpenFisca core, same points before deductions", [float(self.agrees)], "times", goal=1),
        ]


def against_openfisca(parts: Sequence[Batch], at: Coordinates) -> Fisca:
    """Prepare arrays, let OpenFisca compute, compare the points before deductions."""
    with tempfile.TemporaryDirectory(prefix="points-openfisca-") as folder:
        python = _installed(Path(folder))
        if python is None:
            return Fisca()
        began = time.perf_counter()
        arrays = _prepared(parts, at)
        prepared = time.perf_counter() - began
        np.savez(Path(folder) / "arrays.npz", **arrays)  # type: ignore[arg-type] # a name is no option
        program = Path(__file__).with_name("openfisca_program.txt")
        told = subprocess.run(
            [str(python), str(program), folder, str(_ROUNDS), at.as_of.isoformat()],
            check=True,
            capture_output=True,
            text=True,
            timeout=_RUN_SECONDS_MAX,
        )
        points = np.load(Path(folder) / "points.npy")
    expected = [scores.before_deductions for scores in Population(benchmark_rulebooks()).score(parts, at)]
    agrees = np.array_equal(np.rint(points * 100).astype(np.int64), np.concatenate(expected))
    return Fisca(prepared, len(arrays), tuple(float(one) for one in told.stdout.split()), agrees)


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


def _prepared(parts: Sequence[Batch], at: Coordinates) -> dict[str, Array]:
    plan = compile_plan(benchmark_rulebooks())
    pieces = [_of_part(plan, part, at) for part in parts]
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
