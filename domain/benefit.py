"""A benefit paid month after month: granted once, checked before each payment, stopped, failed, recovered.

State, then decisions, then evolution. Months are numbers (domain/civil.py), money is fen; the amount stays as it
was granted. Months that were over and unpaid when a check failed are forfeited: later ones are paid again when a
later check is passed, and the end stays where it was.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from domain.civil import month_index, month_of, month_text
from domain.errors import Refusal
from domain.facts import (
    BenefitRechecked,
    BenefitStarted,
    BenefitStopped,
    Fact,
    PaymentFailed,
    PaymentMade,
    PaymentRecovered,
)
from domain.programme import Grant


class BenefitIsOver(Refusal):
    """待遇已终止或已领满。| The benefit is over: stopped, or paid for all its months."""

    status = 409


class NotRechecked(Refusal):
    """发放前须复核通过。| Before a payment the conditions are checked again, and were not, or were not met."""

    status = 409


class NothingDue(Refusal):
    """没有到期的补贴。| Nothing is due."""

    status = 409


class PaymentUnknown(Refusal):
    """没有这笔发放。| No such payment."""

    status = 404


StopReason = Literal["recheck-failed", "death", "local-hukou", "permit-ended", "fraud", "withdrawn", "other"]


@dataclass(frozen=True, slots=True)
class Paid:
    """One payment: its months [first, last], what was paid, and what of it came back."""

    first: int
    last: int
    fen: int
    failed: bool = False
    recovered: int = 0


@dataclass(frozen=True, slots=True)
class Benefit:
    """A benefit after the facts so far. `until` is the first month for which nothing is paid any more."""

    programme: str = ""
    application: str = ""
    first: int = 0
    months: int = 0
    fen_per_month: int = 0
    until: int | None = None
    stopped_for: StopReason | None = None
    checked_on: date | None = None
    passed: bool = False
    forfeited: frozenset[int] = frozenset()
    paid: dict[str, Paid] = field(default_factory=dict)

    @property
    def last(self) -> int:
        """Give the last month for which it is owed."""
        last = self.first + self.months - 1
        return last if self.until is None else min(last, self.until - 1)

    @property
    def next_month(self) -> int:
        """Give the first month that is neither paid nor forfeited: a payment that failed is owed still."""
        months = {m for p in self.paid.values() if not p.failed for m in range(p.first, p.last + 1)}
        months |= self.forfeited
        return next(m for m in range(self.first, self.first + self.months + 1) if m not in months)

    @property
    def paid_fen(self) -> int:
        """Give what was paid and stayed paid."""
        return sum(p.fen - p.recovered for p in self.paid.values() if not p.failed)

    @property
    def overpaid_fen(self) -> int:
        """Give what was paid for months from which on nothing is owed, less what came back."""
        return sum(
            max(0, p.last - max(p.first, self.last + 1) + 1) * self.fen_per_month - p.recovered
            for p in self.paid.values()
            if not p.failed and p.last > self.last
        )

    def is_over(self) -> bool:
        """Say whether nothing is owed any more."""
        return self.next_month > self.last


def start(grant: Grant, programme: str, application: str, place: str, on: date) -> BenefitStarted:
    """Grant a benefit."""
    return BenefitStarted(
        programme=programme,
        application=application,
        place=place,
        first_month=month_text(grant.first),
        months=grant.months,
        granted_on=on,
        fen_per_month=grant.fen_per_month,
    )


def recheck(benefit: Benefit, unmet: Sequence[str], on: date) -> BenefitRechecked:
    """Check again before a payment: it passes when no condition is unmet. Raises BenefitIsOver."""
    _going(benefit)
    return BenefitRechecked(
        programme=benefit.programme, application=benefit.application, on=on, passed=not unmet, unmet=sorted(unmet)
    )


def stop(benefit: Benefit, from_month: int, reason: StopReason) -> BenefitStopped:
    """Stop a benefit from a month on; what was paid for later months is owed back. Raises BenefitIsOver."""
    if benefit.until is not None:
        raise BenefitIsOver
    return BenefitStopped(
        programme=benefit.programme,
        application=benefit.application,
        from_month=month_text(from_month),
        reason=reason,
    )


def pay(benefit: Benefit, number: str, on: date, pays: str, *, needs_recheck: bool = True) -> PaymentMade:
    """Pay what is due: the months of the payment that begins with the first unpaid month, once they are over.

    Raises BenefitIsOver, NotRechecked, NothingDue.
    """
    _going(benefit)
    due = due_payment(benefit, on, pays)
    if due is None:
        raise NothingDue
    first, last = due
    if needs_recheck and not (
        benefit.passed and benefit.checked_on is not None and month_index(benefit.checked_on) > last
    ):
        raise NotRechecked
    return PaymentMade(
        programme=benefit.programme,
        application=benefit.application,
        payment=number,
        paid_on=on,
        first_month=month_text(first),
        last_month=month_text(last),
        fen=(last - first + 1) * benefit.fen_per_month,
    )


def due_payment(benefit: Benefit, on: date, pays: str) -> tuple[int, int] | None:
    """Give the months [first, last] that are due: paid in the month after they end. None where none are."""
    if benefit.is_over():
        return None
    first = benefit.next_month
    size = {"monthly": 1, "quarterly": 3, "yearly": 12}.get(pays, benefit.months)
    last = min(benefit.last, first - first % size + size - 1 if pays != "once" else benefit.last)
    return (first, last) if first <= last < month_index(on) else None


def recover(
    benefit: Benefit, number: str, on: date, fen: int, reason: Literal["fraud", "error", "other"]
) -> PaymentRecovered:
    """Take back what was paid, or part of it. Raises PaymentUnknown."""
    paid = benefit.paid.get(number)
    if paid is None or paid.failed or fen > paid.fen - paid.recovered:
        raise PaymentUnknown
    return PaymentRecovered(
        programme=benefit.programme, application=benefit.application, payment=number, on=on, fen=fen, reason=reason
    )


def fail(benefit: Benefit, number: str, on: date, reason: str) -> PaymentFailed:
    """Say that the bank sent a payment back: it is owed still. Raises PaymentUnknown."""
    paid = benefit.paid.get(number)
    if paid is None or paid.failed or paid.recovered:
        raise PaymentUnknown
    return PaymentFailed(
        programme=benefit.programme, application=benefit.application, payment=number, on=on, reason=reason
    )


def _going(benefit: Benefit) -> None:
    if not benefit.programme or benefit.is_over():
        raise BenefitIsOver


def evolve(benefit: Benefit, fact: Fact) -> Benefit:
    """Take one fact about this benefit. It refuses nothing."""
    match fact:
        case BenefitStarted() if not benefit.programme:
            return replace(
                benefit,
                programme=fact.programme,
                application=fact.application,
                first=month_of(fact.first_month),
                months=fact.months,
                fen_per_month=fact.fen_per_month or 0,
            )
        case BenefitRechecked():
            over = range(benefit.next_month, month_index(fact.on)) if benefit.programme and not fact.passed else ()
            forfeited = benefit.forfeited | frozenset(over)
            return replace(benefit, checked_on=fact.on, passed=fact.passed, forfeited=forfeited)
        case BenefitStopped() if benefit.until is None:
            return replace(benefit, until=month_of(fact.from_month), stopped_for=fact.reason)
        case _:
            return _paid(benefit, fact)


def _paid(benefit: Benefit, fact: Fact) -> Benefit:
    paid = dict(benefit.paid)
    match fact:
        case PaymentMade():
            paid[fact.payment] = Paid(month_of(fact.first_month), month_of(fact.last_month), fact.fen)
        case PaymentFailed(payment=number) if number in paid:
            paid[number] = replace(paid[number], failed=True)
        case PaymentRecovered(payment=number) if number in paid:
            paid[number] = replace(paid[number], recovered=paid[number].recovered + fact.fen)
        case _:
            return benefit
    return replace(benefit, paid=paid)


def fold(facts: Iterable[Fact]) -> Benefit:
    """Fold the facts of one benefit, in their order."""
    benefit = Benefit()
    for fact in facts:
        benefit = evolve(benefit, fact)
    return benefit
