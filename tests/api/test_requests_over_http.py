"""Rights requests over HTTP: a resident asks and fetches the copy, officers answer, and nobody sees another's."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from domain import facts
from domain.facts import Stream
from ledger.embedded import Embedded
from ledger.evidence.archive import unpacked
from ledger.streams import named
from tests.api.house import PURPOSE, TODAY
from tests.api.office import Called, called
from tests.api.school_round import AUTHORITY
from tests.database import fresh_ledger

OFFICER, SECOND, AUDITOR = "officer:c-1", "officer:c-2", "auditor:a-1"
COPY = {"request": "R-1", "right": "copy", "place": AUTHORITY}
_numbers = count(1)


@pytest.fixture(scope="module")
def office(server: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Called]:
    """One office for these tests; each has residents of its own."""
    with fresh_ledger(server) as database, called(database, tmp_path_factory.mktemp("office")) as found:
        yield found


def resident(office: Called) -> str:
    """Give somebody with two months of insurance and an offence."""
    who = office.town.born("resident", next(_numbers), "19880101")
    months = (facts.InsuranceMonthPaid(month=f"2024-0{n}", place=AUTHORITY, payer="某单位") for n in (1, 2))
    offence = facts.RestrictedFact(category="offence", level="minor", place=AUTHORITY, acted_on=date(2024, 2, 1))
    office.town.says(who, *months, offence)
    return str(who)


def own(who: str) -> str:
    return f"resident:{who}"


def at(who: str, rest: str = "") -> str:
    return f"/v1/residents/{who}/requests{rest}"


def test_a_resident_asks_and_fetches_the_copy_that_an_officer_made(office: Called) -> None:
    who = resident(office)
    office.post(at(who), COPY, own(who))
    again = office.post(at(who), COPY, own(who), status=200)
    assert office.home.get(at(who, "/R-1/copy"), own(who), {}).json()["code"] == "request-not-open"
    office.post(at(who, "/R-1/answer"), {}, OFFICER)
    repeated = office.post(at(who, "/R-1/answer"), {}, OFFICER, status=200)
    told = office.get(at(who, "/R-1"), own(who))
    office.town.says(UUID(who), facts.InsuranceMonthPaid(month="2024-03", place=AUTHORITY))
    first, second = (office.home.get(at(who, "/R-1/copy"), own(who), {}) for _ in range(2))
    office.operations.add("fetchCopy")  # bytes: no schema to hold them against
    history = json.loads(unpacked(first.content)["history.json"])

    assert again["duplicate"]
    assert (repeated["recorded"], repeated["duplicate"]) == (True, True)
    assert (told["state"], told["answered"]["decided_by"], told["days_over"]) == ("answered", OFFICER, 0)
    assert hashlib.sha256(first.content).hexdigest() == told["answered"]["digest"]
    assert (first.status_code, first.headers["content-type"]) == (200, "application/zip")
    assert first.content == second.content
    assert [one["kind"] for one in history].count("insurance-month-paid.v1") == 2


def test_staff_see_the_clock_and_never_what_was_said_in_words(office: Called) -> None:
    who = resident(office)
    office.post(at(who), {**COPY, "statement": "想看看全部内容"}, own(who))
    seen = [office.home.get(at(who), actor, PURPOSE) for actor in (OFFICER, AUDITOR)]
    [told] = office.get(at(who), OFFICER)["requests"]

    assert all("想看看" not in one.text for one in seen)
    assert (told["state"], told["answer_by"] > told["asked_on"], "GB/T 35273" in told["source"]) == (
        "received",
        True,
        True,
    )
    looked = office.home.get(f"/v1/residents/{who}/readers", own(who), {}).json()["readings"]
    assert [one["reader"] for one in looked] == [OFFICER, AUDITOR, OFFICER]


def test_a_correction_an_explanation_a_refusal_and_a_withdrawal(office: Called) -> None:
    who = resident(office)
    for number, right in (("R-1", "correct"), ("R-2", "explain"), ("R-3", "delete"), ("R-4", "copy")):
        office.post(at(who), {**COPY, "request": number, "right": right}, own(who))
    assert office.refused(at(who, "/R-1/answer"), {"cites": [2]}, OFFICER) == "nothing-done"
    [fixed] = office.town.says(UUID(who), facts.InsuranceMonthPaid(month="2024-04", place=AUTHORITY))
    office.post(at(who, "/R-1/answer"), {"cites": [fixed.version]}, OFFICER)
    office.post(at(who, "/R-2/answer"), {}, OFFICER)
    refusal = {"because": "retention", "reason": "保存期限未满"}
    office.post(at(who, "/R-3/refusal"), refusal, OFFICER)
    assert office.post(at(who, "/R-3/refusal"), refusal, OFFICER, status=200)["duplicate"]
    office.post(at(who, "/R-4/withdrawal"), {}, own(who))
    told = {one["request"]: one for one in office.get(at(who), own(who))["requests"]}

    assert [told[f"R-{n}"]["state"] for n in range(1, 5)] == ["answered", "answered", "refused", "withdrawn"]
    assert told["R-1"]["answered"]["cites"] == [fixed.version]
    assert (told["R-2"]["answered"]["as_of"], told["R-2"]["answered"]["as_at"] > 0) == (TODAY.isoformat(), True)
    assert "第五十条" in told["R-3"]["refused"]["remedy"]


def test_an_entry_is_deleted_by_two_officers_who_send_the_same(office: Called) -> None:
    who = resident(office)
    target = facts.Ref(stream=UUID(who), version=4)
    office.town.says(UUID(who), facts.FactVoided(reason="sealed-by-law"), refers_to=target)
    office.post(at(who), {**COPY, "right": "delete", "versions": [4]}, own(who))
    assert office.refused(at(who, "/R-1/answer"), {}, OFFICER) == "basis-missing"
    deletion = {"reason": "依申请"}
    asked = office.post(at(who, "/R-1/answer"), deletion, OFFICER, status=202)
    alone = office.post(at(who, "/R-1/answer"), deletion, OFFICER, status=202)
    office.post(at(who, "/R-1/answer"), deletion, SECOND)
    told = office.get(at(who, "/R-1"), own(who))

    assert (asked["recorded"], alone["recorded"]) == (False, False)
    assert (told["state"], told["answered"]["cites"], told["erased"]) == ("answered", [4], False)


def test_a_relative_asks_at_a_window_and_no_resident_for_another(office: Called) -> None:
    who, child = resident(office), office.town.born("child", next(_numbers), "20120101")
    kin = {**COPY, "relative": str(child), "statement": "办理继承"}
    assert office.refused(at(who), kin, OFFICER) == "not-deceased"
    tie = facts.FamilyTieRecorded(tie="child", subject=UUID(who), other=child, since=date(2012, 1, 1), spell="F-1")
    office.town.says(named(Stream.FAMILY, f"tests/{who}"), tie)
    office.town.says(UUID(who), facts.DeathRecorded(on=date(2025, 12, 1)))
    assert office.refused(at(who), kin, own(str(child))) == "subject-unknown"
    office.post(at(who), kin, OFFICER)

    assert office.get(at(who, "/R-1"), OFFICER)["relation"] == "child"


def test_what_nobody_asked_for_and_whose_number_it_may_be_are_unknown(office: Called) -> None:
    who = resident(office)
    nobody = "7c2a9d7e-6f0b-4c1f-9d59-0f0d5a3c2b11"
    codes = [
        office.home.get(path, OFFICER, PURPOSE).json()["code"]
        for path in (at(who, "/R-9"), at(who, "/330282198001011234"), at(nobody), at(nobody, "/R-1"))
    ]

    assert codes == ["request-unknown", "request-unknown", "subject-unknown", "subject-unknown"]


def test_every_operation_on_requests_was_called_and_answered_as_described(office: Called) -> None:
    paths = office.home.get("/openapi.json").json()["paths"]
    described: list[dict[str, Any]] = [one for methods in paths.values() for one in methods.values()]
    ours = {one["operationId"] for one in described if one["tags"] == ["requests"]}

    assert ours - office.operations == set()
