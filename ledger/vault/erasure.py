"""销毁: one restricted entry, or everything sealed for one subject. Two people ask; an entry says so for ever.

The order is the same for both: nothing bars it (ledger/vault/retaining.py), the approval is spent on the entry, the
entry is appended, and only then is the key taken away; the database looks for the entry before it lets go
(migrations/0021). Leaves, chains and commitments stay as they are, for no row of `entries` changes.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

import psycopg

from domain.errors import EntryUnknown, NotRestricted
from domain.facts import EntryExpunged, Fact, Ref, Stream, SubjectKeyDestroyed
from domain.facts.governance import Action
from ledger import rows
from ledger.approvals import Approvals, Records
from ledger.canonical import canonical
from ledger.commit import tuples
from ledger.database import refused
from ledger.entry import Entry, Hand, Receipt, Request, StoredEntry
from ledger.mapper import idempotency_key, is_restricted_row
from ledger.streams import named
from ledger.suites import Suite
from ledger.vault.minting import VAULT_ORGAN
from ledger.vault.retaining import Retaining
from ledger.vault.ring import VaultKeyRing
from ledger.vault.sessions import Sessions


def content_of_expunging(suite: Suite, ref: Ref) -> bytes:
    """Give the hash that two people approve (action `expunge-entry`)."""
    return suite.hash(canonical(["expunge-entry", str(ref.stream), ref.version]))


def content_of_destroying(suite: Suite, subject: UUID) -> bytes:
    """Give the hash that two people approve (action `destroy-key`)."""
    return suite.hash(canonical(["destroy-key", str(subject)]))


class Erasure:
    """The use cases. Each may be run again after a crash anywhere, and after it was done."""

    def __init__(self, retaining: Retaining, sessions: Sessions, ring: VaultKeyRing) -> None:
        self._retaining = retaining
        self._records: Records = retaining.ledger
        self._approvals: Approvals = retaining.approvals
        self._sessions = sessions
        self._ring = ring

    def can_be_expunged(self, ref: Ref) -> StoredEntry:
        """Give the entry. Raises EntryUnknown, NotRestricted."""
        target = self._entry(ref)
        if not is_restricted_row(target):
            raise NotRestricted
        return target

    def expunge_by_two(self, ref: Ref, basis: str, hand: Hand, on: date) -> Receipt | None:
        """Ask for an expunging as the first person (None), or approve and do it as the second.

        Raises EntryUnknown, NotRestricted, ApprovalTaken, and what bars it on that day.
        """
        entry, content = self._expunging(ref, basis, hand)
        if self._kept(self._key(entry)) is None:
            self._retaining.check(ref.stream, on, ref.version)  # nobody is asked for what is refused
        if not self._approvals.by_two("expunge-entry", content, hand, basis):
            return None
        return self.expunge_entry(ref, basis, hand, on)

    def destroy_by_two(self, subject: UUID, basis: str, hand: Hand, on: date) -> Receipt | None:
        """Ask for a destruction as the first person (None), or approve and do it as the second.

        Raises SubjectUnknown, ApprovalTaken, and what bars it on that day.
        """
        entry, content = self._destroying(subject, basis, hand)
        if self._kept(self._key(entry)) is None:
            self._retaining.check(subject, on)
        if not self._approvals.by_two("destroy-key", content, hand, basis):
            return None
        return self.destroy_key(subject, basis, hand, on)

    def expunge_entry(self, ref: Ref, basis: str, hand: Hand, on: date) -> Receipt:
        """Take away the sealing salt of one restricted entry. Its approval is over `content_of_expunging`.

        Raises EntryUnknown, NotRestricted, NothingProposed, ApprovalTaken, and what bars it on that day.
        """
        target = self.can_be_expunged(ref)
        entry, content = self._expunging(ref, basis, hand)
        receipt = self._say(
            entry, "expunge-entry", content, partial(self._retaining.check, ref.stream, on, ref.version)
        )
        # If we stop here, the ledger says it and the salt is there: `finish`, or running this again, takes it.
        self._expunge(target.key, self._key(entry))
        return receipt

    def destroy_key(self, subject: UUID, basis: str, hand: Hand, on: date) -> Receipt:
        """Take away a subject's key, its indexes and the salts of its restricted entries; leave tombstones.

        Its approval is over `content_of_destroying`. Raises SubjectUnknown, NothingProposed, ApprovalTaken, and
        what bars it on that day.
        """
        entry, content = self._destroying(subject, basis, hand)
        receipt = self._say(entry, "destroy-key", content, partial(self._retaining.check, subject, on))
        # If we stop here, the ledger says it and the key is there: `finish`, or running this again, takes it.
        self._destroy(subject, self._key(entry))
        return receipt

    def finish(self) -> int:
        """Do what entries say and the vault has not done; give how many. For a start after a crash or a restore."""
        statement = self._sessions.sql("SELECT subject, entry_key, by_entry FROM {vault}.unfinished()")
        left = self._sessions.run(lambda connection: connection.execute(statement).fetchall())
        for subject, entry_key, by_entry in left:
            if subject is None:
                self._expunge(entry_key, by_entry)
            else:
                self._destroy(subject, by_entry)
        return len(left)

    def _expunging(self, ref: Ref, basis: str, hand: Hand) -> tuple[Entry, bytes]:
        self.can_be_expunged(ref)
        content = content_of_expunging(self._ring.suite, ref)
        stream = named(Stream.VAULT, f"expunge-entry/{content.hex()}")
        fact = EntryExpunged(approval=content.hex(), basis=basis)
        return self._entry_of(stream, fact, content, replace(hand, refers_to=ref)), content

    def _destroying(self, subject: UUID, basis: str, hand: Hand) -> tuple[Entry, bytes]:
        self._ring.owner_key(subject)
        content = content_of_destroying(self._ring.suite, subject)
        fact = SubjectKeyDestroyed(approval=content.hex(), basis=basis)
        return self._entry_of(subject, fact, content, hand), content

    def _say(self, entry: Entry, action: Action, content: bytes, check: Callable[[], int]) -> Receipt:
        """Append the entry on its approval, once; also where the key that would seal it is gone by now.

        What was looked at may have changed since: an entry in the subject's own stream carries the version that was
        seen, so that whatever came between is looked at again before the key goes.
        """
        key = self._key(entry)
        said = self._kept(key)
        if said is not None:
            return said
        seen = check()
        if isinstance(entry.fact, SubjectKeyDestroyed):
            entry = replace(entry, originator_version=seen + 1)
        self._approvals.use(action, content, key)
        # If we stop here, the approval is spent on this key and no other: running this again appends the entry.
        [receipt] = self._records.record(entry)
        return receipt

    def _expunge(self, entry_key: bytes, by_entry: bytes) -> None:
        statement = self._sessions.sql("SELECT {vault}.expunge(%s, %s)")
        self._sessions.run(lambda connection: connection.execute(statement, [entry_key, by_entry]))
        self._ring.forget_erased()

    def _destroy(self, subject: UUID, by_entry: bytes) -> None:
        statement = self._sessions.sql("SELECT {vault}.destroy(%s, %s)")
        self._sessions.run(lambda connection: connection.execute(statement, [subject, by_entry]))
        self._ring.forget_erased()

    def _entry_of(self, stream: UUID, fact: Fact, content: bytes, hand: Hand) -> Entry:
        # Under one organ, whoever asks: the organ is part of the key, and the key must be the same when run again.
        hand = replace(hand, organ=VAULT_ORGAN, channel="vault")
        return Entry(stream, hand, Request("vault", content.hex(), fact.kind_name(), str(stream)), fact)

    def _key(self, entry: Entry) -> bytes:
        if entry.request is None:
            raise TypeError("an entry to append has its request")
        return idempotency_key(self._ring.suite, self._ring.ledger_key, entry.hand.organ, entry.request)

    def _kept(self, key: bytes) -> Receipt | None:
        question = 'SELECT "position", stream, version, recorded_at, leaf FROM kept(%s::bytea[])'
        row = self._ask(question, [[key]])
        if row is None:
            return None
        position, stream, version, recorded_at, leaf = row
        return Receipt(position, stream, version, recorded_at, leaf, new=False)

    def _entry(self, ref: Ref) -> StoredEntry:
        question = f"{rows.SELECT} WHERE originator_id = %s AND originator_version = %s"
        row = self._ask(question, [ref.stream, ref.version])
        if row is None:
            raise EntryUnknown
        return rows.stored_entry(row)

    def _ask(self, question: str, values: list[Any]) -> tuple[Any, ...] | None:
        try:
            with self._records.connection() as connection:
                return tuples(connection).execute(question, values).fetchone()
        except psycopg.Error as error:
            failure = refused(error)
        raise failure
