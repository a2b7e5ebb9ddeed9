"""However entries are shared out to turns, they come to the same places with the same leaves."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ledger import rows
from ledger.entry import StoredEntry
from ledger.turn import KeyConflict, Turn
from tests.entries import ORGAN, OTHER_ORGAN, stored

AT = datetime(2026, 1, 1, tzinfo=UTC)
STREAMS = [UUID(int=number) for number in range(1, 4)]
REQUESTS = st.lists(
    st.tuples(
        st.sampled_from(STREAMS), st.integers(0, 8), st.sampled_from([ORGAN, OTHER_ORGAN]), st.integers(0, 1)
    ),
    max_size=20,
)


def entry(stream: UUID, key: int, organ: str, content: int) -> StoredEntry:
    """The same few keys come again and again, sometimes with other content."""
    return stored(stream, f"{stream}/{key}", organ=organ, content=f'{{"n":{content}}}')


def settled(entries: list[StoredEntry], cuts: list[int]) -> dict[bytes, tuple[UUID, int, bytes]]:
    """Share entries out to turns at the cuts; give where each key came to stand."""
    places: dict[bytes, tuple[UUID, int, bytes]] = {}
    known: list[tuple[Any, ...]] = []
    ends = sorted({0, len(entries), *(min(cut, len(entries)) for cut in cuts)})
    for start, end in pairwise(ends):
        turn = Turn.read([(None, None, None, None, None, AT, None), *known])
        for one in entries[start:end]:
            try:
                turn.settle([rows.ready(one)])
            except KeyConflict:
                continue
        for placed in turn.placed:
            kept = placed.ready.entry
            places[kept.key] = (kept.originator_id, placed.version, placed.leaf)
            known.append(
                (kept.key, kept.request_hash, len(places), kept.originator_id, placed.version, AT, placed.leaf)
            )
    return places


@given(REQUESTS, st.lists(st.integers(1, 20), max_size=6))
def test_any_split_into_turns_gives_the_same_keys_versions_and_leaves(
    requests: list[tuple[UUID, int, str, int]], cuts: list[int]
) -> None:
    entries = [entry(*request) for request in requests]

    assert settled(entries, cuts) == settled(entries, [])


@given(REQUESTS)
def test_every_stream_is_a_chain_without_gaps(requests: list[tuple[UUID, int, str, int]]) -> None:
    turn = Turn.read([(None, None, None, None, None, AT, None)])
    for request in requests:
        try:
            turn.settle([rows.ready(entry(*request))])
        except KeyConflict:
            continue

    for stream in STREAMS:
        chain = [placed for placed in turn.placed if placed.ready.entry.originator_id == stream]
        assert [placed.version for placed in chain] == list(range(1, len(chain) + 1))
        assert [placed.prev for placed in chain] == [None, *(placed.leaf for placed in chain)][: len(chain)]
