"""A year's assessment over HTTP: joined, claimed, examined by two, certified twice; fraud and its bar."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from domain import facts
from ledger.embedded import Embedded
from tests.api.commands import ROOT
from tests.api.house import publish
from tests.api.office import DISTRICT, Called, called
from tests.api.rounds import opened as round_opened
from tests.api.school_round import AUTHORITY
from tests.api.test_description import ASSESSED
from tests.database import fresh_ledger

YEAR = f"/v1/assessments/{AUTHORITY}/2025"
WINDOW = {"opens_on": "2025-03-01", "closes_on": "2025-03-31", "counted_on": "2025-03-31"}
ORGAN, OTHER, AUDITOR = f"organ:{DISTRICT}", "organ:nb-hrss", "auditor:a-1"
FIRST, SECOND = "officer:o-1", "officer:o-2"
TABLE = ROOT / "rulebooks" / AUTHORITY / "2022-04-01.yaml"
EVIDENCE = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
NOBODY = "7c2a9d7e-6f0b-4c1f-9d59-0f0d5a3c2b11"
_people = iter(range(700, 800))


@pytest.fixture(scope="module")
def office(server: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Called]:
    """One office with a year that its organ has opened; each test has people of its own."""
    with fresh_ledger(server) as database, called(database, tmp_path_factory.mktemp("office")) as found:
        publish(found.home.desk, TABLE)  # the province's table is there already
        found.home.grant(DISTRICT, "assessment-opened", AUTHORITY)
        found.post("/v1/assessments", {"place": AUTHORITY, "year": 2025, **WINDOW})
        yield found


def resident(office: Called) -> str:
    """Give somebody of 36 with a permit and ten insured months: 20 points of age, 5 of insurance."""
    number = next(_people)
    subject = office.town.born(f"r{number}", number, "19880101")
    permit = facts.PermitIssued(on=date(2024, 11, 1), place=AUTHORITY, permit=f"P-{number}")
    months = [facts.InsuranceMonthPaid(month=f"2024-{n:02}", place=AUTHORITY) for n in range(1, 11)]
    office.town.says(subject, permit, *months)
    return str(subject)


def claim(office: Called, who: str, number: str, **more: Any) -> Any:
    said = {"claim": number, "item": "cx.individual/granted", "subject": who, "evidence": EVIDENCE}
    return office.post(f"{YEAR}/claims", {**said, "on": "2025-03-28", **more})


def of(who: str) -> str:
    return f"{YEAR}/residents/{who}"


def test_a_new_item_is_examined_by_two_and_certified_row_by_row(office: Called) -> None:
    who = resident(office)
    filed = claim(office, who, "C-1")
    granted = {"answer": "granted", "points": "7.5", "on": "2025-03-31"}
    answer, certificate = f"{of(who)}/claims/C-1/answer", f"{of(who)}/certificate"
    waits = office.get(YEAR)["waiting"]
    certify = {"valid_to": "2026-04-01", "on": "2025-04-01"}

    assert filed["answer_by"] == "2025-04-14"  # ten working days, over a weekend and a holiday
    assert [(one["claim"], one["overdue"]) for one in waits if one["subject"] == who] == [("C-1", True)]
    assert office.refused(certificate, certify) == "claims-are-open"
    assert office.post(answer, granted, FIRST, status=202) == {"recorded": False, "position": None}
    assert office.post(answer, granted, FIRST, status=202)["recorded"] is False
    recorded = office.post(answer, granted, SECOND)
    assert recorded["recorded"] is True
    assert office.post(answer, granted, SECOND, status=200) == recorded
    assert office.refused(answer, granted | {"points": "7"}, SECOND) == "no-such-claim"
    first = office.post(certificate, certify)
    assert first["points"] == "32.50"
    assert office.post(certificate, certify, status=200) == {**first, "duplicate": True}
    year = office.get(of(who), f"resident:{who}")
    items = {one["item"]: (one["points"], one["counted_on"]) for one in year["certified"]["items"]}
    assert (year["state"], year["joined_on"], year["claims"]["C-1"]["state"]) == (
        "certified",
        "2025-03-28",
        "granted",
    )
    assert items["cx.individual/granted"] == ("7.50", "2025-03-31")
    assert items["zj.common/insurance"] == ("5.00", "2025-03-31")


def test_a_recheck_has_five_working_days_and_what_came_late_is_certified_again(office: Called) -> None:
    who = resident(office)
    recheck = {"item": "zj.common/insurance", "asks": "recheck", "evidence": None, "months": ["2024-11"]}
    filed = claim(office, who, "C-2", on="2025-03-10", **recheck)
    answered = office.post(f"{of(who)}/claims/C-2/answer", {"answer": "granted", "on": "2025-03-12"})
    first = office.post(f"{of(who)}/certificate", {"on": "2025-04-01"})
    [subject] = [s for s in office.town.subjects.values() if str(s) == who]
    office.town.says(subject, facts.InsuranceMonthPaid(month="2024-11", place=AUTHORITY))
    second = office.post(f"{of(who)}/certificate", {"on": "2025-05-06"})
    year = office.get(of(who), AUDITOR)

    assert (filed["answer_by"], answered["recorded"]) == ("2025-03-17", True)
    assert (first["points"], second["points"], year["certificates"]) == ("25.00", "25.50", 2)
    assert year["certified"]["points"] == "25.50"


def test_who_does_not_take_part_is_shown_so_and_not_certified_where_an_application_is_asked_for(
    office: Called,
) -> None:
    who, other = resident(office), resident(office)
    opt_in = {"year": 2026, "opens_on": "2026-01-01", "closes_on": "2026-01-31", "counted_on": "2025-10-20"}
    office.post("/v1/assessments", {"place": AUTHORITY, **opt_in, "opt_in": True}, FIRST)
    at = f"/v1/assessments/{AUTHORITY}/2026"
    joined = office.post(f"{at}/participations", {}, f"resident:{who}")
    again = office.post(f"{at}/participations", {}, f"resident:{who}", status=200)

    assert (joined["duplicate"], again["duplicate"]) == (False, True)
    assert office.get(f"{at}/residents/{other}", f"resident:{other}")["state"] == "not_taken_part"
    assert office.refused(f"{at}/residents/{other}/certificate", {}, FIRST) == "did-not-take-part"
    assert office.post(f"{at}/residents/{who}/certificate", {}, FIRST)["points"] == "25.00"
    assert office.refused(f"{at}/residents/{who}/certificate", {}) == "assessment-of-another"
    assert office.get(at, AUDITOR)["counts"] == {"certified": 1}


def test_fraud_is_found_by_two_and_bars_until_its_day(office: Called) -> None:
    who = resident(office)
    finding = {
        "subject": who,
        "place": AUTHORITY,
        "barred_until": "2029-01-10",
        "basis": "伪造劳动合同",
        "reason": "举报核实",
        "on": "2026-01-10",
    }
    at = round_opened(office, "cx.loan-barred", "cx.loan", opens_on="2026-01-01", closes_on="2026-01-31")

    assert office.post("/v1/frauds", finding, FIRST, status=202)["recorded"] is False
    assert office.post("/v1/frauds", finding, SECOND)["recorded"] is True
    assert office.post("/v1/frauds", finding, SECOND, status=200)["recorded"] is True
    applied = {"application": "B-1", "subject": who, "on": "2026-01-12"}
    assert office.refused(f"{at}/applications", applied) == "barred-after-fraud"


def test_what_cannot_be_is_refused_by_name_and_nothing_is_stored(office: Called) -> None:
    who, other = resident(office), resident(office)
    claim(office, who, "C-3", on="2025-03-10")
    claims, own = f"{YEAR}/claims", f"resident:{who}"
    said = {"claim": "C-9", "item": "cx.individual/granted", "subject": who, "on": "2025-03-11"}
    window = {"place": AUTHORITY, "year": 2025, **WINDOW}
    nowhere = f"/v1/assessments/{AUTHORITY}/2031"
    finding = {"subject": who, "place": AUTHORITY, "basis": "伪造", "reason": "核实", "on": "2026-01-10"}
    answer = f"{of(who)}/claims/C-3/answer"
    refusals: list[tuple[str, dict[str, Any], str, str]] = [
        ("/v1/assessments", {**window, "year": 2027}, "organ:edu-nowhere", "organ-not-competent"),
        ("/v1/assessments", {**window, "closes_on": "2025-02-01"}, ORGAN, "parameters-invalid"),
        ("/v1/assessments", {**window, "opt_in": True}, ORGAN, "request-conflict"),
        (claims, said, ORGAN, "claim-stands-already"),
        (claims, {**said, "item": "zj.common/age", "on": "2025-04-01"}, ORGAN, "assessment-not-open"),
        (claims, said, OTHER, "assessment-of-another"),
        (claims, {**said, "subject": other}, own, "parameters-invalid"),
        (claims, {**said, "subject": None}, ORGAN, "parameters-invalid"),
        (f"{nowhere}/claims", said, ORGAN, "assessment-unknown"),
        (f"{YEAR}/participations", {"subject": NOBODY, "on": "2025-03-11"}, ORGAN, "subject-unknown"),
        (f"{of(NOBODY)}/certificate", {"on": "2025-04-01"}, FIRST, "subject-unknown"),
        (answer, {"answer": "granted", "points": "51", "on": "2025-03-12"}, FIRST, "above-maximum"),
        (answer, {"answer": "returned", "reason": "缺页", "on": "2025-03-12"}, FIRST, "parameters-invalid"),
        (answer, {"answer": "refused", "on": "2025-03-12"}, FIRST, "parameters-invalid"),
        (f"{of(who)}/claims/C-8/answer", {"answer": "granted", "on": "2025-03-12"}, FIRST, "no-such-claim"),
        ("/v1/frauds", {**finding, "barred_until": "2026-01-10"}, FIRST, "parameters-invalid"),
        ("/v1/frauds", {**finding, "barred_until": "2027-01-10"}, ORGAN, "role-not-allowed"),
    ]

    assert [office.refused(path, body, actor) for path, body, actor, _ in refusals] == [
        code for *_, code in refusals
    ]
    assert office.home.get(of(other), own).json()["code"] == "subject-unknown"


def test_every_operation_was_called_and_answered_as_described(office: Called) -> None:
    """Run last in this file, whose tests run one after the other: the others have called."""
    paths = office.home.get("/openapi.json").json()["paths"]
    named = {
        one["operationId"] for methods in paths.values() for one in methods.values() if one["tags"][0] in ASSESSED
    }

    assert named - office.operations == set()
