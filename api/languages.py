"""In which of the two tongues a reader is answered: `lang`, then Accept-Language, then Chinese."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from domain.errors import Language

_TONGUES: dict[str, Language] = {"zh": "zh", "en": "en"}


def language_of(scope: Mapping[str, Any]) -> Language:
    """Choose the tongue of a request; what cannot be read counts for nothing."""
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1"), max_num_fields=None).get("lang", [])
    if asked and asked[0] in _TONGUES:
        return _TONGUES[asked[0]]
    for name, value in scope.get("headers", ()):
        if name == b"accept-language":
            return _preferred(value.decode("latin-1"))
    return "zh"


def _preferred(header: str) -> Language:
    """Read an Accept-Language header (RFC 9110, 12.5.4): the highest weight wins, of equal ones the first."""
    best: tuple[float, Language] = (0.0, "zh")
    for part in header.split(",")[:20]:
        tag, _, weight = part.strip().partition(";")
        tongue = _TONGUES.get(tag.strip().lower().partition("-")[0])
        if tongue is not None and _weight(weight) > best[0]:
            best = _weight(weight), tongue
    return best[1]


def _weight(text: str) -> float:
    name, _, number = text.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(number), 0.0), 1.0)
    except ValueError:
        return 0.0
