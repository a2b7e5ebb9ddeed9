"""批准: one action over one content hash, proposed by one person and approved by another, checked in the database.

The table `approvals` decides; the two entries in the approval stream are its history in the ledger. Every step may
be run again: the table answers the same, and the entries have keys of their own.
"""

import unicodedata
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Protocol
from uuid import UUID

import psycopg

from domain.errors import (
    AccountOfAnother,
    AccountWithoutPerson,
    ApprovalTaken,
    NothingProposed,
    Refusal,
    SamePerson,
)
from domain.facts import ApprovalApproved, ApprovalProposed, Fact, Stream
from domain.facts.governance import Action
from ledger.canonical import canonical
from ledger.commit import tuples
from ledger.database import DatabaseRefused, refused
from ledger.entry import Entry, Hand, Receipt, Request
from ledger.mapper import KeyRing
from ledger.streams import named


class Records(Protocol):
    """What a use case asks of the ledger: append, and a connection as appender."""

    @property
    def keys(self) -> KeyRing:
        """Give the ledger's keys."""

    def record(self, *entries: Entry) -> list[Receipt]:
        """Append entries; one receipt each."""

    def history(self, stream: UUID) -> list[Entry]:
        """Read one stream that belongs to no person, in order."""

    def connection(self) -> AbstractContextManager[psycopg.Connection[Any]]:
        """Give a connection as the appender, in autocommit."""


_REFUSALS: dict[str, type[Refusal]] = {
    "PL010": SamePerson,
    "PL011": NothingProposed,
    "PL012": ApprovalTaken,
    "PL013": ApprovalTaken,
    "PL014": AccountOfAnother,
    "PL015": AccountWithoutPerson,
}


class Approvals:
    """The one mechanism of four eyes."""

    def __init__(self, records: Records) -> None:
        self.records = records

    def propose(self, action: Action, content: bytes, hand: Hand, reason: str) -> Receipt:
        """Ask for an action over a 32-byte hash, in the name of `hand.recorded_by`.

        Raises ApprovalTaken, AccountOfAnother.
        """
        fact = ApprovalProposed(action=action, content=content.hex(), proposed_by=hand.recorded_by, reason=reason)
        self._call("SELECT propose(%s, %s, %s, %s)", action, content, hand.recorded_by, self._person(hand))
        # If we stop here, proposing again finds the row and appends the entry.
        return self._note(fact, action, content, hand)

    def approve(self, action: Action, content: bytes, hand: Hand) -> Receipt:
        """Approve as another person: one person with two accounts is one (ledger/accounts.py).

        Raises SamePerson, AccountWithoutPerson, AccountOfAnother, NothingProposed, ApprovalTaken.
        """
        self._call("SELECT approve(%s, %s, %s, %s)", action, content, hand.recorded_by, self._person(hand))
        fact = ApprovalApproved(action=action, content=content.hex(), approved_by=hand.recorded_by)
        return self._note(fact, action, content, hand)

    def by_two(self, action: Action, content: bytes, hand: Hand, reason: str) -> bool:
        """Ask as the first person, or approve as the second: both give the same command. True: two people have.

        The one who asked may ask again, and learns whether somebody has approved. Raises ApprovalTaken for a third.
        """
        try:
            self.propose(action, content, hand, reason)
        except ApprovalTaken:  # somebody else has asked for just this: here is the second person
            self.approve(action, content, hand)
        return self._approved(action, content)

    def use(self, action: Action, content: bytes, entry_key: bytes) -> None:
        """Spend an approval on the entry with this key. Raises NothingProposed, ApprovalTaken."""
        self._call("SELECT use_approval(%s, %s, %s)", action, content, entry_key)

    def people(self, action: Action, content: bytes) -> tuple[str, str | None]:
        """Name who asked and who approved, None while nobody has. Raises NothingProposed."""
        with self.records.connection() as connection:
            question = "SELECT proposed_by, approved_by FROM approvals WHERE action = %s AND content = %s"
            row = tuples(connection).execute(question, [action, content]).fetchone()
        if row is None:
            raise NothingProposed
        return row[0], row[1]

    def persons(self, action: Action, content: bytes) -> tuple[str | None, str | None]:
        """Give the hashes (hex) of who asked and who approved, as far as anybody knew whose accounts they were."""
        question = (
            "SELECT encode(coalesce(a.proposed_person, one.person), 'hex'),"
            " encode(coalesce(a.approved_person, other.person), 'hex') FROM approvals a"
            " LEFT JOIN accounts one ON one.account = a.proposed_by"
            " LEFT JOIN accounts other ON other.account = a.approved_by WHERE action = %s AND content = %s"
        )
        with self.records.connection() as connection:
            row = tuples(connection).execute(question, [action, content]).fetchone()
        return (None, None) if row is None else (row[0], row[1])

    def accounts_like(self, hand: Hand) -> frozenset[str]:
        """Name the accounts of whoever acts, theirs among them. Raises AccountOfAnother."""
        found = self._call("SELECT accounts_like(%s, %s)", hand.recorded_by, self._person(hand))
        return frozenset(found) if isinstance(found, list) else frozenset((hand.recorded_by,))

    def _person(self, hand: Hand) -> bytes | None:
        return None if hand.person is None else person_hash(self.records.keys, hand.person)

    def _approved(self, action: Action, content: bytes) -> bool:
        question = "SELECT approved_by IS NOT NULL FROM approvals WHERE action = %s AND content = %s"
        return bool(self._call(question, action, content))

    def _call(self, statement: str, *values: object) -> object:
        try:
            with self.records.connection() as connection:
                row = tuples(connection).execute(statement, values).fetchone()
        except psycopg.Error as error:
            failure = refusal_of(refused(error))
        else:
            return row and row[0]
        raise failure

    def _note(self, fact: Fact, action: Action, content: bytes, hand: Hand) -> Receipt:
        request = Request("points", f"{action}/{content.hex()}", fact.kind_name())
        stream = named(Stream.APPROVAL, f"{action}/{content.hex()}")
        [receipt] = self.records.record(Entry(stream, replace(hand, channel="approval"), request, fact))
        return receipt


def person_hash(keys: KeyRing, person: str) -> bytes:
    """Give what the ledger knows of a person who has accounts: an HMAC under its key, 32 bytes.

    `person` is how the office or the issuer of tokens names one, such as a staff number; case and blanks at its
    ends are no part of it.
    """
    named = unicodedata.normalize("NFKC", person).strip().casefold()
    return keys.suite.mac(keys.ledger_key, canonical(["person", named]))


def refusal_of(error: DatabaseRefused) -> Exception:
    """Give the refusal that the database meant, or its own error."""
    refusal = _REFUSALS.get(error.sqlstate or "")
    return refusal() if refusal else error
