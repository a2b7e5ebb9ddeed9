"""Grants 授权 in the ledger: who may say what, where, since when, on which legal basis."""

from datetime import date

from psycopg.rows import scalar_row

from domain.competence import Grant, grants_of
from domain.errors import GrantUnknown
from domain.facts import GrantWithdrawn, OrganGranted, Stream
from domain.facts.base import Fact
from ledger.approvals import Records
from ledger.entry import Entry, Hand, Receipt, Request
from ledger.streams import named


class Competences:
    """The use cases of the ledger's keeper."""

    def __init__(self, records: Records) -> None:
        self.records = records

    def grant(self, fact: OrganGranted, hand: Hand) -> Receipt:
        """Let an organ append a kind for places with a prefix. Doing it again changes nothing."""
        return self._record(fact, fact.organ, hand)

    def withdraw(self, fact: GrantWithdrawn, hand: Hand) -> Receipt:
        """End a grant on a day; it may be shortened again, and is never lengthened. Raises GrantUnknown."""
        self.chosen(fact.organ, fact.fact_kind, fact.place_prefix, fact.valid_from)
        return self._record(fact, fact.organ, hand, fact.ends_on)

    def chosen(self, organ: str, kind: str, place_prefix: str, valid_from: date | None = None) -> Grant:
        """Find the one grant that is meant; its first day tells several apart. Raises GrantUnknown."""
        found = [
            grant
            for grant in self.of(organ)
            if (grant.kind, grant.place_prefix) == (kind, place_prefix) and valid_from in (None, grant.valid_from)
        ]
        if len(found) != 1:
            raise GrantUnknown(organ)
        return found[0]

    def organs(self) -> list[str]:
        """List the organs that were ever granted anything, by name."""
        with self.records.connection() as connection, connection.cursor(row_factory=scalar_row) as cursor:
            streams = cursor.execute(
                "SELECT DISTINCT originator_id FROM entries WHERE topic = 'organ-granted.v1'"
            ).fetchall()
        granted = (entry.fact for stream in streams for entry in self.records.history(stream))
        return sorted({fact.organ for fact in granted if isinstance(fact, OrganGranted)})

    def of(self, organ: str) -> tuple[Grant, ...]:
        """Give the organ's grants, in the order in which they were given."""
        return grants_of(e.fact for e in self.records.history(named(Stream.ORGAN, organ)) if e.fact is not None)

    def _record(self, fact: OrganGranted | GrantWithdrawn, organ: str, hand: Hand, *days: date) -> Receipt:
        request = Request("points", _name(fact, fact.valid_from, *days), fact.kind_name())
        [receipt] = self.records.record(Entry(named(Stream.ORGAN, organ), hand, request, fact))
        return receipt


def _name(fact: Fact, *days: date) -> str:
    key = [str(getattr(fact, name)) for name in ("organ", "fact_kind", "place_prefix")]
    return "/".join([*key, *(day.isoformat() for day in days)])
