"""A sample of `python -m tests.faults erase`: what was erased is nowhere, and what was proven stays proven."""

from pathlib import Path

import pytest

from ledger.embedded import Embedded
from ledger.suites import SUITES, SuiteName
from tests.faults.erase import run


@pytest.mark.parametrize("suite", SUITES)
def test_a_tenth_is_erased_and_every_root_proof_and_receipt_holds(
    server: Embedded, tmp_path: Path, suite: SuiteName
) -> None:
    failed, _ = run(server, tmp_path, 30, 20_261_120, suite)

    assert failed == []
