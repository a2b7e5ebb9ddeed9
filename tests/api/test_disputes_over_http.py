"""Disputes over HTTP: what a resident does, what the office does, and what each may see and not do."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest

from ledger.embedded import Embedded
from ledger.evidence.receipts import check_receipt
from ledger.transparency.policy import read_policy
from tests.api.house import HRSS, PURPOSE, TODAY
from tests.api.office import Called, called
from tests.api.rental_round import WINDOW, deliver_all, tenant
from tests.api.school_round import AUTHORITY, TOWN, certified
from tests.api.test_description import CONTESTED
from tests.api.test_transparency import signed
from tests.database import fresh_ledger

OFFICER, SECOND, THIRD, FOURTH = (f"officer:c-{number}" for number in range(1, 5))
AUDITOR, ORGAN = "auditor:a-1", f"organ:{HRSS}"
INSURANCE, EDUCATION = "zj.common/insurance", "zj.common/edu"
CLAIM = {"item": INSURANCE, "place": AUTHORITY, "says": "no-data", "months": ["2023-11", "2023-12"]}
CERTIFIED = {**CLAIM, "dispute": "D-1", "year": 2025}
RULING = {"reason": "经社保系统核对", "department": "nb-hrss", "on": "2026-01-14"}
_numbers = count(1)


@pytest.fixture(scope="module")
def office(server: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Called]:
    """One office for these tests; each has residents of its own."""
    with fresh_ledger(server) as database, called(database, tmp_path_factory.mktemp("office")) as found:
        deliver_all(found.town)
        yield found


def resident(office: Called) -> str:
    """Give somebody with a certified score of 2025."""
    who = tenant(office.town, next(_numbers), 10)
    office.town.says(UUID(who), certified(500_000))
    return who


def own(who: str) -> str:
    return f"resident:{who}"


def at(who: str, rest: str = "") -> str:
    return f"/v1/residents/{who}/disputes{rest}"


def opened(office: Called, who: str, **more: Any) -> str:
    """Let a resident contest what was certified; give the dispute's address."""
    office.post(at(who), {**CERTIFIED, **more}, own(who))
    return at(who, f"/{more.get('dispute', 'D-1')}")


def corrected(office: Called, who: str) -> list[int]:
    """Let the organ record the months that were missing; name their versions."""
    found = []
    for month in ("2023-11", "2023-12"):
        event = {
            "specversion": "1.0",
            "type": "insurance-month-paid.v1",
            "source": "/hrss",
            "id": f"{who}/{month}",
            "subject": who,
            "data": {"month": month, "place": "330203"},
        }
        told = office.home.post(event, ORGAN)
        assert told.status_code == 201, told.text
        found.append(int(told.json()["version"]))
    return found


def test_a_resident_contests_a_score_and_the_office_rules_on_what_the_organ_corrected(office: Called) -> None:
    who = resident(office)
    one = opened(office, who, employer="某单位", statement="社保一直在缴")
    paper = {"digest": "ab" * 32, "media_type": "application/pdf", "size": 20_480}
    office.post(f"{one}/evidence", paper, own(who))
    supposed = office.get(f"{one}/preview", own(who))
    office.post(f"{one}/acceptance", {"on": "2026-01-05"}, OFFICER)
    office.post(f"{one}/checks", {"check": "C-1", "organ": HRSS, "on": "2026-01-06"}, OFFICER)
    asked = office.get(one, ORGAN)
    cites = corrected(office, who)
    office.post(f"{one}/answers", {"check": "C-1", "cites": cites, "on": "2026-01-13"}, ORGAN)
    ruling = {**RULING, "outcome": "corrected", "cites": cites}
    first = office.post(f"{one}/ruling", ruling, OFFICER, status=202)
    second = office.post(f"{one}/ruling", ruling, SECOND)
    office.post(f"{one}/service", {"on": "2026-01-15"}, OFFICER)
    office.post(f"{one}/remedies", {"body": "reconsideration", "outcome": "upheld", "on": "2026-01-15"}, OFFICER)
    seen = office.get(one, own(who))
    [listed] = office.get(at(who), own(who))["disputes"]

    assert (supposed["certified"]["year"], float(supposed["if"]) - float(supposed["now"])) == (2025, 1.0)
    assert (asked["employer"], asked["months"], asked["checks"][0]["answered_on"]) == (
        "某单位",
        CLAIM["months"],
        None,
    )
    assert (first["recorded"], second["recorded"], second["duplicate"]) == (False, True, False)
    assert (seen["state"], seen["ruling"]["cites"], seen["evidence"][0]["size"]) == ("ruled", cites, 20_480)
    assert [one["kind"] for one in seen["reasons"]["inputs"]] == ["insurance-month-paid"] * 2
    assert (seen["reasons"]["rule"]["clause"], seen["reasons"]["department"]) == ("省级共性指标·缴纳社保", HRSS)
    assert (seen["served"]["reconsideration_by"], seen["served"]["lawsuit_by"]) == ("2026-03-16", "2026-07-15")
    assert (seen["remedies"][0]["outcome"], listed["reasons"]) == ("upheld", None)


