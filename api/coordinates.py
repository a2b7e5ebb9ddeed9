"""The three axes of time and place, as a query string and a command line write them.

`where` is what they are called there: a refusal names it.
"""

import re
from datetime import date, datetime

from domain.errors import BadCoordinate
from domain.places import PLACE_FORM

POSITION_MAX = 2**63 - 1
PROGRAMME_FORM = re.compile(r"[a-z][a-z0-9_]{0,39}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_POSITION = re.compile(r"[0-9]{1,19}")
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)(Z|[ +-][0-9]{2}:[0-9]{2})"
)
_YEARS = range(1900, 2200)


def civil_day(text: str, where: str = "as_of") -> date:
    """Read 2026-01-31. Raises BadCoordinate."""
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or day.year not in _YEARS:
        raise BadCoordinate(where)
    return day


def knowledge(text: str, where: str = "as_at") -> int | datetime:
    """Read a position, or an instant with its zone (RFC 3339, with or without seconds). Raises BadCoordinate.

    An instant without a zone is refused. A `+` that came unescaped is a space by now; it is read as what was meant.
    """
    if _POSITION.fullmatch(text):
        return position(text, where)
    match = _INSTANT.fullmatch(text)
    try:
        instant = None if match is None else datetime.fromisoformat(match[1] + match[2].replace(" ", "+"))
    except ValueError:
        instant = None
    if instant is None or instant.year not in _YEARS:
        raise BadCoordinate(where)
    return instant


def position(text: str, where: str) -> int:
    """Read a position. Raises BadCoordinate."""
    if _POSITION.fullmatch(text) is None or int(text) > POSITION_MAX:
        raise BadCoordinate(where)
    return int(text)


def programme(text: str, where: str = "use") -> str:
    """Read a programme's id, as rulebooks name it. Raises BadCoordinate."""
    if PROGRAMME_FORM.fullmatch(text) is None:
        raise BadCoordinate(where)
    return text


def place_code(text: str, where: str = "place") -> str:
    """Read a division code. Raises BadCoordinate."""
    if PLACE_FORM.fullmatch(text) is None:
        raise BadCoordinate(where)
    return text
