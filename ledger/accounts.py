"""账号归属: which account belongs to which person, so that two accounts of one person are one person.

The table `accounts` decides (migrations/0155), the entries in the approval stream are its history. A person stands
there as an HMAC under the ledger's key: nothing tells who it is, and the same person is the same hash.
"""

from datetime import datetime
from typing import NamedTuple

import psycopg

from domain.facts import AccountAssigned, Stream
from ledger.approvals import Records, person_hash, refusal_of
from ledger.commit import tuples
from ledger.database import refused
from ledger.entry import Entry, Hand, Receipt, Request
from ledger.streams import named


class Account(NamedTuple):
    """An account, the hash of whose it is, and who said so."""

    account: str
    person: str
    assigned_by: str
    assigned_at: datetime


class Accounts:
    """The use cases of whoever hands out accounts."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def assign(self, account: str, person: str, hand: Hand) -> Receipt:
        """Say for ever whose an account is. The same again changes nothing. Raises AccountOfAnother."""
        return self.assign_hash(account, person_hash(self._records.keys, person), hand)

    def assign_hash(self, account: str, digest: bytes, hand: Hand) -> Receipt:
        """Say it of a person who is known by the hash alone. Raises AccountOfAnother."""
        fact = AccountAssigned(account=account, person=digest.hex())
        try:
            with self._records.connection() as connection:
                connection.execute("SELECT assign_account(%s, %s, %s)", [account, digest, hand.recorded_by])
        except psycopg.Error as error:
            failure = refusal_of(refused(error))
        else:
            # If we stop here, assigning again finds the row and appends the entry.
            request = Request("points", f"account/{account}", fact.kind_name())
            [receipt] = self._records.record(Entry(named(Stream.APPROVAL, request.source_id), hand, request, fact))
            return receipt
        raise failure

    def every(self) -> list[Account]:
        """List the accounts, those of one person together."""
        question = "SELECT account, encode(person, 'hex'), assigned_by, assigned_at FROM accounts ORDER BY 2, 1"
        with self._records.connection() as connection:
            return [Account(*row) for row in tuples(connection).execute(question).fetchall()]
