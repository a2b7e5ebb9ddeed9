"""Benefits 待遇 in their subjects' streams: started, checked again, paid, stopped, taken back."""

from collections.abc import Callable
from uuid import UUID

from domain.benefit import Benefit, fold
from domain.facts import Fact
from ledger.application import Ledger
from ledger.entry import Entry, Hand, Receipt
from ledger.rounds.rounds import request_of
from ledger.said import head_of, said_of

KINDS = (
    *("benefit-started", "benefit-rechecked", "benefit-stopped"),
    *("payment-made", "payment-failed", "payment-recovered"),
)


class Benefits:
    """The use cases of whoever pays."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def of(self, subject: UUID, programme: str, application: str) -> Benefit:
        """Fold a benefit. One that was never started has no programme."""
        facts = [entry.fact for entry in said_of(self.ledger, subject, KINDS) if entry.fact is not None]
        return fold(
            fact
            for fact in facts
            if (getattr(fact, "programme", None), getattr(fact, "application", None)) == (programme, application)
        )

    def record(
        self,
        subject: UUID,
        programme: str,
        application: str,
        decide: Callable[[Benefit], Fact],
        hand: Hand,
        *,
        round_name: str,
    ) -> Receipt:
        """Decide on the benefit as it stands, and append. Raises what the decision does.

        The version that was seen goes with it: of two payments that are decided at once one is refused.
        """
        seen = head_of(self.ledger, subject)
        fact = decide(self.of(subject, programme, application))
        names = [str(getattr(fact, name)) for name in fact.about.key]
        request = request_of(fact, round_name, *names, subject=str(subject))
        entry = Entry(subject, hand, request, fact, seen + 1)
        [receipt] = self.ledger.record(entry)
        return receipt