def test_a_resident_takes_the_receipt_of_each_act_home(office: Called) -> None:
    who, other = resident(office), resident(office)
    one = opened(office, who)
    office.post(f"{one}/withdrawal", {}, own(who))
    steps = office.get(one, own(who))["steps"]
    where = [f"{one}/receipts/{step['position']}" for step in steps]
    early = office.home.get(where[0], own(who), {}).json()["code"]
    verifier = signed(office.home)
    policy = read_policy(f"log {verifier.vkey()}\nquorum none\n")
    told = [check_receipt(office.home.get(each, own(who), {}).text, policy) for each in where]
    others = [office.home.get(each, own(other), {}).json()["code"] for each in where]
    elsewhere = office.home.get(f"{one}/receipts/1", own(who), {}).json()["code"]

    assert [step["kind"] for step in steps] == ["dispute-opened", "dispute-withdrawn"]
    assert [one.fact for one in told] == [None, None]
    assert (early, others, elsewhere) == ("not-in-log", ["subject-unknown"] * 2, "entry-unknown")


def test_both_waits_are_told_while_the_clock_stands_still(office: Called) -> None:
    who = resident(office)
    one = opened(office, who)
    office.post(f"{one}/acceptance", {"days": 10, "on": "2026-01-05"}, OFFICER)
    office.post(f"{one}/checks", {"check": "C-1", "organ": HRSS, "on": "2026-01-07"}, OFFICER)
    waiting = office.get(one, own(who))
    office.post(f"{one}/answers", {"check": "C-1", "on": "2026-01-13"}, ORGAN)
    running = office.get(one, own(who))

    assert (waiting["clock"], waiting["due_on"]) == ({"days": 10, "ours": 2, "theirs": 6, "due_on": None}, None)
    assert (running["clock"]["ours"], running["clock"]["theirs"], running["due_on"]) == (5, 3, "2026-01-22")
    assert running["checks"][0]["outcome"] == "confirmed"


def test_every_act_that_is_repeated_gets_its_first_receipt(office: Called) -> None:
    who = resident(office)
    one, before = opened(office, who), office.home.entries()
    paper = {"digest": "cd" * 32, "media_type": "image/png", "size": 7}
    check = {"check": "C-1", "organ": HRSS, "on": "2026-01-06"}
    answer = {"check": "C-1", "cites": [], "on": "2026-01-07"}
    ruling = {**RULING, "outcome": "maintained"}
    steps: list[tuple[str, dict[str, Any], str]] = [
        (at(who), CERTIFIED, own(who)),
        (f"{one}/evidence", paper, own(who)),
        (f"{one}/acceptance", {"on": "2026-01-05"}, OFFICER),
        (f"{one}/checks", check, OFFICER),
        (f"{one}/answers", answer, ORGAN),
        (f"{one}/ruling", ruling, SECOND),
        (f"{one}/service", {"on": "2026-01-14"}, OFFICER),
        (f"{one}/escalation", {"to": "nb-office", "on": "2026-01-14"}, OFFICER),
        (f"{one}/withdrawal", {}, own(who)),
    ]
    for path, body, actor in steps[1:5]:
        office.post(path, body, actor)
    office.post(f"{one}/ruling", ruling, OFFICER, status=202)
    assert not office.post(f"{one}/ruling", ruling, OFFICER, status=202)["recorded"]
    for path, body, actor in steps[5:]:
        office.post(path, body, actor)
    stored = office.home.entries()
    again = [office.post(path, body, actor, status=200) for path, body, actor in steps]

    assert all(told["duplicate"] for told in again)
    assert (office.home.entries(), stored > before) == (stored, True)


