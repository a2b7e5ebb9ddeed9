"""销毁: one restricted entry, or everything sealed for one subject. Two people ask; an entry says so for ever.

The order is the same for both: nothing bars it (ledger/vault/retaining.py), the approval is spent on the entry, the
entry is appended, and only then is the key taken away; the database looks for the entry before it lets go
(migrations/0021). Leaves, chains and commitments stay as they are, for no row of `entries` changes.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

import psycopg

from domain.errors import AccountWithoutPerson, EntryUnknown, NotRestricted, RequestConflict
from domain.facts import EntryExpunged, Fact, Ref, Stream, SubjectKeyDestroyed
from domain.facts.governance import Action
from ledger import rows
from ledger.accounts import Accounts
from ledger.approvals import Approvals, Records
from ledger.canonical import canonical, parse
from ledger.commit import tuples
from ledger.database import refused
from ledger.entry import Entry, Hand, Receipt, Request, StoredEntry
from ledger.mapper import idempotency_key, is_restricted_row
from ledger.streams import named
from ledger.suites import Suite
from ledger.vault.erasure_log import Erased, ErasureLog
from ledger.vault.minting import VAULT_ORGAN
from ledger.vault.retaining import Retaining
from ledger.vault.ring import VaultKeyRing
from ledger.vault.sessions import Sessions

RESTORING = "system:erasure-log"
CHECKED = "checked"
"""The basis of an entry that is made for its key and never appended: no key depends on it."""


def content_of_expunging(suite: Suite, ref: Ref) -> bytes:
    """Give the hash that two people approve (action `expunge-entry`)."""
    return suite.hash(canonical(["expunge-entry", str(ref.stream), ref.version]))


def content_of_destroying(suite: Suite, subject: UUID) -> bytes:
    """Give the hash that two people approve (action `destroy-key`)."""
    return suite.hash(canonical(["destroy-key", str(subject)]))


class Erasure:
    """The use cases. Each may be run again after a crash anywhere, and after it was done."""

    def __init__(self, retaining: Retaining, sessions: Sessions, ring: VaultKeyRing, log: ErasureLog) -> None:
        self._retaining = retaining
        self._records: Records = retaining.ledger
        self._approvals: Approvals = retaining.approvals
        self._sessions = sessions
        self._ring = ring
        self._log = log

    def can_be_expunged(self, ref: Ref) -> StoredEntry:
        """Give the entry. Raises EntryUnknown, NotRestricted."""
        target = self._entry(ref)
        if not is_restricted_row(target):
            raise NotRestricted
        return target

    def check_expunging(self, ref: Ref, hand: Hand, on: date) -> None:
        """Refuse an expunging that something bars on a day, unless it was done before.

        Raises EntryUnknown, NotRestricted, and what bars it.
        """
        entry, _ = self._expunging(ref, CHECKED, hand)
        if self._kept(self._key(entry)) is None:
            self._retaining.check(ref.stream, on, ref.version)

    def expunge_by_two(self, ref: Ref, basis: str, hand: Hand, on: date) -> Receipt | None:
        """Ask for an expunging as the first person (None), or approve and do it as the second.

        Raises EntryUnknown, NotRestricted, ApprovalTaken, and what bars it on that day.
        """
        self.check_expunging(ref, hand, on)  # nobody is asked for what is refused
        _, content = self._expunging(ref, basis, hand)
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
        self._log.note(self._erased("expunge-entry", content, basis, ref=ref))
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
        self._log.note(self._erased("destroy-key", content, basis, subject=subject))
        self._destroy(subject, self._key(entry))
        return receipt

    def finish(self) -> int:
        """Do what entries say and the vault has not done; give how many. For a start after a crash or a restore."""
        statement = self._sessions.sql("SELECT subject, entry_key, by_entry FROM {vault}.unfinished()")
        left = self._sessions.run(lambda connection: connection.execute(statement).fetchall())
        for subject, entry_key, by_entry in left:
            self._note_said(subject, by_entry)
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

    def replay(self) -> int:
        """Do again what the erasure log says and the vault has not done; give how many. For every start.

        A backup from before an erasure knows neither its entry nor its approval: both people's are said again, and
        nothing bars it now that did not then. What came into the ledger after the backup is not there to be erased;
        who was erased is refused all the same when they come again.
        """
        done, said = self.finish(), self._log.erased()
        if not said:
            return done
        self._entomb([pair for each in said for pair in each.indexes])
        keys = self._keys_left([each.subject for each in said if each.subject is not None])
        salts = self._salts_left([each.ref for each in said if each.ref is not None])
        left = len(keys) + len(salts)
        for each in said:  # one piece may have been said twice: of which the first is enough
            if each.subject in keys:
                self._destroy_again(each, each.subject)
                keys.remove(each.subject)
            elif each.ref in salts:
                self._expunge_again(each, each.ref, salts.pop(each.ref))
        return done + left

    def _entomb(self, pairs: list[tuple[bytes, bytes]]) -> None:
        statement = self._sessions.sql("SELECT {vault}.entomb(%s::bytea[], %s::bytea[])")
        values = [[document for document, _ in pairs], [name for _, name in pairs]]
        self._sessions.run(lambda connection: connection.execute(statement, values))

    def _keys_left(self, subjects: list[UUID]) -> set[UUID]:
        statement = self._sessions.sql(
            "SELECT subject FROM {vault}.subjects WHERE subject = ANY(%s) AND wrapped IS NOT NULL"
        )
        rows = self._sessions.run(lambda connection: connection.execute(statement, [subjects]).fetchall())
        return {subject for (subject,) in rows}

    def _salts_left(self, refs: list[Ref]) -> dict[Ref, bytes]:
        """Give the keys of those entries that are here and open still."""
        question = (
            "SELECT e.originator_id, e.originator_version, e.key FROM entries AS e"
            " JOIN unnest(%s::uuid[], %s::bigint[]) AS asked (stream, version)"
            " ON e.originator_id = asked.stream AND e.originator_version = asked.version"
        )
        streams, versions = [ref.stream for ref in refs], [ref.version for ref in refs]
        with self._records.connection() as connection:
            here = tuples(connection).execute(question, [streams, versions]).fetchall()
        statement = self._sessions.sql(
            "SELECT entry_key FROM {vault}.salts WHERE entry_key = ANY(%s) AND wrapped IS NOT NULL"
        )
        keys = [bytes(key) for _, _, key in here]
        rows = self._sessions.run(lambda connection: connection.execute(statement, [keys]).fetchall())
        left = {bytes(key) for (key,) in rows}
        return {
            Ref(stream=stream, version=version): bytes(key) for stream, version, key in here if bytes(key) in left
        }

    def _expunge_again(self, erased: Erased, ref: Ref, entry_key: bytes) -> None:
        entry, content = self._expunging(ref, erased.basis, _hand(erased.approved_by))
        self._approve_again("expunge-entry", content, erased)
        self._say(entry, "expunge-entry", content, lambda: 0)
        self._expunge(entry_key, self._key(entry))

    def _destroy_again(self, erased: Erased, subject: UUID) -> None:
        entry, content = self._destroying(subject, erased.basis, _hand(erased.approved_by))
        self._approve_again("destroy-key", content, erased)
        self._say(entry, "destroy-key", content, lambda: self._retaining.story(subject)[1])
        self._destroy(subject, self._key(entry))

    def _approve_again(self, action: Action, content: bytes, erased: Erased) -> None:
        # The backup may have what was asked for, in other words than those in which it was done.
        with suppress(RequestConflict):
            self._approvals.propose(action, content, _hand(erased.asked_by), erased.basis)
        second = _hand(erased.approved_by)
        try:
            self._approvals.approve(action, content, second)
        except AccountWithoutPerson:
            # The backup knows whose one of the accounts is; the other's was said after it, and is said again.
            for account, person in zip((erased.asked_by, erased.approved_by), erased.persons, strict=True):
                if person is not None:
                    Accounts(self._records).assign_hash(account, bytes.fromhex(person), _hand(RESTORING))
            self._approvals.approve(action, content, second)

    def _note_said(self, subject: UUID | None, by_entry: bytes) -> None:
        """Write down an erasure that an entry says: a crash may have come before the log's line."""
        row = self._ask(f"{rows.SELECT} WHERE key = %s", [by_entry])
        if row is None:
            raise EntryUnknown
        said = rows.stored_entry(row)
        told = parse(said.state)
        action: Action = "expunge-entry" if subject is None else "destroy-key"
        ref = said.hand.refers_to if subject is None else None
        content = bytes.fromhex(told["approval"])
        self._log.note(self._erased(action, content, told["basis"], subject=subject, ref=ref))

    def _erased(
        self, action: Action, content: bytes, basis: str, *, subject: UUID | None = None, ref: Ref | None = None
    ) -> Erased:
        asked_by, approved_by = self._approvals.people(action, content)
        statement = self._sessions.sql("SELECT document, name FROM {vault}.names WHERE subject = %s ORDER BY 1, 2")
        rows = self._sessions.run(lambda connection: connection.execute(statement, [subject]).fetchall())
        pairs = tuple((bytes(document), bytes(name)) for document, name in rows)
        persons = self._approvals.persons(action, content)
        return Erased(asked_by, approved_by or asked_by, basis, subject, ref, pairs, persons)

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


def _hand(person: str) -> Hand:
    return Hand(person, VAULT_ORGAN, channel="vault", source_class="manual")
