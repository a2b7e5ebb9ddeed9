"""Rounds, applications, benefits and decisions over HTTP: what an office does, and what each refusal is called."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from domain import facts
from domain.facts import Stream
from ledger.embedded import Embedded
from ledger.streams import named
from tests.api.house import TODAY
from tests.api.office import Called, called
from tests.api.rounds import NUMBERS, WINDOW, at_once, family, filed, offers, opened
from tests.api.school_round import AUTHORITY, TOWN
from tests.api.test_description import OURS
from tests.database import fresh_ledger

SCHOOL, RENTAL, LOAN = "cx.school-2025", "cx.rental-2023", "cx.loan-2026"
OTHER, AUDITOR, POLICY = "organ:nb-hrss", "auditor:a-1", "policy:p-1"


@pytest.fixture(scope="module")
def office(server: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Called]:
    """One office for these tests, which go on from one another's rounds nowhere: each has a round of its own."""
    with fresh_ledger(server) as database, called(database, tmp_path_factory.mktemp("office")) as found:
        found.town.delivers("permit-issued", last="2026-01")
        found.town.delivers("employment-started", last="2026-01")
        yield found


def test_a_round_from_its_window_to_a_place_that_is_passed_on(office: Called) -> None:
    at = opened(office, SCHOOL)
    office.post(f"{at}/places", {"unit": TOWN, "places": 1, "on": "2025-05-01"})
    office.post(f"{at}/extension", {"closes_on": "2025-05-22", "reason": "系统维护", "on": "2025-05-20"})
    children = {"A-1": family(office), "A-2": family(office, 500_000), "A-3": family(office, 400_000)}
    for number, child in children.items():
        filed(office, at, number, child)
    office.post(f"{at}/applications/A-1/reviews", {"item": "permit", "on": "2025-05-11"})
    returned = {"item": "permit", "reason": "缺页", "due_on": "2025-05-20", "on": "2025-05-11"}
    office.post(f"{at}/applications/A-2/reviews", returned)
    office.post(f"{at}/applications/A-2/supplements", {"item": "permit", "on": "2025-05-12"})
    office.post(f"{at}/applications/A-3/withdrawal", {"on": "2025-05-13"})
    items = {one["application"]: one["items"] for one in office.get(f"{at}/applications")["applications"]}
    assert (items["A-1"]["permit"]["state"], items["A-2"]["permit"]["state"]) == ("done", "under_review")

    closed = office.post(f"{at}/closing", {"on": "2025-05-23"})
    assert (closed["standing"], closed["void"]) == (2, 0)
    assert office.post(f"{at}/lock", {"on": "2025-05-23"}, status=200)["locked"]
    office.post(f"{at}/seed", {"seed": "2025135", "drawn_from": "福利彩票", "on": "2025-05-23"})
    published = office.post(f"{at}/publication", {"on": "2025-05-24"}, status=200)
    assert [(r["application"], r["outcome"]) for r in published["ranked"]] == [("A-1", "in"), ("A-2", "out")]
    assert office.get(f"{at}/ranking")["content"] == published["content"]

    assert [one["application"] for one in offers(office, at, "2025-06-01")] == ["A-1"]
    office.post(f"{at}/applications/A-1/answer", {"answer": "declined", "on": "2025-06-02"})
    again = office.post(f"{at}/applications/A-1/answer", {"answer": "declined", "on": "2025-06-02"}, status=200)
    assert again["duplicate"]
    assert [one["application"] for one in offers(office, at, "2025-06-03")] == ["A-2"]
    office.post(f"{at}/applications/A-2/answer", {"answer": "accepted", "on": "2025-06-04"})
    own = office.get(f"{at}/applications/A-2", f"resident:{children['A-2']}")
    told = office.get(at)

    assert (own["place"]["unit"], own["place"]["answer"]) == (TOWN, "accepted")
    assert (told["state"], told["free"], told["published"]) == ("published", {TOWN: 0}, [published["content"]])


def test_a_notice_is_everybodys_while_it_hangs_with_masked_names(office: Called) -> None:
    at = opened(office, "cx.school-notice")
    office.post(f"{at}/places", {"unit": TOWN, "places": 1, "on": "2025-05-01"})
    filed(office, at, "N-1", family(office))
    office.post(f"{at}/lock", {"on": "2025-05-21"}, status=200)
    office.post(f"{at}/publication", {"on": "2025-05-22"}, status=200)
    before = office.home.get(f"{at}/notice")
    office.post(f"{at}/notice", {"last_day": "2025-06-01", "on": "2025-05-22"})
    over = office.home.get(f"{at}/notice")  # its last day is long gone
    office.post(f"{at}/notice", {"last_day": "2026-01-20", "on": "2026-01-14"})
    shown = office.get(f"{at}/notice", None)

    assert [(one.status_code, one.json()["code"]) for one in (before, over)] == [(404, "notice-is-over")] * 2
    assert [line["name"] for line in shown["notice"]] == ["居**"]