def test_the_city_rules_again_with_a_clock_and_a_service_of_its_own(office: Called) -> None:
    who = resident(office)
    one = opened(office, who)
    office.post(f"{one}/acceptance", {"on": "2025-12-01"}, OFFICER)
    first = {**RULING, "outcome": "maintained", "on": "2025-12-10"}
    office.post(f"{one}/ruling", first, OFFICER, status=202)
    office.post(f"{one}/ruling", first, SECOND)
    office.post(f"{one}/service", {"on": "2025-12-12"}, OFFICER)
    office.post(f"{one}/escalation", {"to": "nb-office", "on": "2025-12-15"}, OFFICER)
    second = {**RULING, "outcome": "corrected", "cites": corrected(office, who), "department": "nb-office"}
    refused = [office.refused(f"{one}/ruling", second, who_ruled) for who_ruled in (OFFICER, SECOND)]
    office.post(f"{one}/ruling", second, THIRD, status=202)
    office.post(f"{one}/ruling", second, FOURTH)
    office.post(f"{one}/service", {"on": "2026-01-15"}, OFFICER)
    seen = office.get(one, own(who))

    assert refused == ["ruler-recorded-the-fact"] * 2
    assert (seen["ruling"]["outcome"], seen["ruling"]["department"]) == ("corrected", "nb-office")
    assert seen["served"]["served_on"] == "2026-01-15"


def test_what_a_dispute_cannot_be_is_refused_by_name_and_nothing_is_stored(office: Called) -> None:
    who, other = resident(office), resident(office)
    one = opened(office, who)
    mine, theirs = own(who), own(other)
    paper = {"digest": "ab" * 32, "media_type": "image/png", "size": 7}

    assert office.refused(at(who), {**CERTIFIED, "dispute": "D-2"}, mine) == "dispute-stands"
    assert office.refused(at(who), {**CERTIFIED, "dispute": "D-2", "year": 2020}, mine) == "nothing-to-dispute"
    unknown = {**CERTIFIED, "dispute": "D-2", "item": "zj.common/none"}
    assert office.refused(at(who), unknown, mine) == "item-not-in-force"
    assert office.refused(at(who), {**CLAIM, "dispute": "D-2"}, mine) == "parameters-invalid"
    assert office.refused(at(who), {**CERTIFIED, "dispute": "D/2"}, mine) == "parameters-invalid"
    assert (
        office.refused(at(who), {**CERTIFIED, "dispute": "D-2", "on": "2026-01-14"}, mine) == "parameters-invalid"
    )
    assert (
        office.refused(at(who), {**CERTIFIED, "dispute": "D-2", "decision": "ab" * 32}, mine)
        == "parameters-invalid"
    )
    assert office.refused(f"{one}/evidence", {**paper, "size": 0}, mine) == "parameters-invalid"
    assert office.refused(at(who, "/D-9/evidence"), paper, mine) == "dispute-not-open"
    assert office.refused(f"{one}/evidence", paper, theirs) == "subject-unknown"
    assert office.refused(f"{one}/acceptance", {}, mine) == "role-not-allowed"
    assert office.refused(f"{one}/ruling", {**RULING, "outcome": "maintained"}, OFFICER) == "dispute-not-open"
    assert office.refused(f"{one}/answers", {"check": "C-1"}, ORGAN) == "dispute-unknown"
    office.post(f"{one}/acceptance", {}, OFFICER)
    assert office.refused(f"{one}/ruling", {**RULING, "outcome": "corrected"}, OFFICER) == "nothing-cited"
    cited = {**RULING, "outcome": "corrected", "cites": [999]}
    assert office.refused(f"{one}/ruling", cited, OFFICER) == "entry-unknown"
    office.post(f"{one}/checks", {"check": "C-1", "organ": HRSS}, OFFICER)
    assert office.refused(f"{one}/ruling", {**RULING, "outcome": "maintained"}, OFFICER) == "check-pending"
    assert office.refused(f"{one}/answers", {"check": "C-9"}, ORGAN) == "no-such-check"
    assert office.refused(f"{one}/answers", {"check": "C-1", "cites": [1]}, ORGAN) == "correction-not-theirs"
    assert office.refused(f"{one}/answers", {"check": "C-1"}, "organ:police-yinzhou") == "dispute-unknown"


def test_of_two_officers_who_accept_and_decline_at_once_one_does(office: Called) -> None:
    who = resident(office)
    one, gate = opened(office, who), Barrier(2)
    steps = [("acceptance", {"on": "2026-01-12"}, OFFICER), ("refusal", {"reason": "未写明单位"}, SECOND)]

    def call(act: str, body: dict[str, Any], actor: str) -> tuple[int, str]:
        headers = office.home.headers(actor)
        gate.wait()
        told = office.home.client.post(f"{one}/{act}", json=body, headers=headers)
        return told.status_code, str(told.json().get("code", ""))

    with ThreadPoolExecutor(2) as pool:
        told = [found.result() for found in [pool.submit(call, *step) for step in steps]]

    assert sorted(told) == [(201, ""), (409, "dispute-not-open")]


