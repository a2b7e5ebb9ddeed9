"""Published check characters of GB 11643 and GB 32100, and what counts as a personal run of digits."""

import pytest

from domain.identifiers import (
    credit_code_check_character,
    holds_personal_digits,
    is_credit_code,
    is_resident_number,
    resident_check_character,
    resident_sex,
)


@pytest.mark.parametrize(
    ("digits", "check"),
    [("34052419800101001", "X"), ("37010119010203997", "3"), ("12345678901234567", "7")],
)
def test_the_published_resident_numbers_have_their_check_character(digits: str, check: str) -> None:
    assert resident_check_character(digits) == check


@pytest.mark.parametrize("number", ["34052419800101001X", "370101190102039973"])
def test_a_resident_number_with_a_real_day_and_a_right_check_passes(number: str) -> None:
    assert is_resident_number(number)


@pytest.mark.parametrize(
    "number",
    ["340524198001010010", "123456789012345677", "34052419800231001X", "3.30282E+17", "34052419800101001x", ""],
)
def test_a_wrong_check_an_impossible_day_or_another_shape_fails(number: str) -> None:
    assert not is_resident_number(number)


@pytest.mark.parametrize("code", ["91512081MA62K0260E", "11320000MB151840XJ", "91350100M000100Y43"])
def test_the_published_credit_codes_pass(code: str) -> None:
    assert is_credit_code(code)


@pytest.mark.parametrize("code", ["91350100M000100Y4Z", "91310115MA1H8R7C6D", "9151208IMA62K0260E"])
def test_credit_codes_with_a_wrong_check_or_letter_fail(code: str) -> None:
    assert not is_credit_code(code)


def test_the_check_character_of_the_published_wrong_code_should_be_three() -> None:
    assert credit_code_check_character("91350100M000100Y4") == "3"


@pytest.mark.parametrize(
    "text", ["tel 13800138000", "138-0013-8000", "1３８00138000", "34052419800101001X", "x 340524 19800101 0010 y"]
)
def test_identity_and_phone_numbers_are_seen_through_their_separators(text: str) -> None:
    assert holds_personal_digits(text)


@pytest.mark.parametrize(
    "text",
    [
        "2025-03",
        "batch 20250301",
        "330212",
        "contract 2024/118-7",
        "e3b0c44298fc1c149afbf4c8996fb924",
        "0d9c1f3a-8a37-4c5e-9f21-446655440000",
    ],
)
def test_dates_codes_and_digests_are_no_personal_digits(text: str) -> None:
    assert not holds_personal_digits(text)


@pytest.mark.parametrize(("number", "sex"), [("34052419800101001X", "male"), ("34052419800101002X", "female")])
def test_digit_17_of_a_resident_number_says_the_sex(number: str, sex: str) -> None:
    assert resident_sex(number) == sex
