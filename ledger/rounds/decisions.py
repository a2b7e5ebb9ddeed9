"""Decisions 认定决定 recorded in their subjects' streams, whole and sealed, and settled after later facts."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from psycopg.rows import tuple_row

from domain.decision import Decision
from domain.facts import DecisionMade, RedeterminationSettled
from ledger.application import Ledger
from ledger.entry import Entry, Hand, Receipt
from ledger.rounds.rounds import request_of
from ledger.said import said_of

_TOGETHER = 500


class Decisions:
    """The use cases of whoever decides."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def record(
        self,
        made: Sequence[tuple[UUID, Decision]],
        on: date,
        hand: Hand,
        *,
        place: str,
        programme: str,
        round_name: str | None = None,
    ) -> list[Receipt]:
        """Record decisions, some hundred in a turn. A decision that stands already keeps its receipt."""
        receipts: list[Receipt] = []
        leaves: dict[int, str] = {}
        for start in range(0, len(made), _TOGETHER):
            entries = []
            for subject, decision in made[start : start + _TOGETHER]:
                record = decision.record
                as_at = int(record["as_at"])
                if as_at not in leaves:
                    leaves[as_at] = self._leaf(as_at)
                fact = DecisionMade(
                    decision=decision.hash,
                    programme=programme,
                    doc=record["programme"]["doc"],
                    content=record["programme"]["hash"],
                    place=place,
                    round=round_name,
                    application=record["application"],
                    as_of=date.fromisoformat(record["as_of"]),
                    as_at=as_at,
                    leaf=leaves[as_at],
                    rulebooks=record["rulebooks"],
                    engine=record["engine"],
                    decided_on=on,
                    record=dict(record),
                )
                request = request_of(fact, decision.hash, subject=str(subject))
                entries.append(Entry(subject, hand, request, fact))
            receipts += self.ledger.record(*entries)
        return receipts

    def settle(self, subject: UUID, fact: RedeterminationSettled, hand: Hand) -> Receipt:
        """Say what became of a decision after later facts. The same once more gives the first receipt."""
        request = request_of(fact, fact.decision, fact.as_at, subject=str(subject))
        [receipt] = self.ledger.record(Entry(subject, hand, request, fact))
        return receipt

    def settled(self, subject: UUID) -> list[Entry]:
        """Read what became of a subject's decisions, in order."""
        return said_of(self.ledger, subject, (RedeterminationSettled.kind_name(),))

    def _leaf(self, as_at: int) -> str:
        """Give the leaf at a position: what a decision was made on can be proven by it."""
        with self.ledger.connection() as connection:
            row = (
                connection.cursor(binary=True, row_factory=tuple_row)
                .execute(
                    "SELECT leaf FROM entries WHERE notification_id <= %s ORDER BY notification_id DESC LIMIT 1",
                    [as_at],
                )
                .fetchone()
            )
        return bytes(row[0]).hex() if row else "0" * 64
