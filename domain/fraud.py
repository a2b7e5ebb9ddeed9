"""Fraud 弄虚作假: found by two people, on a stated basis, and barred until a day. What it bars is what it names."""

from collections.abc import Iterable
from datetime import date

from domain.errors import Refusal
from domain.facts import Fact, FraudFound
from domain.places import lies_in


class BarredAfterFraud(Refusal):
    """弄虚作假处理期内,不得申请。| Barred from applying after fraud, until its day."""

    hint = ("到期后再申请;有异议的按异议程序提出。", "Apply after that day; whoever disagrees opens a dispute.")
    status = 403


def barred_until(facts: Iterable[Fact | None], place: str, programme: str, on: date) -> date | None:
    """Give the last day on which a bar ends that stands on a day; None where none does."""
    ends = [
        fact.barred_until
        for fact in facts
        if isinstance(fact, FraudFound)
        and lies_in(place, fact.place)
        and fact.programme in (None, programme)
        and fact.found_on <= on < fact.barred_until
    ]
    return max(ends, default=None)
