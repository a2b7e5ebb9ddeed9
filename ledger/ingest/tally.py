"""Counting verdicts into a receipt: rows in = the sum of the verdicts."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from domain.facts import BatchCommitted, Fact, FactCorrected
from ledger.ingest.delivery import Row
from ledger.ingest.examine import Candidate
from ledger.ingest.settle import Verdict
from ledger.ingest.verdicts import Code, Finding, Outcome

_SHOWN = 20


class Tally:
    """Counts verdicts: rows in = the sum of the verdicts."""

    def __init__(self) -> None:
        self.rows = self.bytes_read = self.control_sum = 0
        self.outcomes: Counter[Outcome] = Counter()
        self.codes: Counter[Code] = Counter()
        self.shown: list[tuple[int, int, Finding]] = []
        self.first: int | None = None
        self.last: int | None = None

    def count(self, row: Row, candidate: Candidate | None, verdict: Verdict) -> None:
        """Count one row."""
        self.rows += 1
        self.bytes_read += len(row.raw) + 1
        if isinstance(verdict, Finding):
            self.find(verdict)
            self.show(row, verdict)
            return
        quantity = 0 if candidate is None else open_quantity(candidate.fact)
        self.accept(1, quantity, [] if verdict.position is None else [verdict.position])

    @property
    def shows_more(self) -> bool:
        """Say whether there is room among the rows that are shown."""
        return len(self.shown) < _SHOWN

    def find(self, finding: Finding) -> None:
        """Count a row by its verdict, and by the code that decided it."""
        self.outcomes[finding.outcome] += 1
        self.codes[finding.code] += 1

    def show(self, row: Row, finding: Finding) -> None:
        """Keep the first findings with their rows' numbers."""
        if self.shows_more:
            self.shown.append((row.number, row.line, finding))

    def accept(self, count: int, quantity: int, positions: Sequence[int]) -> None:
        """Count rows that are in the ledger, with what they add to the control sum, and where they stand."""
        self.outcomes[Outcome.ACCEPTED] += count
        self.control_sum += quantity
        if positions:
            least, most = min(positions), max(positions)
            self.first = least if self.first is None else min(self.first, least)
            self.last = most if self.last is None else max(self.last, most)

    def receipt(self, batch_id: UUID, digest: str) -> BatchCommitted:
        """Write the receipt."""
        return BatchCommitted(
            batch_id=batch_id,
            digest=digest,
            rows=self.rows,
            accepted=self.outcomes[Outcome.ACCEPTED],
            duplicate=self.outcomes[Outcome.DUPLICATE],
            conflict=self.outcomes[Outcome.CONFLICT],
            held=self.outcomes[Outcome.HELD],
            invalid=self.outcomes[Outcome.INVALID],
            control_sum=self.control_sum,
            first_position=self.first,
            last_position=self.last,
        )


def open_quantity(fact: Fact) -> int:
    """Give what a fact adds to the control sum: its quantity, unless sealed: a sum of one row would tell."""
    if isinstance(fact, FactCorrected) or fact.about.sensitive:
        return 0
    seen = fact.measured()
    return 0 if seen is None or seen.quantity is None else seen.quantity
