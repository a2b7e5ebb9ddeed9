"""Golden entries: written once, decoded for ever. `python -m tests.ledger.golden` adds the missing.

A file holds one entry whole: keys, salts, request and fact in; every column, the header and the leaf out. A file
that exists is never written again: a test that differs from it has found a change of the storage format.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from eventsourcing.persistence import JSONTranscoder

from domain.facts import Fact, Ref
from ledger.entry import Entry, Hand, Head, Request, StoredEntry, instant_text
from ledger.mapper import EntryMapper, is_restricted, plaintext
from ledger.suites import SUITES, Suite
from tests.ledger.golden.samples import samples

FOLDER = Path(__file__).parent
LEDGER_KEY, OWNER_KEY = bytes(range(32)), bytes(range(32, 64))
SALT, SEALING_SALT = bytes(range(0xA0, 0xB0)), bytes(range(0xB0, 0xC0))
STREAM = UUID("6f1d3a52-0c1e-4b7a-9d55-2f8a6f0e4c31")
NAMED = UUID("60a6f7ba-0c57-570a-8384-d6df7e00ea42")
OTHER = UUID("0b7f1c9e-83a4-5c6d-8e2f-1a2b3c4d5e6f")
PREV = bytes(range(0xC0, 0xE0))
RECORDED_AT = datetime(2026, 1, 31, 16, 0, 0, 42, tzinfo=UTC)
BARE = Hand(recorded_by="system:feed", organ="91512081MA62K0260E")
FULL = Hand(
    recorded_by="officer:0042",
    organ="hr-bureau",
    channel="window",
    source_class="manual",
    source_time=datetime(2026, 1, 30, 8, 15, tzinfo=UTC),
    legal_basis="《浙江省流动人口居住登记条例》第十条",
    batch_id=UUID("c2a1e5b0-7d3f-4a19-8b64-9e0f1d2c3b4a"),
    causation=Ref(stream=OTHER, version=7),
    refers_to=Ref(stream=OTHER, version=3),
)


class FixedKeys:
    """A vault whose keys are printed beside the entries they sealed."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self.ledger_key = LEDGER_KEY

    def owner_key(self, stream: UUID) -> bytes | None:
        assert stream == STREAM
        return OWNER_KEY

    def keep_salt(self, key: bytes, salt: bytes) -> bytes:
        assert len(key) == 32
        return salt

    def kept_salt(self, key: bytes) -> bytes | None:
        assert len(key) == 32
        return SEALING_SALT


def mapper_of(suite: str) -> EntryMapper:
    """Give a mapper whose salts are the printed ones, for one entry."""
    return EntryMapper(JSONTranscoder(), FixedKeys(SUITES[suite]), _salts())


def _salts() -> Callable[[int], bytes]:
    salts: Iterator[bytes] = iter([SALT, SEALING_SALT])
    return lambda _size: next(salts)


def written(suite: str, fact: Fact, *, bare: bool) -> tuple[dict[str, Any], str]:
    """Write one entry: the row by column name, and the header as text."""
    hand = BARE if bare else FULL
    entry = Entry(stream_of(fact), hand, request_of(fact), fact)
    stored = mapper_of(suite).to_stored_event(entry)
    version, prev = (1, None) if bare else (8, PREV)
    head = Head.of(stored)
    row = row_of(stored, version, prev, head.leaf(version, prev, RECORDED_AT))
    return row, head.header(version, prev, RECORDED_AT).decode()


def stream_of(fact: Fact) -> UUID:
    """Give a subject's stream, or for kinds about nobody a named one."""
    return STREAM if fact.about.stream == "subject" else NAMED


def request_of(fact: Fact) -> Request:
    """Give the request under which a golden entry was sent."""
    return Request(source="golden", source_id=fact.kind, part="1", subject="as the sender named it")


