"""However entries are shared out to turns, row by row or in blocks, they come to the same places and leaves."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ledger import rows
from ledger.blocks import Block, Draft, Known
from ledger.entry import Receipt, StoredEntry
from ledger.turn import Kept, KeyConflict, Turn
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


@given(REQUESTS, REQUESTS)
def test_a_block_has_the_places_and_answers_of_a_turn(
    before: list[tuple[UUID, int, str, int]], requests: list[tuple[UUID, int, str, int]]
) -> None:
    stands = settled([entry(stream, key, ORGAN, content) for stream, key, _, content in before], [])
    hashes = {one.key: one.request_hash for one in (entry(*request) for request in reversed(before))}
    answer = [
        (key, hashes[key], position, stream, version, AT, leaf)
        for position, (key, (stream, version, leaf)) in enumerate(stands.items(), 1)
    ]
    ready = [rows.ready(entry(stream, key, ORGAN, content)) for stream, key, _, content in requests]
    turn, known = Turn.read([(None, None, None, None, None, AT, None), *answer]), Known()
    known.learn((key, hashed, at, stream.bytes, *rest) for key, hashed, at, stream, *rest in answer)
    by_turn: list[tuple[int, bytes] | None] = []
    for one in ready:
        try:
            [found] = turn.settle([one])
        except KeyConflict:
            by_turn.append(None)
        else:
            standing = found.standing
            place = standing.receipt if isinstance(standing, Kept) else standing
            by_turn.append((place.version, place.leaf))
    draft = Draft(Block.of(ready), known, AT) if ready else None

    outcomes = draft.receive(range(100, 100 + len(draft.placed))).receipts() if draft else []
    assert [(one.version, one.leaf) if isinstance(one, Receipt) else None for one in outcomes] == by_turn
    assert draft is None or draft.copy == [
        b"\0\x1b"
        + b"".join((*one.ready.columns, *rows.late(one.version, rows.recorded_at(AT), one.prev, one.leaf)))
        + b"\0\0\0\4"
        + place.to_bytes(4, "big")
        for place, one in zip(draft.placed, turn.placed, strict=True)
    ]
