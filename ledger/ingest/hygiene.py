"""Characters that a reader cannot see, and names of columns that must not be repeated."""

import re
from typing import Any
from unicodedata import category, normalize

from domain.identifiers import holds_personal_digits
from ledger.ingest.classes import EDGES, class_of
from ledger.ingest.verdicts import Code, refused

# Every character of Unicode's Cc, Cf and Cs, with U+FFFD and the two noncharacters, but not tab and line ends.
SUSPECT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e"
    "\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\ufffd-\uffff"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0001\U000e0020-\U000e007f]"
)
_LOST = "\ufffd\ufffe\uffff"
_DEEPEST = 8
_LONGEST_NAME = 40


def clean(value: Any, depth: int = 0) -> Any:
    """Take invisible characters off a text's edges; refuse those inside it, at any depth. Other values pass.

    Raises RowRefused: control-characters, invisible-characters, lost-characters, too-deep.
    """
    if isinstance(value, dict | list):
        if depth > _DEEPEST:
            raise refused(Code.TOO_DEEP, expected=f"at most {_DEEPEST}")
        if isinstance(value, list):
            return [clean(inner, depth + 1) for inner in value]
        return {clean(name, depth + 1): clean(inner, depth + 1) for name, inner in value.items()}
    if not isinstance(value, str) or SUSPECT.search(value) is None:
        return value
    text = value.strip(EDGES)
    for character in text:
        code = _hidden(character)
        if code is not None:
            raise refused(code, class_of(value))
    return text


def _hidden(character: str) -> Code | None:
    kind = category(character)
    if kind == "Cs" or character in _LOST:
        return Code.LOST_CHARACTERS
    if kind == "Cc" and character not in "\t\r\n":
        return Code.CONTROL_CHARACTERS
    return Code.INVISIBLE_CHARACTERS if kind == "Cf" else None


def is_blank(value: Any) -> bool:
    """Say whether a cell or a JSON value holds nothing."""
    return value is None or value == "" or (isinstance(value, str) and not value.strip(EDGES))


def safe_name(name: str) -> str:
    """Give a column's or key's name back for a message, or nothing where it may itself be personal."""
    folded = normalize("NFKC", name)
    return "" if len(name) > _LONGEST_NAME or holds_personal_digits(folded) else folded.strip(EDGES)
