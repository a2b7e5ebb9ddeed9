"""Canonical bytes: one byte string for one value, for ever.

UTF-8 JSON, keys sorted by code point, no spaces, text in NFC, no floats, integers of 64 bits with their sign, at
most 254 lists and objects inside each other; decimals are text, instants UTC text, dates ISO text.
`canonical_reference` is the meaning in the standard library's words; `canonical` is the same bytes, faster.
tests/properties prove that they agree. Vectors: docs/entry-format.md.
"""

import json
from typing import Any
from unicodedata import is_normalized, normalize

import orjson

_LEAST, _MOST = -(2**63), 2**63 - 1
_DEEPEST = 254


class NotCanonical(ValueError):
    """The value has no canonical form: a float, a lone surrogate, an integer beyond 64 bits and so on."""


def canonical_reference(value: Any) -> bytes:
    """Encode by the standard library, after checking and normalising every part.

    Raises NotCanonical.
    """
    try:
        text = json.dumps(
            _normal(value), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
        )
        return text.encode()
    except UnicodeEncodeError:
        raise NotCanonical("a lone surrogate is no text") from None


def canonical(value: Any) -> bytes:
    """Encode by orjson; text that is not NFC takes the reference path.

    Raises NotCanonical.
    """
    _refuse_inexact([value])
    try:
        data = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except (TypeError, ValueError, RecursionError):
        raise NotCanonical("the value has no canonical form") from None
    # No quote, comma, colon or bracket composes with a following mark, so the whole is NFC when its texts are.
    if data.isascii() or is_normalized("NFC", data.decode()):
        return data
    return canonical_reference(value)


def parse(data: bytes) -> Any:
    """Decode canonical bytes."""
    return orjson.loads(data)


def _refuse_inexact(level: list[Any]) -> None:
    """Go through values and all that is in them, a level at a time. Raises NotCanonical."""
    depth = 0
    while level:
        inner: list[Any] = []
        for value in level:
            kind = type(value)
            if kind is str or value is None or kind is bool:
                continue
            if kind is dict and depth < _DEEPEST:
                inner += [each for each in value.values() if type(each) is not str]  # most are
            elif kind is list and depth < _DEEPEST:
                inner += [each for each in value if type(each) is not str]
            elif kind is not int or not _LEAST <= value <= _MOST:  # orjson would write integers up to 2**64 - 1
                raise NotCanonical(f"{kind.__name__} has no canonical form")
        level, depth = inner, depth + 1


def _normal(value: Any, depth: int = 0) -> Any:
    if depth >= _DEEPEST and isinstance(value, list | dict):
        raise NotCanonical(f"deeper than {_DEEPEST} levels")
    match value:
        case None | bool():
            return value
        case int() if type(value) is int and _LEAST <= value <= _MOST:
            return value
        case str() if type(value) is str:
            return normalize("NFC", value)
        case list() if type(value) is list:
            return [_normal(inner, depth + 1) for inner in value]
        case dict() if type(value) is dict and all(type(key) is str for key in value):
            normal = {normalize("NFC", key): _normal(inner, depth + 1) for key, inner in value.items()}
            if len(normal) == len(value):
                return normal
    raise NotCanonical(f"{type(value).__name__} has no canonical form")