def test_a_vague_one_is_declined_and_another_is_opened_at_a_window_whose_officer_does_not_rule(
    office: Called,
) -> None:
    who = resident(office)
    one = opened(office, who)
    office.post(f"{one}/refusal", {"reason": "未写明月份与单位"}, OFFICER)
    again = {**CERTIFIED, "dispute": "D-2", "item": EDUCATION, "says": "wrong-value", "on": "2026-01-12"}
    office.post(at(who), again, OFFICER)
    two = at(who, "/D-2")
    office.post(f"{two}/acceptance", {"on": "2026-01-13"}, SECOND)
    refused = office.refused(f"{two}/ruling", {**RULING, "outcome": "maintained"}, OFFICER)
    states = {one["number"]: (one["state"], one["declined"]) for one in office.get(at(who), own(who))["disputes"]}

    assert refused == "ruler-recorded-the-fact"
    assert states == {"D-1": ("declined", "未写明月份与单位"), "D-2": ("accepted", None)}


def test_each_sees_what_it_needs_and_who_looked_is_written_down(office: Called) -> None:
    who, other = resident(office), resident(office)
    one = opened(office, who, employer="某单位", statement="社保一直在缴")
    home = office.home
    unseen = [home.get(one, own(other), {}), home.get(one, ORGAN, PURPOSE), home.get(at(who, "/D-9"), own(who), {})]
    unasked = office.get(at(who), ORGAN)["disputes"]
    auditor, officer = office.get(one, AUDITOR), office.get(one, OFFICER)
    unsaid = home.get(one, OFFICER, {}).json()["code"]
    looked = home.get(f"/v1/residents/{who}/readers", own(who)).json()["readings"]

    assert [told.json()["code"] for told in unseen] == ["subject-unknown", "dispute-unknown", "dispute-unknown"]
    assert (auditor["employer"], auditor["statement"], auditor["withheld"]) == (
        None,
        None,
        ["employer", "statement"],
    )
    assert (officer["employer"], officer["withheld"], unasked, unsaid) == ("某单位", [], [], "purpose-missing")
    assert [line["reader"] for line in looked] == [OFFICER, AUDITOR, ORGAN]


def published(office: Called, name: str, *subjects: str) -> dict[str, str]:
    """Rank tenants for one place, and publish; give each application's decision."""
    office.post("/v1/rounds", {"round": name, "programme": "cx.rental", **WINDOW})
    office.post(f"/v1/rounds/{name}/places", {"unit": "all", "places": 1, "on": "2023-08-01"})
    for index, who in enumerate(subjects, 1):
        filed = {"application": f"R-{index:03}", "subject": who, "zone": "outside", "on": "2023-08-31"}
        office.post(f"/v1/rounds/{name}/applications", filed)
    assert office.post(f"/v1/rounds/{name}/lock", {"on": "2023-09-01"}, status=200)["incomplete"] == []
    told = office.post(f"/v1/rounds/{name}/publication", {"on": "2023-09-02"}, status=200)
    return {line["application"]: line["decision"] for line in told["ranked"]}


def test_a_preview_tells_outcome_and_places_and_who_would_move_to_the_office_alone(office: Called) -> None:
    first, second = (tenant(office.town, next(_numbers), months) for months in (8, 7))
    decisions = published(office, "cx.rental-preview", first, second)
    ranking = office.get("/v1/rounds/cx.rental-preview/ranking")
    claim = {**CLAIM, "months": ["2022-08", "2022-09", "2022-10"], "dispute": "D-1"}
    office.post(at(second), {**claim, "decision": decisions["R-002"]}, own(second))
    stored = office.home.entries()
    mine = office.get(at(second, "/D-1/preview"), own(second))
    theirs = office.get(at(second, "/D-1/preview"), OFFICER)
    mine_ranking, movers = mine["ranking"], theirs["ranking"]["movers"]

    before, after = (mine["decision"][when]["points"]["total"] for when in ("before", "after"))
    assert (before, after) == ("23.50", "25.00")
    assert mine_ranking["own"] == {"before": [2, "out"], "after": [1, "in"]}
    assert (mine_ranking["would_move"], mine_ranking["would_turn"], mine_ranking["movers"]) == (2, 2, None)
    assert [(one["application"], one["before"], one["after"]) for one in movers] == [
        ("R***1", [1, "in"], [2, "out"]),
        ("R***2", [2, "out"], [1, "in"]),
    ]
    assert mine_ranking["published"] == ranking["content"]
    assert office.get("/v1/rounds/cx.rental-preview/ranking")["content"] == ranking["content"]
    assert office.home.entries() == stored


