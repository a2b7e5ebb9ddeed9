"""The import job 导入: a delivery's rows, their verdicts, the ledger, the receipt.

Rows go through in buffers; what a buffer accepted is durable before the next is read. The receipt (batch-committed)
is the last entry. If the job stops anywhere, the same file sent again goes on: rows that stand already are found by
their keys and counted as this batch's own, so that the receipt is the one that would have been.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from uuid import UUID

from domain.facts import BatchCommitted, Fact, FactCorrected
from ledger.bulk import collector_at_rest
from ledger.entry import Hand
from ledger.ingest.again import AGAIN_MAX
from ledger.ingest.checks import Competence
from ledger.ingest.delivery import Delivery, Row, judged
from ledger.ingest.desk import ImportDesk
from ledger.ingest.examine import Candidate, Examiner, Terms
from ledger.ingest.plans import KINDS
from ledger.ingest.refusals import OrganUngranted
from ledger.ingest.rejects import Rejects
from ledger.ingest.settle import Settler, Verdict
from ledger.ingest.verdicts import Code, Finding, Outcome

BUFFER_ROWS = 2_000
_SHOWN = 20
_REJECTED = frozenset({Outcome.CONFLICT, Outcome.HELD, Outcome.INVALID})


@dataclass(frozen=True)
class ImportOrder:
    """Who imports, on which day. `dry_run` writes nothing.

    `again` takes a file for the n-th time anew: it gets a receipt of its own, and rows that were taken back come
    back, up to their n-th return. `full` names what a full file was compared with: then its rows come back as often
    as they were taken back. `buffer_rows` rows are settled at a time: more take more memory, fewer more trips.
    """

    organ: str
    recorded_by: str
    received_on: date
    channel: str = "file"
    again: int = 0
    full: str = ""
    dry_run: bool = False
    buffer_rows: int = BUFFER_ROWS


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is: rows settled, and bytes of the file read of all."""

    rows: int
    bytes_read: int
    bytes_all: int


@dataclass
class ImportReport:
    """What an import did, or in a dry run would do. `receipt` is the same for the same file.

    `repeated` says that the file had been taken before and nothing was done. `codes` counts findings; `shown` are
    the first of them with their rows' numbers; `rejects` is the file of rejected rows, if there are any.
    """

    receipt: BatchCommitted
    repeated: bool = False
    dry_run: bool = False
    codes: Counter[Code] = field(default_factory=Counter)
    shown: list[tuple[int, int, Finding]] = field(default_factory=list)
    rejects: Path | None = None


def run_import(
    desk: ImportDesk,
    delivery: Delivery,
    order: ImportOrder,
    rejects: Path | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> ImportReport:
    """Import a delivery. `rejects` is where rejected rows are written.

    Raises OrganUngranted, DeliveryChanged, and what the ledger brings; the same call again goes on where this one
    ended.
    """
    batch_id = desk.batch_id(batch_name(delivery, order.organ, order.again, order.full))
    first = desk.receipt(batch_id)
    if first is not None:
        return ImportReport(first, repeated=True, dry_run=order.dry_run)
    hand = Hand(order.recorded_by, order.organ, order.channel, source_class="agency")
    terms = delivery.mapping.terms(order.organ, order.received_on, desk.grants(order.organ), delivery.kind)
    _refuse_ungranted(delivery, terms)
    tally = _Tally()
    with ExitStack() as closing:
        closing.enter_context(collector_at_rest())
        writer = closing.enter_context(Rejects(delivery, rejects)) if rejects else None
        rows = judged(delivery, Examiner(terms))
        settler = Settler(desk, hand, batch_id, AGAIN_MAX if order.full else order.again)
        while buffer := list(islice(rows, order.buffer_rows)):
            for row, candidate, verdict in _settled(buffer, settler):
                tally.count(row, candidate, verdict)
                if writer and isinstance(verdict, Finding) and verdict.outcome in _REJECTED:
                    writer.add(row, verdict)
            if progress is not None:
                progress(Progress(tally.rows, tally.bytes_read, delivery.size))
        written = rejects if writer and writer.count else None
    receipt = tally.receipt(batch_id, delivery.digest)
    desk.commit(receipt, hand)
    return ImportReport(receipt, dry_run=order.dry_run, codes=tally.codes, shown=tally.shown, rejects=written)


def _refuse_ungranted(delivery: Delivery, terms: Terms) -> None:
    """Refuse before the first row what would be refused row by row. Raises OrganUngranted."""
    kind = None if delivery.kind is None else KINDS.get(delivery.kind)
    if not Competence(terms.grants, terms.organ, terms.received_on).may_deliver(kind):
        raise OrganUngranted(delivery.path.name)


def batch_name(delivery: Delivery, organ: str, again: int = 0, full: str = "") -> str:
    """Name a delivery for ever: the organ, the file's bytes, how they were read, and how often they came."""
    return f"{organ}:{delivery.digest}:{delivery.terms_digest}:{again}{full and ':' + full}"


def _settled(
    buffer: list[tuple[Row, Candidate | Finding]], settler: Settler
) -> Iterator[tuple[Row, Candidate | None, Verdict]]:
    verdicts = iter(settler.settle([judgement for _, judgement in buffer if isinstance(judgement, Candidate)]))
    for row, judgement in buffer:
        if isinstance(judgement, Candidate):
            yield row, judgement, next(verdicts)
        else:
            yield row, None, judgement


class _Tally:
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
            self.outcomes[verdict.outcome] += 1
            self.codes[verdict.code] += 1
            if len(self.shown) < _SHOWN:
                self.shown.append((row.number, row.line, verdict))
            return
        self.outcomes[Outcome.ACCEPTED] += 1
        self.control_sum += 0 if candidate is None else open_quantity(candidate.fact)
        if verdict.position is not None:
            self.first = verdict.position if self.first is None else min(self.first, verdict.position)
            self.last = verdict.position if self.last is None else max(self.last, verdict.position)

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
