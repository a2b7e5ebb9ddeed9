"""Statements and one-time answers over HTTP: the resident has them issued, anybody checks, nobody learns more."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain import facts
from ledger.embedded import Embedded
from ledger.evidence.receipts import check_receipt, in_document
from ledger.statements import Statements, hash_of
from ledger.transparency.policy import read_policy
from tests.api.house import TODAY
from tests.api.office import Called, called
from tests.api.school_round import AUTHORITY, HAND
from tests.api.test_transparency import signed
from tests.database import fresh_ledger

POINTS = "25.00"
"""Twenty for the age, five for ten insured months."""
ASKED = {"party": "某银行", "at_least": "25", "place": AUTHORITY}
_numbers = count(1)


@pytest.fixture(scope="module")
def office(server: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Called]:
    """One office for these tests; each has residents of its own."""
    with fresh_ledger(server) as database, called(database, tmp_path_factory.mktemp("office")) as found:
        yield found


@pytest.fixture
def who(office: Called) -> str:
    """Give somebody with a permit in use and ten insured months."""
    number = next(_numbers)
    subject = office.town.born(f"holder-{number}", number, "19880101")
    office.town.says(
        subject,
        facts.PermitIssued(on=date(2025, 12, 1), place=AUTHORITY, permit=f"P-{number}"),
        *(facts.InsuranceMonthPaid(month=f"2025-{month:02}", place=AUTHORITY) for month in range(1, 11)),
    )
    return str(subject)


def own(who: str) -> str:
    return f"resident:{who}"


def issued(office: Called, who: str, **said: Any) -> dict[str, Any]:
    told: dict[str, Any] = office.post(f"/v1/residents/{who}/statements", said, own(who))
    return told


def authorised(office: Called, who: str, **said: Any) -> str:
    told = office.post(f"/v1/residents/{who}/authorisations", {**ASKED, **said}, own(who))
    return str(told["code"])


def test_a_statement_says_points_place_day_and_validity_and_anybody_checks_it(office: Called, who: str) -> None:
    told = issued(office, who)
    checked = office.get(f"/v1/statements/{told['number']}", None)

    assert (told["points"], told["place"], told["as_of"]) == (POINTS, AUTHORITY, str(TODAY))
    assert (told["last_day"], told["valid"]) == (str(TODAY + timedelta(days=29)), True)
    assert checked == told
    assert who not in str(checked)


def test_it_is_printed_with_the_receipt_that_anybody_checks_offline(office: Called, who: str) -> None:
    told = issued(office, who, place=AUTHORITY, days=5)
    path = f"/v1/residents/{who}/statements/{told['number']}"
    before = office.home.get(path, own(who))
    verifier = signed(office.home)
    paper = office.home.get(path, own(who))
    receipt = in_document(paper.content)
    checked = check_receipt(receipt or "", read_policy(f"log {verifier.vkey()}\nquorum none\n"))

    assert (before.status_code, before.json()["code"]) == (404, "not-in-log")
    assert (paper.status_code, paper.headers["content-type"]) == (200, "application/pdf")
    assert isinstance(checked.fact, facts.StatementIssued)
    assert checked.fact.number == told["number"]


def test_nobody_has_or_prints_anothers_statement(office: Called, who: str) -> None:
    number, other = issued(office, who)["number"], str(uuid4())
    path = f"/v1/residents/{who}/statements"
    told = [
        office.home.client.post(path, json={}, headers=office.home.headers(own(other))),
        office.home.get(f"{path}/{number}", own(other)),
        office.home.get(f"/v1/residents/{other}/statements/{number}", own(other)),
        office.home.get("/v1/statements/S-AAAAAAAAAAAAA"),
    ]

    assert [one.status_code for one in told] == [404] * 4
    assert [one.json()["code"] for one in told[:2]] == ["subject-unknown"] * 2
    assert told[2].json()["code"] == told[3].json()["code"] == "statement-unknown"


@pytest.mark.parametrize(("at_least", "met"), [("25", True), ("25.0001", False), ("0", True)])
def test_whoever_has_the_code_learns_yes_or_no_and_nothing_else(
    office: Called, who: str, at_least: str, met: object
) -> None:
    code = authorised(office, who, at_least=at_least)
    told = office.post("/v1/answers", {"code": code.lower().replace("-", " ")}, None, status=200)

    assert (told["met"], told["place"], told["as_of"]) == (met, AUTHORITY, str(TODAY))
    assert sorted(told) == ["as_of", "at_least", "met", "place"]


def test_a_code_is_answered_once_and_the_resident_sees_by_whom_it_was_asked(office: Called, who: str) -> None:
    code = authorised(office, who)
    office.post("/v1/answers", {"code": code}, None, status=200)
    again = office.refused("/v1/answers", {"code": code}, None)
    readers = office.home.get(f"/v1/residents/{who}/readers", own(who)).json()

    assert again == "code-used"
    assert "check" in [one["purpose"] for one in readers["readings"]]


def test_of_many_who_ask_at_once_with_one_code_one_is_answered(office: Called, who: str) -> None:
    code = authorised(office, who)
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: office.home.client.post("/v1/answers", json={"code": code}), range(4)))

    assert sorted(one.status_code for one in told) == [200, 409, 409, 409]


def test_an_authorisation_that_is_over_and_a_code_that_nobody_gave_are_refused(office: Called, who: str) -> None:
    over = facts.QuestionAuthorised(
        code=hash_of("OVER"),
        party="某银行",
        place=AUTHORITY,
        at_least_e4=0,
        authorised_on=TODAY - timedelta(days=7),
        expires_on=TODAY,
    )
    Statements(office.home.desk.ledger).authorise(UUID(who), over, HAND)

    assert office.refused("/v1/answers", {"code": "over"}, None) == "code-expired"
    assert office.refused("/v1/answers", {"code": "XXXX"}, None) == "code-unknown"


@pytest.mark.parametrize(
    ("noun", "said", "where"),
    [
        ("statements", {"days": 0}, "body.days"),
        ("statements", {"days": 367}, "body.days"),
        ("statements", {"place": "33"}, "body.place"),
        ("statements", {"more": 1}, "body"),
        ("authorisations", {**ASKED, "at_least": "-1"}, "body.at_least"),
        ("authorisations", {**ASKED, "at_least": "1e400"}, "body.at_least"),
        ("authorisations", {**ASKED, "at_least": 60}, "body.at_least"),
        ("authorisations", {**ASKED, "party": ""}, "body.party"),
        ("authorisations", {"party": "某银行", "at_least": "25"}, "body.place"),
    ],
)
def test_a_body_that_does_not_fit_is_told_where(
    office: Called, who: str, noun: str, said: dict[str, Any], where: str
) -> None:
    path = f"/v1/residents/{who}/{noun}"
    told = office.home.client.post(path, json=said, headers=office.home.headers(own(who)))

    assert (told.status_code, [one["where"] for one in told.json()["errors"]]) == (422, [where])


def test_who_lives_nowhere_has_no_statement_but_of_a_place_that_is_named(office: Called) -> None:
    nowhere = str(office.town.born("nowhere", next(_numbers), "19880101"))
    office.town.says(UUID(nowhere), facts.EducationAwarded(level="college", awarded_on=date(2010, 7, 1)))

    assert office.refused(f"/v1/residents/{nowhere}/statements", {}, own(nowhere)) == "nowhere-at-home"
    assert issued(office, nowhere, place=AUTHORITY)["points"] == "0.00"
