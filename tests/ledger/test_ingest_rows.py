"""What makes a row hold, and the code of each thing that does not."""

import re
import sys
from datetime import date, timedelta, timezone
from typing import Any
from unicodedata import category

import pytest

from domain.facts import (
    BloodDonated,
    FactCorrected,
    FactVoided,
    FamilyTieRecorded,
    FeedDelivered,
    InsuranceMonthPaid,
    ParticularsCorrected,
    PermitEnded,
    SkillAwarded,
)
from ledger.ingest.hints import HINTS, reason
from ledger.ingest.hygiene import SUSPECT
from ledger.ingest.plans import DELIVERED, plan_of
from ledger.ingest.verdicts import Code, Finding, Outcome
from tests.ledger.deliveries import EVERYTHING, ORGAN, code, examined, found, month, resident

VOID: dict[str, Any] = {
    "kind": "fact-voided",
    "document_number": resident(),
    "reason": "source-error",
    "refers_to": "A-17",
}
OFFENCE: dict[str, Any] = {
    "kind": "restricted-fact",
    "document_number": resident(),
    "category": "offence",
    "level": "minor",
    "place": "330212",
    "acted_on": "2024-05-01",
    "legal_basis": "治安管理处罚法",
}
HOURS: dict[str, Any] = {
    "kind": "volunteer-hours-served",
    "document_number": resident(),
    "served_on": "2025-05-01",
    "place": "330203",
    "minutes": "90",
}


def test_a_row_that_holds_becomes_the_fact_of_a_person() -> None:
    candidate = examined(month())

    assert candidate.fact == InsuranceMonthPaid(month="2025-03", place="330212")
    assert candidate.person is not None
    assert candidate.person.document_number == resident()


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (month(kind="insurance-month-payed"), "unknown-kind"),
        (month(kind=""), "missing-field"),
        ({"kind": "rulebook-published"}, "kind-not-delivered"),
        ({"kind": "identity-minted", "document_number": resident()}, "kind-not-delivered"),
        ({"kind": "manual-grant", "document_number": resident()}, "kind-not-delivered"),
        (month(month=""), "missing-field"),
        (month(month=None), "missing-field"),
        (month(document_number=" "), "missing-field"),
        (month(minutes="90"), "unknown-field"),
        (month(month="2025-13"), "bad-month"),
        (month(month="3月"), "bad-month"),
        (month(month="2025-03-01"), "bad-month"),
        (month(paid_on="01/02/2025"), "bad-date"),
        (month(paid_on="2025-3-"), "bad-date"),
        (month(paid_on="2025/03-01"), "bad-date"),
        (month(paid_on="2025-03-01 08:30:00"), "bad-date"),
        (month(paid_on="2025-02-30"), "impossible-date"),
        (month(paid_on="1899-12-31"), "impossible-date"),
        (month(paid_on="9999-01-01"), "impossible-date"),
        (month(paid_on="45717"), "excel-serial-date"),
        (month(paid_on=45717), "excel-serial-date"),
        (month(paid_on="2026-01-16"), "future-date"),
        (month(month="2026-02"), "future-date"),
        (month(document_number="3.30282E+17"), "scientific-notation"),
        (month(document_number="1000001985031400"), "document-form"),
        (month(document_number=resident()[:6] + resident()[8:17]), "document-form"),
        (month(document_number=resident()[:-1]), "document-form"),
        (month(document_number="100000198502300017"), "document-birth-date"),
        (month(document_number=resident(1, "20260116")), "document-birth-date"),
        (month(document_number=resident(1, "18991231")), "document-birth-date"),
        (month(document_number=resident()[:-3] + "000"), "document-check-digit"),
        (month(document_number=resident(0)), "document-sequence"),
        (month(document_type="passport", document_number="E-1234567"), "document-form"),
        (month(document_type="driving-licence"), "unknown-word"),
        (month(subject="e0c57d25-4b43-4b6c-b2a4-46fa2f3f0d5c"), "bad-subject"),
        (month(document_number="", subject="17"), "bad-subject"),
        (month(name="居民\x00甲"), "control-characters"),
        (month(name="居民\u202e甲"), "invisible-characters"),
        (month(name="居民\u200b甲"), "invisible-characters"),
        (month(name="居民\ufffd"), "lost-characters"),
        (month(name="居民甲\udc42"), "lost-characters"),
        (month(name="甲" * 61), "text-length"),
        (month(place="鄞州区"), "unknown-place"),
        (month(place="33021"), "unknown-place"),
        (month(place="330102"), "place-outside-grants"),
        (month(insurance="养老"), "unknown-word"),
        (month(source_id=f"甬-{resident()}"), "personal-digits"),
        (month(source_id="13800001111"), "personal-digits"),
        (month(source_id="1380000 1111"), "personal-digits"),
        (month(source_id="A" * 121), "text-length"),
        (month(base_fen="-1"), "quantity-out-of-range"),
        (month(base_fen=str(2**63)), "quantity-out-of-range"),
        (month(base_fen="9" * 30), "quantity-out-of-range"),
        (month(base_fen="4.5E+05"), "scientific-notation"),
        (month(base_fen="1,200"), "bad-number"),
        (month(base_fen="12.5"), "bad-number"),
        (month(base_fen=True), "bad-value"),
        (month(base_fen=[1]), "bad-value"),
        (month(source_time="2025-03-01T08:30:00"), "bad-instant"),
        (month(source_time="morning"), "bad-instant"),
        (month(refers_to="A-1"), "unknown-field"),
        (HOURS | {"minutes": "0"}, "quantity-out-of-range"),
        (HOURS | {"minutes": "-90"}, "quantity-out-of-range"),
        (HOURS | {"minutes": "600000"}, "quantity-out-of-range"),
        (HOURS | {"activity": f"陪护 {resident()}"}, "personal-digits"),
        (HOURS | {"activity": "电话 13800001111"}, "personal-digits"),
        (HOURS | {"activity": "电话 １３８００００１１１１"}, "personal-digits"),
        (HOURS | {"paid": "maybe"}, "bad-flag"),
        ({"kind": "blood-donated", "document_number": resident()}, "missing-field"),
        (OFFENCE | {"legal_basis": ""}, "no-legal-basis"),
        (OFFENCE | {"legal_basis": f"案 {resident()}"}, "personal-digits"),
        (OFFENCE | {"acted_on": "2003-03-13"}, "minor-protected"),
        (OFFENCE | {"decided_on": "2024-04-30"}, "end-before-start"),
        (OFFENCE | {"level": "Minor offence"}, "unknown-level"),
        (VOID | {"refers_to": ""}, "missing-field"),
        (VOID | {"effect": "from_date"}, "void-date"),
        (VOID | {"from_date": "2025-01-01"}, "void-date"),
        (VOID | {"reason": "mistake"}, "unknown-word"),
        (VOID | {"refers_to": {"kind": "insurance-month-paid"}}, "missing-field"),
        (VOID | {"refers_to": {"kind": "no-such-kind"}}, "unknown-kind"),
        (VOID | {"refers_to": "{broken"}, "not-json"),
        ({"kind": "particulars-corrected", "document_number": resident()}, "missing-field"),
    ],
)
def test_each_fault_of_a_row_has_its_own_code(row: dict[str, Any], expected: str) -> None:
    assert code(row) == expected


