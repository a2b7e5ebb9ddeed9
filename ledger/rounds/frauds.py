"""Fraud 弄虚作假 found: by two people over one finding, recorded in the subject's stream."""

from uuid import UUID

from domain.facts import FraudFound
from domain.facts.governance import Action
from ledger.approvals import Approvals
from ledger.canonical import canonical
from ledger.entry import Entry, Hand, Receipt
from ledger.mapper import idempotency_key
from ledger.rounds.rounds import request_of

FIND: Action = "find-fraud"


class Frauds:
    """The use case of whoever finds fraud."""

    def __init__(self, approvals: Approvals) -> None:
        self.approvals = approvals
        self.records = approvals.records

    def find(self, subject: UUID, fact: FraudFound, hand: Hand, reason: str) -> Receipt | None:
        """Record a finding: the first person's call asks, another person's same call records. None: one has asked.

        `reason` stands in the approval, in the clear. Raises SubjectUnknown, ApprovalTaken.
        """
        self.records.keys.owner_key(subject)  # nobody is asked about somebody who is unknown
        suite = self.records.keys.suite
        content = canonical([FIND, str(subject), fact.model_dump(mode="json")])
        digest = suite.mac(
            self.records.keys.ledger_key, content
        )  # keyed: what is sealed could be guessed from a hash
        if not self.approvals.by_two(FIND, digest, hand, reason):
            return None
        request = request_of(fact, subject, fact.place, fact.programme, fact.found_on, subject=str(subject))
        self.approvals.use(FIND, digest, idempotency_key(suite, self.records.keys.ledger_key, hand.organ, request))
        # If we stop here, the same call by either person finds the approval used for just this entry.
        [receipt] = self.records.record(Entry(subject, hand, request, fact))
        return receipt
