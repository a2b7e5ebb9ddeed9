"""An importer killed at random moments ends as one that nobody disturbed. The command runs it 200 times."""

from ledger.embedded import Embedded
from tests.faults.kill_imports import disturbed

TIMES = 3


def test_a_killed_import_ends_with_the_same_keys_versions_receipt_and_queue(server: Embedded) -> None:
    assert disturbed(server, TIMES, seed=20_260_101) == []
