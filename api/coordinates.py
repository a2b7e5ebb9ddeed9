"""The three axes of time and place, as a query string writes them."""

import re
from datetime import date, datetime

from domain.errors import BadCoordinate
from domain.places import PLACE_FORM

POSITION_MAX = 2**63 - 1
PROGRAMME_FORM = re.compile(r"[a-z][a-z0-9_]{0,39}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_POSITION = re.compile(r"[0-9]{1,19}")
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?)(Z|[ +-][0-9]{2}:[0-9]{2})"
)
_YEARS = range(1900, 2200)


def civil_day(text: str) -> date:
    """Read 2026-01-31. Raises BadCoordinate."""
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or day.year not in _YEARS:
        raise BadCoordinate("as_of")
    return day


def knowledge(text: str) -> int | datetime:
    """Read a position, or an instant with its zone (RFC 3339). Raises BadCoordinate; an instant without zone too.

    A `+` that came unescaped is a space by now; it is read as what was meant.
    """
    if _POSITION.fullmatch(text):
        return position(text, "as_at")
    match = _INSTANT.fullmatch(text)
    try:
        instant = None if match is None else datetime.fromisoformat(match[1] + match[2].replace(" ", "+"))
    except ValueError:
        instant = None
    if instant is None or instant.year not in _YEARS:
        raise BadCoordinate("as_at")
    return instant


def position(text: str, where: str) -> int:
    """Read a position. Raises BadCoordinate."""
    if _POSITION.fullmatch(text) is None or int(text) > POSITION_MAX:
        raise BadCoordinate(where)
    return int(text)


def programme(text: str) -> str:
    """Read a programme's id, as rulebooks name it. Raises BadCoordinate."""
    if PROGRAMME_FORM.fullmatch(text) is None:
        raise BadCoordinate("use")
    return text


def place_code(text: str) -> str:
    """Read a division code. Raises BadCoordinate."""
    if PLACE_FORM.fullmatch(text) is None:
        raise BadCoordinate("place")
    return text
