"""Entries for tests of the store: an envelope around any bytes, without a vault."""

import hashlib
import os
from uuid import UUID, uuid4

from ledger.entry import Hand, StoredEntry, content_hash
from ledger.suites import SUITES

ORGAN = "police-yinzhou"
OTHER_ORGAN = "social-security-haishu"


def digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def stored(
    stream: UUID | None = None,
    key: str | None = None,
    *,
    organ: str = ORGAN,
    content: str = "{}",
    version: int = 0,
    topic: str = "test.v1",
) -> StoredEntry:
    """An entry whose key and request are hashes of the texts given; a key of its own where none is given."""
    state, salt = content.encode(), os.urandom(16)
    return StoredEntry(
        originator_id=stream or uuid4(),
        originator_version=version,
        topic=topic,
        state=state,
        hand=Hand(recorded_by="clerk:1", organ=organ),
        suite="intl",
        key=digest(key or uuid4().hex),
        request_hash=digest(content),
        salt=salt,
        sealed=None,
        content_hash=content_hash(SUITES["intl"], salt, state, None),
        binding=digest(content + "binding"),
    )
