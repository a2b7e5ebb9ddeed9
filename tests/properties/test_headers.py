"""A header's text is what the canonical encoder would write of its parts."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.facts import Ref
from ledger.canonical import canonical
from ledger.entry import Hand, Head, StoredEntry, instant_text
from ledger.suites import SUITES, SuiteName, text_hash
from tests.entries import stored

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9)
"""What PostgreSQL can hold."""
SUITE_NAMES: st.SearchStrategy[SuiteName] = st.sampled_from(["intl", "gm"])
INSTANTS = st.datetimes(timezones=st.just(UTC))
REFS = st.none() | st.builds(Ref, stream=st.uuids(), version=st.integers(1, 2**63 - 1))
HANDS = st.builds(
    Hand,
    recorded_by=TEXTS,
    organ=TEXTS,
    channel=TEXTS,
    source_class=st.sampled_from(["automatic", "manual", "agency", "self"]),
    source_time=st.none() | INSTANTS,
    legal_basis=st.none() | TEXTS,
    batch_id=st.none() | st.uuids(),
    causation=REFS,
    refers_to=REFS,
)


def reference(entry: StoredEntry, version: int, prev: bytes | None, at: datetime) -> bytes:
    suite, hand = SUITES[entry.suite], entry.hand

    def ref(one: Ref | None) -> list[str | int] | None:
        return None if one is None else [str(one.stream), one.version]

    parts = {
        "batch": None if hand.batch_id is None else str(hand.batch_id),
        "binding": entry.binding.hex(),
        "causation": ref(hand.causation),
        "channel": text_hash(suite, hand.channel),
        "content": entry.content_hash.hex(),
        "format": entry.format,
        "key": entry.key.hex(),
        "legal_basis": None if hand.legal_basis is None else text_hash(suite, hand.legal_basis),
        "organ": text_hash(suite, hand.organ),
        "prev": None if prev is None else prev.hex(),
        "recorded_at": instant_text(at),
        "recorded_by": text_hash(suite, hand.recorded_by),
        "refers_to": ref(hand.refers_to),
        "request": entry.request_hash.hex(),
        "source_class": text_hash(suite, hand.source_class),
        "source_time": None if hand.source_time is None else instant_text(hand.source_time),
        "stream": str(entry.originator_id),
        "suite": entry.suite,
        "topic": text_hash(suite, entry.topic),
        "version": version,
    }
    return bytes([entry.format]) + canonical(parts)


@given(
    HANDS,
    st.uuids(),
    TEXTS,
    SUITE_NAMES,
    st.integers(0, 2**63 - 1),
    st.none() | st.binary(min_size=32, max_size=32),
    INSTANTS,
)
def test_a_header_is_the_canonical_text_of_its_parts(
    hand: Hand, stream: UUID, topic: str, suite: SuiteName, version: int, prev: bytes | None, at: datetime
) -> None:
    entry = replace(stored(stream, topic=topic), hand=hand, suite=suite)

    assert Head.of(entry).header(version, prev, at) == reference(entry, version, prev, at)
