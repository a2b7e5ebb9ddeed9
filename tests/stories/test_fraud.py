"""A subsidy drawn on a forged contract: paid, sent back, paid again; fraud found, and all of it taken back."""

from datetime import date
from typing import Any

from api.cli.output import Exit
from domain import facts
from tests.api.school_round import AUTHORITY, town
from tests.stories.test_school_round import says

__all__ = ["says"]
ROUND, LATER = "cx.rental-2023", "cx.rental-2024"


def test_a_payment_is_recovered_after_fraud_and_the_bar_keeps_until_its_day(says: Any) -> None:
    says("round", "open", ROUND, "cx.rental", "--opens", "2023-05-01", "--closes", "2023-05-31")
    says("round", "places", ROUND, "all", "10", "--on", "2023-05-01")
    with town() as told:
        tenant = told.born("tenant", 7, "19880101")
        contract = facts.EmploymentStarted(
            started_on=date(2023, 1, 1), place=AUTHORITY, spell="E-1", basis="labour-contract"
        )
        permit = facts.PermitIssued(on=date(2023, 1, 10), place=AUTHORITY, permit="P-7")
        endorsed = facts.PermitEndorsed(on=date(2024, 1, 9), place=AUTHORITY, permit="P-7")
        forged = told.says(tenant, permit, endorsed, contract)[-1].ref
        told.delivers("permit-issued")
        told.delivers("employment-started")
    says("round", "apply", ROUND, str(tenant), "--number", "R-7", "--zone", "outside", "--on", "2023-05-31")
    says("round", "lock", ROUND, "--on", "2023-06-01")
    says("round", "rank", ROUND, "--publish", "--on", "2023-06-02")
    says("benefit", "start", ROUND, "R-7", "--on", "2023-06-05")
    says("benefit", "recheck", ROUND, "R-7", "--on", "2024-01-10")
    says("benefit", "pay", ROUND, "R-7", "--payment", "1", "--on", "2024-01-10")
    says("benefit", "fail", ROUND, "R-7", "--payment", "1", "--reason", "账户已销户", "--on", "2024-01-15")
    paid = says("benefit", "pay", ROUND, "R-7", "--payment", "1b", "--on", "2024-01-20")
    assert (paid["payments"]["1"]["failed"], paid["paid_fen"]) == (True, 7 * 23_100)

    with town(20) as told:  # the employer says that there was never such a contract
        told.says(tenant, facts.FactVoided(reason="fraud"), refers_to=forged)
    finding = ("fraud", "find", str(tenant), "--place", AUTHORITY, "--on", "2024-03-01", "--until", "2027-03-01")
    why = ("--basis", "劳动合同系伪造", "--reason", "核查属实")
    says(*finding, *why, "--by", "officer:a", code=Exit.INCOMPLETE)
    assert says(*finding, *why, "--by", "officer:b")["recorded"]
    stopped = says("benefit", "stop", ROUND, "R-7", "--from", "2023-06", "--reason", "fraud")
    taken = ("--payment", "1b", "--fen", str(7 * 23_100), "--reason", "fraud", "--on", "2024-04-01")
    end = says("benefit", "recover", ROUND, "R-7", *taken)
    more = says("benefit", "recover", ROUND, "R-7", *taken[:2], "--fen", "1", *taken[4:6], code=Exit.USAGE)
    says("round", "open", LATER, "cx.rental", "--opens", "2024-05-01", "--closes", "2024-05-31")
    again = ("round", "apply", LATER, str(tenant), "--zone", "outside")
    barred = says(*again, "--number", "R-8", "--on", "2024-05-10", code=Exit.REFUSED)
    [candidate] = says("decision", "candidates", "--round", ROUND)["candidates"]

    assert (stopped["overpaid_fen"], stopped["over"]) == (7 * 23_100, True)
    assert (end["overpaid_fen"], end["paid_fen"], more["error"]["code"]) == (0, 0, "payment-unknown")
    assert barred["error"]["code"] == "barred-after-fraud"
    assert (candidate["turns"], [each["kind"] for each in candidate["causes"]]) == (True, ["fact-voided"])
