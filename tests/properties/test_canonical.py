"""One value, one byte string: the fast encoder and the reference agree, and what has no canonical form has none."""

import json
from typing import Any
from unicodedata import is_normalized, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.canonical import NotCanonical, canonical, canonical_reference, parse

# Marks that compose with what stands before them, Hangul parts, a mark whose canonical form is another character,
# escapes, characters beyond the first plane.
AWKWARD = (
    '\u0300\u0301\u0327\u0338\u0344\u1100\u1161\u11a8\u2126\u212b\uf900\U0001d15e\U0002f800a=<>"\\/\n\x00\x1f\x7f'
)
TEXTS = st.text() | st.text(alphabet=AWKWARD, max_size=6)
WHOLE = st.integers(-(2**63), 2**63 - 1)


def nested(leaves: st.SearchStrategy[Any], texts: st.SearchStrategy[str] = TEXTS) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=20
    )


VALUES = nested(st.none() | st.booleans() | WHOLE | TEXTS)
ANYTHING = nested(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.binary(max_size=4)
    | st.text(st.characters(), max_size=4)
    | st.dates()
    | st.tuples(st.integers())
    | st.dictionaries(st.integers(), st.none(), max_size=2),
    st.text(st.characters(), max_size=3),
)


def bytes_or_refusal(encode: Any, value: Any) -> bytes | str:
    try:
        return bytes(encode(value))
    except NotCanonical:
        return "refused"


@given(VALUES)
def test_both_encoders_give_the_same_bytes(value: Any) -> None:
    assert bytes_or_refusal(canonical, value) == bytes_or_refusal(canonical_reference, value)


@given(ANYTHING)
def test_what_one_encoder_refuses_the_other_refuses_too(value: Any) -> None:
    assert bytes_or_refusal(canonical, value) == bytes_or_refusal(canonical_reference, value)


@given(VALUES)
def test_canonical_bytes_are_their_own_canonical_form(value: Any) -> None:
    data = bytes_or_refusal(canonical, value)

    assert isinstance(data, str) or canonical(parse(data)) == data == canonical_reference(json.loads(data))


@given(nested(st.none() | st.booleans() | WHOLE | TEXTS, st.text(alphabet="abc")))
def test_text_that_composes_is_stored_composed(value: Any) -> None:
    assert all(is_normalized("NFC", text) for text in texts_in(parse(canonical(value))))


@given(st.permutations(["a", "b", "é", "e", "中", "\uffee", "\U0001f600"]))
def test_the_order_in_which_keys_were_given_leaves_no_trace(keys: list[str]) -> None:
    assert canonical(dict.fromkeys(keys, 1)) == canonical(dict.fromkeys(sorted(keys), 1))


@pytest.mark.parametrize(
    ("value", "data"),
    [
        ({"b": 1, "a": [True, False, None]}, b'{"a":[true,false,null],"b":1}'),
        ("e\u0301", '"é"'.encode()),
        ({"e\u0301": "\u212b"}, '{"é":"Å"}'.encode()),
        ("\n\u0301", '"\\n\u0301"'.encode()),
        ('\x00\x1f\x7f"\\/', b'"\\u0000\\u001f\x7f\\"\\\\/"'),
        ({"\U00010000": 1, "\uffff": 2}, '{"\uffff":2,"\U00010000":1}'.encode()),
        (2**63 - 1, b"9223372036854775807"),
        (-(2**63), b"-9223372036854775808"),
        ([], b"[]"),
        ({}, b"{}"),
        ("", b'""'),
    ],
    ids=repr,
)
@pytest.mark.parametrize("encode", [canonical, canonical_reference])
def test_the_published_vectors_hold(encode: Any, value: Any, data: bytes) -> None:
    assert encode(value) == data


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        float("inf"),
        2**63,
        2**64 - 1,
        -(2**63) - 1,
        "\ud800",
        {"\udfff": 1},
        b"bytes",
        (1, 2),
        {1: 2},
        {None: 1},
        {"é": 1, normalize("NFD", "é"): 2},
    ],
    ids=ascii,
)
@pytest.mark.parametrize("encode", [canonical, canonical_reference])
def test_what_is_inexact_or_no_text_has_no_canonical_form(encode: Any, value: Any) -> None:
    with pytest.raises(NotCanonical):
        encode({"inside": [value]})


@pytest.mark.parametrize("levels", [253, 254])
@pytest.mark.parametrize("encode", [canonical, canonical_reference])
def test_254_levels_are_encoded(encode: Any, levels: int) -> None:
    assert encode(nest(levels)) == b"[" * levels + b"1" + b"]" * levels


@pytest.mark.parametrize("levels", [255, 5_000])
@pytest.mark.parametrize("encode", [canonical, canonical_reference])
def test_deeper_than_254_levels_is_refused(encode: Any, levels: int) -> None:
    with pytest.raises(NotCanonical):
        encode(nest(levels))


def texts_in(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [text for inner in value for text in texts_in(inner)]
        case dict():
            return [text for pair in value.items() for part in pair for text in texts_in(part)]
        case _:
            return []


def nest(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value
