"""Two processes open a dispute of one item at the same moment: one stands, the other changes nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest

from domain import dispute as disputes
from domain.errors import Refusal
from ledger.disputes import Disputes
from ledger.entry import Hand
from ledger.turn import VersionConflict
from tests.api.school_round import AUTHORITY, ORGAN, town
from tests.stories.test_disputes import INSURANCE, resident
from tests.stories.test_school_round import says

__all__ = ["resident", "says"]
ON = date(2025, 4, 1)
TOGETHER_SECONDS = 20.0


def opens(who: str, number: str) -> str:
    """Open as a process of its own would: its own connections, its own sequencer. Give what came of it."""
    with town() as own:
        hand = Hand(f"desk:{number.lower()}", ORGAN, channel="tests", source_class="manual")
        try:
            Disputes(own.desk.ledger, own.desk.approvals).open(
                UUID(who), number, AUTHORITY, INSURANCE, ON, hand, says="no-data", year=2025
            )
        except (VersionConflict, Refusal) as refused:
            return type(refused).__name__
    return "opened"


def test_of_two_who_have_both_looked_before_either_wrote_one_is_refused(
    says: Any, resident: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, file = Barrier(2), disputes.file

    def together(*given: Any, **said: Any) -> Any:
        gate.wait(TOGETHER_SECONDS)  # both have looked, and have found none open
        return file(*given, **said)

    monkeypatch.setattr("domain.dispute.file", together)
    with ThreadPoolExecutor(2) as pool:
        came = sorted(pool.map(lambda number: opens(resident, number), ("D-1", "D-2")))

    assert came == ["VersionConflict", "opened"]
    assert len(says("dispute", "list", resident)["disputes"]) == 1


def test_the_one_that_was_refused_learns_on_trying_again_that_one_stands(says: Any, resident: str) -> None:
    first, second = opens(resident, "D-1"), opens(resident, "D-2")

    assert (first, second) == ("opened", "DisputeStands")
    assert [one["number"] for one in says("dispute", "list", resident)["disputes"]] == ["D-1"]
