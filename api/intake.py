"""Events of one organ go in: examined as imports are, their ids claimed, settled, and answered with receipts.

An entry's key is the natural key of its fact where the kind has one, so that a fact that comes as an event and
once more in a file is one; the event's id is kept beside it (docs/decisions/0062). A kind without a natural key has
the id for its key, and so has a row that was imported under the event's own source and id.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from threading import Lock
from typing import Any, cast
from uuid import UUID, uuid4

from api.cloudevents import in_event, read_event
from domain.competence import Grant, grants_of
from domain.errors import KeyDestroyed, RequestConflict, SubjectUnknown
from domain.facts import Fact, GrantWithdrawn, OrganGranted, Stream
from domain.person import Person
from ledger.entry import Entry, Hand, Receipt, Request
from ledger.event_ids import Claim, EventIds
from ledger.ingest.again import nth, returned
from ledger.ingest.desk import Appended
from ledger.ingest.examine import Candidate, Examiner, Terms
from ledger.ingest.keys import natural_request
from ledger.ingest.ledger_desk import LedgerImportDesk
from ledger.ingest.settle import Settler
from ledger.ingest.verdicts import Code, Finding, Outcome, RowRefused
from ledger.mapper import idempotency_key, request_hash
from ledger.opening import Desk
from ledger.streams import named
from ledger.vault.minting import minting_entry

CHANNEL = "api"
_BUFFER = 1_000


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one event. `receipt` stands with accepted and duplicate, `finding` with all but accepted."""

    finding: Finding | None = None
    receipt: Receipt | None = None

    @property
    def outcome(self) -> Outcome:
        """Give the verdict."""
        return Outcome.ACCEPTED if self.finding is None else self.finding.outcome


@dataclass(slots=True, eq=False)
class _Item:
    """One event on its way: its place in the request, the candidate under its key, and its claim."""

    index: int
    candidate: Candidate
    by_id: Request
    claim: Claim


class Intake:
    """The use case of organs' systems. For any number of threads."""

    def __init__(self, desk: Desk, today: Callable[[], date]) -> None:
        self._desk = desk
        self._today = today
        self._ids = EventIds(desk.ledger.entry_factory.ledger_datastore)
        self._grants = _Grants(desk)

    def take(self, organ: str, recorded_by: str, events: Sequence[Any]) -> list[Taken]:
        """Take events, each for itself and in their order; what is accepted is durable when this returns.

        Raises the library's OutcomeUnknown and TooBusy: then the same events may be sent again.
        """
        hand = Hand(recorded_by, organ, CHANNEL, source_class="automatic")
        taken: list[Taken] = []
        grants = self._grants.of(organ)
        for start in range(0, len(events), _BUFFER):
            taken += self._buffer(hand, grants, events[start : start + _BUFFER])
        return taken

    def receipt(self, organ: str, source: str, event_id: str, again: int = 0) -> Receipt | None:
        """Give the receipt of an event of this organ's, or None."""
        by_id = self._key(organ, nth(Request(source, event_id), again))
        claim = self._ids.standing([by_id]).get(by_id)
        found = self._ids.receipts([by_id if claim is None else claim.key])
        receipts = [one for hashed, one in found.values() if claim is None or hashed == claim.request_hash]
        return receipts[0] if receipts else None

    def _buffer(self, hand: Hand, grants: tuple[Grant, ...], events: Sequence[Any]) -> list[Taken]:
        taken: list[Taken] = [Taken()] * len(events)
        items: list[_Item] = []
        examiners: dict[str, Examiner] = {}
        for index, found in enumerate(events):
            try:
                event = read_event(found)
                if event.source not in examiners:
                    terms = Terms(hand.organ, self._today(), grants, source=event.source)
                    examiners[event.source] = Examiner(terms)
                candidate = examiners[event.source].examine(event.cells)
                items.append(self._item(hand.organ, index, candidate, event.again))
            except RowRefused as refusal:
                taken[index] = Taken(in_event(refusal.finding))
        claimed = self._claimed(items)
        for item in items:
            if item not in claimed:
                taken[item.index] = Taken(Finding(Code.OTHER_CONTENT, column="id"))
        for item, answer in zip(claimed, self._settled(hand, claimed), strict=True):
            taken[item.index] = answer
        return taken

    def _item(self, organ: str, index: int, candidate: Candidate, again: int) -> _Item:
        """Give a candidate its key: the natural one where its kind has one, or that of its return."""
        by_id = nth(candidate.request, again)
        if candidate.fact.about.key or candidate.target is not None:
            natural = natural_request(candidate.fact, by_id.subject, candidate.target)
            candidate = replace(candidate, request=natural)
        if again:
            candidate = self._returned(organ, candidate, again)
        suite, ledger_key = self._desk.keys.suite, self._desk.keys.ledger_key
        hashed = request_hash(suite, ledger_key, organ, by_id.subject, candidate.fact)
        claim = Claim(self._key(organ, by_id), self._key(organ, candidate.request), hashed)
        return _Item(index, candidate, by_id, claim)

    def _returned(self, organ: str, candidate: Candidate, again: int) -> Candidate:
        """Give a candidate the request under which it stands or comes back."""
        target = candidate.target
        named_ids = set() if target is None else {self._key(organ, nth(target, n)) for n in range(again + 1)}
        desk = _DoorDesk(self._desk, self._keys_of_ids(named_ids))
        [found] = returned(desk, organ, [candidate], again)
        return found

    def _claimed(self, items: Sequence[_Item]) -> list[_Item]:
        """Claim the ids; give the items whose id stands for them and for nothing else, in their order."""
        under_id = self._ids.receipts([item.claim.id for item in items])
        first: dict[bytes, Claim] = {}
        for item in items:
            if item.claim.id in under_id:
                # Imported from a file under this source and id: then that is the entry's key.
                item.candidate = replace(item.candidate, request=item.by_id)
                item.claim = replace(item.claim, key=item.claim.id)
            first.setdefault(item.claim.id, item.claim)
        standing = self._ids.claim(list(first.values()))
        return [item for item in items if standing.get(item.claim.id) == item.claim]

    def _settled(self, hand: Hand, items: Sequence[_Item]) -> list[Taken]:
        """Settle, and look up the receipts of what is stored; let go of the ids of the rest."""
        desk = _DoorDesk(self._desk, self._aliases(hand.organ, items))
        verdicts = Settler(desk, hand, uuid4()).settle([item.candidate for item in items])
        findings = [verdict if isinstance(verdict, Finding) else None for verdict in verdicts]
        stored = [one is None or one.outcome is Outcome.DUPLICATE for one in findings]
        self._ids.release([item.claim.id for item, kept in zip(items, stored, strict=True) if not kept])
        receipts = self._ids.receipts([item.claim.key for item, kept in zip(items, stored, strict=True) if kept])
        return [
            Taken(None if one is None else in_event(one), receipts[item.claim.key][1] if kept else None)
            for item, one, kept in zip(items, findings, stored, strict=True)
        ]

    def _aliases(self, organ: str, items: Sequence[_Item]) -> dict[bytes, bytes]:
        """Find the keys of the entries that voids and corrections name by their events' ids."""
        named_ids = {self._key(organ, item.candidate.target) for item in items if item.candidate.target is not None}
        return self._keys_of_ids(named_ids)

    def _keys_of_ids(self, named_ids: set[bytes]) -> dict[bytes, bytes]:
        return {claim.id: claim.key for claim in self._ids.standing(named_ids).values()}

    def _key(self, organ: str, request: Request) -> bytes:
        return idempotency_key(self._desk.keys.suite, self._desk.keys.ledger_key, organ, request)


