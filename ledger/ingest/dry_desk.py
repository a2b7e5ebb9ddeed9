"""What an import would do, without doing it: reads the ledger, remembers what this file would have added."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from uuid import UUID, uuid5

from domain.competence import Grant
from domain.facts import BatchCommitted, Ref
from domain.names import fold
from domain.person import Person
from ledger.entry import Entry, Hand, Request
from ledger.ingest.desk import Appended, Spell, Standing
from ledger.ingest.ledger_desk import LedgerImportDesk
from ledger.ingest.scratch import Scratch
from ledger.ingest.spells import opening_of
from ledger.ingest.verdicts import Code
from ledger.vault.held import RowToHold
from ledger.vault.identities import Outcome, Resolution, Why
from ledger.vault.minting import minting_entry

Noted = Callable[[Entry, Ref], None]
"""Is told of every entry that would be appended, and the place it would be known by in this dry run."""

_BEYOND = 10**12
"""No stream has so many versions: what would be appended is never taken for what stands."""
_NAMESPACE = UUID("4b7a0d3e-3f0a-5c55-9a0e-0d1f6a4c2b11")


class DryDesk:
    """Stands in for the ledger. What the file would have brought is kept on disk, so that memory does not grow."""

    def __init__(self, desk: LedgerImportDesk, noted: Noted | None = None) -> None:
        self._desk = desk
        self._noted = noted
        self._scratch = Scratch()

    def grants(self, organ: str) -> tuple[Grant, ...]:
        """Ask the ledger."""
        return self._desk.grants(organ)

    def resolve(self, persons: Sequence[Person]) -> list[Resolution]:
        """Ask the vault; give the unknown a subject of this dry run, the first name of a number first."""
        found = self._desk.find(persons)
        return [
            self._would_mint(person)
            if resolution.outcome is Outcome.UNKNOWN
            else self._would_know(person)
            if resolution.why is Why.UNKNOWN_NUMBER
            else resolution
            for person, resolution in zip(persons, found, strict=True)
        ]

    def _would_know(self, person: Person) -> Resolution:
        """Resolve a row without a name: a row before it may have brought the number."""
        subject = _subject_of(person)
        if self._scratch.name(subject) is not None:
            return Resolution(Outcome.KNOWN, subject)
        return Resolution(Outcome.HELD, why=Why.UNKNOWN_NUMBER)

    def _would_mint(self, person: Person) -> Resolution:
        subject = _subject_of(person)
        name, before = fold(person.name or ""), self._scratch.name(subject)
        if before is None:
            if self._noted is not None and person.name is not None:
                self._noted(minting_entry(person, subject, "system:dry-run"), Ref(stream=subject, version=1))
            self._scratch.mint(subject, name)
        elif before != name:
            return Resolution(Outcome.HELD, why=Why.OTHER_NAME)
        return Resolution(Outcome.KNOWN, subject)

    def record_minted(self, minted: Mapping[UUID, Person], recorded_by: str, batch_id: UUID) -> None:
        """Record nothing."""

    def exists(self, subject: UUID) -> bool:
        """Ask the vault."""
        return self._desk.exists(subject)

    def born_on(self, subject: UUID) -> date | None:
        """Ask the ledger, unless the subject would only be minted."""
        return self._desk.born_on(subject) if self._scratch.name(subject) is None else None

    def hold(self, rows: Sequence[RowToHold]) -> None:
        """Hold nothing."""

    def settle_held(self, organ: str, by: str) -> int:  # noqa: ARG002 - asked as the real desk is
        """Settle nothing."""
        return 0

    def key_of(self, organ: str, request: Request) -> bytes:
        """Give the key."""
        return self._desk.key_of(organ, request)

    def standing(self, keys: Collection[bytes]) -> dict[bytes, Standing]:
        """Look into the ledger, then into what this file would have added."""
        return self._desk.standing(keys) | self._scratch.added(keys)

    def openings(self, subjects: Collection[UUID]) -> dict[Spell, date]:
        """Look into the ledger, then into what this file would have opened."""
        ours = self._scratch.opened(subjects)
        found = self._desk.openings(subjects)
        return found | {spell: min(start, found.get(spell, start)) for spell, start in ours.items()}

    def append(self, entries: Sequence[Entry]) -> list[Appended | Code]:
        """Say what each entry would get."""
        identities = [self._desk.identity_of(entry) for entry in entries]
        before = self._desk.standing({key for key, _ in identities})
        return [
            self._would_append(entry, key, hashed, before.get(key))
            for entry, (key, hashed) in zip(entries, identities, strict=True)
        ]

    def _would_append(self, entry: Entry, key: bytes, hashed: bytes, before: Standing | None) -> Appended | Code:
        standing = before or self._scratch.added([key]).get(key)
        if standing is not None:
            if standing.request_hash != hashed:
                return Code.OTHER_CONTENT
            # 0: no position of this file, so that a row seen in it before is told as repeated.
            return Appended(0, new=False, batch_id=standing.batch_id, voided=standing.voided)
        ref = Ref(stream=entry.originator_id, version=_BEYOND + self._scratch.entries)
        if self._noted is not None:
            self._noted(entry, ref)
        topic = "" if entry.fact is None else entry.fact.kind
        self._scratch.add(key, Standing(ref, topic, hashed, entry.hand.batch_id))
        opened = opening_of(entry.originator_id, entry.fact)
        if opened is not None:
            self._scratch.open(*opened)
        return Appended(None, new=True)

    def batch_id(self, name: str) -> UUID:
        """Name it as the import will."""
        return self._desk.batch_id(name)

    def receipt(self, batch_id: UUID) -> BatchCommitted | None:
        """Ask the ledger."""
        return self._desk.receipt(batch_id)

    def commit(self, batch: BatchCommitted, hand: Hand) -> None:
        """Record nothing."""


def _subject_of(person: Person) -> UUID:
    return uuid5(_NAMESPACE, f"{person.document_type}:{person.document_number}")