def test_the_rows_the_faults_were_made_from_hold() -> None:
    assert [code(row) for row in (month(), HOURS, OFFENCE, VOID)] == [None, None, None, None]


def test_a_kind_without_a_grant_is_told_apart_from_a_place_without_one() -> None:
    blood = {
        "kind": "blood-donated",
        "document_number": resident(),
        "place": "330203",
        "donated_on": "2025-01-01",
        "millilitres": "400",
    }

    assert [code(blood), code(month(place="330304"))] == ["kind-outside-grants", "place-outside-grants"]


def test_an_ended_contract_may_not_end_before_it_began_but_may_end_ahead() -> None:
    contract = {
        "kind": "employment-started",
        "document_number": resident(),
        "started_on": "2025-05-01",
        "place": "330203",
        "spell": "HT-1",
    }

    assert code(contract | {"until": "2025-04-30"}) == "end-before-start"
    assert code(contract | {"until": "2028-04-30"}) is None


@pytest.mark.parametrize(
    "written",
    [
        "2025-03-01",
        "2025/3/1",
        "2025.3.1",
        "20250301",
        "2025年3月1日",
        " ２０２５－０３－０１ ",
        "2025-03-01 00:00:00",
    ],
)
def test_a_day_may_be_written_in_these_ways(written: str) -> None:
    fact = examined(month(paid_on=written)).fact

    assert isinstance(fact, InsuranceMonthPaid)
    assert fact.paid_on == date(2025, 3, 1)


@pytest.mark.parametrize("written", ["2025-03", "202503", "2025/3", "2025年3月", "\u200b２０２５０３ ", 202503])
def test_a_month_may_be_written_in_these_ways(written: Any) -> None:
    fact = examined(month(month=written)).fact

    assert isinstance(fact, InsuranceMonthPaid)
    assert fact.month == "2025-03"


@pytest.mark.parametrize("written", ["是", "true", "TRUE", "1", True, 1])
def test_a_flag_may_be_written_in_these_ways(written: Any) -> None:
    assert examined(HOURS | {"paid": written}).fact.open_part()["paid"] is True


