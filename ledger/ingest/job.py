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

from domain.facts import BatchCommitted
from ledger.bulk import collector_at_rest
from ledger.entry import Hand
from ledger.ingest.again import AGAIN_MAX
from ledger.ingest.by_columns import by_columns
from ledger.ingest.checks import Competence
from ledger.ingest.delivery import Delivery, Row, judged
from ledger.ingest.desk import ImportDesk
from ledger.ingest.examine import Candidate, Examiner, Terms
from ledger.ingest.plans import KINDS
from ledger.ingest.refusals import OrganUngranted
from ledger.ingest.rejects import REJECTED, Rejects
from ledger.ingest.settle import Settler, settled
from ledger.ingest.sheet_rejects import rejects_of
from ledger.ingest.tally import Tally
from ledger.ingest.verdicts import Code, Finding

BUFFER_ROWS = 2_000
PREPARERS = 2


@dataclass(frozen=True)
class ImportOrder:
    """Who imports, on which day. `dry_run` writes nothing.

    `again` takes a file for the n-th time anew: it gets a receipt of its own, and rows that were taken back come
    back, up to their n-th return. `full` names what a full file was compared with: then its rows come back as often
    as they were taken back. `buffer_rows` rows are settled at a time: more take more memory, fewer more trips.
    `by_columns` may be switched off to compare; large files are prepared by `preparers` processes (0: in this one).
    """

    organ: str
    recorded_by: str
    received_on: date
    channel: str = "file"
    again: int = 0
    full: str = ""
    dry_run: bool = False
    buffer_rows: int = BUFFER_ROWS
    by_columns: bool = True
    preparers: int = PREPARERS


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
    `settled_held` counts rows of earlier files that had waited for a person and stand now, corrected.
    """

    receipt: BatchCommitted
    repeated: bool = False
    dry_run: bool = False
    codes: Counter[Code] = field(default_factory=Counter)
    shown: list[tuple[int, int, Finding]] = field(default_factory=list)
    rejects: Path | None = None
    settled_held: int = 0


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
    tally = Tally()
    with ExitStack() as closing:
        closing.enter_context(collector_at_rest())
        writer = closing.enter_context(rejects_of(delivery, rejects)) if rejects else None
        settler = Settler(desk, hand, batch_id, AGAIN_MAX if order.full else order.again, delivery.path.name)

        def told(bytes_read: int) -> None:
            if progress is not None:
                progress(Progress(tally.rows, bytes_read, delivery.size))

        plain = order.by_columns and not (order.again or order.full)
        columns = by_columns(desk, delivery, terms) if plain else None
        if columns is not None:
            columns(settler, tally, writer).run(order.preparers, told)
        else:
            _by_rows(judged(delivery, Examiner(terms)), order.buffer_rows, settler, tally, writer, told)
        written = rejects if writer and writer.count else None
    # If we stop here, the same file sent again settles them.
    settled_held = desk.settle_held(order.organ, order.recorded_by)
    receipt = tally.receipt(batch_id, delivery.digest)
    desk.commit(receipt, hand)
    return ImportReport(
        receipt,
        dry_run=order.dry_run,
        codes=tally.codes,
        shown=tally.shown,
        rejects=written,
        settled_held=settled_held,
    )


def _by_rows(
    rows: Iterator[tuple[Row, Candidate | Finding]],
    buffer_rows: int,
    settler: Settler,
    tally: Tally,
    writer: Rejects | None,
    told: Callable[[int], None],
) -> None:
    """Settle rows a buffer at a time."""
    while buffer := list(islice(rows, buffer_rows)):
        for row, candidate, verdict in settled(buffer, settler):
            tally.count(row, candidate, verdict)
            if writer and isinstance(verdict, Finding) and verdict.outcome in REJECTED:
                writer.add(row, verdict)
        told(tally.bytes_read)


def _refuse_ungranted(delivery: Delivery, terms: Terms) -> None:
    """Refuse before the first row what would be refused row by row. Raises OrganUngranted."""
    kind = None if delivery.kind is None else KINDS.get(delivery.kind)
    if not Competence(terms.grants, terms.organ, terms.received_on).may_deliver(kind):
        raise OrganUngranted(delivery.path.name)


def batch_name(delivery: Delivery, organ: str, again: int = 0, full: str = "") -> str:
    """Name a delivery for ever: the organ, the file's bytes, how they were read, and how often they came."""
    return f"{organ}:{delivery.digest}:{delivery.terms_digest}:{again}{full and ':' + full}"