def test_what_became_known_late_is_a_candidate_and_settled_once(office: Called) -> None:
    at = opened(office, "cx.school-late", late_facts="redetermined", **WINDOW)
    office.post(f"{at}/places", {"unit": TOWN, "places": 1, "on": "2025-05-01"})
    child, number = family(office), next(NUMBERS) - 1
    filed(office, at, "L-1", child)
    office.post(f"{at}/lock", {"on": "2025-05-21"}, status=200)
    office.post(f"{at}/publication", {"on": "2025-05-22"}, status=200)
    [listed] = office.get(f"{at}/decisions", AUDITOR)["decisions"]
    decision = f"/v1/decisions/{listed['decision']}"
    assert office.get(f"{decision}/replay", AUDITOR)["verdict"] == "equal"
    [parent] = [found.subject for found in office.home.desk.identities.find_all([office.town.parent(number)])]
    ended = facts.PermitEnded(on=date(2025, 4, 1), place=TOWN, permit=f"P-{number}", reason="other")
    office.town.says(parent, ended)  # type: ignore[arg-type] # found above
    told = office.get(f"{at}/candidates", AUDITOR)
    assert [(one["application"], one["turns"]) for one in told["candidates"]] == [("L-1", True)]
    assert [one["causes"][0]["kind"] for one in told["candidates"]] == ["permit-ended"]
    assert office.get(f"{at}/late-facts")["late"]
    settling = {"outcome": "upheld", "reason": "公示后不再变更", "on": "2026-01-10"}
    office.post(f"{decision}/settlement", settling)
    assert office.post(f"{decision}/settlement", settling, status=200)["duplicate"]

    assert office.refused(f"{decision}/settlement", {**settling, "reason": "重新处理"}) == "settled-already"
    assert office.get(decision, f"resident:{child}")["settled"][0]["outcome"] == "upheld"
    assert office.home.get(decision, f"resident:{family(office)}").json()["code"] == "decision-unknown"


def tenant(office: Called) -> str:
    """Give somebody who may have the rental subsidy."""
    number = next(NUMBERS)
    who = office.town.born(f"tenant-{number}", number, "19880101")
    endorsed = [date(year, 1, 9) for year in (2024, 2025, 2026)]
    office.town.says(
        who,
        facts.PermitIssued(on=date(2023, 1, 10), place=AUTHORITY, permit=f"P-{number}"),
        *(facts.PermitEndorsed(on=day, place=AUTHORITY, permit=f"P-{number}") for day in endorsed[:2]),
        facts.EmploymentStarted(
            started_on=date(2023, 1, 1), place=AUTHORITY, spell=f"E-{number}", basis="labour-contract"
        ),
    )
    return str(who)


def rental(office: Called, name: str, *subjects: str) -> str:
    """Open, fill, lock a round of the rental subsidy; give its address."""
    at = opened(office, name, "cx.rental", opens_on="2023-05-01", closes_on="2023-05-31")
    office.post(f"{at}/places", {"unit": "all", "places": 10, "on": "2023-05-01"})
    for index, subject in enumerate(subjects, 1):
        office.post(
            f"{at}/applications",
            {"application": f"R-{index}", "subject": subject, "zone": "outside", "on": "2023-05-31"},
        )
    office.post(f"{at}/lock", {"on": "2023-06-01"}, status=200)
    return at