@pytest.mark.parametrize(
    "written",
    [
        resident(8).lower(),
        f"'{resident(8)}",
        f'="{resident(8)}"',
        f"\t{resident(8)}\u200b",
        "".join(chr(ord(c) + 0xFEE0) for c in resident(8)),
    ],
)
def test_a_document_number_may_be_dressed_up_against_spreadsheets(written: str) -> None:
    person = examined(month(document_number=written)).person

    assert person is not None
    assert person.document_number == resident(8)


def test_a_line_break_inside_free_text_becomes_a_space() -> None:
    fact = examined(month(payer="甲厂\r\n 二部")).fact

    assert fact.sealed_part()["payer"] == "甲厂 二部"


def test_text_and_json_values_of_one_fact_are_one_request() -> None:
    text = examined(month(base_fen="450000", paid_on="20250302", document_number=f" {resident()}"))
    json = examined(month(base_fen=450000, paid_on="2025-03-02", standing=None))

    assert (text.fact, text.request) == (json.fact, json.request)


def test_the_natural_key_knows_neither_the_name_nor_what_is_no_part_of_it() -> None:
    first, second = examined(month()), examined(month(name="居民甲·〇一", standing="back-paid"))

    assert first.request == second.request


def test_the_natural_key_is_canonical_json_of_kind_person_and_key_fields() -> None:
    request = examined(month()).request

    assert request.source_id == (
        f'["insurance-month-paid","resident-card:{resident()}",'
        '{"insurance":"pension","month":"2025-03","place":"330212"}]'
    )


def test_a_source_id_takes_the_place_of_the_natural_key() -> None:
    request = examined(month(source_id=" SB-2025-001 "), source="hr-system").request

    assert (request.source, request.source_id) == ("hr-system", "SB-2025-001")


def test_a_void_may_name_its_target_by_the_natural_key() -> None:
    target = {"kind": "insurance-month-paid", "month": "202503", "place": "330212"}
    void = examined(VOID | {"refers_to": target})

    assert void.target is not None
    assert void.target.source_id == examined(month()).request.source_id


def test_a_void_in_a_cell_names_its_target_as_json_text() -> None:
    by_cell = examined(VOID | {"refers_to": '{"kind":"insurance-month-paid","month":"2025-03","place":"330212"}'})
    by_json = examined(
        VOID | {"refers_to": {"kind": "insurance-month-paid", "month": "2025-03", "place": "330212"}}
    )

    assert by_cell == by_json


def test_a_correction_of_a_correction_names_the_correction() -> None:
    first = {"kind": "skill-awarded", "level": "l4", "awarded_on": "2020-06-01"}
    correction = {
        "kind": "fact-corrected",
        "document_number": resident(),
        "reason": "source-error",
        "replacement": "skill-awarded",
        "level": "l3",
        "awarded_on": "2020-06-01",
    }
    once = examined(correction | {"refers_to": first})
    twice = examined(correction | {"refers_to": {"kind": "fact-corrected", "refers_to": first}, "level": "l2"})

    assert twice.target is not None
    assert twice.target.source_id == once.request.source_id
    assert twice.request != once.request


def test_a_correction_carries_the_fields_of_its_replacement_flat_or_nested() -> None:
    named = {"kind": "fact-corrected", "document_number": resident(), "reason": "agency-error", "refers_to": "A-1"}
    flat = examined(named | {"replacement": "skill-awarded", "level": "l3", "awarded_on": "2020-06-01"})
    nested = examined(named | {"replacement": {"kind": "skill-awarded", "level": "l3", "awarded_on": "20200601"}})

    assert isinstance(flat.fact, FactCorrected)
    assert flat.fact.replacement == SkillAwarded(level="l3", awarded_on=date(2020, 6, 1))
    assert flat == nested


def test_a_field_both_know_is_the_corrections_own_unless_it_says_replacement() -> None:
    row = {
        "kind": "fact-corrected",
        "document_number": resident(),
        "reason": "agency-error",
        "refers_to": "A-1",
        "replacement": "permit-ended",
        "on": "2024-01-01",
        "place": "330212",
        "permit": "P-1",
        "replacement.reason": "left",
    }
    fact = examined(row).fact

    assert isinstance(fact, FactCorrected)
    assert isinstance(fact.replacement, PermitEnded)
    assert (fact.reason, fact.replacement.reason) == ("agency-error", "left")