class _DoorDesk(LedgerImportDesk):
    """The import's desk, for requests: one event shares its turn with other callers, and nothing is a batch."""

    def __init__(self, desk: Desk, aliases: Mapping[bytes, bytes]) -> None:
        super().__init__(desk)
        self._ledger = desk.ledger
        self._identities = desk.identities
        self._aliases = aliases

    def key_of(self, organ: str, request: Request) -> bytes:
        """Give the key of the entry that the request names, be it by its event's id."""
        key = super().key_of(organ, request)
        return self._aliases.get(key, key)

    def record_minted(self, minted: Mapping[UUID, Person], recorded_by: str, batch_id: UUID) -> None:
        """Append the identity entries. A conflict says that the entry is there, under another spelling."""
        del batch_id
        self.append([minting_entry(person, subject, recorded_by) for subject, person in minted.items()])
        self._identities.recorded(minted.keys())

    def append(self, entries: Sequence[Entry]) -> list[Appended | Code]:
        """Append one event with whoever waits beside it, and many as an import does."""
        bare = [replace(entry, hand=replace(entry.hand, batch_id=None)) for entry in entries]
        return [self._one(bare[0])] if len(bare) == 1 else super().append(bare)

    def _one(self, entry: Entry) -> Appended | Code:
        try:
            [receipt] = self._ledger.record(entry)
        except RequestConflict:
            return Code.OTHER_CONTENT
        except (KeyDestroyed, SubjectUnknown):
            return Code.PERSON_ERASED
        if receipt.new:
            return Appended(receipt.position, new=True)
        key, _ = self.identity_of(entry)
        return Appended(receipt.position, new=False, voided=self.standing([key])[key].voided)


class _Grants:
    """Organs' grants, read on from where they were read to before: a stream holds its deliveries too."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = Lock()
        self._read: dict[str, tuple[int, tuple[Fact, ...]]] = {}

    def of(self, organ: str) -> tuple[Grant, ...]:
        """Give an organ's grants as they stand now."""
        with self._lock:
            version, facts = self._read.get(organ, (0, ()))
        for event in self._desk.ledger.events.get(named(Stream.ORGAN, organ), gt=version):
            entry = cast("Entry", event)
            version = entry.originator_version
            if isinstance(entry.fact, OrganGranted | GrantWithdrawn):
                facts = (*facts, entry.fact)
        with self._lock:
            if version >= self._read.get(organ, (0, ()))[0] and facts:
                self._read[organ] = version, facts
        return grants_of(facts)
