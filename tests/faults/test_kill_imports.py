"""An importer killed at random moments ends as one that nobody disturbed. The command runs it 200 times."""

from ledger.embedded import Embedded
from tests.faults.kill_imports import runs
from tests.faults.month_files import SORTS


def test_a_killed_import_ends_with_the_same_streams_receipts_queue_persons_and_scores(server: Embedded) -> None:
    failed, phases = runs(server, len(SORTS), seed=20_260_101)

    assert failed == []
    assert phases.total() == 2 * len(SORTS)