def test_a_benefit_is_started_checked_paid_stopped_and_taken_back_and_never_paid_twice(office: Called) -> None:
    who = tenant(office)
    benefit = f"{rental(office, RENTAL, who)}/applications/R-1/benefit"
    office.post(f"{benefit}/start", {"on": "2023-06-05"})
    assert office.post(f"{benefit}/start", {"on": "2023-06-05"}, status=200)["duplicate"]
    assert office.refused(f"{benefit}/start", {"on": "2023-06-06"}) == "benefit-stands"
    assert office.refused(f"{benefit}/payments", {"payment": "1", "on": "2024-01-05"}) == "not-rechecked"
    assert office.post(f"{benefit}/rechecks", {"on": "2024-01-10"})["unmet"] == []
    pay = {"payment": "1", "on": "2024-01-10"}
    office.post(f"{benefit}/payments", pay)
    assert office.post(f"{benefit}/payments", pay, status=200)["duplicate"]
    assert office.refused(f"{benefit}/payments", {"payment": "1", "on": "2024-01-11"}) == "payment-stands"
    office.post(f"{benefit}/recoveries", {"payment": "1", "fen": 100, "reason": "error", "on": "2024-02-01"})
    office.post(f"{benefit}/rechecks", {"on": "2025-01-10"})
    office.post(f"{benefit}/payments", {"payment": "2", "on": "2025-01-10"})
    office.post(f"{benefit}/failures", {"payment": "2", "reason": "账户已注销", "on": "2025-01-12"})
    office.post(f"{benefit}/stop", {"from_month": "2025-09", "reason": "permit-ended"})
    own = office.get(benefit, f"resident:{who}")

    assert (own["fen_per_month"], own["stopped_for"]) == (23_100, "permit-ended")
    assert [(one["recovered"], one["failed"]) for one in own["payments"].values()] == [(100, False), (0, True)]
    assert office.home.get(benefit, f"resident:{tenant(office)}").json()["code"] == "application-unknown"
    looks = office.home.get(f"/v1/residents/{who}/readers", f"resident:{who}").json()["readings"]
    assert looks == []
    office.get(benefit, AUDITOR)
    assert office.home.get(f"/v1/residents/{who}/readers", f"resident:{who}").json()["readings"]


def test_a_household_is_granted_once_for_life_also_when_the_marriage_has_ended(office: Called) -> None:
    first, second = tenant(office), tenant(office)
    married(office, first, second, "M-1", date(2020, 1, 1))
    at = rental(office, "cx.rental-couple", first, second)
    office.post(f"{at}/applications/R-1/benefit/start", {"on": "2023-06-05"})
    refused = office.refused(f"{at}/applications/R-2/benefit/start", {"on": "2023-06-05"})
    divorced(office, "M-1", date(2023, 7, 1))
    after = office.refused(f"{at}/applications/R-2/benefit/start", {"on": "2023-08-01"})

    assert (refused, after) == ("household-granted", "household-granted")


def tie_of(spell: str) -> UUID:
    return named(Stream.FAMILY, f"ledger-keeper/{spell}")


def married(office: Called, first: str, second: str, spell: str, since: date) -> None:
    told = facts.FamilyTieRecorded(tie="spouse", subject=UUID(first), other=UUID(second), since=since, spell=spell)
    office.town.says(tie_of(spell), told)


def divorced(office: Called, spell: str, on: date) -> None:
    office.town.says(tie_of(spell), facts.FamilyTieEnded(ended_on=on, spell=spell))


def test_of_payments_made_at_once_one_is_made(office: Called) -> None:
    who = tenant(office)
    benefit = f"{rental(office, 'cx.rental-at-once', who)}/applications/R-1/benefit"
    office.post(f"{benefit}/start", {"on": "2023-06-05"})
    office.post(f"{benefit}/rechecks", {"on": "2024-01-10"})
    told = at_once(office, *((f"{benefit}/payments", {"payment": str(n), "on": "2024-01-10"}) for n in range(1, 5)))
    paid = office.get(benefit, f"resident:{who}")

    assert sorted(status for status, _ in told) == [201, 409, 409, 409]
    assert {code for _, code in told} == {"", "nothing-due"}
    assert (len(paid["payments"]), paid["paid_fen"]) == (1, 7 * 23_100)


def test_of_two_spouses_granted_at_once_one_is(office: Called) -> None:
    first, second = tenant(office), tenant(office)
    married(office, first, second, "M-2", date(2020, 1, 1))
    at = rental(office, "cx.rental-both", first, second)
    calls = [(f"{at}/applications/R-{n}/benefit/start", {"on": "2023-06-05"}) for n in (1, 2)]
    told = at_once(office, *calls)

    assert sorted(told) == [(201, ""), (409, "household-granted")]


def test_what_a_former_spouse_was_granted_after_the_marriage_bars_nobody(office: Called) -> None:
    first, second = tenant(office), tenant(office)
    married(office, first, second, "M-3", date(2020, 1, 1))
    divorced(office, "M-3", date(2023, 1, 1))
    at = rental(office, "cx.rental-apart", first, second)
    for number in ("R-1", "R-2"):
        told = office.post(f"{at}/applications/{number}/benefit/start", {"on": "2023-06-05"})

    assert not told["duplicate"]