def test_a_correction_needs_the_grant_of_its_replacement() -> None:
    row = {
        "kind": "fact-corrected",
        "document_number": resident(),
        "reason": "source-error",
        "refers_to": "A-1",
        "replacement": "blood-donated",
        "place": "330212",
        "donated_on": "2025-01-01",
        "millilitres": 400,
    }
    granted = examined(row, EVERYTHING).fact

    assert code(row) == "kind-outside-grants"
    assert isinstance(granted, FactCorrected)
    assert isinstance(granted.replacement, BloodDonated)


def test_a_correction_of_a_minors_record_is_refused_like_the_record() -> None:
    row = {name: value for name, value in OFFENCE.items() if name != "kind"} | {
        "kind": "fact-corrected",
        "reason": "source-error",
        "refers_to": "A-1",
        "replacement": "restricted-fact",
        "acted_on": "2003-01-01",
    }

    assert code(row) == "minor-protected"


def test_an_act_on_the_eighteenth_birthday_is_an_adults() -> None:
    assert code(OFFENCE | {"acted_on": "2003-03-14"}) is None


def test_a_corrected_name_stands_beside_the_name_as_known() -> None:
    row = {"kind": "particulars-corrected", "document_number": resident(), "name": "居民乙", "new_name": "居民丙"}
    candidate = examined(row | {"source_id": "XX-1"})

    assert code(row) == "missing-field"
    assert candidate.fact == ParticularsCorrected(name="居民丙")
    assert candidate.person is not None
    assert candidate.person.name == "居民乙"


def test_a_void_needs_an_organ_that_has_or_had_some_grant() -> None:
    assert isinstance(examined(VOID).fact, FactVoided)
    assert code(VOID, ()) == "kind-outside-grants"


def test_a_feed_is_an_organs_own_word_about_a_kind_it_may_send() -> None:
    feed = {
        "kind": "feed-delivered",
        "organ": ORGAN,
        "fact_kind": "insurance-month-paid",
        "place": "330200",
        "first_month": "2025-01",
        "last_month": "2025-12",
        "coverage": "complete",
        "rows": "120",
    }
    candidate = examined(feed)

    assert isinstance(candidate.fact, FeedDelivered)
    assert (candidate.person, candidate.subject_id, candidate.request.subject) == (None, None, f"organ:{ORGAN}")
    assert code(feed | {"organ": "nb-police"}) == "other-organ"
    assert code(feed | {"fact_kind": "blood-donated"}) == "kind-outside-grants"
    assert code(feed | {"first_month": "2026-01", "last_month": "2025-12"}) == "end-before-start"


def test_a_source_whose_clock_has_no_offset_may_state_it_once() -> None:
    candidate = examined(month(source_time="2025-03-01 08:30:00"), zone=timezone(timedelta(hours=8)))

    assert str(candidate.source_time) == "2025-03-01 08:30:00+08:00"


def test_no_finding_holds_the_value_it_speaks_of() -> None:
    number = "100000198503149999"
    findings = [
        found(month(document_number=number)),
        found(month(month=number)),
        found(month(paid_on=number)),
        found(month(place=number)),
        found(month(base_fen=f"{number}元")),
        found(month(source_id=number)),
        found(month(insurance=number)),
        found(month(**{number: "1"})),
        found(HOURS | {"activity": number}),
        found(OFFENCE | {"level": number}),
        found(month(refers_to=number)),
    ]
    texts = [reason(finding) + repr(finding) for finding in findings if finding is not None]

    assert len(texts) == len(findings)
    assert [text for text in texts if number in text] == []


def test_a_candidate_does_not_print_its_person() -> None:
    candidate = examined(month(source_id="A-1"))

    assert resident() not in repr(candidate)
    assert resident() not in repr(candidate.person)


def test_every_code_has_a_hint_in_both_tongues_and_an_outcome() -> None:
    assert HINTS.keys() == set(Code)
    assert all(re.search("[\u4e00-\u9fff]", hint.zh) and hint.en.isprintable() for hint in HINTS.values())
    assert {Finding(each).outcome for each in Code} == set(Outcome) - {Outcome.ACCEPTED}


def test_every_field_of_every_delivered_kind_has_a_converter() -> None:
    for fact in DELIVERED:
        own = {name for name in fact.model_fields if name not in {"kind", "replacement"}}
        if fact is FamilyTieRecorded:
            own -= {"subject", "other"}  # found by the persons that the row names

        assert {plan_of(fact).own_name(field) for field in plan_of(fact).converters} == own


def test_every_character_that_unicode_calls_control_format_or_surrogate_is_looked_at() -> None:
    hidden = {
        chr(point)
        for point in range(sys.maxunicode + 1)
        if category(chr(point)) in {"Cc", "Cf", "Cs"} or point in {0xFFFD, 0xFFFE, 0xFFFF}
    } - set("\t\r\n")

    assert [character for character in hidden if not SUSPECT.match(character)] == []
