"""公示: what the public sees of a ranking: rank, masked name, unit and points."""

from collections.abc import Mapping
from typing import Any

from domain.programme.ranking import Ranking

_STAR = "*"
_STARS_MOST = 2


def masked(name: str) -> str:
    """Mask a name: the first character, and a star for each other, two at most.

    >>> masked("某某某"), masked("某某"), masked("某某·某某某")
    ('某**', '某*', '某**')
    """
    letters = [letter for letter in name if letter != "·" and not letter.isspace()]
    return "".join(letters[:1]) + _STAR * min(_STARS_MOST, max(1, len(letters) - 1))


def notice(ranking: Ranking, names: Mapping[str, str], points: Mapping[str, str]) -> list[dict[str, Any]]:
    """Give the lines of a public notice: who is in, with masked names, in the order of the ranking."""
    return [
        {
            "rank": each.rank,
            "name": masked(names[each.application]),
            "unit": each.unit,
            "points": points.get(each.application),
        }
        for each in ranking.ranked
        if each.outcome == "in"
    ]
