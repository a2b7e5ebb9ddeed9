"""The command line as a new user runs it: one call, what it printed, and a ledger to call it on."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from api.cli import run
from api.cli.output import Exit

ROOT = Path(__file__).parents[2]
PROVINCE = ROOT / "rulebooks" / "330000" / "2023-07-26.yaml"
NUMBER = "999999199001010016"
MONTHS = f"""document_number,name,month,place
{NUMBER},居民甲,2025-01,330212
{NUMBER},居民甲,2025-02,330203
{NUMBER},居民甲,2025-02,330212
"""


class Said:
    """What one call printed and how it ended."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *arguments: str) -> None:
        capsys.readouterr()
        self.code = run(list(arguments))
        self.out, self.err = capsys.readouterr()

    @property
    def object(self) -> dict[str, Any]:
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value


def open_ledger(capsys: pytest.CaptureFixture[str]) -> None:
    for call in (
        ["init"],
        ["grant", "nb-hrss", "insurance-month-paid", "3302"],
        ["rulebook", "propose", str(PROVINCE), "--by", "officer:a"],
        ["rulebook", "approve", "zj.common", "--by", "officer:b"],
    ):
        assert Said(capsys, *call).code == Exit.DONE


def subject_of(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, number: str = NUMBER) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(number + "\n"))
    return Said(capsys, "find").out.strip()
