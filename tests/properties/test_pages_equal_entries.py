"""A page that is checked as rows is sound exactly where its entries, checked one by one, show no difference."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ledger import wire
from ledger.canonical import canonical
from ledger.entry import Head, StoredEntry, content_hash
from ledger.rows import COLUMNS
from ledger.suites import SUITES, SuiteName
from ledger.verification.check import EntryCheck
from ledger.verification.findings import Fault
from ledger.verification.pages import PageCheck, columns
from tests.entries import stored
from tests.properties.test_headers import HANDS, SUITE_NAMES

OF_CONTENT = {Fault.UNKNOWN_KIND, Fault.NOT_CANONICAL}
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
FROM_STREAM, TO_SALT = 14, 225
"""Bytes of a row behind the position, which no hash covers, and before the state of a first entry."""
DIGEST = st.binary(min_size=32, max_size=32)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "originator_id": st.uuids(),
    "originator_version": st.integers(-1, 5),
    "position": st.integers(0, 9),
    "topic": st.sampled_from(["test.v1", "test.v2", ""]),
    "state": st.binary(max_size=70),
    "hand": HANDS,
    "suite": SUITE_NAMES,
    "format": st.integers(0, 3),
    "key": DIGEST,
    "request_hash": DIGEST,
    "salt": st.binary(min_size=16, max_size=16),
    "sealed": st.none() | st.binary(max_size=70),
    "content_hash": DIGEST,
    "binding": DIGEST,
    "recorded_at": st.datetimes(timezones=st.just(UTC)),
    "prev": st.none() | DIGEST,
    "leaf": DIGEST,
}


@st.composite
def ledgers(draw: st.DrawFn, suites: st.SearchStrategy[SuiteName] = SUITE_NAMES) -> list[StoredEntry]:
    """Give entries of a few streams, as the turn would have placed them, in the order of streams and versions."""
    suite = draw(suites)
    entries: list[StoredEntry] = []
    for stream in sorted(draw(st.sets(st.uuids(), min_size=1, max_size=3))):
        prev = None
        for version in range(1, draw(st.integers(1, 4)) + 1):
            entries.append(_placed(draw, suite, stream, version, prev, len(entries) + 1))
            prev = entries[-1].leaf
    return entries


def _placed(
    draw: st.DrawFn, suite: SuiteName, stream: UUID, version: int, prev: bytes | None, position: int
) -> StoredEntry:
    state = canonical({"told": draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=5))})
    sealed, at = draw(st.none() | st.binary(max_size=70)), BEGUN + timedelta(seconds=position)
    entry = replace(stored(stream), hand=draw(HANDS), suite=suite, state=state, sealed=sealed)
    entry = replace(entry, content_hash=content_hash(SUITES[suite], entry.salt, state, sealed))
    leaf = Head.of(entry).leaf(version, prev, at)
    return replace(entry, originator_version=version, position=position, recorded_at=at, prev=prev, leaf=leaf)


def row(entry: StoredEntry) -> bytes:
    """Encode an entry as the server sends it."""
    hand = entry.hand
    values = {name: getattr(entry, name, None) for name, _ in COLUMNS}
    values |= {name: getattr(hand, name) for name, _ in COLUMNS if hasattr(hand, name)}
    for name, ref in (("causation", hand.causation), ("refers_to", hand.refers_to)):
        values |= {f"{name}_stream": ref and ref.stream, f"{name}_version": ref and ref.version}
    kinds = dict(COLUMNS)
    told = [wire.int8(entry.position)]
    told += [getattr(wire, kinds[name])(values[name]) for name in columns()[1:]]
    return len(told).to_bytes(2) + b"".join(told)


def plain(entries: Sequence[StoredEntry]) -> tuple[bool, int]:
    """Check entries one by one; say whether hashes and links are sound, and how many streams begin."""
    check = EntryCheck(None)
    check.batch(entries)
    check.finish()
    return {one.what for one in check.report.findings} <= OF_CONTENT, check.report.streams


@given(ledgers(), st.integers(1, 12))
def test_pages_of_any_size_are_sound_where_nothing_was_changed(entries: list[StoredEntry], size: int) -> None:
    pages, before, begun = PageCheck(), None, 0
    for first in range(0, len(entries), size):
        sound = pages.sound([row(one) for one in entries[first : first + size]], before)
        assert sound is not None
        before, begun = sound[0], begun + sound[1]

    assert (True, begun) == plain(entries)


@given(ledgers(), st.data())
def test_a_page_in_which_a_column_was_changed_is_as_sound_as_its_entries(
    entries: list[StoredEntry], data: st.DataObject
) -> None:
    at, name = data.draw(st.integers(0, len(entries) - 1)), data.draw(st.sampled_from(sorted(FIELDS)))
    entries[at] = replace(entries[at], **{name: data.draw(FIELDS[name])})

    assert (PageCheck().sound([row(one) for one in entries], None) is not None) == plain(entries)[0]


@given(ledgers(), st.data())
def test_a_page_whose_entries_were_left_out_or_exchanged_is_as_sound_as_they(
    entries: list[StoredEntry], data: st.DataObject
) -> None:
    left = data.draw(st.permutations(entries))[: data.draw(st.integers(1, len(entries)))]

    assert (PageCheck().sound([row(one) for one in left], None) is not None) == plain(left)[0]


@given(ledgers(), st.integers(FROM_STREAM, TO_SALT), st.integers(1, 255), st.data())
def test_a_page_with_a_changed_byte_is_never_sound(
    entries: list[StoredEntry], where: int, change: int, data: st.DataObject
) -> None:
    page = [row(one) for one in entries]
    at = data.draw(st.integers(0, len(page) - 1))
    page[at] = page[at][:where] + bytes([page[at][where] ^ change]) + page[at][where + 1 :]

    assert PageCheck().sound(page, None) is None
