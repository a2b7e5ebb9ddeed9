"""Events in: three modes of CloudEvents, receipts, one id for one fact, verdicts."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from ledger.entry import Hand
from ledger.ingest.delivery import open_delivery
from ledger.ingest.job import ImportOrder, run_import
from ledger.ingest.ledger_desk import LedgerImportDesk
from ledger.ingest.verdicts import Outcome
from tests.api.house import HRSS, POLICE, TODAY, House, event, month, number, person


def fresh() -> dict[str, str]:
    """Give somebody whom no other test knows."""
    return person(uuid4().int % 1000, born=f"{1960 + uuid4().int % 40}0{1 + uuid4().int % 9}1{uuid4().int % 9}")


def codes(verdict: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(one["where"], one["code"]) for one in verdict["errors"]]


def test_a_new_event_is_created_and_its_receipt_names_the_entry(home: House) -> None:
    told = home.post(month("new", fresh()))

    assert (told.status_code, told.json()["version"], told.json()["duplicate"]) == (201, 2, False)


def test_the_same_event_again_gives_the_first_receipt(home: House) -> None:
    sent = month("again", fresh())
    first, second = home.post(sent), home.post(sent)

    assert (second.status_code, second.json()) == (200, {**first.json(), "duplicate": True})


def test_the_same_id_for_another_fact_is_a_conflict_and_stores_nothing(home: House) -> None:
    who = fresh()
    home.post(month("one-id", who))
    before = home.entries()
    told = home.post(month("one-id", who, month="2025-04"))

    assert (told.status_code, told.json()["code"], home.entries()) == (422, "request-conflict", before)


def test_the_same_id_for_other_content_of_the_fact_is_a_conflict(home: House) -> None:
    who = fresh()
    home.post(month("content", who))
    told = home.post(month("content", who, standing="back-paid"))

    assert codes(told.json()) == [("id", "other-content")]


def test_an_event_that_was_refused_may_come_again_put_right_under_its_id(home: House) -> None:
    who = fresh()
    home.post(month("first-said", who))
    refused = home.post(month("put-right", who, standing="back-paid"))
    taken = home.post(month("put-right", who, month="2025-05"))

    assert (refused.status_code, taken.status_code) == (422, 201)


def test_one_fact_under_two_ids_is_one_entry(home: House) -> None:
    who = fresh()
    first, second = home.post(month("id-1", who)), home.post(month("id-2", who))

    assert (second.status_code, second.json()["position"]) == (200, first.json()["position"])


def test_one_id_of_two_sources_is_two_events(home: House) -> None:
    who = fresh()
    told = [
        home.post({**month("shared", who, month=f"2025-0{index}"), "source": f"/source/{index}"})
        for index in (1, 2)
    ]

    assert [one.status_code for one in told] == [201, 201]


def test_two_organs_do_not_share_their_ids(home: House) -> None:
    who = fresh()
    told = [home.post(month("organs", who), f"organ:{organ}") for organ in (HRSS, POLICE)]

    assert [one.status_code for one in told] == [201, 201]


def imported(home: House, folder: Path, name: str, text: str) -> dict[str, int]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    order = ImportOrder(HRSS, "officer:import", TODAY)
    report = run_import(LedgerImportDesk(home.desk), open_delivery(path), order)
    return {outcome: getattr(report.receipt, outcome) for outcome in Outcome if getattr(report.receipt, outcome)}


def test_a_fact_in_a_csv_file_in_ndjson_and_as_an_event_is_one(home: House, tmp_path: Path) -> None:
    who = fresh()
    sent = home.post(month("in-three-ways", who))
    csv = "kind,document_number,name,month,place,insurance\ninsurance-month-paid,{},{},2025年3月,330212,pension\n"
    line = '{{"kind": "insurance-month-paid", "document_number": "{}", "name": "{}", "month": "2025-03", '
    line += '"place": "330212", "insurance": "pension"}}\n'
    fields = who["document_number"], who["name"]
    told = [
        imported(home, tmp_path, "file.csv", csv.format(*fields)),
        imported(home, tmp_path, "file.ndjson", line.format(*fields)),
    ]

    assert (sent.status_code, told) == (201, [{"duplicate": 1}, {"duplicate": 1}])


def test_a_file_first_and_the_event_after_it_is_one_too(home: House, tmp_path: Path) -> None:
    who = fresh()
    csv = "kind,document_number,name,month,place,insurance\ninsurance-month-paid,{},{},2025-03,330212,pension\n"
    told = imported(home, tmp_path, "file.csv", csv.format(who["document_number"], who["name"]))

    assert (told, home.post(month("after-the-file", who)).status_code) == ({"accepted": 1}, 200)


def test_a_row_imported_under_the_events_source_and_id_is_the_event(home: House, tmp_path: Path) -> None:
    who = fresh()
    csv = "kind,source_id,document_number,name,month,place,insurance\n"
    csv += f"insurance-month-paid,row-17,{who['document_number']},{who['name']},2025-03,330212,pension\n"
    told = imported(home, tmp_path, "file.csv", csv)
    sent = [{**month("row-17", who, month=f"2025-{index}"), "source": "file"} for index in ("03", "04")]

    assert (told, [home.post(one).status_code for one in sent]) == ({"accepted": 1}, [200, 422])


def test_an_organ_says_what_it_has_delivered_about_nobody(home: House) -> None:
    fed = {"organ": HRSS, "fact_kind": "insurance-month-paid", "place": "330212", "coverage": "complete", "rows": 5}
    sent = event("feed", "feed-delivered.v1", {**fed, "first_month": "2025-01", "last_month": "2025-03"})
    told = [home.post(sent), home.post({**sent, "id": "feed-about", "subject": str(uuid4())})]

    assert ([one.status_code for one in told], codes(told[1].json())) == (
        [201, 422],
        [("subject", "unknown-field")],
    )


def test_binary_mode_is_the_same_event(home: House) -> None:
    who = fresh()
    structured = home.post({**month("two modes 甲", who), "time": "2025-04-02T09:30:00+08:00"})
    binary = home.client.post(
        "/v1/events",
        json={"month": "2025-03", "place": "330212", "insurance": "pension", "person": who},
        headers={
            **home.headers(f"organ:{HRSS}"),
            "ce-specversion": "1.0",
            "ce-type": "insurance-month-paid.v1",
            "ce-source": "/tests",
            "ce-id": quote("two modes 甲"),
            "ce-time": "2025-04-02T09:30:00+08:00",
        },
    )

    assert (binary.status_code, binary.json()["position"]) == (200, structured.json()["position"])


def test_a_batch_gives_a_verdict_for_each_in_order(home: House) -> None:
    who = fresh()
    held = {**who, "name": "居民乙〇二"}
    told = home.post(
        [
            month("b-1", who),
            month("b-1", who, month="2025-04"),
            month("b-2", who),
            5,
            month("b-3", held, month="2025-05"),
            month("b-4", who, month="2025-13"),
            month("b-5", who, place="330106"),
            month("b-6", who, month="2025-06"),
        ]
    )
    verdicts = [one["verdict"] for one in told.json()["verdicts"]]

    assert (told.status_code, verdicts, told.json()["counts"]) == (
        200,
        ["accepted", "conflict", "duplicate", "invalid", "held", "invalid", "invalid", "accepted"],
        {"accepted": 2, "duplicate": 1, "conflict": 1, "held": 1, "invalid": 3},
    )


def test_receipts_of_a_batch_are_those_of_its_events(home: House) -> None:
    who = fresh()
    batch = home.post([month(f"r-{index}", who, month=f"2024-0{index}") for index in range(1, 6)]).json()[
        "verdicts"
    ]
    single = [home.post(month(f"r-{index}", who, month=f"2024-0{index}")).json() for index in range(1, 6)]

    assert [one["receipt"] for one in batch] == [{**one, "duplicate": False} for one in single]


def test_a_number_known_under_another_name_is_held_for_a_person_to_say(home: House) -> None:
    who = fresh()
    home.post(month("known", who))
    told = home.post(month("held", {**who, "name": "居民丙〇三"}, month="2025-07"))

    assert (told.status_code, told.json()["verdict"], codes(told.json())) == (
        202,
        "held",
        [("data.person.name", "name-differs")],
    )


def test_a_void_names_an_event_by_its_id_and_a_correction_too(home: House) -> None:
    who = fresh()
    home.post([month("v-1", who, month="2025-01"), month("v-2", who, month="2025-02")])
    replaced = {"kind": "insurance-month-paid", "month": "2025-02", "place": "330282", "insurance": "pension"}
    told = [
        home.post(event("void", "fact-voided.v1", {"reason": "source-error", "person": who}, refersto="v-1")),
        home.post(
            event(
                "correction",
                "fact-corrected.v1",
                {"reason": "agency-error", "replacement": replaced, "person": who},
                refersto="v-2",
            )
        ),
    ]

    assert [one.status_code for one in told] == [201, 201]


def test_a_void_in_the_batch_of_its_target_finds_it(home: House) -> None:
    who = fresh()
    void = event("b-void", "fact-voided.v1", {"reason": "duplicate", "person": who}, refersto="b-target")
    told = home.post([month("b-target", who), void])

    assert [one["verdict"] for one in told.json()["verdicts"]] == ["accepted", "accepted"]


def test_another_organs_event_cannot_be_voided(home: House) -> None:
    who = fresh()
    home.post(month("theirs", who))
    void = event("not-mine", "fact-voided.v1", {"reason": "duplicate", "person": who}, refersto="theirs")

    assert codes(home.post(void, f"organ:{POLICE}").json()) == [("refersto", "unknown-target")]


def test_an_event_outside_the_organs_grants_is_forbidden(home: House) -> None:
    told = home.post(month("outside", fresh(), place="330282"), f"organ:{POLICE}")

    assert (told.status_code, told.json()["code"], codes(told.json())) == (
        403,
        "organ-not-competent",
        [("data.place", "place-outside-grants")],
    )


def test_an_organ_without_any_grant_may_say_nothing(home: House) -> None:
    assert home.post(month("stranger", fresh()), "organ:nobody-knows").status_code == 403


def test_a_grant_counts_from_the_next_event_on(home: House) -> None:
    who, organ = fresh(), "late-organ"
    before = home.post(month("granted", who), f"organ:{organ}")
    home.grant(organ, "insurance-month-paid", "3302")
    after = home.post(month("granted", who), f"organ:{organ}")

    assert (before.status_code, after.status_code) == (403, 201)


def test_a_restricted_fact_needs_its_legal_basis(home: House) -> None:
    who = fresh()
    said = {"category": "offence", "level": "warning", "place": "330212", "acted_on": "2024-05-01", "person": who}
    without = home.post(event("r-without", "restricted-fact.v1", said))
    with_it = home.post(event("r-with", "restricted-fact.v1", said, legalbasis="依法提供"))

    assert (codes(without.json()), with_it.status_code) == ([("legalbasis", "no-legal-basis")], 201)


def test_an_organs_receipt_is_found_by_the_events_id_and_by_no_other_organ(home: House) -> None:
    first = home.post(month("receipt/1", fresh()))
    asked = [
        home.get(f"/v1/receipts?source=/tests&id={quote('receipt/1', safe='')}", f"organ:{organ}")
        for organ in (HRSS, POLICE)
    ]

    assert (asked[0].json()["position"], asked[1].status_code) == (first.json()["position"], 404)


def test_a_fact_about_a_subject_is_recorded_in_its_stream(home: House) -> None:
    subject = home.subject(fresh())
    data = {"month": "2025-09", "place": "330212", "insurance": "pension"}
    told = home.post(event("by-subject", "insurance-month-paid.v1", data, subject=str(subject)))

    assert told.json()["stream"] == str(subject)


def test_a_subject_that_nobody_is_is_refused(home: House) -> None:
    data = {"month": "2025-09", "place": "330212", "insurance": "pension"}
    told = home.post(event("no-subject", "insurance-month-paid.v1", data, subject=str(uuid4())))

    assert (told.status_code, codes(told.json())) == (422, [("subject", "unknown-subject")])


def test_the_envelope_says_whose_hand_it_was(home: House) -> None:
    who = fresh()
    sent = {**month("envelope", who), "time": "2025-04-02T09:30:00+08:00", "legalbasis": "社会保险法"}
    stream = home.post(sent).json()["stream"]
    [entry] = home.get(f"/v1/residents/{stream}/history?after=1", f"resident:{stream}").json()["entries"]
    wanted = {
        "organ": HRSS,
        "recorded_by": f"organ:{HRSS}",
        "channel": "api",
        "source_class": "automatic",
        "source_time": "2025-04-02T01:30:00Z",
        "legal_basis": "社会保险法",
        "batch_id": None,
    }

    assert {name: entry[name] for name in wanted} == wanted


def test_an_id_that_is_a_uuid_is_no_personal_number(home: House) -> None:
    told = home.post(month("0d9c1f3a-8a37-4c5e-9f21-446655440000", fresh()))

    assert told.status_code == 201


WRONG = [
    ({"specversion": "0.3"}, ("specversion", "bad-value")),
    ({"id": None}, ("id", "text-form")),
    ({"id": ""}, ("id", "text-form")),
    ({"id": number(7)}, ("id", "personal-digits")),
    ({"id": "x" * 121}, ("id", "text-length")),
    ({"source": "with space"}, ("source", "text-form")),
    ({"source": f"/{number(7)}"}, ("source", "personal-digits")),
    ({"source": "natural-key"}, ("source", "bad-value")),
    ({"type": "insurance-month-paid.v9"}, ("type", "unknown-kind")),
    ({"type": "identity-minted.v1"}, ("type", "kind-not-delivered")),
    ({"type": "organ-granted.v1"}, ("type", "kind-not-delivered")),
    ({"type": 5}, ("type", "unknown-kind")),
    ({"time": "2025-04-02T09:30:00"}, ("time", "bad-instant")),
    ({"time": "2025-04-02"}, ("time", "bad-instant")),
    ({"time": 5}, ("time", "bad-value")),
    ({"subject": "5"}, ("subject", "bad-subject")),
    ({"refersTo": "x"}, ("event", "unknown-field")),
    ({"legal_basis": "x"}, ("event", "unknown-field")),
    ({"datacontenttype": "text/csv"}, ("datacontenttype", "bad-value")),
    ({"data": None}, ("data", "missing-field")),
    ({"data": []}, ("data", "bad-value")),
    ({"data": {"kind": "attested"}}, ("data.kind", "unknown-field")),
    ({"data": {"name": "x"}}, ("data.name", "unknown-field")),
    ({"data": {"document_number": number(7)}}, ("data.document_number", "unknown-field")),
    ({"data": {"person": number(7)}}, ("data.person", "bad-value")),
    ({"data": {"person": {"phone": "x"}}}, ("data.person", "bad-value")),
    ({"data": {"month": "2025-03"}}, ("data.person.document_number", "missing-field")),
    (
        {"data": {"person": {"document_number": "3.30282E+17"}}},
        ("data.person.document_number", "scientific-notation"),
    ),
    ({"data": {"month": True, "person": person(7)}}, ("data.month", "bad-value")),
    ({"data": {"month": "2025-03", "place": "33", "person": person(7)}}, ("data.place", "unknown-place")),
    ({"data": {"month": "2026-12", "place": "330212", "person": person(7)}}, ("data.month", "future-date")),
]


@pytest.mark.parametrize(("change", "finding"), WRONG, ids=lambda one: str(one)[:40])
def test_what_is_wrong_with_an_event_is_named_by_place_and_code(
    home: House, change: dict[str, Any], finding: tuple[str, str]
) -> None:
    before = home.entries()
    told = home.post({**month("wrong", person(7)), **change})

    assert (codes(told.json()), home.entries()) == ([finding], before)


def test_thirty_two_callers_with_one_event_get_one_entry_and_one_receipt(home: House) -> None:
    sent, before = month("at-once", fresh()), home.entries()
    with ThreadPoolExecutor(32) as callers:
        told = list(callers.map(lambda _: home.post(sent), range(32)))
    receipts = {(one.json()["position"], one.json()["leaf"]) for one in told}

    # The subject's own first entry, and the month.
    assert (len(receipts), home.entries() - before, sorted(one.status_code for one in told)[-2:]) == (
        1,
        2,
        [200, 201],
    )


def test_of_two_facts_under_one_id_at_once_one_is_kept(home: House) -> None:
    who = fresh()
    home.post(month("seen", who, month="2021-01"))
    before = home.entries()
    with ThreadPoolExecutor(16) as callers:
        told = list(
            callers.map(lambda index: home.post(month("race", who, month=f"2024-{index + 1:02d}")), range(12))
        )
    stored = [one for one in told if one.status_code == 201]

    assert (len(stored), home.entries() - before, {one.status_code for one in told}) == (1, 1, {201, 422})


def test_what_an_entry_says_of_itself_is_what_the_hand_was(home: House) -> None:
    stream = home.subject(fresh())
    entries = home.desk.history(stream, "officer:a", "tests")

    assert entries[-1].hand == Hand(f"organ:{HRSS}", HRSS, "api", "automatic")
