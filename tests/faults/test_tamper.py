"""A sample of `python -m tests.faults tamper`: what is done is found where it was done, no forgery is taken."""

from collections.abc import Iterator

import pytest

from ledger.embedded import Embedded
from tests.faults.tamper import SORTS, clean, forged, ledger, tampered
from tests.faults.tampering import Victim


@pytest.fixture(scope="module")
def victim(server: Embedded) -> Iterator[Victim]:
    with ledger(server, seed=20_261_120) as one:
        yield one


def test_whatever_is_done_to_a_ledger_is_found_and_located(victim: Victim) -> None:
    failed, done = tampered(victim, 3 * len(SORTS))

    assert (failed, len(done)) == ([], len(SORTS))


def test_no_forged_receipt_or_bundle_is_taken(victim: Victim) -> None:
    assert forged(victim, 80) == []


def test_a_growing_ledger_raises_no_alarm(victim: Victim) -> None:
    assert clean(victim, 3) == []
