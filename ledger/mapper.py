"""Between facts and rows: canonical bytes, seals and commitments. Needs no database and no lock."""

from collections.abc import Callable
from typing import Any, Protocol
from uuid import UUID

from eventsourcing.persistence import Mapper, StoredEvent, Transcoder

from domain.errors import KeyDestroyed
from domain.facts import BY_TOPIC, Fact, FactCorrected, FamilyTieRecorded, RestrictedFact
from domain.facts.family import TIED
from ledger.canonical import canonical, parse
from ledger.entry import Entry, Request, StoredEntry, content_hash
from ledger.streams import is_named
from ledger.suites import CannotOpen, Suite

SALT_BYTES = 16
KEY_BYTES = 32
BLOCK, SENSITIVE_BLOCK = 64, 256
"""What is sealed has a length of whole blocks."""
SEALING, BINDING = b"points-ledger/seal/1", b"points-ledger/bind/1"
"""The purposes for which keys are derived from an owner's key."""
_RESTRICTED, _CORRECTED = RestrictedFact.topic(), FactCorrected.topic()


class KeyRing(Protocol):
    """What the mapper asks of the vault."""

    @property
    def suite(self) -> Suite:
        """Give the ledger's suite."""

    @property
    def ledger_key(self) -> bytes:
        """Give the key of idempotency keys and request hashes, and of streams that belong to nobody."""

    def owner_key(self, stream: UUID) -> bytes | None:
        """Give the key of a subject, or None where it was destroyed."""

    def keep_salt(self, key: bytes, salt: bytes) -> bytes:
        """Keep the sealing salt of a restricted entry under its idempotency key; give the one kept first."""

    def kept_salt(self, key: bytes) -> bytes | None:
        """Give the sealing salt of a restricted entry, or None where it was expunged."""


def is_restricted(fact: Fact | type[Fact]) -> bool:
    """Say whether the sealing salt is kept in the vault, so that the entry can be expunged alone."""
    if isinstance(fact, FactCorrected):
        return is_restricted(fact.replacement)
    return fact is RestrictedFact or isinstance(fact, RestrictedFact)


def idempotency_key(suite: Suite, ledger_key: bytes, organ: str, request: Request) -> bytes:
    """Give the key that is unique for ever: HMAC over organ, source, its id and the part."""
    return suite.mac(ledger_key, canonical([organ, request.source, request.source_id, request.part]))


PAIR = "tie:"
"""How the text of a request's subject begins where it names two persons."""


def request_hash(suite: Suite, ledger_key: bytes, organ: str, subject: str, fact: Fact) -> bytes:
    """Give what tells a repeated request from another one under the same key.

    Where `subject` is a PAIR, it says both persons of a tie as the sender named them, and their pseudonyms are left
    out: they are known only when both persons are found.
    """
    return _request_hash(suite, ledger_key, organ, subject, fact, plaintext(fact))


def _request_hash(
    suite: Suite, ledger_key: bytes, organ: str, subject: str, fact: Fact, whole: dict[str, Any]
) -> bytes:
    if subject.startswith(PAIR) and isinstance(fact, FamilyTieRecorded):
        whole = whole | {"open": {name: value for name, value in whole["open"].items() if name not in TIED}}
    return suite.mac(ledger_key, canonical([organ, subject, whole]))


def plaintext(fact: Fact) -> dict[str, Any]:
    """Give the whole fact as JSON values: what the binding commits to."""
    return {"kind": fact.kind, "open": fact.open_part(), "sealed": fact.sealed_part()}


