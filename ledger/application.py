"""The application: facts with their envelopes go in and come out, in streams. The library's seams, filled.

`save(Entry)` goes through the store and the mapper to the recorder, and what comes back carries the whole receipt.
Use cases ask for `record`, which gives receipts and refusals in our own words.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, cast
from uuid import UUID

import psycopg
from eventsourcing.application import Application
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import (
    EventStore,
    InfrastructureFactory,
    Mapper,
    Notification,
    Recording,
    TrackingRecorder,
)
from eventsourcing.utils import Environment, EnvType

from domain.errors import RequestConflict
from ledger.database import Database, Role
from ledger.entry import Entry, Receipt, StoredEntry
from ledger.factory import EntryFactory
from ledger.mapper import EntryMapper, KeyRing
from ledger.recorder import EntryRecorder
from ledger.turn import KeyConflict


@dataclass(frozen=True)
class Recorded(Recording[UUID]):
    """What the library tells of a saved event, and the receipt."""

    receipt: Receipt


class EntryStore(EventStore[UUID]):
    """As the library's, but what comes back is the whole receipt, not only a position."""

    def __init__(self, mapper: EntryMapper, recorder: EntryRecorder) -> None:
        super().__init__(cast("Mapper[UUID]", mapper), recorder)
        self.entry_mapper, self.entry_recorder = mapper, recorder

    def put(self, domain_events: Sequence[DomainEventProtocol[UUID]], **_: Any) -> list[Recording[UUID]]:
        """Seal before the turn, append in it. All or none."""
        entries = cast("Sequence[Entry]", domain_events)
        stored, receipts = self.append(entries)
        return [
            Recorded(
                cast("DomainEventProtocol[UUID]", placed(entry, receipt)),
                Notification(receipt.stream, receipt.version, row.topic, row.state, receipt.position),
                receipt,
            )
            for entry, row, receipt in zip(entries, stored, receipts, strict=True)
        ]

    def append(self, entries: Sequence[Entry]) -> tuple[list[StoredEntry], list[Receipt]]:
        """Do the same for entries, and give the rows and their receipts."""
        stored = [self.entry_mapper.to_stored_event(entry) for entry in entries]
        return stored, self.entry_recorder.append(stored)


def placed(entry: Entry, receipt: Receipt) -> Entry:
    """Put an entry into the place that its receipt names."""
    return replace(
        entry,
        originator_version=receipt.version,
        position=receipt.position,
        recorded_at=receipt.recorded_at,
        leaf=receipt.leaf,
    )


class Ledger(Application[UUID]):
    """One ledger, as the appender. Close it: its threads and connections end."""

    name = "ledger"

    def __init__(self, database: Database, keys: KeyRing, random_bytes: Callable[[int], bytes]) -> None:
        self.database = database
        self.keys = keys
        self.random_bytes = random_bytes
        super().__init__()

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Take nothing from the process's environment; settings are arguments."""
        return Environment(name, {"CREATE_TABLE": "no", **(env or {})})

    def construct_factory(self, env: Environment) -> InfrastructureFactory[TrackingRecorder]:
        """Use our recorder on our connections."""
        self.entry_factory = EntryFactory(env, self.database)
        return cast("InfrastructureFactory[TrackingRecorder]", self.entry_factory)

    def construct_mapper(self) -> Mapper[UUID]:
        """Use our mapper: canonical bytes, seals, commitments."""
        self.entry_mapper = EntryMapper(self.construct_transcoder(), self.keys, self.random_bytes)
        return cast("Mapper[UUID]", self.entry_mapper)

    def construct_event_store(self) -> EventStore[UUID]:
        """Use our store, which hands receipts through."""
        self.entry_store = EntryStore(self.entry_mapper, cast("EntryRecorder", self.recorder))
        return self.entry_store

    def record(self, *entries: Entry) -> list[Receipt]:
        """Append entries, all or none; one receipt each, in their order. What `save` does, but for the library.

        Raises RequestConflict, KeyDestroyed, and the library's PersistenceError in our words.
        """
        if not entries:
            return []
        try:
            return self.entry_store.append(entries)[1]
        except KeyConflict:
            pass
        raise RequestConflict

    def history(self, stream: UUID) -> list[Entry]:
        """Read one stream, in order. A person's history is read by staff through ledger/history.py."""
        return [cast("Entry", event) for event in self.events.get(stream)]

    def connection(self) -> AbstractContextManager[psycopg.Connection[Any]]:
        """Lend a connection as the appender, in autocommit."""
        return self.entry_factory.ledger_datastore.borrowed()

    def auditor(self) -> psycopg.Connection:
        """Open a connection that can only read."""
        return self.database.connect(Role.AUDITOR)
