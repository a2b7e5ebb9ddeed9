"""A subsidy for 36 months: checked before each payment, fixed in amount, stopped, failed, recovered."""

from datetime import date
from typing import Any

import pytest

from domain.benefit import (
    Benefit,
    BenefitIsOver,
    NothingDue,
    NotRechecked,
    PaymentUnknown,
    due_payment,
    evolve,
    fail,
    fold,
    pay,
    recheck,
    recover,
    start,
    stop,
)
from domain.civil import first_day, month_of, month_text
from domain.facts import Fact
from domain.programme import granted
from ledger.programmes import read_programmes
from tests.domain.given import CIXI, HOUSE

RENTAL = read_programmes(HOUSE / "programmes" / "330282" / "2022-06-14.rental.yaml")[0].programme


def day(text: str) -> date:
    return date.fromisoformat(text)


def begun() -> Benefit:
    grant = granted(RENTAL, "centre", day("2022-06-20"))
    assert grant is not None
    return evolve(Benefit(), start(grant, "rental", "A1", CIXI, day("2022-07-15")))


def quarter(benefit: Benefit, number: int, *unmet: str) -> Benefit:
    """Check in the first month after a quarter, and pay if the check is passed."""
    on = first_day(month_of("2022-07") + 3 * number).replace(day=10)
    benefit = evolve(benefit, recheck(benefit, unmet, on))
    return benefit if unmet else evolve(benefit, pay(benefit, f"P{number}", on, "quarterly"))


def test_317_yuan_for_36_months_are_twelve_payments() -> None:
    benefit = begun()
    for number in range(12):
        benefit = quarter(benefit, number)

    assert (benefit.paid_fen, len(benefit.paid), benefit.is_over()) == (36 * 31_700, 12, True)
    with pytest.raises(BenefitIsOver):
        pay(benefit, "P13", day("2025-07-10"), "quarterly")


def test_a_failed_check_forfeits_its_quarter_and_the_end_stays() -> None:
    benefit = begun()
    for number in range(12):
        benefit = quarter(benefit, number, *(["contract"] if number == 4 else []))

    assert (benefit.paid_fen, len(benefit.paid), benefit.is_over()) == (33 * 31_700, 11, True)


def test_nothing_is_paid_before_the_check_nor_before_the_quarter_is_over() -> None:
    benefit = begun()

    with pytest.raises(NotRechecked):
        pay(benefit, "P1", day("2022-07-10"), "quarterly")
    checked = evolve(benefit, recheck(benefit, [], day("2022-06-30")))
    with pytest.raises(NothingDue):
        pay(checked, "P1", day("2022-06-30"), "quarterly")
    with pytest.raises(NotRechecked):
        pay(checked, "P1", day("2022-07-10"), "quarterly")


def test_one_check_pays_one_quarter() -> None:
    paid = quarter(begun(), 0)

    with pytest.raises(NotRechecked):
        pay(paid, "P2", day("2022-10-10"), "quarterly")


def test_a_payment_that_failed_is_owed_still() -> None:
    paid = quarter(begun(), 0)
    failed = evolve(paid, fail(paid, "P0", day("2022-07-12"), "账户已销户"))
    again = pay(failed, "P0b", day("2022-07-20"), "quarterly")

    assert (failed.paid_fen, again.first_month, again.fen) == (0, "2022-04", 95_100)
    with pytest.raises(PaymentUnknown):
        fail(failed, "P0", day("2022-07-13"), "账户已销户")


def test_death_stops_from_the_month_after_and_what_was_paid_too_much_is_owed_back() -> None:
    benefit = quarter(quarter(begun(), 0), 1)
    stopped = evolve(benefit, stop(benefit, month_of("2022-09"), "death"))

    assert (stopped.overpaid_fen, stopped.is_over(), stopped.stopped_for) == (31_700, True, "death")
    returned = evolve(stopped, recover(stopped, "P1", day("2022-11-01"), 31_700, "error"))
    assert (returned.overpaid_fen, returned.paid_fen) == (0, 5 * 31_700)


def test_after_fraud_every_payment_is_recovered_and_no_more_than_was_paid() -> None:
    benefit = quarter(quarter(begun(), 0), 1)
    stopped = evolve(benefit, stop(benefit, benefit.first, "fraud"))

    assert stopped.overpaid_fen == 6 * 31_700
    for number in ("P0", "P1"):
        stopped = evolve(stopped, recover(stopped, number, day("2022-12-01"), 95_100, "fraud"))
    assert (stopped.overpaid_fen, stopped.paid_fen) == (0, 0)
    with pytest.raises(PaymentUnknown):
        recover(stopped, "P0", day("2022-12-02"), 1, "fraud")


def test_a_stopped_benefit_is_not_stopped_again_nor_checked() -> None:
    stopped = evolve(begun(), stop(begun(), month_of("2022-04"), "withdrawn"))

    with pytest.raises(BenefitIsOver):
        stop(stopped, month_of("2022-05"), "other")
    with pytest.raises(BenefitIsOver):
        recheck(stopped, [], day("2022-07-10"))


@pytest.mark.parametrize(
    ("pays", "on", "due"),
    [
        ("monthly", "2022-05-01", ("2022-04", "2022-04")),
        ("monthly", "2022-04-30", None),
        ("quarterly", "2022-07-01", ("2022-04", "2022-06")),
        ("yearly", "2023-01-01", ("2022-04", "2022-12")),
        ("yearly", "2022-12-31", None),
        ("once", "2025-04-01", ("2022-04", "2025-03")),
    ],
)
def test_what_is_due_follows_the_calendar(pays: str, on: str, due: Any) -> None:
    found = due_payment(begun(), day(on), pays)

    assert (found and tuple(map(month_text, found))) == due


def test_a_replay_gives_the_same_state() -> None:
    facts: list[Fact] = []
    benefit = begun()
    grant = granted(RENTAL, "centre", day("2022-06-20"))
    assert grant is not None
    facts.append(start(grant, "rental", "A1", CIXI, day("2022-07-15")))
    for number in range(3):
        on = first_day(month_of("2022-07") + 3 * number).replace(day=10)
        facts.append(recheck(benefit, [], on))
        benefit = evolve(benefit, facts[-1])
        facts.append(pay(benefit, f"P{number}", on, "quarterly"))
        benefit = evolve(benefit, facts[-1])

    assert fold(facts) == benefit
