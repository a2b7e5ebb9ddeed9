"""The README's commands, copied and pasted by a new user into an empty folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def blocks(page: str) -> str:
    """The shell lines of the main job and of the evaluation, as they stand on the page."""
    found = re.findall(r"```sh\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    return "\n".join(block for block in found if "points " in block).replace(". .venv/bin/activate\n", "")


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_every_command_of_the_readme_works_as_it_is_written(page: str, run_folder: Path) -> None:
    folder = run_folder / page.removesuffix(".md")
    folder.mkdir()
    for data in ("rulebooks", "programmes"):
        (folder / data).symlink_to(ROOT / data)
    inherited = dict(os.environ)  # noqa: TID251 - a new user's shell, but for where `points` is
    environment = {**inherited, "PATH": f"{Path(sys.executable).parent}:{inherited['PATH']}", "POINTS_LANG": "en"}
    environment.pop("POINTS_DATABASE_URL", None)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", blocks(page)],  # noqa: S607 - the shell of the page
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "nothing differs" in done.stdout
    assert '"total": "27.00"' in done.stdout


def test_both_readmes_show_the_same_commands() -> None:
    def commands(page: str) -> list[str]:
        return [line.partition("#")[0].rstrip() for line in blocks(page).splitlines()]

    assert commands("README.md") == commands("README.zh-CN.md")