def test_a_resident_files_today_for_themselves_and_for_nobody_else(office: Called) -> None:
    at = opened(office, LOAN, "cx.loan", opens_on="2026-01-01", closes_on="2026-01-31")
    who, other = tenant(office), tenant(office)
    own = f"resident:{who}"
    assert (
        office.refused(f"{at}/applications", {"application": "S-1", "on": "2026-01-14"}, own)
        == "parameters-invalid"
    )
    assert (
        office.refused(f"{at}/applications", {"application": "S-1", "subject": other}, own) == "parameters-invalid"
    )
    office.post(f"{at}/applications", {"application": "S-1"}, own)
    assert office.post(f"{at}/applications", {"application": "S-1"}, own, status=200)["duplicate"]
    assert office.refused(f"{at}/applications", {"application": "S-2"}, own) == "application-stands"
    assert (
        office.refused(f"{at}/applications", {"application": "S-1"}, f"resident:{other}")
        == "application-of-another"
    )
    assert office.refused(f"{at}/applications/S-1/withdrawal", {}, f"resident:{other}") == "application-unknown"

    assert office.get(f"{at}/applications/S-1", own)["filed_on"] == TODAY.isoformat()


def test_what_cannot_be_is_refused_by_name_and_nothing_is_stored(office: Called) -> None:
    at = opened(office, "cx.school-bad")
    child = family(office)
    filing = {"application": "B-1", "subject": child, "town": TOWN, "on": "2025-05-10"}
    refusals: dict[str, tuple[str, dict[str, Any], str]] = {
        "before the window": (f"{at}/applications", {**filing, "on": "2025-04-30"}, "round-not-open"),
        "after the window": (f"{at}/applications", {**filing, "on": "2025-05-21"}, "round-closed"),
        "a day ahead": (f"{at}/applications", {**filing, "on": "2199-01-01"}, "day-ahead"),
        "nobody named": (f"{at}/applications", {**filing, "subject": None}, "parameters-invalid"),
        "an unknown round": ("/v1/rounds/cx.none/applications", filing, "round-unknown"),
        "an unknown programme": (
            "/v1/rounds",
            {"round": "cx.x", "programme": "cx.none", **WINDOW},
            "programme-unknown",
        ),
        "a window that ends first": (
            "/v1/rounds",
            {"round": "cx.x", "programme": "cx.school", "opens_on": "2025-05-20", "closes_on": "2025-05-01"},
            "parameters-invalid",
        ),
        "another window": (
            "/v1/rounds",
            {"round": "cx.school-bad", "programme": "cx.school", **WINDOW, "closes_on": "2025-05-30"},
            "request-conflict",
        ),
        "another counting day": (
            "/v1/rounds",
            {"round": "cx.x", "programme": "cx.school", **WINDOW, "counted_on": "2025-05-01"},
            "counted-on-other",
        ),
        "an unknown application": (f"{at}/applications/B-9/withdrawal", {}, "application-unknown"),
        "a ranking before the lock": (f"{at}/publication", {}, "round-not-locked"),
        "a lock before the end": (f"{at}/lock", {"on": "2025-05-20"}, "window-still-open"),
        "an unknown decision": (
            f"/v1/decisions/{'0' * 64}/settlement",
            {"outcome": "upheld", "reason": "无"},
            "decision-unknown",
        ),
    }
    told = {what: office.refused(path, body) for what, (path, body, _) in refusals.items()}
    assert told == {what: code for what, (_, _, code) in refusals.items()}

    filed(office, at, "B-1", child)
    item = {"item": "contract", "on": "2025-05-11"}
    more = {
        "another programme's item": office.refused(f"{at}/applications/B-1/reviews", item),
        "a return without a reason": office.refused(
            f"{at}/applications/B-1/reviews", {"item": "permit", "due_on": "2025-05-15", "on": "2025-05-11"}
        ),
        "not returned": office.refused(
            f"{at}/applications/B-1/supplements", {"item": "permit", "on": "2025-05-12"}
        ),
        "another household's number": office.refused(f"{at}/applications", {**filing, "subject": family(office)}),
        "a second application": office.refused(f"{at}/applications", {**filing, "application": "B-2"}),
        "nothing offered": office.refused(f"{at}/applications/B-1/answer", {"answer": "accepted"}),
        "nothing to exchange": office.refused(f"{at}/applications/B-1/transfer", {"unit": "330282112"}),
        "no benefit": office.refused(f"{at}/applications/B-1/benefit/payments", {"payment": "1"}),
    }
    office.post(f"{at}/cancellation", {"reason": "政策调整", "on": "2025-05-12"})
    more["cancelled"] = office.refused(f"{at}/applications", {**filing, "application": "B-3"})

    assert list(more.values()) == [
        *("item-unknown", "return-unexplained", "item-not-returned", "application-of-another"),
        *("application-stands", "nothing-offered", "nothing-offered", "no-money", "round-is-cancelled"),
    ]


