"""The import's desk on a real ledger: the application, the large appends, the vault."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain.competence import Grant
from domain.errors import KeyDestroyed, SubjectUnknown
from domain.facts import BatchCommitted, FactCorrected, FactVoided, Ref, Stream
from domain.knowledge import in_force, rows_of
from domain.person import Person
from ledger.blocks import Block, Outcomes
from ledger.bulk import BulkAppender
from ledger.canonical import canonical, parse
from ledger.commit import tuples
from ledger.entry import Entry, Hand, Request, StoredEntry
from ledger.ingest.delivery import CsvDelivery
from ledger.ingest.desk import Appended, Spell, Standing
from ledger.ingest.examine import Terms
from ledger.ingest.spells import OPENERS, opening_of, read_opener
from ledger.ingest.verdicts import Code
from ledger.ingest.workshop import Workshop
from ledger.mapper import idempotency_key, request_hash
from ledger.opening import Desk
from ledger.streams import named
from ledger.turn import KeyConflict
from ledger.vault.held import RowToHold
from ledger.vault.identities import Resolution
from ledger.vault.minting import minting_entry
from ledger.vault.sessions import Sessions

_VOIDS = [fact.topic() for fact in (FactVoided, FactCorrected)]
_SOURCE = "delivery"
_HELD_PAGE = 1_000
_STANDING = (
    "SELECT e.key, e.originator_id, e.originator_version, e.topic, e.request_hash, e.batch_id, EXISTS ("
    "  SELECT FROM entries v WHERE v.refers_to_stream = e.originator_id"
    "  AND v.refers_to_version = e.originator_version AND v.topic = ANY(%s)),"
    " (SELECT c.key FROM entries c WHERE c.refers_to_stream = e.originator_id"
    "  AND c.refers_to_version = e.originator_version AND c.topic = %s ORDER BY c.notification_id LIMIT 1)"
    " FROM entries e WHERE e.key = ANY(%s)"
)


class LedgerImportDesk:
    """Imports into one ledger. For one import at a time; several desks may work at once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._mapper = desk.ledger.entry_mapper
        self._bulk = BulkAppender(desk.ledger.entry_factory.ledger_datastore)

    @property
    def sessions(self) -> Sessions:
        """Give the vault's connections."""
        return self._desk.sessions

    def workshop(self, delivery: CsvDelivery, terms: Terms, hand: Hand) -> Workshop:
        """Give what preparing a delivery by columns needs, here or in another process."""
        desk = self._desk
        return Workshop(desk.database, desk.vault_keys, desk.ledger.random_bytes, delivery, terms, hand)

    def append_block(self, block: Block) -> Outcomes:
        """Append a prepared block."""
        return self._bulk.append_block(block)

    def recorded(self, subjects: Collection[UUID]) -> None:
        """Note that the identity entries of these subjects are in the ledger."""
        self._desk.identities.recorded(subjects)

    def grants(self, organ: str) -> tuple[Grant, ...]:
        """Give an organ's grants."""
        return self._desk.competences.of(organ)

    def resolve(self, persons: Sequence[Person]) -> list[Resolution]:
        """Resolve and mint, in one query where all are known."""
        return self._desk.identities.resolve(persons) if persons else []

    def find(self, persons: Sequence[Person]) -> list[Resolution]:
        """Resolve and mint nobody: for dry runs."""
        return self._desk.identities.find_all(persons)

    def record_minted(self, minted: Mapping[UUID, Person], recorded_by: str, batch_id: UUID) -> None:
        """Append the identity entries. A conflict says that the entry is there, under another spelling."""
        entries = [minting_entry(person, subject, recorded_by, batch_id) for subject, person in minted.items()]
        self.append(entries)
        # If we stop here, the subjects are minted again by the next import and this entry gives its first receipt.
        self._desk.identities.recorded(minted.keys())

    def exists(self, subject: UUID) -> bool:
        """Ask the vault."""
        return self._desk.identities.exists(subject)

    def born_on(self, subject: UUID) -> date | None:
        """Fold the subject's identity entries."""
        known = [known for entry in self._desk.ledger.history(subject) if (known := entry.known()) is not None]
        return in_force(row for one in known for row in rows_of(one)).born_on

    def hold(self, rows: Sequence[RowToHold]) -> None:
        """Put rows into the vault's queue."""
        self._desk.held.hold(rows)

    def settle_held(self, organ: str, by: str) -> int:
        """Look for entries under the keys of waiting rows: later ones, of another batch, are those rows corrected.

        An earlier entry, or one of the same file, is what a row was held beside.
        """
        settled, after = 0, None
        while page := self._desk.held.waiting(after, _HELD_PAGE, organ):
            found = dict(self._newest([row.entry_key for row in page if row.entry_key is not None]))
            stand = [
                row.held_id
                for row in page
                if row.entry_key in found
                and found[row.entry_key][0] > row.held_at
                and found[row.entry_key][1] != row.batch_id
            ]
            settled += self._desk.held.supersede(stand, by) if stand else 0
            after = page[-1]
        return settled

    def _newest(self, keys: list[bytes]) -> Iterator[tuple[bytes, tuple[datetime, UUID | None]]]:
        statement = "SELECT key, recorded_at, batch_id FROM entries WHERE key = ANY(%s)"
        for key, recorded_at, batch_id in self._read(statement, keys):
            yield key, (recorded_at, batch_id)

    def key_of(self, organ: str, request: Request) -> bytes:
        """Give the key as the mapper will."""
        return idempotency_key(self._desk.keys.suite, self._desk.keys.ledger_key, organ, request)

    def identity_of(self, entry: Entry) -> tuple[bytes, bytes]:
        """Give an entry's key and request hash as the mapper will."""
        if entry.fact is None or entry.request is None:
            raise TypeError("only a fact with its request has them")
        suite, ledger_key = self._desk.keys.suite, self._desk.keys.ledger_key
        hashed = request_hash(suite, ledger_key, entry.hand.organ, entry.request.subject, entry.fact)
        return self.key_of(entry.hand.organ, entry.request), hashed

    def standing(self, keys: Collection[bytes]) -> dict[bytes, Standing]:
        """Look entries up by key, and whether something voids them."""
        if not keys:
            return {}
        rows = self._read(_STANDING, _VOIDS, FactCorrected.topic(), list(keys))
        return {key: Standing(Ref(stream=stream, version=version), *known) for key, stream, version, *known in rows}

    def openings(self, subjects: Collection[UUID]) -> dict[Spell, date]:
        """Read the openers of these subjects, corrected ones too; a void of one is passed over, to refuse less."""
        statement = (
            "SELECT originator_id, topic, state FROM entries WHERE originator_id = ANY(%s) AND topic = ANY(%s)"
        )
        found: dict[Spell, date] = {}
        for subject, topic, state in self._read(statement, list(subjects), [*OPENERS, FactCorrected.topic()]):
            opened = opening_of(subject, read_opener(topic, parse(state)))
            if opened is not None:
                spell, start = opened
                found[spell] = min(start, found.get(spell, start))
        return found

    def append(self, entries: Sequence[Entry]) -> list[Appended | Code]:
        """Seal, then append in turns. An entry whose key was destroyed, or that conflicts, fails alone."""
        self._desk.keys.prepare({entry.originator_id for entry in entries})
        answers: list[Appended | Code] = [Code.PERSON_ERASED] * len(entries)
        sealed: list[tuple[int, StoredEntry]] = []
        for index, entry in enumerate(entries):
            try:
                sealed.append((index, self._mapper.to_stored_event(entry)))
            except (KeyDestroyed, SubjectUnknown):
                continue
        repeats: dict[int, tuple[bytes, int]] = {}
        outcomes = (outcome for chunk in self._bulk.append(one for _, one in sealed) for outcome in chunk)
        for (index, stored), outcome in zip(sealed, outcomes, strict=True):
            if isinstance(outcome, KeyConflict):
                answers[index] = Code.OTHER_CONTENT
            elif outcome.new:
                answers[index] = Appended(outcome.position, new=True)
            else:
                repeats[index] = stored.key, outcome.position
        standing = self.standing({key for key, _ in repeats.values()})
        for index, (key, position) in repeats.items():
            one = standing[key]
            answers[index] = Appended(position, new=False, batch_id=one.batch_id, voided=one.voided)
        return answers

    def batch_id(self, name: str) -> UUID:
        """Take the front of a keyed hash for the id."""
        keys = self._desk.keys
        return UUID(bytes=keys.suite.mac(keys.ledger_key, canonical(["batch", name]))[:16], version=4)

    def receipt(self, batch_id: UUID) -> BatchCommitted | None:
        """Read the batch's stream."""
        for entry in self._desk.ledger.history(named(Stream.BATCH, str(batch_id))):
            if isinstance(entry.fact, BatchCommitted):
                return entry.fact
        return None

    def commit(self, batch: BatchCommitted, hand: Hand) -> None:
        """Append the receipt to the batch's stream."""
        stream = named(Stream.BATCH, str(batch.batch_id))
        self._desk.ledger.record(Entry(stream, hand, Request(_SOURCE, str(batch.batch_id)), batch))

    def _read(self, statement: Any, *given: Any) -> list[tuple[Any, ...]]:
        with self._desk.ledger.connection() as connection:
            return tuples(connection).execute(statement, given).fetchall()