def padded(fact: Fact, sealed: dict[str, Any]) -> bytes:
    """Give the bytes to seal: canonical, then spaces up to a whole block.

    A ciphertext is as long as its plaintext, and the length of a level's name is nearly the level.
    """
    data = canonical(sealed)
    about = (fact.replacement if isinstance(fact, FactCorrected) else fact).about
    block = SENSITIVE_BLOCK if about.sensitive else BLOCK
    return data.ljust(-(-len(data) // block) * block)


class EntryMapper(Mapper[UUID]):
    """The library's mapper seam. `random_bytes` is injected: tests and vectors fix it."""

    def __init__(self, transcoder: Transcoder, keys: KeyRing, random_bytes: Callable[[int], bytes]) -> None:
        super().__init__(transcoder)
        self.keys = keys
        self.random_bytes = random_bytes

    def to_stored_event(self, entry: Entry) -> StoredEntry:  # type: ignore[override]
        """Seal and commit. Raises KeyDestroyed."""
        fact, request, hand = entry.fact, entry.request, entry.hand
        if fact is None or request is None:
            raise TypeError("only a fact with its request can be saved")
        suite, ledger_key = self.keys.suite, self.keys.ledger_key
        key = idempotency_key(suite, ledger_key, hand.organ, request)
        owner = self.owner_key(entry.originator_id)
        if owner is None:
            raise KeyDestroyed
        salt = self.random_bytes(SALT_BYTES)
        seal_salt = self.keys.keep_salt(key, self.random_bytes(SALT_BYTES)) if is_restricted(fact) else salt
        whole = plaintext(fact)
        state = canonical(whole["open"])
        sealed = None
        if whole["sealed"]:
            seal_key = suite.derive(owner, SEALING, seal_salt)
            sealed = suite.seal(seal_key, padded(fact, whole["sealed"]), _bound_to(entry.originator_id, key))
        bind_key = suite.derive(owner, BINDING, seal_salt)
        return StoredEntry(
            originator_id=entry.originator_id,
            originator_version=entry.originator_version,
            topic=fact.kind,
            state=state,
            hand=hand,
            suite=suite.name,
            key=key,
            request_hash=_request_hash(suite, ledger_key, hand.organ, request.subject, fact, whole),
            salt=salt,
            sealed=sealed,
            content_hash=content_hash(suite, salt, state, sealed),
            binding=suite.mac(bind_key, canonical(whole)),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Entry:
        """Open what can be opened; a fact that cannot is None, never an error."""
        if not isinstance(stored_event, StoredEntry):
            raise TypeError("a stored entry carries its envelope")
        return Entry(
            originator_id=stored_event.originator_id,
            originator_version=stored_event.originator_version,
            hand=stored_event.hand,
            request=None,
            fact=self.opened(stored_event),
            topic=stored_event.topic,
            position=stored_event.position,
            recorded_at=stored_event.recorded_at,
            leaf=stored_event.leaf,
        )

    def opened(self, stored: StoredEntry) -> Fact | None:
        """Give the fact, or None: kind unknown here, key destroyed, entry expunged, or bytes that do not open."""
        cls = BY_TOPIC.get(stored.topic)
        try:
            return None if cls is None else self._opened(stored, cls)
        except (ValueError, KeyError, TypeError):  # bytes that no release wrote: verification names them
            return None

    def _opened(self, stored: StoredEntry, cls: type[Fact]) -> Fact | None:
        if stored.sealed is None:
            return cls.from_parts(parse(stored.state), {})
        owner, salt = self.owner_key(stored.originator_id), self.sealing_salt(stored)
        if owner is None or salt is None:
            return None
        seal_key = self.keys.suite.derive(owner, SEALING, salt)
        try:
            opened = self.keys.suite.open(seal_key, stored.sealed, _bound_to(stored.originator_id, stored.key))
        except CannotOpen:
            return None
        return cls.from_parts(parse(stored.state), parse(opened))

    def binding_of(self, stored: StoredEntry, fact: Fact) -> bytes | None:
        """Compute the second commitment again, or None where a key is gone."""
        owner, salt = self.owner_key(stored.originator_id), self.sealing_salt(stored)
        if owner is None or salt is None:
            return None
        bind_key = self.keys.suite.derive(owner, BINDING, salt)
        return self.keys.suite.mac(bind_key, canonical(plaintext(fact)))

    def sealing_salt(self, stored: StoredEntry) -> bytes | None:
        """Give the salt of the seal: the entry's own, or for a restricted entry the vault's."""
        return self.keys.kept_salt(stored.key) if is_restricted_row(stored) else stored.salt

    def owner_key(self, stream: UUID) -> bytes | None:
        """Give the key under which a stream's entries are sealed, or None where it was destroyed."""
        return self.keys.ledger_key if is_named(stream) else self.keys.owner_key(stream)


def _bound_to(stream: UUID, key: bytes) -> bytes:
    return stream.bytes + key


def is_restricted_row(stored: StoredEntry) -> bool:
    """Say the same as `is_restricted` of a stored entry, from what is stored in the clear."""
    if stored.topic == _RESTRICTED:
        return True
    if stored.topic != _CORRECTED:
        return False
    return bool(parse(stored.state)["replacement"]["kind"] == _RESTRICTED)
