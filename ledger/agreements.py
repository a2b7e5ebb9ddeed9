"""Agreements on feeds in the ledger: made and ended by its keeper, read by whoever looks what is overdue."""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any

from domain.agreements import Agreement, Overdue, agreements_of, overdue
from domain.civil import month_of
from domain.coverage import Coverage, feeds_of
from domain.errors import AgreementUnknown
from domain.facts import FeedAgreed, FeedAgreementEnded, Known, Stream
from ledger.approvals import Records
from ledger.commit import tuples
from ledger.entry import Entry, Hand, Receipt, Request
from ledger.streams import named

OVERDUE_MAX = 1_000
_ORGANS = (
    "SELECT DISTINCT organ_stream FROM (SELECT originator_id AS organ_stream FROM entries"
    " WHERE topic IN ('feed-agreed.v1', 'feed-agreement-ended.v1')) AS agreed"
)


class Agreements:
    """The use cases of the ledger's keeper."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def agree(self, fact: FeedAgreed, hand: Hand) -> Receipt:
        """Agree that an organ delivers. The same again changes nothing. Raises RequestConflict for other terms."""
        return self._record(fact, hand)

    def end(self, fact: FeedAgreementEnded, hand: Hand) -> Receipt:
        """End an agreement with a month. Raises AgreementUnknown."""
        wanted = (fact.organ, fact.fact_kind, fact.place, month_of(fact.first_month))
        if not any((one.organ, one.kind, one.place, one.first_month) == wanted for one in self.every()):
            raise AgreementUnknown(f"{fact.organ} {fact.fact_kind} {fact.place}")
        return self._record(fact, hand)

    def every(self) -> list[Agreement]:
        """Give all that was ever agreed, organ by organ."""
        return [agreement for entries in self._organs() for agreement in agreements_of(one.fact for one in entries)]

    def overdue(self, today: date) -> list[Overdue]:
        """Give what is overdue on a day, at most OVERDUE_MAX: no complete feed of the organ covers it."""
        found = (
            late
            for entries in self._organs()
            for agreement in agreements_of(one.fact for one in entries)
            for late in overdue(agreement, Coverage(feeds_of(entries)), today)
        )
        return list(islice(found, OVERDUE_MAX))

    def _organs(self) -> Iterator[list[Known]]:
        """Read the streams of organs with which something was agreed; their feeds stand there too."""
        with self._records.connection() as connection:
            streams: list[tuple[Any, ...]] = tuples(connection).execute(_ORGANS).fetchall()
        for (stream,) in sorted(streams):
            yield [known for entry in self._records.history(stream) if (known := entry.known()) is not None]

    def _record(self, fact: FeedAgreed | FeedAgreementEnded, hand: Hand) -> Receipt:
        name = f"{fact.organ}/{fact.fact_kind}/{fact.place}/{fact.first_month}"
        request = Request("points", name, fact.kind_name())
        [receipt] = self._records.record(Entry(named(Stream.ORGAN, fact.organ), hand, request, fact))
        return receipt
