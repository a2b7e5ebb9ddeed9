"""A full file 全量文件: all that a source has of one kind for a place and months; what it lacks is voided.

What it lacks is found elsewhere (projections/full_files.py), by comparison with what stood at one position. In this
order the comparison is written down, what is absent is voided, the rows are imported, the feed is said complete. If
the run stops anywhere, the same call goes on with the comparison that was written down.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from domain.civil import first_day, month_of
from domain.errors import OrganNotCompetent
from domain.facts import Fact, FactCorrected, FactVoided, FeedDelivered, FullFileCompared, Ref, Stream
from domain.places import authority_prefix
from ledger.commit import tuples
from ledger.entry import Entry, Hand, Request
from ledger.ingest.checks import Competence
from ledger.ingest.delivery import Delivery
from ledger.ingest.job import ImportOrder, ImportReport, Progress, batch_name, run_import
from ledger.ingest.ledger_desk import LedgerImportDesk
from ledger.ingest.verdicts import RowRefused
from ledger.opening import Desk
from ledger.streams import named

ABSENT = "后续全量文件未列 absent from later full file"
_SOURCE = "full-file"
_GONE = (
    "SELECT asked.stream, asked.version FROM unnest(%s::uuid[], %s::bigint[]) AS asked (stream, version)"
    " JOIN entries r ON r.refers_to_stream = asked.stream AND r.refers_to_version = asked.version"
    " WHERE r.topic = %s OR (r.topic = %s AND position('\"from_the_start\"'::bytea IN r.state) > 0)"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a full file speaks for: a kind, a place (all below an authority's code), months [first, last]."""

    fact: type[Fact]
    place: str
    first_month: str
    last_month: str

    @property
    def label(self) -> str:
        """Name it within the name of a batch."""
        return f"full:{self.fact.kind_name()}:{self.place}:{self.first_month}:{self.last_month}"

    @property
    def prefix(self) -> str:
        """Give the front of the place codes it speaks for."""
        return authority_prefix(self.place)

    @property
    def days(self) -> tuple[Any, Any]:
        """Give the first day, and the first day after."""
        return first_day(month_of(self.first_month)), first_day(month_of(self.last_month) + 1)


class FullRun:
    """One full file on its way. Every step may be taken again."""

    def __init__(self, desk: Desk, delivery: Delivery, order: ImportOrder, scope: Scope) -> None:
        self._desk = desk
        self._import = LedgerImportDesk(desk)
        self._delivery = delivery
        self.order = replace(order, full=scope.label)
        self.scope = scope
        self.batch_id = self._import.batch_id(batch_name(delivery, order.organ, order.again, scope.label))
        self._hand = Hand(
            order.recorded_by, order.organ, order.channel, source_class="agency", batch_id=self.batch_id
        )

    def refuse_ungranted(self) -> None:
        """Refuse an organ that may not speak for the whole place. Raises OrganNotCompetent."""
        try:
            Competence(self._import.grants(self.order.organ), self.order.organ, self.order.received_on).check(
                self._feed(0, 0)
            )
        except RowRefused:
            raise OrganNotCompetent(self.scope.place) from None

    def begun(self) -> FullFileCompared | None:
        """Give the comparison that this run was begun with, if it was."""
        for entry in self._desk.ledger.history(self._stream):
            if isinstance(entry.fact, FullFileCompared):
                return entry.fact
        return None

    @property
    def ended(self) -> bool:
        """Say whether the rows have their receipt."""
        return self._import.receipt(self.batch_id) is not None

    def begin(self, compared: FullFileCompared) -> None:
        """Write the comparison down: from here on the run is meant."""
        hand = replace(self._hand, batch_id=None)
        request = Request(_SOURCE, str(self.batch_id), "compared")
        self._desk.ledger.record(Entry(self._stream, hand, request, compared))

    def void(self, refs: Sequence[Ref]) -> None:
        """Void entries that the file lacks, but for those that are void or corrected by now."""
        gone = self._gone(refs)
        self._import.append([self._void(ref) for ref in refs if ref not in gone])

    def take(
        self, rejects: Path | None, progress: Callable[[Progress], None] | None, compared: FullFileCompared
    ) -> ImportReport:
        """Import the rows, then say that the feed is complete."""
        report = run_import(self._import, self._delivery, self.order, rejects, progress)
        # If we stop here, the same call finds the receipt and says it then.
        feed = self._feed(compared.rows, compared.control_sum)
        request = Request(_SOURCE, str(self.batch_id), "delivered")
        self._desk.ledger.record(Entry(named(Stream.ORGAN, self.order.organ), self._hand, request, feed))
        return report

    @property
    def _stream(self) -> UUID:
        return named(Stream.BATCH, str(self.batch_id))

    def _feed(self, rows: int, control_sum: int) -> FeedDelivered:
        return FeedDelivered(
            organ=self.order.organ,
            fact_kind=self.scope.fact.kind_name(),
            place=self.scope.place,
            first_month=self.scope.first_month,
            last_month=self.scope.last_month,
            coverage="complete",
            rows=rows,
            control_sum=control_sum,
        )

    def _void(self, ref: Ref) -> Entry:
        request = Request(_SOURCE, f"{self.batch_id}/{ref.stream}/{ref.version}", "absent", str(self.batch_id))
        fact = FactVoided(reason="source-error", basis=ABSENT)
        return Entry(ref.stream, replace(self._hand, refers_to=ref), request, fact)

    def _gone(self, refs: Iterable[Ref]) -> Collection[Ref]:
        refs = list(refs)
        asked = [[ref.stream for ref in refs], [ref.version for ref in refs]]
        with self._desk.ledger.connection() as connection:
            found = (
                tuples(connection).execute(_GONE, [*asked, FactCorrected.topic(), FactVoided.topic()]).fetchall()
            )
        return {Ref(stream=stream, version=version) for stream, version in found}
