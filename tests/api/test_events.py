"""Events in: three modes of CloudEvents, receipts, verdicts, and what is wrong with an event."""

from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from ledger.entry import Hand
from tests.api.house import HRSS, POLICE, House, codes, event, fresh, month, number, person


def test_a_new_event_is_created_and_its_receipt_names_the_entry(home: House) -> None:
    told = home.post(month("new", fresh()))

    assert (told.status_code, told.json()["version"], told.json()["duplicate"]) == (201, 2, False)


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


def test_what_an_entry_says_of_itself_is_what_the_hand_was(home: House) -> None:
    stream = home.subject(fresh())
    entries = home.desk.history(stream, "officer:a", "tests")

    assert entries[-1].hand == Hand(f"organ:{HRSS}", HRSS, "api", "automatic")
