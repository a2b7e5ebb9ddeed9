"""What an import asks of ledger and vault. `LedgerImportDesk` does it; `DryDesk` only says what would be."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from domain.competence import Grant
from domain.facts import BatchCommitted, Ref
from domain.person import Person
from ledger.entry import Entry, Hand, Request
from ledger.ingest.verdicts import Code
from ledger.vault.held import RowToHold
from ledger.vault.identities import Resolution


@dataclass(frozen=True, slots=True)
class Appended:
    """What one entry got: a position, and whether it is new; if not, what is known of the entry that stands.

    `position` is None in a dry run. `batch_id` and `voided` speak of the standing entry.
    """

    position: int | None
    new: bool
    batch_id: UUID | None = None
    voided: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """The entry under a key, as a void, a correction or a repeated row must know it.

    `corrected_by` is the key of the first entry that corrects it.
    """

    ref: Ref
    topic: str
    request_hash: bytes
    batch_id: UUID | None = None
    voided: bool = False
    corrected_by: bytes | None = None


Spell = tuple[UUID, str, str]
"""A spell: the subject, the word that is opened (`residence`), the source's number of the spell."""


class ImportDesk(Protocol):
    """The ledger as one import sees it. Every method may be asked again after a crash."""

    def grants(self, organ: str) -> tuple[Grant, ...]:
        """Give an organ's grants."""

    def resolve(self, persons: Sequence[Person]) -> list[Resolution]:
        """Say who each is, in order; unknown ones are minted."""

    def record_minted(self, minted: Mapping[UUID, Person], recorded_by: str, batch_id: UUID) -> None:
        """Append the identity entries of minted subjects."""

    def exists(self, subject: UUID) -> bool:
        """Say whether a subject is known and its key is not destroyed."""

    def born_on(self, subject: UUID) -> date | None:
        """Give a subject's birth date as now known."""

    def hold(self, rows: Sequence[RowToHold]) -> None:
        """Put rows into the queue of those that wait for a person."""

    def settle_held(self, organ: str, by: str) -> int:
        """Take rows out of the queue that came again since, corrected, and stand; say how many."""

    def key_of(self, organ: str, request: Request) -> bytes:
        """Give a request's idempotency key."""

    def standing(self, keys: Collection[bytes]) -> dict[bytes, Standing]:
        """Give the entries that stand under these keys."""

    def openings(self, subjects: Collection[UUID]) -> dict[Spell, date]:
        """Give the earliest start of every spell these subjects are recorded to have begun."""

    def append(self, entries: Sequence[Entry]) -> list[Appended | Code]:
        """Append in the order given, each alone: what it got, or `other-content` or `person-erased`."""

    def batch_id(self, name: str) -> UUID:
        """Name a batch under the ledger's key, so that its id says nothing of its file."""

    def receipt(self, batch_id: UUID) -> BatchCommitted | None:
        """Give the receipt of a delivery that was taken before."""

    def commit(self, batch: BatchCommitted, hand: Hand) -> None:
        """Record the receipt."""
