"""Why staff look: a code, a case's number, or words that stay sealed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identifiers import holds_personal_digits
from domain.looking import OTHER, PURPOSES, Purpose, read_purpose


@pytest.mark.parametrize(
    ("text", "purpose"),
    [
        ("dispute", Purpose("dispute")),
        ("Dispute D-17", Purpose("dispute", "D-17")),
        ("异议办理 (2026)12号", Purpose("dispute", words="(2026)12号")),
        ("审计抽查: 2026.1/7", Purpose("audit", "2026.1/7")),
        ("audit:a sample of March", Purpose("audit", words="a sample of March")),
        ("court 张-三", Purpose("court", words="张-三")),
        ("complaint zhang-san", Purpose("complaint", words="zhang-san")),
        ("a first look", Purpose(OTHER, words="a first look")),
        ("disputes", Purpose(OTHER, words="disputes")),
        ("", Purpose("")),
        ("x" * 201, Purpose("")),
    ],
)
def test_a_reason_is_a_code_then_a_number_or_words(text: str, purpose: Purpose) -> None:
    assert read_purpose(text) == purpose


@given(st.text(max_size=60), st.sampled_from([*PURPOSES, *(zh for zh, _ in PURPOSES.values())]))
def test_what_the_person_is_shown_can_hold_neither_a_sentence_nor_anybodys_number(text: str, code: str) -> None:
    purpose = read_purpose(f"{code} {text}")

    assert purpose.code in PURPOSES
    assert purpose.reference is None or (
        re.fullmatch(r"[0-9A-Za-z./-]{1,40}", purpose.reference) is not None
        and re.search(r"[0-9]", purpose.reference) is not None
        and not holds_personal_digits(purpose.reference)
    )


@given(st.text(min_size=1, max_size=200))
def test_nothing_that_was_said_is_lost(text: str) -> None:
    purpose, plain = read_purpose(text), text.strip()
    said = (purpose.reference or "") + (purpose.words or "")

    assert plain.endswith(said)
    assert purpose.code == OTHER or not plain or plain.casefold() != said.casefold()