def row_of(stored: StoredEntry, version: int, prev: bytes | None, leaf: bytes) -> dict[str, Any]:
    """Lay a stored entry out by column, as JSON values."""
    hand = stored.hand
    return {
        "originator_id": str(stored.originator_id),
        "originator_version": version,
        "topic": stored.topic,
        "state": stored.state.decode(),
        "format": stored.format,
        "suite": stored.suite,
        "recorded_at": instant_text(RECORDED_AT),
        "recorded_by": hand.recorded_by,
        "organ": hand.organ,
        "channel": hand.channel,
        "source_class": hand.source_class,
        "source_time": None if hand.source_time is None else instant_text(hand.source_time),
        "legal_basis": hand.legal_basis,
        "batch_id": None if hand.batch_id is None else str(hand.batch_id),
        "causation_stream": None if hand.causation is None else str(hand.causation.stream),
        "causation_version": None if hand.causation is None else hand.causation.version,
        "refers_to_stream": None if hand.refers_to is None else str(hand.refers_to.stream),
        "refers_to_version": None if hand.refers_to is None else hand.refers_to.version,
        "key": stored.key.hex(),
        "request_hash": stored.request_hash.hex(),
        "salt": stored.salt.hex(),
        "sealed": None if stored.sealed is None else stored.sealed.hex(),
        "content_hash": stored.content_hash.hex(),
        "binding": stored.binding.hex(),
        "prev": None if prev is None else prev.hex(),
        "leaf": leaf.hex(),
    }


def read(row: dict[str, Any]) -> StoredEntry:
    """Read a row by column name back."""
    return StoredEntry(
        originator_id=UUID(row["originator_id"]),
        originator_version=row["originator_version"],
        topic=row["topic"],
        state=row["state"].encode(),
        hand=_hand(row),
        suite=row["suite"],
        key=bytes.fromhex(row["key"]),
        request_hash=bytes.fromhex(row["request_hash"]),
        salt=bytes.fromhex(row["salt"]),
        sealed=None if row["sealed"] is None else bytes.fromhex(row["sealed"]),
        content_hash=bytes.fromhex(row["content_hash"]),
        binding=bytes.fromhex(row["binding"]),
        format=row["format"],
        recorded_at=datetime.fromisoformat(row["recorded_at"]),
        prev=None if row["prev"] is None else bytes.fromhex(row["prev"]),
        leaf=bytes.fromhex(row["leaf"]),
    )


def _hand(row: dict[str, Any]) -> Hand:
    return Hand(
        recorded_by=row["recorded_by"],
        organ=row["organ"],
        channel=row["channel"],
        source_class=row["source_class"],
        source_time=None if row["source_time"] is None else datetime.fromisoformat(row["source_time"]),
        legal_basis=row["legal_basis"],
        batch_id=None if row["batch_id"] is None else UUID(row["batch_id"]),
        causation=_ref(row["causation_stream"], row["causation_version"]),
        refers_to=_ref(row["refers_to_stream"], row["refers_to_version"]),
    )


def _ref(stream: str | None, version: int | None) -> Ref | None:
    return None if stream is None or version is None else Ref(stream=UUID(stream), version=version)


def golden(suite: str, fact: Fact, *, bare: bool) -> dict[str, Any]:
    """Give what a golden file holds."""
    row, header = written(suite, fact, bare=bare)
    owner = OWNER_KEY if type(fact).about.stream == "subject" else LEDGER_KEY
    sealing_salt = SEALING_SALT if is_restricted(fact) else SALT
    request = request_of(fact)
    return {
        "keys": {"ledger": LEDGER_KEY.hex(), "owner": owner.hex(), "sealing_salt": sealing_salt.hex()},
        "request": {name: getattr(request, name) for name in ("source", "source_id", "part", "subject")},
        "fact": plaintext(fact),
        "row": row,
        "header": header,
    }


def missing(folder: Path = FOLDER) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Give each golden entry that has no file yet."""
    for name, (fact, bare) in samples().items():
        for suite in SUITES:
            path = folder / f"{suite}.{name}.json"
            if not path.exists():
                yield path, golden(suite, fact, bare=bare)


def text_of(value: dict[str, Any]) -> str:
    """Lay a golden entry out to be read."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
