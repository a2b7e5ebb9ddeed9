"""A founded ledger with its vault at work, for the tests of the vault and of erasure."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID

from domain.facts import Fact, Ref
from domain.person import Person
from domain.retention import NOTHING_KEPT
from ledger.database import Database
from ledger.entry import Entry, Hand, Receipt, Request
from ledger.opening import ERASURE_LOG, Desk, at_work, found
from ledger.suites import SuiteName
from ledger.vault.erasure import Erasure, content_of_destroying, content_of_expunging
from ledger.vault.erasure_log import ErasureLog
from ledger.vault.held import HeldRows
from ledger.vault.identities import Identities, Outcome, Resolution
from ledger.vault.indexes import Indexes
from ledger.vault.minting import minting_entry
from ledger.vault.ring import VaultKeyRing

ORGAN = "hr-bureau"
ON = date(2026, 3, 1)
ASKING, ALLOWING = (Hand(recorded_by=name, organ="vault") for name in ("officer:0001", "officer:0002"))


def person(number: int, name: str | None = "某甲") -> Person:
    """Name somebody by a permit number that nobody has."""
    return Person("hmt-permit", f"H{number:08d}", name)


@dataclass
class Given:
    """One ledger at work. The ring asks every time what was erased."""

    desk: Desk
    ring: VaultKeyRing
    held: HeldRows
    log: ErasureLog
    erasure: Erasure

    @property
    def identities(self) -> Identities:
        return self.desk.identities

    def resolve(self, *persons: Person) -> list[Resolution]:
        return self.identities.resolve(persons)

    def subject(self, somebody: Person) -> UUID:
        """Give the subject of somebody, with their identity-minted entry in the ledger."""
        [resolution] = self.resolve(somebody)
        assert resolution.subject is not None, resolution
        if resolution.outcome is Outcome.MINTED:
            self.desk.ledger.record(minting_entry(somebody, resolution.subject, "system:test"))
            self.identities.recorded([resolution.subject])
        return resolution.subject

    def record(self, subject: UUID, fact: Fact, source_id: str, refers_to: Ref | None = None) -> Receipt:
        """Append one fact about a subject."""
        hand = Hand(recorded_by="system:test", organ=ORGAN, legal_basis="依据", refers_to=refers_to)
        request = Request("test", source_id, "", str(subject))
        [receipt] = self.desk.ledger.record(Entry(subject, hand, request, fact))
        return receipt

    def facts(self, stream: UUID) -> list[Fact | None]:
        return [entry.fact for entry in self.desk.ledger.history(stream)]

    def approved_expunging(self, ref: Ref) -> None:
        content = content_of_expunging(self.ring.suite, ref)
        self.desk.approvals.propose("expunge-entry", content, ASKING, "依法封存")
        self.desk.approvals.approve("expunge-entry", content, ALLOWING)

    def approved_destroying(self, subject: UUID) -> None:
        content = content_of_destroying(self.ring.suite, subject)
        self.desk.approvals.propose("destroy-key", content, ASKING, "本人申请删除")
        self.desk.approvals.approve("destroy-key", content, ALLOWING)

    def expunged(self, ref: Ref) -> Receipt:
        self.approved_expunging(ref)
        return self.erasure.expunge_entry(ref, "法定封存", ASKING, ON)

    def destroyed(self, subject: UUID) -> Receipt:
        self.approved_destroying(subject)
        return self.erasure.destroy_key(subject, "本人申请", ASKING, ON)

    def vault_rows(self, statement: LiteralString) -> list[tuple[Any, ...]]:
        """Ask the vault's tables as the vault's role."""
        composed = self.desk.sessions.sql(statement)
        return self.desk.sessions.run(lambda connection: connection.execute(composed).fetchall())


@contextmanager
def given_ledger(
    database: Database, key_file: Path, suite: SuiteName = "intl", recheck_seconds: float = 0.0
) -> Iterator[Given]:
    """Found a ledger and open it for one process."""
    found(database, key_file, suite, "officer:0000", os.urandom)
    with at_work(database, key_file, os.urandom, schedule=NOTHING_KEPT) as desk:
        ring = VaultKeyRing(desk.sessions, desk.vault_keys, recheck_seconds=recheck_seconds)
        desk.ledger.keys = desk.ledger.entry_mapper.keys = ring
        indexes = Indexes(desk.vault_keys.suite, desk.vault_keys.index_key or b"")
        held = HeldRows(desk.sessions, desk.vault_keys, indexes, desk.identities, os.urandom)
        log = ErasureLog(key_file.with_name(ERASURE_LOG))
        yield Given(desk, ring, held, log, Erasure(desk.retaining, desk.sessions, ring, log))
