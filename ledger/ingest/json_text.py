"""JSON as foreign systems write it, read strictly: one object, no key twice, no infinities, little nesting."""

import json
import math
from decimal import Decimal
from typing import Any

from ledger.ingest.verdicts import Code, Phrase, RowRefused, refused

_DEEPEST = 8


def parse_object(text: str) -> dict[str, Any]:
    """Parse one JSON object. Numbers with a fraction or an exponent come as Decimal, exactly as written.

    Raises RowRefused: not-json, duplicate-json-key, number-not-finite, too-deep.
    """
    if text.count("{") + text.count("[") > _DEEPEST and _depth(text) > _DEEPEST:
        raise refused(Code.TOO_DEEP, expected=f"at most {_DEEPEST}")
    try:
        found = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise refused(
            Code.NOT_JSON, Phrase(f"第 {error.pos + 1} 个字符处", f"at character {error.pos + 1}")
        ) from None
    except ValueError:  # an integer of more digits than Python converts
        raise refused(Code.QUANTITY_OUT_OF_RANGE) from None
    if not isinstance(found, dict):
        raise refused(Code.NOT_JSON, expected="{…}")
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise refused(Code.DUPLICATE_JSON_KEY)
    return found


def _finite(text: str) -> Decimal:
    if math.isinf(float(text)):
        raise refused(Code.NUMBER_NOT_FINITE)
    return Decimal(text)


def _no_constant(_name: str) -> RowRefused:
    raise refused(Code.NUMBER_NOT_FINITE)


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_finite, parse_constant=_no_constant)


def _depth(text: str) -> int:
    """Count the deepest nesting, brackets inside texts left out."""
    deepest = depth = 0
    inside = escaped = False
    for character in text:
        if inside:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                inside = False
        elif character == '"':
            inside = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest
