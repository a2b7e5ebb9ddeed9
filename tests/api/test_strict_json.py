"""Strict JSON: one meaning, or refused with a code."""

import json
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.refusals import (
    CharactersNotAllowed,
    DuplicateKey,
    NestedTooDeep,
    NotJson,
    NumberNotFinite,
    NumberTooLarge,
)
from api.strict_json import DEEPEST, parse
from domain.errors import Refusal


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", NotJson),
        (b"{", NotJson),
        (b"{} {}", NotJson),
        (b"\xef\xbb\xbf{}", NotJson),
        (b"\xff\xfe", NotJson),
        (b'"\xed\xa0\x80"', NotJson),
        (b"{'a': 1}", NotJson),
        (b"[1,]", NotJson),
        (b'"tab\there"', NotJson),
        (b'{"a": 1, "a": 1}', DuplicateKey),
        (b'{"b": {"a": 1, "\\u0061": 2}}', DuplicateKey),
        (b"NaN", NumberNotFinite),
        (b"[-Infinity]", NumberNotFinite),
        (b"1e400", NumberNotFinite),
        (b"-1E+400", NumberNotFinite),
        (b"9223372036854775808", NumberTooLarge),
        (b"-9223372036854775809", NumberTooLarge),
        (b"1" * 5000, NumberTooLarge),
        (b'"\\u0000"', CharactersNotAllowed),
        (b'{"\\u0000": 1}', CharactersNotAllowed),
        (b'"\\ud800"', CharactersNotAllowed),
        (b'["\\udc00\\ud800"]', CharactersNotAllowed),
        (b"[" * 100_000, NestedTooDeep),
        (b"[" * (DEEPEST + 2) + b"]" * (DEEPEST + 2), NestedTooDeep),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, NestedTooDeep),
    ],
)
def test_what_has_two_meanings_or_none_is_refused(content: bytes, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        parse(content)


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"9223372036854775807", 2**63 - 1),
        (b"-9223372036854775808", -(2**63)),
        (b"0.10", Decimal("0.10")),
        (b"1e-400", Decimal("1e-400")),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b' {"a": [true, null, "\xe7\x94\xb2"]}\n', {"a": [True, None, "甲"]}),
        (b"[" * DEEPEST + b"]" * DEEPEST, [[[[[[[[[[]]]]]]]]]]),
    ],
)
def test_what_has_one_meaning_is_read_exactly(content: bytes, value: Any) -> None:
    assert parse(content) == value


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab甲", max_size=2), inner, max_size=3),
    max_leaves=6,
)


@given(JSON_VALUES)
@settings(max_examples=150, deadline=None)
def test_what_is_written_is_read_again_or_refused_for_its_depth_or_nul(value: Any) -> None:
    try:
        found = parse(json.dumps(value).encode())
    except (NestedTooDeep, CharactersNotAllowed):
        return

    assert found == value


@given(st.binary(max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(Refusal):
        parse(content)
