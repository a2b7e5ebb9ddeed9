"""A dry run remembers its own file outside of memory."""

import tracemalloc
from datetime import date
from uuid import UUID

from domain.facts import Ref
from ledger.ingest.desk import Standing
from ledger.ingest.scratch import Scratch

SUBJECT, OTHER = UUID(int=1), UUID(int=2)


def entry(number: int) -> Standing:
    return Standing(Ref(stream=SUBJECT, version=number + 1), "attested.v1", number.to_bytes(32), UUID(int=9))


def test_what_was_remembered_is_given_back() -> None:
    scratch = Scratch()
    scratch.mint(SUBJECT, "甲")
    scratch.add(b"key", entry(7))
    scratch.open((SUBJECT, "residence", "R-1"), date(2025, 1, 2))
    scratch.open((SUBJECT, "residence", "R-1"), date(2025, 1, 1))

    assert (scratch.name(SUBJECT), scratch.name(OTHER)) == ("甲", None)
    assert scratch.added([b"key", b"other"]) == {b"key": entry(7)}
    assert scratch.opened([SUBJECT, OTHER]) == {(SUBJECT, "residence", "R-1"): date(2025, 1, 2)}


def test_memory_does_not_grow_with_what_is_remembered() -> None:
    scratch = Scratch()
    tracemalloc.start()
    for number in range(20_000):
        scratch.add(number.to_bytes(32), entry(number))
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert scratch.entries == 20_000
    assert grown < 500_000
