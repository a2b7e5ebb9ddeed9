"""暂予认定 in their subjects' streams: recognised at a round's lock, and ended by a void."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from domain.facts import FactVoided, ProvisionalMonthRecognised, Ref
from ledger.application import Ledger
from ledger.entry import Entry, Hand, Receipt, Request
from ledger.rounds.rounds import request_of
from ledger.said import said_of

_RECOGNISED = ProvisionalMonthRecognised.kind_name()
ENDED_WHY = {
    "confirmed": "锁定前已有正式记录,无需暂予认定",
    "not-confirmed": "数据校核答复后未予确认,暂予认定终止",
    "expired": "暂予认定期满仍未答复,认定终止",
}


class Recognition(NamedTuple):
    """A recognition that stands, by its entry."""

    ref: Ref
    position: int
    fact: ProvisionalMonthRecognised


class Provisional:
    """The use cases of whoever runs a round."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def standing(self, subject: UUID, round_name: str) -> list[Recognition]:
        """Give a subject's recognitions of a round that have not ended."""
        return [
            Recognition(Ref(stream=subject, version=entry.originator_version), entry.position or 0, entry.fact)
            for entry in said_of(self.ledger, subject, [_RECOGNISED])
            if isinstance(entry.fact, ProvisionalMonthRecognised) and entry.fact.round == round_name
        ]

    def recognise(self, subject: UUID, found: Sequence[ProvisionalMonthRecognised], hand: Hand) -> list[Receipt]:
        """Record what is recognised, all or nothing."""
        return self.ledger.record(*(Entry(subject, hand, _request(subject, fact), fact) for fact in found))

    def end(self, one: Recognition, why: str, on: date, hand: Hand) -> Receipt:
        """End a recognition: what was decided on it would be another decision. Again, it changes nothing."""
        fact = FactVoided(reason="revoked", basis=f"{on} {ENDED_WHY[why]}")
        request = request_of(fact, one.ref.version, subject=str(one.ref.stream))
        voiding = Hand(hand.recorded_by, hand.organ, hand.channel, hand.source_class, refers_to=one.ref)
        [receipt] = self.ledger.record(Entry(one.ref.stream, voiding, request, fact))
        return receipt


def _request(subject: UUID, fact: ProvisionalMonthRecognised) -> Request:
    # With its day: what ended, or was recognised before a lock that then did not come, may be recognised anew.
    names = (fact.round, fact.dispute, fact.insurance, fact.month, fact.recognised_on, fact.until)
    return request_of(fact, *names, subject=str(subject))