def test_only_the_organ_that_runs_a_round_acts_on_it(office: Called) -> None:
    at = opened(office, "cx.school-roles")
    body: dict[str, Any] = {"unit": TOWN, "places": 1}
    roles = {None: 401, OTHER: 403, AUDITOR: 403, POLICY: 403, "operator": 403, f"resident:{family(office)}": 403}
    before = office.home.entries()
    told = {
        actor: office.home.client.post(f"{at}/places", json=body, headers=office.home.headers(actor)).status_code
        for actor in roles
    }
    elsewhere = {"round": "xs.school-1", "programme": "cx.school", **WINDOW}
    outside = office.refused("/v1/rounds", elsewhere, "organ:police-yinzhou")

    assert told == roles
    assert (outside, office.home.entries()) == ("organ-not-competent", before)


IMPOSSIBLE = [
    {"id": "a", "kind": "permit", "is": ["normal"], "clause": "有效", "label": {"zh": "有效", "en": "Valid"}},
    {"id": "b", "kind": "permit", "is": ["ended"], "clause": "终止", "label": {"zh": "终止", "en": "Ended"}},
]


def test_a_programme_is_published_by_two_people_and_an_impossible_one_by_nobody(office: Called) -> None:
    listed = office.get("/v1/programmes?place=330282111&as_of=2026-01-15", POLICY)["programmes"]
    [loan] = [one for one in listed if one["doc"] == "cx.loan"]
    [version] = office.get("/v1/programmes/cx.loan", POLICY)["versions"]
    content = office.get(f"/v1/programmes/cx.loan/{loan['hash']}", POLICY)["document"]
    later = {**content, "effective": {"from": "2026-06-01"}}
    tier = {"id": "t", "clause": "不可能", "label": {"zh": "不可能", "en": "No"}, "when": IMPOSSIBLE}
    impossible = {**later, "tiers": [tier], "order_by": [{"by": "tier"}]}
    bad = office.home.client.post(
        "/v1/programmes", json={"document": impossible}, headers=office.home.headers(POLICY)
    ).json()
    assert office.refused("/v1/programmes", {"document": impossible}, POLICY) == "programme-not-sound"
    proposed = office.post("/v1/programmes", {"document": later, "reason": "2026年度"}, POLICY)
    approval = f"/v1/programmes/cx.loan/{proposed['hash']}/approval"
    assert office.refused(approval, {}, POLICY) == "same-person"
    office.post(approval, None, "policy:p-2")
    assert office.post(approval, None, "policy:p-2", status=200)["duplicate"]

    assert version["hash"] == loan["hash"]
    assert [(one["where"], one["code"]) for one in bad["errors"]] == [("document.tiers.0", "tier-impossible")]
    assert bad["errors"][0]["hint"]["en"] == "remove one of them"


def test_a_move_is_tried_before_it_is_made(office: Called) -> None:
    who = tenant(office)
    waited = f"to=330203&as_of=2024-06-01&wait={office.position()}"
    told = office.get(f"/v1/residents/{who}/move-trial?{waited}", f"resident:{who}")

    assert (told["move"]["from"]["place"], told["move"]["to"]["place"]) == (AUTHORITY, "330203")


def test_every_operation_was_called_and_answered_as_described(office: Called) -> None:
    """Run last in this file, whose tests run one after the other: the others have called."""
    paths = office.home.get("/openapi.json").json()["paths"]
    ours = {one["operationId"] for methods in paths.values() for one in methods.values() if one["tags"][0] in OURS}
    at = opened(office, "cx.school-rest")
    office.post(f"{at}/places", {"unit": TOWN, "places": 1, "on": "2025-05-01"})
    office.post(f"{at}/places", {"unit": "330282112", "places": 1, "on": "2025-05-01"})
    filed(office, at, "T-1", family(office))
    office.post(f"{at}/lock", {"on": "2025-05-21"}, status=200)
    office.post(f"{at}/publication", {"on": "2025-05-22"}, status=200)
    offers(office, at, "2025-06-01")
    office.post(f"{at}/applications/T-1/answer", {"answer": "accepted", "on": "2025-06-02"})
    office.post(f"{at}/applications/T-1/transfer", {"unit": "330282112", "on": "2025-06-03"})

    assert ours - office.operations == set()
