"""What a process needs to prepare the pieces of one delivery: it goes through a pipe, keys and all."""

from dataclasses import dataclass, field
from uuid import UUID

from eventsourcing.persistence import JSONTranscoder

from ledger.database import Database
from ledger.entry import Hand
from ledger.ingest.columns import ColumnReader
from ledger.ingest.delivery import CsvDelivery
from ledger.ingest.examine import Terms
from ledger.ingest.preparing import Bench, Preparer
from ledger.ingest.resolving import Resolver
from ledger.ingest.sealing import Sealer
from ledger.mapper import EntryMapper
from ledger.vault.encryption import RandomBytes
from ledger.vault.held import HeldRows
from ledger.vault.identities import Identities
from ledger.vault.indexes import Indexes
from ledger.vault.minting import VAULT_ORGAN
from ledger.vault.ring import VaultKeyRing
from ledger.vault.sessions import Sessions
from ledger.vault.settings import VaultKeys


@dataclass(frozen=True)
class Workshop:
    """One batch's preparing. `hand` is the batch's."""

    database: Database
    vault_keys: VaultKeys = field(repr=False)
    random_bytes: RandomBytes
    delivery: CsvDelivery
    terms: Terms
    hand: Hand

    def preparer(self, sessions: Sessions) -> Preparer:
        """Set up a preparer of this process's own, on these connections to the vault."""
        keys, random_bytes = self.vault_keys, self.random_bytes
        suite, indexes = keys.suite, Indexes(keys.suite, keys.index_key or b"")
        identities = Identities(sessions, keys, indexes, random_bytes)
        ring = VaultKeyRing(sessions, keys)
        minting = Hand(self.hand.recorded_by, VAULT_ORGAN, channel="vault", batch_id=self.batch_id)
        return Preparer(
            self.delivery,
            ColumnReader(self.delivery.header.fields, self.terms),
            Bench(
                resolver=Resolver(identities, indexes, Sealer(suite, keys.ledger_key, minting, random_bytes)),
                held=HeldRows(sessions, keys, indexes, identities, random_bytes),
                keys=ring,
                mapper=EntryMapper(JSONTranscoder(), ring, random_bytes),
                sealer=Sealer(suite, keys.ledger_key, self.hand, random_bytes),
                hand=self.hand,
            ),
        )

    @property
    def batch_id(self) -> UUID | None:
        """Give the batch."""
        return self.hand.batch_id
