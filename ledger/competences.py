"""Grants 授权 in the ledger: who may say what, where, since when, on which legal basis."""

from datetime import date

from domain.competence import Grant, grants_of
from domain.errors import OrganNotCompetent
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
        """End a grant on a day. Raises OrganNotCompetent where no such grant stands."""
        wanted = (fact.fact_kind, fact.place_prefix, fact.valid_from)
        if not any((g.kind, g.place_prefix, g.valid_from) == wanted for g in self.of(fact.organ)):
            raise OrganNotCompetent(fact.organ)
        return self._record(fact, fact.organ, hand)

    def of(self, organ: str) -> tuple[Grant, ...]:
        """Give the organ's grants, in the order in which they were given."""
        return grants_of(e.fact for e in self.records.history(named(Stream.ORGAN, organ)) if e.fact is not None)

    def _record(self, fact: OrganGranted | GrantWithdrawn, organ: str, hand: Hand) -> Receipt:
        request = Request("points", _name(fact, fact.valid_from), fact.kind_name())
        [receipt] = self.records.record(Entry(named(Stream.ORGAN, organ), hand, request, fact))
        return receipt


def _name(fact: Fact, since: date) -> str:
    key = [str(getattr(fact, name)) for name in ("organ", "fact_kind", "place_prefix")]
    return "/".join([*key, since.isoformat()])
