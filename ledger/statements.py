"""Statements 积分证明 and one-time answers 授权核验: what a resident lets others know, and no more.

Everything is an entry in the resident's own stream, found again by its idempotency key: the statement by its
number, the question by the hash of its code. A question has one answer for ever, because an answer has one key.
"""

import hashlib
from uuid import UUID

from domain.errors import Refusal, RequestConflict
from domain.facts import Fact, IdentityMinted, QuestionAnswered, QuestionAuthorised, StatementIssued
from ledger import rows
from ledger.application import Ledger
from ledger.commit import tuples
from ledger.entry import Entry, Hand, Receipt, Request
from ledger.mapper import idempotency_key
from ledger.opening import KEEPER_ORGAN

SOURCE = "statements"
HOLDER_ROUNDS = 600_000


class StatementUnknown(Refusal):
    """没有这份积分证明。| No such statement."""

    status = 404


class CodeUnknown(Refusal):
    """授权码不存在。| No question was authorised under this code."""

    hint = ("请向本人核对授权码。", "Ask the resident for the code.")
    status = 404


class CodeUsed(Refusal):
    """授权码已使用:每个授权码只答复一次。| The code was used: each is answered once."""

    hint = ("请本人另行授权。", "The resident can authorise another question.")
    status = 409


class CodeExpired(Refusal):
    """授权已过期。| The authorisation has expired."""

    hint = ("请本人另行授权。", "The resident can authorise another question.")
    status = 410


class Statements:
    """The use cases of whoever serves residents at the counter, and of third parties who ask."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def issue(self, subject: UUID, fact: StatementIssued, hand: Hand) -> Receipt:
        """Record a statement. The same number again gives the first receipt."""
        return self._record(subject, fact, fact.number, hand)

    def issued(self, number: str) -> Entry:
        """Give the entry of a statement by its number. Raises StatementUnknown."""
        found = self._found(StatementIssued, number)
        if found is None or found.fact is None:
            raise StatementUnknown(number)
        return found

    def authorise(self, subject: UUID, fact: QuestionAuthorised, hand: Hand) -> Receipt:
        """Record that a resident lets somebody ask."""
        return self._record(subject, fact, fact.code, hand)

    def asked(self, code: str) -> tuple[UUID, QuestionAuthorised]:
        """Give whom and what a code asks about. Raises CodeUnknown, CodeUsed."""
        hashed = hash_of(code)
        found = self._found(QuestionAuthorised, hashed)
        if found is None or not isinstance(found.fact, QuestionAuthorised):
            raise CodeUnknown
        if self._found(QuestionAnswered, hashed) is not None:
            raise CodeUsed
        return found.originator_id, found.fact

    def answer(self, subject: UUID, fact: QuestionAnswered, hand: Hand) -> Receipt:
        """Record the answer, before anybody is told. Raises CodeUsed where another was quicker."""
        try:
            receipt = self._record(subject, fact, fact.code, hand)
        except RequestConflict:
            raise CodeUsed from None
        if not receipt.new:
            raise CodeUsed
        return receipt

    def _record(self, subject: UUID, fact: Fact, name: str, hand: Hand) -> Receipt:
        request = Request(SOURCE, name, fact.kind_name(), str(subject))
        [receipt] = self.ledger.record(Entry(subject, hand, request, fact))
        return receipt

    def _found(self, kind: type[Fact], name: str) -> Entry | None:
        mapper = self.ledger.entry_mapper
        request = Request(SOURCE, name, kind.kind_name())
        key = idempotency_key(mapper.keys.suite, mapper.keys.ledger_key, KEEPER_ORGAN, request)
        with self.ledger.connection() as connection:
            row = tuples(connection).execute(f"{rows.SELECT} WHERE key = %s".encode(), [key]).fetchone()
        return None if row is None else mapper.to_domain_event(rows.stored_entry(row))


def hash_of(code: str) -> str:
    """Give what the ledger knows of a one-time code: SHA-256 of its letters and digits, in capitals."""
    letters = "".join(character for character in code.upper() if character.isalnum())
    return hashlib.sha256(letters.encode()).hexdigest()


def holder_of(number: str, document_type: str, document_number: str) -> str:
    """Give what binds a statement to its holder's identity document (StatementIssued tells how)."""
    document = f"{document_type}|{document_number.upper()}".encode()
    return hashlib.pbkdf2_hmac("sha256", document, number.encode(), HOLDER_ROUNDS).hex()


def is_held_by(fact: StatementIssued, document_type: str, document_number: str) -> bool:
    """Say whether a statement is that of the holder of a document."""
    return holder_of(fact.number, document_type, document_number) == fact.holder


def document_of(history: list[Entry]) -> tuple[str, str] | None:
    """Give type and number of the document under which somebody was minted; None where that was erased."""
    for entry in history:
        if isinstance(entry.fact, IdentityMinted):
            return entry.fact.document_type, entry.fact.document_number
    return None
