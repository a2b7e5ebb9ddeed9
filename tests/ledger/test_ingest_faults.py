"""All faults of a row are told at once; the first is the verdict."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.ingest.examine import Examiner, Terms
from ledger.ingest.faults import faults_of
from ledger.ingest.verdicts import Finding, RowRefused
from tests.ledger.deliveries import EVERYTHING, GRANTS, ORGAN, RECEIVED, month, resident

BROKEN = {
    "document_number": "3.30282E+17",
    "name": "居\u202e民",
    "month": "2025-13",
    "place": "33",
    "insurance": "养老",
    "standing": "x",
    "paid_on": "45717",
    "base_fen": "1,200",
    "source_time": "yesterday",
    "source_id": "13800138000",
    "colour": "red",
}


def told(row: dict[str, Any], grants: Any = GRANTS) -> Finding:
    examiner = Examiner(Terms(ORGAN, RECEIVED, grants))
    with pytest.raises(RowRefused) as refusal:
        examiner.examine(row)
    return faults_of(examiner, row, refusal.value.finding)


@given(st.sets(st.sampled_from(sorted(BROKEN)), min_size=1))
def test_every_broken_field_of_a_row_is_told_and_no_other(fields: set[str]) -> None:
    row = month() | {field: BROKEN[field] for field in fields}
    finding = told(row)

    assert sorted(one.field for one in (finding, *finding.more)) == sorted(fields)


@given(st.sets(st.sampled_from(sorted(BROKEN)), min_size=1))
def test_the_first_fault_is_the_one_that_the_examiner_meets(fields: set[str]) -> None:
    row = month() | {field: BROKEN[field] for field in fields}
    examiner = Examiner(Terms(ORGAN, RECEIVED, GRANTS))
    with pytest.raises(RowRefused) as refusal:
        examiner.examine(row)

    assert replace(told(row), more=()) == refusal.value.finding


def test_each_fault_has_its_code_and_what_is_expected() -> None:
    finding = told(month(month="2025-13", paid_on="2026-02-01", place="330100"))

    assert [(one.code, one.field) for one in (finding, *finding.more)] == [
        ("bad-month", "month"),
        ("future-date", "paid_on"),
        ("place-outside-grants", "place"),
    ]


def test_what_is_missing_is_told_beside_what_is_wrong() -> None:
    row = {"kind": "skill-awarded", "document_number": "1", "name": "居民甲", "level": "l9"}
    finding = told(row, EVERYTHING)

    assert {(str(one.code), one.field) for one in (finding, *finding.more)} == {
        ("document-form", "document_number"),
        ("unknown-level", "level"),
        ("missing-field", "awarded_on"),
    }


def test_an_unknown_kind_is_told_alone() -> None:
    assert told(month(kind="x", month="2025-13")).more == ()


def test_two_persons_in_one_row_are_one_fault() -> None:
    finding = told(month(subject="17", document_number=resident(), month="x"))

    assert [one.code for one in (finding, *finding.more)] == ["bad-subject", "bad-month"]
