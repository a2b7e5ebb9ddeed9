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
        facts = [entry.fact for entry in self.said(subject) if entry.fact is not None]
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
        household: str | None = None,
    ) -> Receipt:
        """Decide on the benefit as it stands, and append. Raises what the decision does, VersionConflict.

        The version that was seen goes with it: of two payments that are decided at once one is refused. `household`
        names whose one grant this is: a second one of the same name is refused with RequestConflict.
        """
        seen = head_of(self.ledger, subject)
        fact = decide(self.of(subject, programme, application))
        names = [str(getattr(fact, name)) for name in fact.about.key]
        named = [round_name, *names] if household is None else [household]
        request = request_of(fact, *named, subject=str(subject))
        entry = Entry(subject, hand, request, fact, seen + 1)
        [receipt] = self.ledger.record(entry)
        return receipt

    def said(self, subject: UUID) -> list[Entry]:
        """Read what was said of a subject's benefits and is not void, in order."""
        return said_of(self.ledger, subject, KINDS)
