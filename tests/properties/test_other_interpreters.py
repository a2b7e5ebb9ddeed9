"""A decision depends on no interpreter: another order of hashing, or another Python where one is, gives the same.

Another Python is one in `.venv-3.12` or the like beside `.venv`, or on the path, that has what domain/ needs:

    uv venv --python 3.12 .venv-3.12 && uv pip install --python .venv-3.12/bin/python pydantic eventsourcing pyyaml
"""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.domain.given import HOUSE

NEEDED = "import pydantic, eventsourcing, yaml"
NAMES = [f"python3.{minor}" for minor in range(11, 20)]


def others() -> list[str]:
    """Find interpreters of another version that have what is needed."""
    beside = [str(path) for path in sorted(HOUSE.glob(".venv-*/bin/python"))]
    on_path = [found for name in NAMES if (found := shutil.which(name)) is not None]
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    asked = f"{NEEDED}, sys; sys.exit(f'{{sys.version_info.major}}.{{sys.version_info.minor}}' == '{own}')"
    return [path for path in [*beside, *on_path] if _ends(path, asked) == 0]


def _ends(interpreter: str, program: str) -> int:
    return subprocess.run([interpreter, "-c", program], check=False, capture_output=True, timeout=60).returncode


def decided(interpreter: str, seed: str) -> str:
    """Decide with an interpreter and an order of hashing; give the hash over all decisions."""
    ran = subprocess.run(
        [interpreter, "-m", "tests.properties.decided_program"],
        cwd=Path(HOUSE),
        env={"PYTHONHASHSEED": seed},
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return ran.stdout.split()[1]


def test_decisions_have_the_same_bytes_under_every_interpreter_that_is_found_and_any_order_of_hashing() -> None:
    found = {decided(sys.executable, seed) for seed in ("1", "2")}
    found |= {decided(other, "3") for other in others()}

    assert len(found) == 1
