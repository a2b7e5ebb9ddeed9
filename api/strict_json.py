"""JSON as RFC 8259 and I-JSON (RFC 7493) want it from strangers: one meaning, or refused.

Numbers with a fraction or an exponent become Decimal, exactly as written.
"""

import json
import math
import re
from decimal import Decimal
from typing import Any

from api.refusals import (
    CharactersNotAllowed,
    DuplicateKey,
    NestedTooDeep,
    NotJson,
    NumberNotFinite,
    NumberTooLarge,
)

DEEPEST = 10
_INTEGER_DIGITS_MAX = 20
_BAD_CHARACTERS = re.compile("[\x00\ud800-\udfff]")


def parse(content: bytes) -> Any:
    """Parse a whole JSON text.

    Raises NotJson, DuplicateKey, NumberNotFinite, NumberTooLarge, CharactersNotAllowed, NestedTooDeep.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotJson(f"byte {error.start}") from None
    try:
        found = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise NotJson(f"character {error.pos}") from None
    except RecursionError:
        raise NestedTooDeep from None
    _check(found, DEEPEST)
    return found


def _check(value: Any, deepest: int) -> None:
    """Look into every text, key and level."""
    if isinstance(value, str):
        if _BAD_CHARACTERS.search(value):
            raise CharactersNotAllowed
    elif isinstance(value, dict | list):
        if deepest == 0:
            raise NestedTooDeep
        for inner in value:
            _check(inner, deepest - 1)
        if isinstance(value, dict):
            for inner in value.values():
                _check(inner, deepest - 1)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise DuplicateKey
    return found


def _decimal(text: str) -> Decimal:
    if math.isinf(float(text)):
        raise NumberNotFinite
    return Decimal(text)


def _whole(text: str) -> int:
    if len(text) > _INTEGER_DIGITS_MAX or not -(2**63) <= int(text) < 2**63:
        raise NumberTooLarge
    return int(text)


def _constant(_name: str) -> Any:
    raise NumberNotFinite


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=_decimal, parse_int=_whole, parse_constant=_constant
)
