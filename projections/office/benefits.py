"""Benefits 待遇: started for who is in, once for a household; checked again, paid, stopped, taken back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

from domain import benefit as benefits
from domain.benefit import Benefit, StopReason
from domain.civil import month_text
from domain.errors import RequestConflict
from domain.facts import (
    BenefitRechecked,
    BenefitStarted,
    BenefitStopped,
    Fact,
    PaymentFailed,
    PaymentMade,
    PaymentRecovered,
)
from domain.programme import ProgrammeDocument, granted
from domain.round.refusals import RoundNotLocked
from ledger.entry import Hand, Receipt
from ledger.rounds import Filed
from ledger.rounds.refusals import BenefitStands, HouseholdGranted, NoMoney, NotAdmitted, PaymentStands
from projections.cases import Snapshot
from projections.eligible import unmet_on
from projections.marriages import grants_of_household, spouse_on
from projections.office.base import Office, again, once
from projections.office.decisions import is_revised
from projections.rounds import Filed as Found
from projections.rounds import asked_of, ranked


@dataclass(frozen=True)
class Paying:
    """One benefit of one application, under the programme of its round."""

    office: Office
    filed: Filed
    document: ProgrammeDocument
    hand: Hand

    @property
    def now(self) -> Benefit:
        """Fold the benefit as it stands."""
        filed = self.filed
        return self.office.benefits.of(filed.subject, filed.round.programme, filed.application.number)

    def start(self, on: date) -> Receipt:
        """Grant the benefit to an application that is in, or whose decision was revised to one that is met.

        Raises RoundNotLocked, NotAdmitted, NoMoney, BenefitStands, HouseholdGranted.
        """
        current, application = self.filed.round, self.filed.application
        if current.as_at is None or application.filed_on is None:
            raise RoundNotLocked
        ranking = ranked(current, self.document, self.office.outcomes(current))
        admitted = application.number in ranking.named("in")
        if not admitted and not is_revised(self.office, current.name, application.number):
            raise NotAdmitted(application.number)
        grant = granted(self.document.programme, application.zone, application.filed_on)
        if grant is None:
            raise NoMoney(application.zone or "")
        given = grant

        def decide(standing: Benefit) -> Fact:
            if standing.programme:
                raise BenefitStands(application.number)
            return benefits.start(given, current.programme, application.number, current.place, on)

        try:
            return self._record(decide, BenefitStarted, household=self._household(on), granted_on=on)
        except RequestConflict:
            raise HouseholdGranted from None

    def recheck(self, on: date) -> tuple[Receipt, list[str]]:
        """Check the conditions again before a payment; give what is unmet. Raises BenefitIsOver."""
        asked = asked_of(self.filed.round, Found(self.filed.subject, self.filed.application))
        unmet = self.office.ask(lambda snapshot: unmet_on(snapshot, self.document, asked, on))
        told: dict[str, Any] = {"on": on, "passed": not unmet}
        return self._record(lambda standing: benefits.recheck(standing, unmet, on), BenefitRechecked, **told), unmet

    def pay(self, payment: str, on: date) -> Receipt:
        """Record the payment of the months that are due.

        Raises NoMoney, PaymentStands, and what domain.benefit.pay does.
        """
        terms = self.document.programme.benefit
        if terms is None or terms.pays is None:
            raise NoMoney(self.filed.round.name)
        pays, checked = terms.pays, terms.recheck == "before_each_payment"

        def decide(standing: Benefit) -> Fact:
            if payment in standing.paid:
                raise PaymentStands
            return benefits.pay(standing, payment, on, pays, needs_recheck=checked)

        return self._record(decide, PaymentMade, payment=payment, paid_on=on)

    def stop(self, from_month: int, reason: StopReason) -> Receipt:
        """Pay nothing from a month on. Raises BenefitIsOver."""
        told: dict[str, Any] = {"from_month": month_text(from_month), "reason": reason}
        return self._record(lambda standing: benefits.stop(standing, from_month, reason), BenefitStopped, **told)

    def fail(self, payment: str, on: date, reason: str) -> Receipt:
        """Record that the bank sent a payment back. Raises what domain.benefit.fail does."""
        told: dict[str, Any] = {"payment": payment, "on": on, "reason": reason}
        return self._record(lambda standing: benefits.fail(standing, payment, on, reason), PaymentFailed, **told)

    def recover(self, payment: str, fen: int, reason: Literal["fraud", "error", "other"], on: date) -> Receipt:
        """Record that a payment, or part of it, was taken back. Raises PaymentUnknown."""
        told: dict[str, Any] = {"payment": payment, "on": on, "fen": fen, "reason": reason}
        return self._record(
            lambda standing: benefits.recover(standing, payment, on, fen, reason), PaymentRecovered, **told
        )

    def _household(self, on: date) -> str | None:
        """Name the household whose one grant this is; None where the programme grants to each.

        The name is the key of the entry: of two spouses granted at once the database refuses one.
        Raises HouseholdGranted where the household has had its grant.
        """
        terms = self.document.programme.benefit
        if terms is None or terms.once_per != "household":
            return None
        subject, number = self.filed.subject, self.filed.application.number
        place, programme = self.filed.round.place, self.filed.round.programme

        def look(snapshot: Snapshot) -> UUID | None:
            had = grants_of_household(snapshot.cursor, snapshot.schemas, subject, on, snapshot.position)
            if any(
                (row.place, row.variant) == (place, programme) and (row.ref_stream, row.spell) != (subject, number)
                for row in had
            ):
                raise HouseholdGranted
            return spouse_on(snapshot.cursor, snapshot.schemas, subject, on, snapshot.position)

        pair = sorted(str(one) for one in (subject, self.office.ask(look)) if one is not None)
        return "/".join(["household", place, programme, *pair])

    def _record(
        self, decide: Callable[[Benefit], Fact], kind: type[Fact], household: str | None = None, **told: Any
    ) -> Receipt:
        filed = self.filed
        number, programme = filed.application.number, filed.round.programme

        def act() -> Receipt:
            return again(lambda: self._decided(decide, household))

        named = {"programme": programme, "application": number}
        return once(act, lambda: self.office.benefits.said(filed.subject), kind, **named, **told)

    def _decided(self, decide: Callable[[Benefit], Fact], household: str | None) -> Receipt:
        filed = self.filed
        return self.office.benefits.record(
            filed.subject,
            filed.round.programme,
            filed.application.number,
            decide,
            self.hand,
            round_name=filed.round.name,
            household=household,
        )


def paying(office: Office, name: str, number: str, hand: Hand) -> Paying:
    """Find the benefit of an application. Raises ApplicationUnknown, RoundUnknown, ProgrammeUnknown."""
    filed = office.applications.of(name, number, hand)
    return Paying(office, filed, office.ask(lambda snapshot: snapshot.programme(filed.round.content)), hand)


def benefit_json(now: Benefit) -> dict[str, Any]:
    """Give a benefit as JSON values; one that was not started has no programme."""
    if not now.programme:
        return {"programme": None}
    return {
        "programme": now.programme,
        "application": now.application,
        "first_month": month_text(now.first),
        "months": now.months,
        "fen_per_month": now.fen_per_month,
        "paid_fen": now.paid_fen,
        "overpaid_fen": now.overpaid_fen,
        "forfeited": [month_text(month) for month in sorted(now.forfeited)],
        "checked_on": now.checked_on,
        "passed": now.passed,
        "stopped_for": now.stopped_for,
        "over": now.is_over(),
        "payments": {
            number: {
                "first": month_text(p.first),
                "last": month_text(p.last),
                "fen": p.fen,
                "failed": p.failed,
                "recovered": p.recovered,
            }
            for number, p in now.paid.items()
        },
    }
