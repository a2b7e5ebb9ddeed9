"""The library's own test cases of recorders, on our recorder.

Kept out of the test modules: a test case found in one would be run there without a ledger.
"""

import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any
from unittest import TestCase

from eventsourcing.persistence import StoredEvent

from ledger.datastore import LedgerDatastore
from ledger.recorder import EntryRecorder
from tests.entries import stored

# The library keeps its tests of ciphers in the same module, and those want a package that nothing else here needs.
_CIPHER = ModuleType("eventsourcing.cipher")
_CIPHER.AESCipher = object  # type: ignore[attr-defined] # a name for an import that is never used
sys.modules.setdefault("eventsourcing.cipher", _CIPHER)

from eventsourcing.tests import persistence as library  # noqa: E402 - after the name above


class Dressed(EntryRecorder):
    """The library's tests know four fields: each event gets an envelope and a key of its own at every call."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        dressed = [
            stored(
                event.originator_id,  # type: ignore[arg-type] # the library's tests use uuids here
                content=event.state.decode(),
                version=event.originator_version,
                topic=event.topic,
            )
            for event in stored_events
        ]
        return super().insert_events(dressed, **kwargs)


class _OnALedger(TestCase):
    datastore: LedgerDatastore

    def create_recorder(self) -> Dressed:
        recorder = Dressed(self.datastore)
        self.addCleanup(recorder.close)
        return recorder


class ApplicationRecorderCase(_OnALedger, library.ApplicationRecorderTestCase[Dressed]):
    pass


class PositionsCase(_OnALedger, library.NonInterleavingNotificationIDsBaseCase):
    pass


CASES: list[tuple[type[_OnALedger], str]] = [
    (ApplicationRecorderCase, "test_insert_select"),
    (ApplicationRecorderCase, "test_performance"),
    (ApplicationRecorderCase, "test_concurrent_no_conflicts"),
    (ApplicationRecorderCase, "test_concurrent_throughput"),
    (ApplicationRecorderCase, "optional_test_insert_subscribe"),
    (PositionsCase, "test"),
]