def test_a_childs_decision_is_supposed_with_the_months_of_the_parent_whose_certified_score_counts(
    office: Called,
) -> None:
    at_round, town = "/v1/rounds/cx.school-disputed", office.town
    children = [town.family(100 + number, points) for number, points in enumerate((210_000, 200_000))]
    window = {"opens_on": "2025-05-01", "closes_on": "2025-05-20"}
    office.post("/v1/rounds", {"round": "cx.school-disputed", "programme": "cx.school", **window})
    office.post(f"{at_round}/places", {"unit": TOWN, "places": 1, "on": "2025-05-01"})
    for index, child in enumerate(children, 1):
        filed = {"application": f"S-00{index}", "subject": child, "town": TOWN, "on": "2025-05-10"}
        office.post(f"{at_round}/applications", filed)
    office.post(f"{at_round}/lock", {"on": "2025-05-21"}, status=200)
    ranked = office.post(f"{at_round}/publication", {"on": "2025-05-22"}, status=200)["ranked"]
    decisions = {line["application"]: line["decision"] for line in ranked}
    claim = {**CLAIM, "dispute": "D-1", "months": ["2024-11", "2024-12", "2025-01"]}
    office.post(at(children[1]), {**claim, "decision": decisions["S-002"]}, own(children[1]))
    told = office.get(at(children[1], "/D-1/preview"), own(children[1]))
    before, after = (told["decision"][when]["points"]["total"] for when in ("before", "after"))

    assert (before, after, told["now"], told["if"]) == ("20.00", "21.50", None, None)
    assert told["ranking"]["own"] == {"before": [2, "out"], "after": [1, "in"]}


def test_a_decision_of_a_program_is_reviewed_by_a_person_who_says_why(office: Called) -> None:
    who = tenant(office.town, next(_numbers), 6)
    [decision] = published(office, "cx.rental-review", who).values()
    reviews = f"/v1/residents/{who}/reviews"
    asked = {"decision": decision}
    found = {"outcome": "upheld", "reason": "经人工核对无误", "on": TODAY.isoformat()}

    assert office.refused(f"{reviews}/{decision}", found, OFFICER) == "nothing-to-dispute"
    assert office.refused(reviews, {"decision": "ab" * 32}, own(who)) == "nothing-to-dispute"
    office.post(reviews, asked, own(who))
    assert office.post(reviews, asked, own(who), status=200)["duplicate"]
    assert office.refused(f"{reviews}/{decision}", found, own(who)) == "role-not-allowed"
    office.post(f"{reviews}/{decision}", found, OFFICER)
    assert office.post(f"{reviews}/{decision}", found, OFFICER, status=200)["duplicate"]
    [told] = office.get(at(who), own(who))["reviews"]

    assert (told["decision"], told["outcome"], told["reason"]) == (decision, "upheld", "经人工核对无误")


def test_what_is_about_something_else_than_months_has_no_preview(office: Called) -> None:
    who = resident(office)
    claim = {**CERTIFIED, "item": EDUCATION, "says": "wrong-value", "months": None}
    office.post(at(who), claim, own(who))
    told = office.home.get(at(who, "/D-1/preview"), own(who), {})

    assert (told.status_code, told.json()["code"]) == (409, "nothing-to-suppose")


def test_a_dispute_of_nobodys_is_unknown(office: Called) -> None:
    nobody = "7c2a9d7e-6f0b-4c1f-9d59-0f0d5a3c2b11"
    told = [office.home.get(at(nobody, rest), OFFICER, PURPOSE).json()["code"] for rest in ("", "/D-1")]

    assert told == ["subject-unknown", "dispute-unknown"]


def test_every_operation_on_disputes_was_called_and_answered_as_described(office: Called) -> None:
    paths = office.home.get("/openapi.json").json()["paths"]
    described = [one for methods in paths.values() for one in methods.values()]
    ours = {one["operationId"] for one in described if one["tags"] == [CONTESTED]}

    assert ours - office.operations == {"disputeReceipt"}  # a text, read above
